"""The same elimination in balls: enclosures of every result, at whatever precision they need.

Elimination has no subtraction, so that balls stay narrow at every scale of the rates: about two bits are lost a
state at worst, and the precision rises until the result has what is wanted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mcpolar.balls import working_precision
from mcpolar.errors import PrecisionError
from mcpolar.metastability.finite.ordering import elimination_order

Floats = NDArray[np.float64]
Objects = NDArray[Any]

_START_BITS = 128
_LARGEST_BITS = 1 << 15
_WANTED_BITS = 64


@dataclass(frozen=True, eq=False)
class Exact:
    """An array of balls (or fractions), with the operations of :class:`Wide`; used inside a working precision."""

    values: Objects

    @classmethod
    def of(cls, values: ArrayLike) -> Exact:
        """Return doubles as exact balls."""
        doubles = np.asarray(values, dtype=np.float64)
        out = np.empty(doubles.shape, dtype=object)
        for index, value in np.ndenumerate(doubles):
            out[index] = flint.arb(float(value))
        return cls(out)

    @classmethod
    def zeros(cls, shape: int | Sequence[int]) -> Exact:
        """Return an array of zeros."""
        return cls.of(np.zeros(shape))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return self.values.shape

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Any) -> Exact:
        found = self.values[index]
        return Exact(found if isinstance(found, np.ndarray) else _scalar(found))

    def copy(self) -> Exact:
        """Return a copy of the array."""
        return Exact(self.values.copy())

    def __mul__(self, other: Exact) -> Exact:
        return Exact(_array(self.values * other.values))

    def __truediv__(self, other: Exact) -> Exact:
        return Exact(_array(self.values / other.values))

    def __add__(self, other: Exact) -> Exact:
        return Exact(_array(self.values + other.values))

    def __sub__(self, other: Exact) -> Exact:
        return Exact(_array(self.values - other.values))

    def sqrt(self) -> Exact:
        """Return the square roots."""
        return Exact(_array(np.frompyfunc(lambda ball: ball.sqrt(), 1, 1)(self.values)))

    def sum(self) -> Exact:
        """Return the sum of all entries, of shape ()."""
        return Exact(_scalar(sum(self.values.ravel(), flint.arb(0))))

    def row_sums(self) -> Exact:
        """Return the sums of the rows of a matrix."""
        return Exact(_array(self.values.sum(axis=1)))

    def __matmul__(self, other: Exact) -> Exact:
        return Exact(_array(self.values @ other.values))

    @property
    def transposed(self) -> Exact:
        """The transposed matrix."""
        return Exact(self.values.T)


def _scalar(value: Any) -> Objects:
    out = np.empty((), dtype=object)
    out[()] = value
    return out


def _array(value: Any) -> Objects:
    return value if isinstance(value, np.ndarray) else _scalar(value)


@dataclass(frozen=True, eq=False)
class ExactFactor:
    """The eliminated chain, as :class:`Factor`, for numbers of any kind: rows and shares by state."""

    order: NDArray[np.int64]
    upper: list[dict[int, Any]]
    lower: list[dict[int, Any]]
    pivots: list[Any]
    zero: Any

    def solve(self, sources: Exact) -> Exact:
        """Return x of (D - A) x = b, for b >= 0 of shape (n,) or (n, q)."""
        b = sources.values.reshape(len(self.order), math.prod(sources.shape[1:])).copy()
        for k in self.order:
            for i, share in self.lower[k].items():
                b[i] = b[i] + share * b[k]
        for k in self.order[::-1]:
            for j, rate in self.upper[k].items():
                b[k] = b[k] + rate * b[j]
            b[k] = b[k] / self.pivots[k]
        return Exact(b.reshape(sources.shape))

    def solve_left(self, sources: Exact) -> Exact:
        """Return y of y (D - A) = b, for b >= 0 of shape (n,) or (n, q): one left-hand side a column."""
        b = sources.values.reshape(len(self.order), math.prod(sources.shape[1:])).copy()
        for k in self.order:
            b[k] = b[k] / self.pivots[k]
            for j, rate in self.upper[k].items():
                b[j] = b[j] + b[k] * rate
        for k in self.order[::-1]:
            for i, share in self.lower[k].items():
                b[k] = b[k] + b[i] * share
        return Exact(b.reshape(sources.shape))

    def stationary(self) -> Exact:
        """Return the stationary law of an irreducible chain of which one state was kept, not normalised."""
        law = np.empty(len(self.order), dtype=object)
        law[:] = self.zero
        law[self.order[-1]] = self.zero + 1
        for k in self.order[-2::-1]:
            for i, share in self.lower[k].items():
                law[k] = law[k] + law[i] * share
        return Exact(law)


def exact_factor(
    rates: sparse.csr_array, exits: Exact, *, kept: int = -1, number: Callable[[float], Any] | None = None
) -> ExactFactor:
    """Eliminate the states of a chain; the arguments are those of :func:`factor`, `number` makes a double a number."""
    make = number or flint.arb
    n, zero = rates.shape[0], make(0.0)
    order = elimination_order(rates, kept)
    upper: list[dict[int, Any]] = [{} for _ in range(n)]
    lower: list[dict[int, Any]] = [{} for _ in range(n)]
    entries = rates.tocoo()
    for i, j, value in zip(*(c.tolist() for c in entries.coords), entries.data.tolist(), strict=True):
        upper[i][j] = make(value)
        lower[j][i] = True
    e, pivots = list(exits.values), [zero + 1] * n
    for k in order[: n - (kept >= 0)]:
        row = upper[k]
        pivots[k] = sum(row.values(), e[k])
        shares = {}
        for i in lower[k]:
            share = upper[i].pop(k) / pivots[k]
            shares[i] = share
            e[i] = e[i] + share * e[k]
            target = upper[i]
            for j, rate in row.items():
                if j != i:
                    target[j] = target[j] + share * rate if j in target else share * rate
                    lower[j][i] = True
        for j in row:
            lower[j].pop(k, None)
        lower[k] = shares
    return ExactFactor(order, upper, lower, pivots, zero)


def fraction(value: float) -> Fraction:
    """Return a double as a fraction, exactly."""
    return Fraction(value)


def enclosed(
    compute: Callable[[], Exact], wanted: int = _WANTED_BITS
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return ends of a computation in balls (low, high) in doubles rounded outward, a value, and log10 of it.

    Raises
    ------
    PrecisionError
        If the largest precision does not give the wanted bits.
    """
    bits = _START_BITS
    while bits <= _LARGEST_BITS:
        with working_precision(bits):
            try:
                found = compute()
            except ZeroDivisionError:
                found = None
            if found is not None and all(_is_sharp(ball, wanted) for ball in found.values.ravel()):
                return _ends(found)
        bits *= 2
    raise PrecisionError(f"an enclosure was not sharp to {wanted} bits at {_LARGEST_BITS} bits")


def _is_sharp(ball: Any, wanted: int) -> bool:
    return bool(ball.is_finite()) and (bool(ball.is_exact()) or ball.rel_accuracy_bits() >= wanted)


def _ends(found: Exact) -> tuple[Floats, Floats, Floats, Floats]:
    shape = found.values.shape
    out = [np.empty(shape) for _ in range(4)]
    for index, ball in np.ndenumerate(found.values):
        low, high, middle = down(ball.lower()), up(ball.upper()), to_double(ball.mid())
        out[0][index], out[1][index], out[2][index] = low, high, middle
        out[3][index] = log10_of(ball)
    return out[0], out[1], out[2], out[3]


def to_double(exact: Any) -> float:
    """Return an exact ball as a double, rounded to nearest; infinite where it is above their range."""
    mantissa, exponent = (int(part) for part in exact.man_exp())
    if mantissa == 0:
        return 0.0
    size = mantissa.bit_length() + exponent
    if size > 1024:
        return float("inf") if mantissa > 0 else float("-inf")
    if size < -1100:
        return 0.0
    value = Fraction(mantissa) * Fraction(2) ** exponent
    try:
        return float(value)
    except OverflowError:
        return float("inf") if mantissa > 0 else float("-inf")


def down(exact: Any) -> float:
    """Return the largest double that is at most an exact ball."""
    near = to_double(exact)
    if near == float("inf"):
        return float(np.finfo(np.float64).max)
    return near if flint.arb(near) <= exact else float(np.nextafter(near, -np.inf))


def up(exact: Any) -> float:
    """Return the smallest double that is at least an exact ball."""
    near = to_double(exact)
    if near == float("-inf"):
        return float(np.finfo(np.float64).min)
    return near if near == float("inf") or flint.arb(near) >= exact else float(np.nextafter(near, np.inf))


def log10_of(ball: Any) -> float:
    """Return the decimal logarithm of a ball's size; -inf at 0."""
    size = abs(ball.mid())
    if size == 0:
        return float("-inf")
    return float(size.log() / flint.arb(10).log())
