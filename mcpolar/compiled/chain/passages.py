"""First passage times without stored trajectories: who meets a condition is counted as agents are updated.

The loop over single replicas looks at the agent that was updated, and keeps each agent's part in the events. The loops
in lanes need nothing of the kind: they know the agent before and after its update (:class:`Seen`), and so by how much
each count moves.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE
from mcpolar.compiled.base.simd import (
    LANES,
    either,
    is_any,
    is_equal,
    load,
    select,
    size,
    store,
)

Floats = NDArray[np.float64]


class Passage(IntEnum):
    """The events whose first time is kept: columns of `Watch.times`."""

    POLARIZED = 0
    """Every agent has |log-odds| >= threshold and all memory in [low, high] on its own side (E_h)."""
    SILO_CHANGED = 1
    """Some agent is on another side than its `is_plus_at_start` says."""
    CONSENSUS = 2
    """All agents are on one side."""


class Watch(NamedTuple):
    """What is watched in a run, arrays with a row for each replica.

    Attributes
    ----------
    threshold, low, high : float
        The conditions of POLARIZED; threshold > 0.
    is_plus_at_start : ndarray of bool, shape (n_replicas, m)
        Sides to compare with; side + is log-odds > 0.
    times : ndarray of int64, shape (n_replicas, 3)
        Number of steps made when the event first held; negative until it does.
    is_polarized, is_plus : ndarray of bool, shape (n_replicas, m)
        Scratch: each agent's part in POLARIZED, and its side.
    counts : ndarray of int64, shape (n_replicas, 3)
        Scratch: agents polarized, agents on another side than at the start, agents on side +.
    """

    threshold: float
    low: float
    high: float
    is_plus_at_start: NDArray[np.bool_]
    times: NDArray[np.int64]
    is_polarized: NDArray[np.bool_]
    is_plus: NDArray[np.bool_]
    counts: NDArray[np.int64]

    def with_rows(self, change: Callable[[Any], Any]) -> Watch:
        """Return the watch with every array changed by `change`."""
        return Watch(self.threshold, self.low, self.high, *(change(array) for array in self[3:]))


def new_watch(
    threshold: float, low: float, high: float, is_plus_at_start: NDArray[np.bool_], times: NDArray[np.int64]
) -> Watch:
    """Return a watch with fresh scratch; `times` is updated by the run."""
    shape = is_plus_at_start.shape
    scratch = (np.zeros(shape, np.bool_), np.zeros(shape, np.bool_), np.zeros((shape[0], 3), np.int64))
    return Watch(float(threshold), float(low), float(high), is_plus_at_start, times, *scratch)


class Seen(NamedTuple):
    """An agent of each of 32 lanes before and after its update: log-odds, smallest and largest element; its arrival.

    Elements count only where the loop is told that they are watched.
    """

    own: Floats
    lowest: Floats
    highest: Floats
    moved: Floats
    new_lowest: Floats
    new_highest: Floats
    arrival: Floats


@njit(error_model="numpy")
def begin_watch(watch: Watch, row: int, log_odds: Floats, memory: Floats, steps: int) -> None:
    """Count anew over all agents of a replica; `log_odds` (m,) and `memory` (m r,) are its own."""
    watch.counts[row, :] = 0
    for agent in range(log_odds.size):
        watch.is_polarized[row, agent] = False
        watch.is_plus[row, agent] = watch.is_plus_at_start[row, agent]
        watch.counts[row, Passage.CONSENSUS] += watch.is_plus_at_start[row, agent]
    for agent in range(log_odds.size):
        _recount(watch, row, agent, log_odds, memory)
    _record(watch, row, log_odds.size, steps)


@njit(**INLINE)
def note_update(watch: Watch, row: int, agent: int, log_odds: Floats, memory: Floats, steps: int) -> None:
    """Look at the one agent that was updated, `steps` being the number of steps made."""
    _recount(watch, row, agent, log_odds, memory)
    _record(watch, row, log_odds.size, steps)


@njit(**INLINE)
def _recount(watch: Watch, row: int, agent: int, log_odds: Floats, memory: Floats) -> None:
    value, r = log_odds[agent], memory.size // log_odds.size
    is_plus, is_polarized = value > 0.0, abs(value) >= watch.threshold
    side = 1.0 if is_plus else -1.0
    for h in range(r):
        own = side * memory[agent * r + h]
        is_polarized &= (watch.low <= own) & (own <= watch.high)
    was_changed = watch.is_plus[row, agent] != watch.is_plus_at_start[row, agent]
    is_changed = is_plus != watch.is_plus_at_start[row, agent]
    watch.counts[row, Passage.POLARIZED] += np.int64(is_polarized) - np.int64(watch.is_polarized[row, agent])
    watch.counts[row, Passage.SILO_CHANGED] += np.int64(is_changed) - np.int64(was_changed)
    watch.counts[row, Passage.CONSENSUS] += np.int64(is_plus) - np.int64(watch.is_plus[row, agent])
    watch.is_polarized[row, agent], watch.is_plus[row, agent] = is_polarized, is_plus


@njit(**INLINE)
def _record(watch: Watch, row: int, m: int, steps: int) -> None:
    n_plus = watch.counts[row, Passage.CONSENSUS]
    if watch.times[row, Passage.POLARIZED] < 0 and watch.counts[row, Passage.POLARIZED] == m:
        watch.times[row, Passage.POLARIZED] = steps
    if watch.times[row, Passage.SILO_CHANGED] < 0 and watch.counts[row, Passage.SILO_CHANGED] > 0:
        watch.times[row, Passage.SILO_CHANGED] = steps
    if watch.times[row, Passage.CONSENSUS] < 0 and n_plus in (0, m):
        watch.times[row, Passage.CONSENSUS] = steps


@njit(**INLINE)
def _share(watch: Watch, log_odds: Floats, lowest: Floats, highest: Floats) -> Floats:
    """Return 1 in the lanes whose agent has its part in POLARIZED, else 0."""
    is_plus = log_odds > 0.0
    nearest, farthest = select(is_plus, lowest, -highest), select(is_plus, highest, -lowest)
    is_outside = either(nearest < watch.low, farthest > watch.high)
    return select(either(is_outside, size(log_odds) < watch.threshold), 0.0, 1.0)


@njit(**INLINE)
def moves(watch: Watch, seen: Seen) -> tuple[Floats, Floats]:
    """Return by how much an update moves the number of polarized agents and that of agents on side +."""
    before = _share(watch, seen.own, seen.lowest, seen.highest)
    after = _share(watch, seen.moved, seen.new_lowest, seen.new_highest)
    return after - before, select(seen.moved > 0.0, 1.0, 0.0) - select(seen.own > 0.0, 1.0, 0.0)


@njit(error_model="numpy")
def begin_tallies(watch: Watch, row: int, tallies: Floats) -> None:
    """Fill `tallies` (3, n), flat, from the counts of n replicas from `row` on: those that are to be looked at.

    They are the counts of agents polarized, of agents that changed side, of agents on side +; NaN, which no step
    changes and which equals nothing, once the time is known. Until some agent changes side all are where they were
    at the start, and so the second needs no sides to compare with.
    """
    n = tallies.size // 3
    for event in range(3):
        for lane in range(n):
            is_known = watch.times[row + lane, event] >= 0
            tallies[event * n + lane] = np.nan if is_known else float(watch.counts[row + lane, event])


@njit(**INLINE)
def note_lanes(watch: Watch, row: int, m: int, seen: Seen, tallies: Floats, first: int, steps: int) -> None:
    """Look at what the update of 32 lanes changed; they stand in `tallies` from `first` on, row `row` is theirs."""
    n = tallies.size // 3
    polarized, changed, plus = np.uint64(first), np.uint64(n + first), np.uint64(2 * n + first)
    n_polarized, n_plus = moves(watch, seen)
    n_polarized, n_plus, n_changed = (
        load(tallies, polarized) + n_polarized,
        load(tallies, plus) + n_plus,
        load(tallies, changed) + size(n_plus),
    )
    store(tallies, polarized, n_polarized)
    store(tallies, changed, n_changed)
    store(tallies, plus, n_plus)
    agree = either(is_equal(n_plus, 0.0), is_equal(n_plus, float(m)))
    if is_any(either(either(is_equal(n_polarized, float(m)), n_changed > 0.0), agree)):
        _record_lanes(watch, row, m, tallies, first, steps)


@njit(error_model="numpy")
def _record_lanes(watch: Watch, row: int, m: int, tallies: Floats, first: int, steps: int) -> None:
    """Note the time of each event that holds now, which is no longer looked for then."""
    n = tallies.size // 3
    for lane in range(LANES):
        for event in range(3):
            at = event * n + first + lane
            tally = tallies[at]
            holds = tally == m
            if event == Passage.SILO_CHANGED:
                holds = tally > 0.0
            elif event == Passage.CONSENSUS:
                holds = holds or tally == 0.0
            if holds:
                watch.times[row + lane, event] = steps
                tallies[at] = np.nan


@njit(error_model="numpy")
def note_steps(
    watch: Watch, row: int, m: int, n_polarized: Floats, n_plus: Floats, n_steps: int, before: int
) -> None:
    """Look at `n_steps` of one replica after `before`, by how much each moves the counts (:func:`moves`)."""
    for lane in range(n_steps):
        watch.counts[row, Passage.POLARIZED] += np.int64(n_polarized[lane])
        watch.counts[row, Passage.CONSENSUS] += np.int64(n_plus[lane])
        watch.counts[row, Passage.SILO_CHANGED] += np.int64(abs(n_plus[lane]))
        _record(watch, row, m, before + lane + 1)
