"""The growth of log-odds: exact at r = 1, an eigenvalue's slope at r = 2, a slow twin everywhere."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from mcpolar.compiled.memory.growth import add_gains
from mcpolar.errors import InputError
from mcpolar.exponents.growth import log_odds_growth
from mcpolar.exponents.memory_grid import MemoryGrid
from mcpolar.rng import Purpose, normals, philox_key
from tests.twins.agent import replace_farthest

SURE = 1 - 1e-6


def slow_gains(start: list[float], sigma: float, draws: list[float]) -> float:
    """The sum of the gains, as the definition writes it."""
    memory, total = tuple(map(Fraction, start)), 0.0
    for z in draws:
        memory = replace_farthest(memory, Fraction(1 + sigma * z))
        total -= math.log(sum(math.exp(-2 * float(x) / sigma**2) for x in memory) / len(memory))
    return total


@pytest.mark.parametrize(("r", "sigma"), [(1, 0.5), (2, 0.3), (3, 1.0), (7, 0.4), (20, 3.0)])
def test_twin_gains(r, sigma):
    key, n, updates = philox_key(3), 3, 25
    start = (1 + sigma * normals(key, Purpose.START_NORMAL, n, r)).reshape(-1)
    draws = normals(key, Purpose.GROWTH, n, updates, first_replica=5)
    memory, gains = start.copy(), np.zeros(n)
    add_gains(memory, r, sigma, key, 5, 0, 10, gains)  # in two calls, the second from an even update on
    add_gains(memory, r, sigma, key, 5, 10, 1, gains)
    add_gains(memory, r, sigma, key, 5, 11, updates - 11, gains)
    expected = [slow_gains(list(start[i * r : (i + 1) * r]), sigma, list(draws[i])) for i in range(n)]
    np.testing.assert_allclose(gains, expected, rtol=1e-11)


@pytest.mark.parametrize("sigma", ["0.2", "0.5", "2"])
def test_sandwich_memory_one_grows_by_twice_the_precision(sigma):
    found = log_odds_growth(1, sigma, updates=8000, confidence=SURE)
    low, high = found.interval
    exact = 2 / float(sigma) ** 2
    assert low < exact < high
    assert high - low < 0.1 * exact
    assert found.scaled == pytest.approx(2, rel=0.03)


def slope(r: int, sigma: float) -> float:
    """-Lambda'(0), by a central difference of the eigenvalue's logarithm."""
    grid, h = MemoryGrid(r, sigma, {2: 161, 3: 61}[r], tolerance=1e-7), 1e-3 * sigma**2
    return (grid.log_eigenvalue(-h) - grid.log_eigenvalue(h)) / (2 * h)


@pytest.mark.parametrize(("r", "sigma"), [(2, "0.5"), (2, "1"), (3, "0.5")])
def test_sandwich_small_memories_grow_by_the_slope_of_the_eigenvalue(r, sigma):
    found = log_odds_growth(r, sigma, updates=8000, confidence=SURE)
    assert found.interval[0] < slope(r, float(sigma)) < found.interval[1]
    assert abs(found.drift) < 5


def test_control_the_intervals_tell_memory_sizes_apart():
    found = log_odds_growth(3, "0.5", updates=8000, confidence=SURE)
    assert not found.interval[0] < slope(2, 0.5) < found.interval[1]
    assert not found.interval[0] < 8 < found.interval[1]


@pytest.mark.parametrize(("r", "sigma"), [(5, "0.2"), (50, "0.3"), (10, "5"), (3, "5"), (2, "1")])
def test_statistics_growth_is_positive_everywhere(r, sigma):
    found = log_odds_growth(r, sigma, replicas=64, updates=4000, confidence=SURE)
    assert found.interval[0] > 0
    assert 1.35 < found.scaled < 1.97


def test_control_a_memory_still_far_from_its_law_shows_as_drift():
    assert abs(log_odds_growth(300, "1", burn_in=0, updates=2000).drift) > 6


def test_law_the_same_seed_gives_the_same_bits():
    one, two = (log_odds_growth(4, "0.3", replicas=8, updates=100, seed=9) for _ in range(2))
    assert one == two
    assert one != log_odds_growth(4, "0.3", replicas=8, updates=100, seed=10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"r": 0}, "`r` must be a whole number from 1 to 1000000"),
        ({"sigma": "0"}, "`sigma` must be"),
        ({"replicas": 1}, "`replicas` must be a whole number from 2 to 4294967295"),
        ({"updates": 1}, "`updates` must be a whole number from 2 to 9007199254740992"),
        ({"burn_in": -1}, "`burn_in` must be a whole number from 0 to 9007199254740992"),
        ({"confidence": 1.0}, "`confidence` must be a number from 0.5 to below 1"),
        ({"confidence": 1}, "`confidence` must be"),
        ({"seed": -1}, "`seed` must be"),
    ],
)
def test_rejects_bad_arguments(change, message):
    arguments = {"r": 2, "sigma": "0.3"} | change
    with pytest.raises(InputError) as caught:
        log_odds_growth(arguments.pop("r"), arguments.pop("sigma"), **arguments)
    assert str(caught.value).startswith(message)
