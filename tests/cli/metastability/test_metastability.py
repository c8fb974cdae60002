"""`mcpolar metastability exit|coarse|exact|meanfield|phase`: what they print is what the functions find."""

import csv
import io
import json

import pytest

from mcpolar.bounds import silo_persistence
from mcpolar.chain import ChainState
from mcpolar.exact import polarized_hitting, silo_survival, undecided_exit
from mcpolar.metastability import passage_times, survival_curve
from mcpolar.parameters import ChainParameters

BIPOLAR = ("-m", 4, "-r", 1, "--sigma", "0.6", "-k", 1, "--steps", 100, "--replicas", 200, "--quiet")


def rows_of(result) -> list[dict]:
    assert result.status == 0, result.err
    return list(csv.DictReader(io.StringIO(result.out)))


def test_reference_exit_times_and_bounds(run, tmp_path):
    path = tmp_path / "exit.png"
    result = run("metastability", "exit", *BIPOLAR, "--format", "json", "--plot", path)
    record = json.loads(result.out)
    parameters = ChainParameters(4, 1, "0.6", k=1)
    times = passage_times(parameters, "bipolar", 100, replicas=200, seed=1).of("silo-left")
    assert record["observed"] == times[1].sum()
    last = record["rows"][-1]
    assert last["step"] == 100
    assert last["survival"] == pytest.approx(survival_curve(*times).survival[-1])
    assert last["low"] <= last["survival"] <= last["high"]
    bound = float(silo_persistence(parameters, steps=100, level=1, split=2).lower(17))
    assert last["silo_persistence"] == bound <= last["high"]
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("event", ["consensus", "polarized"])
def test_reference_other_events(run, event, tmp_path):
    words = ("-m", 3, "-r", 1, "--start", "random", "--steps", 60, "--replicas", 50, "--event", event)
    result = run("metastability", "exit", *words, "--sigma", "0.8", "--quiet", "--plot", tmp_path / "a.pdf")
    assert result.status == 0, result.err
    assert "restricted_mean" in result.out
    assert ("consensus_plus" in result.out) == (event == "consensus")


def test_reference_no_steps(run):
    record = json.loads(
        run(
            "metastability",
            "exit",
            *BIPOLAR[:-4],
            0,
            "--replicas",
            5,
            "--start",
            "random",
            "--format",
            "json",
        ).out
    )
    assert record["restricted_mean"] is None
    assert record["rows"] == [
        {"step": 0, "survival": 1.0, "low": pytest.approx(0.393, abs=1e-3), "high": 1.0}
    ]


def test_reference_coarse(run, tmp_path):
    words = (
        "-m",
        3,
        "-r",
        1,
        "--sigma",
        1,
        "--start",
        "random",
        "--steps",
        120,
        "--replicas",
        150,
        "--quiet",
    )
    words += ("--draws", 10, "--lags", "1,2")
    record = json.loads(
        run("metastability", "coarse", *words, "--format", "json", "--plot", tmp_path / "c.png").out
    )
    assert [row["macrostate"] for row in record["rows"]] == ["+0", "+1", "+2", "+3"]
    assert record["rows"][0]["committor_plus"] == 0
    assert record["rows"][3]["committor_plus"] == 1
    assert record["lag_steps"] == 6
    assert (tmp_path / "c-graph.png").exists()
    text = run("metastability", "coarse", *words, "--lag", 1, "--macrostates", "undecided", "--reversible")
    assert text.status == 0, text.err
    assert "lag_steps: 3" in text.out
    assert "+0 ?3" in text.out


def test_reference_exact(run):
    rows = rows_of(
        run(
            "metastability",
            "exact",
            "--quantity",
            "silos",
            "--log-odds",
            "2,-1",
            "--steps",
            2,
            "--format",
            "csv",
        )
    )
    exact = silo_survival(ChainParameters(2, 1, "1"), [2.0, -1.0], 2, tolerance=1e-6)
    assert float(rows[2]["survival"]) == pytest.approx(exact.survival[2], rel=1e-9)
    rows = rows_of(
        run("metastability", "exact", "--quantity", "undecided", "--log-odds", "-0.2", "--format", "csv")
    )
    assert float(rows[0]["value"]) == pytest.approx(
        undecided_exit(ChainParameters(2, 1, "1"), [-0.2, -0.2]).mean_time, rel=1e-6
    )
    words = ("--agents", 1, "--log-odds", 3, "--memory-elements", 1, "--steps", 1, "--format", "csv")
    rows = rows_of(run("metastability", "exact", *words))
    assert float(rows[0]["probability"]) == 1


def test_reference_exact_hitting_and_those_that_wait(run, tmp_path):
    words = (
        "--log-odds",
        "0.4,-0.2",
        "--memory-elements",
        0,
        "--steps",
        3,
        "--tolerance",
        1e-3,
        "--format",
        "json",
    )
    parameters, start = ChainParameters(2, 1, "1"), ChainState.from_arrays([0.4, -0.2], [[0.0], [0.0]])
    path = tmp_path / "exact.png"
    record = json.loads(run("metastability", "exact", "--quantity", "hitting", *words, "--plot", path).out)
    exact = polarized_hitting(parameters, start, 3, tolerance=1e-3)
    assert record["mean_time"] == pytest.approx(exact.mean_time)
    assert record["bipolar"] == pytest.approx(exact.bipolar)
    assert record["bipolar_error"] == pytest.approx(exact.errors[3])
    assert record["rows"][3]["reached"] == pytest.approx(exact.reached[3])
    record = json.loads(run("metastability", "exact", "--quantity", "waiting", *words, "--plot", path).out)
    assert [row["step"] for row in record["rows"]] == [1, 2, 3]
    assert record["rows"][1]["hazard"] == pytest.approx(exact.reached[2], rel=1e-4)
    assert len(record["law"]["edges"]) == len(record["law"]["density"]) + 1
    record = json.loads(run("metastability", "exact", "--quantity", "consensus", *words, "--plot", path).out)
    assert record["rows"][3]["plus"] > record["rows"][3]["minus"] > 0
    record = json.loads(run("metastability", "exact", "--quantity", "undecided", *words, "--plot", path).out)
    assert [row["quantity"] for row in record["rows"]] == ["mean_time", "plus_probability", "decay_rate"]
    assert path.read_bytes().startswith(b"\x89PNG")


def test_reference_mean_field(run, tmp_path):
    words = ("--log-odds", "-1,1", "--rounds", 2, "--format", "csv")
    rows = rows_of(run("metastability", "meanfield", *words, "--plot", tmp_path / "m.svg"))
    last = {float(row["log_odds"]): float(row["mean_weight"]) for row in rows}
    assert last[-1.0] == pytest.approx(1 - last[1.0], rel=1e-6)
    rows = rows_of(run("metastability", "meanfield", *words, "--memory", 3, "--agents", 3000))
    last = {float(row["log_odds"]): float(row["mean_weight"]) for row in rows}
    assert last[-1.0] == pytest.approx(1 - last[1.0], abs=0.05)
    assert float(rows[0]["mean_weight"]) == pytest.approx(0.2689414)


def test_reference_phase(run, tmp_path):
    words = (
        "-m",
        4,
        "-r",
        1,
        "-k",
        "1,9,3",
        "--sigma",
        "0.5,1",
        "--replicas",
        60,
        "--steps",
        "40*m",
        "--quiet",
    )
    path = tmp_path / "p.png"
    rows = rows_of(run("metastability", "phase", *words, "--format", "csv", "--plot", path))
    assert [(row["sigma"], row["k"]) for row in rows] == [("0.5", "1"), ("0.5", "3"), ("1", "1"), ("1", "3")]
    assert rows[1]["phase"] == "consensus"
    assert path.exists()
    # of the default neighbourhoods only k = 2 fits three agents
    text = run("metastability", "phase", "-m", 3, "-r", 1, "--sigma", "0.5", "--replicas", 9, "--steps", 9)
    assert text.status == 0
    assert "[" in text.out  # intervals beside their values


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("exit", "--event", "never"), "--event"),
        (("exit", "--start", "nowhere"), "--start must be one of random"),
        (("exit", "-m", 3, "--steps", 5, "--replicas", 2, "--after", 9), "--after must be a whole number"),
        (("coarse", "--lags", "0"), "--lags must be"),
        (("exact", "--log-odds", "1,2,3"), "--log-odds must be one number, or one for each of 2 agents"),
        (("exact", "--tolerance", 1), "--tolerance must be"),
        (("exact", "--quantity", "hitting", "-m", 9), "--agents must be a whole number from 1 to 3"),
        (
            ("exact", "--quantity", "waiting", "--log-odds", 5),
            "--log-odds must be such that E_h does not hold",
        ),
        (("meanfield", "--rounds", 0), "--rounds must be a positive number"),
        (("phase", "-m", 2, "-k", 5), "--neighbours must be below one of the numbers of agents"),
        (("phase", "--replicas", 0), "--replicas must be"),
        (("phase", "--sigma", "1", "-k", 2, "--plot", "x.png"), "--plot must be left out unless two"),
    ],
)
def test_rejects_bad_input_in_one_line(run, words, message):
    result = run("metastability", *words)
    spoken = [
        line for line in result.err.splitlines() if "compiling" not in line
    ]  # said where nothing is kept yet
    assert (result.status, result.out, len(spoken)) == (2, "", 1)
    assert message in spoken[0]


def test_reference_what_was_not_seen_is_undefined_and_said_so(run):
    words = ("metastability", "coarse", "-m", 6, "-k", 2, "--sigma", "0.2", "--replicas", 5, "--steps", 60)
    text = run(*words, "--draws", 10, "--quiet").out
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["+3"])
    assert row[1:] == ["undefined"] * 3
    assert "committor_plus = consensus was not seen on both sides" in text
    record = json.loads(run(*words, "--draws", 10, "--quiet", "--format", "json").out)
    assert set(record["undefined"]) == {"committor_plus", "consensus_time", "quasi_stationary", "decay_rate"}
    assert {record["rows"][0][name] for name in ("committor_plus", "consensus_time_low")} == {None}
