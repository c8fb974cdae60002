"""Run a plan: blocks on threads or on a cluster, each stored as soon as it is there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mcpolar.checks import whole_number
from mcpolar.errors import ResourceError
from mcpolar.runs.observe import BlockResult, Task
from mcpolar.runs.plan import RunPlan
from mcpolar.runs.records import prepare
from mcpolar.runs.store import Store
from mcpolar.runs.workers import Keep, Workers, workers_at


@dataclass(frozen=True)
class RunSummary:
    """What a call of :func:`run` did.

    Attributes
    ----------
    blocks : int
        Blocks of the plan.
    found : int
        Blocks that were in the store before.
    computed : int
        Blocks that were added.
    seconds : float
        Wall time.
    """

    blocks: int
    found: int
    computed: int
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
    """Compute the blocks of `plan` that the store lacks, and store each in one transaction.

    The results depend on the plan alone, bit for bit: not on workers, on the block size, on the order, or
    on how often the run was interrupted and resumed. Whatever ends the process, stored blocks are kept, and
    resuming loses at most the blocks in flight.

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
        Go on with the run in the store, in its block size; a store that does not exist is made. Otherwise
        the store must be new.
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
        If an argument is not allowed, or the store is one of another plan or version, or there without
        `resume`.
    ResourceError
        If the store is in use, damaged or of a newer schema, the disk is full, or the cluster cannot be had.
    KeyboardInterrupt
        When interrupted; blocks that are finished by then are stored first.
    """
    began = time.perf_counter()
    count = (os.cpu_count() or 1) if workers is None else whole_number("workers", workers, 1, 4096)
    report = progress or (lambda _: None)
    with Store(store, plan, resume=resume) as opened:
        parts = plan.with_block(opened.block)
        records = prepare(opened.path, parts, is_new=opened.is_new) if plan.trajectories else None
        blocks, found = list(parts.blocks()), opened.finished()
        report(sum(block.count * plan.cells[block.cell].steps for block in found))

        def keep(task: Task, result: BlockResult) -> None:
            opened.add(result)
            report(task.cell.steps * task.block.count)

        tasks = (Task.of(parts, block, records) for block in blocks if block not in found)
        with workers_at(scheduler, count) as hands:
            _work(tasks, hands, 2 * count, keep)
    return RunSummary(len(blocks), len(found), len(blocks) - len(found), time.perf_counter() - began)


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
