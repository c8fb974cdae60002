"""Implied timescales against 80 digits, and communicating classes."""

import numpy as np
import pytest
from hypothesis import given, settings

from mcpolar.errors import InputError
from mcpolar.metastability import FiniteChain, communicating_classes, implied_timescales
from tests.metastability.finite import exact_chains


@pytest.mark.parametrize("e", [1e-8, 1e-13, 1e-17, 1e-20, 1e-30])
def test_reference_four_states_from_1e_8_to_1e_30(e):
    chain = exact_chains.four_states(e)
    found = implied_timescales(chain)
    assert found[0] == pytest.approx(exact_chains.relaxation_times(chain)[0], rel=1e-12)
    # the other eigenvalues are 0 (no memory) but for terms of order e; 80 digits see an exact 0 as 1e-80
    exact = exact_chains.relaxation_times(chain)
    np.testing.assert_allclose(found[1:], [value if value > 0.006 else 0 for value in exact[1:]], rtol=1e-12)


@settings(max_examples=15)
@given(exact_chains.rates(lowest=-20, largest_n=4))
def test_twin_reversible_chains_of_all_scales(rates):
    rates = (rates + rates.T) / 2
    found = implied_timescales(rates)
    exact = exact_chains.relaxation_times(rates)
    assert found[0] == pytest.approx(exact[0], rel=1e-10)
    np.testing.assert_allclose(found, exact, rtol=1e-10)
    assert found.size == len(rates) - 1
    assert (np.diff(found) <= 0).all()


def test_reference_a_cycle_has_conjugate_pairs():
    rates = 0.3 * np.roll(np.eye(3), 1, axis=1)
    np.testing.assert_allclose(implied_timescales(rates), exact_chains.relaxation_times(rates), rtol=1e-12)


def test_reference_several_closed_classes_and_a_transient_one():
    rates = np.zeros((4, 4))
    rates[1, 0], rates[1, 2] = 1e-25, 3e-25
    rates[2, 3], rates[3, 2] = 0.25, 0.25
    found = implied_timescales(rates, lag=5)
    assert found[0] == np.inf
    assert found[1] == pytest.approx(5 / 4e-25, rel=1e-12)
    assert found[2] == pytest.approx(-5 / np.log(0.5), rel=1e-12)
    assert implied_timescales(rates, lag=5, count=1).tolist() == [np.inf]
    assert [(one.states, one.is_closed) for one in communicating_classes(rates)] == [
        ((0,), True),
        ((1,), False),
        ((2, 3), True),
    ]


def test_control_eigenvalues_of_the_matrix_lose_the_slow_timescale():
    chain = exact_chains.four_states(1e-17)
    p = chain + np.diag(1 - chain.sum(axis=1))
    values = np.sort(np.abs(np.linalg.eigvals(p)))[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        naive = -1 / np.log(values[1])
    assert naive != pytest.approx(exact_chains.relaxation_times(chain)[0], rel=0.1)


def wells(a: float, b: float) -> list[list[float]]:
    """Three wells of two states; the passes between them have rates of order a and b."""
    return [
        [0, 0.3, 0, 0, 0, 0],
        [0.1, 0, a, 0, 0, 0],
        [0, 2 * a, 0, 0.2, 0, 0],
        [0, 0, 0.3, 0, b, 0],
        [0, 0, 0, 3 * b, 0, 0.1],
        [0, 0, 0, 0, 0.25, 0],
    ]


@pytest.mark.parametrize("scales", [(1e-12, 1e-24), (1e-15, 1e-30), (1e-20, 1e-40), (1e-100, 1e-200)])
@pytest.mark.parametrize("certified", [False, True])
def test_reference_three_wells_on_two_slow_scales(scales, certified):
    a, b = scales
    found = FiniteChain.from_off_diagonal(wells(a, b)).timescales(certified=certified)
    assert found.value[1] * a == pytest.approx(0.5128205128205128, rel=1e-11)
    assert (found.value > 0).all()
    if b >= 1e-30:
        np.testing.assert_allclose(
            found.value, exact_chains.relaxation_times(np.array(wells(a, b))), rtol=1e-12
        )
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()


def test_reference_four_states_whose_passes_are_1e_40():
    e = 1e-40
    found = implied_timescales([[0, 0.3, 0, 0], [0.1, 0, e, 0], [0, 3 * e, 0, 0.2], [0, 0, 0.25, 0]])
    # slow: 1 / (e pi-weighted sums); the others are those of the two halves by themselves
    assert found[1:].tolist() == pytest.approx([-1 / np.log(0.6), -1 / np.log(0.55)], rel=1e-13)


def test_reference_a_walk_uphill_is_symmetrised():
    n = 8
    rates = np.diag(np.full(n - 1, 1e-5), 1) + np.diag(np.full(n - 1, 0.5), -1)
    np.testing.assert_allclose(implied_timescales(rates), exact_chains.relaxation_times(rates), rtol=1e-13)


def test_control_a_general_solver_misses_the_walk_uphill():
    n = 30
    rates = np.diag(np.full(n - 1, 1e-5), 1) + np.diag(np.full(n - 1, 0.5), -1)
    p = rates + np.diag(1 - rates.sum(axis=1))
    general = np.sort(-1 / np.log(np.abs(np.linalg.eigvals(p))))[::-1][1:]
    found = implied_timescales(rates)
    exact = FiniteChain.from_off_diagonal(rates).timescales(certified=True)
    np.testing.assert_allclose(found, exact.value, rtol=1e-12)
    assert np.abs(general / exact.value - 1).max() > 1e-3


@pytest.mark.parametrize("n", [2, 3, 5])
def test_reference_periodic_chains_never_forget(n):
    ring = np.roll(np.eye(n), 1, axis=1)
    assert implied_timescales(ring).tolist() == [np.inf] * (n - 1)
    assert FiniteChain(ring).timescales(certified=True).value.tolist() == [np.inf] * (n - 1)
    slow = implied_timescales(ring * (1 - 1e-9))
    assert np.isfinite(slow).all()
    np.testing.assert_allclose(slow, exact_chains.relaxation_times(ring * (1 - 1e-9)), rtol=1e-12)


def test_reference_a_periodic_chain_whose_rows_sum_to_1_by_rounding():
    p = [[0, 0, 0.1, 0.9], [0, 0, 0.3, 0.7], [0.7, 0.3, 0, 0], [0.2, 0.8, 0, 0]]
    found = implied_timescales(p)
    assert found[0] == np.inf
    # the two-step chain on the first half: eigenvalue det = (0.1 0.7 - 0.9 0.3) (0.7 0.8 - 0.3 0.2) -> -0.2 * 0.5
    np.testing.assert_allclose(found[1:], -2 / np.log(0.1), rtol=1e-12)
    sure = FiniteChain(p).timescales(certified=True)
    np.testing.assert_allclose(sure.value, found, rtol=1e-12)


def test_reference_eigenvalues_on_the_imaginary_axis_in_balls():
    # two steps on either half have the eigenvalues 1 and -0.05: one step +-1 and +-0.2236 i
    p = [[0, 0, 0.25, 0.75], [0, 0, 0.5, 0.5], [0.75, 0.25, 0, 0], [0.55, 0.45, 0, 0]]
    found = FiniteChain(p).timescales(certified=True)
    assert found.value[0] == np.inf
    np.testing.assert_allclose(found.value[1:], -2 / np.log(0.05), rtol=1e-12)


def test_reference_the_fast_end():
    half = (1 - 1e-9) / 2
    assert implied_timescales([[0, half], [half, 0]])[0] == pytest.approx(-1 / np.log(1e-9), rel=1e-8)
    assert implied_timescales([[0, half], [half, 0]])[0] == pytest.approx(
        exact_chains.relaxation_times(np.array([[0, half], [half, 0]]))[0], rel=1e-13
    )
    assert implied_timescales([[0, 0.5], [0.5, 0]]).tolist() == [0.0]


@settings(max_examples=15, deadline=None)
@given(exact_chains.rates(lowest=-40, largest_n=5))
def test_twin_general_chains_of_all_scales(rates):
    for certified in (False, True):
        found = FiniteChain.from_off_diagonal(rates).timescales(certified=certified)
        exact = exact_chains.relaxation_times(rates)
        np.testing.assert_allclose(found.value, exact, rtol=1e-9)


def test_law_cyclic_scales_of_1e_300_are_decided():
    rates = np.roll(np.eye(4), 1, axis=1) * np.array([1e-300, 1e-200, 1e-100, 0.5])[:, None]
    found = FiniteChain.from_rates(rates).timescales()
    assert found.method == "balls"
    np.testing.assert_allclose(found.value, [1e200, 1e100, 2.0], rtol=1e-12)


@pytest.mark.parametrize("lag", [0, -1, 1.5, True])
def test_rejects_a_lag_that_is_none(lag):
    with pytest.raises(InputError, match="`lag`"):
        implied_timescales([[0, 0.1], [0.1, 0]], lag=lag)


@pytest.mark.parametrize("count", [0, -1, 1.5])
def test_rejects_a_count_that_is_none(count):
    with pytest.raises(InputError, match="`count`"):
        implied_timescales([[0, 0.1], [0.1, 0]], count=count)
