"""`mcpolar bound` against the contract."""

import json

import pytest

from mcpolar.statements import STATEMENTS, find

KEYS = [
    "statement",
    "variant",
    "parameters",
    "horizon_steps",
    "lower",
    "log10",
    "assumptions",
    "formula_latex",
    "event",
]
GENERAL = ("--components", 3, "--dimension", 2, "--distance", 2)


def options(name):
    if name == "consensus":
        return "--memory", 1, "--groups", "90%@250/10%@-50"
    return ("--memory", 1) if find(name).takes_chain else (*GENERAL, "--memory", 1)


@pytest.mark.parametrize("name", [s.command for s in STATEMENTS.values() if s.kind == "probability"])
def test_reference_json_has_the_contracts_keys(run, name):
    result = run("bound", name, "--sigma", "0.2", "--steps", 200, *options(name), "--format", "json")
    assert result.status == 0
    record = json.loads(result.out)
    assert list(record)[: len(KEYS)] == KEYS
    assert record["statement"] == name
    assert record["variant"] == "certified"
    assert isinstance(record["lower"], str)
    assert 0 < float(record["lower"]) < 1
    assert record["log10"] < 0
    assert all(set(a) == {"name", "text", "holds"} and a["holds"] is True for a in record["assumptions"])
    assert record["event"].endswith(".")
    assert record["formula_latex"]


def test_reference_theorem1_of_the_published_example(run):
    words = ("bound", "theorem1", "--agents", 30, "--memory", 5, "--sigma", "0.2", "--format", "json")
    certified = json.loads(run(*words).out)
    assert (certified["horizon_steps"], round(certified["log10"], 2)) == (168, -83.38)
    paper = json.loads(run(*words, "--variant", "paper").out)
    assert (paper["horizon_steps"], round(paper["log10"], 3)) == (810, -670.899)
    assert paper["lower"] == "1.262453e-671"
    assert {a["name"]: a["holds"] for a in paper["assumptions"]}["proof-gap"] is False


def test_reference_theorem2_with_an_expression_of_steps(run):
    words = ("bound", "theorem2", "--sigma", "0.4", "--level", 1, "--steps", "2*m*log(m)", "--format", "json")
    certified = json.loads(run(*words).out)
    assert (certified["horizon_steps"], round(certified["log10"], 4)) == (205, -21.3047)
    assert any("rounded up to 205" in note for note in certified["notes"])
    assert certified["parameters"]["sigma"] == "0.4"
    paper = json.loads(run(*words, "--variant", "paper").out)
    assert paper["lower"] == "6.188271e-22"
    assert paper["horizon_steps"] == pytest.approx(204.0718429)


def test_reference_a_failed_assumption_gives_zero_and_status_zero(run):
    result = run("bound", "theorem2", "--sigma", "0.4", "--steps", 9, "--split", 15, "--format", "json")
    record = json.loads(result.out)
    assert (result.status, record["lower"], record["log10"]) == (0, "0", None)
    assert {a["name"]: a["holds"] for a in record["assumptions"]}["neighbourhood"] is False


@pytest.mark.parametrize("digits", [1, 3, 12])
def test_law_digits_are_rounded_toward_zero(run, digits):
    record = json.loads(run("bound", "theorem2", "--steps", 9, "--digits", digits, "--format", "json").out)
    full = json.loads(run("bound", "theorem2", "--steps", 9, "--digits", 20, "--format", "json").out)
    mantissa, exponent = full["lower"].split("e")
    assert record["lower"].split("e")[1] == exponent
    assert mantissa.replace(".", "").startswith(record["lower"].split("e")[0].replace(".", ""))


@pytest.mark.parametrize("form", ["text", "csv", "markdown", "latex"])
def test_reference_other_formats_show_the_bound(run, form):
    result = run("bound", "theorem2", "--sigma", "0.4", "--steps", 205, "--format", form)
    assert result.status == 0
    assert "4.957861" in result.out
    assert form == "csv" or "level 1 holds at every one of the steps" in result.out


def test_reference_text_says_how_far_from_one(run):
    result = run("bound", "permanence", "--memory", 1, "--sigma", "0.3", "--level", 5)
    assert "for all time" in result.out
    assert "e-22" in result.out.split("1 - P <=")[1].splitlines()[0]


def test_reference_unused_options_are_named(run):
    result = run("bound", "lemma1", "--split", 1, "--level", 2)
    assert result.status == 0
    assert result.err == "mcpolar: lemma1 does not use --level, --split\n"


def test_reference_output_goes_to_a_file(run, tmp_path):
    path = tmp_path / "b.json"
    result = run("bound", "theorem2", "--steps", 9, "--format", "json", "--output", path)
    assert (result.status, result.out) == (0, "")
    assert json.loads(path.read_text())["statement"] == "theorem2"


BAD = [
    (("--sigma", "0"), "--sigma must be a number from"),
    (("--sigma", "-0.2"), "got -0.2"),
    (("--sigma", "nan"), "--sigma must be"),
    (("--sigma", "abc"), "got abc"),
    (("--sigma", "1e308"), "--sigma must be"),
    (("--sigma", "1e-308"), "--sigma must be"),
    (("--agents", "0"), "--agents must be a whole number from 1"),
    (("--agents", "x"), "--agents must be a whole number; got x"),
    (("--agents", "2.5"), "--agents must be a whole number; got 2.5"),
    (("--memory", "0"), "--memory must be a whole number from 1"),
    (("--neighbours", "30"), "--neighbours must be a whole number from 1 to m - 1 = 29; got 30"),
    (("--neighbours", "0"), "--neighbours must be"),
    (("--agents", "1", "--neighbours", "1"), "--neighbours must be absent when m = 1"),
    (("--mirror", "1.5"), "--mirror must be a number from 0 to 1; got 1.5"),
    (("--steps", "-1"), "--steps must be a whole number"),
    (("--steps", "1e30"), "got 1e30"),
    (("--steps", "n*2"), "--steps must be"),
    (("--steps", "__import__('os').system('true')"), "--steps must be"),
    (("--level", "0"), "--level must be"),
    (("--level", "-3"), "--level must be"),
    (("--split", "31"), "--split must be"),
    (("--digits", "0"), "--digits must be"),
    (("--variant", "published"), "--variant"),
    (("--format", "yaml"), "--format"),
    (("--no-such-option", "1"), "--no-such-option"),
]


@pytest.mark.parametrize(("words", "message"), BAD)
def test_rejects_bad_input_in_one_line(run, words, message):
    given = {"--steps": "10", **dict(zip(words[::2], words[1::2], strict=True))}
    result = run("bound", "theorem2", *(part for pair in given.items() for part in pair))
    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith("mcpolar: ")
    assert result.err.count("\n") == 1
    assert message in result.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("theorem9",), "STATEMENT must be one of proposition1"),
        (("proposition1",), "STATEMENT must be one of lemma1, lemma2"),
        (("theorem2",), "--steps must be given"),
        (("general-theorem2", "--steps", "5"), "--components must be given"),
        (("silo-persistence", "--steps", "5", "--variant", "paper"), "--variant must be one of certified"),
        ((), "STATEMENT must be given"),
    ],
)
def test_rejects_what_a_statement_needs(run, words, message):
    result = run("bound", *words)
    assert result.status == 2
    assert message in result.err
    assert result.err.count("\n") == 1


def test_rejects_a_missing_folder_and_a_full_disk(run, tmp_path):
    result = run("bound", "theorem2", "--steps", 9, "--output", tmp_path / "no" / "b.txt")
    assert result.status == 3
    assert "does not exist" in result.err
    result = run("bound", "theorem2", "--steps", 9, "--output", "/dev/full")
    assert result.status == 3
    assert "No space left" in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("m", "lower"), [(1, 0.9), (2, 0.0)])
def test_reference_one_and_two_agents(run, m, lower):
    record = json.loads(
        run("bound", "theorem1", "--agents", m, "--memory", 1, "--sigma", "0.1", "--format", "json").out
    )
    assert float(record["lower"]) > lower * 0.01
