"""`mcpolar agents figure|sketch|chain`: files whole or absent, and one line for what is wrong."""

import json

import pytest

from tests.agents.test_figures import HALF, NAMES, make_grid


@pytest.fixture
def grid(tmp_path):
    return make_grid(tmp_path)


@pytest.mark.parametrize("name", ["fig2", "fig3", "fig5", "fig6"])
def test_law_every_figure_is_drawn_and_says_what_it_is_of(run, tmp_path, grid, name):
    paths, _ = grid
    chosen = [path for path in paths if path.stem.startswith("output5_3_")] if name == "fig6" else paths
    folder = tmp_path / "figures"
    found = run("agents", "figure", name, *chosen, "--names", ",".join(NAMES), "--output-dir", folder)
    assert (found.status, found.out) == (0, "")
    stem = f"agents-{name}"
    assert {path.name for path in folder.iterdir()} == {
        f"{stem}{end}" for end in (".csv", ".json", ".pdf", ".png")
    }
    record = json.loads((folder / f"{stem}.json").read_text())
    assert record["figure"] == name
    assert record["parameters"]["last_step"] == 2 * HALF - 1
    assert len(record["summary"]) == {"fig3": 4, "fig6": 2 * HALF}.get(name, 0)
    again = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert (
        run("agents", "figure", name, *chosen, "--names", ",".join(NAMES), "--output-dir", folder).status == 0
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == again


def test_rejects_figures_without_what_they_show(run, tmp_path, grid):
    paths, _ = grid
    table = tmp_path / "votes.csv"
    table.write_text("step,agent,text\n0,0,a\n0,1,b\n1,0,a\n1,1,a\n")
    for words, what in (
        (("fig3", table), "mirror probability and neighbourhood are not known"),
        (("fig5", table), "mirror probability and neighbourhood are not known"),
        (("fig6", *paths), "runs of one mirror probability and neighbourhood size"),
        (("fig8", table), "fig2"),
        (("fig2", table, table), "different files"),
    ):
        found = run("agents", "figure", *words, "--output-dir", tmp_path / "no")
        assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)
        assert what in found.err
        assert not (tmp_path / "no").exists()


def test_reference_a_sketch_from_a_log_in_one_command(run, tmp_path):
    pytest.importorskip("sklearn")
    log, answers, folder = tmp_path / "log.jsonl", tmp_path / "answers.jsonl", tmp_path / "figures"
    words = ("agents", "run", log, "--model", "fake", "--agents", "8", "--steps", "3", "-k", "1", "--quiet")
    assert run(*words).status == 0
    before = log.read_bytes()
    questions = tmp_path / "questions.txt"
    questions.write_text("".join(f"Question {number}?\n" for number in range(6)))
    sketch = ("agents", "sketch", log, answers, "--model", "fake", "--questions", questions, "--quiet")
    options = ("--permutations", "99", "--output-dir", folder)
    found = run(*sketch, *options)
    assert found.status == 0, found
    assert [line.split()[0] for line in found.out.splitlines()] == ["before", "after", "growth"]
    assert log.read_bytes() == before
    kinds = {path.name for path in folder.iterdir()}
    assert kinds == {f"agents-fig8{end}" for end in (".csv", ".json", ".pdf", ".png")}
    record = json.loads((folder / "agents-fig8.json").read_text())
    assert set(record["tests"]) == {"before", "after", "growth"}
    assert len(record["mixtures_after"]) == 8
    assert len((folder / "agents-fig8.csv").read_text().splitlines()) == 1 + 2 * 8 * 6
    kept = answers.read_bytes()
    again = run(*sketch, *options, "--resume")
    assert (again.status, again.out) == (0, found.out)
    assert answers.read_bytes() == kept
    for more, what in (((), "resumed"), (("--step", "9"), "3"), (("--step", "2", "--resume"), "settings")):
        refused = run(*sketch, *options, *more)
        assert (refused.status, refused.out, refused.err.count("\n")) == (2, "", 1)
        assert what in refused.err
    assert answers.read_bytes() == kept


def test_rejects_a_sketch_of_one_silo(run, tmp_path):
    pytest.importorskip("sklearn")
    log = tmp_path / "log.jsonl"
    words = ("agents", "run", log, "--model", "fake", "--agents", "2", "--steps", "4", "--quiet")
    assert run(*words, "--documents", documents(tmp_path, "rose\nrose\n")).status == 0
    found = run(
        "agents", "sketch", log, tmp_path / "a.jsonl", "--model", "fake", "--documents", tmp_path / "d.txt"
    )
    assert found.status == 2
    assert "at which there are at least two silos" in found.err
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"answers": "."}, "ANSWERS must be a file"),
        ({"answers": "other.jsonl"}, "ANSWERS must be a log"),
        ({"log": "other.jsonl"}, "LOG must be a log"),
        ({"--components": "-1"}, "--components must be a whole number from 1 to half"),
        ({"--components": "9"}, "--components must be a whole number from 1 to half"),
        ({"--permutations": "0"}, "--permutations must be"),
        ({"--concurrency": "0"}, "--concurrency must be"),
        ({"--seed": "-1"}, "--seed must be"),
        ({"--step": "9"}, "--step must be"),
        ({"--output-dir": "other.jsonl/x"}, "cannot write"),
        ({"--output-dir": "f" * 300}, "cannot write"),
    ],
)
def test_rejects_a_sketch_by_the_name_of_what_is_wrong_and_leaves_nothing(
    run, tmp_path, monkeypatch, given, what
):
    pytest.importorskip("sklearn")
    monkeypatch.chdir(tmp_path)
    words = ("--model", "fake", "--agents", "4", "--steps", "2", "-k", "1", "--quiet")
    assert run("agents", "run", "log.jsonl", *words).status == 0
    (tmp_path / "other.jsonl").write_text('{"format": "other"}\n')
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    chosen = {"log": "log.jsonl", "answers": "a.jsonl", "--step": "0", "--output-dir": "new"} | given
    log, answers = chosen.pop("log"), chosen.pop("answers")
    options = [word for pair in chosen.items() for word in pair]
    found = run("agents", "sketch", log, answers, "--model", "fake", *options)
    assert (found.status in (2, 3), found.out, found.err.count("\n")) == (True, "", 1)
    assert what in found.err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def documents(folder, text):
    (folder / "d.txt").write_text(text)
    return folder / "d.txt"


def test_reference_the_chain_of_the_number_of_silos(run, tmp_path):
    table = tmp_path / "votes.csv"
    table.write_text(
        "step,agent,text\n"
        + "".join(
            f"{t},{i},{x}\n"
            for t, row in enumerate(("ab", "ab", "ab", "aa", "aa"))
            for i, x in enumerate(row)
        )
    )
    found = run("agents", "chain", table, "--format", "json")
    assert found.status == 0
    rows = json.loads(found.out)
    assert [(row["silos"], row["transitions"]) for row in rows] == [(1, 1), (2, 3)]
    assert rows[1]["time_to_one_silo"] == pytest.approx(3.0, rel=1e-9)
    assert rows[1]["time_to_one_silo_low"] <= 3.0 <= rows[1]["time_to_one_silo_high"]
