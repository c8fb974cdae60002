"""Blocks of replicas over threads: in order, all of them, whatever the workers; stopped when nobody waits any more."""

import os
import threading
import time

import pytest

from mcpolar.errors import InputError, ResourceError
from mcpolar.parallel import is_stopped, n_threads, over_blocks


def pairs(*given, **options):
    return list(over_blocks(lambda first, count: (first, count), *given, **options))


@pytest.mark.parametrize("workers", [1, 2, 7, None])
def test_law_blocks_cover_all_replicas_once_and_in_order(workers):
    done = []
    assert pairs(10, 1, workers=workers, size=4, first=3, progress=done.append) == [(3, 4), (7, 4), (11, 2)]
    assert done == [4, 4, 2]
    assert pairs(0, 1, workers=workers) == []
    assert pairs(3, 1, size=1) == [(0, 1), (1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("steps", "size"), [(0, 256), (1, 256), (15_625, 256), (16_000, 250), (4_000_000, 1), (5_000_000, 1)]
)
def test_reference_a_block_is_four_million_updates_and_at_most_256_replicas(steps, size):
    assert pairs(300, steps, workers=1)[0] == (0, size)


def test_law_results_are_in_order_though_the_first_block_ends_last():
    def work(first, count):
        time.sleep(0.2 if first == 0 else 0)
        return first

    assert list(over_blocks(work, 40, 1, workers=4, size=1)) == list(range(40))


def test_law_only_so_many_blocks_are_ahead_of_who_takes_them():
    begun = []
    blocks = over_blocks(lambda first, count: begun.append(first), 1000, 1, workers=2, size=1)
    next(blocks)
    time.sleep(0.3)
    assert 16 <= len(begun) <= 18  # eight a worker, the one that was taken, and the next
    blocks.close()


def test_law_work_is_told_to_stop_when_nobody_waits_for_it():
    told, going = threading.Event(), threading.Event()

    def work(first, count):
        going.set()
        for _ in range(200):
            if is_stopped():
                told.set()
                return
            time.sleep(0.02)

    def fail(count):
        raise KeyboardInterrupt

    def first_fails(first, count):
        return None if first == 0 else work(first, count)

    with pytest.raises(KeyboardInterrupt):
        list(over_blocks(first_fails, 2, 1, workers=2, size=1, progress=lambda _: going.wait(5) and fail(0)))
    assert told.wait(3)
    assert not is_stopped()  # this thread is no worker


def test_law_an_error_of_a_block_is_raised():
    def work(first, count):
        if first == 2:
            raise ZeroDivisionError
        return first

    blocks, seen = over_blocks(work, 4, 1, workers=1, size=1), []
    with pytest.raises(ZeroDivisionError):
        for block in blocks:
            seen.append(block)
    assert seen == [0, 1]


def test_law_threads():
    assert n_threads(None) == (os.cpu_count() or 1)
    assert (n_threads(1), n_threads(1024)) == (1, 1024)
    for workers in (0, -1, 1025, 1.0, True):
        with pytest.raises(InputError, match="`workers` must be a whole number from 1 to 1024; got"):
            list(over_blocks(lambda *_: None, 1, 1, workers=workers))


def test_rejects_more_replicas_than_memory_has_room_for(monkeypatch):
    monkeypatch.setattr("mcpolar.limits.free_memory", lambda: 800)
    assert len(pairs(100, 1)) == 1
    with pytest.raises(ResourceError, match="ask for fewer replicas"):
        pairs(101, 1)
