"""First passage times without stored trajectories: who meets a condition is counted as agents are updated."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE

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
