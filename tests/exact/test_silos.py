"""The law of the first change of a silo: simulator, bounds and symmetries."""

import math

import numpy as np
import pytest

from mcpolar.bounds import permanence, silo_persistence
from mcpolar.chain import ChainState, simulate
from mcpolar.confidence import clopper_pearson
from mcpolar.errors import InputError
from mcpolar.exact import silo_survival
from mcpolar.parameters import ChainParameters

REPLICAS = 40_000


def test_sandwich_two_agents_and_who_left_first():
    parameters, start = ChainParameters(2, 1, "0.9"), np.array([3.0, -2.0])
    exact = silo_survival(parameters, start, 15, tolerance=1e-7)
    assert exact.error.max() < 1e-7
    np.testing.assert_allclose(exact.survival + exact.left_by.sum(axis=1), 1, rtol=1e-12)
    path = simulate(
        parameters, ChainState.from_arrays(start, [[1.0], [-1.0]]), 15, seed=5, every=1, replicas=REPLICAS
    )
    moved = np.sign(path.log_odds) != np.sign(start)
    first = moved.any(axis=2).argmax(axis=1)
    left = moved[np.arange(REPLICAS), first]
    for t in (1, 4, 15):
        for agent in (0, 1):
            hits = int((left[:, agent] & (first <= t)).sum())
            low, high = clopper_pearson(hits, REPLICAS, 1 - 1e-8)
            assert math.exp(low) <= exact.left_by[t, agent] <= math.exp(high)
    low, high = clopper_pearson(hits, REPLICAS, 1 - 1e-8)
    assert not math.exp(low) <= exact.left_by[15, 0] <= math.exp(high)  # the agents are told apart


def test_sandwich_the_certified_bounds_lie_below():
    parameters = ChainParameters(2, 1, "0.7")
    exact = silo_survival(parameters, [4.0, 4.0], 3, tolerance=1e-3)
    assert float(silo_persistence(parameters, steps=3, log_odds=4).lower()) <= exact.survival[3]
    bound = float(permanence(ChainParameters(1, 1, "0.7"), log_odds=8).lower())
    assert 0 < bound <= silo_survival(ChainParameters(1, 1, "0.7"), [8.0], 200).survival[200] < 1


def test_reference_a_twin_on_a_fine_even_grid():
    # one agent: the midpoint rule on 3000 points, one step after another
    sigma, start = 0.8, 1.1
    mean, sd = 2 / sigma**2, 2 / sigma
    width = 0.04
    x = width * (np.arange(3000) + 0.5)
    origin = np.append(x, start)
    w = 1 / (1 + np.exp(-origin[:, None]))
    jump = x - origin[:, None]
    kernel = width * (
        w * np.exp(-0.5 * ((jump - mean) / sd) ** 2) + (1 - w) * np.exp(-0.5 * ((jump + mean) / sd) ** 2)
    )
    kernel /= sd * math.sqrt(2 * math.pi)
    value = np.ones(origin.size)
    for _ in range(8):
        value = kernel @ value[:-1]
    found = silo_survival(ChainParameters(1, 1, "0.8"), [start], 8)
    assert found.survival[8] == pytest.approx(value[-1], abs=1e-5)


def test_law_sides_are_alike():
    parameters = ChainParameters(2, 1, "1", mirror="0.4")
    one = silo_survival(parameters, [2.0, -1.0], 5, tolerance=1e-6)
    other = silo_survival(parameters, [1.0, -2.0], 5, tolerance=1e-6)
    np.testing.assert_allclose(one.survival, other.survival, rtol=1e-9)
    np.testing.assert_allclose(one.left_by, other.left_by[:, ::-1], atol=1e-9)


@pytest.mark.parametrize("log_odds", [[0.0, 1.0], [1.0], [np.inf, 1.0]])
def test_rejects_starts_without_sides(log_odds):
    with pytest.raises(InputError, match="2 finite numbers, none of them 0"):
        silo_survival(ChainParameters(2, 1, "1"), log_odds, 3)
