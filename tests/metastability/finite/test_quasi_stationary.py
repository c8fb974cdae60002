"""Quasi-stationary laws against 80 digits and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability import quasi_stationary_distribution
from tests.metastability.finite import exact_chains

DIGITS = 1e-12


@pytest.mark.parametrize("e", [1e-8, 1e-13, 1e-17, 1e-20, 1e-30])
def test_reference_four_states_from_1e_8_to_1e_30(e):
    chain = exact_chains.four_states(e)
    law, rate = exact_chains.quasi_stationary(chain, {3})
    found = quasi_stationary_distribution(chain, [3])
    assert found.rate == pytest.approx(float(rate), rel=DIGITS, abs=0)
    np.testing.assert_allclose(found.distribution, [float(value) for value in law], rtol=DIGITS, atol=0)
    assert found.rate_low <= found.rate * (1 + DIGITS)
    assert found.rate_high >= found.rate * (1 - DIGITS)


@settings(max_examples=20)
@given(exact_chains.rates(lowest=-24, largest_n=4))
def test_twin_chains_of_all_scales(rates):
    if len(rates) == 2:
        rates = np.pad(rates, (0, 1), constant_values=1e-9)
    inner = rates[1:, 1:]
    if any(inner[i, (i + 1) % len(inner)] == 0 for i in range(len(inner))):
        rates[1:, 1:] += np.roll(np.eye(len(inner)), 1, axis=1) * 1e-3  # one class
    rates[1, 0] += 1e-15
    law, rate = exact_chains.quasi_stationary(rates, {0})
    found = quasi_stationary_distribution(rates, [0])
    assert found.rate == pytest.approx(float(rate), rel=DIGITS, abs=0)
    large = np.array([float(value) for value in law])
    np.testing.assert_allclose(found.distribution[large > 1e-60], large[large > 1e-60], rtol=1e-10, atol=0)


def test_reference_two_wells_of_almost_equal_depth():
    # the decay rate and the next eigenvalue agree to 11 digits: plain iteration would need 1e11 products
    e, d = 1e-20, 1e-11
    rates = np.zeros((3, 3))
    rates[0, 1] = rates[1, 0] = e * d / 4
    rates[0, 2], rates[1, 2] = e, e * (1 + d)
    found = quasi_stationary_distribution(rates, [2])
    law, rate = exact_chains.quasi_stationary(rates, {2})
    assert found.rate == pytest.approx(float(rate), rel=DIGITS, abs=0)
    # the law depends on the tiny difference of two rates, of which doubles hold five digits
    np.testing.assert_allclose(found.distribution[:2], [float(value) for value in law[:2]], rtol=1e-4)


def test_statistics_the_law_is_that_of_survivors():
    rates = np.array([[0, 0.3, 0.0, 0.02], [0.1, 0, 0.2, 0.0], [0.0, 0.3, 0, 0.1], [0, 0, 0, 0]])
    found = quasi_stationary_distribution(rates, [3])
    p = rates + np.diag(1 - rates.sum(axis=1))
    later = np.linalg.matrix_power(p, 400)[0, :3]
    np.testing.assert_allclose(later / later.sum(), found.distribution[:3], rtol=1e-9)
    lost = found.distribution @ p
    assert lost[3] == pytest.approx(found.rate)
    assert stats.geom(found.rate).mean() == pytest.approx(1 / found.rate)


def test_rejects_several_surviving_classes():
    rates = np.zeros((4, 4))
    rates[0, 1], rates[1, 0], rates[1, 2], rates[2, 3] = 0.1, 0.1, 0.1, 0.1
    with pytest.raises(
        InputError, match=r"the others communicate; got surviving classes \[\[0, 1\], \[2\]\]"
    ):
        quasi_stationary_distribution(rates, [3])


def test_rejects_killing_that_is_not_reached():
    rates = np.zeros((3, 3))
    rates[0, 1] = rates[1, 0] = 0.1
    with pytest.raises(InputError, match="reachable from the other states"):
        quasi_stationary_distribution(rates, [2])
    with pytest.raises(InputError, match="reachable"):
        quasi_stationary_distribution(rates, [0, 1, 2])


def test_rejects_a_law_that_cannot_be_told(monkeypatch):
    monkeypatch.setattr("mcpolar.metastability.finite.quasi_stationary._LARGEST_EXACT", 1)
    rates = np.array([[0, 1e-36, 1e-20], [1e-36, 0, 1e-20 * (1 + 1e-15)], [0, 0, 0]])
    with pytest.raises(PrecisionError, match="cannot be told"):
        quasi_stationary_distribution(rates, [2])


@pytest.mark.parametrize("d", [1e-6, 1e-11, 1e-14])
def test_reference_the_law_of_two_wells_that_are_left_nearly_equally_fast(d):
    e = 1e-20
    rates = np.zeros((3, 3))
    rates[0, 1] = rates[1, 0] = e * d / 4
    rates[0, 2], rates[1, 2] = e, e * (1 + d)
    law, rate = exact_chains.quasi_stationary(rates, {2})
    found = quasi_stationary_distribution(rates, [2])
    np.testing.assert_allclose(found.distribution, [float(value) for value in law], rtol=found.error + 1e-15)
    assert found.error < 1e-9
    assert found.rate_low <= float(rate) <= found.rate_high


def test_reference_a_law_of_one_to_1e9():
    rates = np.array([[0, 1e-43, 1e-20], [1e-43, 0, 1e-20 * (1 + 1e-14)], [0, 0, 0]])
    law, _ = exact_chains.quasi_stationary(rates, {2})
    found = quasi_stationary_distribution(rates, [2])
    assert law[0] / law[1] > 1e8
    np.testing.assert_allclose(found.distribution, [float(value) for value in law], rtol=1e-13)
    assert found.method == "balls"


@settings(max_examples=20, deadline=None)
@given(exact_chains.rates(lowest=-24, largest_n=4))
def test_law_the_error_of_the_law_covers_it(rates):
    inner = rates[1:, 1:]
    inner += np.roll(np.eye(len(inner)), 1, axis=1) * (len(inner) > 1) * 1e-3
    rates[1, 0] += 1e-15
    law, rate = exact_chains.quasi_stationary(rates, {0})
    for certified in (False, True):
        found = quasi_stationary_distribution(rates, [0], certified=certified)
        for value, true in zip(found.distribution, law, strict=True):
            assert abs(value - float(true)) <= (found.error + 4e-16) * float(true)
        assert found.rate_low * (1 - 3e-16) <= float(rate) <= found.rate_high * (1 + 3e-16)


def test_control_a_sharp_rate_says_nothing_of_the_law(monkeypatch):
    monkeypatch.setattr("mcpolar.metastability.finite.quasi_stationary._LARGEST_EXACT", 1)
    rates = np.array([[0, 1e-27, 1e-20], [1e-27, 0, 1e-20 * (1 + 1e-7)], [0, 0, 0]])
    found = quasi_stationary_distribution(rates, [2])
    assert found.rate_high / found.rate_low - 1 < 1e-12
    assert 1e-9 < found.error < 1e-5


@pytest.mark.parametrize("killed", [0, [0], {0}, (0,), np.array([0])])
def test_law_a_single_state_is_a_set_too(killed):
    rates = np.array([[0, 0, 0], [0.1, 0, 0.2], [0, 0.2, 0]])
    assert quasi_stationary_distribution(rates, killed).rate > 0
