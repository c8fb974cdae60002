"""PMr's memories: multisets of cells, their numbers, and what an update makes of them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.bounds.permanence.grid import LARGEST_MEMORY, Grid
from mcpolar.bounds.permanence.multisets import Memories
from mcpolar.errors import InputError

ENDS = np.array([-9, -5, -2, 0, 1, 2, 3, 5, 9])
GRID = Grid(4, 10)
SIZES = st.integers(1, 4)
draws = st.integers(-9 * 8, 9 * 8 - 1).map(lambda e: Fraction(e, 8) + Fraction(1, 16))


@pytest.mark.parametrize("r", [1, 2, 3, 5])
def test_law_every_multiset_has_one_number(r):
    memories = Memories.of(r, ENDS)
    assert len(memories.cells) == math.comb(ENDS.size - 1 + r - 1, r)
    assert {tuple(cells) for cells in memories.cells.tolist()} == set(
        itertools.combinations_with_replacement(range(ENDS.size - 1), r)
    )


@given(st.data())
def test_law_an_update_leads_to_the_memory_that_the_tables_name(data):
    """Any memory, any draw: the chain's own rule (the farthest element goes) against the tables."""
    r = data.draw(SIZES)
    memory = sorted(data.draw(st.lists(draws, min_size=r, max_size=r)))
    y = data.draw(draws)
    distances = [abs(x - y) for x in memory]
    if distances.count(max(distances)) > 1 and len(set(memory)) > 1:
        return  # a tie of different elements, or the same one: the first is what the tables call either
    after = sorted([x for h, x in enumerate(memory) if h != distances.index(max(distances))] + [y])
    memories = Memories.of(r, ENDS)
    number = _number(memories, memory)
    low = memories.joined[memories.without_largest[number], _cell(y)]
    high = memories.joined[memories.without_smallest[number], _cell(y)]
    middle = _cell((memory[0] + memory[-1]) / 2)
    first = memories.first_middle[_cell(memory[0]), _cell(memory[-1])]
    last = memories.last_middle[_cell(memory[0]), _cell(memory[-1])]
    assert first <= middle <= last
    expected = _number(memories, after)
    if _cell(y) < middle:
        assert expected == low
    elif _cell(y) > middle:
        assert expected == high
    else:
        assert expected in (low, high)


def _cell(x: Fraction) -> int:
    return int(np.searchsorted(ENDS, float(x), side="right")) - 1


def _number(memories: Memories, memory: list[Fraction]) -> int:
    cells = [_cell(x) for x in memory]
    return next(i for i, row in enumerate(memories.cells.tolist()) if row == cells)


@pytest.mark.parametrize("r", range(1, LARGEST_MEMORY + 1))
@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0])
def test_law_cells_cover_what_the_theorem_asks(r, sigma):
    grid = Grid.default(r)
    ends = grid.ends(r, sigma)
    assert (np.diff(ends) > 0).all()
    assert {0, grid.cells_per_unit} <= set(ends.tolist())
    assert grid.point(0) == Fraction(1, 2)
    assert grid.point(grid.cells_per_unit) == Fraction(3, 2)
    assert grid.point(ends[0]) < -1
    assert grid.point(ends[-1]) > max(2, 1 + 4 * sigma)


@given(st.floats(1, 300), st.floats(0, 500), st.floats(1, 50))
def test_law_nodes_hold_the_start_and_widen(start, more, precision):
    nodes, index = GRID.nodes(lowest=0.694, start=start, highest=start + more, precision=precision)
    assert nodes[0] == 0.694
    assert nodes[index] == start
    assert nodes[-1] >= start + more
    steps = np.diff(nodes)
    assert (steps > 0).all()
    assert steps[0] <= precision / 10 * (1 + 1e-9)
    assert (steps[index:-1] <= steps[index + 1 :] * (1 + 1e-9)).all()


def test_reference_grid_of_a_record():
    assert Grid.read(GRID.as_dict()) == GRID


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Grid(0, 10), "`cells_per_unit` must be"),
        (lambda: Grid(4, 101), "`steps_per_level` must be"),
        (lambda: Grid.read({"theta": "0.5"}), "`parameters` must be those of a bound with a risk on a grid"),
        (lambda: Grid.default(11), "`r` must be from 1 to 10 for a risk on a grid; got 11"),
    ],
)
def test_rejects_grids_that_are_not_allowed(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value).startswith(message)
