"""The q-th nearest agent in weight, at any distance, and the order of the agents kept up to date."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp
from numba import njit

from mcpolar.chain.state import weight_keys
from mcpolar.compiled.chain.keys import key_at, residual_bits
from mcpolar.compiled.chain.order import is_lower_nearer, move, neighbour, new_order, sort_all
from tests.twins import chain as twin

R = 4
WIDTH = residual_bits(R)

# ordinary log-odds, saturated ones (weights that differ by e^-1000000), close ones, and many exact ties
BASES = st.sampled_from([0.0, 0.5, -0.5, 1.0, -1.0, 3.0, -3.0, 400.0, -400.0, 1e6, -1e6])
# (no closer than the twin's 60 digits tell apart, nor than a weight's own last digits)
log_odds_values = st.floats(-5, 5).map(lambda x: round(x, 12)) | BASES
log_odds_values |= st.builds(float.__add__, BASES, st.floats(-2, 2).map(lambda x: round(x, 12)))
log_odds_lists = st.lists(log_odds_values, min_size=1, max_size=8)


@njit
def key_of_log_odds(log_odds, r, width):
    return np.int64(key_at(log_odds, r, np.uint64(width)))


@njit
def lower_is_nearer(centre, lower, upper, width):
    return is_lower_nearer(centre, lower, upper, width)


def in_order(keys):
    order = new_order(keys.size)
    sort_all(order, keys)
    return order


def listed(order):
    """The agents in order."""
    blocks = order.blocks[: order.in_use[0]]
    return [int(agent) for block in blocks for agent in order.agents[block, : order.counts[block]]]


@settings(max_examples=60)
@given(log_odds_lists)
@example([0.0, 1.0, -1.0, 1.0, -1.0, -1.0, 0.0, 1.0])
@example([0.0, 1.0, -1.0, -1.0, 1.0, 2.0])
@example([0.0] * 5)
def test_twin_neighbours(values):
    """The same weights as by the definition; which of several agents with one weight, no law tells."""
    keys = weight_keys(np.array([values]), R)[0]
    order = in_order(keys)
    with mp.workdps(twin.DIGITS):
        agents = [twin.Agent.at(value, []) for value in values]
        for agent in range(len(values)):
            found = [int(neighbour(order, keys, WIDTH, agent, rank)) for rank in range(len(values))]
            assert found[0] == agent
            assert sorted(found) == list(range(len(values)))
            expected = twin.nearest(agents, agent, len(values) - 1)
            assert [keys[j] for j in found[1:]] == [keys[j] for j in expected]


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
        (1e16, 1e16 - 1000, 2e16, False),  # at sigma = 1e-6 log-odds come there
    ],
)
@pytest.mark.parametrize("r", [1, 2, 16, 31, 32, 1000])
def test_reference_which_is_nearer(centre, lower, upper, expected, r):
    width = residual_bits(r)
    keys = [key_of_log_odds(value, r, width) for value in (centre, lower, upper)]
    assert lower_is_nearer(*keys, width) == expected


@given(log_odds_values, log_odds_values, st.sampled_from([1, 2, 5, 31, 40]))
def test_law_keys_are_ordered_as_weights_and_change_sign(a, b, r):
    width = residual_bits(r)
    first, second = key_of_log_odds(a, r, width), key_of_log_odds(b, r, width)
    assert (first > second) == (a > b) or abs(a - b) < 1e-11
    assert key_of_log_odds(-a, r, width) == -first


def test_control_distances_of_weights_collapse():
    weight = 1 / (1 + np.exp(-np.array([1000.0, 999.9, 1000.1])))
    assert abs(weight[0] - weight[1]) == abs(weight[0] - weight[2]) == 0


@given(log_odds_lists, st.lists(st.tuples(st.integers(0, 7), log_odds_values), max_size=12))
def test_law_move_keeps_the_order(values, changes):
    keys = weight_keys(np.array([values]), R)[0]
    order = in_order(keys)
    for agent, value in changes:
        at = agent % len(values)
        old, keys[at] = keys[at], key_of_log_odds(value, R, WIDTH)
        move(order, keys, at, old)
        assert listed(order) == sorted(range(len(values)), key=lambda j: (keys[j], j))


@pytest.mark.parametrize("drift", [0, 400])
def test_law_blocks_split_empty_and_are_filled_anew(drift):
    """Two thousand agents moved five thousand times, also all to one end, where blocks split and others empty."""
    generator = np.random.default_rng(4)
    keys = generator.integers(-1000, 1000, 2000)
    order = in_order(keys)
    for count in range(5000):
        agent = int(generator.integers(2000)) if drift == 0 else count % 2000
        old, keys[agent] = keys[agent], generator.integers(-1000, 1000) + drift * count
        move(order, keys, agent, old)
        if count % 500 == 499:
            assert listed(order) == sorted(range(2000), key=lambda j: (keys[j], j))
    assert listed(order) == sorted(range(2000), key=lambda j: (keys[j], j))
