"""Intervals against exact tails and measured coverage."""

import inspect
import math

import numpy as np
import pytest
from mpmath import betainc, mp, mpf
from scipy import stats

from mcpolar import confidence as public
from mcpolar.confidence import (
    beta_binomial,
    clopper_pearson,
    empirical_bernstein,
    exponential_tail,
    hedged_betting,
    nonnegative_mean,
    restricted_mean,
    survival_curve,
)
from mcpolar.confidence.intervals import betting_lower
from tests.rejections import assert_rejects

# Where a value is pinned below, mpmath computed it at 40 digits from the formula in the cited paper, by sums, products,
# quadrature and bisection of its own; R's binom.test(3, 10) prints the first of Clopper and Pearson's.
PINNED = 1e-13


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


@pytest.mark.parametrize(
    ("k", "n", "confidence", "low", "high"),
    [
        (3, 10, 0.95, -2.7069581299630097, -0.42701640284064886),
        (7, 50, 0.99, -3.1589858874819536, -1.1740678938158346),
        (49, 50, 0.9, -0.095848268339665121, -0.0010258658877510107),
        (1, 1000, 0.999, -14.508407936487766, -4.6097994504224712),
        (2, 10**6, 0.999, -17.258748247059565, -11.32633478959864),
        (0, 1000, 0.99, -math.inf, -5.2430139758506038),
    ],
)
def test_reference_clopper_pearson(k, n, confidence, low, high):
    assert clopper_pearson(k, n, confidence) == pytest.approx((low, high), rel=PINNED)


# Maurer and Pontil 2009, Theorem 4, and Hoeffding 1963; a quarter of the error for each side of each
@pytest.mark.parametrize(
    ("sample", "largest", "confidence", "mean", "half_width"),
    [
        (np.tile(np.arange(1, 41) / 1000, 25), 1.0, 0.9, 0.0205, 0.011316157135940534),
        (0.2 + np.tile(3 * np.arange(1, 41) / 1000, 50), 3.0, 0.999, 0.2615, 0.034754715958642769),
        (2 * np.arange(40) / 39, 2.0, 0.99, 1.0, 0.54733283051119736),  # Hoeffding's is the narrower one
    ],
)
def test_reference_empirical_bernstein(sample, largest, confidence, mean, half_width):
    ends = empirical_bernstein(sample, largest, confidence)
    assert ends == pytest.approx((mean - half_width, mean + half_width), rel=PINNED)


# Waudby-Smith and Ramdas 2024, section 4, with the bets of the code; its result is lowered by 1e-9
@pytest.mark.parametrize(
    ("values", "error", "expected"),
    [
        ([1, 2, 3, 5, 8, 13, 4, 0], 0.05, 0.353281271728217),
        (np.arange(1, 41) / 7, 0.0005, 0.59714084813898),
    ],
)
def test_reference_betting_lower(values, error, expected):
    with np.errstate(divide="ignore"):
        logs = np.log(np.asarray(values, dtype=float))
    assert betting_lower(logs, error) == pytest.approx(expected - 1e-9, abs=2e-10)


# Krishnamoorthy and Mathew 2003 by quadrature over the chi-square law; with zeros, Clopper-Pearson's limit of the share
@pytest.mark.parametrize(
    ("zeros", "confidence", "high"),
    [(0, 0.9, 1.2490727705), (3, 0.9, 1.44343755916), (0, 0.999, 3.61321881915)],
)
def test_reference_log_normal_upper_end(zeros, confidence, high):
    logs = np.array([-12, 3, 7, -4, 15, 1, -8, 10, 2, -3]) / 10
    found = nonnegative_mean(np.append(logs, [-math.inf] * zeros), confidence)
    assert found[2] == pytest.approx(high, rel=1e-8)


@pytest.mark.parametrize("shift", [-800.0, 5.0, 900.0])
def test_law_nonnegative_mean_has_no_unit(shift):
    # values of any size: 1 is no end of their range
    logs = np.array([0.3, -0.2, 0.1, -0.5, -math.inf])
    for sample in (logs, logs[[0, 4]], logs[4:]):
        moved = tuple(end + shift for end in nonnegative_mean(sample, 0.99))
        assert nonnegative_mean(sample + shift, 0.99) == pytest.approx(moved, rel=1e-9)


def test_statistics_nonnegative_mean_covers_values_above_one():
    # 60 intervals of stated coverage 0.9 for a mean of e^30.5, from samples as small as 1 and 2
    rng = np.random.default_rng(3)
    for n in (1, 2, 8):
        ends = [nonnegative_mean(30 + rng.standard_normal(n), 0.9) for _ in range(60)]
        missed = sum(not low <= 30.5 <= high for _, low, high in ends)
        assert missed <= stats.binom(60, 0.1).isf(1e-7)


def test_reference_clopper_pearson_with_no_or_all_hits():
    low, high = clopper_pearson(0, 1000, 0.99)
    assert low == -math.inf
    assert math.exp(high) == pytest.approx(1 - 0.005 ** (1 / 1000), rel=1e-9)
    low, high = clopper_pearson(1000, 1000, 0.99)
    assert high == 0.0
    assert math.exp(low) == pytest.approx(0.005 ** (1 / 1000), rel=1e-12)


def of_counts(interval):
    return lambda confidence=0.9, successes=1, replicas=2: interval(successes, replicas, confidence)


def of_sample(interval):
    return lambda confidence=0.9, sample=(0.25, 0.5), largest=1.0: interval(
        np.array(sample), largest, confidence
    )


COUNTS = [of_counts(clopper_pearson), of_counts(beta_binomial)]
SAMPLES = [of_sample(empirical_bernstein), of_sample(hedged_betting)]
TIMES = ([3, 5, 5, 9], [True, True, True, False])
EVERY = {
    "beta_binomial": COUNTS[1],
    "clopper_pearson": COUNTS[0],
    "empirical_bernstein": SAMPLES[0],
    "hedged_betting": SAMPLES[1],
    "nonnegative_mean": lambda confidence: nonnegative_mean(np.zeros(3), confidence),
    "survival_curve": lambda confidence: survival_curve(*TIMES, confidence=confidence),
    "restricted_mean": lambda confidence: restricted_mean(*TIMES, 7, confidence=confidence),
    "exponential_tail": lambda confidence: exponential_tail(*TIMES, 2, confidence=confidence),
}


def test_law_every_public_interval_is_walked():
    functions = {name: value for name, value in vars(public).items() if inspect.isfunction(value)}
    with_confidence = {
        name for name, value in functions.items() if "confidence" in inspect.signature(value).parameters
    }
    assert with_confidence == EVERY.keys()


@pytest.mark.parametrize("interval", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("confidence", [1.0, 0.3, -1, math.nan, "0.9", None, True])
def test_rejects_a_confidence_outside_its_range(interval, confidence):
    interval(confidence=0.9)
    interval(confidence=0.5)
    allowed = "a number from 0.5 to below 1, e.g. 0.999"
    assert_rejects(lambda: interval(confidence=confidence), "confidence", confidence, allowed)


@pytest.mark.parametrize("interval", COUNTS)
@pytest.mark.parametrize("value", [3, -1, 1.5, 1.0, math.nan])
def test_rejects_successes(interval, value):
    allowed = "a whole number from 0 to replicas = 2"
    assert_rejects(lambda: interval(successes=value), "successes", value, allowed)


@pytest.mark.parametrize("interval", COUNTS)
@pytest.mark.parametrize("value", [0, 2.5, True])
def test_rejects_replicas(interval, value):
    assert_rejects(lambda: interval(replicas=value), "replicas", value, "a whole number >= 1")


@pytest.mark.parametrize(("interval", "name"), [(SAMPLES[0], "shortfalls"), (SAMPLES[1], "values")])
class TestSamples:
    ALLOWED = "a vector of numbers from 0 to largest = 1.0"

    @pytest.mark.parametrize("place", [0, 1, 2])
    @pytest.mark.parametrize("value", [-1e-9, 1.0000001, math.nan, math.inf, -math.inf])
    def test_rejects_one_bad_value_among_good_ones(self, interval, name, place, value):
        sample = np.array([0.0, 0.5, 1.0])
        interval(sample=sample)
        sample[place] = value
        assert_rejects(lambda: interval(sample=sample), name, value, self.ALLOWED)

    def test_rejects_a_sample_that_is_no_vector(self, interval, name):
        sample = np.full((2, 2), 0.5)
        assert_rejects(lambda: interval(sample=sample), name, sample, self.ALLOWED)

    @pytest.mark.parametrize("largest", [-0.5, math.nan, math.inf])
    def test_rejects_a_range_without_end(self, interval, name, largest):
        allowed = "a number >= 0: the end of the variables' range"
        assert_rejects(lambda: interval(largest=largest), "largest", largest, allowed)

    def test_reference_a_range_of_one_point(self, interval, name):
        assert interval(sample=np.zeros(3), largest=0.0) == (0.0, 0.0)


@pytest.mark.parametrize(
    "logs", [[], [0.0, math.nan], [math.nan, 0.0], [math.inf, 0.0], [0.0, math.inf], [[0.0, 0.0]]]
)
def test_rejects_logs_that_are_none(logs):
    values = np.array(logs)
    allowed = "a vector of logs of numbers, -inf for 0"
    assert_rejects(lambda: nonnegative_mean(values, 0.9), "log_values", values, allowed)


def test_rejects_a_single_value():
    allowed = "a whole number >= 2: an interval needs a variance"
    assert_rejects(lambda: empirical_bernstein(np.array([0.5]), 1.0, 0.99), "replicas", 1, allowed)


def test_reference_one_replica():
    # P(hit) = p: the limits solve p = error/2 and 1 - p = error/2
    assert clopper_pearson(1, 1, 0.9) == pytest.approx((math.log(0.05), 0.0), rel=PINNED)
    assert clopper_pearson(0, 1, 0.9) == pytest.approx((-math.inf, math.log(0.95)), rel=PINNED)


def test_reference_means_of_few_values():
    assert nonnegative_mean(np.log([1.0, 2.0, 6.0]), 0.9)[0] == pytest.approx(math.log(3), rel=PINNED)
    # two values: the quadrature behind the pins above
    assert nonnegative_mean(np.array([0.2, 0.5]), 0.9)[2] == pytest.approx(6.30672264099, rel=1e-8)
    # equal ones have no spread: the limit is theirs, times that of the share of positive ones
    equal = nonnegative_mean(np.array([0.5, 0.5, -math.inf, 0.5]), 0.9)
    assert equal[2] == pytest.approx(0.5 + clopper_pearson(3, 4, 0.95)[1], rel=PINNED)
    assert nonnegative_mean(np.array([-math.inf] * 2), 0.9) == (-math.inf, -math.inf, math.inf)
    assert nonnegative_mean(np.array([0.5]), 0.9)[2] == math.inf


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
