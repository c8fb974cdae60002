"""CL: the chance that own draws clear any memory."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy.special import ndtr

from mcpolar.balls import lower_end
from mcpolar.bounds import chances
from mcpolar.bounds.polarization.clearing import clearing_chance, one_sided_clearing_chance
from tests.bounds.exact import as_mpf
from tests.bounds.polarization import independent
from tests.calibrated import DiffersError, assert_proportion

REPLICAS = 100_000


@pytest.mark.parametrize("sigma", ["0.05", "0.3", "1", "20"])
def test_reference_one_element_is_cleared_by_its_own_interval(sigma):
    exact = lower_end(lambda: chances.own_interval(Decimal(sigma)))
    assert clearing_chance(Decimal(sigma), 1) == exact


@pytest.mark.parametrize(("r", "sigma", "share"), [(2, "0.3", 0.995), (3, "0.3", 0.995), (5, "0.2", 0.99)])
def test_sandwich_just_below_the_exact_chance_from_the_memory_just_outside(r, sigma, share):
    with mpmath.workdps(40):
        exact = independent.one_sided_clearing(r, sigma)
    assert share * exact <= as_mpf(clearing_chance(Decimal(sigma), r)) <= exact
    assert exact <= one_sided_clearing_chance(Decimal(sigma), r) <= 1.01 * exact


@pytest.mark.parametrize("r", [2, 5, 50])
def test_sandwich_where_the_grid_is_cut_off(r):
    """sigma < 1/18: draws beyond 9 standard deviations count as failures, and are none as the ceiling sees it.

    All draws of size at most 4 leave only those below -(h - 4)/2 as failures, on either side.
    """
    certified = float(clearing_chance(Decimal("0.04"), r).fraction)
    failing = 2 * r * (ndtr(-(12.5 - 4) / 2) + ndtr(-4.0))
    assert 1 - failing < certified < one_sided_clearing_chance(Decimal("0.04"), r) <= 1


def test_law_the_pair_of_extremes_sees_more_than_the_largest_draw(monkeypatch):
    from mcpolar.bounds.polarization import clearing

    pair = clearing_chance(Decimal("0.25"), 4)
    clearing.clearing_chance.cache_clear()
    monkeypatch.setattr(clearing, "LARGEST_PAIR_MEMORY", 1)
    coarse = clearing.clearing_chance(Decimal("0.25"), 4)
    clearing.clearing_chance.cache_clear()
    assert 0.5 * pair.fraction < coarse.fraction < pair.fraction


@pytest.mark.parametrize("r", [2, 5, 30, 401])
def test_law_a_smaller_interval_clears_less_often_and_j_is_the_floor(r):
    sigma = Decimal("0.1")
    whole, smaller = clearing_chance(sigma, r), clearing_chance(sigma, r, Fraction(1, 100))
    inner = lower_end(lambda: chances.inner_interval(sigma) ** r)
    assert smaller.fraction < whole.fraction
    assert inner.fraction <= whole.fraction


def cleared(memory: np.ndarray, sigma: float, seed: int) -> int:
    """Count the runs in which r own draws in I leave at least u arrived or good elements after u of them."""
    rng = np.random.default_rng(seed)
    r = memory.size
    held = np.broadcast_to(memory, (REPLICAS, r)).copy()
    good = np.ones(REPLICAS, dtype=bool)
    rows = np.arange(REPLICAS)
    for u in range(1, r + 1):
        y = 1 + sigma * rng.standard_normal(REPLICAS)
        held[rows, np.argmax(np.abs(held - y[:, np.newaxis]), axis=1)] = y
        good &= np.abs(y - 1) <= 0.5
        good &= np.sum(np.abs(held - 1) <= 0.5, axis=1) >= u
    return int(good.sum())


MEMORIES = {
    "just below": [0.5 - 1e-9] * 4,
    "just above": [1.5 + 1e-9] * 4,
    "both": [0.5 - 1e-9, 0.5 - 1e-9, 1.5 + 1e-9, 1.5 + 1e-9],
    "one and three": [0.5 - 1e-9, 1.5 + 1e-9, 1.5 + 1e-9, 1.5 + 1e-9],
    "far": [-1e6, 1e6, -1.0, 0.49],
}


@pytest.mark.parametrize("name", MEMORIES)
def test_statistics_memories_are_cleared_at_least_so_often(name):
    count = cleared(np.array(MEMORIES[name]), 0.25, 1)
    certified = float(clearing_chance(Decimal("0.25"), 4).fraction)
    if count < certified * REPLICAS:
        assert_proportion(count, REPLICAS, certified, false_alarm=1e-8, resolves=0.02)


def test_statistics_the_bound_is_nearly_met_just_below_the_interval():
    count = cleared(np.array(MEMORIES["just below"]), 0.25, 2)
    with mpmath.workdps(30):
        exact = float(independent.one_sided_clearing(4, "0.25"))
    assert_proportion(count, REPLICAS, exact, false_alarm=1e-8, resolves=0.02)


def test_control_a_bound_of_a_tenth_more_is_refuted():
    count = cleared(np.array(MEMORIES["just below"]), 0.25, 3)
    planted = 1.1 * float(clearing_chance(Decimal("0.25"), 4).fraction)
    with pytest.raises(DiffersError):
        assert_proportion(count, REPLICAS, planted, false_alarm=1e-8, resolves=0.02)
