import sys

import numpy as np
import pytest
import xarray

from mcpolar.chain import simulate
from mcpolar.errors import InputError, ResourceError
from mcpolar.parameters import ChainParameters
from mcpolar.runs import Cell, RunPlan, records_path, run
from tests.runs.plans import small
from tests.runs.test_run import csv_of, finished, interrupt_after


def recorded(block: int = 16, **options) -> RunPlan:
    plan = small(block, **options)
    return RunPlan(plan.cells, plan.replicas, plan.seed, block, trajectories=True)


def read(store, cell: int) -> xarray.Dataset:
    return xarray.open_zarr(records_path(store), group=f"cell_{cell}", consolidated=False)


def test_twin_trajectories_are_those_of_simulate(tmp_path):
    store = tmp_path / "run.sqlite"
    run(recorded(), store)
    run(small(), tmp_path / "bare.sqlite")
    assert csv_of(store) == csv_of(tmp_path / "bare.sqlite")
    for number, cell in enumerate(recorded().cells):
        path = simulate(
            cell.parameters,
            cell.ensemble.start,
            cell.steps,
            seed=5,
            cell=cell.key,
            replicas=50,
            every=cell.every,
        )
        dataset = read(store, number)
        assert dataset.log_odds.dims == ("replica", "record", "agent")
        assert dataset.step.to_numpy().tolist() == path.steps.tolist()
        assert dataset.log_odds.to_numpy().tobytes() == path.log_odds.tobytes()


def test_law_an_interrupted_run_has_the_same_trajectories(tmp_path):
    store, undisturbed = tmp_path / "run.sqlite", tmp_path / "undisturbed.sqlite"
    interrupt_after(2, recorded(), store)
    missing = next(block for block in recorded().blocks() if block not in finished(store))
    assert not np.isnan(read(store, 0).log_odds[:16]).any()
    assert missing.cell > 0 or missing.first > 0
    # killed between the making of the store and that of its arrays
    group = records_path(store) / "cell_2"
    for file in sorted(group.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    group.rmdir()
    redo = [block for block in finished(store) if block.cell == 2]
    assert redo == []
    run(recorded(), store, resume=True)
    run(recorded(block=100), undisturbed)
    for cell in range(3):
        assert read(store, cell).equals(read(undisturbed, cell))


def test_rejects_a_place_that_is_taken(tmp_path):
    (tmp_path / "run.zarr").mkdir()
    with pytest.raises(InputError, match="would be overwritten"):
        run(recorded(), tmp_path / "run.sqlite")


def test_rejects_a_missing_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ResourceError, match=r"extra `store`.*pip install"):
        run(recorded(), tmp_path / "run.sqlite")


def test_rejects_a_full_disk(tmp_path, monkeypatch):
    import errno

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mcpolar.runs.records.Records.write", full)
    with pytest.raises(ResourceError, match="No space left on device"):
        run(recorded(), tmp_path / "run.sqlite")
    assert not (tmp_path / "run.sqlite").exists()
    assert not records_path(tmp_path / "run.sqlite").exists()


def test_law_an_extended_run_has_the_trajectories_of_the_larger_one(tmp_path):
    store, fresh = tmp_path / "run.sqlite", tmp_path / "fresh.sqlite"
    run(longer(100, 50), store)
    summary = run(longer(153, 70), store, resume=True)
    assert summary.continued > 0
    run(longer(153, 70), fresh)
    assert read(store, 1).log_odds.equals(read(fresh, 0).log_odds)
    assert read(store, 1).step.equals(read(fresh, 0).step)


def longer(steps: int, replicas: int) -> RunPlan:
    cell = Cell(ChainParameters(m=4, r=2, sigma="0.4"), "random", steps, every=7)
    return RunPlan([cell], replicas, seed=5, block=16, trajectories=True)


@pytest.mark.parametrize("fault", ["flipped", "missing"])
def test_law_a_damaged_chunk_is_computed_anew(fault, tmp_path):
    store, fresh = tmp_path / "run.sqlite", tmp_path / "fresh.sqlite"
    run(recorded(), store)
    run(recorded(), fresh)
    chunk = records_path(store) / "cell_0" / "log_odds" / "1.0.0"
    if fault == "flipped":
        content = bytearray(chunk.read_bytes())
        content[len(content) // 2] ^= 4
        chunk.write_bytes(content)
    else:
        chunk.unlink()
    summary = run(recorded(), store, resume=True)
    assert (summary.damaged, summary.computed) == (1, 1)
    assert read(store, 0).equals(read(fresh, 0))
