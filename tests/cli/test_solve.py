"""`mcpolar solve`: what it prints, as JSON and as text, and what it refuses."""

import json

import pytest

SIGMA = ("solve", "theorem2", "--for", "sigma", "--at-least", "0.95", "--level", 1, "--steps", "10*m*log(m)")


def test_reference_json_of_a_solution(run):
    result = run(*SIGMA, "--format", "json")
    record = json.loads(result.out)
    assert result.status == 0
    assert (record["kind"], record["solved_for"], record["sense"]) == ("solution", "sigma", "largest")
    assert (record["answer"], record["beyond"]["value"]) == ("0.1233191", "0.1233192")
    assert record["beyond"]["certified"]
    assert record["direction"]["status"] == "proved"


def test_reference_text_fits_a_terminal_and_says_both_sides(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = run(*SIGMA).out.splitlines()
    assert lines[0] == "theorem2: sigma 0.1233191 is the largest with a bound of at least 0.95"
    assert "  at sigma 0.1233191:  P >= 9.500000e-01   certified" in lines
    assert "  at sigma 0.1233192:  the bound is at most 9.499995e-01   certified: less than 0.95" in lines
    assert max(map(len, lines)) <= 90


def test_reference_an_estimate_is_a_range_with_its_trials(run):
    words = ("solve", "theorem2", "--for", "steps", "--at-least", "0.5", "--agents", 3, "--memory", 1)
    result = run(*words, "--estimate", "--replicas", 500, "--level", 1, "--sigma", "0.3", "--format", "json")
    record = json.loads(result.out)
    assert record["kind"] == "crossing"
    assert record["inside"] < record["outside"]
    assert {"value", "low", "high", "replicas"} <= set(record["trials"][0])
    text = run(*words, "--estimate", "--replicas", 500, "--level", 1, "--sigma", "0.3").out
    assert f"is between {record['inside']} and {record['outside']}" in text
    assert "at least p" in text
    assert "less than p" in text


def test_reference_output_names_the_format(run, tmp_path):
    path = tmp_path / "a.json"
    assert run(*SIGMA, "--output", path).status == 0
    assert json.loads(path.read_text())["kind"] == "solution"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--for", "hue"),
            "--for must be one of agents, memory, sigma, neighbours, mirror, level, steps, split",
        ),
        (("--at-least", "2"), "--at-least must be a number from 1e-10000 to"),
        (("--start", "bipolar"), "--start must be absent without --estimate"),
        (("--seed", "-1"), "--seed must be a whole number from 0"),
        (("--replicas", "1"), "--replicas must be a whole number from 64"),
        (("--confidence", "1"), "--confidence must be a number from 0.5"),
        (("--workers", "0"), "--workers must be a whole number from 1"),
        (("--format", "csv"), "--format must be one of text, json; got csv"),
        (("--digits", "99"), "--digits must be a whole number from 1 to 25; got 99"),
    ],
)
def test_rejects_bad_words(run, words, message):
    base = [str(word) for word in SIGMA]
    if words[0] in base:
        base[base.index(words[0]) + 1] = words[1]
        words = ()
    result = run(*base, *words)
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1
