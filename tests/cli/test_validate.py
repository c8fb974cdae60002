"""`mcpolar validate` against the contract."""

import json
import math
import sys

import pytest

import mcpolar.montecarlo.paper  # noqa: F401 (it and its modules are patched below)
from mcpolar.store import Store

KEYS = ["statement", "variant", "parameters", "bound", "estimate", "verdict", "seconds"]
ESTIMATE_KEYS = ["probability", "log10", "low", "high", "confidence", "method", "replicas", "seed"]
WORDS = ("validate", "theorem2", "--sigma", "0.3", "--steps", 200, "--replicas", 400, "--seed", 3)


def test_reference_json_has_the_contracts_keys(run):
    result = run(*WORDS, "--format", "json")
    record = json.loads(result.out)
    assert result.status == 0
    assert list(record) == [*KEYS, "ceiling"]
    assert list(record["estimate"])[: len(ESTIMATE_KEYS)] == ESTIMATE_KEYS
    assert set(record["bound"]) == {"lower", "log10"}
    assert record["verdict"] == "validated"
    assert (
        float(record["estimate"]["low"])
        <= float(record["estimate"]["probability"])
        <= float(record["estimate"]["high"])
    )
    assert record["estimate"]["confidence"] == 0.999
    assert (record["estimate"]["replicas"], record["estimate"]["seed"]) == (400, 3)
    assert math.log10(float(record["estimate"]["probability"])) == pytest.approx(
        record["estimate"]["log10"], rel=1e-6
    )


def test_law_the_same_seed_gives_the_same_estimate_for_any_workers(run):
    found = [json.loads(run(*WORDS, "--format", "json", "--workers", n).out)["estimate"] for n in (1, 2, 3)]
    assert found[0] == found[1] == found[2]


def test_reference_a_violated_bound_has_status_one(run, monkeypatch):
    monkeypatch.setattr(
        sys.modules["mcpolar.montecarlo.verdicts"], "judge", lambda bound, estimate: "violated"
    )
    result = run(*WORDS)
    assert result.status == 1
    assert "verdict: violated" in result.out


@pytest.mark.parametrize("form", ["text", "csv", "markdown", "latex"])
def test_reference_other_formats_show_the_verdict(run, form):
    result = run(*WORDS, "--format", form)
    assert result.status == 0
    assert "validated" in result.out


@pytest.mark.parametrize("start", ["boundary", "polarized", "bipolar"])
def test_reference_named_starts(run, start):
    words = ("--start", start, "--neighbours", 14, "--split", 15, "--level", 2)
    record = json.loads(run(*WORDS, *words, "--format", "json").out)
    assert record["verdict"] == "validated"
    assert record["parameters"]["start"].startswith(start)


def test_reference_a_start_from_a_file(run, tmp_path):
    path = tmp_path / "start.npz"
    assert (
        run(
            "simulate",
            "--start",
            "polarized",
            "--level",
            4,
            "--sigma",
            "0.1",
            "--steps",
            50,
            "--replicas",
            1,
            "--output",
            path,
        ).status
        == 0
    )
    result = run(
        "validate",
        "theorem2",
        "--sigma",
        "0.1",
        "--level",
        4,
        "--steps",
        40,
        "--replicas",
        50,
        "--start",
        path,
        "--format",
        "json",
    )
    assert result.status == 0, result.err
    record = json.loads(result.out)
    assert record["parameters"]["start"] == "given states (1)"
    # the bound is the probability to 170 digits: no double tells them apart
    assert record["verdict"] == "consistent"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--replicas", 0), "--replicas must be"),
        (("--replicas", "many"), "--replicas must be a whole number; got many"),
        (("--confidence", 1), "--confidence must be a number from 0.5 to below 1"),
        (("--method", "splits"), "--method"),
        (("--start", "nowhere.npz"), "--start must be one of random"),
        (
            ("--start", "undecided"),
            "--start must be a state in which every own-side log-odds is at least 11.1111",
        ),
        (("--workers", 0), "--workers must be"),
        (("--seed", -1), "--seed must be"),
    ],
)
def test_rejects_bad_input_in_one_line(run, words, message):
    given = dict(zip(WORDS[2::2], WORDS[3::2], strict=True)) | dict([words])
    result = run("validate", "theorem2", *(part for pair in given.items() for part in pair))
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err


def test_reference_an_interrupt_has_status_130(run, monkeypatch):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        sys.modules["mcpolar.montecarlo.estimators.conditional"].Weighing, "extend", interrupt
    )
    result = run(*WORDS)
    assert (result.status, result.out, result.err) == (130, "", "mcpolar: interrupted\n")


def test_reference_a_run_until_decided_says_why_it_stopped(run):
    words = ("validate", "theorem2", "--sigma", "0.3", "--steps", 50, "--until-decided", "--budget", 30)
    record = json.loads(run(*words, "--format", "json").out)
    assert record["verdict"] == "validated"
    assert record["parameters"]["stopped"] == f"decided after {record['estimate']['replicas']} replicas"


def test_reference_the_worst_start_is_saved_and_read_again(run, tmp_path):
    path = tmp_path / "worst.npz"
    words = ("validate", "theorem2", "-m", 5, "-r", 2, "--sigma", "0.6", "--steps", 8, "--format", "json")
    options = ("--replicas", 300)
    first = run(*words, *options, "--start", "worst", "--save-start", path)
    assert first.status == 0, first.err
    again = run(*words, *options, "--start", path)
    assert json.loads(first.out)["estimate"] == json.loads(again.out)["estimate"]
    boundary = tmp_path / "boundary.npz"
    assert run(*words, *options, "--start", "boundary", "--save-start", boundary).status == 0
    assert boundary.exists()


PERMANENCE = ("validate", "permanence", "-m", 4, "-r", 1, "--sigma", "0.3", "--level", 2, "--replicas", 500)


@pytest.mark.parametrize("placement", ["inner", "outer"])
def test_reference_the_memory_of_the_start_can_be_placed(run, placement):
    words = ("--placement", placement, "--steps", 200, "--method", "twisting")
    record = json.loads(run(*PERMANENCE, *words, "--format", "json").out)
    assert record["parameters"]["start"] == f"boundary, level 2, placement {placement}"
    assert record["estimate"]["method"].startswith("twisting")
    assert record["estimate"]["diagnostics"]["log10_failure_low"] < -6


def test_reference_a_rare_failure_and_a_collapse_are_shown(run):
    found = run(*PERMANENCE, "--steps", 200, "--method", "twisting").out
    failure = next(line for line in found.splitlines() if line.startswith("  1 - P = "))
    assert "interval [" in failure
    assert float(failure.split()[4]) < 1e-6
    rare = ("--sigma", "0.7", "--level", 6, "--steps", 1)  # one arrival can hardly do it
    collapsed = run(*PERMANENCE[:6], *rare, "--replicas", 500, "--method", "twisting").out
    assert ": collapsed, the upper end is 1" in collapsed
    assert "  1 - P = 0    interval [0, 1.000000e+00]" in collapsed


def test_reference_splitting_with_a_coordinate(run):
    words = ("validate", "theorem1", "-m", 6, "-r", 2, "--sigma", "0.3", "--method", "splitting")
    result = run(*words, "--coordinate", "share", "--replicas", 2000, "--format", "json")
    record = json.loads(result.out)["estimate"]
    assert record["method"].startswith("splitting")
    assert record["diagnostics"]["repetitions"] == 20


@pytest.fixture
def few_checks(monkeypatch):
    paper = sys.modules["mcpolar.montecarlo.paper"]
    checks = [paper.paper_checks("certified", 1)[number] for number in (20, 45, 75)]
    monkeypatch.setattr(paper, "paper_checks", lambda variant, memory: checks)


GENERAL = (
    "validate",
    "general-theorem2",
    "--components",
    3,
    "--dimension",
    2,
    "--distance",
    4,
    "--sigma",
    "0.6",
)


def test_reference_the_general_mixture_is_checked_too(run):
    words = ("--level", 1, "--steps", 100, "-m", 9, "-r", 2, "--replicas", 200, "--format", "json")
    record = json.loads(run(*GENERAL, *words).out)
    assert list(record) == [*KEYS, "ceiling"]
    assert record["verdict"] == "validated"
    assert (record["parameters"]["m"], record["parameters"]["simulated_steps"]) == (9, 100)


PAPER = ("validate", "paper", "--replicas", 200, "-r", 1)


def test_reference_the_papers_cells_are_kept_shown_and_drawn(run, few_checks, tmp_path):
    store, plot = tmp_path / "checks.sqlite", tmp_path / "checks.png"
    result = run(*PAPER, "--store", store, "--plot", plot)
    assert result.status == 0, result.err
    assert "validated" in result.out
    assert "0 violated" in result.out
    assert plot.exists()
    resumed = run(*PAPER, "--store", store, "--resume", "--format", "json")
    assert [record["table"] for record in json.loads(resumed.out)] == ["2", "3", "T1"]
    with Store(store) as kept:
        assert len(kept.kept()) == 3


def test_reference_a_violated_cell_has_status_one(run, few_checks, monkeypatch):
    from mcpolar.montecarlo import compare as real

    def planted(*args, **options):
        from dataclasses import replace

        return replace(real(*args, **options), verdict="violated")

    monkeypatch.setattr(sys.modules["mcpolar.montecarlo.paper"], "compare", planted)
    assert run(*PAPER).status == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((*PAPER, "--resume"), "--resume must be given together with --store"),
        ((*PAPER, "--plot", "checks.txt"), "--plot must be a file that ends in .pdf"),
        ((*PAPER, "--confidence", 2), "--confidence must be"),
        ((*WORDS, "--budget", 3), "--budget must be absent without --until-decided"),
        ((*WORDS, "--until-decided", "--budget", 0), "--budget must be a number of seconds above 0"),
        ((*WORDS, "--save-start", "x.npz"), "--save-start must be given together with --start"),
        (
            (*GENERAL, "--level", 1, "--steps", 5, "--start", "random"),
            "--method must be auto or conditional, with no start and no budget, for general-theorem2",
        ),
        ((*WORDS, "--method", "tilting"), "--method must be splitting"),
        ((*WORDS, "--method", "twisting"), "--method must be splitting"),
        ((*WORDS, "--placement", "middle"), "--placement"),
        ((*WORDS, "--start", "worst", "--placement", "outer"), "--placement must be absent unless --start"),
        ((*WORDS, "--method", "splitting", "--coordinate", "share"), "--coordinate must be survived"),
    ],
)
def test_rejects_other_bad_input_in_one_line(run, words, message):
    result = run(*words)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
