"""Implied timescales against 80 digits, and communicating classes."""

import numpy as np
import pytest
from hypothesis import given, settings

from mcpolar.metastability import communicating_classes, implied_timescales
from tests.metastability.finite import exact_chains


@pytest.mark.parametrize("e", [1e-8, 1e-13, 1e-17, 1e-20, 1e-30])
def test_reference_four_states_from_1e_8_to_1e_30(e):
    chain = exact_chains.four_states(e)
    found = implied_timescales(chain)
    assert found[0] == pytest.approx(exact_chains.relaxation_times(chain)[0], rel=1e-12)
    # the other eigenvalues are 0 (no memory) but for terms of order e
    assert found[1:].max() < 0.2


@settings(max_examples=15)
@given(exact_chains.rates(lowest=-20, largest_n=4))
def test_twin_reversible_chains_of_all_scales(rates):
    rates += rates.T
    found = implied_timescales(rates)
    exact = exact_chains.relaxation_times(rates)
    assert found[0] == pytest.approx(exact[0], rel=1e-10)
    np.testing.assert_allclose(found, exact, rtol=1e-5)
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
