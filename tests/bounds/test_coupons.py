"""C(T, m, n): every cell is filled at least n times."""

import itertools
import math
from collections import Counter
from fractions import Fraction
from functools import cache

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.balls import ball, enclosure, lower_end, working_precision
from mcpolar.bounds import coupons
from tests.bounds.exact import as_mpf


def by_enumeration(draws, cells, times):
    full = sum(
        all(Counter(outcome)[cell] >= times for cell in range(cells))
        for outcome in itertools.product(range(cells), repeat=draws)
    )
    return Fraction(full, cells**draws)


@cache
def by_states(draws, cells, times):
    """Exact, cell by cell: the number of ways to place `draws` labelled draws with at least `times` in each cell."""
    ways = [1] + [0] * draws
    for _ in range(cells):
        ways = [
            sum(ways[total - here] * math.comb(total, here) for here in range(times, total + 1))
            for total in range(draws + 1)
        ]
    return Fraction(ways[draws], cells**draws)


def enclosed(draws, cells, times):
    low, high = enclosure(lambda: coupons.chance_of_all(draws, cells, times))
    return low.fraction, high.fraction


@pytest.mark.parametrize(
    ("draws", "cells", "times"),
    [(5, 2, 1), (7, 3, 2), (6, 3, 2), (8, 2, 4), (8, 4, 1), (3, 1, 2), (9, 2, 3), (4, 4, 1)],
)
def test_reference_brute_force(draws, cells, times):
    exact = by_enumeration(draws, cells, times)
    low, high = enclosed(draws, cells, times)
    assert low <= exact <= high
    assert high - low <= exact * Fraction(1, 2**90)
    assert by_states(draws, cells, times) == exact


@pytest.mark.parametrize(
    ("draws", "cells", "times"), [(40, 5, 3), (60, 7, 2), (30, 10, 3), (45, 3, 11), (35, 6, 5)]
)
def test_twin_exact_counting(draws, cells, times):
    low, high = enclosed(draws, cells, times)
    assert low <= by_states(draws, cells, times) <= high


@pytest.mark.parametrize(("draws", "cells"), [(30, 30), (31, 30), (205, 30), (1000, 100), (5, 1), (7, 2)])
def test_twin_series_and_inclusion_exclusion(draws, cells):
    series = enclosure(lambda: coupons.series_coefficient(draws, cells, 1))
    alternating = enclosure(lambda: coupons.alternating_sum(draws, cells))
    assert series[0].fraction <= alternating[1].fraction
    assert alternating[0].fraction <= series[1].fraction


def test_reference_large_sizes_are_resolved():
    value = lower_end(lambda: coupons.chance_of_all(2_000, 100, 8))
    assert value.decimal(12) == lower_end(lambda: coupons.chance_of_all(2_000, 100, 8), 150).decimal(12)
    assert 0 < value.fraction < 1


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 60))
def test_law_more_draws_fill_more_and_more_times_less(cells, times, spare):
    draws = cells * times + spare
    assert enclosed(draws + 1, cells, times)[1] >= enclosed(draws, cells, times)[0]
    assert enclosed(draws, cells, times)[1] >= enclosed(draws, cells, times + 1)[0]
    assert enclosed(draws, cells, times)[1] <= 1 + Fraction(1, 2**90)


@pytest.mark.parametrize(
    ("draws", "cells", "times", "value"),
    [(5, 3, 2, 0), (0, 3, 0, 1), (9, 4, 0, 1), (4, 1, 4, 1), (3, 1, 4, 0)],
)
def test_reference_edges(draws, cells, times, value):
    assert enclosed(draws, cells, times) == (value, value)


def test_sandwich_union_bound_lies_below_the_exact_value(monkeypatch):
    exact = enclosed(80, 5, 3)
    monkeypatch.setattr(coupons, "MOST_TERMS", 1)
    low, high = enclosed(80, 5, 3)
    assert low < exact[0]
    missing = sum(mpmath.binomial(80, j) * mpmath.mpf(4) ** (80 - j) / mpmath.mpf(5) ** 80 for j in range(3))
    assert abs(as_mpf(high) - (1 - 5 * missing)) < mpmath.mpf(10) ** -28
    assert as_mpf(low) <= 1 - 5 * missing <= as_mpf(high)


def test_reference_the_union_bound_is_cut_at_zero(monkeypatch):
    monkeypatch.setattr(coupons, "MOST_TERMS", 1)
    with working_precision(128):
        assert coupons.chance_of_all(16, 5, 3).contains(ball(0))
        assert not coupons.chance_of_all(16, 5, 3) < 0


@pytest.mark.parametrize(
    ("draws", "cells", "times", "exact"),
    [
        (10_059, 30, 2, True),
        (10_060, 30, 2, False),
        (10**15, 1, 2, True),
        (10**15, 30, 1, True),
        (10**15, 2001, 1, False),
    ],
)
def test_reference_where_the_value_is_exact(draws, cells, times, exact):
    assert coupons.is_exact(draws, cells, times) is exact
