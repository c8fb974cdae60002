"""The calibrated asserts themselves: their rates by exact enumeration, and what each catches."""

import numpy as np
import pytest
from scipy import stats

from tests.calibrated import (
    DiffersError,
    TooSmallError,
    _binomial_region,
    assert_distribution,
    assert_mean,
    assert_proportion,
    assert_same_distribution,
)

RATE = {"false_alarm": 1e-7}


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize(("n", "p"), [(50, 0.5), (50, 0.01), (1000, 0.3), (7, 0.0), (7, 1.0)])
@pytest.mark.parametrize("rate", [1e-2, 1e-7])
def test_law_proportion_rejects_no_more_often_than_stated(n, p, rate):
    low, high = _binomial_region(stats.binom(n, p), rate)
    masses = stats.binom.pmf(np.arange(n + 1), n, p)
    outside = masses[:low].sum() + masses[high + 1 :].sum()
    assert outside <= rate
    # and the region is as small as the rate allows
    if low < high:
        assert masses[: low + 1].sum() > rate / 2
        assert masses[high:].sum() > rate / 2


def test_proportion(rng):
    assert_proportion(rng.binomial(10_000, 0.3), 10_000, 0.3, **RATE, resolves=0.05)
    with pytest.raises(DiffersError):
        assert_proportion(3500, 10_000, 0.3, **RATE, resolves=0.05)
    with pytest.raises(TooSmallError):
        assert_proportion(30, 100, 0.3, **RATE, resolves=0.05)
    with pytest.raises(TooSmallError):
        assert_proportion(1, 1, 0.5, **RATE, resolves=0.6)
    with pytest.raises(DiffersError):
        assert_proportion(1, 1000, 0.0, **RATE, resolves=0.1)


def test_mean(rng):
    sample = rng.normal(2.0, 1.0, 10_000)
    assert_mean(sample, 2.0, **RATE, resolves=0.1, normal_sd=1.0)
    assert_mean(rng.random(10_000), 0.5, **RATE, resolves=0.05, bounds=(0, 1))
    with pytest.raises(DiffersError):
        assert_mean(sample, 2.1, **RATE, resolves=0.1, normal_sd=1.0)
    with pytest.raises(DiffersError, match="leave"):
        assert_mean(sample, 2.0, **RATE, resolves=1.0, bounds=(0, 2))
    with pytest.raises(TooSmallError):
        assert_mean(sample[:100], 2.0, **RATE, resolves=0.1, normal_sd=1.0)
    with pytest.raises(TypeError):
        assert_mean(sample, 2.0, **RATE, resolves=0.1)


def test_distribution(rng):
    sample = rng.normal(size=20_000)
    assert_distribution(sample, stats.norm.cdf, **RATE, resolves=0.05)
    with pytest.raises(DiffersError):
        assert_distribution(sample + 0.15, stats.norm.cdf, **RATE, resolves=0.05)
    with pytest.raises(TooSmallError):
        assert_distribution(sample[:100], stats.norm.cdf, **RATE, resolves=0.05)


def test_same_distribution(rng):
    first, second = rng.poisson(3, 20_000), rng.poisson(3, 30_000)
    assert_same_distribution(first, second, **RATE, resolves=0.07)
    with pytest.raises(DiffersError):
        assert_same_distribution(first, rng.poisson(3.3, 30_000), **RATE, resolves=0.07)
    with pytest.raises(TooSmallError):
        assert_same_distribution(first[:100], second, **RATE, resolves=0.07)
