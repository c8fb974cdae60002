"""`mcpolar agents` and `mcpolar compare`: what they print is what the functions find."""

import json
import sys

import pytest

from mcpolar.agents import Keywords, measure, read_trace
from mcpolar.agents.flowers import FLOWERS, flower_documents
from mcpolar.errors import InputError


def called(run, *words):
    found = run(*words)
    return found.status, found.out, found.err


def test_reference_a_run_is_printed_resumed_and_measured(run, tmp_path):
    log = tmp_path / "log.jsonl"
    words = ("agents", "run", log, "--model", "fake", "--agents", "5", "--steps", "6", "--quiet")
    status, out, err = called(run, *words)
    assert status == 0
    assert "35 answers asked for, 0 taken from" in err
    found = measure(read_trace(log, Keywords(tuple(FLOWERS))))
    assert out.split(": ")[1].split() == [str(count) for count in found.n_silos[0]]
    assert run(*words).status == 2
    status, again, err = called(run, *words, "--resume")
    assert (status, again) == (0, out)
    assert "0 answers asked for, 35 taken from" in err
    status, table, _ = called(
        run, "agents", "measures", log, "--names", "flowers", "--window", "3", "--format", "json"
    )
    assert status == 0
    assert [row["silos"] for row in json.loads(table)] == found.n_silos[0].tolist()
    assert run("agents", "read", log, "--names", "flowers").out.startswith(
        "1 runs, 5 agents, 7 steps, 30 silos"
    )


def test_reference_compare_prints_the_distance(run, tmp_path):
    log = tmp_path / "log.jsonl"
    assert (
        run("agents", "run", log, "--model", "fake", "--agents", "6", "--steps", "8", "--quiet").status == 0
    )
    words = ("compare", log, "--names", "flowers", "--replicas", "20")
    status, out, _ = called(run, *words)
    assert status == 0
    assert "distance" in out
    assert "p-value" in out
    status, out, _ = called(run, *words, "--fit", "--designs", "4", "--memory", "1,2", "--quiet")
    assert status == 0
    assert "nearest mixture: sigma" in out


def test_rejects_abc_without_its_extra_and_numbers_that_are_none(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    table = tmp_path / "votes.csv"
    table.write_text("step,agent,text\n0,0,a\n0,1,b\n1,0,a\n1,1,a\n")
    for words, status, what in (
        (("--fit", "--method", "abc", "--quiet"), 3, "ABC needs the extra `fit`"),
        (("--method", "guess"), 2, "--method"),
        (("--sigma", "wide"), 2, "--sigma must be"),
        (("--sigma", "1,2"), 2, "--sigma must be one number without --fit"),
        (("--sigma", "0"), 2, "must be"),
        (("--mirror", "2"), 2, "--mirror must be"),
        (("--policy", "none"), 2, "--policy must be one of farthest"),
    ):
        found = run("compare", table, *words)
        assert (found.status, found.out, found.err.count("\n")) == (status, "", 1), found
        assert what in found.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("agents", "run", "x.jsonl", "--model", "gone.gguf"), "--model must be a GGUF file"),
        (("agents", "run", "x.jsonl", "--model", "http://127.0.0.1:1"), "--model must be an address, #"),
        (
            ("agents", "run", "x.jsonl", "--model", "fake", "--embedding", "x"),
            "--embedding must be minilm, fake",
        ),
        (("agents", "run", "x.jsonl", "--model", "fake", "--agents", "1"), "--agents"),
        (
            ("agents", "run", "x.jsonl", "--model", "fake", "--documents", "gone.txt"),
            "--documents must be a file",
        ),
        (("agents", "read", "gone.csv"), "must be a file that exists"),
        (("compare", "gone.csv"), "must be a file that exists"),
    ],
)
def test_rejects_in_one_line(run, tmp_path, monkeypatch, words, what):
    monkeypatch.chdir(tmp_path)
    status, out, err = called(run, *words)
    assert (status, out) == (2, "")
    assert what in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_law_thirty_flowers_have_a_document_each():
    documents = flower_documents(30)
    assert len({memory[0] for memory in documents}) == 30
    names = Keywords(tuple(FLOWERS))
    assert [names.of(memory[0]) for memory in documents] == list(range(30))
    with pytest.raises(InputError, match="`agents` must be a whole number from 1 to 30"):
        flower_documents(31)
