"""Runs that are killed, interrupted, and lose their workers."""

import multiprocessing
import os
import random
import signal
import time

import pytest

from mcpolar.runs import Store, run
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
    kept, interrupted, moments = set(), 0, random.Random(3)
    for _ in range(8):
        process = processes.Process(target=run_until_killed, args=(store,))
        process.start()
        time.sleep(moments.uniform(0.0, 0.25))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        interrupted += process.exitcode == -signal.SIGKILL
        if store.exists() and store.stat().st_size:
            now = finished(store)
            assert now >= kept
            check_sound(store)
            kept = now
    assert interrupted >= 4
    summary = run(many_blocks(), store, resume=True)
    assert summary.found == len(kept)
    assert csv_of(store) == whole


def test_an_interrupt_ends_cleanly(processes, whole, tmp_path):
    store = tmp_path / "run.sqlite"
    process = processes.Process(target=run_until_interrupted, args=(store,))
    process.start()
    while not store.exists() or store.stat().st_size < 8192:
        time.sleep(0.005)
    time.sleep(0.1)
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
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
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


def after(calls: int, act):
    """Return a progress callback that acts at one of its calls."""
    numbers = iter(range(10**6))
    return lambda _: act() if next(numbers) == calls else None


def interrupt():
    raise KeyboardInterrupt
