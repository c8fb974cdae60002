"""Records."""

import math
import pickle
from dataclasses import FrozenInstanceError, replace
from functools import partial

import pytest

from mcpolar.balls import Dyadic
from mcpolar.decimals import scientific
from mcpolar.results import Assumption, Bound, Comparison, Estimate, Guarantee

HOLDS, FAILS = Assumption("a", "A.", True), Assumption("b", "B.", False)
BOUND = Bound(
    statement="theorem2",
    variant="certified",
    parameters={"m": 3},
    horizon_steps=7,
    value=Dyadic(0x3FFFFFFF, -30),
    assumptions=(HOLDS,),
    formula=partial(str, "x^2"),
    event="The probability of something.",
)


def test_reference_bound_rounds_by_its_variant():
    assert BOUND.lower() == "9.999999e-01"
    assert BOUND.lower(3) == "9.99e-01"
    paper = replace(BOUND, variant="paper")
    assert paper.lower() == "1.000000e+00"
    assert BOUND.log10 == BOUND.value.log10 < 0


def test_reference_failure_is_rounded_up():
    assert BOUND.failure is BOUND.failure_upper() is None
    assert replace(BOUND, failure=Dyadic(1, -30)).failure_upper() == "9.313226e-10"
    assert replace(BOUND, failure=Dyadic(1, -30)).failure_upper(2) == "9.4e-10"


def test_reference_formula_is_written_when_asked_for():
    calls = []

    def write():
        calls.append(1)
        return "y"

    bound = replace(BOUND, formula=write)
    assert bound == BOUND
    assert "formula" not in repr(bound)
    assert calls == []
    assert bound.formula_latex == "y"
    assert calls == [1]


def test_reference_a_bound_holds_if_every_assumption_does():
    assert BOUND.holds
    assert not replace(BOUND, assumptions=(HOLDS, FAILS)).holds
    assert replace(BOUND, assumptions=()).holds


def test_law_records_are_frozen_and_picklable():
    with pytest.raises(FrozenInstanceError):
        BOUND.value = Dyadic(1, 0)
    copy = pickle.loads(pickle.dumps(BOUND))
    assert copy == BOUND
    assert copy.formula_latex == "x^2"


def test_reference_guarantee():
    found = Guarantee("proposition1", "paper", {}, 1, Dyadic(1, 0), (), partial(str, "l"), "the log-odds")
    assert found.formula_latex == "l"
    assert (found.upper, found.weights, found.notes) == (None, (), ())


def test_reference_estimate_and_comparison():
    estimate = Estimate(-math.log(1000), -math.inf, 0.0, 0.999, "crude", 10, 1)
    assert estimate.log10 == pytest.approx(-3, rel=1e-15, abs=0)
    assert estimate.diagnostics == {}
    assert Comparison(BOUND, estimate, "validated", {}, 0.5).verdict == "validated"


@pytest.mark.parametrize(
    ("log_value", "digits", "text"),
    [
        (-math.inf, 7, "0"),
        (0.0, 3, "1.00e+00"),
        (math.log(2.5), 2, "2.5e+00"),
        (-700 * math.log(10), 3, "1.00e-700"),
        (math.log(0.99999), 3, "1.00e+00"),
        (math.log(9.9996e-5), 4, "1.000e-04"),
    ],
)
def test_reference_scientific(log_value, digits, text):
    assert scientific(log_value, digits) == text


def test_reference_upper_ends_of_probabilities_stop_at_one():
    assert scientific(0.0, 4, "up") == "1.000e+00"
    assert scientific(-1e-20, 4, "up") == "1.000e+00"
    assert scientific(-1e-3, 4, "up") == "9.991e-01"


def test_law_a_bound_can_be_hashed():
    from mcpolar.bounds import theorem2
    from mcpolar.parameters import ChainParameters

    one, same, other = (
        theorem2(ChainParameters(m=4, r=2, sigma=sigma), level=1, steps=5) for sigma in ("0.3", "0.3", "0.4")
    )
    assert hash(one) == hash(same)
    assert len({one, same, other}) == 2
