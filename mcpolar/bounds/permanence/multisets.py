"""PMr: memories of a given size as multisets of cells, numbered, with what an update makes of them."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int16]
Indices = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Memories:
    """All multisets of r cells, and the rests of r - 1 cells that an update leaves.

    Attributes
    ----------
    cells : ndarray of int16, shape (n_memories, r)
        Each memory's cells, in increasing order.
    rests : ndarray of int16, shape (n_rests, r - 1)
        The same for the rests.
    without_largest, without_smallest : ndarray of int32, shape (n_memories,)
        The rest of each memory without its last or its first cell.
    joined : ndarray of int32, shape (n_rests, n_cells)
        The memory of each rest with one more element in a cell.
    first_middle, last_middle : ndarray of int32, shape (n_cells, n_cells)
        The first and the last cell in which the midpoint of two elements may lie, by the elements' cells.
    """

    cells: Cells
    rests: Cells
    without_largest: Indices
    without_smallest: Indices
    joined: Indices
    first_middle: Indices
    last_middle: Indices

    @property
    def for_updates(self) -> tuple[Cells, Cells, Indices, Indices, Indices, Indices, Indices]:
        """The arrays in the order in which :func:`mcpolar.compiled.memory.risk.improve` takes them."""
        return (
            np.ascontiguousarray(self.cells[:, 0]),
            np.ascontiguousarray(self.cells[:, -1]),
            self.without_largest,
            self.without_smallest,
            self.joined,
            self.first_middle,
            self.last_middle,
        )

    @classmethod
    def of(cls, r: int, ends: NDArray[np.int64]) -> Memories:
        """Return the memories of size r over the cells between consecutive `ends`."""
        n = ends.size - 1
        counts = _binomials(n, r)
        cells, rests = _multisets(n, r, counts), _multisets(n, r - 1, counts)
        joined = np.empty((len(rests), n), np.int32)
        for cell in range(n):
            grown = np.column_stack([rests, np.full(len(rests), cell, np.int16)])
            joined[:, cell] = _number(np.sort(grown, axis=1), counts)
        return cls(
            cells=cells,
            rests=rests,
            without_largest=_number(cells[:, :-1], counts),
            without_smallest=_number(cells[:, 1:], counts),
            joined=joined,
            first_middle=_middle(ends, first=True),
            last_middle=_middle(ends, first=False),
        )


def _binomials(n: int, r: int) -> NDArray[np.int64]:
    return np.array([[math.comb(a, b) for b in range(r + 1)] for a in range(n + r)], dtype=np.int64)


def _number(cells: Cells, counts: NDArray[np.int64]) -> Indices:
    """Return the number of each multiset of increasing cells e_0 <= e_1 <= ...: the sum of C(e_h + h, h + 1)."""
    places = np.arange(cells.shape[1])
    return np.asarray(counts[cells + places, places + 1].sum(axis=1), dtype=np.int32)


def _multisets(n: int, size: int, counts: NDArray[np.int64]) -> Cells:
    """Return all multisets of `size` of n cells, in the order of their numbers."""
    total = math.comb(n + size - 1, size)
    flat = itertools.chain.from_iterable(itertools.combinations_with_replacement(range(n), size))
    found = np.fromiter(flat, np.int16, count=total * size).reshape(total, size)
    ordered = np.empty_like(found)
    ordered[_number(found, counts)] = found
    return ordered


def _middle(ends: NDArray[np.int64], *, first: bool) -> Indices:
    """Return the cell of the lowest (or highest) midpoint of elements of two cells; cells are half-open."""
    if first:
        sums = ends[:-1, None] + ends[None, :-1]
        return (np.searchsorted(2 * ends, sums, side="right") - 1).astype(np.int32)
    sums = ends[1:, None] + ends[None, 1:]
    return (np.searchsorted(2 * ends, sums, side="left") - 1).astype(np.int32)
