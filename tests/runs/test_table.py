import json
import sys

import numpy as np
import pandas as pd
import pytest
import xarray

from mcpolar.entries import unpack
from mcpolar.errors import InputError, ResourceError
from mcpolar.runs import OBSERVABLES, Store, read_results, run, write_results
from mcpolar.runs.observe import NEVER
from mcpolar.runs.table import CELL_COLUMNS, ENDINGS
from tests.runs.plans import small
from tests.runs.test_run import interrupt_after

INDICES = ("cell", "replica", "start")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "run.sqlite"
    run(small(), path)
    return path


@pytest.fixture(scope="module")
def table(store):
    return read_results(store)


def test_a_row_a_replica(table):
    assert list(table.columns) == ["cell", *CELL_COLUMNS, "replica", *OBSERVABLES, "seed"]
    assert table["seed"].unique().tolist() == ["5"]
    assert table[["cell", "replica"]].to_numpy().tolist() == [[c, r] for c in range(3) for r in range(50)]
    assert table.attrs["seed"] == "5"
    cells = table.drop_duplicates("cell").set_index("cell")
    assert cells["sigma"].tolist() == ["0.4", "0.3", "0.5"]
    assert cells["k"].isna().tolist() == [True, False, True]
    assert cells["mirror"].tolist()[1] == "0.25"
    assert cells["start"].tolist() == ["random", "undecided", "boundary level=2 split=2"]
    assert cells["every"].tolist() == [6, 7, 1]


def test_a_time_that_did_not_come_is_missing(table, store):
    with Store(store) as opened:
        columns = [unpack(opened.read(kept)) for kept in opened.kept()]
    missing = sum(int((column["exit_time"] == NEVER).sum()) for column in columns)
    assert table["exit_time"].isna().sum() == missing
    assert 0 < table["exit_time"].isna().sum() < len(table)
    assert (table["exit_time"].dropna() > table["hitting_time"][table["exit_time"].notna()]).all()


def test_csv_and_parquet_give_the_table_again(table, store, tmp_path):
    for ending in (".csv", ".parquet"):
        write_results(store, tmp_path / f"table{ending}")
    texts = dict.fromkeys(("sigma", "mirror", "start", "level", "seed"), "string")
    whole = {name: "Int64" for name, dtype in table.dtypes.items() if str(dtype) == "Int64"}
    # the one column of doubles is read by Python: how pandas rounds depends on its version
    types = {**texts, **whole, "smallest_log_odds": str}
    back = pd.read_csv(tmp_path / "table.csv", dtype=types)
    back["smallest_log_odds"] = back["smallest_log_odds"].map(float)
    pd.testing.assert_frame_equal(back, table, check_exact=True)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), table)


def test_netcdf_has_cells_and_replicas(table, store, tmp_path):
    write_results(store, tmp_path / "table.nc")
    with xarray.open_dataset(tmp_path / "table.nc", engine="h5netcdf") as dataset:
        assert dict(dataset.sizes) == {"cell": 3, "replica": 50}
        assert dataset.sigma.to_numpy().tolist() == [0.4, 0.3, 0.5]
        assert np.isnan(dataset.mirror.to_numpy()).tolist() == [True, False, True]
        assert dataset.hitting_time.attrs["units"] == "steps"
        assert all(dataset[name].attrs["units"] for name in dataset.variables if name not in INDICES)
        cells = json.loads(dataset.attrs["cells"])
        assert [one["sigma"] for one in cells] == ["0.4", "0.3", "0.5"]
        assert (cells[0]["mirror"], cells[1]["mirror"], cells[0]["m"]) == (None, "0.25", "6")
        assert dataset.k.to_numpy().tolist()[1] == 2
        assert dataset.attrs["seed"] == "5"
        assert dataset.exit_time.attrs["description"] == OBSERVABLES["exit_time"]
        for name in OBSERVABLES:
            expected = table[name].astype("float64").to_numpy().reshape(3, 50)
            np.testing.assert_array_equal(dataset[name].to_numpy(), expected)


def test_an_unfinished_run_gives_what_is_there(tmp_path):
    store = tmp_path / "run.sqlite"
    interrupt_after(1, small(), store)
    table = read_results(store)
    assert 0 < len(table) < 150
    write_results(store, tmp_path / "table.nc")


@pytest.mark.parametrize("ending", ENDINGS)
def test_files_are_whole_or_absent(ending, store, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    monkeypatch.setattr(xarray.Dataset, "to_netcdf", full)
    with pytest.raises(ResourceError, match="No space left on device"):
        write_results(store, tmp_path / f"table{ending}")
    assert list(tmp_path.iterdir()) == []


def test_rejects_other_endings(store, tmp_path):
    with pytest.raises(InputError, match="a file that ends in .csv, .parquet, .nc"):
        write_results(store, tmp_path / "table.xlsx")


@pytest.mark.parametrize(
    ("ending", "module", "extra"), [(".parquet", "pyarrow", "parquet"), (".nc", "xarray", "store")]
)
def test_rejects_a_missing_extra(ending, module, extra, store, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ResourceError, match=f"need the extra `{extra}`: pip install"):
        write_results(store, tmp_path / f"table{ending}")
    assert list(tmp_path.iterdir()) == []
