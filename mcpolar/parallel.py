"""Blocks of replicas over threads: the same numbers for any number of workers and any size of block."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

from mcpolar.checks import whole_number

Result = TypeVar("Result")
Progress: TypeAlias = Callable[[int], object]

# Agent-updates of a block: short enough that an interrupt is answered within a second or so.
_UPDATES_PER_BLOCK = 4_000_000
_LARGEST_BLOCK = 256


def over_blocks(
    work: Callable[[int, int], Result],
    replicas: int,
    steps: int,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    first: int = 0,
    size: int | None = None,
) -> Iterator[Result]:
    """Yield `work(first, count)` for blocks of replicas, in order, computed on threads.

    Parameters
    ----------
    work : callable
        Given the number of the first replica and how many; it should release the interpreter lock.
    replicas, steps : int
        Replicas in all, and steps of each: the size of a block follows from the steps.
    workers : int, optional
        Threads; default the number of processors.
    progress : callable, optional
        Called with the number of replicas done since its last call.
    first : int
        The number of the first replica.
    size : int, optional
        Replicas of a block; default: as many as take about a second.

    Raises
    ------
    InputError
        If there is less than one worker.
    """
    threads = (os.cpu_count() or 1) if workers is None else whole_number("workers", workers, 1, 1024)
    size = size or max(1, min(_LARGEST_BLOCK, _UPDATES_PER_BLOCK // max(steps, 1)))
    end = first + replicas
    blocks = [(begin, min(size, end - begin)) for begin in range(first, end, size)]
    with ThreadPoolExecutor(threads) as pool:
        try:
            for (_, count), result in zip(blocks, pool.map(lambda block: work(*block), blocks), strict=True):
                if progress is not None:
                    progress(count)
                yield result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
