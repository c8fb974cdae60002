import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from mcpolar.chain import neighbours, update_agent
from mcpolar.errors import InputError
from tests.twins import chain as twin

LOG_ODDS = st.one_of(
    st.floats(-1e6, 1e6), st.floats(-5, 5), st.sampled_from([0.0, 1e6, -1e6, 40.0, -40.0, 709.8, 1e-300])
)
ELEMENT = st.one_of(st.floats(-3, 3), st.sampled_from([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]))
MEMORY = st.lists(ELEMENT, min_size=1, max_size=7)
SIGMA = st.sampled_from([0.02, 0.05, 0.2, 0.5, 1.0, 3.0])


def by_twin(log_odds: float, memory: list[float], y: float, sigma: float) -> tuple[float, list[float]]:
    with mp.workdps(twin.DIGITS):
        agent = twin.Agent.at(log_odds, memory)
        # the decimal that sigma stands for, as ChainParameters keeps it
        twin.update(agent, mpf(y), mpf(repr(sigma)))
        return float(agent.log_odds), [float(x) for x in agent.memory]


def slow_neighbours(log_odds: list[float], i: int, k: int) -> list[int]:
    with mp.workdps(700):  # tells 1/2 from the weight at the smallest double
        return twin.nearest([twin.Agent.at(value, []) for value in log_odds], i, k)


class TestUpdate:
    @given(LOG_ODDS, MEMORY, ELEMENT, SIGMA)
    @example(1e6, [-1.0, 1.0], 1.2, 0.02)
    @example(-1e6, [1.0] * 6, 1.0, 0.02)
    def test_twin_definition(self, log_odds, memory, y, sigma):
        new, new_memory = update_agent(log_odds, memory, y, sigma)
        slow, slow_memory = by_twin(log_odds, memory, y, sigma)
        # z_h = l + 2 x_h / sigma^2 is a difference of doubles of this size
        scale = 1 + abs(log_odds) + 6 / sigma**2
        assert abs(new - slow) <= 1e-14 * scale
        if _is_decided(memory, y):
            assert new_memory.tolist() == slow_memory

    @given(LOG_ODDS, MEMORY, ELEMENT, SIGMA)
    def test_law_between_smallest_and_largest_odds(self, log_odds, memory, y, sigma):
        new, new_memory = update_agent(log_odds, memory, y, sigma)
        slack = 1e-9 * (1 + abs(log_odds) / 1e3)
        assert log_odds + 2 * min(new_memory) / sigma**2 - slack <= new
        assert new <= log_odds + 2 * max(new_memory) / sigma**2 + slack

    @given(LOG_ODDS, MEMORY, ELEMENT, SIGMA)
    def test_law_symmetric_under_sign_flip(self, log_odds, memory, y, sigma):
        new, new_memory = update_agent(log_odds, memory, y, sigma)
        flipped, flipped_memory = update_agent(-log_odds, [-x for x in memory], -y, sigma)
        assert flipped == -new
        assert (flipped_memory == -new_memory).all()

    def test_reference_one_element_adds_two_x_over_sigma_squared(self):
        new, memory = update_agent(0.25, [3.0], -0.5, "0.5")
        assert (new, memory.tolist()) == (0.25 - 4.0, [-0.5])

    def test_reference_permuted_far_sides_cancel(self):
        # memory (-1, 1) in the end, l = 0: w' = (g(1/2, 1) + g(1/2, -1)) / 2 = 1/2
        new, memory = update_agent(0.0, [-1.0, 1.5], 1.0, 0.3)
        assert memory.tolist() == [1.0, 1.5]
        new, memory = update_agent(0.0, [1.0, 1.5], -1.0, 0.3)
        assert (new, memory.tolist()) == (0.0, [1.0, -1.0])

    def test_reference_tie_goes_to_the_smaller_index(self):
        assert update_agent(0.0, [0.0, 2.0], 1.0, 1)[1].tolist() == [1.0, 2.0]

    def test_memory_is_left_as_it_is(self):
        memory = np.array([0.0, 2.0])
        update_agent(0.0, memory, 1.0, 1)
        assert memory.tolist() == [0.0, 2.0]

    def test_control_nearest_instead_of_farthest_is_caught(self):
        memory, y = [-1.0, 0.9], 1.0
        broken = np.array(memory)
        broken[np.argmin(np.abs(broken - y))] = y
        assert broken.tolist() != by_twin(0.0, memory, y, 0.5)[1]

    def test_control_weights_in_place_of_log_odds_are_caught(self):
        # the same formula on w itself: w rounds to 1 and the log-odds are lost
        w = 1 / (1 + math.exp(-40.0))
        assert w == 1.0
        assert update_agent(40.0, [1.0], 1.0, 0.5)[0] == 48.0

    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            ((math.nan, [1.0], 1.0, 1), "log_odds"),
            ((0.0, [math.inf], 1.0, 1), "memory"),
            ((0.0, [], 1.0, 1), "memory"),
            ((0.0, [[1.0]], 1.0, 1), "memory"),
            ((0.0, [1.0], math.inf, 1), "y"),
            ((0.0, [1.0], 1.0, 0), "sigma"),
        ],
    )
    def test_rejects(self, arguments, name):
        with pytest.raises(InputError, match=f"`{name}` must be"):
            update_agent(*arguments)


class TestNeighbours:
    @given(st.data())
    @settings(max_examples=50)
    def test_twin_distances(self, data):
        near = st.sampled_from([0.0, -0.0, 1e-300, -1e-300, 1e-16, 3.0, -3.0, math.nextafter(3.0, 4.0)])
        far = st.builds(lambda side, offset: side * 1e6 + offset, st.sampled_from([-1, 1]), st.floats(-9, 9))
        any_log_odds = st.one_of(near, far, st.floats(-900, 900), st.floats(-1e6, 1e6))
        log_odds = data.draw(st.lists(any_log_odds, min_size=2, max_size=8))
        i = data.draw(st.integers(0, len(log_odds) - 1))
        k = data.draw(st.integers(1, len(log_odds) - 1))
        assert neighbours(log_odds, i, k).tolist() == slow_neighbours(log_odds, i, k)

    @given(st.floats(-30, 30), st.floats(1e-3, 10), st.integers(-3, 3))
    def test_twin_near_ties(self, centre, rise, ulps):
        # `lower` is where the distance below equals that above, give or take a few spacings
        with mp.workdps(60):
            other = 2 * _other_weight(centre) - _other_weight(centre + rise)
            lower = float(mp.log((1 - other) / other)) if 0 < other < 1 else centre - 1
        lower += ulps * math.ulp(lower)
        log_odds = [centre, centre + rise, lower]
        assert neighbours(log_odds, 0, 2).tolist() == slow_neighbours(log_odds, 0, 2)

    def test_reference_weights_nearer_than_any_double(self):
        # 1 - w = e^-1000, e^-1001, e^-2000: the distances from the second are 0.632, 0, 0.368 times e^-1000
        assert neighbours([1000.0, 1001.0, 2000.0], 1, 2).tolist() == [2, 0]
        assert neighbours([1e6, 1e6 + 1, 2e6, -1e6], 1, 3).tolist() == [2, 0, 3]

    def test_reference_exact_ties_go_to_the_smaller_index(self):
        assert neighbours([2.0, 0.0, -2.0, 2.0], 1, 3).tolist() == [0, 2, 3]
        assert neighbours([-2.0, 0.0, 2.0, -2.0], 1, 3).tolist() == [0, 2, 3]
        assert neighbours([1.0, 1.0, 1.0], 2, 2).tolist() == [0, 1]

    @given(st.lists(LOG_ODDS, min_size=2, max_size=8, unique=True), st.data())
    def test_law_each_neighbourhood_contains_the_smaller_ones(self, log_odds, data):
        i = data.draw(st.integers(0, len(log_odds) - 1))
        whole = neighbours(log_odds, i, len(log_odds) - 1).tolist()
        assert sorted([*whole, i]) == list(range(len(log_odds)))
        for k in range(1, len(log_odds)):
            assert neighbours(log_odds, i, k).tolist() == whole[:k]

    def test_control_distances_of_rounded_weights_are_caught(self):
        log_odds = np.array([1000.0, 1001.0, 2000.0])
        weights = 1 / (1 + np.exp(-log_odds))
        rounded = np.argsort(np.abs(weights - weights[1]), kind="stable")
        assert [j for j in rounded if j != 1] != neighbours(log_odds, 1, 2).tolist()

    def test_control_reversed_tie_rule_is_caught(self):
        log_odds = [2.0, 0.0, -2.0]
        with mp.workdps(60):
            agents = [twin.Agent.at(value, []) for value in log_odds]
            assert twin.farther(agents[1], agents[0], agents[2]) == 0
            reversed_rule = twin.nearest(agents[::-1], 1, 1)[0]
        assert 2 - reversed_rule != neighbours(log_odds, 1, 1)[0]

    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            (([0.0], 0, 1), "log_odds"),
            (([0.0, math.nan], 0, 1), "log_odds"),
            (([0.0, 1.0], 2, 1), "i"),
            (([0.0, 1.0], 0, 2), "k"),
            (([0.0, 1.0], 0, 0), "k"),
        ],
    )
    def test_rejects(self, arguments, name):
        with pytest.raises(InputError, match=f"`{name}` must be"):
            neighbours(*arguments)


def _other_weight(log_odds: float) -> mpf:
    """Return 1 - w."""
    return 1 / (1 + mp.exp(mpf(log_odds)))


def _is_decided(memory: list[float], y: float) -> bool:
    """Whether doubles tell the farthest element: distances within rounding of each other are equal."""
    distances = sorted({abs(mpf(x) - mpf(y)) for x in memory}, reverse=True)
    return len(distances) < 2 or distances[0] - distances[1] > 1e-15
