"""Who computes the blocks: threads of this process, or the workers of a dask.distributed cluster."""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

from mcpolar.errors import McpolarError, ResourceError
from mcpolar.parallel import Pool
from mcpolar.runs.observe import BlockResult, Task, compute

Keep: TypeAlias = Callable[[Task, BlockResult], None]

# Seconds to wait for the scheduler of a cluster, and for a result that a worker has ready.
_PATIENCE = 30.0
# Seconds between two looks at the blocks on a cluster.
_GLANCE = 0.01
# How often a block that was lost with its worker is sent again.
_MOST_TRIES = 5


class Workers(Protocol):
    """What the running of a plan asks of those who compute."""

    @property
    def waiting(self) -> int:
        """How many blocks were submitted and not yet kept."""

    def submit(self, task: Task) -> None:
        """Hand over a block."""

    def collect(self, keep: Keep) -> None:
        """Wait until at least one block is finished, and keep all that are; an error of a block is raised."""

    def salvage(self, keep: Keep) -> None:
        """Keep the blocks that are finished, and let go of the others."""


@contextmanager
def workers_at(scheduler: str | None, count: int) -> Iterator[Workers]:
    """Yield `count` threads, or those who work for the scheduler at an address.

    Raises
    ------
    ResourceError
        If the scheduler cannot be reached, or the extra `distributed` is missing.
    """
    if scheduler is None:
        with Pool(compute, count) as pool:
            yield Threads(pool)
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ResourceError(
            f"a scheduler needs the extra `distributed` ({error}): pip install 'mcpolar[distributed]'"
        ) from error
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ResourceError(f"cannot reach the scheduler {scheduler}: {error}") from error
    with client:
        yield Cluster(client)


class Threads:
    """Threads of this process; the compiled loops release the interpreter lock."""

    def __init__(self, pool: Pool[Task, BlockResult | None]) -> None:
        self._pool = pool

    @property
    def waiting(self) -> int:
        """How many blocks were submitted and not yet kept."""
        return self._pool.waiting

    def submit(self, task: Task) -> None:
        """Hand over a block."""
        self._pool.submit(task)

    def collect(self, keep: Keep) -> None:
        """Wait until at least one block is finished, and keep all that are."""
        with _speaking():
            self._pool.collect(_if_any(keep))

    def salvage(self, keep: Keep) -> None:
        """Keep the blocks that are finished, stop those under way at their next look, and keep what they finished."""
        self._pool.salvage(_if_any(keep))


def _if_any(keep: Keep) -> Callable[[Task, BlockResult | None], None]:
    """Return what keeps a result, and passes over a block that was stopped."""
    return lambda task, result: None if result is None else keep(task, result)


class Cluster:
    """The workers of a cluster, which may die: a block that is lost with one is sent again, to the same bits."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._tasks: dict[Any, tuple[Task, int]] = {}

    @property
    def waiting(self) -> int:
        """How many blocks were submitted and not yet kept."""
        return len(self._tasks)

    def submit(self, task: Task, tries: int = 1) -> None:
        """Hand over a block."""
        if tries > _MOST_TRIES:
            raise ResourceError(
                f"the cluster lost a block {_MOST_TRIES} times: its workers die or cannot be reached"
            )
        self._tasks[self._client.submit(compute, task, pure=False)] = (task, tries)

    def collect(self, keep: Keep) -> None:
        """Wait until at least one block is finished or lost; keep the finished, send the lost again."""
        while not (done := [future for future in self._tasks if future.done()]):
            if self._client.status != "running":
                raise ResourceError("the cluster is gone; finished blocks are kept")
            time.sleep(_GLANCE)
        for future in done:
            task, tries = self._tasks[future]
            result = self._result(future)
            if result is None:
                self.submit(task, tries + 1)
            else:
                keep(task, result)
            del self._tasks[future]

    def salvage(self, keep: Keep) -> None:
        """Keep the blocks that are finished; the scheduler forgets the others with this client."""
        for future, (task, _) in self._tasks.items():
            if future.status == "finished":
                result = self._result(future)
                if result is not None:
                    keep(task, result)

    def _result(self, future: Any) -> BlockResult | None:
        """Return the result, or None if it was lost; the block's own error is raised."""
        try:
            with _speaking():
                result: BlockResult = future.result(timeout=_PATIENCE)
        except (Exception, CancelledError) as error:
            if future.status == "error" and type(error).__name__ != "KilledWorker":
                raise
            return None
        return result


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn the errors that a block may end in into one line."""
    try:
        yield
    except MemoryError as error:
        raise ResourceError("a block does not fit into memory: use smaller blocks") from error
    except McpolarError:
        raise
    except OSError as error:
        raise ResourceError(f"a block failed: {error}") from error
