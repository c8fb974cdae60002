"""Simulate an ensemble of chains: the compiled loop over blocks of replicas, on threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain.ensemble import AnyStart, Ensemble
from mcpolar.chain.state import ChainState
from mcpolar.chain.trajectory import Trajectory
from mcpolar.checks import whole_number
from mcpolar.compiled.base.simd import LANES
from mcpolar.compiled.chain.law import State
from mcpolar.errors import ResourceError
from mcpolar.limits import free_memory
from mcpolar.parallel import is_stopped, n_threads, over_blocks
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, Seed
from mcpolar.steps import MOST_STEPS, Steps

Progress = Callable[[int], object]

# Replicas of one thread at a time: several times the lanes of the compiled loop.
_BLOCK = 128


def simulate(
    chain: ChainParameters,
    start: AnyStart,
    steps: int | str | Steps,
    *,
    seed: Seed,
    every: int | None = None,
    replicas: int | None = None,
    first_replica: int = 0,
    first_step: int = 0,
    cell: Sequence[int] = (),
    workers: int | None = None,
    memory: bool = False,
    progress: Progress | None = None,
) -> Trajectory:
    """Simulate replicas of the chain (theory.md, section 1) and record their log-odds.

    Bit-identical for any number of workers, and replica by replica: each depends on the parameters, the
    start, the seed, the cell and its number alone.

    Parameters
    ----------
    chain : ChainParameters
        Of every replica.
    start : Start, ChainState, or str
        A start, its kind by name, a state (of one replica, for all; or of `replicas`), or a file of states.
        To go on from a run's last state take `first_step` as well, or another seed: else its draws are used
        again.
    steps : int, str or Steps
        Single-agent updates of each replica, such as "10*m*log(m)".
    seed : int, SeedSequence or Generator
        From 0 to 2^128 - 1.
    every : int, optional
        Record every so many steps, and at the first and the last; absent: the first and the last only.
    replicas : int, optional
        Number of replicas; default that of the state, else 1.
    first_replica : int, optional
        Number of the first one.
    first_step : int, optional
        Number of steps taken before: to go on from a final state is the same as one longer run.
    cell : sequence of int, optional
        Names one of several independent runs under the same seed.
    workers : int, optional
        Threads; default the number of processors.
    memory : bool, optional
        Whether to record memories too.
    progress : callable, optional
        Called, from one thread at a time, with the number of steps (over replicas) done since its last call.

    Returns
    -------
    Trajectory
        With the state at the last step.

    Raises
    ------
    InputError
        If an argument is not allowed or a state does not fit.
    ResourceError
        If a file cannot be read or the records do not fit into memory.

    Examples
    --------
    >>> path = simulate(ChainParameters(m=3, r=2, sigma=0.5), "random", 20, seed=1, every=5, replicas=4)
    >>> path.steps, path.log_odds.shape
    (array([ 0,  5, 10, 15, 20]), (4, 5, 3))
    """
    n_steps = Steps.read(steps, chain.m).whole
    ensemble = Ensemble.of(chain, start, seed, cell)
    count = ensemble.count(replicas)
    before = whole_number("first_step", first_step, 0, MOST_STEPS - n_steps)
    stride = _stride(n_steps, every)
    _require_memory(-(-n_steps // stride) + 1, count, chain, memory)
    marks = before + np.append(np.arange(0, n_steps, stride, dtype=np.int64), np.int64(n_steps))
    first = whole_number("first_replica", first_replica, 0, MOST_REPLICAS - count)
    out = _Records.empty(count, marks, chain, memory, ensemble.law().k > 0)
    _Runner(ensemble, first, out, progress).run(n_threads(workers))
    return Trajectory(
        parameters=chain,
        seed=ensemble.seed,
        cell=ensemble.cell,
        first_replica=first,
        start=ensemble.start_record(),
        steps=marks,
        log_odds=out.log_odds,
        memory=out.memory,
        final=ChainState.from_arrays(
            out.log_odds[:, -1], out.final_memory, weight_keys=None if out.keys is None else out.keys[:, -1]
        ),
        weight_keys=out.keys if memory else None,
    )


@dataclass(frozen=True, eq=False)
class _Records:
    """The arrays to be filled, one row a replica."""

    steps: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    memory: NDArray[np.float64] | None
    final_memory: NDArray[np.float64]
    keys: NDArray[np.int64] | None

    @classmethod
    def empty(
        cls,
        count: int,
        steps: NDArray[np.int64],
        chain: ChainParameters,
        with_memory: bool,
        with_keys: bool,
    ) -> _Records:
        rows, m, r = len(steps), chain.m, chain.r
        return cls(
            steps,
            np.empty((count, rows, m)),
            np.empty((count, rows, m, r)) if with_memory else None,
            np.empty((count, m, r)),
            np.empty((count, rows if with_memory else 1, m), np.int64) if with_keys else None,
        )

    def put(self, row: int, record: int, state: State) -> None:
        rows, is_last = slice(row, row + len(state.log_odds)), record == len(self.steps) - 1
        self.log_odds[rows, record] = state.log_odds
        if self.memory is not None:
            self.memory[rows, record] = state.memory
        if is_last:
            self.final_memory[rows] = state.memory
        if self.keys is not None and (is_last or self.memory is not None):
            self.keys[rows, -1 if is_last else record] = state.keys


@dataclass(frozen=True, eq=False)
class _Runner:
    """Runs blocks of replicas into the records; an error or an interrupt stops all at their next look."""

    ensemble: Ensemble
    first_replica: int
    out: _Records
    progress: Progress | None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, workers: int) -> None:
        """Run all blocks on threads."""
        count = len(self.out.final_memory)
        size = min(_BLOCK, LANES * -(-count // (LANES * workers)))  # whole lanes, and work for every thread
        for _ in over_blocks(self.block, count, int(self.out.steps[-1]), workers=workers, size=size):
            pass  # each block fills its own rows

    def block(self, row: int, count: int) -> None:
        """Run the replicas of rows row .. row + count - 1."""
        first, steps = self.first_replica + row, self.out.steps
        state = self.ensemble.arrays(first, count, row)
        self.out.put(row, 0, state)
        for record in range(1, len(steps)):
            now, goal = int(steps[record - 1]), int(steps[record])
            if not self.ensemble.advance_to(state, first, now, goal, stopped=is_stopped, report=self.report):
                return
            self.out.put(row, record, state)

    def report(self, done: int) -> None:
        """Tell the caller, one thread at a time."""
        if self.progress is not None:
            with self.lock:
                self.progress(done)


def _stride(n_steps: int, every: int | None) -> int:
    """Return the steps between two records."""
    return max(n_steps, 1) if every is None else whole_number("every", every, 1, MOST_STEPS)


def _require_memory(n_records: int, count: int, chain: ChainParameters, with_memory: bool) -> None:
    """Raise ResourceError if the records would not fit into the memory that is free."""
    numbers = n_records + count * chain.m * (n_records + chain.r * (n_records * with_memory + 1))
    free = free_memory()
    if 8 * numbers > free:
        raise ResourceError(
            f"the records would take {8 * numbers / 2**30:.1f} GiB of memory: record less often (every), fewer "
            f"replicas at a time, or no memories; {free / 2**30:.1f} GiB are free"
        )
