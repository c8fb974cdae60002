"""Published numbers of other programs and textbooks."""

import itertools

import numpy as np
import pytest

from mcpolar.metastability.finite import FiniteChain


def test_reference_oz_weather_of_r_markovchain():
    # R package markovchain, reference of meanFirstPassageTime; Grinstead and Snell, Introduction to Probability, 11.5
    oz = FiniteChain(np.array([[2, 1, 1], [2, 0, 2], [1, 1, 2]]) / 4, labels="scr")
    published = [[0, 4, 10 / 3], [8 / 3, 0, 8 / 3], [10 / 3, 4, 0]]
    np.testing.assert_allclose(oz.mean_first_passage_times(), published, rtol=1e-14)
    np.testing.assert_allclose(oz.stationary_distribution(), [0.4, 0.2, 0.4], rtol=1e-14)
    np.testing.assert_allclose(oz.recurrence_times(), [2.5, 5, 2.5], rtol=1e-14)


def test_reference_passage_to_a_set_of_r_markovchain():
    # the same page: meanFirstPassageTime(mc, "r") prints 4.545455 2.727273
    chain = FiniteChain(np.array([[6, 3, 1], [2, 3, 5], [4, 1, 5]]) / 10, labels="scr")
    found = chain.hitting_times("r")
    assert [round(found["s"], 6), round(found["c"], 6)] == [4.545455, 2.727273]


def test_reference_law_of_a_first_passage_of_r_markovchain():
    # reference of firstPassage: simpleMc, state "b", column a
    chain = FiniteChain([[0.4, 0.6], [0.3, 0.7]], labels="ab")
    reached = chain.passage_law("a", range(21)).reached[:, 1]
    published = [0.3, 0.21, 0.147, 0.1029, 0.07203, 0.050421, 0.0352947, 0.02470629]
    np.testing.assert_allclose(np.diff(reached)[:8], published, rtol=1e-12)
    assert np.diff(reached)[19] == pytest.approx(0.0003419669, rel=2e-7)


def test_reference_the_drunkards_walk():
    # Grinstead and Snell, examples 11.13 to 11.20: N, t = N 1, B = N R
    walk = np.zeros((5, 5))
    walk[0, 0] = walk[4, 4] = 1
    for i in (1, 2, 3):
        walk[i, i - 1] = walk[i, i + 1] = 0.5
    chain = FiniteChain(walk)
    _, visits = chain.expected_visits()
    np.testing.assert_allclose(visits, [[1.5, 1, 0.5], [1, 2, 1], [0.5, 1, 1.5]], rtol=1e-14)
    np.testing.assert_allclose(chain.hitting_times([0, 4]), [0, 3, 4, 3, 0], rtol=1e-14)
    _, ends = chain.absorption_probabilities()
    np.testing.assert_allclose(ends[0].value[1:4], [0.75, 0.5, 0.25], rtol=1e-14)


def test_reference_knuth_and_yaos_die_of_prism():
    # PRISM case study "dice": each face 1/6, 11/3 flips on average (Knuth and Yao 1976)
    step = {0: (1, 2), 1: (3, 4), 2: (5, 6), 3: (1, "1"), 4: ("2", "3"), 5: ("4", "5"), 6: (2, "6")}
    names = [*range(7), *"123456"]
    p = np.zeros((13, 13))
    for state, ends in step.items():
        for end in ends:
            p[state, names.index(end)] += 0.5
    p[range(7, 13), range(7, 13)] = 1
    die = FiniteChain(p, labels=names)
    classes, faces = die.absorption_probabilities()
    assert [name for (name,) in classes] == list("123456")
    np.testing.assert_allclose([face[0] for face in faces], 1 / 6, rtol=1e-14)
    assert die.hitting_times(list("123456"))[0] == pytest.approx(11 / 3, rel=1e-14)


@pytest.mark.parametrize(("n", "longest"), [(3, 4 / 3), (9, 12.0)])
def test_reference_hermans_ring_of_prism(n, longest):
    # PRISM case study "self-stabilisation"; the longest mean time is 4 n^2 / 27 for n a multiple of 3
    # (McIver and Morgan 2005; checked by PRISM in Kwiatkowska, Norman and Parker 2012)
    states = list(itertools.product((0, 1), repeat=n))
    place = {state: i for i, state in enumerate(states)}
    p = np.zeros((len(states), len(states)))
    for state in states:
        tokens = [state[i] == state[i - 1] for i in range(n)]
        choices = [(0, 1) if token else (state[i - 1],) for i, token in enumerate(tokens)]
        following = list(itertools.product(*choices))
        for end in following:
            p[place[state], place[end]] += 1 / len(following)
    stable = [state for state in states if sum(state[i] == state[i - 1] for i in range(n)) == 1]
    found = FiniteChain(p, labels=states).hitting_times(stable)
    assert found.value.max() == pytest.approx(longest, rel=1e-13)


@pytest.mark.parametrize(("q", "p", "n"), [(1000 / 65024, 0.01, 4), (1e-9, 1e-12, 8)])
def test_reference_zeroconf_of_prism(q, p, n):
    # PRISM case study "zeroconf" (Bohnenkamp et al. 2003): a used address is kept after n lost probes;
    # in closed form q p^n / (1 - q (1 - p^n)), Baier and Katoen, example 10.6
    chain = np.zeros((n + 3, n + 3))
    start, kept, fresh = 0, n + 1, n + 2
    chain[start, 1], chain[start, fresh] = q, 1 - q
    for probe in range(1, n + 1):
        chain[probe, probe + 1], chain[probe, start] = p, 1 - p
    chain[kept, kept] = chain[fresh, fresh] = 1
    exact = q * p**n / ((1 - q) + q * p**n)
    found = FiniteChain(chain).committor(fresh, kept)
    assert found[0] == pytest.approx(exact, rel=1e-13)


def test_reference_unemployment_of_quantecon():
    # QuantEcon lecture on finite Markov chains: Hamilton's (2005) US chain
    p = [[0.971, 0.029, 0], [0.145, 0.778, 0.077], [0, 0.508, 0.492]]
    np.testing.assert_allclose(
        FiniteChain(p).stationary_distribution(), [0.8128, 0.16256, 0.02464], rtol=5e-5
    )
