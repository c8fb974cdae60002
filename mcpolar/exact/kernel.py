"""The transition operator for memory size 1, on the log-odds alone: its increments, senders and quadratures.

With r = 1 an arrival y moves the receiver's log-odds by 2 y / sigma^2, whatever the memory was. From component
+-1 the increment is normal with mean +-2/sigma^2 and s.d. 2/sigma; the chance of component +1 is the mean weight
of the possible senders.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters

Floats = NDArray[np.float64]

MOST_NODES = 20_000_000
"""Largest number of quadrature nodes of one array (160 MB)."""


@dataclass(frozen=True)
class Increments:
    """The law of one increment of log-odds, for each component.

    Attributes
    ----------
    mean : float
        2/sigma^2: the mean of an increment from component +1; from -1 it is minus that.
    sd : float
        2/sigma, of both.
    """

    mean: float
    sd: float

    @classmethod
    def of(cls, chain: ChainParameters) -> Increments:
        """Return the increments of the chain; refuse what the exact operators do not cover.

        With m = 3 and k = 1 the sender's chances jump where two agents are equally near, w_i = (w_j + w_l)/2. These
        surfaces are curved in the log-odds and cross every panel, and what is integrated jumps there with them, so
        that no product of panels resolves it: see docs/exact.md for what an even grid gives.
        """
        chain.require_rules(reason="the exact operators hold the paper's senders")
        if chain.r != 1:
            raise InputError("r", chain.r, "1: only then is the state the log-odds alone")
        if chain.k not in (None, chain.m - 1):
            raise InputError("k", chain.k, "absent or m - 1: who is nearest is no smooth function")
        sigma = float(chain.sigma)
        return cls(2 / sigma**2, 2 / sigma)

    def density(self, increment: ArrayLike, component: int) -> Floats:
        """Return the density of an increment from component +1 or -1."""
        z = (np.asarray(increment) - component * self.mean) / self.sd
        return np.asarray(np.exp(-0.5 * z * z) / (self.sd * math.sqrt(2 * math.pi)))


def sender_weights(chain: ChainParameters, axes: list[Floats], receiver: int) -> tuple[Floats, Floats]:
    """Return (w, 1 - w), the sender's mean chances of either component, on the product grid of `axes`.

    Both are sums of positive terms, so that neither loses digits where the other is near 1.
    """
    m = len(axes)
    share = np.full(m, 1 / m)
    if chain.mirror is not None:
        mirror = float(chain.mirror)
        share[:] = 0.0 if m == 1 else (1 - mirror) / (m - 1)
        share[receiver] = 1.0 if m == 1 else mirror
    shapes = [tuple(-1 if j == i else 1 for j in range(m)) for i in range(m)]
    plus = sum(share[i] * expit(axes[i]).reshape(shapes[i]) for i in range(m))
    minus = sum(share[i] * expit(-axes[i]).reshape(shapes[i]) for i in range(m))
    return np.asarray(plus), np.asarray(minus)


def apply_along(matrix: Floats, values: Floats, axis: int) -> Floats:
    """Return sum_b matrix[a, b] values[..., b, ...] with b and a at `axis`."""
    shape = values.shape
    after = (*shape[:axis], len(matrix), *shape[axis + 1 :])
    if axis == values.ndim - 1:
        return np.asarray((values.reshape(-1, shape[axis]) @ matrix.T).reshape(after))
    batches = values.reshape(math.prod(shape[:axis]), shape[axis], -1)
    return np.asarray((matrix @ batches).reshape(after))


def gauss_panels(breaks: ArrayLike, widest: float, order: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss-Legendre rules on panels between `breaks`, none wider than `widest`."""
    ends = np.unique(np.asarray(breaks, dtype=np.float64))
    pieces = [np.linspace(a, b, max(2, math.ceil((b - a) / widest) + 1)) for a, b in itertools.pairwise(ends)]
    left = np.concatenate([piece[:-1] for piece in pieces])
    right = np.concatenate([piece[1:] for piece in pieces])
    x, w = leggauss(order)
    half = 0.5 * (right - left)[:, np.newaxis]
    return (0.5 * (left + right)[:, np.newaxis] + half * x).ravel(), (half * w).ravel()


def check_nodes(n: int, m: int) -> None:
    """Refuse grids that would not fit."""
    if float(n) ** m > MOST_NODES:
        allowed = f"such that {n} nodes an agent give at most {MOST_NODES:.0e}: fewer agents or steps"
        raise InputError("m", m, allowed)


def check_tolerance(tolerance: float) -> float:
    """Refuse tolerances that doubles do not reach, or that promise nothing."""
    if not 1e-11 <= tolerance <= 1e-2:
        raise InputError("tolerance", tolerance, "a number from 1e-11 to 0.01")
    return float(tolerance)


def refined(solve: Callable[[int, float], Floats], tolerance: float, m: int) -> tuple[Floats, Floats]:
    """Return the finest solution and its change by the last refinement.

    Parameters
    ----------
    solve : callable
        Takes the order of the panels and the factor by which their reach is longer than the first; refuses with an
        InputError what does not fit.
    tolerance : float
        Each value's change must come below it, times the value's size where that is above 1. Refinement ends before
        where the next one would not fit, and after five.
    m : int
        Agents: with three or more, where each order costs several times the one before, refinement is in small steps.
    """
    orders = (3, 5, 7, 9, 11) if m < 3 else (2, 3, 4, 5, 6)
    found, error = solve(orders[0], 1.0), np.array(np.inf)
    for n, order in enumerate(orders[1:], start=1):
        try:
            finer = solve(order, 1.25**n)
        except InputError:
            if n == 1:
                raise
            break
        found, error = finer, np.abs(finer - found)
        if (error <= tolerance * np.maximum(1.0, np.abs(found))).all():
            break
    return found, error


def reach_of_walk(increments: Increments, m: int, horizon: int) -> float:
    """Return a distance from 0 that few paths without drift come back from in the time there is."""
    return 6 * math.hypot(increments.mean, increments.sd) * math.sqrt(1 + horizon / m) + 4 * increments.sd
