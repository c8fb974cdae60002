"""FiniteChain against dense linear algebra on ordinary chains, and against exact fractions at all scales."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.finite import FiniteChain
from tests.metastability.finite import exact_chains

DIGITS = 1e-11


def ordinary(seed: int, n: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    a = rng.random((n, n)) * (rng.random((n, n)) < 0.6) + np.roll(np.eye(n), 1, axis=1)
    np.fill_diagonal(a, rng.random(n))
    return a / a.sum(axis=1, keepdims=True)


def reversible(seed: int, n: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    w = rng.random((n, n))
    w = w + w.T
    return w / w.sum(axis=1, keepdims=True)


def law_of(p: np.ndarray) -> np.ndarray:
    n = len(p)
    return np.linalg.lstsq(np.vstack([p.T - np.eye(n), np.ones(n)]), np.eye(n + 1)[-1], rcond=None)[0]


def holds(values, exact) -> None:
    """The exact fractions lie between the ends, and the value is near."""
    for value, low, high, true in zip(
        np.ravel(values.value), np.ravel(values.low), np.ravel(values.high), exact, strict=True
    ):
        assert Fraction(float(low) if math.isfinite(low) else 1e300) <= true
        if math.isinf(value):  # it is beyond doubles
            assert true > Fraction(10) ** 308
            continue
        assert true <= Fraction(float(high))
        assert abs(Fraction(float(value)) - true) <= Fraction(DIGITS) * true


# against linear algebra


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("certified", [False, True])
def test_reference_reactive_flux_by_its_definition(seed, certified):
    p = ordinary(seed)
    n, a, b = len(p), [0, 1], [5]
    pi = law_of(p)
    back = (p * pi[:, None]).T / pi[:, None]

    def hits(matrix, first, last):
        inside = [i for i in range(n) if i not in first + last]
        q = np.zeros(n)
        q[last] = 1
        system = np.eye(len(inside)) - matrix[np.ix_(inside, inside)]
        q[inside] = np.linalg.solve(system, matrix[np.ix_(inside, last)].sum(axis=1))
        return q

    forward, backward = hits(p, a, b), hits(back, b, a)
    gross = (pi * backward)[:, None] * p * forward
    np.fill_diagonal(gross, 0)
    found = FiniteChain(p).reactive_flux(a, b, certified=certified)
    np.testing.assert_allclose(found.forward, forward, rtol=1e-10)
    np.testing.assert_allclose(found.backward, backward, rtol=1e-10)
    i, j = found.steps.T
    np.testing.assert_allclose(found.gross, gross[i, j], rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(found.net_matrix().toarray(), (gross - gross.T).clip(0), atol=1e-14)
    assert float(found.total) == pytest.approx(gross[a].sum(), rel=1e-11)
    assert float(found.total) == pytest.approx(gross[:, b].sum(), rel=1e-11)
    assert float(found.rate) == pytest.approx(gross[a].sum() / (pi @ backward), rel=1e-11)
    assert found.mean_passage_time == pytest.approx(1 / float(found.rate))
    assert (found.net.low <= found.net.value).all()
    assert (found.net.value <= found.net.high).all()


def test_law_the_net_flux_is_kept_between_the_sets():
    flux = FiniteChain(ordinary(11, 9)).reactive_flux(0, 8)
    net = flux.net_matrix().toarray()
    inner = np.arange(1, 8)
    np.testing.assert_allclose(net[:, inner].sum(axis=0), net[inner].sum(axis=1), rtol=1e-10)
    assert net[0].sum() - net[:, 0].sum() == pytest.approx(float(flux.total), rel=1e-12)


def test_law_pathways_add_up_to_the_total_flux():
    flux = FiniteChain(ordinary(3, 8)).reactive_flux([0], [7])
    paths = flux.pathways(share=1.0, most=1000)
    assert sum(path.share for path in paths) == pytest.approx(1, rel=1e-9)
    assert all(path.states[0] == 0 and path.states[-1] == 7 for path in paths)
    assert all(one.flux >= other.flux * (1 - 1e-12) for one, other in itertools.pairwise(paths))
    assert len(flux.pathways(share=0.5)) < len(paths)


def test_reference_pathways_of_a_fork():
    # 0 -> 1 -> 3 carries three times as much as 0 -> 2 -> 3
    rates = np.zeros((4, 4))
    rates[0, 1], rates[0, 2], rates[1, 3], rates[2, 3], rates[3, 0] = 3e-40, 1e-40, 1, 1, 1
    found = FiniteChain.from_rates(rates, labels="ABCD").reactive_flux("A", "D").pathways()
    assert [(path.states, round(path.share, 12)) for path in found] == [
        (("A", "B", "D"), 0.75),
        (("A", "C", "D"), 0.25),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_reference_passages_and_kemeny_by_the_fundamental_matrix(seed):
    p = ordinary(seed)
    n, pi = len(p), law_of(p)
    z = np.linalg.inv(np.eye(n) - p + pi)
    exact = (np.diag(z) - z) / pi
    chain = FiniteChain(p)
    np.testing.assert_allclose(chain.mean_first_passage_times(), exact, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(chain.mean_first_passage_times(certified=True), exact, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(chain.recurrence_times(), 1 / pi, rtol=1e-10)
    for certified in (False, True):
        assert float(chain.kemeny_constant(certified=certified)) == pytest.approx(np.trace(z) - 1, rel=1e-10)


def test_reference_recurrence_and_kemeny_with_rates():
    rates = np.array([[0, 2.0, 1.0], [1.0, 0, 3.0], [0.5, 0.5, 0]])
    chain = FiniteChain.from_rates(rates)
    q = rates - np.diag(rates.sum(axis=1))
    pi = law_of(np.eye(3) + q / 10)
    np.testing.assert_allclose(chain.recurrence_times(), 1 / (pi * rates.sum(axis=1)), rtol=1e-11)
    mu = np.sort(np.abs(np.linalg.eigvals(q)))[1:]
    assert float(chain.kemeny_constant()) == pytest.approx((1 / mu).sum(), rel=1e-11)


@pytest.mark.parametrize("certified", [False, True])
def test_reference_variance_of_a_passage(certified):
    p = ordinary(5)
    inside = [0, 1, 2, 3, 4, 6]
    q = p[np.ix_(inside, inside)]
    n = np.linalg.inv(np.eye(6) - q)
    h = n.sum(axis=1)
    variance = (2 * n - np.eye(6)) @ h - h**2
    found = FiniteChain(p).passage_variance(5, certified=certified)
    np.testing.assert_allclose(found.value[inside], variance, rtol=1e-10)
    assert found.value[5] == 0
    rates = FiniteChain.from_rates(p).passage_variance([5], certified=certified)
    np.testing.assert_allclose(rates.value[inside], 2 * n @ h - h**2, rtol=1e-10)


def test_reference_variance_of_a_passage_that_is_nearly_certain():
    # a walk of ten sure steps but for a chance of 1e-12: the variance is lost in the difference of squares
    p = np.roll(np.eye(11), 1, axis=1)
    p[0, 1], p[0, 0] = 1 - 2.0**-40, 2.0**-40
    found = FiniteChain(p).passage_variance(10)
    e = Fraction(1, 2**40)
    assert found.value[0] == pytest.approx(float(e / (1 - e) ** 2), rel=1e-14)
    assert found.method == "balls"


def test_reference_law_of_a_passage():
    p = ordinary(6)
    chain = FiniteChain(p)
    inside = [0, 1, 2, 4, 5, 6]
    found = chain.passage_law(3, [0, 1, 2, 7, 100])
    for row, time in enumerate([0, 1, 2, 7, 100]):
        left = np.linalg.matrix_power(p[np.ix_(inside, inside)], time).sum(axis=1)
        np.testing.assert_allclose(found.survival[row, inside], left, rtol=1e-11)
        np.testing.assert_allclose(found.reached[row, inside], 1 - left, atol=1e-13)
    rates = FiniteChain.from_rates(p).passage_law(3, [0.0, 0.3, 5.0, 37.25])
    generator = (p - np.diag(p.sum(axis=1)))[np.ix_(inside, inside)]
    for row, time in enumerate([0.0, 0.3, 5.0, 37.25]):
        left = linalg.expm(generator * time).sum(axis=1)
        np.testing.assert_allclose(rates.survival[row, inside], left, rtol=1e-10)


def test_reference_law_of_a_passage_after_1e40_steps():
    e = 2.0**-133
    chain = FiniteChain.from_off_diagonal([[0, 0.25, e], [0.5, 0, 0], [0, 0, 0]])
    rate = chain.quasi_stationary_distribution(2).rate
    time = 2**133
    found = chain.passage_law(2, [1, time])
    assert found.reached[0, 0] == e
    assert found.survival[1, 0] == pytest.approx(math.exp(-rate * time), rel=1e-12)
    slow = FiniteChain.from_rates([[0, 1e-300], [0, 0]]).passage_law(1, [1e300])
    assert slow.survival[0, 0] == pytest.approx(math.exp(-1), rel=1e-12)


def test_reference_absorption_and_visits_of_a_gambler():
    n, p = 6, 0.25
    chain = np.zeros((n, n))
    chain[0, 0] = chain[-1, -1] = 1
    for i in range(1, n - 1):
        chain[i, i + 1], chain[i, i - 1] = p, 1 - p
    game = FiniteChain(chain)
    classes, found = game.absorption_probabilities()
    assert classes == [(0,), (5,)]
    odds = (1 - p) / p
    win = [(odds**i - 1) / (odds**5 - 1) for i in range(n)]
    np.testing.assert_allclose(found[1], win, rtol=1e-14)
    np.testing.assert_allclose(found[0].value + found[1].value, 1, rtol=1e-14)
    names, visits = game.expected_visits()
    assert names == (1, 2, 3, 4)
    inner = chain[1:-1, 1:-1]
    np.testing.assert_allclose(visits, np.linalg.inv(np.eye(4) - inner), rtol=1e-13)
    assert len(game.stationary_distributions()) == 2
    assert game.stationary_distributions()[1].value.tolist() == [0, 0, 0, 0, 0, 1]
    with pytest.raises(InputError, match="one closed class"):
        game.stationary_distribution()


def test_reference_period_and_cyclic_classes():
    p = np.zeros((5, 5))
    p[0, [1, 2]], p[1, 3], p[2, [3, 4]], p[3, 0], p[4, 0] = 0.5, 1, 0.5, 1, 1
    chain = FiniteChain(p)
    assert chain.cyclic_classes() == (3, [(0,), (1, 2), (3, 4)])
    assert chain.mixing_time() == math.inf
    assert np.isinf(chain.timescales().value).sum() == 2
    assert FiniteChain(0.9 * p + 0.1 * np.eye(5)).period == 1
    assert FiniteChain.from_rates(p).period == 1
    assert np.isfinite(FiniteChain.from_rates(p).timescales().value).all()


def test_reference_reversibility():
    assert FiniteChain(reversible(0)).is_reversible
    p = reversible(0)
    p[0, 1] += 1e-6
    p[0, 0] -= 1e-6
    assert not FiniteChain(p).is_reversible
    assert not FiniteChain(ordinary(0)).is_reversible


@pytest.mark.parametrize("distance", [0.25, 0.01])
def test_reference_mixing_time_by_single_steps(distance):
    p = 0.2 * ordinary(9) + 0.8 * np.eye(7)
    pi = law_of(p)
    power, time = np.eye(7), 0
    while np.abs(power - pi).sum(axis=1).max() / 2 > distance:
        power, time = power @ p, time + 1
    assert FiniteChain(p).mixing_time(distance) == time
    rates = FiniteChain.from_rates(p - np.eye(7) + np.diag(np.ones(7)))
    time = rates.mixing_time(distance)
    q = p - np.eye(7)
    near = [np.abs(linalg.expm(q * time * f) - pi).sum(axis=1).max() / 2 for f in (1 - 1e-5, 1 + 1e-5)]
    assert near[1] <= distance <= near[0]


def test_reference_mixing_time_of_1e30_steps():
    e = 1e-30
    chain = FiniteChain.from_off_diagonal([[0, e], [e, 0]])
    assert chain.mixing_time(0.25) == pytest.approx(math.log(2) / (2 * e), rel=1e-12)


def test_reference_sensitivities_by_small_changes():
    rates = ordinary(4) - np.diag(np.diag(ordinary(4)))

    def moved(quantity):
        base = quantity(rates)
        out = []
        for i, j in zip(*np.nonzero(rates), strict=True):
            ends = []
            for sign in (1, -1):
                other = rates.copy()
                other[i, j] *= 1 + sign * 1e-6
                ends.append(quantity(other))
            out.append((ends[0] - ends[1]) / (2e-6 * base))
        return dict(zip(zip(*(c.tolist() for c in np.nonzero(rates)), strict=True), out, strict=True))

    def check(found, quantity):
        exact = moved(quantity)
        assert found.value == pytest.approx(quantity(rates), rel=1e-12)
        seen = {(i, j): value for (i, j), value in zip(found.steps.tolist(), found.elasticity, strict=True)}
        for step, value in exact.items():
            assert seen.get(step, 0.0) == pytest.approx(value, rel=1e-4, abs=1e-7)

    chain = FiniteChain.from_rates(rates)
    check(chain.hitting_time_sensitivity(0, 5), lambda a: FiniteChain.from_rates(a).hitting_times(5)[0])
    check(chain.committor_sensitivity(0, 3, 5), lambda a: FiniteChain.from_rates(a).committor(3, 5)[0])
    balanced = reversible(2)
    np.fill_diagonal(balanced, 0)
    rates = balanced
    check(
        FiniteChain.from_rates(rates).timescale_sensitivity(0),
        lambda a: FiniteChain.from_rates(a).timescales(count=1).value[0],
    )
    check(
        FiniteChain.from_off_diagonal(rates).timescale_sensitivity(0),
        lambda a: FiniteChain.from_off_diagonal(a).timescales(count=1).value[0],
    )


# fewer states


def test_reference_lumping():
    p = np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3], [0.25, 0.25, 0.5]])
    lumped = FiniteChain(p, labels="abc").lumped([{"a", "b"}, {"c"}], labels=["ab", "c"])
    np.testing.assert_allclose(lumped.to_numpy(), [[0.7, 0.3], [0.5, 0.5]])
    assert lumped.labels == ("ab", "c")
    with pytest.raises(InputError, match="lumpable"):
        FiniteChain(p, labels="abc").lumped([{"a"}, {"b", "c"}])
    weighted = FiniteChain(p, labels="abc").lumped([{"a"}, {"b", "c"}], weights="stationary")
    pi = law_of(p)
    np.testing.assert_allclose(weighted.stationary_distribution(), [pi[0], pi[1:].sum()], rtol=1e-13)
    with pytest.raises(InputError, match="each state once"):
        FiniteChain(p).lumped([[0], [1]])


def test_law_the_censored_chain_keeps_law_and_committors():
    p = ordinary(8)
    chain, kept = FiniteChain(p), [0, 2, 5]
    found = chain.censored(kept)
    pi = chain.stationary_distribution().value[kept]
    np.testing.assert_allclose(found.stationary_distribution(), pi / pi.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.committor(0, 5).value, chain.committor(0, 5).value[kept], rtol=1e-12)


@pytest.mark.parametrize("e", [1e-3, 1e-12, 1e-40])
def test_reference_metastable_sets_at_every_scale(e):
    rates = np.zeros((7, 7))
    for block in ([0, 1, 2], [3, 4], [5, 6]):
        for i in block:
            for j in block:
                rates[i, j] = 0.2 * (i != j)
    rates[2, 3], rates[3, 2], rates[4, 5], rates[5, 4] = e, e, e / 2, e / 2
    found = FiniteChain.from_rates(rates).metastable_sets(3)
    groups = [set(np.flatnonzero(found.assignment == number)) for number in range(3)]
    assert sorted(map(sorted, groups)) == [[0, 1, 2], [3, 4], [5, 6]]
    np.testing.assert_allclose(found.memberships.sum(axis=1), 1)
    one, two = found.assignment[0], found.assignment[3]
    assert found.rates[one, two] == pytest.approx(e / 3, rel=1e-12)
    assert found.crispness > 0.95


def test_reference_metastable_sets_without_detailed_balance():
    rates = np.zeros((6, 6))
    for block in ([0, 1, 2], [3, 4, 5]):
        for i, j in zip(block, block[1:] + block[:1], strict=True):
            rates[i, j] = 0.3
    rates[0, 3], rates[4, 1] = 1e-9, 2e-9
    found = FiniteChain.from_rates(rates).metastable_sets(2)
    assert sorted([found.assignment[:3].tolist(), found.assignment[3:].tolist()]) == [[0] * 3, [1] * 3]
    with pytest.raises(InputError, match="conjugate pair"):
        FiniteChain.from_rates(rates).metastable_sets(3)


# at every scale


@settings(max_examples=40, deadline=None)
@given(exact_chains.rates(lowest=-300, largest_n=5), st.data())
def test_twin_results_hold_exact_fractions_down_to_1e_300(rates, data):
    n = len(rates)
    target = data.draw(st.integers(0, n - 1))
    chain = FiniteChain.from_rates(rates)
    for certified in (False, True):
        try:
            holds(chain.stationary_distribution(certified=certified), exact_chains.stationary(rates))
            holds(
                chain.hitting_times(target, certified=certified), exact_chains.hitting_times(rates, {target})
            )
        except AssertionError:
            law = exact_chains.stationary(rates)
            times = exact_chains.hitting_times(rates, {target})
            ordinary_size = [value for value in law + times if value and not 1e-300 < value < 1e300]
            assert ordinary_size, "an ordinary result misses the exact one"


@settings(max_examples=30, deadline=None)
@given(exact_chains.rates(lowest=-60, largest_n=5))
def test_twin_all_pairs_against_fractions(rates):
    chain = FiniteChain.from_rates(rates)
    n = len(rates)
    columns = [exact_chains.hitting_times(rates, {j}) for j in range(n)]
    exact = [columns[j][i] for i in range(n) for j in range(n)]
    holds(chain.mean_first_passage_times(), exact)
    law = exact_chains.stationary(rates)
    kemeny = sum(law[j] * columns[j][0] for j in range(n))
    holds(chain.kemeny_constant(), [kemeny])
    holds(chain.kemeny_constant(certified=True), [kemeny])
    holds(
        chain.recurrence_times(),
        [1 / (p * sum(Fraction(float(x)) for x in row)) for p, row in zip(law, rates, strict=True)],
    )


@pytest.mark.parametrize(
    ("rates", "target", "exact"),
    [
        ([[0, 1e-160, 0], [1e-160, 0, 1], [0, 0, 0]], 2, [1e160, 2, 0]),
        ([[0, 1e-300, 0], [1e-300, 0, 1e-300], [0, 0, 0]], 2, [3e300, 2e300, 0]),
    ],
)
def test_reference_ordinary_answers_of_extreme_rates(rates, target, exact):
    np.testing.assert_allclose(FiniteChain.from_rates(rates).hitting_times(target), exact, rtol=1e-14)


def test_reference_a_time_above_the_range_of_doubles_has_its_logarithm():
    rates = [[0, 1e-200, 0], [1, 0, 1e-200], [0, 0, 0]]
    found = FiniteChain.from_rates(rates).hitting_times(2)
    assert found.log10[0] == pytest.approx(400, abs=1e-12)
    assert found.low[0] > 1e308
    with pytest.raises(PrecisionError, match=r"10\^400"):
        found.ordinary("the time")
    sure = FiniteChain.from_rates(rates).hitting_times(2, certified=True)
    assert sure.log10[0] == pytest.approx(400, abs=1e-12)


def test_control_ends_that_are_too_narrow_are_caught():
    chain = FiniteChain.from_rates(exact_chains.four_states(1e-17))
    found = chain.hitting_times(3)
    narrow = type(found)(
        found.value, found.value * (1 + 1e-9), found.value * (1 + 2e-9), found.log10, found.method, True
    )
    with pytest.raises(AssertionError):
        holds(narrow, exact_chains.hitting_times(exact_chains.four_states(1e-17), {3}))


# many states


def sparse_chain(n: int, seed: int) -> sparse.csr_array:
    rng = np.random.default_rng(seed)
    i = np.repeat(np.arange(n), 4)
    a = sparse.csr_array((rng.random(4 * n) / 5, (i, rng.integers(0, n, 4 * n))), shape=(n, n))
    ring = sparse.csr_array((np.full(n, 0.1), (np.arange(n), (np.arange(n) + 1) % n)), shape=(n, n))
    both = sparse.coo_array(a + ring)
    i, j = both.coords
    return sparse.csr_array((both.data[i != j], (i[i != j], j[i != j])), shape=(n, n))


def test_twin_many_states_against_lapack():
    a = sparse_chain(700, 1)
    chain = FiniteChain.from_rates(a)
    dense = a.toarray()
    generator = np.diag(dense.sum(axis=1)) - dense
    times = np.linalg.solve(generator[1:, 1:], np.ones(699))
    np.testing.assert_allclose(chain.hitting_times(0).value[1:], times, rtol=1e-9)
    pi = chain.stationary_distribution().value
    np.testing.assert_allclose(pi @ generator, 0, atol=1e-15)
    assert pi.sum() == pytest.approx(1, rel=1e-13)
    law = chain.quasi_stationary_distribution(0)
    assert law.method == "Arnoldi"
    assert law.error < 1e-9
    left = law.distribution[1:] @ generator[1:, 1:]
    np.testing.assert_allclose(left, law.rate * law.distribution[1:], rtol=1e-9, atol=1e-18)
    slow = chain.timescales(count=3)
    mu = np.sort(np.linalg.eigvals(generator).real)
    np.testing.assert_allclose(slow.value, 1 / mu[1:4], rtol=1e-8)


def test_twin_order_and_blocks_give_what_plain_elimination_gives():
    a = sparse_chain(300, 2)
    chain = FiniteChain.from_rates(a)
    dense = FiniteChain.from_rates(np.where(a.toarray() > 0, a.toarray(), 0))
    plain = dense.hitting_times(7, certified=True)
    found = chain.hitting_times(7)
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-12)
    assert (found.low <= plain.high).all()
    assert (found.high >= plain.low).all()


# in and out


def test_law_frames_graphs_and_sparse_arrays_come_back():
    p = ordinary(1)
    chain = FiniteChain(p, labels="abcdefg")
    np.testing.assert_allclose(chain.to_numpy(), p, rtol=1e-15, atol=2e-16)
    again = FiniteChain(chain.to_pandas())
    assert again.labels == chain.labels
    assert (again.entries != chain.entries).nnz == 0
    graph = FiniteChain.from_off_diagonal(chain.to_networkx())
    assert (graph.entries != chain.entries).nnz == 0
    assert graph.labels == chain.labels
    for form in (sparse.csr_matrix, sparse.coo_array, sparse.lil_array):
        assert (FiniteChain(form(p)).entries != chain.entries).nnz == 0
    generator = FiniteChain.from_rates(p).to_numpy()
    np.testing.assert_allclose(generator.sum(axis=1), 0, atol=1e-15)
    assert FiniteChain.from_rates(generator).is_irreducible
    assert chain.hitting_times("c").to_pandas().loc["a", "value"] == chain.hitting_times("c")["a"]
    assert chain.mean_first_passage_times().to_pandas().loc["a", "b"] > 0


def test_rejects_what_is_no_chain():
    with pytest.raises(InputError, match="row 1 with sum 0.9"):
        FiniteChain([[0.5, 0.5], [0.4, 0.5]])
    with pytest.raises(InputError, match=r"-0.1 at \[0, 1\]"):
        FiniteChain([[1.1, -0.1], [0.5, 0.5]])
    with pytest.raises(InputError, match="2 different names"):
        FiniteChain(np.eye(2), labels=["a", "a"])
    with pytest.raises(InputError, match="among the labels"):
        FiniteChain(np.eye(2), labels="ab").hitting_times(["a", "c"])
    with pytest.raises(InputError, match="at most 1 a row"):
        FiniteChain.from_off_diagonal([[0, 1.5], [0, 0]])
    with pytest.raises(InputError, match="irreducible"):
        FiniteChain(np.eye(2)).kemeny_constant()
    masked = np.ma.masked_array([[0, 0.5], [0.5, 0]], mask=[[False, True], [False, False]])
    with pytest.raises(InputError, match="masked"):
        FiniteChain.from_rates(masked)
    with pytest.raises(InputError, match="doubles hold"):
        FiniteChain.from_rates(np.array([[0, 1], [1, 0]], dtype=np.longdouble) / np.longdouble(3))
    with pytest.raises(InputError, match="complex|real"):
        FiniteChain.from_rates(np.array([[0, 1j], [1, 0]]))
    with pytest.raises(InputError, match="same index"):
        import pandas as pd

        FiniteChain(pd.DataFrame(np.eye(2), index=["a", "b"], columns=["b", "a"]))


# counts


def test_reference_error_bars_of_counts_are_those_of_beta():
    from scipy import stats

    chain = FiniteChain.from_counts([[90, 10], [5, 95]], draws=4000, seed=3)
    found = chain.spread(lambda one: one.entries.toarray()[0, 1])
    exact = stats.beta(10.5, 90.5).ppf([0.025, 0.975])
    assert float(found) == 0.1
    assert [float(found.low), float(found.high)] == pytest.approx(exact.tolist(), rel=0.03)
    again = FiniteChain.from_counts([[90, 10], [5, 95]], draws=4000, seed=3).spread(
        lambda one: one.entries.toarray()[0, 1]
    )
    assert again.low == found.low
    boot = FiniteChain.from_counts([[90, 10], [5, 95]], draws=400, resampling="bootstrap")
    spread = boot.spread(lambda one: one.timescales())
    assert spread.low[0] < spread.value[0] < spread.high[0]
    with pytest.raises(InputError, match="at least one a row"):
        FiniteChain.from_counts([[1, 1], [0, 0]])


def test_law_the_chain_of_macrostates_is_a_finite_chain():
    from mcpolar.metastability.coarse.chain import CoarseChain
    from mcpolar.metastability.coarse.macrostates import Macrostates

    rates = np.array([[0, 0.1, 0], [0.2, 0, 0.3], [0, 0.1, 0]])
    coarse = CoarseChain(5, np.array([0, 1, 3]), rates, False)
    assert coarse.finite_chain().labels == (0, 1, 3)
    found = coarse.finite_chain(Macrostates(3))
    assert found.labels == ("+0", "+1", "+3")
    np.testing.assert_allclose(found.committor("+0", "+3"), [0, 0.6, 1])


def test_mixing_time_says_when_it_cannot_decide():
    chain = FiniteChain(reversible(0))
    assert math.isfinite(chain.mixing_time(1e-11))
    with pytest.raises(PrecisionError, match="below what doubles can tell"):
        chain.mixing_time(1e-17)
    halving = FiniteChain([[0.75, 0.25], [0.25, 0.75]])  # the distance after t steps is 2^-(t + 1), exactly
    for time in range(1, 6):
        assert halving.mixing_time(0.5 ** (time + 1)) == time
        assert halving.mixing_time(np.nextafter(0.5 ** (time + 1), 0)) == time + 1
    with pytest.raises(PrecisionError, match="rounding leaves open"):
        FiniteChain.from_off_diagonal([[0, 1e-4], [1e-4, 0]]).mixing_time(0.5 * (1 - 2e-4) ** 1000)
    assert (
        FiniteChain([[0, 1, 0], [0, 0, 1], [0, 1, 0]]).mixing_time() == math.inf
    )  # into a closed class of period 2


def test_bad_states_times_and_counts_are_named():
    with pytest.raises(InputError, match="labels"):
        FiniteChain([[0.5, 0.5], [0.5, 0.5]], labels=[[1], [2]])
    with pytest.raises(PrecisionError, match=r"10\^400 is too long"):
        FiniteChain([[0.5, 0.5], [0.5, 0.5]]).transition_probabilities(10**400)
    with pytest.raises(InputError, match=r"-2 at \[0, 1\]"):
        FiniteChain.from_counts([[1, -2], [3, 4]])
