"""`mcpolar run`: a grid in a store, resumed to the same bytes."""

import json

import pandas
import pytest

WORDS = (
    "--agents",
    6,
    "--memory",
    "1:2",
    "--sigma",
    "0.3,0.5",
    "--replicas",
    40,
    "--steps",
    60,
    "--block",
    16,
)


def test_reference_a_grid_of_cells(run, tmp_path):
    path, table = tmp_path / "r.sqlite", tmp_path / "r.csv"
    result = run("run", path, *WORDS, "--output", table)
    assert result.status == 0, result.err
    assert "4 cells, 40 replicas each; 12 blocks computed, 0 found" in result.out
    frame = pandas.read_csv(table)
    assert len(frame) == 160
    assert sorted(set(zip(frame["r"], frame["sigma"], strict=True))) == [
        (1, 0.3),
        (1, 0.5),
        (2, 0.3),
        (2, 0.5),
    ]


def test_law_resuming_and_other_blocks_give_the_same_bytes(run, tmp_path):
    tables = []
    for number, (block, workers) in enumerate([(16, 1), (100, 2), (7, 3)]):
        table = tmp_path / f"{number}.csv"
        words = [*WORDS[:-1], block, "--workers", workers, "--output", table]
        assert run("run", tmp_path / f"{number}.sqlite", *words).status == 0
        tables.append(table.read_bytes())
    assert tables[0] == tables[1] == tables[2]
    again = tmp_path / "again.csv"
    result = run("run", tmp_path / "0.sqlite", *WORDS, "--resume", "--output", again)
    assert "0 blocks computed, 12 found" in result.out
    assert again.read_bytes() == tables[0]


def test_reference_progress_as_json_lines(run, tmp_path):
    result = run("run", tmp_path / "r.sqlite", *WORDS, "--progress", "json")
    records = [json.loads(line) for line in result.err.splitlines() if line.startswith("{")]
    assert records[-1]["done"] == records[-1]["total"] == 4 * 40 * 60
    assert records[-1]["per_second"] > 0


def test_law_quiet_prints_no_progress(run, tmp_path):
    result = run("run", tmp_path / "r.sqlite", *WORDS, "--progress", "json", "--quiet")
    assert not any(line.startswith("{") for line in result.err.splitlines())


def test_reference_one_replica_alone_is_that_of_the_ensemble(run, tmp_path):
    import numpy as np

    words = (
        "simulate",
        "--agents",
        6,
        "--memory",
        2,
        "--sigma",
        "0.5",
        "--steps",
        60,
        "--seed",
        4,
        "--start",
        "random",
    )
    assert run(*words, "--replicas", 20, "--output", tmp_path / "all.npz").status == 0
    assert run(*words, "--replica", 17, "--output", tmp_path / "one.npz").status == 0
    together, alone = (np.load(tmp_path / name)["log_odds"] for name in ("all.npz", "one.npz"))
    assert alone.shape[0] == 1
    assert np.array_equal(together[17], alone[0])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--agents", "0"), "--agents must be"),
        (("--agents", "1:2:0"), "--agents must be a list"),
        (("--sigma", "0.3,x"), "--sigma must be a list"),
        (("--memory", "1.5"), "all whole numbers"),
        (("--start", "nowhere"), "--start must be one of"),
        (("--start", "undecided", "--start-level", "2"), "--start-level must be absent"),
        (("--block", "0"), "--block must be"),
        (("--output", "r.txt"), "--output must be a file that ends in"),
        (("--level", "0"), "--level must be"),
    ],
)
def test_rejects_bad_input_in_one_line(run, tmp_path, words, message):
    given = dict(zip(WORDS[::2], WORDS[1::2], strict=True)) | dict(zip(words[::2], words[1::2], strict=True))
    result = run("run", tmp_path / "r.sqlite", *(part for pair in given.items() for part in pair))
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
    assert list(tmp_path.iterdir()) == []


def test_rejects_a_store_that_is_there_and_one_of_another_plan(run, tmp_path):
    path = tmp_path / "r.sqlite"
    assert run("run", path, *WORDS).status == 0
    before = path.read_bytes()
    result = run("run", path, *WORDS)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert "STORE must be a new file" in result.err
    result = run("run", path, *WORDS, "--seed", 2, "--resume")
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert path.read_bytes() == before


def test_rejects_a_file_that_is_no_store(run, tmp_path):
    path = tmp_path / "r.sqlite"
    path.write_text("not a store")
    result = run("run", path, *WORDS, "--resume")
    assert (result.status, result.err.count("\n")) == (3, 1)
    assert path.read_text() == "not a store"


def test_law_a_local_cluster_gives_the_same_bytes(run, tmp_path):
    tables = []
    for name, words in (("threads", ()), ("cluster", ("--scheduler", "local", "--workers", 2))):
        table = tmp_path / f"{name}.csv"
        result = run("run", tmp_path / f"{name}.sqlite", *WORDS, *words, "--output", table)
        assert result.status == 0, result.err
        tables.append(table.read_bytes())
    assert tables[0] == tables[1]
