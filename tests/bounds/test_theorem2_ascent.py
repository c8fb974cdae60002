"""T2ii-paper and T2ii'."""

import mpmath
import pytest

from mcpolar.balls import Dyadic
from mcpolar.bounds import coupons, theorem2, theorem2_ascent
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from tests.bounds.exact import assert_sandwiched, formula_value
from tests.bounds.test_coupons import by_states


@pytest.mark.parametrize(
    ("m", "sigma", "level", "steps", "ascent"),
    [(12, "0.3", 1, 60, 1), (5, "0.5", 2, 40, 3), (1, "0.9", 1, 4, 4), (2, "3", 1, 9, 2)],
)
def test_twin_formula(m, sigma, level, steps, ascent):
    bound = theorem2_ascent(ChainParameters(m, 3, sigma), level=level, steps=steps, ascent=ascent)
    values = {"sigma": sigma, "h": level, "T": steps, "m": m, "n": ascent, "C": by_states(steps, m, ascent)}
    assert bound.horizon_steps == steps
    assert bound.notes == ()
    assert_sandwiched(bound, formula_value("theorem2_ascent", "certified", values))


@pytest.mark.parametrize(
    ("m", "sigma", "level", "factor"), [(30, "0.3", 1, 3), (4, "0.5", 2, 3), (1, "0.9", 1, 5)]
)
def test_twin_formula_of_the_paper(m, sigma, level, factor):
    bound = theorem2_ascent(
        ChainParameters(m, 3, sigma), level=level, steps=f"{factor}*m*sqrt(2)", variant="paper"
    )
    horizon = factor * m * mpmath.sqrt(2)
    values = {"sigma": sigma, "h": level, "T": horizon, "m": m}
    assert_sandwiched(bound, formula_value("theorem2_ascent", "paper", values))
    assert bound.horizon_steps == pytest.approx(float(horizon), rel=1e-15, abs=0)


def test_reference_the_papers_factor_is_one_minus_one_over_m():
    chain = ChainParameters(30, 5, "0.3")
    stay = theorem2(chain, level=1, steps="2*m*log(m)", variant="paper")
    rise = theorem2_ascent(chain, level=1, steps="2*m*log(m)", variant="paper")
    assert float(rise.value.fraction / stay.value.fraction) == pytest.approx(29 / 30, rel=1e-15, abs=0)


def test_reference_the_papers_factor_is_cut_at_zero():
    assert theorem2_ascent(ChainParameters(30, 5, "0.3"), level=1, steps=50, variant="paper").value.is_zero


def test_sandwich_certified_is_above_the_paper_at_whole_horizons():
    chain = ChainParameters(30, 5, "0.3")
    paper, certified = (
        theorem2_ascent(chain, level=1, steps=205, variant=variant).value.fraction
        for variant in ("paper", "certified")
    )
    assert certified > paper


def test_reference_too_few_steps():
    bound = theorem2_ascent(ChainParameters(30, 5, "0.3"), level=1, steps=59, ascent=2)
    assert bound.value == Dyadic(0, 0)
    assert bound.notes == ("59 steps cannot update each of 30 agents 2 times: C = 0",)
    assert bound.holds
    enough = theorem2_ascent(ChainParameters(30, 5, "0.3"), level=1, steps=60, ascent=2)
    assert enough.notes == ()
    assert not enough.value.is_zero


def test_reference_beyond_the_series_the_union_bound_is_used_and_named():
    bound = theorem2_ascent(ChainParameters(30, 5, "0.05"), level=1, steps=2**53, ascent=2)
    assert bound.notes == ("C is replaced by the union bound below it: its series is too long",)
    assert bound.log10 == pytest.approx(
        theorem2(ChainParameters(30, 5, "0.05"), level=1, steps=2**53).log10, rel=1e-9, abs=0
    )


def test_reference_record():
    chain = ChainParameters(30, 5, "0.3", k=9)
    bound = theorem2_ascent(chain, level=2, steps="2*m*log(m)", split=20, ascent=3)
    assert bound.statement == "theorem2-ascent"
    assert bound.failure is None
    assert bound.notes == ("steps 2*m*log(m) = 204.07 rounded up to 205",)
    assert bound.parameters == chain.as_dict() | {"level": 2, "steps": "2*m*log(m)", "split": 20, "ascent": 3}
    assert bound.event == (
        "The probability that level 5 holds at step 205, from any level-2 polarized state (E_2) "
        "with 20 of 30 agents on "
        "the + side."
    )
    assert [a.name for a in bound.assumptions] == ["neighbourhood", "separation"]
    assert bound.horizon_steps == 205
    broken = theorem2_ascent(chain, level=2, steps=205, split=9)
    assert [a.holds for a in broken.assumptions] == [False, True]
    assert broken.value.is_zero
    paper = theorem2_ascent(chain, level=2, steps="2*m*log(m)", variant="paper")
    assert paper.notes == ()
    assert paper.variant == "paper"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ascent": 0}, "`ascent` must be a whole number from 1 to 10000; got 0"),
        (
            {"ascent": 2, "variant": "paper"},
            "`ascent` must be 1 with variant='paper': the paper states no other rise; got 2",
        ),
        ({"variant": "x"}, "`variant` must be certified or paper; got x"),
        ({"split": 31}, "`split` must be a whole number from 0 to m = 30; got 31"),
    ],
)
def test_rejects_bad_arguments(options, message):
    with pytest.raises(InputError) as caught:
        theorem2_ascent(ChainParameters(30, 5, "0.3"), **{"level": 1, "steps": 100} | options)
    assert str(caught.value) == message


def test_reference_most_cells_of_the_alternating_sum():
    assert coupons.is_exact(10**12, 2000, 1)
    assert not coupons.is_exact(10**12, 2001, 1)
