"""The conditional estimator against closed forms and quadrature; false-alarm rate at most 1e-6 each."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import expit

from mcpolar.bounds import theorem2
from mcpolar.chain import ChainState, Start
from mcpolar.errors import InputError
from mcpolar.montecarlo import conditional, crude, level_kept, silos_kept
from mcpolar.montecarlo import conditional as estimator
from mcpolar.montecarlo.estimators.conditional import component_chances, mean_of_weights, senders_stay_own
from mcpolar.parameters import ChainParameters

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
