"""The exponent of the chance of ever leaving a silo: the grid against a dense matrix, particles against the grid."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mcpolar.compiled.growth import dominant_pair, resample
from mcpolar.errors import InputError
from mcpolar.metastability.decay import _Pairs, _particle_root, decay_exponent
from mcpolar.rng import philox_key


def dense_kernel(weights: np.ndarray, *, tie: float = 0.5) -> np.ndarray:
    """The kernel over ordered pairs (i, j) as a matrix: an update below the midpoint removes the larger."""
    n = len(weights)
    matrix = np.zeros((n * n, n * n))
    for i in range(n):
        for j in range(n):
            for k in range(n):
                share = 1.0 if 2 * k < i + j else tie if 2 * k == i + j else 0.0
                low, high = min(i, j), max(i, j)
                matrix[i * n + j, low * n + k] += share * weights[low, k]
                matrix[i * n + j, high * n + k] += (1 - share) * weights[high, k]
    return matrix


def random_weights(n: int) -> np.ndarray:
    weights = np.random.Generator(np.random.Philox(2)).uniform(0.1, 1, (n, n))
    return weights + weights.T


@pytest.mark.parametrize("n", [4, 7])
def test_twin_largest_eigenvalue(n):
    weights, vector = random_weights(n), np.ones((n, n))
    smallest, largest = dominant_pair(weights, vector, 200)
    expected = max(abs(np.linalg.eigvals(dense_kernel(weights))))
    assert smallest == pytest.approx(expected, rel=1e-10)
    assert largest == pytest.approx(expected, rel=1e-10)
    np.testing.assert_allclose(dense_kernel(weights) @ vector.ravel(), expected * vector.ravel(), rtol=1e-9)


def test_law_the_bounds_hold_before_convergence():
    weights, vector = random_weights(6), np.ones((6, 6))
    expected = max(abs(np.linalg.eigvals(dense_kernel(weights))))
    smallest, largest = dominant_pair(weights, vector, 1)
    assert smallest < expected < largest


def test_control_ties_given_to_one_side_change_the_eigenvalue():
    weights, vector = random_weights(6), np.ones((6, 6))
    found = dominant_pair(weights, vector, 200)[0]
    assert max(abs(np.linalg.eigvals(dense_kernel(weights, tie=1.0)))) != pytest.approx(found, rel=1e-4)


def test_law_lambda_is_0_at_0_and_convex():
    pairs = _Pairs(0.5, 81)
    values = [pairs.log_eigenvalue(theta) for theta in (0.0, 0.2, 0.4, 0.6)]
    assert values[0] == pytest.approx(0, abs=1e-4)
    assert values[1] < 0 < values[3]
    assert np.all(np.diff(values, 2) > 0)


@pytest.mark.parametrize(("sigma", "published"), [("0.3", 0.46), ("0.4", 0.49), ("0.5", 0.52)])
def test_reference_published_exponents_of_memory_two(sigma, published):
    found = decay_exponent(2, sigma, nodes=61)
    assert found.method == "grid"
    assert abs(found.theta - published) < 0.01 + found.error
    assert found.error < 0.02


def test_reference_memory_one_is_exact():
    found = decay_exponent(1, "0.2")
    assert (found.theta, found.error, found.method) == (1.0, 0.0, "exact")


def test_sandwich_particles_of_memory_two_find_the_eigenvalue():
    # r = 2: the twist is the eigenfunction, so that few particles do
    theta, spread = _particle_root(2, 0.5, 61, particles=60, steps=40, seed=0, run=0)
    assert theta == pytest.approx(decay_exponent(2, "0.5", nodes=61).theta, abs=0.01)
    assert spread < 0.1


def test_reference_particles_of_memory_three():
    found = decay_exponent(3, "0.5", nodes=41, particles=150, steps=40, runs=2)
    assert found.method == "particles"
    assert 0.43 < found.theta < 0.56  # published 0.49; few particles find too much
    assert found.log_weight_sd > 0


def test_law_resampling_keeps_each_particle_as_often_as_its_weight_says():
    weights = np.array([0.1, 3.0, 0.0, 0.9, 4.0])
    memory, spare = np.arange(10.0), np.empty(10)
    resample(memory, spare, 2, np.cumsum(weights), philox_key(1), 0)
    assert np.all(memory.reshape(-1, 2)[:, 1] == memory.reshape(-1, 2)[:, 0] + 1)
    counts = np.bincount((memory.reshape(-1, 2)[:, 0] / 2).astype(int), minlength=5)
    for count, weight in zip(counts, weights, strict=True):
        assert math.floor(5 * weight / 8) <= count <= math.ceil(5 * weight / 8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r": 0}, "`r` must be a whole number >= 1"),
        ({"sigma": "0.14"}, "`sigma` must be a number from 0.15 to 10; got 0.14"),
        ({"nodes": 20}, "`nodes` must be"),
        ({"particles": 1}, "`particles` must be"),
        ({"steps": 1}, "`steps` must be"),
        ({"runs": 1}, "`runs` must be"),
    ],
)
def test_rejects_bad_arguments(change, message):
    arguments = {"r": 2, "sigma": "0.3"} | change
    with pytest.raises(InputError) as caught:
        decay_exponent(arguments.pop("r"), arguments.pop("sigma"), **arguments)
    assert str(caught.value).startswith(message)
