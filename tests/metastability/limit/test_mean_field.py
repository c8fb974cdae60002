"""The limit of many agents: its closed form, large populations, and the rate at which the chain comes to it."""

import functools
import math
import sys

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import solve_ivp
from scipy.special import expit

from mcpolar.chain import ChainState
from mcpolar.errors import InputError, PrecisionError, ResourceError
from mcpolar.metastability import Convergence, WeightPaths, convergence, mean_field, weight_paths
from mcpolar.parameters import ChainParameters

ROUNDS = np.array([0.0, 0.5, 1.0, 2.0, 4.0, 6.0])


def everyone_at(m: int, log_odds: float, r: int = 1) -> ChainState:
    return ChainState.from_arrays(np.full((1, m), log_odds), np.ones((1, m, r)))


def compound_poisson(sigma: float, start: float) -> np.ndarray:
    """pi(t) without any grid: arrivals from +-1 are Poisson with means Pi(t) and t - Pi(t), Pi' = pi."""
    x = np.arange(-8, 8, 0.05)
    w = np.exp(-0.5 * x * x)
    n = np.arange(32)

    def weight(t: float, arrived: float) -> float:
        chance = stats.poisson.pmf(n, arrived)[:, None] * stats.poisson.pmf(n, max(t - arrived, 0.0))
        centre = start + 2 / sigma**2 * (n[:, None] - n)
        spread = 2 / sigma * np.sqrt(n[:, None] + n)
        means = (expit(centre[..., None] + spread[..., None] * x) * w).sum(axis=-1) / w.sum()
        return float((chance * means).sum())

    found = solve_ivp(
        lambda t, y: [weight(t, y[0])], (0, ROUNDS[-1]), [0.0], t_eval=ROUNDS, rtol=1e-9, atol=1e-10
    )
    return np.array([weight(t, arrived) for t, arrived in zip(ROUNDS, found.y[0], strict=True)])


def test_reference_the_compound_poisson_form():
    found = mean_field(ChainParameters(2, 1, "1"), [0.5], ROUNDS)
    np.testing.assert_allclose(found.mean_weight, compound_poisson(1.0, 0.5), rtol=2e-7)
    assert found.lost < 1e-9
    np.testing.assert_allclose(found.untouched, np.exp(-ROUNDS))


@functools.cache
def plus_share_without_a_grid(sigma: float, start: float) -> np.ndarray:
    """P(l > 0) at every time: a mixture of normal laws, by the numbers of arrivals from +1 and -1."""
    x, n = np.arange(-8, 8, 0.05), np.arange(40)
    normal = np.exp(-0.5 * x * x)
    centre = start + 2 / sigma**2 * (n[:, None] - n)
    spread = 2 / sigma * np.sqrt(n[:, None] + n)
    spread[0, 0] = 1e-9  # not updated yet: where it began
    means = (expit(centre[..., None] + spread[..., None] * x) * normal).sum(axis=-1) / normal.sum()

    def chances(t: float, arrived: float) -> np.ndarray:
        minus = stats.poisson.pmf(n, max(t - arrived, 0.0))
        return stats.poisson.pmf(n, arrived)[:, None] * minus

    found = solve_ivp(
        lambda t, y: [(chances(t, y[0]) * means).sum()],
        (0, ROUNDS[-1]),
        [0.0],
        t_eval=ROUNDS,
        rtol=1e-10,
        atol=1e-12,
    )
    above = stats.norm.cdf(centre / spread)
    return np.array([(chances(t, y) * above).sum() for t, y in zip(ROUNDS, found.y[0], strict=True)])


@pytest.mark.parametrize(("sigma", "start"), [("2", 1.0), ("1", 0.5), ("0.6", -1.0), ("3", 0.2)])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-8])
def test_reference_the_plus_share_is_as_exact_as_the_tolerance(sigma, start, tolerance):
    found = mean_field(ChainParameters(2, 1, sigma), [start], ROUNDS, tolerance=tolerance)
    expected = plus_share_without_a_grid(float(sigma), start)
    np.testing.assert_allclose(found.plus_share, expected, atol=tolerance, rtol=0)


def test_law_symmetry_and_balance():
    parameters = ChainParameters(2, 1, "0.8", mirror="0.3")
    one, other = (mean_field(parameters, [start], ROUNDS) for start in (0.7, -0.7))
    np.testing.assert_allclose(one.mean_weight, 1 - other.mean_weight, rtol=1e-8)
    np.testing.assert_allclose(one.density, other.density[:, ::-1], atol=1e-9)
    balanced = mean_field(parameters, [-2.0, 2.0], ROUNDS)
    np.testing.assert_allclose(balanced.mean_weight, 0.5, rtol=1e-9)
    np.testing.assert_allclose(balanced.plus_share, 0.5, rtol=1e-8)


def test_law_agents_that_ask_only_themselves_keep_their_mean_weight():
    # the weight of one agent on its own draws is a martingale
    found = mean_field(ChainParameters(2, 1, "0.9", mirror=1), [1.0, -0.2], ROUNDS, shares=[0.25, 0.75])
    np.testing.assert_allclose(found.mean_weight, 0.25 * expit(1.0) + 0.75 * expit(-0.2), rtol=1e-8)


@pytest.fixture(scope="module")
def populations() -> list[WeightPaths]:
    found = []
    for cell, (m, replicas) in enumerate(((10, 1000), (100, 300), (1000, 100), (10_000, 30))):
        parameters = ChainParameters(m, 1, "1")
        start = everyone_at(m, 0.5)
        found.append(weight_paths(parameters, start, ROUNDS, replicas=replicas, seed=5, cell=(cell,)))
    return found


def test_statistics_populations_come_to_the_limit_at_rate_one_half(populations):
    limit = mean_field(ChainParameters(2, 1, "1"), [0.5], ROUNDS).mean_weight
    found = convergence(populations, limit)
    assert isinstance(found, Convergence)
    assert (np.diff(found.distance) < 0).all()
    assert abs(found.rate - 0.5) < 6 * found.rate_error
    assert found.rate_error < 0.03


def test_control_another_limit_is_not_come_to(populations):
    limit = mean_field(ChainParameters(2, 1, "1"), [0.8], ROUNDS).mean_weight
    found = convergence(populations, limit)
    assert found.rate < 0.3


def test_law_the_same_paths_for_any_workers():
    parameters = ChainParameters(50, 3, "0.6")
    paths = [
        weight_paths(parameters, "random", [0, 1], replicas=200, seed=1, workers=w).mean_weight
        for w in (1, 2)
    ]
    np.testing.assert_array_equal(*paths)


def test_statistics_a_large_population_with_more_memory():
    # r = 5 has no closed form here; populations of 200 fluctuate about one of 40000 as its limit
    rounds = [0.0, 1.0, 3.0]
    large = weight_paths(ChainParameters(40_000, 5, "0.7"), everyone_at(40_000, 0.4, 5), rounds, seed=2)
    small = weight_paths(
        ChainParameters(2000, 5, "0.7"), everyone_at(2000, 0.4, 5), rounds, replicas=40, seed=3
    )
    gap = np.abs(small.mean_weight.mean(axis=0) - large.mean_weight[0])
    assert (gap <= 6 * (small.mean_weight.std(axis=0) / math.sqrt(40) + 1 / math.sqrt(40_000))).all()
    assert small.mean_weight.std(axis=0)[-1] < 0.05


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": ChainParameters(2, 2, "1")}, "`r` must be 1; for larger memories"),
        ({"parameters": ChainParameters(3, 1, "1", k=1)}, "`k` must be absent"),
        ({"rounds": [1, 0]}, "`rounds` must be increasing times"),
        ({"log_odds": [np.inf]}, "`log_odds` must be finite"),
        ({"shares": [0.5]}, "`shares` must be one share for each atom"),
        ({"rounds": [1e9]}, "so short that at most"),
    ],
)
def test_rejects_bad_arguments(options, message):
    given = {"parameters": ChainParameters(2, 1, "1"), "log_odds": [0.5], "rounds": [0.0, 1.0]} | options
    with pytest.raises(InputError, match=message):
        mean_field(given.pop("parameters"), given.pop("log_odds"), given.pop("rounds"), **given)


def test_rejects_bad_populations():
    parameters = ChainParameters(2, 1, "1")
    with pytest.raises(InputError, match="`rounds`"):
        weight_paths(parameters, "random", [], seed=1)
    with pytest.raises(ResourceError, match="take fewer agents"):
        weight_paths(ChainParameters(10**8, 1, "1"), "random", [1.0], seed=1)
    paths = weight_paths(parameters, "random", [0.0, 1.0], seed=1, replicas=3)
    with pytest.raises(InputError, match="two population sizes"):
        convergence([paths, paths], [0.5, 0.5])
    with pytest.raises(InputError, match="at least two replicas and 3 times"):
        convergence([paths], [0.5, 0.5, 0.5])


def test_rejects_an_evolution_that_stops(monkeypatch):
    class Stopped:
        success, message = False, "no step small enough"

    module = sys.modules["mcpolar.metastability.limit.mean_field"]
    monkeypatch.setattr(module, "solve_ivp", lambda *_a, **_k: Stopped)
    with pytest.raises(PrecisionError, match="no step small enough"):
        mean_field(ChainParameters(2, 1, "1"), [0.5], [1.0])


def test_reference_at_time_zero_nothing_moved():
    found = mean_field(ChainParameters(2, 1, "1"), [0.5], [0.0])
    assert found.mean_weight.tolist() == [pytest.approx(expit(0.5))]
    assert found.plus_share.tolist() == [1.0]
