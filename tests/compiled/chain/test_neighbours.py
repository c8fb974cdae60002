"""The q-th nearest agent in weight, at any distance, and the order of the agents kept up to date."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp

from mcpolar.compiled.chain.neighbours import is_lower_nearer, neighbour, reposition, sort_agents
from tests.twins import chain as twin

# ordinary log-odds, saturated ones (weights that differ by e^-1000000), close ones, and many exact ties
BASES = st.sampled_from([0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 400.0, -400.0, 1e6, -1e6])
# (no closer than the twin's 60 digits tell apart)
log_odds_values = (
    st.floats(-5, 5).map(lambda x: round(x, 12))
    | BASES
    | st.builds(np.nextafter, BASES.filter(bool), st.just(np.inf)).map(float)
)
log_odds_values |= st.builds(float.__add__, BASES, st.floats(-2, 2).map(lambda x: round(x, 12)))
log_odds_lists = st.lists(log_odds_values, min_size=1, max_size=8)


def agents_in_order(values, base=0):
    log_odds = np.concatenate([np.full(base, np.nan), values])
    order, place = np.full(log_odds.size, -1, np.int32), np.full(log_odds.size, -1, np.int32)
    sort_agents(log_odds, order, place, base, len(values))
    return log_odds, order, place


@settings(max_examples=50)
@given(log_odds_lists)
@example([0.0, 1.0, -1.0, 1.0, -1.0, -1.0, 0.0, 1.0])
@example([0.0] * 5)
def test_twin_neighbours(values):
    arrays = agents_in_order(values, base=3)
    m = len(values)
    with mp.workdps(twin.DIGITS):
        agents = [twin.Agent.at(value, []) for value in values]
        for agent in range(m):
            found = [int(neighbour(*arrays, 3, m, agent, rank)) for rank in range(m)]
            assert found == [agent, *twin.nearest(agents, agent, m - 1)]


@pytest.mark.parametrize(
    ("centre", "lower", "upper", "expected"),
    [
        (0.0, -2.0, 2.0, True),  # the only tie there is
        (1000.0, 999.9, 1000.1, False),
        (1000.0, 999.9, 1000.2, True),  # e^-1000 (e^0.1 - 1) < e^-1000 (1 - e^-0.2)
        (-1000.0, -1000.2, -999.9, False),
        (1e6, 1e6 - 1, 2e6, False),  # e - 1 > 1
        (1e6, 1e6 - 0.5, 2e6, True),  # e^(1/2) - 1 < 1
        (1e-300, -1e-300, 3.1e-300, True),
    ],
)
def test_reference_which_is_nearer(centre, lower, upper, expected):
    assert is_lower_nearer(centre, lower, upper) == expected


def test_control_distances_of_weights_collapse():
    weight = 1 / (1 + np.exp(-np.array([1000.0, 999.9, 1000.1])))
    assert abs(weight[0] - weight[1]) == abs(weight[0] - weight[2]) == 0


@given(log_odds_lists, st.lists(st.tuples(st.integers(0, 7), log_odds_values), max_size=12))
def test_law_reposition_keeps_the_order(values, changes):
    log_odds, order, place = agents_in_order(values)
    m = len(values)
    for agent, value in changes:
        log_odds[agent % m] = value
        reposition(log_odds, order, place, 0, m, agent % m)
        assert order.tolist() == sorted(range(m), key=lambda j: (log_odds[j], j))
        assert place[order].tolist() == list(range(m))
