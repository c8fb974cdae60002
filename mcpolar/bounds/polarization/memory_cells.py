"""Bounds on the chance that one agent's memory lies in I after u independent draws (proofs/theorem1, T1B and T1C1).

The line is cut into cells with 1/2 and 3/2 among their ends; a memory is a multiset of r cells. A draw in cell Y
removes the smallest element where all of Y lies above every midpoint of the smallest and the largest cell, and the
largest where it lies below; otherwise a controller chooses. The true rule is one of its choices, so that the best
choices bound the chance from above and the worst from below, for every memory of the same cells. (Midpoints are met
with chance 0.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import START_BITS, Ball, ball, working_precision
from mcpolar.bounds.permanence.multisets import Memories
from mcpolar.bounds.polarization.doubles import double_above, double_below

Floats = NDArray[np.float64]

UNIT = 10**6
"""Ends of cells are multiples of 1/UNIT."""
_FAR = 10**12
SLACK = 2.0**-34
"""Above the rounding errors of a step, relatively: sums of at most 100 nonnegative terms."""


@dataclass(frozen=True, eq=False)
class MemoryCells:
    """The memories of size r over the cells between consecutive ends; the last cell is unbounded, perhaps the first.

    Attributes
    ----------
    ends : tuple of Fraction
        The finite ends, increasing.
    is_half_line : bool
        Whether there is no cell below the first end (memory and draws there are none, or count as lost).
    memories : Memories
        The multisets.
    """

    ends: tuple[Fraction, ...]
    is_half_line: bool
    memories: Memories

    @classmethod
    def of(cls, r: int, ends: Sequence[Fraction], *, is_half_line: bool = False) -> MemoryCells:
        """Return the cells with their memories numbered; `ends` are multiples of 1/UNIT."""
        whole = [int(end * UNIT) for end in ends]
        edges = np.array([*([] if is_half_line else [-_FAR]), *whole, _FAR], dtype=np.int64)
        return cls(tuple(ends), is_half_line, Memories.of(r, edges))

    @property
    def pieces(self) -> list[tuple[Fraction | None, Fraction | None]]:
        """The cells' ends; None where there is none."""
        edges = [*([] if self.is_half_line else [None]), *self.ends, None]
        return list(pairwise(edges))

    def filled(self, position: Fraction) -> int:
        """Return the number of the memory whose elements all lie in the cell of `position`."""
        cell = sum(end <= position for end in self.ends) - self.is_half_line
        return int(np.flatnonzero((self.memories.cells == cell).all(axis=1))[0])

    def chances(self, sigma: Decimal, share: Fraction, *, up: bool) -> Floats:
        """Return the cells' chances under share N(1, sigma^2) + (1 - share) N(-1, sigma^2), from above or below."""
        with working_precision(START_BITS):

            def below(end: Fraction | None, mean: int, *, beyond: int) -> Ball:
                if end is None:
                    return ball(beyond)
                return (-ball((end - mean) / Fraction(sigma)) / ball(2).sqrt()).erfc() / 2

            def mass(low: Fraction | None, high: Fraction | None, mean: int) -> Ball:
                return below(high, mean, beyond=1) - below(low, mean, beyond=0)

            found = [
                ball(share) * mass(low, high, 1) + ball(1 - share) * mass(low, high, -1)
                for low, high in self.pieces
            ]
            return np.array([double_above(p) if up else max(0.0, double_below(p)) for p in found])

    def inside(self, chances: Floats, most: int, *, up: bool) -> Floats:
        """Bound the chance of memory in I after u draws.

        Returns
        -------
        ndarray, shape (most + 1, n_memories)
            From above if `up`, else from below, for u = 0, …, most.
        """
        memories, n = self.memories, chances.size
        smallest, largest = memories.cells[:, 0], memories.cells[:, -1]
        first, last = memories.first_middle[smallest, largest], memories.last_middle[smallest, largest]
        without_largest, without_smallest = memories.without_largest, memories.without_smallest
        choose = np.maximum if up else np.minimum
        found = np.empty((most + 1, smallest.size))
        found[0] = self._all_inside()
        for u in range(most):
            next_ = found[u][memories.joined] * chances
            below, above = np.zeros((len(next_), n + 1)), np.zeros((len(next_), n + 1))
            np.cumsum(next_, axis=1, out=below[:, 1:])
            above[:, :n] = np.flip(np.cumsum(np.flip(next_, 1), axis=1), 1)
            value = below[without_largest, first] + above[without_smallest, last + 1]
            for offset in range(int((last - first).max()) + 1):
                cell = np.minimum(first + offset, last)
                either = choose(next_[without_largest, cell], next_[without_smallest, cell])
                value += np.where(first + offset <= last, either, 0.0)
            found[u + 1] = np.minimum(1.0, value * (1 + SLACK)) if up else value * (1 - SLACK)
        return found

    def _all_inside(self) -> Floats:
        low, high = Fraction(1, 2), Fraction(3, 2)
        good = [
            number
            for number, (a, b) in enumerate(self.pieces)
            if a is not None and b is not None and low <= a and b <= high
        ]
        return np.isin(self.memories.cells, good).all(axis=1).astype(float)
