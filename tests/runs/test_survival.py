"""Runs that are killed, interrupted, and lose their workers."""

import multiprocessing
import os
import random
import signal
import time
from asyncio import CancelledError

import pytest

from mcpolar.errors import ResourceError
from mcpolar.runs import Store, run
from mcpolar.runs.observe import Task, compute
from mcpolar.runs.workers import Cluster
from tests.runs.plans import csv_of, many_blocks, run_until_interrupted, run_until_killed
from tests.runs.test_run import check_sound, finished


@pytest.fixture(scope="module")
def processes():
    """Processes forked from a server that has imported everything, so that a kill costs milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.runs.plans"])
    return context


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    store = tmp_path_factory.mktemp("whole") / "run.sqlite"
    run(many_blocks(), store)
    return csv_of(store)


def test_law_a_run_killed_at_any_moment_loses_nothing_that_was_stored(processes, whole, tmp_path):
    store = tmp_path / "run.sqlite"
    kept, killed, moments = set(), 0, random.Random(3)
    for attempt in range(8):
        process = processes.Process(target=run_until_killed, args=(store,))
        process.start()
        # every other one once it has stored something, the others as early as while it makes the store
        if attempt % 2:
            wait_until(lambda running=process: log_size(store) > 30_000 or not running.is_alive())
        time.sleep(moments.uniform(0.0, 0.05))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        if store.exists() and store.stat().st_size:
            now = finished(store)
            assert now >= kept
            check_sound(store)
            kept = now
    assert killed >= 4
    assert 0 < len(kept) < 200
    summary = run(many_blocks(), store, resume=True)
    assert summary.found == len(kept)
    assert csv_of(store) == whole


def test_an_interrupt_ends_cleanly(processes, whole, tmp_path):
    store = tmp_path / "run.sqlite"
    process = processes.Process(target=run_until_interrupted, args=(store,))
    process.start()
    wait_until(lambda: log_size(store) > 30_000)
    os.kill(process.pid, signal.SIGINT)
    process.join(20)
    assert process.exitcode == 130
    # it left a store at rest, without a log beside it
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]
    check_sound(store)
    run(many_blocks(), store, resume=True)
    assert csv_of(store) == whole


def test_law_a_dying_worker_of_a_cluster_changes_nothing(whole, tmp_path):
    distributed = pytest.importorskip("distributed")
    store = tmp_path / "run.sqlite"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as cluster:
        address, plan = cluster.scheduler_address, many_blocks(block=40)
        with pytest.raises(KeyboardInterrupt):
            run(plan, store, workers=4, scheduler=address, progress=after(2, interrupt))
        found = len(finished(store))
        assert 2 <= found < 20
        victim = next(iter(cluster.workers.values())).pid
        killing = after(3, lambda: os.kill(victim, signal.SIGKILL))
        summary = run(plan, store, workers=4, scheduler=address, resume=True, progress=killing)
    assert (summary.found, summary.computed, summary.blocks) == (found, 20 - found, 20)
    assert csv_of(store) == whole
    with Store(store) as opened:
        assert len(opened.sessions()) == 2


def log_size(store):
    """Return the size of the write-ahead log: it grows with every block."""
    log = store.with_name(store.name + "-wal")
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def after(calls: int, act):
    """Return a progress callback that acts at one of its calls."""
    numbers = iter(range(10**6))
    return lambda _: act() if next(numbers) == calls else None


def interrupt():
    raise KeyboardInterrupt


class KilledWorker(Exception):  # noqa: N818 - of the name of distributed's
    """A task was on too many workers that died."""


class TestLostBlocks:
    """A cluster played by a client whose futures end as they are told."""

    class Future:
        def __init__(self, task, fate):
            self.task, self.fate = task, fate
            self.status = "error" if isinstance(fate, MemoryError | KilledWorker) else "finished"

        def done(self):
            return True

        def result(self, timeout):
            if isinstance(self.fate, BaseException):
                raise self.fate
            return compute(self.task)

    class Client:
        status = "running"

        def __init__(self, *fates):
            self.fates = iter(fates)

        def submit(self, _, task, *, pure):
            return TestLostBlocks.Future(task, next(self.fates, None))

    def run(self, *fates):
        plan, kept = many_blocks(block=400), []
        cluster = Cluster(self.Client(*fates))
        cluster.submit(Task.of(plan, next(plan.blocks())))
        while cluster.waiting:
            cluster.collect(lambda task, result: kept.append(result))
        return kept

    def test_lost_blocks_are_sent_again(self):
        (whole,) = self.run()
        (again,) = self.run(TimeoutError(), OSError("comm closed"), CancelledError(), KilledWorker())
        assert {name: column.tolist() for name, column in again.columns.items()} == {
            name: column.tolist() for name, column in whole.columns.items()
        }

    def test_rejects_a_cluster_that_loses_every_time(self):
        with pytest.raises(ResourceError, match="the cluster lost a block 5 times"):
            self.run(*[KilledWorker()] * 9)

    def test_rejects_errors_of_the_block_itself(self):
        with pytest.raises(ResourceError, match="does not fit into memory"):
            self.run(MemoryError())

    def test_rejects_a_cluster_that_is_gone(self):
        cluster = Cluster(self.Client())
        plan = many_blocks(block=400)
        cluster.submit(Task.of(plan, next(plan.blocks())))
        for future in cluster._tasks:
            future.done = lambda: False
        cluster._client.status = "closed"
        with pytest.raises(ResourceError, match="the cluster is gone; finished blocks are kept"):
            cluster.collect(lambda *_: None)
