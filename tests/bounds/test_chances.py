"""Chances of one draw, against mpmath's normal distribution."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest

from mcpolar.balls import enclosure
from mcpolar.bounds import chances
from tests.bounds.exact import as_mpf


def phi(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def assert_encloses(evaluate, exact):
    low, high = (as_mpf(end) for end in enclosure(evaluate))
    slack = abs(exact) * mpmath.mpf(10) ** -100
    assert low - slack <= exact <= high + slack
    assert high - low <= abs(exact) * mpmath.mpf(2) ** -90


@pytest.mark.parametrize("sigma", ["0.02", "0.3", "1", "700"])
def test_twin_chances_of_intervals(sigma):
    exact, s = Decimal(sigma), as_mpf(sigma)
    inside = phi(1 / (2 * s)) - phi(-1 / (2 * s))
    assert_encloses(lambda: chances.own_interval(exact), inside)
    assert_encloses(lambda: chances.own_interval_missed(exact), 2 * phi(-1 / (2 * s)))
    assert_encloses(lambda: chances.inner_interval(exact), phi(1 / (6 * s)) - phi(-1 / (6 * s)))
    assert_encloses(lambda: chances.other_interval(exact), phi(-3 / (2 * s)) - phi(-5 / (2 * s)))
    assert_encloses(lambda: chances.other_half_line(exact), phi(-1 / s))


@pytest.mark.parametrize("log_odds", [Fraction(1, 10), Fraction(11), Fraction(500)])
@pytest.mark.parametrize("sigma", ["0.02", "0.3", "2"])
def test_twin_mixtures(sigma, log_odds):
    exact, s, own = Decimal(sigma), as_mpf(sigma), 1 / (1 + mpmath.exp(-as_mpf(log_odds)))
    other = 1 / (1 + mpmath.exp(as_mpf(log_odds)))
    landing = phi(-3 / (2 * s)) - phi(-5 / (2 * s))
    assert_encloses(
        lambda: chances.level_missed(exact, log_odds), own * 2 * phi(-1 / (2 * s)) + other * (1 - landing)
    )
    assert_encloses(
        lambda: chances.half_line_missed(exact, log_odds), own * phi(-1 / s) + other * (1 - phi(-1 / s))
    )


@pytest.mark.parametrize(("dimension", "ratio"), [(1, Fraction(3)), (2, Fraction(1, 2)), (7, Fraction(5, 2))])
def test_twin_chi(dimension, ratio):
    half = as_mpf(ratio) ** 2 / 2
    upper = mpmath.gammainc(mpmath.mpf(dimension) / 2, half, regularized=True)
    assert_encloses(lambda: chances.ball_hit_and_missed(dimension, ratio)[1], upper)
    assert_encloses(lambda: chances.ball_hit_and_missed(dimension, ratio)[0], 1 - upper)


def test_reference_one_dimension_is_the_interval():
    hit = enclosure(lambda: chances.ball_hit_and_missed(1, Fraction(5, 3))[0])[0]
    assert abs(as_mpf(hit) - (1 - 2 * phi(-mpmath.mpf(5) / 3))) < mpmath.mpf(10) ** -25
