"""PM1: no agent ever changes its silo (r = 1)."""

import pickle
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest

from mcpolar.balls import Dyadic
from mcpolar.bounds import permanence
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from tests.bounds.exact import as_mpf, assert_sandwiched, formula_value

# log10 of the failure bound, m = 30, published to one decimal for the best theta within 0.7..0.98
FAILURES = {
    "0.2": (-7.6, -18.1, -50.0, -103),
    "0.3": (-2.0, -6.4, -20.4, -44.1),
    "0.4": (-0.2, -2.5, -10.2, -23.4),
    "0.5": (0.0, -0.8, -5.5, -13.8),
}


@pytest.mark.parametrize("sigma", FAILURES)
@pytest.mark.parametrize(("position", "level"), [(0, 1), (1, 2), (2, 5), (3, 10)])
def test_reference_failure_is_at_most_the_published_one(sigma, position, level):
    bound = permanence(ChainParameters(30, 1, sigma), level=level)
    published = FAILURES[sigma][position]
    assert published - 1.4 < bound.failure.log10_up <= published + 0.05
    if bound.failure != Dyadic(1, 0):
        assert bound.value.fraction == 1 - bound.failure.fraction


@pytest.mark.parametrize(
    ("m", "sigma", "log_odds", "theta"),
    [(30, "0.2", "25", None), (1, "0.5", "40", "0.3"), (7, "1", "50", "0.6"), (2, "0.05", "9.5", None)],
)
def test_twin_formula(m, sigma, log_odds, theta):
    bound = permanence(ChainParameters(m, 1, sigma), log_odds=log_odds, theta=theta)
    used = {"theta": bound.parameters["theta"], "p": bound.parameters["p_star"]}
    values = {"m": m, "sigma": sigma, "H": log_odds} | used
    assert_sandwiched(bound, formula_value("permanence", "certified", values))
    if theta is not None:
        assert bound.parameters["theta"] == theta


@pytest.mark.parametrize(
    ("sigma", "log_odds"), [("0.2", 25), ("0.3", 22), ("0.5", 20), ("1", 60), ("0.1", 3000)]
)
def test_law_no_other_theta_and_p_star_are_noticeably_better(sigma, log_odds):
    bound = permanence(ChainParameters(30, 1, sigma), log_odds=log_odds)
    best = mpmath.log10(as_mpf(bound.failure))
    unit = 1 / as_mpf(Fraction(sigma)) ** 2
    with mpmath.workdps(30):
        for i in range(1, 200):
            theta = mpmath.mpf(i) / 200
            rho = mpmath.exp(-2 * theta * (1 - theta) * unit)
            for j in range(1, 25):
                p = min(mpmath.mpf(1) / 2, (1 - theta) / theta) * j / 24
                largest = max(p**-theta, 2 * p ** (1 - theta) / ((1 + p) * (1 - rho)))
                assert mpmath.log10(largest * 30) - theta * log_odds / mpmath.log(10) >= best - mpmath.mpf(
                    "1e-4"
                )


@pytest.mark.parametrize(
    "theta", ["0.05", "0.5", "0.500001", "0.75", "0.999999", "1e-18", "0.999999999999999999"]
)
def test_law_p_star_is_always_allowed(theta):
    bound = permanence(ChainParameters(30, 1, "0.3"), level=3, theta=theta)
    p_star, exact = Fraction(bound.parameters["p_star"]), Fraction(theta)
    assert 0 < p_star <= Fraction(1, 2)
    assert p_star <= (1 - exact) / exact
    assert len(Decimal(bound.parameters["p_star"]).as_tuple().digits) <= 6


def test_reference_one_minus_1e_minus_103_is_not_one():
    bound = permanence(ChainParameters(30, 1, "0.2"), level=10)
    assert Fraction(1, 10**105) < 1 - bound.value.fraction < Fraction(1, 10**104)
    assert bound.lower(120).startswith("9." + "9" * 103)
    assert bound.failure_upper(3) == "5.31e-105"
    assert bound.notes == ()
    assert pickle.loads(pickle.dumps(bound)) == bound


def test_reference_closer_to_one_than_digits_show():
    bound = permanence(ChainParameters(30, 1, "1e-6"), level=3)
    assert 1 - bound.value.fraction == Fraction(1, 2**4096)
    assert bound.notes == ("the bound is closer to 1 than its digits can show: read `failure`",)
    assert bound.failure.log10 < -1.3e12
    assert bound.log10 < 0


def test_reference_vacuous():
    bound = permanence(ChainParameters(30, 1, "0.5"), level=1)
    assert bound.holds
    assert bound.value == Dyadic(0, 0)
    assert bound.failure == Dyadic(1, 0)
    assert bound.notes == ("vacuous here: A m e^{-theta H} >= 1",)


def test_reference_larger_memories_are_not_covered():
    chain = ChainParameters(30, 2, "0.2")
    bound = permanence(chain, level=10)
    assert bound.value.is_zero
    assert bound.failure == Dyadic(1, 0)
    assert bound.notes == ()
    assert bound.assumptions[1] == Assumption(
        "memory-one",
        "r = 1: this is the theorem for memory size 1 (r = 2); its extension to every r is proved "
        "in the theory but not "
        "evaluated by this version",
        False,
    )


def test_reference_record():
    chain = ChainParameters(30, 1, "0.3", k=9, mirror="0.5")
    bound = permanence(chain, level=2, split=12, theta="0.9")
    assert (bound.statement, bound.variant, bound.horizon_steps) == ("permanence", "certified", None)
    p_star = bound.parameters["p_star"]
    assert bound.parameters == chain.as_dict() | {
        "level": 2,
        "log_odds": None,
        "split": 12,
        "theta": "0.9",
        "p_star": p_star,
    }
    assert p_star == "0.111111"
    assert bound.event == (
        "The probability that no agent ever changes its silo, for all time, from any state with "
        "every own-side log-odds "
        ">= H = 22.22222222 and any memory, 12 of 30 agents on the + side."
    )
    assert [a.name for a in bound.assumptions] == ["neighbourhood", "memory-one", "start"]
    assert bound.holds
    assert bound.assumptions[2].text == (
        "every agent starts with e^(-log-odds) < p* = 0.111111: H > log(1/p*)"
    )
    assert r"\theta" in bound.formula_latex
    with_log_odds = permanence(chain, log_odds="12.5")
    assert with_log_odds.parameters["log_odds"] == "12.5"
    assert with_log_odds.parameters["level"] is None


def test_reference_assumptions_fail_one_by_one():
    crowded = permanence(ChainParameters(30, 1, "0.3", k=9), level=2, split=9)
    assert [a.holds for a in crowded.assumptions] == [False, True, True]
    near = permanence(ChainParameters(30, 1, "0.3"), log_odds="2", theta="0.9")
    assert [a.holds for a in near.assumptions] == [True, True, False]
    for bound in (crowded, near):
        assert bound.value.is_zero
        assert bound.failure == Dyadic(1, 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`log_odds` must be given"),
        ({"level": 1, "theta": 0}, "`theta` must be a number from 1e-18 to 0.999999999999999999; got 0"),
        ({"level": 1, "theta": 1}, "`theta` must be"),
        ({"level": 1, "split": 31}, "`split` must be"),
    ],
)
def test_rejects_bad_arguments(given, message):
    with pytest.raises(InputError) as caught:
        permanence(ChainParameters(30, 1, "0.3"), **given)
    assert str(caught.value).startswith(message)
