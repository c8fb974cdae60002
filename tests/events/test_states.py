from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mcpolar import events
from mcpolar.chain import ChainState, Start, neighbours, simulate
from mcpolar.errors import InputError
from mcpolar.events import SiloSystem
from mcpolar.parameters import ChainParameters

NEAR_ENDS = st.sampled_from([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5, np.nextafter(0.5, 0), np.nextafter(1.5, 2)])
INSIDE = st.one_of(st.sampled_from([0.5, 1.0, 1.5]), st.floats(0.5, 1.5))


@st.composite
def states(draw, sigma: str, least: int = 1) -> ChainState:
    """States of a level from `least` or nearly so: polarized, of which some have a flaw or two near a boundary."""
    m, r = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    unit = float(1 / Fraction(sigma) ** 2)
    level = draw(st.integers(least, 3))
    near_level = st.builds(
        lambda h, nudge: np.nextafter(h * unit, h * unit + nudge),
        st.integers(least, 3),
        st.sampled_from([-1, 0, 1]),
    )
    side = draw(hnp.arrays(float, m, elements=st.sampled_from([-1.0, 1.0])))
    own = draw(hnp.arrays(float, m, elements=st.one_of(st.floats(level * unit, 9 * unit), near_level)))
    memory = draw(hnp.arrays(float, (m, r), elements=INSIDE))
    log_odds, memory = side * own, side[:, np.newaxis] * memory
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        agent, element = draw(st.integers(0, m - 1)), draw(st.integers(0, r - 1))
        if draw(st.booleans()):
            memory[agent, element] = draw(st.one_of(NEAR_ENDS, st.floats(-2, 2)))
        else:
            log_odds[agent] = draw(st.one_of(near_level, st.just(0.0), st.floats(-unit, unit)))
    return ChainState.from_arrays(log_odds, memory)


def by_definition(state: ChainState, sigma: str, level: int) -> bool:
    """E_h of theory.md in exact arithmetic, on the doubles as they are."""
    threshold = level / Fraction(sigma) ** 2
    for value, memory in zip(state.log_odds[0], state.memory[0], strict=True):
        if abs(Fraction(float(value))) < threshold:
            return False
        side = 1 if value > 0 else -1
        if not all(Fraction(1, 2) <= side * Fraction(float(x)) <= Fraction(3, 2) for x in memory):
            return False
    return True


SIGMAS = st.sampled_from(["0.3", "0.2", "1", "0.7"])
LEVELS = st.integers(1, 3)


class TestPolarized:
    @given(st.data(), SIGMAS, LEVELS)
    def test_twin_definition_in_exact_arithmetic(self, data, sigma, level):
        state, chain = self.drawn(data, sigma)
        answer = bool(events.is_polarized(state, chain, level)[0])
        exact = by_definition(state, sigma, level)
        # whatever is in E_h counts; what counts beyond it is within one spacing of doubles
        assert answer or not exact
        if answer and not exact:
            nudged = ChainState.from_arrays(np.nextafter(state.log_odds, 2 * state.log_odds), state.memory)
            assert by_definition(nudged, sigma, level)

    @given(st.data(), SIGMAS, st.integers(2, 3))
    def test_law_implies_well_behaved_and_the_level_below(self, data, sigma, level):
        state, chain = self.drawn(data, sigma, least=level)
        assume(events.is_polarized(state, chain, level)[0])
        assert events.is_well_behaved(state)[0]
        assert events.is_polarized(state, chain, level - 1)[0]

    @given(st.data(), SIGMAS, LEVELS)
    def test_law_symmetric_under_sign_flip_and_permutation(self, data, sigma, level):
        state, chain = self.drawn(data, sigma)
        flipped = ChainState.from_arrays(-state.log_odds, -state.memory)
        order = data.draw(st.permutations(range(state.m)))
        permuted = ChainState.from_arrays(state.log_odds[:, order], state.memory[:, order])
        for other in (flipped, permuted):
            assert events.is_polarized(other, chain, level) == events.is_polarized(state, chain, level)
            assert events.is_well_behaved(other) == events.is_well_behaved(state)

    @pytest.mark.parametrize("sigma", ["0.3", "0.17", "0.05", "0.7", "1.3"])
    @pytest.mark.parametrize("level", [1, 2, 7, "0.1"])
    def test_reference_the_boundary_counts(self, sigma, level):
        chain = ChainParameters(m=4, r=2, sigma=sigma)
        for placement in ("inner", "outer", "alternating"):
            state = Start("boundary", level=level, split=1, placement=placement).state(chain, seed=1)
            assert events.is_polarized(state, chain, level)[0]
            nearest = ChainState.from_arrays(
                np.sign(state.log_odds) * float(Fraction(str(level)) / Fraction(sigma) ** 2), state.memory
            )
            assert events.is_polarized(nearest, chain, level)[0]

    def test_reference_by_hand(self):
        # sigma = 1/2: level 1 is at 4
        chain = ChainParameters(m=2, r=2, sigma="0.5")
        inside = [[0.5, 1.5], [-0.5, -1.5]]
        below, above = np.nextafter(0.5, 0), np.nextafter(1.5, 2)
        cases = [
            ([4, -4], inside, True, True),
            ([np.nextafter(4, 0), -4], inside, False, True),
            ([4, 4], inside, False, True),  # the second agent's memory is on the other side
            ([4, -4], [[below, 1], [-1, -1]], False, False),
            ([4, -4], [[1, 1], [-1, -above]], False, False),
            ([0, -4], inside, False, True),
        ]
        for log_odds, memory, polarized, well_behaved in cases:
            state = ChainState.from_arrays(log_odds, memory)
            assert events.is_polarized(state, chain)[0] == polarized
            assert events.is_well_behaved(state)[0] == well_behaved

    def test_control_the_threshold_rounded_to_nearest_or_up_would_lose_the_boundary(self):
        # 1 / 0.17^2 = 34.6..., between two doubles: the lower is not in E_1, the upper is; a threshold
        # rounded up loses the state that a user writes as 1/sigma^2 in floating point
        chain = ChainParameters(m=1, r=1, sigma="0.17")
        written = float(1 / Fraction("0.17") ** 2)
        lower = written if Fraction(written) < chain.precision else np.nextafter(written, 0)
        state = ChainState.from_arrays([lower], [[1.0]])
        assert events.is_polarized(state, chain)[0]
        assert not by_definition(state, "0.17", 1)
        assert not events.is_polarized(ChainState.from_arrays([np.nextafter(lower, 0)], [[1.0]]), chain)[0]

    def test_trajectories(self):
        chain = ChainParameters(m=4, r=2, sigma="0.3")
        path = simulate(chain, "random", 60, seed=2, every=6, replicas=5, memory=True)
        answer = events.is_polarized(path, chain)
        assert answer.shape == (5, 11)
        for record in range(11):
            assert (answer[:, record] == events.is_polarized(path.state(record), chain)).all()
        assert events.is_well_behaved(path).shape == (5, 11)

    def test_rejects(self):
        chain = ChainParameters(m=4, r=2, sigma="0.3")
        path = simulate(chain, "random", 6, seed=2)
        with pytest.raises(InputError, match="`states` must be recorded with memory=True"):
            events.is_polarized(path, chain)
        with pytest.raises(InputError, match="`states` must be"):
            events.is_well_behaved(path)
        for level in (0, -1, "x"):
            with pytest.raises(InputError, match="`level` must be"):
                events.is_polarized(path.final, chain, level)

    def drawn(self, data, sigma, least=1):
        state = data.draw(states(sigma, least))
        return state, ChainParameters(m=state.m, r=state.r, sigma=sigma)


class TestSides:
    def test_reference_ties(self):
        assert events.silos([[-1.0, 0.0, 1.0], [-0.0, 5e-324, -5e-324]]).tolist() == [[0, 0, 1], [0, 1, 0]]
        positive, negative = events.sides([[-1.0, 0.0, 1.0], [-0.0, 5e-324, -5e-324]])
        assert (positive.tolist(), negative.tolist()) == ([2, 2], [1, 1])
        assert events.smallest_log_odds([[-3.0, 2.0], [7.0, 9.0]]).tolist() == [2.0, 7.0]

    @given(hnp.arrays(float, st.integers(1, 6), elements=st.one_of(st.just(0.0), st.floats(-1e6, 1e6))))
    def test_law_sign_flip_swaps_silos_but_for_ties(self, log_odds):
        silo, flipped = events.silos(log_odds), events.silos(-log_odds)
        tied = log_odds == 0
        assert (flipped[~tied] == 1 - silo[~tied]).all()
        assert (flipped[tied] == 0).all() and (silo[tied] == 0).all()
        positive, negative = events.sides(log_odds)
        assert positive + negative == log_odds.size
        assert events.sides(-log_odds)[1] == positive - tied.sum()

    @given(hnp.arrays(float, st.integers(2, 6), elements=st.floats(-30, 30)), st.data())
    def test_twin_closed_neighbourhoods(self, log_odds, data):
        k = data.draw(st.integers(1, log_odds.size - 1))
        positive = log_odds >= 0
        one_sided = positive.all() or not positive.any()
        own = all(
            positive[j] == positive[i] for i in range(log_odds.size) for j in neighbours(log_odds, i, k)
        )
        assert events.is_neighbourhood_closed(log_odds, k) == (one_sided or own)
        assert events.is_neighbourhood_closed(log_odds) == one_sided

    @given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
    def test_law_polarized_states_are_closed_as_the_theorem_says(self, positive, negative, k):
        # theorem 2: from E_h with e^(h/sigma^2) > 2 and k + 1 <= min(m+, m-)
        assume(k + 1 <= min(positive, negative))
        chain = ChainParameters(m=positive + negative, r=1, sigma="1")
        state = Start("polarized", split=positive).state(chain, seed=1)
        assert events.is_neighbourhood_closed(state.log_odds, k)[0]
        assert not events.is_neighbourhood_closed(state.log_odds, max(positive, negative))[0]

    def test_shapes(self):
        log_odds = np.ones((2, 3, 4))
        log_odds[1, 2, 0] = -1
        assert events.is_neighbourhood_closed(log_odds, 1).tolist() == [[True] * 3, [True, True, False]]

    @pytest.mark.parametrize("function", [events.silos, events.sides, events.smallest_log_odds])
    @pytest.mark.parametrize("value", [1.0, [], [[]], [np.nan]])
    def test_rejects(self, function, value):
        with pytest.raises(InputError, match="`log_odds` must be"):
            function(value)

    def test_rejects_k(self):
        with pytest.raises(InputError, match="`k` must be a whole number from 1 to m - 1 = 1; got 2"):
            events.is_neighbourhood_closed([1.0, -1.0], 2)


PATHS = hnp.arrays(np.int64, st.tuples(st.integers(2, 7), st.integers(1, 4)), elements=st.integers(0, 2))


class TestSilos:
    def test_reference_by_hand(self):
        path = [[0, 0, 1], [0, 0, 1], [0, 1, 0], [1, 1, 1], [1, 1, 1]]
        assert events.n_silos(path).tolist() == [2, 2, 2, 1, 1]
        assert events.stability(path).tolist() == [0, 2 / 3, 2 / 3, 0]
        neither, stable, unstable = SiloSystem.NEITHER, SiloSystem.STABLE, SiloSystem.UNSTABLE
        assert events.silo_systems(path, 1).tolist() == [stable, unstable, neither, stable]
        assert events.silo_systems(path, 2).tolist() == [unstable, neither, neither]
        assert events.silo_systems([path, path], 4).tolist() == [[neither], [neither]]

    @given(PATHS, st.data())
    def test_twin_definition2(self, path, data):
        length = data.draw(st.integers(1, len(path) - 1))
        systems = events.silo_systems(path, length)
        assert systems.shape == (len(path) - length,)
        for t, system in enumerate(systems):
            steps = range(t + 1, t + length + 1)
            constant = len({len(set(path[s].tolist())) for s in (t, *steps)}) == 1
            still = all((path[s] == path[s - 1]).all() for s in steps)
            expected = SiloSystem.STABLE if still else SiloSystem.UNSTABLE if constant else SiloSystem.NEITHER
            assert system == expected

    @given(PATHS, st.data())
    def test_law_agents_may_be_permuted_and_silos_renamed(self, path, data):
        order = data.draw(st.permutations(range(path.shape[1])))
        names = np.array(data.draw(st.permutations(range(3))))
        for other in (path[:, order], names[path]):
            assert (events.stability(other) == events.stability(path)).all()
            assert (events.n_silos(other) == events.n_silos(path)).all()
            assert (events.silo_systems(other, 1) == events.silo_systems(path, 1)).all()

    @pytest.mark.parametrize(
        ("call", "name"),
        [
            (lambda: events.stability([[0, 1]]), "silo"),
            (lambda: events.stability([0, 1]), "silo"),
            (lambda: events.n_silos([0.0, 1.0]), "silo"),
            (lambda: events.n_silos(np.zeros((2, 0), int)), "silo"),
            (lambda: events.silo_systems([[0], [0]], 2), "length"),
            (lambda: events.silo_systems([[0], [0]], 0), "length"),
            (lambda: events.hitting_time([True], [1, 2]), "holds"),
            (lambda: events.hitting_time(True, [1]), "holds"),
            (lambda: events.hitting_time(np.zeros((2, 0), bool), []), "holds"),
        ],
    )
    def test_rejects(self, call, name):
        with pytest.raises(InputError, match=f"`{name}` must be"):
            call()


@dataclass
class Case:
    holds: list[bool]
    time: int


@pytest.mark.parametrize(
    "case", [Case([False, True, False], 10), Case([True, True, True], 0), Case([False] * 3, -1)]
)
def test_reference_hitting_times(case):
    assert events.hitting_time(case.holds, [0, 10, 15]) == case.time
    assert events.hitting_time([case.holds, case.holds], [0, 10, 15]).tolist() == [case.time] * 2
