"""`mcpolar study`: a page of text, JSON, and options from a file."""

import json

import pytest

SMALL = ("study", "--agents", 4, "--memory", 1, "--sigma", "0.5", "--steps", 100, "--replicas", 64)


def test_reference_the_page_fits_a_terminal(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*SMALL)
    lines = result.out.splitlines()
    assert (result.status, lines[0]) == (0, "In short")
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in result.out
    assert any(line.startswith("  estimated  ") for line in lines)
    assert any(line.startswith("  certified  ") for line in lines)


def test_reference_json_goes_to_a_file(run, tmp_path):
    path = tmp_path / "study.json"
    assert run(*SMALL, "--start", "bipolar", "--output", path).status == 0
    record = json.loads(path.read_text())
    assert record["kind"] == "study"
    assert record["parameters"]["start"] == "bipolar, level 1"


def test_reference_verbose_says_what_is_done(run):
    result = run(*SMALL, "--verbose")
    assert result.status == 0
    lines = result.err.splitlines()
    assert all(line.startswith("mcpolar: ") for line in lines)
    assert any("64 runs of 100 steps" in line for line in lines)
    assert lines[-1].endswith("done, exit status 0")
    assert run(*SMALL).err.count("runs of") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--start", "north"), "--start must be one of random, undecided, polarized, bipolar, boundary"),
        (("--budget", "0"), "--budget must be a number of seconds above 0"),
        (("--split", "2"), "--split must be absent for the start 'undecided'"),
        (("--format", "csv"), "--format must be one of text, json; got csv"),
        (("--level", "0"), "--level must be a whole number from 1"),
    ],
)
def test_rejects_bad_words(run, words, message):
    result = run(*SMALL, *words)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
