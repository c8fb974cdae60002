"""One block of a run: its replicas advanced from look to look, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar import events
from mcpolar.chain import ChainState, Ensemble, level_log_odds
from mcpolar.compiled.chain.law import State
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.runs.plan import Block, Cell, RunPlan
from mcpolar.runs.records import Records

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

Arrays: TypeAlias = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Task:
    """A block with all that is needed to compute it anywhere.

    Attributes
    ----------
    block, cell, ensemble
        What is computed.
    records : Records or None
        Where its trajectories go.
    since : dict of arrays, or None
        The state at the end of a shorter run, to go on from.
    """

    block: Block
    cell: Cell
    ensemble: Ensemble
    records: Records | None = None
    since: Arrays | None = None

    @classmethod
    def of(
        cls, plan: RunPlan, block: Block, records: Records | None = None, since: Arrays | None = None
    ) -> Task:
        """Return the task of a block of a plan."""
        return cls(block, plan.cells[block.cell], plan.ensemble(block), records, since)

    @property
    def n_steps(self) -> int:
        """Steps to be taken, over all replicas."""
        done = 0 if self.since is None else int(self.since["steps"])
        return (self.cell.steps - done) * self.block.count


@dataclass(frozen=True, eq=False)
class BlockResult:
    """What a block gave.

    Attributes
    ----------
    block : Block
        Which.
    columns : dict of arrays
        The observables, one entry a replica; -1 stands for a time that did not come.
    state : dict of arrays
        What a longer run goes on from.
    seconds : float
        Wall time.
    records : bytes
        Checksum of the trajectories; empty without.
    """

    block: Block
    columns: Arrays
    state: Arrays
    seconds: float
    records: bytes = b""


def compute(task: Task, stopped: Callable[[], bool] = lambda: False) -> BlockResult | None:
    """Advance the replicas of a block and observe them; None if `stopped` said so on the way."""
    began, cell, first = Stopwatch(), task.cell, task.block.first
    watch, state, now = _begin(task)
    path = [] if task.records is None else task.records.before(task.block, now // cell.every + 1)

    def reaches(mark: int) -> bool:
        return task.ensemble.advance_to(state, first, now, mark, stopped=stopped)

    for mark in cell.looks_after(-1 if task.since is None else now):
        if not reaches(mark):
            return None
        now = mark
        watch.look(now, ChainState(state.log_odds, state.memory))
        if task.records is not None:
            path.append(state.log_odds.copy())
    regular = watch
    if now < cell.steps:  # the last look is off the grid: a longer run does not look there
        if not reaches(cell.steps):
            return None
        watch = watch.copy()
        watch.look(cell.steps, ChainState(state.log_odds, state.memory))
        if task.records is not None:
            path.append(state.log_odds.copy())
    digest = b"" if task.records is None else task.records.write(task.block, np.stack(path, axis=1))
    kept = {**state._asdict(), **regular.arrays(), "steps": np.array(cell.steps)}
    columns = watch.columns(ChainState(state.log_odds, state.memory))
    return BlockResult(task.block, columns, kept, began.seconds, digest)


def _begin(task: Task) -> tuple[_Watch, State, int]:
    """Return what is watched for, the state and the step: of the start, or of the shorter run."""
    threshold = level_log_odds(task.cell.parameters, task.cell.level, "down")
    since = task.since
    if since is None:
        state = task.ensemble.arrays(task.block.first, task.block.count)
        return _Watch.begin(threshold, state.log_odds), state, 0
    watch = _Watch(threshold, **{name: since[name].copy() for name in _Watch.names()})
    state = State(**{name: np.array(since[name], order="C") for name in State._fields})
    return watch, state, int(since["steps"])


@dataclass(eq=False)
class _Watch:
    """Running first-passage times of a block."""

    threshold: float
    first_silos: NDArray[np.int8]
    hitting_time: NDArray[np.int64]
    exit_time: NDArray[np.int64]
    silo_change_time: NDArray[np.int64]

    @classmethod
    def begin(cls, threshold: float, log_odds: NDArray[np.float64]) -> _Watch:
        never = [np.full(len(log_odds), NEVER, dtype=np.int64) for _ in range(3)]
        return cls(threshold, events.silos(log_odds), *never)

    @staticmethod
    def names() -> tuple[str, ...]:
        return tuple(item.name for item in fields(_Watch) if item.name != "threshold")

    def arrays(self) -> Arrays:
        return {name: getattr(self, name) for name in self.names()}

    def copy(self) -> _Watch:
        return _Watch(self.threshold, **{name: array.copy() for name, array in self.arrays().items()})

    def look(self, step: int, state: ChainState) -> None:
        polarized = self.polarized(state)
        was_hit = self.hitting_time != NEVER
        _note(self.hitting_time, polarized, step)
        _note(self.exit_time, was_hit & ~polarized, step)
        _note(self.silo_change_time, (events.silos(state.log_odds) != self.first_silos).any(axis=1), step)

    def columns(self, state: ChainState) -> Arrays:
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
