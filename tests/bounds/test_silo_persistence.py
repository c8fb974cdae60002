"""SP: no agent changes its silo for T steps."""

from fractions import Fraction

import pytest

from mcpolar.bounds import silo_persistence, theorem2
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from tests.bounds.exact import assert_sandwiched, formula_value


@pytest.mark.parametrize(
    ("sigma", "log_odds", "steps"),
    [
        ("0.3", "11.1", 1021),
        ("0.05", "800", 10**6),
        ("2", "0.001", 30),
        ("0.2", "0.7", 2**53),
        ("50", "3", 7),
    ],
)
def test_twin_formula(sigma, log_odds, steps):
    bound = silo_persistence(ChainParameters(30, 5, sigma), steps=steps, log_odds=log_odds)
    values = {"sigma": sigma, "H": log_odds, "T": steps}
    assert_sandwiched(bound, formula_value("silo_persistence", "certified", values))


def test_reference_figures_beside_theorem2():
    """The same parameters, another event: 0.635 where level 1 is kept with probability 3e-45."""
    chain = ChainParameters(30, 5, "0.3")
    assert silo_persistence(chain, level=1, steps=1021).lower(4) == "6.354e-01"
    assert silo_persistence(chain, level=2, steps=1021).lower(4) == "6.452e-01"
    assert silo_persistence(ChainParameters(30, 5, "0.4"), level=1, steps=1021).lower(2) == "2.4e-04"
    assert silo_persistence(ChainParameters(30, 5, "0.5"), level=1, steps=1021).lower(2) == "8.6e-19"
    assert theorem2(chain, level=1, steps=1021).log10 < -44


def test_reference_level_sets_the_log_odds():
    chain = ChainParameters(30, 5, "0.5")
    by_level, by_log_odds = (
        silo_persistence(chain, steps=9, **given) for given in ({"level": 2}, {"log_odds": "8"})
    )
    assert by_level.value == by_log_odds.value
    assert by_level.failure == by_log_odds.failure
    assert by_level.parameters == chain.as_dict() | {"level": 2, "log_odds": None, "steps": "9", "split": 30}
    assert by_log_odds.parameters == chain.as_dict() | {
        "level": None,
        "log_odds": "8",
        "steps": "9",
        "split": 30,
    }


def test_reference_record():
    bound = silo_persistence(
        ChainParameters(30, 5, "0.3", k=9), steps="10*m*log(m)", log_odds="2.5", split=12
    )
    assert (bound.statement, bound.variant, bound.horizon_steps) == ("silo-persistence", "certified", 1021)
    assert bound.notes == ("steps 10*m*log(m) = 1020.36 rounded up to 1021",)
    assert bound.event == (
        "The probability that no agent changes its silo and every own-side log-odds stays >= H at "
        "every one of the steps "
        "0 to 1021, from any state with every own-side log-odds >= H = 2.5 and all memory on its "
        "agent's own half-line, "
        "12 of 30 agents on the + side; memory may leave its interval."
    )
    assert [a.name for a in bound.assumptions] == ["neighbourhood", "separation"]
    assert bound.holds
    assert "erf" in bound.formula_latex


@pytest.mark.parametrize(("log_odds", "holds"), [("0.6931471", False), ("0.6931472", True)])
def test_reference_two_sides_need_log_odds_above_log_two(log_odds, holds):
    bound = silo_persistence(ChainParameters(30, 5, "0.3", k=9), steps=3, log_odds=log_odds, split=15)
    assert [a.holds for a in bound.assumptions] == [True, holds]
    assert bound.value.is_zero is not holds
    assert silo_persistence(ChainParameters(30, 5, "0.3"), steps=3, log_odds=log_odds).holds


def test_reference_two_sides_need_a_neighbourhood():
    bound = silo_persistence(ChainParameters(30, 5, "0.3"), steps=3, level=1, split=15)
    assert [a.holds for a in bound.assumptions] == [False, True]
    assert bound.value.is_zero
    assert bound.failure.fraction == 1


def test_law_failure_keeps_its_digits_where_the_bound_is_near_one():
    bound = silo_persistence(ChainParameters(30, 5, "0.01"), steps=1000, level=1)
    assert bound.value.fraction < 1
    assert bound.failure.log10 < -2000
    assert 1 - bound.value.fraction < Fraction(1, 2**100)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`log_odds` must be given, or `level` in its place (H = level/sigma^2); got None"),
        (
            {"level": 1, "log_odds": 2},
            "`log_odds` must be given without `level`: each of them fixes H; got 2",
        ),
        ({"log_odds": 0}, "`log_odds` must be a positive number up to 1e18; got 0"),
        ({"log_odds": "-3"}, "`log_odds` must be a positive number up to 1e18; got -3"),
        ({"log_odds": "2e18"}, "`log_odds` must be a number from -1e18 to 1e18; got 2e18"),
        ({"level": 0}, "`level` must be a whole number from 1 to 1000000; got 0"),
        ({"level": 1, "split": 99}, "`split` must be a whole number from 0 to m = 30; got 99"),
    ],
)
def test_rejects_bad_arguments(given, message):
    with pytest.raises(InputError) as caught:
        silo_persistence(ChainParameters(30, 5, "0.3"), steps=3, **given)
    assert str(caught.value) == message
