"""With two components, one agent at a time and direct answers, the general system is the chain of section 1."""

import numpy as np
import pytest

from mcpolar.chain import ChainState
from mcpolar.chain import simulate as simulate_chain
from mcpolar.mixture import Covariances, MixtureParameters, simulate, start_state
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, assert_same_distribution

M, R, SIGMA, STEPS, REPLICAS = 6, 3, 0.7, 90, 4000
# four comparisons each at 2.5e-7: all false alarms together at most 1e-6
RATE, RESOLVES = 2.5e-7, 0.16


def log_odds(k, **changed):
    """Final log-odds of component +1, (replicas, m): the chain's sender is i itself with probability 1/(k + 1)."""
    options = {"schedule": "single", "answers": "direct", "ties": "index", **changed}
    neighbours = M - 1 if k is None else k
    parameters = MixtureParameters(
        M, [-1.0, 1.0], Covariances.spherical(SIGMA), R, neighbours, 1 / (neighbours + 1), **options
    )
    start = start_state(parameters, REPLICAS, seed=21, weights=np.full((M, 2), 0.5))
    steps = STEPS if options["schedule"] == "single" else STEPS // M
    final = simulate(parameters, steps, seed=22, replicas=REPLICAS, start=start, every=steps).final
    return final.log_weights[..., 1] - final.log_weights[..., 0]


def chain_log_odds(k):
    parameters = ChainParameters(M, R, SIGMA, k)
    general = MixtureParameters(M, [-1.0, 1.0], Covariances.spherical(SIGMA), R)
    memory = start_state(general, REPLICAS, seed=31, weights=np.full((M, 2), 0.5)).memory[..., 0]
    start = ChainState(np.zeros((REPLICAS, M)), memory)
    return simulate_chain(parameters, start, STEPS, seed=32, replicas=REPLICAS).log_odds[:, -1]


def compare(found, expected):
    """One agent's log-odds, and how far the group is from undecided."""
    assert_same_distribution(found[:, 0], expected[:, 0], false_alarm=RATE, resolves=RESOLVES)
    spread = [np.abs(values).mean(axis=1) for values in (found, expected)]
    assert_same_distribution(*spread, false_alarm=RATE, resolves=RESOLVES)


@pytest.mark.parametrize("k", [None, 2])
def test_statistics_is_the_chain(k):
    compare(log_odds(k), chain_log_odds(k))


@pytest.mark.parametrize(
    "fault",
    [
        {"answers": "query"},
        {"weight_floor": 1e-3},
        {"schedule": "synchronous"},
        {"policy": "first-in-first-out"},
    ],
)
def test_control_another_system_is_not_the_chain(fault):
    with pytest.raises(DiffersError):
        compare(log_odds(None, **fault), chain_log_odds(None))


def test_control_another_neighbourhood_is_not_the_chain():
    with pytest.raises(DiffersError):
        compare(log_odds(1), chain_log_odds(3))
