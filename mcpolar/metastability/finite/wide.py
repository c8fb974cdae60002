"""Arrays of numbers that are not negative, with the precision of doubles and exponents without end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.compiled.finite import elimination as loops
from mcpolar.compiled.finite.wide import DOWN, HIGH, LOW, UP
from mcpolar.errors import PrecisionError

Floats = NDArray[np.float64]
_SAFE = 2.0**450
_MOST_PRODUCTS = 12  # of matrices, beyond which the loop is faster
_LOG10_UP = 512 * float(np.log10(2.0))


@dataclass(frozen=True, eq=False)
class Wide:
    """The numbers m 2^(512 k), entry by entry, with m = 0 or 2^-256 <= m < 2^256.

    Sums, products and quotients have the relative error of doubles at every scale, and nothing under- or overflows.

    Examples
    --------
    >>> tiny = Wide.of([1e-300, 0.0]) * Wide.of(1e-300)
    >>> tiny.double(), tiny.log10().round(6)
    (array([0., 0.]), array([-600.,  -inf]))
    >>> (tiny / Wide.of(1e-300)).double()
    array([1.e-300, 0.e+000])
    """

    m: Floats
    k: NDArray[np.int64]

    @classmethod
    def of(cls, values: ArrayLike) -> Wide:
        """Return doubles >= 0 as wide numbers, exactly."""
        m = np.array(values, dtype=np.float64)
        return cls(m, np.zeros(m.shape, dtype=np.int64)).settled()

    @classmethod
    def zeros(cls, shape: int | Sequence[int]) -> Wide:
        """Return an array of zeros."""
        return cls(np.zeros(shape), np.zeros(shape, dtype=np.int64))

    def settled(self) -> Wide:
        """Return the same numbers, of doubles of any size, in the form that the loops want."""
        m, k = self.m, self.k
        for _ in range(3):
            large, small = m >= HIGH, (m < LOW) & (m > 0)
            if not (large.any() or small.any()):
                break
            with np.errstate(over="ignore", under="ignore"):
                m = np.where(large, m * DOWN, np.where(small, m * UP, m))
            k = k + large - small
        return Wide(np.asarray(m, order="C"), np.asarray(k, order="C"))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.m.shape

    def __len__(self) -> int:
        return len(self.m)

    def __getitem__(self, index: Any) -> Wide:
        return Wide(np.asarray(self.m[index]), np.asarray(self.k[index]))

    def copy(self) -> Wide:
        """Return a copy, in memory row by row."""
        return Wide(np.array(self.m, order="C"), np.array(self.k, order="C"))

    def __mul__(self, other: Wide) -> Wide:
        return Wide(self.m * other.m, self.k + other.k).settled()

    def __truediv__(self, other: Wide) -> Wide:
        return Wide(self.m / other.m, self.k - other.k).settled()

    def __add__(self, other: Wide) -> Wide:
        low = np.int64(np.iinfo(np.int64).min // 4)
        mine, its = np.where(self.m > 0, self.k, low), np.where(other.m > 0, other.k, low)
        top = np.maximum(mine, its)
        shift = [np.where(k == top, 1.0, np.where(k == top - 1, DOWN, 0.0)) for k in (mine, its)]
        m = self.m * shift[0] + other.m * shift[1]
        return Wide(m, np.where(m > 0, top, 0)).settled()

    def sqrt(self) -> Wide:
        """Return the square roots."""
        odd = self.k % 2 != 0
        return Wide(np.sqrt(self.m) * np.where(odd, HIGH, 1.0), (self.k - odd) // 2).settled()

    def sum(self) -> Wide:
        """Return the sum of all entries, a wide number of shape ()."""
        return self.ravel().row_sums() if self.m.size else Wide.of(0.0)

    def ravel(self) -> Wide:
        """Return all entries as one row, shape (1, size)."""
        return Wide(self.m.reshape(1, -1), self.k.reshape(1, -1))

    def row_sums(self) -> Wide:
        """Return the sums over the last axis of a matrix; of a single row, of shape ()."""
        out = Wide.zeros(len(self.m))
        a = self.copy()
        loops.sum_rows(a.m, a.k, out.m, out.k)
        return out[0] if len(self.m) == 1 else out

    def __matmul__(self, other: Wide) -> Wide:
        if self.is_ordinary() and other.is_ordinary() and is_safe(self.m, other.m):
            found = self.m @ other.m
            return Wide(found, np.zeros(found.shape, dtype=np.int64)).settled()
        out = Wide.zeros((self.m.shape[0], other.m.shape[1]))
        add_matrix_product(out, self, other)
        return out

    @property
    def transposed(self) -> Wide:
        """The transposed matrix."""
        return Wide(self.m.T, self.k.T).copy()

    def is_ordinary(self) -> bool:
        """Return whether all entries are 0 or within 2^-256 and 2^256."""
        return bool((self.k[self.m > 0] == 0).all())

    def is_safe(self) -> bool:
        """Return whether all entries are 0 or so far within the range of doubles that no product of two leaves it."""
        held = self.m > 0
        if bool((np.abs(self.k[held]) > 1).any()):
            return False
        return is_safe(np.ldexp(self.m, (512 * self.k).astype(np.int32)))

    def double(self, name: str = "the result") -> Floats:
        """Return doubles: what is below their range is rounded to it, or to 0.

        Raises
        ------
        PrecisionError
            If a number is above the range of doubles.
        """
        exponent = np.clip(512 * self.k, -4096, 4096).astype(np.int32)
        with np.errstate(over="ignore", under="ignore"):
            values = np.ldexp(self.m, exponent)
        if np.isinf(values).any():
            worst = float(np.nanmax(self.log10()))
            raise PrecisionError(
                f"{name} is above the range of doubles: 10^{worst:.6g}; certified results hold it"
            )
        return np.asarray(values)

    def log10(self) -> Floats:
        """Return decimal logarithms; -inf at 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log10(self.m) + _LOG10_UP * self.k)


def is_safe(*arrays: Floats) -> bool:
    """Return whether no product of two numbers among these can have left the range of doubles."""
    for array in arrays:
        size = np.abs(array)
        high = float(size.max(initial=0.0))
        low = float(size.min(where=size > 0, initial=np.inf))
        if not (high < _SAFE and low > 1 / _SAFE):  # not a number is refused too
            return False
    return True


def add_matrix_product(out: Wide, a: Wide, b: Wide) -> None:
    """Add the product of two matrices to a third, in place: one product of doubles for each pair of their exponents.

    Nothing in such a product leaves the range of doubles, and nothing is rounded but sums and products. Where there
    are many exponents, one entry is added after the other.
    """
    left, right = (np.unique(x.k[x.m > 0]) for x in (a, b))
    if left.size * right.size > _MOST_PRODUCTS:
        a, b = a.copy(), b.copy()
        loops.product(a.m, a.k, b.m, b.k, out.m, out.k)
        return
    levels: dict[int, Floats] = {}
    for i in left:
        part = np.where(a.k == i, a.m, 0.0)
        for j in right:
            found = part @ np.where(b.k == j, b.m, 0.0)
            levels[int(i + j)] = levels.get(int(i + j), 0.0) + found
    for level, found in sorted(levels.items()):
        loops.add_level(out.m, out.k, found, level)


def stack(rows: Sequence[Wide]) -> Wide:
    """Return wide arrays of equal shape as the rows of one."""
    return Wide(np.stack([row.m for row in rows]), np.stack([row.k for row in rows]))


def join(parts: Sequence[Wide]) -> Wide:
    """Return wide arrays joined along the first axis."""
    return Wide(np.concatenate([part.m for part in parts]), np.concatenate([part.k for part in parts]))
