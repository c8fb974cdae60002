import sqlite3
import sys
from pathlib import Path

import pytest

from mcpolar.errors import InputError, ResourceError
from mcpolar.runs import OBSERVABLES, Store, read_results, run
from mcpolar.runs import workers as workers_module
from tests.runs.plans import csv_of, small


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    """The table of the small plan from one worker and one block a cell."""
    store = tmp_path_factory.mktemp("whole") / "run.sqlite"
    summary = run(small(block=1000), store, workers=1)
    assert (summary.blocks, summary.found, summary.computed) == (3, 0, 3)
    return csv_of(store)


class TestReproducible:
    @pytest.mark.parametrize("workers", [1, 2, 3])
    @pytest.mark.parametrize("block", [16, 100])
    def test_law_workers_and_blocks_do_not_matter(self, whole, workers, block, tmp_path):
        run(small(block), tmp_path / "run.sqlite", workers=workers)
        assert csv_of(tmp_path / "run.sqlite") == whole

    def test_law_an_interrupted_run_is_the_same(self, whole, tmp_path):
        store = tmp_path / "run.sqlite"
        for blocks in (3, 5):
            interrupt_after(blocks, small(), store)
        found = len(finished(store))
        assert found >= 8
        # resumed with another block size, it keeps its own
        summary = run(small(block=7), store, resume=True)
        assert (summary.found, summary.found + summary.computed) == (found, 12)
        assert csv_of(store) == whole
        assert run(small(), store, resume=True).computed == 0
        with Store(store) as opened:
            assert len(opened.sessions()) == 4

    def test_law_a_block_computed_twice_gives_the_same_rows(self, whole, tmp_path):
        store = tmp_path / "run.sqlite"
        run(small(), store)
        change(store, "DELETE FROM block WHERE cell = 1")
        assert run(small(), store, resume=True).computed == 4
        assert csv_of(store) == whole

    def test_control_a_changed_row_is_seen(self, whole, tmp_path):
        store = tmp_path / "run.sqlite"
        run(small(), store)
        change(store, "UPDATE result SET agents_plus = 5 - agents_plus WHERE cell = 1 AND replica = 17")
        assert csv_of(store) != whole

    def test_control_draws_that_depend_on_the_block_are_seen(self, whole, tmp_path, monkeypatch):
        from mcpolar.chain import Ensemble

        advance = Ensemble.advance
        monkeypatch.setattr(
            Ensemble,
            "advance",
            lambda self, odds, memory, first, *steps: advance(self, odds, memory, first % 16, *steps),
        )
        run(small(), tmp_path / "run.sqlite")
        assert csv_of(tmp_path / "run.sqlite") != whole


class TestInterrupts:
    def test_progress_adds_up_also_when_resumed(self, tmp_path):
        done = []
        run(small(), tmp_path / "run.sqlite", progress=done.append)
        assert sum(done) == small().n_steps
        again = []
        run(small(), tmp_path / "run.sqlite", resume=True, progress=again.append)
        assert again == [small().n_steps]

    def test_finished_blocks_are_stored_before_the_interrupt_goes_on(self, tmp_path):
        store = tmp_path / "run.sqlite"
        interrupt_after(2, small(), store)
        kept = finished(store)
        assert len(kept) >= 2
        check_sound(store)

    def test_an_error_of_a_block_keeps_the_others(self, tmp_path, monkeypatch):
        compute = workers_module.compute

        def failing(task, *stopped):
            if task.block.cell == 1:
                raise MemoryError
            return compute(task, *stopped)

        monkeypatch.setattr(workers_module, "compute", failing)
        with pytest.raises(ResourceError, match="does not fit into memory: use smaller blocks"):
            run(small(), tmp_path / "run.sqlite", workers=1)
        assert {block.cell for block in finished(tmp_path / "run.sqlite")} == {0}
        check_sound(tmp_path / "run.sqlite")


class TestRejects:
    @pytest.fixture
    def store(self, tmp_path) -> Path:
        path = tmp_path / "run.sqlite"
        run(small(), path)
        return path

    def rejected(self, store, match, error=ResourceError, plan=None, **options):
        """The run is refused in one line, and the file is left byte by byte."""
        before = store.read_bytes() if store.is_file() else None
        with pytest.raises(error, match=match) as caught:
            run(plan or small(), store, **{"resume": True, **options})
        assert "\n" not in str(caught.value)
        assert (store.read_bytes() if store.is_file() else None) == before
        assert [file.name for file in store.parent.iterdir()] == ([store.name] if store.exists() else [])

    def test_rejects_a_store_that_is_there(self, store):
        self.rejected(store, "`store` must be a new file, unless .* resumed", InputError, resume=False)

    def test_rejects_another_plan(self, store):
        self.rejected(
            store,
            r"the store of this plan \(its seed and replicas differ\)",
            InputError,
            small(replicas=9, seed=1),
        )

    def test_rejects_another_version(self, store):
        change(store, "UPDATE plan SET version = '0.0.1'")
        self.rejected(store, r"made by mcpolar .* to be resumed \(made by 0.0.1\)", InputError)

    def test_rejects_a_newer_schema(self, store):
        change(store, "PRAGMA user_version = 2")
        self.rejected(store, "made by a newer mcpolar .schema 2; this one reads 1")

    def test_rejects_another_application(self, store):
        change(store, "PRAGMA application_id = 1")
        self.rejected(store, "it is no store of a run")

    def test_rejects_other_files(self, store):
        store.write_text("cell,replica\n0,0\n")
        self.rejected(store, "it is no store of a run")

    @pytest.mark.parametrize("place", [slice(4096, None), slice(-4096, None)])
    def test_rejects_a_damaged_file(self, place, store):
        content = bytearray(store.read_bytes())
        content[place] = b"\x5a" * len(content[place])
        store.write_bytes(content)
        self.rejected(store, "damaged")

    def test_rejects_a_file_cut_short(self, store):
        store.write_bytes(store.read_bytes()[:5000])
        self.rejected(store, "damaged")

    def test_rejects_a_missing_folder_and_a_folder(self, tmp_path):
        with pytest.raises(ResourceError, match="the folder .* does not exist"):
            run(small(), tmp_path / "absent" / "run.sqlite")
        with pytest.raises(ResourceError, match="Is a directory"):
            run(small(), tmp_path)

    def test_rejects_a_store_in_use(self, store):
        with Store(store, small(), resume=True):
            with pytest.raises(ResourceError, match="in use by another process"):
                run(small(), store, resume=True)
            with pytest.raises(ResourceError, match="in use by another process"):
                read_results(store)
        assert run(small(), store, resume=True).computed == 0

    def test_rejects_a_full_disk_and_keeps_what_is_finished(self, tmp_path, monkeypatch):
        store, plan, begin = tmp_path / "run.sqlite", small(replicas=400), Store._begin

        def nearly_full(self, *arguments):
            begin(self, *arguments)
            self._connection.execute("PRAGMA max_page_count = 12")

        with monkeypatch.context() as patched:
            patched.setattr(Store, "_begin", nearly_full)
            with pytest.raises(ResourceError, match="the disk is full; finished blocks are kept"):
                run(plan, store)
        assert 0 < len(finished(store)) < 75
        check_sound(store)
        run(plan, store, resume=True)
        run(plan, tmp_path / "undisturbed.sqlite")
        assert csv_of(store) == csv_of(tmp_path / "undisturbed.sqlite")

    def test_rejects_a_missing_store(self, tmp_path):
        with pytest.raises(ResourceError, match="no such store"):
            read_results(tmp_path / "run.sqlite")
        assert list(tmp_path.iterdir()) == []

    def test_rejects_workers(self, tmp_path):
        with pytest.raises(InputError, match="`workers` must be"):
            run(small(), tmp_path / "run.sqlite", workers=0)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
    def test_rejects_a_scheduler_that_is_not_there(self, address, tmp_path, monkeypatch):
        pytest.importorskip("distributed")
        monkeypatch.setattr(workers_module, "_PATIENCE", 0.2)
        with pytest.raises(ResourceError, match=f"cannot reach the scheduler {address}"):
            run(small(), tmp_path / "run.sqlite", scheduler=address)

    def test_rejects_a_scheduler_without_the_extra(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "distributed", None)
        with pytest.raises(ResourceError, match=r"extra `distributed`.*pip install"):
            run(small(), tmp_path / "run.sqlite", scheduler="tcp://127.0.0.1:1")


def test_a_store_at_rest_is_one_plain_file(tmp_path):
    run(small(), tmp_path / "run.sqlite")
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]
    # of the rollback format: a file of the write-ahead format cannot be read where nothing can be written
    assert (tmp_path / "run.sqlite").read_bytes()[18:20] == b"\x01\x01"


def test_a_store_left_empty_by_a_killed_process_is_made_anew(whole, tmp_path):
    store = tmp_path / "run.sqlite"
    store.touch()
    run(small(), store, resume=True)
    assert csv_of(store) == whole


def interrupt_after(blocks: int, plan, store) -> None:
    """Run, and interrupt the main thread once some more blocks are stored."""
    calls = iter(range(10**6))

    def progress(_):
        if next(calls) == blocks:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, store, workers=2, resume=True, progress=progress)


def finished(store) -> set:
    with Store(store) as opened:
        return opened.finished()


def change(store, statement: str) -> None:
    """Plant a fault."""
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute(statement)
    connection.close()


def check_sound(store) -> None:
    """Every finished block has all of its rows, and no other rows are there."""
    with Store(store) as opened:
        rows = [row[:2] for row in opened.results()]
        blocks = sorted(opened.finished(), key=lambda block: (block.cell, block.first))
    expected = [(b.cell, replica) for b in blocks for replica in range(b.first, b.first + b.count)]
    assert rows == expected


def test_control_half_a_block_is_seen(tmp_path):
    store = tmp_path / "run.sqlite"
    run(small(), store)
    check_sound(store)
    change(store, "DELETE FROM result WHERE cell = 2 AND replica = 20")
    with pytest.raises(AssertionError):
        check_sound(store)


def test_every_observable_is_described():
    assert all(OBSERVABLES.values())
