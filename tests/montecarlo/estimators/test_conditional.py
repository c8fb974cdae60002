"""The conditional estimator against closed forms and quadrature; false-alarm rate at most 1e-6 each."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import expit

from mcpolar.bounds import theorem2
from mcpolar.chain import ChainState, Ensemble, Start
from mcpolar.errors import InputError
from mcpolar.montecarlo import conditional, crude, level_kept, silos_kept
from mcpolar.montecarlo import conditional as estimator
from mcpolar.montecarlo.estimators.conditional import (
    Weighing,
    component_chances,
    effective_sample_size,
    mean_of_weights,
    rounding_of_logs,
    senders_stay_own,
)
from mcpolar.parameters import ChainParameters
from tests.bounds.test_coupons import by_states

CONFIDENCE = 1 - 1e-6


def hit(low: float, high: float, mean: float, sigma: float) -> float:
    law = stats.norm(mean, sigma)
    return float(law.cdf(high) - law.cdf(low))


def two_steps_of_one_agent(sigma: float) -> float:
    """P(E_1 kept for 2 steps), m = 1, r = 1, from l = 1/sigma^2, by quadrature over the first arrival."""
    start = 1 / sigma**2
    own, other = hit(0.5, 1.5, 1, sigma), hit(0.5, 1.5, -1, sigma)

    def then_good(y: float) -> float:
        weight, after = expit(start), expit(start + 2 * y / sigma**2)
        density = weight * stats.norm.pdf(y, 1, sigma) + (1 - weight) * stats.norm.pdf(y, -1, sigma)
        return density * (after * own + (1 - after) * other)

    return float(integrate.quad(then_good, 0.5, 1.5, epsrel=1e-12)[0])


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.5])
def test_sandwich_two_steps_of_one_agent(sigma):
    parameters = ChainParameters(1, 1, sigma)
    found = conditional(
        parameters,
        Start("boundary"),
        level_kept(parameters, 1, 2),
        replicas=20_000,
        seed=3,
        confidence=CONFIDENCE,
    )
    exact = math.log(two_steps_of_one_agent(sigma))
    assert found.log_low <= exact <= found.log_high
    assert found.log_high - found.log_low < 0.2


def test_control_a_forgotten_component_is_caught():
    # without the other component's chance the probability would be smaller by its share
    sigma = 2.5
    parameters = ChainParameters(1, 1, sigma)
    found = conditional(
        parameters,
        Start("boundary"),
        level_kept(parameters, 1, 2),
        replicas=20_000,
        seed=3,
        confidence=CONFIDENCE,
    )
    own = hit(0.5, 1.5, 1, sigma)
    wrong = 2 * math.log(expit(1 / sigma**2) * own)
    assert wrong < found.log_low


@pytest.mark.parametrize(("m", "r", "k", "split"), [(1, 1, None, None), (7, 3, None, None), (8, 2, 3, 4)])
def test_reference_one_step_is_the_bound_itself(m, r, k, split):
    # with every |l| = h/sigma^2 the chance of one good step is the same for all pairs: no variance at all
    parameters = ChainParameters(m, r, "0.4", k)
    bound = theorem2(parameters, level=1, steps=1, split=split)
    start = Start("boundary", level=1, split=split)
    found = conditional(parameters, start, level_kept(parameters, 1, 1), replicas=50, seed=1)
    assert found.log10 == pytest.approx(bound.log10, rel=1e-12)
    assert found.diagnostics["effective_sample_size"] == pytest.approx(50)


def test_statistics_agrees_with_counting():
    parameters = ChainParameters(6, 3, "0.6", k=2)
    start, target = Start("boundary", level=1, split=3), level_kept(parameters, 1, 6)
    by_weight = conditional(parameters, start, target, replicas=20_000, seed=5, confidence=CONFIDENCE)
    by_count = crude(parameters, start, target, replicas=200_000, seed=6, confidence=CONFIDENCE)
    assert by_weight.log_low <= by_count.log_high
    assert by_count.log_low <= by_weight.log_high
    assert by_weight.log_high - by_weight.log_low < 0.05
    assert by_count.log_high - by_count.log_low < 0.3


def test_control_one_step_more_is_told_apart():
    parameters = ChainParameters(6, 3, "0.6", k=2)
    start = Start("boundary", level=1, split=3)
    six, seven = (
        conditional(
            parameters, start, level_kept(parameters, 1, n), replicas=20_000, seed=5, confidence=CONFIDENCE
        )
        for n in (6, 7)
    )
    assert seven.log_high < six.log_low


def test_reference_far_below_the_smallest_double():
    parameters = ChainParameters(30, 5, "0.4")
    target = level_kept(parameters, 1, 10_000)
    found = conditional(parameters, Start("boundary"), target, replicas=20, seed=1)
    bound = theorem2(parameters, level=1, steps=10_000)
    assert bound.log10 < -1000
    assert bound.log10 <= found.log10 <= 10_000 / 205 * -21.0
    assert math.isfinite(found.log_high)


def test_reference_probabilities_next_to_one_keep_their_distance_from_one():
    parameters = ChainParameters(30, 5, "0.05")
    target = level_kept(parameters, 1, 1021)
    found = conditional(parameters, Start("boundary"), target, replicas=20, seed=1)
    miss = 2 * stats.norm.sf(10)
    assert found.log_probability == pytest.approx(-1021 * miss, rel=1e-9)
    assert found.log_low < 0


def test_law_same_bits_for_any_workers_and_blocks(monkeypatch):
    parameters = ChainParameters(6, 3, "0.6", k=2, mirror="0.3")
    start, target = Start("boundary", level=1, split=3), level_kept(parameters, 1, 20)
    found = [
        estimator(parameters, start, target, replicas=700, seed=5, workers=workers) for workers in (1, 2, 3)
    ]
    monkeypatch.setattr("mcpolar.parallel._LARGEST_BLOCK", 17)
    found.append(estimator(parameters, start, target, replicas=700, seed=5))
    assert all(one == found[0] for one in found)
    assert estimator(parameters, start, target, replicas=700, seed=6) != found[0]


def test_reference_mean_of_weights_by_hand():
    mean, low, high = mean_of_weights(np.log([0.5, 0.25]), 0.0, -math.inf, 0.9)
    assert mean == pytest.approx(math.log(0.375))
    assert low == -math.inf
    assert high == 0.0


def test_reference_component_chances():
    parameters = ChainParameters(2, 1, "0.5")
    own_hit, own_miss, other_hit, other_miss = component_chances(parameters, level_kept(parameters, 1, 1))
    assert own_hit == pytest.approx(stats.norm.cdf(1) - stats.norm.cdf(-1), rel=1e-14)
    assert own_miss == pytest.approx(2 * stats.norm.sf(1), rel=1e-14)
    assert other_hit == pytest.approx(stats.norm.sf(3) - stats.norm.sf(5), rel=1e-13)
    assert other_miss == pytest.approx(1 - other_hit, rel=1e-14)
    half_line = component_chances(parameters, replace(silos_kept(0, 1), low=0.0))
    assert half_line == pytest.approx(
        (stats.norm.cdf(2), stats.norm.sf(2), stats.norm.sf(2), stats.norm.cdf(2)), rel=1e-14
    )


@pytest.mark.parametrize(
    ("k", "split", "threshold", "expected"),
    [(None, 6, 0.1, True), (None, 3, 5.0, False), (2, 3, 5.0, True), (3, 3, 5.0, False), (2, 3, 0.5, False)],
)
def test_reference_senders_stay_own(k, split, threshold, expected):
    parameters = ChainParameters(6, 1, "0.5", k)
    state = Start("boundary", split=split).state(parameters, seed=1)
    assert senders_stay_own(parameters, state, threshold) is expected


def test_rejects_a_start_outside_the_event():
    parameters = ChainParameters(3, 1, "0.5")
    with pytest.raises(InputError, match="`start` must be a state in which it holds at time 0 that level 2"):
        conditional(parameters, Start("boundary", level=1), level_kept(parameters, 2, 5), replicas=5, seed=1)
    outside = ChainState.from_arrays([[9.0, 9.0, 9.0]], [[[1.0], [1.0], [1.6]]])
    with pytest.raises(InputError, match="`start`"):
        conditional(parameters, outside, level_kept(parameters, 1, 5), replicas=5, seed=1)


def test_rejects_an_event_without_confined_arrivals():
    parameters = ChainParameters(3, 1, "0.5")
    with pytest.raises(InputError, match="crude for an event that does not confine"):
        conditional(parameters, Start("boundary"), silos_kept(1, 5), replicas=5, seed=1)


@pytest.mark.parametrize(("name", "value"), [("replicas", 1), ("replicas", 0), ("workers", 0), ("seed", -1)])
def test_rejects_counts(name, value):
    parameters = ChainParameters(3, 1, "0.5")
    options = {"replicas": 5, "seed": 1, name: value}
    with pytest.raises(InputError, match=f"`{name}` must be"):
        conditional(parameters, Start("boundary"), level_kept(parameters, 1, 5), **options)


def kept_with_updates(steps: int, least_updates: int, ignored: int | None = None):
    """Return the estimate of "level 1 is kept and every agent updated so often", and the log of its exact chance.

    With own-side log-odds of 11 and more the other component's weight is below 2e-5, so that whether arrivals are
    good does not depend on who is updated: the chance is that of the coupons times T2, to 1e-3.
    """
    chain = ChainParameters(4, 3, "0.3")
    updates = least_updates if ignored is None else ignored
    target = replace(level_kept(chain, 1, steps), least_updates=updates)
    found = conditional(chain, Start("boundary"), target, replicas=40_000, seed=3, confidence=CONFIDENCE)
    kept = float(theorem2(chain, level=1, steps=steps).value.fraction)
    return found, math.log(float(by_states(steps, 4, least_updates)) * kept)


@pytest.mark.parametrize(("steps", "least_updates"), [(6, 1), (8, 1), (12, 2), (17, 3)])
def test_sandwich_every_agent_updated_is_coupons_times_theorem2(steps, least_updates):
    found, exact = kept_with_updates(steps, least_updates)
    assert 0.3 < by_states(steps, 4, least_updates) < 0.65
    assert found.log_low - 1e-3 <= exact <= found.log_high + 1e-3
    assert found.log_high - found.log_low < 0.12


@pytest.mark.parametrize(("steps", "least_updates", "ignored"), [(6, 1, 0), (12, 2, 1), (12, 2, 3)])
def test_control_another_count_of_updates_is_caught(steps, least_updates, ignored):
    found, exact = kept_with_updates(steps, least_updates, ignored)
    assert not found.log_low - 1e-3 <= exact <= found.log_high + 1e-3


def test_law_the_interval_is_as_wide_as_the_rounding_of_a_million_logs():
    # weights without any spread: what is left of the interval is what rounding can have done
    chain = ChainParameters(3, 2, "0.5")
    target = replace(level_kept(chain, 1, 1), steps=10**6)
    hit = math.exp(-0.5)
    weights = np.full(5, 10**6 * math.log1p(-(1 - hit)))
    weighing = Weighing(
        Ensemble.of(chain, Start("boundary"), 1), target, (hit, 1 - hit, hit, 1 - hit), weights
    )
    slack = rounding_of_logs(10**6, -5e5)
    assert slack == pytest.approx((10**6 + 32) * 2**-52 * 5e5, rel=1e-12)
    for found in (weighing.estimate(0.99), weighing.running(0.99)):
        assert found.log_probability - found.log_low == pytest.approx(slack, rel=1e-5)
        assert found.log_high - found.log_probability == pytest.approx(slack, rel=1e-5)


def test_reference_effective_sample_size():
    assert effective_sample_size(np.log([1.0, 2.0, 3.0])) == pytest.approx(36 / 14)
    assert effective_sample_size(np.array([0.0, -math.inf, 0.0])) == pytest.approx(2)
    assert effective_sample_size(np.full(3, -math.inf)) == 0.0


def test_law_a_weight_rounded_beyond_its_range_counts_as_its_end():
    whole = mean_of_weights(np.array([0.0, -0.5]), 0.0, -1.0, 0.9)
    assert mean_of_weights(np.array([1e-9, -0.5]), 0.0, -1.0, 0.9) == pytest.approx(whole, rel=1e-8)
    with pytest.raises(InputError, match="`shortfalls` must be"):
        mean_of_weights(np.array([1e-3, -0.5]), 0.0, -1.0, 0.9)
    with pytest.raises(InputError, match="`shortfalls` must be"):
        mean_of_weights(np.array([0.0, -1.1]), 0.0, -1.0, 0.9)
