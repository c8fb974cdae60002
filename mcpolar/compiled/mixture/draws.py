"""The random draws of n updates at a time: a draw is a function of (key, purpose, replica, index of the update)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.mixture.points import SPLICED, Floats
from mcpolar.compiled.mixture.state import Options

COMPONENT = int(Purpose.MIXTURE_COMPONENT)
NORMAL = int(Purpose.MIXTURE_NORMAL)
PARTNER = int(Purpose.MIXTURE_PARTNER)
POLICY = int(Purpose.MIXTURE_POLICY)
AGENT = int(Purpose.MIXTURE_AGENT)


class Draws(NamedTuple):
    """Draws of n updates; the update is the last axis."""

    component: Floats
    """(2, n) uniforms: of the query and of the answer."""
    normal: Floats
    """(n, 2, d) standard normals: of the query and of the answer."""
    mirror: Floats
    """(n,) uniforms."""
    rank: NDArray[np.int64]
    """(n,) which of the k nearest, 0 to k - 1."""
    tie: Floats
    """(n,) uniforms: which among the tied."""
    policy: Floats
    """(2, n) uniforms for memory policies that draw."""
    agent: NDArray[np.int64]
    """(n,) which agent is updated, when one is at a time."""


@njit(error_model="numpy")
def new_draws(n: int, d: int) -> Draws:
    """Return room for the draws of n updates."""
    return Draws(
        np.zeros((2, n)),
        np.zeros((n, 2, d)),
        np.zeros(n),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros((2, n)),
        np.zeros(n, np.int64),
    )


@njit(**SPLICED)
def draw_updates(options: Options, draws: Draws, key: NDArray[np.uint64], replica: int, first: int) -> None:
    """Fill `draws` for updates first, ..., first + n - 1."""
    n, d = draws.mirror.size, draws.normal.shape[2]
    for i in range(n):
        c0, c1, c2, c3 = block(key, COMPONENT, replica, first + i)
        draws.component[0, i] = uniform(c0, c1)
        draws.component[1, i] = uniform(c2, c3)
    for i in range(n):
        c0, c1, c2, c3 = block(key, PARTNER, replica, first + i)
        draws.mirror[i] = uniform(c0, c1)
        draws.rank[i] = below(c2, options.k)
        draws.tie[i] = (np.int64(c3) + 0.5) * 2.0**-32
    for i in range(n):
        for s in range(d):
            query, answer = box_muller(*block(key, NORMAL, replica, (first + i) * d + s))
            draws.normal[i, 0, s] = query
            draws.normal[i, 1, s] = answer
    if options.single:
        for i in range(n):
            c0, _, _, _ = block(key, AGENT, replica, first + i)
            draws.agent[i] = below(c0, n)
    if options.history:
        for i in range(n):
            c0, c1, c2, c3 = block(key, POLICY, replica, first + i)
            draws.policy[0, i] = uniform(c0, c1)
            draws.policy[1, i] = uniform(c2, c3)
