"""Survival analysis: coverage of bands and means, and the test of an exponential tail."""

import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from mcpolar.confidence.survival import log_rank
from mcpolar.errors import InputError
from mcpolar.metastability import exponential_tail, restricted_mean, survival_curve
from tests.calibrated import assert_proportion

RNG: Any = None  # of the test that runs; see below


@pytest.fixture(autouse=True)
def _one_generator_a_test(monkeypatch):
    """Give every test its own draws, whatever ran before it."""
    monkeypatch.setattr(sys.modules[__name__], "RNG", np.random.default_rng(20), raising=False)


def geometric(n: int, rate: float, horizon: int):
    times = RNG.geometric(rate, n)
    return np.minimum(times, horizon), times <= horizon


def censored(n: int, rate: float):
    """Return geometric times censored at independent uniform steps."""
    times, ends = RNG.geometric(rate, n), RNG.integers(1, 200, n)
    return np.minimum(times, ends), times <= ends


def test_reference_without_censoring_it_is_the_share_of_survivors():
    times = RNG.geometric(0.1, 500)
    curve = survival_curve(times, np.ones(500, dtype=bool))
    asked = np.arange(times.max() + 1)
    np.testing.assert_allclose(curve.at(asked), [(times > t).mean() for t in asked], atol=1e-12)
    assert curve.median == np.sort(times)[249]
    assert restricted_mean(times, np.ones(500, dtype=bool), int(times.max())).mean == pytest.approx(
        times.mean()
    )


def test_reference_events_at_step_0_and_none_at_all():
    curve = survival_curve([0, 0, 2, 4], [True, True, True, False])
    assert curve.steps.tolist() == [0, 2]
    assert curve.survival.tolist() == [0.5, 0.25]
    none = survival_curve([7, 7], [False, False])
    assert (none.steps.tolist(), none.survival.tolist(), none.median) == ([0], [1.0], None)


def test_reference_random_censoring_is_that_of_statsmodels():
    times, seen = censored(300, 0.02)
    curve, theirs = survival_curve(times, seen), SurvfuncRight(times, seen.astype(int))
    assert curve.band == "Hall-Wellner"
    np.testing.assert_array_equal(curve.steps[1:], theirs.surv_times)
    np.testing.assert_allclose(curve.survival[1:], theirs.surv_prob)
    # their band has the critical value of the observed interval, ours that of [0, 1]: a little wider
    low, high = theirs.simultaneous_cb(0.05, method="hw", transform="log")
    assert (curve.low[1:] <= curve.survival[1:]).all()
    assert np.ptp([curve.low[20], curve.high[20]]) == pytest.approx(high[19] - low[19], rel=0.15)


def covers(curve, rate: float) -> bool:
    steps = np.arange(curve.last)
    truth = (1 - rate) ** steps
    at = np.searchsorted(curve.steps, steps, side="right") - 1
    return bool(((curve.low[at] <= truth + 1e-12) & (truth <= curve.high[at] + 1e-12)).all())


def test_statistics_bands_cover():
    one_horizon = sum(
        covers(survival_curve(*geometric(80, 0.02, 60), confidence=0.9), 0.02) for _ in range(400)
    )
    # Massart's constant makes the band cover at least: exact binomial against 0.9 from below
    assert stats.binom.cdf(one_horizon, 400, 0.9) > 1e-7
    hall_wellner = sum(covers(survival_curve(*censored(200, 0.02), confidence=0.9), 0.02) for _ in range(200))
    assert stats.binom.cdf(hall_wellner, 200, 0.87) > 1e-7
    wrong = sum(covers(survival_curve(*geometric(80, 0.02, 60), confidence=0.9), 0.05) for _ in range(50))
    assert wrong < 25


@pytest.mark.parametrize("sample", [lambda: geometric(100, 0.02, 60), lambda: censored(100, 0.02)])
def test_statistics_restricted_means_cover(sample):
    truth = sum(0.98**t for t in range(40))
    means = [restricted_mean(*sample(), 40, confidence=0.95) for _ in range(300)]
    assert {mean.method for mean in means} <= {"empirical Bernstein", "Greenwood"}
    covered = sum(mean.low <= truth <= mean.high for mean in means)
    assert stats.binom.cdf(covered, 300, 0.93) > 1e-7
    assert np.mean([mean.mean for mean in means]) == pytest.approx(truth, abs=1)


def rejected(sample, n: int) -> int:
    return sum(exponential_tail(*sample(), 10).p_value < 0.05 for _ in range(n))


def test_statistics_the_test_of_a_constant_rate_keeps_its_level():
    assert_proportion(
        rejected(lambda: geometric(400, 0.02, 90), 500), 500, 0.05, false_alarm=1e-6, resolves=0.1
    )


def test_control_a_falling_rate_is_found():
    def mixture():
        times = np.where(RNG.random(400) < 0.5, RNG.geometric(0.1, 400), RNG.geometric(0.005, 400))
        return np.minimum(times, 90), times <= 90

    assert rejected(mixture, 20) >= 18


def test_statistics_the_rate_of_the_tail():
    found = exponential_tail(*geometric(5000, 0.03, 80), 10, confidence=1 - 1e-7)
    assert found.low <= 0.03 <= found.high
    assert found.high - found.low < 0.01


def test_reference_tails_with_few_events():
    few = exponential_tail([20, 20, 15], [False, False, True], 10)
    assert (few.n_events, few.exposure, few.p_value) == (1, 25, None)
    none = exponential_tail([20, 20], [False, False], 10)
    assert (none.rate, none.low) == (0, 0)
    assert none.high == pytest.approx(stats.chi2.isf(0.025, 2) / 40)
    lumped = exponential_tail(np.full(50, 11), np.ones(50, dtype=bool), 10)
    assert lumped.p_value is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: survival_curve([1.5], [True]), "`times` must be a vector of whole numbers"),
        (lambda: survival_curve([1, 2], [True]), "`observed` must be booleans of shape"),
        (lambda: survival_curve([1, 2], [2, 0]), "`observed`"),
        (lambda: survival_curve([-1, 2], [1, 0]), "`times`"),
        (lambda: survival_curve([1, 2], [1, 0], entry=[1, 0]), "`entry` must be before the times"),
        (lambda: survival_curve([1, 2], [1, 0]).quantile(1), "`share` must be a number in"),
        (lambda: log_rank([1, 2], [0, 0], [3], [0]), "at least one replica"),
        (lambda: survival_curve([1, 2], [True, False]).at([3]), "`steps` must be from 0 to 2"),
        (lambda: restricted_mean([1, 2], [True, False], 3), "`horizon`"),
        (lambda: exponential_tail([1, 2], [True, False], 2), "`after`"),
        (lambda: survival_curve([1, 2], [True, False], confidence=2), "`confidence`"),
    ],
)
def test_rejects_bad_arguments(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_law_medians_are_exact():
    for _ in range(1500):
        n = int(RNG.integers(1, 40))
        times, seen = RNG.integers(0, 12, n), RNG.random(n) < 0.8
        alive, median = Fraction(1), None
        for step in np.unique(times[seen]):
            at_risk = int((times >= step).sum())
            alive *= Fraction(at_risk - int((seen & (times == step)).sum()), at_risk)
            if alive <= Fraction(1, 2):
                median = int(step)
                break
        assert survival_curve(times, seen).median == median


def test_reference_the_median_of_1_to_4():
    curve = survival_curve([1, 2, 3, 4], [True] * 4)
    assert curve.median == 2
    assert [curve.quantile(share) for share in (0.25, "0.5", 0.75, 0.99)] == [1, 2, 3, 4]
    assert survival_curve([1, 2, 3], [True, False, False]).median is None


def test_control_a_rounded_product_misses_the_median():
    missed = 0
    for n in range(2, 60, 2):
        product = np.cumprod([1 - 1 / k for k in range(n, 0, -1)])
        missed += int(np.flatnonzero(product <= 0.5)[0]) != n // 2 - 1
        assert survival_curve(np.arange(1, n + 1), np.ones(n)).median == n // 2
    assert missed > 0


def test_law_flags_and_whole_floats_are_read_as_they_are_meant():
    times, seen = censored(60, 0.02)
    plain = survival_curve(times, seen)
    for other in (seen.astype(int), seen.astype(float)):
        np.testing.assert_array_equal(survival_curve(times.astype(float), other).survival, plain.survival)


def test_reference_pointwise_intervals_and_quantiles_are_those_of_statsmodels():
    times, seen = censored(150, 0.02)
    curve, theirs = survival_curve(times, seen), SurvfuncRight(times, seen.astype(int))
    low, high = curve.pointwise(0.9)
    z, log_s = stats.norm.isf(0.05), np.log(theirs.surv_prob)
    spread = np.exp(z * theirs.surv_prob_se / theirs.surv_prob / -log_s)
    np.testing.assert_allclose(low[1:], np.exp(log_s * spread), rtol=1e-12)
    np.testing.assert_allclose(high[1:], np.exp(log_s / spread), rtol=1e-12)
    for share in (0.25, 0.5):
        assert curve.quantile(share) == theirs.quantile(share)
        assert curve.quantile_interval(share, 0.9) == theirs.quantile_ci(share, 0.1, method="cloglog")


def test_reference_log_rank_of_a_published_trial():
    # Bland and Altman, BMJ 328:1073 (2004): recurrent gliomas, chi-square 7.5, P = 0.006
    astrocytoma = [6, 13, 21, 30, 37, 38, 49, 50, 63, 79, 86, 98, 202, 219], [31, 47, 80, 82, 82, 149]
    early = [10, 10, 12, 13, 14, 15, 16, 17, 18, 20, 24, 24, 25, 28, 30, 33, 35, 37, 40, 40, 46, 48]
    glioblastoma = [*early, 76, 81, 82, 91, 112, 181], [34, 40, 70]
    samples = []
    for dead, alive in (astrocytoma, glioblastoma):
        samples += [dead + alive, [1] * len(dead) + [0] * len(alive)]
    found = log_rank(*samples)
    assert found.statistic**2 == pytest.approx(7.5, abs=0.05)
    assert found.p_value == pytest.approx(0.006, abs=0.0005)


def test_reference_late_entry_is_that_of_statsmodels():
    times, seen = censored(300, 0.02)
    entry = np.minimum(RNG.integers(0, 20, times.size), times - 1)
    entry[:40] = 0
    curve = survival_curve(times, seen, entry=entry)
    theirs = SurvfuncRight(times, seen.astype(int), entry=entry)
    np.testing.assert_allclose(curve.survival[1:], theirs.surv_prob, rtol=1e-12)
    assert curve.band == "log-log, pointwise"
    without = survival_curve(times, seen)
    assert np.abs(without.survival - curve.survival).max() > 0.01


def test_statistics_late_entry_and_pointwise_intervals_cover():
    hits = 0
    for _ in range(400):
        times = RNG.geometric(0.03, 200)
        entry = RNG.integers(0, 25, 200) * (RNG.random(200) < 0.5)
        watched = times > entry
        times, entry = times[watched], entry[watched]
        curve = survival_curve(np.minimum(times, 60), times <= 60, entry=entry, confidence=0.9)
        at = np.searchsorted(curve.steps, 30, side="right") - 1
        hits += bool(curve.low[at] <= 0.97**30 <= curve.high[at])
    assert stats.binom.cdf(hits, 400, 0.87) > 1e-7
    assert stats.binom.sf(hits, 400, 0.94) > 1e-7


def test_reference_greenwood_by_hand():
    # areas 1, 1.5, 0.75 between events; variance 2.25^2 / (4 * 3) + 0.75^2 / (2 * 1) = 0.703125
    found = restricted_mean([1, 2, 3, 5], [True, False, True, False], 5, confidence=0.95)
    assert (found.mean, found.method) == (pytest.approx(3.25, rel=1e-14), "Greenwood")
    half_width = stats.norm.isf(0.025) * np.sqrt(0.703125)
    assert (found.low, found.high) == pytest.approx((3.25 - half_width, 3.25 + half_width), rel=1e-12)


def test_reference_the_band_of_one_horizon_is_massarts():
    # sqrt(log(2 / 0.05) / (2 * 20)); log 40 = 3.68887945411393630
    curve = survival_curve([3] * 4 + [5] * 8 + [9] * 8, [True] * 12 + [False] * 8)
    assert curve.band == "Dvoretzky-Kiefer-Wolfowitz-Massart"
    width = (3.68887945411393630 / 40) ** 0.5
    np.testing.assert_allclose(curve.low, [1 - width, 0.8 - width, 0.4 - width], rtol=1e-13)
    np.testing.assert_allclose(curve.high, [1.0, 1.0, 0.4 + width], rtol=1e-13)
    assert survival_curve([3, 5, 9], [True] * 3).band == curve.band
    assert survival_curve([3, 5, 9], [True, False, False]).band == "Hall-Wellner"


def test_reference_the_width_of_a_hall_wellner_band():
    # K / sqrt(n) (S + n V / S) with statsmodels' variance V; K = 1.3581 (Smirnov's table at 5 %)
    times, seen = censored(2000, 0.02)
    curve, theirs = survival_curve(times, seen), SurvfuncRight(times, seen.astype(int))
    s, deviation = theirs.surv_prob, theirs.surv_prob_se
    width = 1.3581 / np.sqrt(2000) * (s + 2000 * deviation**2 / s)
    inside = np.flatnonzero((s - width > 0) & (s + width < 1))
    assert inside.size > 40
    np.testing.assert_allclose((curve.high - curve.survival)[1:][inside], width[inside], rtol=2e-5)
    np.testing.assert_allclose((curve.survival - curve.low)[1:][inside], width[inside], rtol=2e-5)


def test_reference_pointwise_intervals_at_the_ends_of_the_curve():
    low, high = survival_curve([1, 2, 4], [True] * 3).pointwise()
    assert (low[0], high[0], low[-1], high[-1]) == (1, 1, 0, high[-2])
    assert 0 < low[1] < 2 / 3 < high[1] < 1
    low, high = survival_curve([0, 0], [True, True]).pointwise()
    assert (low.tolist(), high.tolist()) == ([0], [1])


def test_reference_counts_beside_the_curve():
    none = survival_curve([7, 7], [False, False])
    assert (none.at_risk.tolist(), none.events.tolist()) == ([2], [0])
    curve = survival_curve([0, 2, 2, 3], [True, True, False, True])
    assert (curve.at_risk.tolist(), curve.events.tolist()) == ([4, 3, 1], [1, 1, 1])
    assert (curve.n_replicas, curve.n_observed, curve.last) == (4, 3, 3)


def test_reference_the_restricted_mean_of_one_replica():
    found = restricted_mean([3], [True], 3)
    assert (found.mean, found.low, found.high, found.method) == (3, 3, 3, "Greenwood")


def test_rejects_a_log_rank_test_without_an_event_by_name():
    with pytest.raises(InputError, match=r"`observed` must be true for at least one .*got .?no event"):
        log_rank([1, 2], [0, 0], [3], [0])
