"""P(E_h at t) for memory size 1: closed forms, symmetries, and the simulator between its interval's ends."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from mcpolar import events
from mcpolar.chain import ChainState, simulate
from mcpolar.confidence import clopper_pearson
from mcpolar.errors import InputError
from mcpolar.exact import polarized_probabilities
from mcpolar.parameters import ChainParameters

STEPS, REPLICAS = 50, 40_000
FALSE_ALARM = 1e-7


def state(log_odds, memory=None) -> ChainState:
    odds = np.asarray(log_odds, dtype=float)
    return ChainState.from_arrays(odds, np.ones((odds.size, 1)) if memory is None else memory)


def one_agent(sigma: float, start: float, t: int, level: float = 1) -> float:
    """P(E_h at t) of one agent: its weight is a posterior, so that given the truth its log-odds are a random walk."""
    spread, w = 2 / sigma**2, 1 / (1 + math.exp(-start))
    total = 0.0
    for truth, chance in ((1, w), (-1, 1 - w)):
        for side in (1, -1):

            def density(y, truth=truth, side=side):
                others = side * (start + spread * (y + truth * (t - 1)))
                inside = stats.norm.cdf((others - level / sigma**2) / (spread * sigma * math.sqrt(t - 1)))
                return stats.norm.pdf((y - truth) / sigma) / sigma * inside

            ends = (0.5, 1.5) if side == 1 else (-1.5, -0.5)
            total += chance * integrate.quad(density, *ends, epsabs=1e-13)[0]
    return total


@pytest.fixture(scope="module")
def two_agents():
    parameters = ChainParameters(2, 1, "1")
    exact = polarized_probabilities(parameters, state([0, 0]), STEPS, tolerance=1e-6)
    path = simulate(parameters, state([0, 0]), STEPS, seed=11, every=1, replicas=REPLICAS, memory=True)
    return exact, events.is_polarized(path, parameters, 1).sum(axis=0)


def outside(exact, hits) -> list[int]:
    """Return the steps at which the exact value is outside the interval, whose errors add up to FALSE_ALARM."""
    found = []
    for step in range(1, STEPS + 1):
        low, high = clopper_pearson(int(hits[step]), REPLICAS, 1 - FALSE_ALARM / STEPS)
        if not math.exp(low) <= exact[step] <= math.exp(high):
            found.append(step)
    return found


def test_sandwich_two_agents_at_every_step(two_agents):
    exact, hits = two_agents
    assert exact.error.max() < 1e-6
    assert outside(exact.probability, hits) == []


def test_control_one_step_late_is_outside(two_agents):
    exact, hits = two_agents
    assert outside(np.append(0.0, exact.probability), hits) != []


def test_control_the_interval_resolves_two_percent(two_agents):
    exact, hits = two_agents
    assert len(outside(exact.probability + 0.02, hits)) == STEPS


def test_reference_two_agents_after_two_steps(two_agents):
    # each was updated once (chance 1/2), by an arrival in I+ or I-, which is as likely from either component
    in_interval = stats.norm.cdf([0.5, 2.5]) - stats.norm.cdf([-0.5, 1.5])
    assert two_agents[0].probability[1] == 0
    assert two_agents[0].probability[2] == pytest.approx(0.5 * in_interval.sum() ** 2, abs=1e-9)


@pytest.mark.parametrize(("sigma", "start", "level"), [(1.0, 0.0, 1), (0.7, -0.4, 1), (1.0, 1.3, 3)])
def test_reference_one_agent_is_a_posterior(sigma, start, level):
    found = polarized_probabilities(ChainParameters(1, 1, sigma), state([start]), 8, level=level)
    for t in (2, 3, 8):
        assert found.probability[t] == pytest.approx(one_agent(sigma, start, t, level), abs=2e-8)


def test_reference_agents_that_send_only_to_themselves_are_independent():
    found = polarized_probabilities(ChainParameters(2, 1, "1", mirror=1), state([0, 0.5]), 6)
    alone = [
        polarized_probabilities(ChainParameters(1, 1, "1"), state([start]), 6).probability
        for start in (0, 0.5)
    ]
    for t in (2, 6):
        n = np.arange(t + 1)
        expected = (stats.binom.pmf(n, t, 0.5) * alone[0][n] * alone[1][t - n]).sum()
        assert found.probability[t] == pytest.approx(expected, abs=1e-8)


def test_law_names_and_signs_of_agents_do_not_matter():
    parameters = ChainParameters(2, 1, "0.8", mirror="0.3")
    found = [
        polarized_probabilities(parameters, state(odds, memory), 4, tolerance=1e-7).probability
        for odds, memory in (
            ([2.0, -0.3], [[1.0], [0.2]]),
            ([-0.3, 2.0], [[0.2], [1.0]]),
            ([-2.0, 0.3], [[-1.0], [-0.2]]),
        )
    ]
    np.testing.assert_allclose(found[1], found[0], atol=1e-10)
    np.testing.assert_allclose(found[2], found[0], atol=1e-10)


def test_sandwich_three_agents_from_a_polarized_start():
    parameters, start = ChainParameters(3, 1, "1"), state([1.0, 1.5, -1.0], [[1.0], [0.5], [-1.5]])
    exact = polarized_probabilities(parameters, start, 3, tolerance=1e-3)
    assert exact.probability[0] == 1
    path = simulate(parameters, start, 3, seed=2, every=1, replicas=REPLICAS, memory=True)
    hits = events.is_polarized(path, parameters, 1).sum(axis=0)
    for t in (1, 2, 3):
        low, high = clopper_pearson(int(hits[t]), REPLICAS, 1 - 1e-7)
        assert math.exp(low) <= exact.probability[t] <= math.exp(high)


def test_reference_no_steps():
    assert polarized_probabilities(ChainParameters(1, 1, "1"), state([5.0]), 0).probability.tolist() == [1.0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (ChainParameters(1, 2, "1"), "`r` must be 1"),
        (ChainParameters(3, 1, "1", k=1), "`k` must be absent or m - 1"),
        (ChainParameters(9, 1, "1"), "nodes an agent"),
    ],
)
def test_rejects_chains_that_are_not_covered(parameters, message):
    start = ChainState.from_arrays(np.zeros(parameters.m), np.ones((parameters.m, parameters.r)))
    with pytest.raises(InputError, match=message):
        polarized_probabilities(parameters, start, 3)


def test_rejects_bad_arguments():
    parameters = ChainParameters(2, 1, "1")
    with pytest.raises(InputError, match="of one replica"):
        polarized_probabilities(parameters, ChainState.from_arrays(np.zeros((2, 2)), np.ones((2, 2, 1))), 3)
    with pytest.raises(InputError, match="`tolerance` must be a number from 1e-11"):
        polarized_probabilities(parameters, state([0, 0]), 3, tolerance=0)
    with pytest.raises(InputError, match="`steps`"):
        polarized_probabilities(parameters, state([0, 0]), -1)
