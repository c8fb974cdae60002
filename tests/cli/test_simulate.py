"""`mcpolar simulate` against the contract."""

import csv
import io

import numpy as np
import pytest

from mcpolar.chain import Start, simulate
from mcpolar.parameters import ChainParameters

WORDS = (
    "simulate",
    "--agents",
    6,
    "--memory",
    2,
    "--sigma",
    "0.5",
    "--replicas",
    20,
    "--steps",
    60,
    "--seed",
    4,
)


def test_reference_summary_of_the_recorded_steps(run):
    result = run(*WORDS, "--every", 20, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [row["step"] for row in rows] == ["0", "20", "40", "60"]
    assert (rows[0]["plus_share"], rows[0]["one_silo"], rows[0]["level_lowest"]) == ("0.5", "0.0", "0.0")
    path = simulate(ChainParameters(6, 2, "0.5"), Start("undecided"), 60, seed=4, every=20, replicas=20)
    last = path.log_odds[:, -1]
    assert float(rows[-1]["plus_share"]) == pytest.approx((last > 0).mean())
    assert float(rows[-1]["one_silo"]) == pytest.approx(
        ((last > 0).all(axis=1) | (last < 0).all(axis=1)).mean()
    )
    assert float(rows[-1]["level_median"]) == pytest.approx(np.median(np.abs(last)) * 0.25)


@pytest.mark.parametrize("ending", ["npz", "nc"])
def test_law_the_same_seed_gives_the_same_bits_for_any_workers(run, tmp_path, ending):
    import xarray

    arrays = []
    for workers in (1, 2, 3):
        path = tmp_path / f"run{workers}.{ending}"
        assert run(*WORDS, "--workers", workers, "--output", path).status == 0
        if ending == "npz":
            arrays.append(np.load(path)["log_odds"])
        else:
            with xarray.open_dataset(path, engine="h5netcdf") as data:
                arrays.append(data["log_odds"].values)
    assert arrays[0].shape == (20, 21, 6)
    assert all(np.array_equal(array, arrays[0]) for array in arrays)


def test_reference_steps_by_an_expression(run):
    result = run(
        "simulate", "--agents", 5, "--replicas", 2, "--steps", "2*m*log(m)", "--every", 100, "--format", "csv"
    )
    assert [row["step"] for row in csv.DictReader(io.StringIO(result.out))] == ["0", "17"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--start", "somewhere"), "--start must be one of random, undecided, polarized, bipolar, boundary"),
        (("--start", "undecided", "--level", "2"), "--level must be absent"),
        (("--start", "polarized", "--split", "7"), "--split must be"),
        (("--replicas", "0"), "--replicas must be"),
        (("--every", "0"), "--every must be"),
        (("--steps", "1e30"), "--steps must be"),
        (("--sigma", "0"), "--sigma must be"),
        (("--output", "run.txt"), "--output must be"),
    ],
)
def test_rejects_bad_input_in_one_line(run, words, message):
    given = dict(zip(WORDS[1::2], WORDS[2::2], strict=True)) | dict(zip(words[::2], words[1::2], strict=True))
    result = run("simulate", *(part for pair in given.items() for part in pair))
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err


def test_rejects_a_missing_folder_before_simulating(run, tmp_path):
    result = run(*WORDS, "--output", tmp_path / "no" / "run.npz")
    assert (result.status, result.err.count("\n")) == (3, 1)
    assert "does not exist" in result.err


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_rejects_states_that_are_not_finite(run, tmp_path, bad):
    path = tmp_path / "state.npz"
    memory = np.ones((6, 2))
    memory[3, 1] = bad
    np.savez(path, log_odds=np.zeros(6), memory=memory)
    result = run(*WORDS, "--start", path)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert "--start must be a file of states whose memory is finite everywhere" in result.err
