"""Hitting times, committors and stationary laws against exact rationals."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability import FiniteChain, committor, hitting_times, stationary_distribution
from tests.metastability.finite import exact_chains

DIGITS = 1e-12
SCALES = [1e-8, 1e-13, 1e-17, 1e-20, 1e-30]


def assert_close(found: np.ndarray, exact: list[Fraction]) -> None:
    for value, true in zip(found, exact, strict=True):
        assert abs(Fraction(float(value)) - true) <= Fraction(DIGITS) * true


@pytest.mark.parametrize("e", SCALES)
def test_reference_four_states_from_1e_8_to_1e_30(e):
    chain = exact_chains.four_states(e)
    assert_close(hitting_times(chain, [3]), exact_chains.hitting_times(chain, {3}))
    assert_close(stationary_distribution(chain), exact_chains.stationary(chain))
    assert_close(committor(chain, [0], [3]), exact_chains.committor(chain, {0}, {3}))
    assert hitting_times(chain, [3])[0] == pytest.approx(2 / e + 14, rel=DIGITS, abs=0)


def test_control_one_minus_p_has_no_digits_left():
    # what libraries do that form the identity less the matrix
    chain = exact_chains.four_states(1e-17)
    p = chain + np.diag(1 - chain.sum(axis=1))
    naive = np.linalg.solve((np.eye(4) - p)[:3, :3], np.ones(3))
    with pytest.raises(AssertionError):
        assert_close([*naive, 0.0], exact_chains.hitting_times(chain, {3}))


@given(exact_chains.rates(), st.data())
def test_twin_irreducible_chains_of_all_scales(rates, data):
    n = len(rates)
    target = data.draw(st.sets(st.integers(0, n - 1), min_size=1))
    source = data.draw(st.sets(st.integers(0, n - 1), max_size=2)) - target
    assert_close(hitting_times(rates, target), exact_chains.hitting_times(rates, target))
    assert_close(stationary_distribution(rates), exact_chains.stationary(rates))
    if source:
        assert_close(committor(rates, source, target), exact_chains.committor(rates, source, target))


@given(exact_chains.rates())
def test_law_the_diagonal_is_never_read(rates):
    other = rates + np.diag(np.full(len(rates), np.nan))
    np.testing.assert_array_equal(hitting_times(other, [0]), hitting_times(rates, [0]))
    np.testing.assert_array_equal(stationary_distribution(other), stationary_distribution(rates))


@given(exact_chains.rates(), st.integers(-20, 20))
def test_law_rates_in_another_unit(rates, shift):
    scaled = rates * 2.0**shift
    np.testing.assert_allclose(
        hitting_times(scaled, [0]) * 2.0**shift, hitting_times(rates, [0]), rtol=DIGITS, atol=0
    )


def test_reference_transient_and_closed_states():
    #  0 -> 1 <-> 2, 0 -> 3 (absorbing), 4 -> 1
    rates = np.zeros((5, 5))
    rates[0, 1], rates[0, 3], rates[1, 2], rates[2, 1], rates[4, 1] = 0.25, 0.5, 0.1, 0.2, 1e-9
    assert hitting_times(rates, [3]).tolist() == [np.inf, np.inf, np.inf, 0.0, np.inf]
    assert hitting_times(rates, [1, 3]).tolist() == [4 / 3, 0.0, 5.0, 0.0, pytest.approx(1e9)]
    np.testing.assert_allclose(committor(rates, [], [3]), [2 / 3, 0, 0, 1, 0])
    np.testing.assert_allclose(committor(rates, [1], [3]), [2 / 3, 0, 0, 1, 0])
    with pytest.raises(InputError, match="one closed class"):
        stationary_distribution(rates)
    np.testing.assert_allclose(stationary_distribution(rates[1:3, 1:3]), [2 / 3, 1 / 3])
    rates[3, 0] = 1.0
    np.testing.assert_allclose(stationary_distribution(rates), [0, 2 / 3, 1 / 3, 0, 0])


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ([[0, 1, 0]], "square array, one row a state"),
        ("many", "a square array of numbers"),
        ([[0, -0.1], [0.1, 0]], r"not negative off the diagonal; got -0.1 at \[0, 1\]"),
        ([[0, np.nan], [0.1, 0]], "finite"),
    ],
)
def test_rejects_rates_that_are_none(rates, message):
    with pytest.raises(InputError, match=message):
        hitting_times(rates, [0])


def test_rejects_states_that_are_none():
    rates = np.full((3, 3), 0.1)
    with pytest.raises(InputError, match="`target` must be a whole number from 0 to n - 1 = 2"):
        hitting_times(rates, [3])
    with pytest.raises(InputError, match="at least one state"):
        hitting_times(rates, [])
    with pytest.raises(InputError, match="disjoint"):
        committor(rates, [1], [1, 2])


def test_rejects_a_time_above_the_range_of_doubles():
    rates = np.zeros((3, 3))
    rates[0, 1] = rates[1, 2] = 1e-200
    rates[1, 0] = rates[2, 1] = 1.0
    with pytest.raises(PrecisionError, match=r"above the range of doubles.*10\^400"):
        hitting_times(rates, [2])
    np.testing.assert_allclose(committor(rates, [0], [2]), [0, 1e-200, 1])


@pytest.mark.parametrize("lowest", [-80, -120, -160, -300])
def test_twin_ordinary_answers_of_rates_down_to_1e_300(lowest):
    rng = np.random.default_rng(lowest + 1000)
    for _ in range(40):
        n = int(rng.integers(3, 7))
        rates = 10 ** rng.uniform(lowest, 0, (n, n)) * (rng.random((n, n)) < 0.7)
        rates += np.roll(np.eye(n), 1, axis=1) * 10 ** rng.uniform(lowest, 0, n)[:, None]
        np.fill_diagonal(rates, 0)
        exact = exact_chains.hitting_times(rates, {0})
        if max(exact) < Fraction(10) ** 308:
            assert_close(hitting_times(rates, 0), exact)
        law = exact_chains.stationary(rates)
        found = stationary_distribution(rates)
        kept = [i for i, value in enumerate(law) if value > Fraction(1, 10**300)]
        assert_close(found[kept], [law[i] for i in kept])
        assert_close(committor(rates, [0], [1]), exact_chains.committor(rates, {0}, {1}))


def test_law_a_single_state_is_a_set_too():
    chain = exact_chains.four_states(1e-9)
    np.testing.assert_array_equal(hitting_times(chain, 3), hitting_times(chain, [3]))
    np.testing.assert_array_equal(committor(chain, 0, 3), committor(chain, [0], [3]))
    with pytest.raises(InputError, match="a state or a collection"):
        hitting_times(chain, None)


def test_law_sparse_arrays_are_chains():
    chain = exact_chains.four_states(1e-9)
    for form in (sparse.csr_array, sparse.csc_matrix, sparse.coo_array):
        np.testing.assert_array_equal(hitting_times(form(chain), 3), hitting_times(chain, [3]))
        np.testing.assert_array_equal(stationary_distribution(form(chain)), stationary_distribution(chain))


def test_rejects_what_doubles_would_lose():
    third = np.full((2, 2), np.longdouble(1) / 3)
    with pytest.raises(InputError, match="doubles hold"):
        hitting_times(third, 0)
    with pytest.raises(InputError, match="doubles hold"):
        hitting_times(np.array([[0, 2**53 + 1], [1, 0]]), 0)
    np.testing.assert_array_equal(hitting_times(third.astype(float), 0), [0, 3])
    masked = np.ma.masked_array([[0, 0.5], [0.5, 0]], mask=[[0, 0], [1, 0]])
    with pytest.raises(InputError, match="masked"):
        hitting_times(masked, 0)


def test_a_tiny_chance_to_stay_keeps_its_digits_over_many_steps():
    out = np.array([0.1, 0.3, 0.3, 0.3]) * (1 - 1e-15)
    entries = np.zeros((5, 5))
    entries[0, 1:] = out
    stay = 1 - sum(Fraction(x) for x in out.tolist())
    assert abs(float(stay) / (1 - math.fsum(out)) - 1) > 0.01  # the control: a sum that is rounded first
    chain = FiniteChain.from_off_diagonal(entries)
    found = chain.transition_probabilities(7)[0, 0]
    assert abs(Fraction(float(found)) / stay**7 - 1) < 1e-13
    survival = chain.passage_law([1, 2, 3, 4], [7]).survival[0, 0]
    assert abs(Fraction(float(survival)) / stay**7 - 1) < 1e-13
