"""The cell programme: both ends enclose the chance of memory in I after u draws."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from mcpolar.bounds.polarization.memory_cells import MemoryCells
from tests.bounds.polarization import independent
from tests.calibrated import DiffersError, assert_proportion

ENDS = tuple(map(Fraction, ("-1", "-0.5", "0", "0.4999", "0.5", "0.7", "0.85", "1", "1.15", "1.3", "1.5")))
REPLICAS = 60_000


def ends_of(r, sigma, share, most, start):
    cells = MemoryCells.of(r, ENDS)
    number = cells.filled(start)
    return [
        cells.inside(cells.chances(Decimal(sigma), share, up=up), most, up=up)[:, number]
        for up in (False, True)
    ]


def test_reference_one_element_is_the_last_draw():
    low, high = ends_of(1, "0.4", Fraction(1, 3), 4, Fraction(-2))
    with mpmath.workdps(30):
        at = lambda x: independent.below(mpmath.mpf(x) / mpmath.mpf("0.4"))  # noqa: E731
        exact = (at(0.5) - at(-0.5)) / 3 + 2 * (at(2.5) - at(1.5)) / 3
    assert low[0] == high[0] == 0
    assert (low[1:] <= float(exact)).all()
    assert (high[1:] >= float(exact)).all()
    assert high[1:] == pytest.approx(low[1:], rel=1e-8)


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize(("r", "half_line"), [(2, False), (3, False), (2, True)])
def test_twin_on_multisets(r, half_line, up):
    ends = tuple(map(Fraction, ("0", "0.5", "0.9", "1.5")))
    cells = MemoryCells.of(r, ends, is_half_line=half_line)
    found = cells.inside(cells.chances(Decimal("0.4"), Fraction(2, 3), up=up), 5, up=up)
    with mpmath.workdps(30):
        twin = independent.inside_cells(r, "0.4", Fraction(2, 3), ends, 5, half_line=half_line, up=up)
    for u in range(6):
        for number, memory in enumerate(cells.memories.cells):
            exact = float(twin[u][tuple(int(cell) for cell in memory)])
            assert found[u, number] == pytest.approx(exact, rel=1e-8, abs=0)
            assert found[u, number] >= exact if up else found[u, number] <= exact


def inside(r, sigma, share, draws, start, seed):
    """Count runs with all memory in I after so many draws of the mixture, from `start` r times."""
    rng = np.random.default_rng(seed)
    held = np.full((REPLICAS, r), float(start))
    rows = np.arange(REPLICAS)
    for _ in range(draws):
        y = np.where(rng.random(REPLICAS) < float(share), 1.0, -1.0) + sigma * rng.standard_normal(REPLICAS)
        held[rows, np.argmax(np.abs(held - y[:, np.newaxis]), axis=1)] = y
    return int((np.abs(held - 1) <= 0.5).all(axis=1).sum())


@pytest.mark.parametrize(
    ("r", "sigma", "share", "draws"), [(2, "0.3", Fraction(1, 2), 4), (4, "0.2", Fraction(2, 3), 12)]
)
@pytest.mark.parametrize("start", [Fraction(49995, 100000), Fraction(-1), Fraction(9)])
def test_statistics_simulated_memory_lies_between_the_ends(r, sigma, share, draws, start):
    low, high = (float(values[draws]) for values in ends_of(r, sigma, share, draws, start))
    count = inside(r, float(sigma), share, draws, start, 1)
    if not low * REPLICAS <= count <= high * REPLICAS:
        nearest = low if count < low * REPLICAS else high
        assert_proportion(count, REPLICAS, nearest, false_alarm=1e-8, resolves=0.02)


def test_control_ends_of_another_share_are_refuted():
    _, high = ends_of(2, "0.3", Fraction(1, 3), 4, Fraction(-1))
    count = inside(2, 0.3, Fraction(1, 2), 4, -1, 1)
    assert count > high[4] * REPLICAS
    with pytest.raises(DiffersError):
        assert_proportion(count, REPLICAS, float(high[4]), false_alarm=1e-8, resolves=0.02)


def test_law_the_largest_chance_over_all_memories_never_rises():
    cells = MemoryCells.of(3, ENDS)
    found = cells.inside(cells.chances(Decimal("0.3"), Fraction(1, 2), up=True), 30, up=True).max(axis=1)
    assert (np.diff(found) <= 1e-9).all()
