"""Refinement ends where it is good enough, or where the next one does not fit."""

import numpy as np
import pytest

from mcpolar.errors import InputError
from mcpolar.exact.kernel import apply_along, refined


def halving(fits: int, used: list):
    def solve(order, factor):
        used.append((order, factor))
        if order > fits:
            raise InputError("m", 3, "smaller")
        return np.array([0.5**order, 100 + 0.5**order])

    return solve


def test_reference_refinement_stops_at_the_tolerance():
    used: list = []
    found, error = refined(halving(99, used), 0.05, m=2)
    assert used == [(3, 1.0), (5, 1.25), (7, 1.25**2)]
    np.testing.assert_allclose(found, [0.5**7, 100 + 0.5**7])
    np.testing.assert_allclose(error, 0.5**5 - 0.5**7)


def test_reference_three_agents_are_refined_in_small_steps():
    used: list = []
    refined(halving(99, used), 1e-9, m=3)
    assert [order for order, _ in used] == [2, 3, 4, 5, 6]


def test_reference_refinement_stops_where_the_next_does_not_fit():
    found, error = refined(halving(6, []), 1e-9, m=2)
    assert found[0] == 0.5**5
    assert error[0] == 0.5**3 - 0.5**5


@pytest.mark.parametrize("fits", [2, 4])
def test_rejects_what_leaves_no_estimate_of_the_error(fits):
    with pytest.raises(InputError):
        refined(halving(fits, []), 1e-3, m=2)


def test_reference_matrices_along_every_axis():
    rng = np.random.default_rng(1)
    values, matrix = rng.random((3, 4, 5)), rng.random((6, 4))
    np.testing.assert_allclose(apply_along(matrix, values, 1), np.einsum("ab,ibj->iaj", matrix, values))
    values = np.moveaxis(values, 1, 2)
    np.testing.assert_allclose(apply_along(matrix, values, 2), np.einsum("ab,ijb->ija", matrix, values))
    values = np.moveaxis(values, 2, 0)
    np.testing.assert_allclose(apply_along(matrix, values, 0), np.einsum("ab,bij->aij", matrix, values))
