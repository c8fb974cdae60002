"""Blocks of replicas over threads: the same numbers for any number of workers and any size of block.

The only place that makes threads for work: :func:`over_blocks` for results in order, :class:`Pool` for results as they
come.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from types import TracebackType
from typing import Generic, TypeAlias, TypeVar

from mcpolar.checks import whole_number
from mcpolar.limits import require_memory

Result = TypeVar("Result")
Task = TypeVar("Task")
Progress: TypeAlias = Callable[[int], object]

# Agent-updates of a block: short enough that an interrupt is answered within a second or so.
_UPDATES_PER_BLOCK = 4_000_000
_LARGEST_BLOCK = 256
_BLOCKS_AHEAD = 8
_BYTES_OF_A_REPLICA = 8
_of_thread = threading.local()


def n_threads(workers: int | None) -> int:
    """Return the number of threads: the one given, from 1 to 1024, or that of the processors."""
    return (os.cpu_count() or 1) if workers is None else whole_number("workers", workers, 1, 1024)


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
    ResourceError
        If one number a replica would not fit into the free memory.
    """
    threads = n_threads(workers)
    size = size or max(1, min(_LARGEST_BLOCK, _UPDATES_PER_BLOCK // max(steps, 1)))
    require_memory(_BYTES_OF_A_REPLICA * replicas, "ask for fewer replicas")
    end = first + replicas
    stop = threading.Event()
    with ThreadPoolExecutor(threads, initializer=_enter, initargs=(stop,)) as pool:
        waiting: deque[tuple[int, Future[Result]]] = deque()
        try:
            for begin in range(first, end, size):
                count = min(size, end - begin)
                waiting.append((count, pool.submit(work, begin, count)))
                if len(waiting) > _BLOCKS_AHEAD * threads:
                    yield _next(waiting, progress)
            while waiting:
                yield _next(waiting, progress)
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def is_stopped() -> bool:
    """Return whether the work of this thread is wanted no more: for work that goes on in pieces."""
    stop = getattr(_of_thread, "stop", None)
    return stop is not None and stop.is_set()


def _enter(stop: threading.Event) -> None:
    _of_thread.stop = stop


def _next(waiting: deque[tuple[int, Future[Result]]], progress: Progress | None) -> Result:
    count, future = waiting[0]
    result = future.result()
    waiting.popleft()
    if progress is not None:
        progress(count)
    return result


class Pool(Generic[Task, Result]):
    """Threads that tasks are handed to one by one, and taken back from as they are finished; use it in a `with` block.

    Parameters
    ----------
    work : callable
        Given a task and a function that tells whether it is wanted no more.
    threads : int
        How many.
    """

    def __init__(self, work: Callable[[Task, Callable[[], bool]], Result], threads: int) -> None:
        self._work, self._stop = work, threading.Event()
        self._pool = ThreadPoolExecutor(threads)
        self._tasks: dict[Future[Result], Task] = {}

    def __enter__(self) -> Pool[Task, Result]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    @property
    def waiting(self) -> int:
        """How many tasks were submitted and not yet taken back."""
        return len(self._tasks)

    def submit(self, task: Task) -> None:
        """Hand over a task."""
        self._tasks[self._pool.submit(self._work, task, self._stop.is_set)] = task

    def collect(self, keep: Callable[[Task, Result], object]) -> None:
        """Wait until at least one task is finished, and keep all that are; the error of a task is raised."""
        for future in wait(self._tasks, return_when=FIRST_COMPLETED).done:
            keep(self._tasks[future], future.result())
            del self._tasks[future]  # only now: an interrupt before leaves it to be salvaged

    def salvage(self, keep: Callable[[Task, Result], object]) -> None:
        """Keep what is finished, stop what is under way at its next look, and keep what that finished."""
        self._stop.set()
        for future in as_completed([future for future in self._tasks if not future.cancel()]):
            if future.exception() is None:
                keep(self._tasks[future], future.result())
