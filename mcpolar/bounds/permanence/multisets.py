"""PMr: memories of a given size as multisets of cells, numbered, with what an update makes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.memory.multisets import fill_index, fill_joined, fill_multisets, multiset_counts

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
    def spans(self) -> Cells:
        """For each rest the cells that :func:`mcpolar.compiled.memory.risk.require` needs, as it takes them."""
        n_cells = self.joined.shape[1]
        if not self.rests.shape[1]:  # the only element is the smallest and the largest
            return np.array([[0, n_cells, 0, n_cells]], np.int16)
        low, high = self.rests[:, 0], self.rests[:, -1]
        spans = (
            self.first_middle[0, high],
            self.last_middle[low, high] + 1,
            high,
            self.last_middle[low, -1] + 1,
        )
        return np.ascontiguousarray(np.stack(spans, axis=1), np.int16)

    @classmethod
    def of(cls, r: int, ends: NDArray[np.int64]) -> Memories:
        """Return the memories of size r over the cells between consecutive `ends`."""
        n = ends.size - 1
        counts = multiset_counts(n, r)
        cells = np.empty((math.comb(n + r - 1, r), r), np.int16)
        rests = np.empty((math.comb(n + r - 2, r - 1), r - 1), np.int16)
        joined = np.empty((len(rests), n), np.int32)
        fill_multisets(cells)
        fill_multisets(rests)
        fill_joined(rests, counts, joined)
        return cls(
            cells=cells,
            rests=rests,
            without_largest=_index(cells[:, :-1], counts),
            without_smallest=_index(cells[:, 1:], counts),
            joined=joined,
            first_middle=_middle(ends, first=True),
            last_middle=_middle(ends, first=False),
        )


def _index(multisets: Cells, counts: NDArray[np.int64]) -> Indices:
    """Return the index of each row."""
    index = np.empty(len(multisets), np.int32)
    fill_index(np.ascontiguousarray(multisets), counts, index)
    return index


def _middle(ends: NDArray[np.int64], *, first: bool) -> Indices:
    """Return the cell of the lowest (or highest) midpoint of elements of two cells; cells are half-open."""
    if first:
        sums = ends[:-1, None] + ends[None, :-1]
        return (np.searchsorted(2 * ends, sums, side="right") - 1).astype(np.int32)
    sums = ends[1:, None] + ends[None, 1:]
    return (np.searchsorted(2 * ends, sums, side="left") - 1).astype(np.int32)
