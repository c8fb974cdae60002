"""`mcpolar metastability growth`: what it prints is what the functions find."""

import csv
import io
import json

import pytest

from mcpolar.exponents import decay_exponent, log_odds_growth

SMALL = ("--replicas", 8, "--updates", 200, "--burn-in", 20, "--quiet")


def test_reference_growth_and_exponents(run, tmp_path):
    words = ("--memory", "1,2,4,30", "--sigma", "0.5,20", "--decay", "--states", 500, "--method", "grid")
    path = tmp_path / "growth.png"
    result = run("metastability", "growth", *words, *SMALL, "--format", "json", "--plot", path)
    assert result.status == 0, result.err
    record = json.loads(result.out)
    found = {(row["r"], row["sigma"]): row for row in record["rows"]}
    assert list(found) == [(r, sigma) for sigma in ("0.5", "20") for r in (1, 2, 4, 30)]
    growth = log_odds_growth(2, "0.5", replicas=8, updates=200, burn_in=20, seed=1)
    row = found[2, "0.5"]
    assert (row["growth"], row["growth_low"], row["growth_high"]) == (growth.rate, *growth.interval)
    assert row["scaled_growth"] == growth.scaled
    assert row["scaled_growth_low"] == pytest.approx(0.25 * growth.interval[0])
    exponent = decay_exponent(2, "0.5", states=500)
    assert (row["theta"], row["theta_error"], row["theta_method"]) == (exponent.theta, exponent.error, "grid")
    assert found[1, "0.5"]["theta"] == 1
    assert found[30, "0.5"]["theta"] is found[2, "20"]["theta"] is None  # memory too large, sigma too large
    assert record["states"] == 500
    assert path.read_bytes().startswith(b"\x89PNG")


def test_reference_growth_alone(run):
    result = run("metastability", "growth", "-r", 3, "--sigma", "0.5:1:0.5", *SMALL, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert [(row["r"], row["sigma"]) for row in rows] == [("3", "0.5"), ("3", "1")]
    assert "theta" not in rows[0]
    assert "[" in run("metastability", "growth", "-r", 3, "--sigma", 1, *SMALL).out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--memory", "1,0"), "--memory must be a whole number from 1"),
        (("--memory", "some"), "--memory must be a list a,b,c or a range"),
        (("--sigma", "0.5,-1"), "--sigma must be a number from 1e-6"),
        (("--replicas", 1), "--replicas must be a whole number from 2 to "),
        (("--updates", 0), "--updates must be a whole number from 2 to "),
        (("--confidence", "1.5"), "--confidence must be"),
        (("--decay", "--states", 3), "--states must be a whole number from 45 to"),
        (("--decay", "--particles", 3), "--particles must be a whole number from 8 to"),
        (("--method", "guess"), "--method"),
    ],
)
def test_rejects_bad_input_in_one_line(run, words, message):
    result = run("metastability", "growth", *words, "--quiet")
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
