"""The loop of multilevel splitting: paths whose draws change hands on the way, their scores, and an event.

A path is the list of labels by which each of its steps draws: a branch copies its parent's labels up to the
branching step and draws by a label of its own afterwards. So a path is replayed, and never stored.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.law import (
    Law,
    State,
    agents_of,
    draw_step,
    first_draw,
    take_step,
)
from mcpolar.compiled.chain.order import Order

Floats = NDArray[np.float64]


class Happening(IntEnum):
    """What the paths are watched for; the first three are decided on each agent's own state."""

    POLARIZED = 0
    """Every agent has |log-odds| >= threshold and all memory in its side's [low, high]."""
    WELL_BEHAVED = 1
    """All memory of all agents is in [low, high] of either side."""
    FALLEN = 2
    """Some agent's own-side log-odds (of its side at time 0) are below the threshold; 0: it has left its silo."""
    CONSENSUS = 3
    """All agents are on one side."""
    KEPT = 4
    """At no step did an updated agent fall below the threshold or an arrival leave its side's [low, high]."""
    AGREED = 5
    """Every agent has log-odds >= threshold: all are on the + side."""


class Outcome(IntEnum):
    """What became of a path."""

    OPEN = 0
    """Nothing yet."""
    HAPPENED = 1
    """The event came."""
    FAILED = 2
    """It cannot come any more."""


class Coordinate(IntEnum):
    """How near a state is to what is watched for."""

    GIVEN = 0
    """The caller's own: the loop leaves the scores alone."""
    WEAKEST = 1
    """The smallest |log-odds|; of FALLEN, the smallest own-side log-odds with the sign minus."""
    POLARIZED_SHARE = 2
    """The share of agents on which the event holds, each counting half for its memory alone."""
    ALIGNED = 3
    """The mean of two shares, of the side that has more: of all memory in its interval, and of all weight."""
    SURVIVED = 4
    """How many steps have passed without a failure."""


@njit(**INLINE)
def elements_on(memory: Floats, start: int, r: int, side: float, low: float, high: float) -> int:
    """Return how many of an agent's r elements lie in the side's [low, high]."""
    count = 0
    for h in range(r):
        own = side * memory[start + h]
        if low <= own <= high:
            count += 1
    return count


@njit(**INLINE)
def is_good(
    happening: int, log_odds: float, plus: int, minus: int, r: int, side: float, threshold: float
) -> bool:
    """Return whether one agent contributes to the event."""
    if happening == Happening.POLARIZED:
        return abs(log_odds) >= threshold and (plus if log_odds >= 0.0 else minus) == r
    if happening == Happening.WELL_BEHAVED:
        return plus + minus == r
    if happening == Happening.FALLEN:
        return side * log_odds < threshold
    if happening == Happening.AGREED:
        return log_odds >= threshold
    return log_odds >= 0.0


@njit(**INLINE)
def happens(happening: int, n_good: int, m: int) -> bool:
    """Return whether the event holds, from the number of agents that contribute."""
    if happening == Happening.FALLEN:
        return n_good > 0
    if happening == Happening.CONSENSUS:
        return n_good in (m, 0)
    return n_good == m


@njit(**INLINE)
def weight_of(log_odds: float) -> float:
    """Return the weight of component +1."""
    return 1.0 / (1.0 + exp(min(max(-log_odds, -700.0), 700.0)))


@njit(nogil=True, error_model="numpy")
def score_of(
    coordinate: int,
    happening: int,
    log_odds: Floats,
    side: Floats,
    m: int,
    r: int,
    n_good: int,
    n_plus: int,
    n_minus: int,
    n_whole: int,
    n_weight: float,
) -> float:
    """Return the reaction coordinate of a state, from its running counts."""
    if coordinate == Coordinate.WEAKEST:
        least = np.inf
        for agent in range(m):
            own = (side[agent] if happening == Happening.FALLEN else 1.0) * log_odds[agent]
            is_signed = happening in (Happening.FALLEN, Happening.AGREED)
            least = min(least, own if is_signed else abs(own))
        return -least if happening == Happening.FALLEN else least
    if coordinate == Coordinate.POLARIZED_SHARE:
        if happening == Happening.CONSENSUS:
            return max(n_good, m - n_good) / m
        return (n_good + n_whole) / (2 * m)
    if coordinate == Coordinate.ALIGNED:
        on_plus = 0.5 * (n_plus / r + n_weight) / m
        return (
            on_plus if happening == Happening.AGREED else max(on_plus, 0.5 * (n_minus / r + m - n_weight) / m)
        )
    return -np.inf


@loop
def follow(
    state: State,
    law: Law,
    order: Order | None,
    labels: NDArray[np.int64],
    side: Floats,
    happening: int,
    threshold: float,
    low: float,
    high: float,
    at_end: bool,
    coordinate: int,
    first_step: int,
    n_steps: int,
    scores: Floats,
    outcome: NDArray[np.int8],
) -> None:
    """Run paths from `first_step` on by their labels, score each step, and note what becomes of each.

    Parameters
    ----------
    state : State
        The states at `first_step`, one row a path; advanced in place.
    law : Law
        The chain's.
    order : Order, optional
        Scratch for a neighbourhood (:func:`mcpolar.compiled.chain.law.order_for`).
    labels : ndarray of int64, shape (n_paths, horizon)
        By which replica's draws each step is made.
    side : ndarray, shape (n_paths, m)
        Each agent's side at time 0, 1 or -1.
    at_end : bool
        Whether the event must hold at the last step of the horizon; otherwise at any step, where the path stops.
    scores : ndarray, shape (n_paths, horizon + 1)
        Receives the score of each step, infinite from the event on; of a path that failed, -inf afterwards.
    outcome : ndarray of int8, shape (n_paths,)
        Becomes an :class:`Outcome`; paths that are no longer open are left alone.
    """
    m, r, horizon = law.m, law.r, labels.shape[1]
    plus, minus, good = np.empty(m, np.int64), np.empty(m, np.int64), np.empty(m, np.bool_)
    weight, n_weight = np.zeros(m), 0.0
    for row in range(state.log_odds.shape[0]):
        if outcome[row] != Outcome.OPEN:
            continue
        agents, own = agents_of(state, row, order), side[row]
        mine, elements = agents.log_odds, agents.memory
        n_good, n_plus, n_minus, n_whole = 0, 0, 0, 0
        for i in range(m):
            plus[i] = elements_on(elements, i * r, r, 1.0, low, high)
            minus[i] = elements_on(elements, i * r, r, -1.0, low, high)
            good[i] = is_good(happening, mine[i], plus[i], minus[i], r, own[i], threshold)
            n_good, n_plus, n_minus = n_good + good[i], n_plus + plus[i], n_minus + minus[i]
            n_whole += plus[i] == r or minus[i] == r
            weight[i] = weight_of(mine[i]) if coordinate == Coordinate.ALIGNED else 0.0
        n_weight = weight.sum()
        draw, before = first_draw(), -1
        if first_step == 0:
            if coordinate == Coordinate.SURVIVED:
                scores[row, 0] = 0.0
            elif coordinate != Coordinate.GIVEN:
                scores[row, 0] = score_of(
                    coordinate, happening, mine, own, m, r, n_good, n_plus, n_minus, n_whole, n_weight
                )
            if happening != Happening.KEPT and happens(happening, n_good, m) and (not at_end or horizon == 0):
                outcome[row] = Outcome.HAPPENED
                scores[row, :] = np.inf
                continue
        for step in range(first_step, first_step + n_steps):
            label = labels[row, step]
            draw = draw_step(law, Purpose.STEP, Purpose.NORMAL, label, step, draw, label != before)
            before, i = label, draw.receiver
            y = take_step(law, agents, order, label, step, draw)
            if happening == Happening.KEPT:
                if not (own[i] * mine[i] >= threshold and low <= own[i] * y <= high):
                    outcome[row] = Outcome.FAILED
                    scores[row, step + 1 :] = -np.inf
                    break
                if step + 1 == horizon:
                    outcome[row] = Outcome.HAPPENED
                    scores[row, horizon] = np.inf
                elif coordinate == Coordinate.SURVIVED:
                    scores[row, step + 1] = step + 1.0
                continue
            n_good, n_plus, n_minus = n_good - good[i], n_plus - plus[i], n_minus - minus[i]
            n_whole -= plus[i] == r or minus[i] == r
            plus[i] = elements_on(elements, i * r, r, 1.0, low, high)
            minus[i] = elements_on(elements, i * r, r, -1.0, low, high)
            good[i] = is_good(happening, mine[i], plus[i], minus[i], r, own[i], threshold)
            n_good, n_plus, n_minus = n_good + good[i], n_plus + plus[i], n_minus + minus[i]
            n_whole += plus[i] == r or minus[i] == r
            if coordinate == Coordinate.ALIGNED:
                weight[i] = weight_of(mine[i])
                n_weight = weight.sum()
            if happens(happening, n_good, m) and (not at_end or step + 1 == horizon):
                outcome[row] = Outcome.HAPPENED
                scores[row, step + 1 :] = np.inf
                break
            if coordinate != Coordinate.GIVEN:
                scores[row, step + 1] = score_of(
                    coordinate, happening, mine, own, m, r, n_good, n_plus, n_minus, n_whole, n_weight
                )
