"""Confidence sequences: closed forms, laws, and how often they ever miss."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betaln

from mcpolar.confidence import beta_binomial, clopper_pearson, hedged_betting
from mcpolar.confidence.sequences import predictable_bets
from mcpolar.errors import InputError
from mcpolar.rng import Purpose, generator


@given(st.integers(0, 400), st.integers(1, 400))
def test_law_wealth_at_the_ends_is_one_over_the_error(successes, missed):
    n = successes + missed
    low, high = beta_binomial(successes, n, 0.99)
    mixture = betaln(successes + 0.5, missed + 0.5) - betaln(0.5, 0.5)
    for end in (low, high):
        if -math.inf < end < 0:
            likelihood = successes * end + missed * math.log(-math.expm1(end))
            assert mixture - likelihood == pytest.approx(math.log(100), abs=1e-6)
    fixed = clopper_pearson(successes, n, 0.99)
    assert low <= fixed[0]
    assert fixed[1] <= high + 1e-12


def test_reference_no_hits_and_all_hits():
    low, high = beta_binomial(0, 50, 0.99)
    mixture = betaln(0.5, 50.5) - betaln(0.5, 0.5)
    assert low == -math.inf
    assert math.log1p(-math.exp(high)) == pytest.approx((mixture - math.log(100)) / 50, rel=1e-9)
    low, high = beta_binomial(50, 50, 0.99)
    assert low == pytest.approx((mixture - math.log(100)) / 50, rel=1e-9)
    assert high == 0.0


def test_reference_tiny_shares_keep_their_digits():
    low, high = beta_binomial(3, 10**12, 0.999)
    assert -36 < low < math.log(3e-12) < high < -24


def ever_missed(interval, draws: np.ndarray, mean: float) -> int:
    """How many rows are missed by the interval at one of the looks at least."""
    looks = [16, 32, 64, 128, 256]
    return sum(any(not _covers(interval, row[:n], mean) for n in looks) for row in draws)


def _covers(interval, values, mean):
    low, high = interval(values)
    return low <= mean <= high


RUNS, WRONG = 400, 0.2


@pytest.mark.parametrize("p", [0.02, 0.4])
def test_statistics_counting_seldom_ever_misses(p):
    draws = (generator(3, Purpose.BOOTSTRAP).random((RUNS, 256)) < p).astype(float)

    def sequence(values):
        return tuple(np.exp(beta_binomial(int(values.sum()), values.size, 1 - WRONG)))

    # at most a share of 0.2 may ever be missed; false alarms below 1e-6
    assert ever_missed(sequence, draws, p) <= stats.binom(RUNS, WRONG).isf(1e-6)


def test_control_a_fixed_size_interval_is_missed_too_often_when_watched():
    draws = (generator(3, Purpose.BOOTSTRAP).random((RUNS, 256)) < 0.4).astype(float)

    def fixed(values):
        low, high = stats.norm.interval(1 - WRONG)
        centre, width = values.mean(), values.std() / math.sqrt(values.size)
        return centre + low * width, centre + high * width

    assert ever_missed(fixed, draws, 0.4) > stats.binom(RUNS, WRONG).isf(1e-6)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (0.2, 3.0), (30.0, 1.0)])
def test_statistics_betting_seldom_ever_misses(a, b):
    draws = generator(4, Purpose.BOOTSTRAP).beta(a, b, (RUNS, 256))
    missed = ever_missed(lambda values: hedged_betting(2 * values, 2.0, 1 - WRONG), draws, 2 * a / (a + b))
    assert missed <= stats.binom(RUNS, WRONG).isf(1e-6)


def test_control_bets_that_see_the_present_value_miss_too_often(monkeypatch):
    def clairvoyant(x, error):
        return np.where(x > 0.5, 2.0, 0.0)

    monkeypatch.setattr("mcpolar.confidence.sequences.predictable_bets", clairvoyant)
    draws = generator(4, Purpose.BOOTSTRAP).beta(1.0, 1.0, (RUNS, 256))
    assert ever_missed(lambda v: hedged_betting(v, 1.0, 1 - WRONG), draws, 0.5) > stats.binom(
        RUNS, WRONG
    ).isf(1e-6)


def test_reference_the_sequence_shrinks_about_the_mean():
    values = generator(5, Purpose.BOOTSTRAP).beta(2.0, 5.0, 20_000)
    low, high = hedged_betting(values, 1.0, 0.999)
    assert low < 2 / 7 < high
    assert high - low < 0.03
    assert hedged_betting(values[:1], 1.0, 0.999) == (0.0, 1.0)
    assert hedged_betting(values[:0], 1.0, 0.999) == (0.0, 1.0)
    assert hedged_betting(np.zeros(3), 0.0, 0.999) == (0.0, 0.0)


# mpmath at 40 digits by bisection: Beta(1/2, 1/2) mixture over the likelihood (Robbins 1970), and the hedged capital
# process of Waudby-Smith and Ramdas 2024, Theorem 3, with largest bet 3/4
@pytest.mark.parametrize(
    ("k", "n", "confidence", "low", "high"),
    [
        (3, 10, 0.95, -3.4260494584834616, -0.29090444550363168),
        (0, 100, 0.99, -math.inf, -2.6299278766026705),
        (20, 1000, 0.999, -5.1450091720801587, -3.0471514321899811),
        (100, 100, 0.9, -0.051787851237046144, 0.0),
    ],
)
def test_reference_beta_binomial(k, n, confidence, low, high):
    assert beta_binomial(k, n, confidence) == pytest.approx((low, high), rel=1e-11)


@pytest.mark.parametrize(
    ("largest", "confidence", "ends"),
    [
        (1.0, 0.9, (0.4542032787327417, 0.55545345764163438)),
        (2.0, 0.99, (0.86633020112199955, 1.1534246075773619)),
    ],
)
def test_reference_hedged_betting(largest, confidence, ends):
    values = 37 * np.arange(1, 61) % 101 / 200 + 0.25
    assert hedged_betting(largest * values, largest, confidence) == pytest.approx(ends, rel=1e-11)


# as above; after two values the wealth is 1.7 times the goal at the open end
@pytest.mark.parametrize(
    ("value", "n", "ends"),
    [
        (0.125, 2, (0.0, 0.82714227139378877217)),
        (0.875, 2, (0.17285772860621122783, 1.0)),
        (0.375, 2, (0.0, 0.97129979031647864347)),
        (0.375, 3, (0.048734972959532041270, 0.79348783774720719996)),
        (0.375, 5, (0.18277803430453851443, 0.68563500379663842863)),
    ],
)
def test_reference_hedged_betting_on_few_values(value, n, ends):
    assert hedged_betting(np.full(n, value), 1.0, 0.875) == pytest.approx(ends, rel=1e-11)


def test_reference_bets_by_mpmath():
    bets = predictable_bets(np.array([0.125, 0.875, 0.5, 0.25]), 0.0625)
    expected = [6.3245553203367586640, 4.7038022643053339594, 3.4268234950249547207, 3.1804044354609797776]
    np.testing.assert_allclose(bets, expected, rtol=1e-14)


def test_rejects_a_sample_by_its_name():
    for values in ([0.5, 1.5], [0.5, math.nan], [-0.1, 0.5], [[0.5]]):
        with pytest.raises(InputError, match="`values` must be a vector of numbers from 0 to largest = 1"):
            hedged_betting(np.array(values), 1.0, 0.9)
    for largest in (-1.0, math.inf, math.nan):
        with pytest.raises(InputError, match="`largest`"):
            hedged_betting(np.array([0.5]), largest, 0.9)


@pytest.mark.parametrize(
    "interval", [lambda c: beta_binomial(1, 2, c), lambda c: hedged_betting(np.ones(3), 2.0, c)]
)
def test_rejects_confidences(interval):
    with pytest.raises(InputError, match="`confidence`"):
        interval(1.0)
