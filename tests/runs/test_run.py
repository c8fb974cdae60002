import sqlite3
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpolar.chain import Ensemble
from mcpolar.entries import unpack
from mcpolar.errors import InputError, ResourceError
from mcpolar.parameters import ChainParameters
from mcpolar.runs import OBSERVABLES, Cell, RunPlan, Store, read_results, run
from mcpolar.runs import workers as workers_module
from mcpolar.runs.execute import KIND
from mcpolar.runs.plan import Block
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
        # resumed with another block size, what is there is not computed again
        summary = run(small(block=7), store, resume=True)
        assert summary.found == found
        assert sum(block.count for block in finished(store)) == 150
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

    @pytest.mark.parametrize(
        "fault",
        [
            "UPDATE block SET content = zeroblob(length(content)) WHERE id = 5",
            "UPDATE block SET first = first + 16 WHERE id = 5",
            "UPDATE block SET reach = reach + 1 WHERE id = 5",
            "UPDATE block SET cell = 3 - cell WHERE id = 2",
            "UPDATE block SET seconds = 7 WHERE id = 5",
            "UPDATE block SET digest = (SELECT digest FROM block WHERE id = 6) WHERE id = 5",
            "INSERT INTO block SELECT 99, 3, first, count, reach, session, finished, seconds, content, digest"
            " FROM block WHERE id = 5",
            "UPDATE cell SET identity = replace(identity, '0.3', '0.5') WHERE id = 2",
        ],
    )
    def test_law_a_changed_or_foreign_row_is_refused_and_computed_anew(self, fault, whole, tmp_path):
        store = tmp_path / "run.sqlite"
        run(small(), store)
        change(store, fault)
        with pytest.raises(
            ResourceError, match=r"of its blocks are damaged; to resume the run computes them"
        ):
            read_results(store)
        assert run(small(), store, resume=True).damaged > 0
        assert csv_of(store, small()) == whole

    def test_control_draws_that_depend_on_the_block_are_seen(self, whole, tmp_path, monkeypatch):
        advance = Ensemble.advance
        monkeypatch.setattr(
            Ensemble,
            "advance",
            lambda self, state, first, *steps: advance(self, state, first % 16, *steps),
        )
        run(small(), tmp_path / "run.sqlite")
        assert csv_of(tmp_path / "run.sqlite") != whole


CHAIN = {"m": 5, "r": 2, "k": 2}


def part(sigmas: list[str], replicas: int, steps: int, block: int = 8, **options) -> RunPlan:
    """A plan that others extend."""
    cells = [Cell(ChainParameters(sigma=sigma, **CHAIN), "random", steps, every=7) for sigma in sigmas]
    return RunPlan(cells, replicas, seed=3, block=block, **options)


class TestExtending:
    """Whatever plans went through a store, each has the bytes of a store of its own."""

    @pytest.mark.parametrize(
        ("larger", "computed", "continued"),
        [
            (part(["0.3", "0.5"], 40, 100), 6, 0),
            (part(["0.2", "0.3", "0.5"], 20, 100), 3, 0),
            (part(["0.3", "0.5"], 20, 150), 6, 6),
            (part(["0.3", "0.5"], 20, 105), 6, 6),
            (part(["0.5", "0.7"], 30, 131, block=5), 11, 3),
            (part(["0.3"], 11, 100), 0, 0),
        ],
        ids=["replicas", "cells", "steps", "steps on the grid", "all", "fewer"],
    )
    def test_law_an_extended_run_is_the_larger_run(self, larger, computed, continued, tmp_path):
        store, fresh = tmp_path / "run.sqlite", tmp_path / "fresh.sqlite"
        first = part(["0.3", "0.5"], 20, 100)
        run(first, store)
        before = csv_of(store)
        summary = run(larger, store, resume=True)
        assert (summary.computed, summary.continued) == (computed, continued)
        run(larger, fresh)
        assert csv_of(store, larger) == csv_of(fresh, larger) == csv_of(fresh)
        assert csv_of(store, first) == before

    @given(
        st.lists(
            st.tuples(
                st.lists(st.sampled_from(["0.2", "0.3", "0.30", "3e-1", "0.5"]), min_size=1, max_size=3),
                st.integers(1, 30),
                st.integers(0, 60),
                st.integers(1, 12),
            ),
            min_size=2,
            max_size=4,
        )
    )
    @settings(max_examples=15)
    def test_law_any_sequence_of_plans(self, plans):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for number, values in enumerate(plans):
                plan = part(*values)
                run(plan, folder / "run.sqlite", resume=True)
                run(plan, folder / f"{number}.sqlite")
                assert csv_of(folder / "run.sqlite", plan) == csv_of(folder / f"{number}.sqlite")

    def test_law_the_steps_before_are_not_computed_again(self, tmp_path, monkeypatch):
        store = tmp_path / "run.sqlite"
        run(part(["0.3"], 20, 100), store)
        taken, advance = [], Ensemble.advance

        def counted(self, state, first, first_step, n_steps):
            taken.append((first_step, n_steps))
            advance(self, state, first, first_step, n_steps)

        monkeypatch.setattr(Ensemble, "advance", counted)
        done = []
        run(part(["0.3"], 20, 150), store, resume=True, progress=done.append)
        assert min(step for step, _ in taken) == 100
        assert sum(done) == 20 * 150
        assert done[0] == 20 * 100

    def test_law_a_damaged_state_begins_at_the_start(self, tmp_path):
        store, longer = tmp_path / "run.sqlite", part(["0.3"], 20, 150)
        run(part(["0.3"], 20, 100), store)
        change(store, "UPDATE state SET content = zeroblob(length(content)) WHERE block = 2")
        run(longer, store, resume=True)
        run(longer, tmp_path / "fresh.sqlite")
        assert csv_of(store, longer) == csv_of(tmp_path / "fresh.sqlite")

    def test_law_equal_cells_are_one(self):
        assert len(part(["0.3", "0.30", "3e-1"], 5, 10).cells) == 1


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
            r"the store of this run \(its seed differ\)",
            InputError,
            small(replicas=9, seed=1),
        )

    def test_rejects_another_version(self, store, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setattr("mcpolar.__version__", "0.0.1")
            store.unlink()
            run(small(), store)
        self.rejected(store, r"made by mcpolar .* to be resumed \(made by 0.0.1\)", InputError)

    def test_rejects_a_newer_schema(self, store):
        change(store, "PRAGMA user_version = 9")
        self.rejected(store, "made by a newer mcpolar .schema 9; this one reads 2")
        change(store, "PRAGMA user_version = 1")
        self.rejected(store, "made by an older mcpolar .schema 1; this one reads 2")

    def test_rejects_another_application(self, store):
        change(store, "PRAGMA application_id = 1")
        self.rejected(store, "it is no store of mcpolar")

    def test_rejects_other_files(self, store):
        store.write_text("cell,replica\n0,0\n")
        self.rejected(store, "it is no store of mcpolar")

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
        with Store(store, KIND, small().identity(), resume=True):
            with pytest.raises(ResourceError, match="in use by another process"):
                run(small(), store, resume=True)
            with pytest.raises(ResourceError, match="in use by another process"):
                read_results(store)
        assert run(small(), store, resume=True).computed == 0

    def test_rejects_a_full_disk_and_keeps_what_is_finished(self, tmp_path, monkeypatch):
        store, plan, begin = tmp_path / "run.sqlite", small(replicas=400), Store._begin

        def nearly_full(self, *arguments):
            begin(self, *arguments)
            self._connection.execute("PRAGMA max_page_count = 24")

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
        assert list(tmp_path.iterdir()) == []

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
        cells = {identity: number for number, identity in enumerate(opened.cells)}
        places = [kept.place for kept in opened.kept()]
    return {Block(cells[place.cell], place.first, place.count) for place in places}


def change(store, statement: str) -> None:
    """Plant a fault."""
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute(statement)
    connection.close()


def check_sound(store) -> None:
    """Every finished block has all of its rows, and none is damaged."""
    with Store(store) as opened:
        assert opened.damaged == 0
        for kept in opened.kept():
            columns = unpack(opened.read(kept))
            assert {len(column) for column in columns.values()} == {kept.place.count}


def test_control_a_damaged_block_is_seen(tmp_path):
    store = tmp_path / "run.sqlite"
    run(small(), store)
    check_sound(store)
    change(store, "UPDATE block SET count = 9 WHERE id = 3")
    with pytest.raises(AssertionError):
        check_sound(store)


def test_every_observable_is_described():
    assert all(OBSERVABLES.values())
