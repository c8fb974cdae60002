"""One block of a run: its replicas advanced from look to look, and what is kept of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar import events
from mcpolar.chain import ChainState, Ensemble, level_log_odds
from mcpolar.runs.plan import Block, Cell, RunPlan
from mcpolar.runs.records import write_block

OBSERVABLES = {
    "agents_plus": "agents in the silo of component +1 at the end",
    "silos": "non-empty silos at the end",
    "smallest_log_odds": "smallest |l| of an agent at the end",
    "polarized": "whether E_h holds at the end",
    "hitting_time": "first observed step at which E_h holds; empty: at none",
    "exit_time": "first observed step from the hitting time on at which E_h does not hold; empty: at none",
    "silo_change_time": "first observed step at which an agent's silo is not that of its start; empty: at none",
}
"""The columns of a run's results, one row a replica; times are in steps (single-agent updates)."""

NEVER = -1


@dataclass(frozen=True)
class Task:
    """A block with all that is needed to compute it anywhere."""

    block: Block
    cell: Cell
    ensemble: Ensemble
    records: Path | None

    @classmethod
    def of(cls, plan: RunPlan, block: Block, records: Path | None = None) -> Task:
        """Return the task of a block of a plan, and where its trajectories go."""
        return cls(block, plan.cells[block.cell], plan.ensemble(block), records)


@dataclass(frozen=True, eq=False)
class BlockResult:
    """The observables of a block, one entry a replica; -1 stands for a time that did not come."""

    block: Block
    columns: dict[str, NDArray[Any]]
    seconds: float


def compute(task: Task, stopped: Callable[[], bool] = lambda: False) -> BlockResult | None:
    """Advance the replicas of a block and observe them; None if `stopped` said so on the way."""
    began, ensemble, first = time.perf_counter(), task.ensemble, task.block.first
    state = ensemble.arrays(first, task.block.count)
    watch = _Watch.begin(task, state.log_odds)
    now = 0
    path = []
    for mark in task.cell.marks():
        if not ensemble.advance_to(state, first, now, mark, stopped=stopped):
            return None
        now = mark
        watch.look(mark, ChainState(state.log_odds, state.memory))
        if task.records is not None:
            path.append(state.log_odds.copy())
    if task.records is not None:
        write_block(task.records, task.block, np.stack(path, axis=1))
    columns = watch.columns(ChainState(state.log_odds, state.memory))
    return BlockResult(task.block, columns, time.perf_counter() - began)


@dataclass(eq=False)
class _Watch:
    """Running first-passage times of a block."""

    threshold: float
    first_silos: NDArray[np.int8]
    hitting_time: NDArray[np.int64]
    exit_time: NDArray[np.int64]
    silo_change_time: NDArray[np.int64]

    @classmethod
    def begin(cls, task: Task, log_odds: NDArray[np.float64]) -> _Watch:
        never = [np.full(len(log_odds), NEVER, dtype=np.int64) for _ in range(3)]
        threshold = level_log_odds(task.cell.parameters, task.cell.level, "down")
        return cls(threshold, events.silos(log_odds), *never)

    def look(self, step: int, state: ChainState) -> None:
        polarized = self.polarized(state)
        was_hit = self.hitting_time != NEVER
        _note(self.hitting_time, polarized, step)
        _note(self.exit_time, was_hit & ~polarized, step)
        _note(self.silo_change_time, (events.silos(state.log_odds) != self.first_silos).any(axis=1), step)

    def columns(self, state: ChainState) -> dict[str, NDArray[Any]]:
        silo = events.silos(state.log_odds)
        return {
            "agents_plus": silo.sum(axis=1, dtype=np.int64),
            "silos": events.n_silos(silo),
            "smallest_log_odds": events.smallest_log_odds(state.log_odds),
            "polarized": self.polarized(state).astype(np.int64),
            "hitting_time": self.hitting_time,
            "exit_time": self.exit_time,
            "silo_change_time": self.silo_change_time,
        }

    def polarized(self, state: ChainState) -> NDArray[np.bool_]:
        return events.is_polarized_beyond(state, self.threshold)


def _note(times: NDArray[np.int64], happens: NDArray[np.bool_], step: int) -> None:
    """Set the times that have not come yet."""
    times[(times == NEVER) & happens] = step
