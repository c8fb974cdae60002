"""Intervals against exact tails and measured coverage."""

import math

import numpy as np
import pytest
from mpmath import betainc, mp, mpf
from scipy import stats

from mcpolar.confidence.intervals import clopper_pearson, empirical_bernstein
from mcpolar.errors import InputError


def upper_tail(k: int, n: int, p: float) -> float:
    """P(Binomial(n, p) >= k) at 40 digits."""
    with mp.workdps(40):
        return float(betainc(k, n - k + 1, 0, mpf(p), regularized=True))


@pytest.mark.parametrize(("k", "n", "confidence"), [(3, 10**6, 1 - 1e-12), (7, 50, 0.99), (999, 1000, 0.999)])
def test_reference_clopper_pearson_ends_have_half_the_error(k, n, confidence):
    low, high = clopper_pearson(k, n, confidence)
    error = 1 - confidence
    assert upper_tail(k, n, math.exp(low)) == pytest.approx(error / 2, rel=1e-6)
    assert 1 - upper_tail(k + 1, n, math.exp(high)) == pytest.approx(error / 2, rel=1e-6)


def test_reference_clopper_pearson_with_no_or_all_hits():
    low, high = clopper_pearson(0, 1000, 0.99)
    assert low == -math.inf
    assert math.exp(high) == pytest.approx(1 - 0.005 ** (1 / 1000), rel=1e-9)
    low, high = clopper_pearson(1000, 1000, 0.99)
    assert high == 0.0
    assert math.exp(low) == pytest.approx(0.005 ** (1 / 1000), rel=1e-12)


@pytest.mark.parametrize("confidence", [1.0, 0.3, -1, math.nan, "0.9"])
def test_rejects_a_confidence_outside_its_range(confidence):
    with pytest.raises(InputError, match="`confidence` must be a number from 0.5 to below 1"):
        clopper_pearson(1, 2, confidence)


def test_rejects_a_single_value():
    with pytest.raises(InputError, match="replicas"):
        empirical_bernstein(np.array([0.5]), 1.0, 0.99)


def misses(cut: float, n: int, repetitions: int) -> int:
    """How often the interval, with its half-width multiplied by `cut`, misses the mean of a skewed law."""
    rng = np.random.default_rng(1)
    missed = 0
    for sample in rng.beta(0.05, 2.0, size=(repetitions, n)):
        low, high = empirical_bernstein(sample, 1.0, 0.9)
        mean = sample.mean()
        missed += not mean - cut * (mean - low) <= 0.05 / 2.05 <= mean + cut * (high - mean)
    return missed


def test_statistics_empirical_bernstein_covers_a_skewed_law():
    # 2000 intervals of stated coverage 0.9: more than 2000*0.1 + 5.2 s.d. misses has probability below 1e-7
    assert misses(1.0, 200, 2000) <= stats.binom(2000, 0.1).isf(1e-7)


def test_control_an_interval_ten_times_too_narrow_is_caught():
    assert misses(0.1, 200, 2000) > stats.binom(2000, 0.1).isf(1e-7)


def test_law_empirical_bernstein_stays_in_the_range_and_shrinks():
    rng = np.random.default_rng(2)
    widths = []
    for n in (10, 1000, 100_000):
        low, high = empirical_bernstein(rng.random(n) * 0.01, 0.01, 0.999)
        assert 0 <= low <= 0.005 <= high <= 0.01
        widths.append(high - low)
    assert widths[0] > widths[1] > widths[2]
