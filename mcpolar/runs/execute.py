"""Run a plan: blocks on threads or on a cluster, each stored as soon as it is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mcpolar.checks import whole_number
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.entries import pack, unpack
from mcpolar.errors import ResourceError
from mcpolar.runs.observe import BlockResult, Task
from mcpolar.runs.outstanding import Piece, outstanding
from mcpolar.runs.plan import Block, Cell, RunPlan
from mcpolar.runs.records import Records, beside, prepare, records_path
from mcpolar.runs.workers import Keep, Workers, workers_at
from mcpolar.store import Kept, Place, Store

KIND = "run"
MOST_STATE = 2**28
"""Bytes of the states of one cell that are kept, to go on from; a larger cell is computed anew when made longer."""


@dataclass(frozen=True)
class RunSummary:
    """What a call of :func:`run` did.

    Attributes
    ----------
    blocks : int
        Blocks that make the plan.
    found : int
        Those that were in the store before.
    computed : int
        Those that were added.
    continued : int
        Of these, how many went on from a shorter run.
    damaged : int
        Blocks that were found damaged, and computed anew where the plan has them.
    seconds : float
        Wall time, without that of compiling.
    """

    blocks: int
    found: int
    computed: int
    continued: int
    damaged: int
    seconds: float


def run(
    plan: RunPlan,
    store: str | Path,
    *,
    workers: int | None = None,
    resume: bool = False,
    scheduler: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> RunSummary:
    """Compute what the store lacks of `plan`, and store each block in one transaction.

    The results depend on the plan alone, bit for bit: not on workers, on the block size, on the order, on how often
    the run was interrupted and resumed, or on what else is in the store. Whatever ends the process, stored blocks
    are kept, and resuming loses at most the blocks in flight. A run may be made larger when it is resumed: more
    replicas, more cells, more steps; what is there is not computed again, and a longer cell goes on from where it
    stood.

    Parameters
    ----------
    plan : RunPlan
        What to compute.
    store : str or Path
        The SQLite file of the run.
    workers : int, optional
        Threads in this process, default the number of processors; with a scheduler, the most blocks in
        flight.
    resume : bool, optional
        Go on with the run in the store; a store that does not exist is made. Otherwise the store must be new.
    scheduler : str, optional
        Address of a dask.distributed scheduler on whose workers the blocks are computed (needs the extra
        `distributed`). A worker that dies costs a recomputation, with the same bits.
    progress : callable, optional
        Called from this thread with the number of steps (over replicas) newly done; first for those found.

    Returns
    -------
    RunSummary
        How many blocks were found and computed.

    Raises
    ------
    InputError
        If an argument is not allowed, or the store is one of another seed or version, or there without
        `resume`.
    ResourceError
        If the store is in use, damaged or of a newer schema, the disk is full, or the cluster cannot be had.
    KeyboardInterrupt
        When interrupted; blocks that are finished by then are stored first.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.parameters import ChainParameters
    >>> from mcpolar.runs import Cell, RunPlan
    >>> store = Path(tempfile.mkdtemp()) / "grid.sqlite"
    >>> plan = RunPlan([Cell(ChainParameters(m=3, r=1, sigma="0.5"), "random", 20)], replicas=2, seed=1)
    >>> run(plan, store).computed, run(plan, store, resume=True).computed
    (1, 0)
    """
    watch = Stopwatch()
    count = (os.cpu_count() or 1) if workers is None else whole_number("workers", workers, 1, 4096)
    report = progress or (lambda _: None)
    with beside(store, plan), Store(store, KIND, plan.identity(), resume=resume) as opened:
        opened.register(cell.identity for cell in plan.cells)
        groups = prepare(opened.path, plan) if plan.trajectories else {}
        unsound = _unsound(plan, opened, groups)
        pieces = outstanding(plan, opened, unsound)
        report(plan.n_steps - sum(_n_steps(plan, piece) for piece in pieces))

        def keep(task: Task, result: BlockResult) -> None:
            opened.add(*_as_stored(task.cell, plan, result))
            report(task.n_steps)

        with workers_at(scheduler, count) as hands:
            _work((_task(plan, piece, opened, groups) for piece in pieces), hands, 2 * count, keep)
        found = len(_parts(plan, opened)) - len(pieces)
        damaged = opened.damaged + len(unsound)
    continued = sum(piece.since is not None for piece in pieces)
    return RunSummary(found + len(pieces), found, len(pieces), continued, damaged, watch.seconds)


def _task(plan: RunPlan, piece: Piece, store: Store, groups: dict[tuple[str, int], str]) -> Task:
    """Return the task of a piece, with the state that it goes on from."""
    cell, since = plan.cells[piece.block.cell], None
    earlier = None
    if piece.since is not None:
        place, state = piece.since.place, store.state(piece.since)
        if state is not None:  # else it was damaged, and the block begins at the start
            rows = slice(piece.block.first - place.first, piece.block.first - place.first + piece.block.count)
            since = {name: array if array.ndim == 0 else array[rows] for name, array in unpack(state).items()}
            earlier = groups.get((cell.identity, place.reach))
    records = None
    if groups:
        records = Records(records_path(store.path), groups[cell.identity, cell.steps], earlier)
    return Task.of(plan, piece.block, records, since)


def _as_stored(cell: Cell, plan: RunPlan, result: BlockResult) -> tuple[Place, bytes, float, bytes | None]:
    """Return what the store takes of a block."""
    block, columns = result.block, result.columns
    if result.records:
        columns = {**columns, "records": np.frombuffer(result.records, np.uint8)}
    chain = cell.parameters
    is_small = 8 * plan.replicas * chain.m * (chain.r + 2) <= MOST_STATE
    place = Place(cell.identity, block.first, block.count, cell.steps)
    return place, pack(columns), result.seconds, pack(result.state) if is_small else None


def _n_steps(plan: RunPlan, piece: Piece) -> int:
    done = 0 if piece.since is None else piece.since.place.reach
    return piece.block.count * (plan.cells[piece.block.cell].steps - done)


def _parts(plan: RunPlan, store: Store) -> list[Kept]:
    """Return the blocks of the plan that are there."""
    wanted = {(cell.identity, cell.steps) for cell in plan.cells}
    return [
        kept
        for kept in store.kept()
        if (kept.place.cell, kept.place.reach) in wanted and kept.place.first < plan.replicas
    ]


def _unsound(plan: RunPlan, store: Store, groups: dict[tuple[str, int], str]) -> list[Kept]:
    """Return the blocks of the plan whose trajectories are not what was written."""
    found = []
    for kept in _parts(plan, store) if groups else []:
        place = kept.place
        records = Records(records_path(store.path), groups[place.cell, place.reach])
        digest = unpack(store.read(kept))["records"].tobytes()
        if not records.is_sound(Block(0, place.first, place.count), digest):
            found.append(kept)
    return found


def _work(tasks: Iterator[Task], hands: Workers, most: int, keep: Keep) -> None:
    """Compute the tasks, at most `most` at a time, and keep each; when interrupted, keep what is finished."""
    try:
        for task in tasks:
            hands.submit(task)
            if hands.waiting >= most:
                hands.collect(keep)
        while hands.waiting:
            hands.collect(keep)
    except BaseException:
        with suppress(ResourceError):  # the store may be what failed
            hands.salvage(keep)
        raise
