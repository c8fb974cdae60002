"""What T1 says about the time to polarization."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest

from mcpolar.balls import Dyadic
from mcpolar.bounds import (
    expected_hitting_time,
    expected_time_on_one_side,
    not_polarized,
    one_sided,
    polarized,
    slowest_expected_time,
    theorem1,
    theorem2,
)
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from tests.bounds.exact import as_mpf

BOUND = theorem1(ChainParameters(3, 1, "0.4"))
TINY = theorem1(ChainParameters(30, 5, "0.2"))


@pytest.mark.parametrize("bound", [BOUND, TINY])
def test_twin_mean_is_rounded_up(bound):
    exact = bound.horizon_steps / bound.value.fraction
    found = expected_hitting_time(bound).fraction
    assert exact <= found <= exact * (1 + Fraction(1, 2**90))


@pytest.mark.parametrize("blocks", [1, 2, 7, 1000])
@pytest.mark.parametrize("bound", [BOUND, TINY])
def test_twin_tail_is_rounded_up_and_its_complement_down(bound, blocks):
    q = as_mpf(bound.value)
    with mpmath.workdps(900):
        exact = (1 - q) ** blocks
        assert exact <= as_mpf(not_polarized(bound, blocks=blocks)) <= exact * (1 + mpmath.mpf(2) ** -90)
        assert (
            (1 - exact) * (1 - mpmath.mpf(2) ** -90) <= as_mpf(polarized(bound, blocks=blocks)) <= 1 - exact
        )


def test_reference_a_tiny_chance_is_kept():
    q = TINY.value.fraction
    assert TINY.log10 < -80
    assert not_polarized(TINY, blocks=1).fraction <= 1
    assert float(polarized(TINY, blocks=10**6).fraction / q) == pytest.approx(10**6, rel=1e-9, abs=0)
    assert float(polarized(TINY, blocks=10**1000).fraction) == pytest.approx(1.0, abs=0)


def test_reference_edges():
    assert not_polarized(BOUND, blocks=0) == Dyadic(1, 0)
    assert polarized(BOUND, blocks=0).is_zero
    assert not_polarized(BOUND, blocks=10**9).fraction < Fraction(1, 10**9)


def test_sandwich_one_agent_by_hand():
    """m = r = 1: q = P/2, N = 1, so E tau <= 2/P."""
    bound = theorem1(ChainParameters(1, 1, "0.3"))
    chance = mpmath.erf(1 / (2 * mpmath.sqrt(2) * mpmath.mpf("0.3")))
    assert abs(as_mpf(expected_hitting_time(bound)) * chance / 2 - 1) < mpmath.mpf(10) ** -25


@pytest.mark.parametrize(
    "bound",
    [
        theorem1(ChainParameters(3, 1, "0.4"), variant="paper"),
        theorem1(ChainParameters(3, 1, "0.4", mirror=0)),
        theorem2(ChainParameters(3, 1, "0.4"), level=1, steps=3),
        replace(BOUND, value=Dyadic(0, 0)),
        replace(BOUND, horizon_steps=None),
    ],
)
def test_rejects_other_bounds(bound):
    with pytest.raises(InputError) as caught:
        expected_hitting_time(bound)
    assert str(caught.value) == (
        "`bound` must be a positive certified bound of theorem1, with all assumptions holding; got "
        f"{bound.statement}, {bound.variant}, {bound.lower()}"
    )


def test_rejects_bad_blocks():
    for function in (polarized, not_polarized):
        with pytest.raises(InputError, match=r"`blocks` must be a whole number from 0 to 10\^1000"):
            function(BOUND, blocks=-1)
        with pytest.raises(InputError, match="`blocks` must be"):
            function(BOUND, blocks=10**1000 + 1)


def test_reference_the_slowest_start_takes_so_long():
    low, high = slowest_expected_time(TINY), expected_hitting_time(TINY)
    assert (round(low.log10, 1), round(high.log10_up, 1)) == (23.7, 85.6)


def test_sandwich_two_agents_with_memory_one():
    """r = 1: the deep bipolar start polarizes at a step with chance U = ((P + P_x)/2)^2 at most."""
    bound = theorem1(ChainParameters(2, 1, "0.5"))
    with mpmath.workdps(30):
        unit = 1 / (mpmath.sqrt(2) * mpmath.mpf("0.5"))
        lands = (mpmath.erf(unit / 2) + (mpmath.erf(5 * unit / 2) - mpmath.erf(3 * unit / 2)) / 2) / 2
    assert float(slowest_expected_time(bound).fraction) == pytest.approx(
        float(1 / (2 * lands**2) - 0.5), rel=1e-6
    )


def test_law_on_one_side_it_is_a_matter_of_hundreds_of_steps():
    bound = one_sided(ChainParameters(30, 5, "0.2"), log_odds=10, steps=500)
    exact = 500 / bound.value.fraction
    assert exact <= expected_time_on_one_side(bound).fraction <= exact * (1 + Fraction(1, 2**90))
    assert exact < 900


@pytest.mark.parametrize("bound", [BOUND, one_sided(ChainParameters(3, 1, "0.4"), steps=1)])
def test_rejects_other_bounds_of_one_side(bound):
    with pytest.raises(InputError, match="`bound` must be a positive bound of one-sided; got"):
        expected_time_on_one_side(bound)


def test_rejects_a_ceiling_that_is_not_known():
    with pytest.raises(InputError, match="`bound` must be of the unrestricted chain; got theorem1"):
        slowest_expected_time(theorem1(ChainParameters(4, 1, "0.4", k=1)))
