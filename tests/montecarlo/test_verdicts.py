"""Verdicts: where an interval lies beside a bound or a ceiling, to the last unit of rounding."""

import math
from dataclasses import replace

import pytest

from mcpolar.balls import Dyadic
from mcpolar.bounds import theorem2
from mcpolar.montecarlo.verdicts import is_above_ceiling, judge, verdict_on
from mcpolar.parameters import ChainParameters
from mcpolar.results import Ceiling, Estimate

BOUND = theorem2(ChainParameters(4, 1, "0.3"), level=1, steps=5)
QUARTER = math.log(0.25)
STEP = 2.0**-52  # of the logarithm, relative: four of them decide nothing


def estimate(low, high):
    return Estimate((low + high) / 2, low, high, 0.999, "by hand", 10, 1)


ONE_QUARTER = Dyadic(1, -2)


def bound(value=ONE_QUARTER, ceiling=None, horizon=5):
    return replace(BOUND, value=value, ceiling=ceiling, horizon_steps=horizon)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (QUARTER, -1.0, "consistent"),
        (QUARTER * (1 - 2 * STEP), -1.0, "consistent"),
        (QUARTER * (1 - 8 * STEP), -1.0, "validated"),
        (-3.0, QUARTER, "consistent"),
        (-3.0, QUARTER * (1 + 2 * STEP), "consistent"),
        (-3.0, QUARTER * (1 + 8 * STEP), "violated"),
        (-math.inf, -1.0, "consistent"),
        (-3.0, -1.0, "consistent"),
        (-1.0, 0.0, "validated"),
        (-math.inf, -3.0, "violated"),
    ],
)
def test_reference_four_units_of_rounding_decide_nothing(low, high, verdict):
    assert judge(bound(), estimate(low, high)) == verdict
    assert verdict_on(bound(), estimate(low, high)) == verdict


@pytest.mark.parametrize(
    ("low", "above"),
    [
        (QUARTER, False),
        (QUARTER * (1 - 2 * STEP), False),
        (QUARTER * (1 - 8 * STEP), True),
        (-math.inf, False),
        (-2.0, False),
        (-0.5, True),
    ],
)
def test_reference_above_a_ceiling_of_a_quarter(low, above):
    ceiling = Ceiling(Dyadic(1, -2), "somewhere")
    assert is_above_ceiling(bound(Dyadic(1, -9), ceiling), estimate(low, 0.0)) is above
    assert is_above_ceiling(bound(Dyadic(1, -9)), estimate(low, 0.0)) is False


@pytest.mark.parametrize(
    ("value", "horizon", "low", "high", "verdict"),
    [
        (Dyadic(0, 0), 5, -1.0, 0.0, "consistent"),
        (Dyadic(1, -2), None, -1.0, 0.0, "consistent"),
        (Dyadic(1, -2), None, -3.0, -2.0, "violated"),
        (Dyadic(1, -2), None, -3.0, -1.0, "consistent"),
        (Dyadic(1, -2), 5, -1.0, 0.0, "validated"),
    ],
)
def test_reference_what_says_nothing_validates_nothing(value, horizon, low, high, verdict):
    assert verdict_on(bound(value, horizon=horizon), estimate(low, high)) == verdict


def test_reference_at_certainty_and_at_impossibility_equal_logs_decide():
    certain, impossible = Dyadic(1, 0), Dyadic(0, 0)
    assert judge(bound(certain), estimate(-1.0, 0.0)) == "consistent"
    assert judge(bound(certain), estimate(0.0, 0.0)) == "validated"
    assert judge(bound(impossible), estimate(-math.inf, -1.0)) == "validated"
    assert not is_above_ceiling(bound(impossible, Ceiling(certain, "anywhere")), estimate(0.0, 0.0))
