"""What the loops of the general system work on: options, one replica's agents, and what an update will change.

Shapes: n agents, r memory elements, d dimensions, c components, C = c padded to a multiple of eight. Arrays that a
run does not need have one entry an axis.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.mixture.points import (
    LOOP,
    PADDING,
    Floats,
    Gaussians,
    exp_nonpositive,
    exponentials,
    log_likelihoods,
    log_positive,
)
from mcpolar.compiled.mixture.weights import sum_of

Integers = NDArray[np.int64]

FIXED, EXPECTATION_MAXIMISATION, VOLUME, PUBLISHED = 0, 1, 2, 3


class Options(NamedTuple):
    """What does not change in a run."""

    n: int
    c: int
    k: int
    mirror: float
    floor: float
    """Floor of the weights; 0: exact, in logs."""
    kind: int
    """SPHERICAL, DIAGONAL or FULL."""
    owned: bool
    """Whether every agent has its own covariances."""
    update: int
    """FIXED, EXPECTATION_MAXIMISATION, VOLUME or PUBLISHED."""
    sd_floor: float
    single: bool
    """Whether one random agent is updated at a time."""
    direct: bool
    """Whether the answer is drawn from the partner as it is, with no query."""
    random_ties: bool
    history: bool
    """Whether the memory policy looks at the history of the elements, or draws."""
    in_logs: bool
    """Whether log-likelihoods are kept: for exact weights or changing covariances."""


class Agents(NamedTuple):
    """One replica's state, with the likelihoods of every memory kept beside it."""

    weights: Floats
    """(n, C); 0 where below 1e-140."""
    log_weights: Floats
    """(n, C), kept when the floor is 0."""
    by_component: Floats
    """(C, N): the weights for distances, N = n padded to a multiple of eight."""
    silo: Integers
    """(n,) component of the largest weight, ties to the smaller index."""
    outside: Floats
    """(n,) e_i, the sum of the other weights, exact where it is tiny."""
    log_outside: Floats
    """(n,) its log, kept when the floor is 0."""
    shares: Floats
    """(n, C) the other weights divided by e_i, kept when the floor is 0; 0 for the silo."""
    spread: Floats
    """(n,) 1 - |w_i|^2, exact where it is tiny."""
    memory: Floats
    """(n, r, d)."""
    likelihoods: Floats
    """(n, r, C), each row shifted to a maximum of 1."""
    log_likelihoods: Floats
    """(n, r, C), kept when in_logs."""
    history: Integers
    """(n, r, 3): step of arrival, step of the last match, number of matches; see the memory policies."""


class Pending(NamedTuple):
    """What the updates of one step will change, one row an agent (one row when one agent is at a time)."""

    replaced: Integers
    matched: Integers
    point: Floats
    weights: Floats
    log_weights: Floats
    likelihoods: Floats
    log_likelihoods: Floats
    root: Floats
    inverse_root: Floats
    log_scale: Floats


class Work(NamedTuple):
    """Scratch rows of one thread."""

    clipped: Floats
    a: Floats
    b: Floats
    answer: Floats
    row: Floats
    log_row: Floats
    query: Floats
    points: Floats
    evidence: Floats
    keys: Floats
    far: Floats
    nearest: Floats


@njit(error_model="numpy")
def new_pending(rows: int, d: int, gaussians: Gaussians) -> Pending:
    """Return room for `rows` updates."""
    padded = gaussians.log_scale.shape[1]
    _, c, p, q = gaussians.root.shape
    return Pending(
        np.zeros(rows, np.int64),
        np.zeros(rows, np.int64),
        np.zeros((rows, d)),
        np.zeros((rows, padded)),
        np.zeros((rows, padded)),
        np.zeros((rows, padded)),
        np.zeros((rows, padded)),
        np.zeros((rows, c, p, q)),
        np.zeros((rows, p, q, padded)),
        np.zeros((rows, padded)),
    )


@njit(error_model="numpy")
def new_work(n: int, r: int, d: int, padded: int) -> Work:
    """Return scratch rows."""
    n_padded = (n + 7) // 8 * 8
    return Work(
        np.zeros(padded),
        np.zeros(padded),
        np.zeros(padded),
        np.zeros(padded),
        np.zeros(padded),
        np.zeros(padded),
        np.zeros(d),
        np.zeros((r, d)),
        np.zeros(r),
        np.zeros(n_padded),
        np.zeros(n_padded),
        np.zeros(n_padded),
    )


@njit(error_model="numpy")
def new_agents(n: int, r: int, d: int, padded: int) -> Agents:
    """Return room for one replica's agents."""
    return Agents(
        np.zeros((n, padded)),
        np.full((n, padded), PADDING),
        np.zeros((padded, (n + 7) // 8 * 8)),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.zeros(n),
        np.zeros((n, padded)),
        np.zeros(n),
        np.zeros((n, r, d)),
        np.zeros((n, r, padded)),
        np.zeros((n, r, padded)),
        np.zeros((n, r, 3), np.int64),
    )


@njit(error_model="numpy")
def set_agents(
    options: Options,
    log_weights: Floats,
    memory: Floats,
    history: Integers,
    gaussians: Gaussians,
    agents: Agents,
    work: Work,
) -> None:
    """Give the agents a state: `log_weights` is (n, c), `memory` (n, r, d), `history` (n, r, 3)."""
    agents.memory[:] = memory
    agents.history[:] = history
    for i in range(options.n):
        for a in range(options.c):
            agents.weights[i, a] = exp_nonpositive(log_weights[i, a])
            agents.log_weights[i, a] = log_weights[i, a]
        describe_agent(options, i, agents)
        compute_rows(options, i, agents, gaussians, work)


@njit(error_model="numpy")
def keep_agents(
    options: Options, agents: Agents, log_weights: Floats, memory: Floats, history: Integers
) -> None:
    """Write the agents' state; the inverse of set_agents."""
    memory[:] = agents.memory
    history[:] = agents.history
    for i in range(options.n):
        for a in range(options.c):
            is_exact = options.floor == 0.0
            log_weights[i, a] = agents.log_weights[i, a] if is_exact else np.log(agents.weights[i, a])


@njit(**LOOP)
def compute_rows(options: Options, i: int, agents: Agents, gaussians: Gaussians, work: Work) -> None:
    """Compute the likelihoods of all of agent i's memory."""
    owner = i if options.owned else 0
    for h in range(agents.memory.shape[1]):
        log_row = agents.log_likelihoods[i, h]
        log_likelihoods(agents.memory[i, h], owner, options.kind, gaussians, work.b, log_row)
        exponentials(log_row, agents.likelihoods[i, h])


@njit(**LOOP)
def describe_agent(options: Options, i: int, agents: Agents) -> None:
    """Compute agent i's silo from its weights, and what its distances to others need."""
    weights = agents.weights[i]
    silo = 0
    for a in range(1, options.c):
        if weights[a] > weights[silo]:
            silo = a
    agents.silo[i] = silo
    if options.k < options.n - 1:
        outside, squares = 0.0, 0.0
        for a in range(options.c):
            agents.by_component[a, i] = weights[a]
            if a != silo:
                outside += weights[a]
                squares += weights[a] * weights[a]
        agents.outside[i] = outside
        # 1 - (1 - e)^2 - sum of the other squares
        agents.spread[i] = outside * (2.0 - outside) - squares
        if options.floor == 0.0:
            _describe_in_logs(i, silo, options.c, agents)


@njit(**LOOP)
def _describe_in_logs(i: int, silo: int, c: int, agents: Agents) -> None:
    """Compute log e_i and the other weights divided by e_i."""
    log_weights, shares, top = agents.log_weights[i], agents.shares[i], PADDING
    for a in range(c):
        if a != silo:
            top = max(top, log_weights[a])
    for a in range(shares.size):
        shares[a] = exp_nonpositive(min(log_weights[a] - top, 0.0))
    shares[silo] = 0.0
    total = sum_of(shares)
    for a in range(shares.size):
        shares[a] /= total
    agents.log_outside[i] = top + log_positive(total)
