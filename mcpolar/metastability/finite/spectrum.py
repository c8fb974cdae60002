"""Timescales of one class of a chain: by rotations if it is reversible, else with error estimates or in balls."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from mcpolar.balls import working_precision
from mcpolar.errors import PrecisionError
from mcpolar.metastability.finite.arithmetic import WideArithmetic
from mcpolar.metastability.finite.classes import period_of, reversibility_of
from mcpolar.metastability.finite.enclosed import down, to_double, up
from mcpolar.metastability.finite.entries import row_sums
from mcpolar.metastability.finite.factor import UNIT, factor
from mcpolar.metastability.finite.passage import class_law
from mcpolar.metastability.finite.reversible import reversible_spectrum
from mcpolar.metastability.finite.values import doubles
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]

ENOUGH = 1e-10  # an estimated relative error that needs no balls
LARGEST_EXACT = 150
_LARGEST_DENSE = 3000
_START_BITS, _LARGEST_BITS, _WANTED_BITS = 64, 1 << 15, 60


@dataclass(frozen=True, eq=False)
class ClassTimes:
    """The timescales of one class, longest first, with their ends.

    Attributes
    ----------
    value, low, high : ndarray, shape (q,)
        In steps of the chain, or units of time.
    method : str
        "rotations", "eigenvalue solver" (both with estimated ends) or "balls" (proven ends).
    """

    value: Floats
    low: Floats
    high: Floats
    method: str

    @property
    def error(self) -> Floats:
        """Half the width of the ends over the value; 0 where they are one."""
        with np.errstate(all="ignore"):
            share = (self.high - self.low) / (2 * self.value)
        return np.where(self.high == self.low, 0.0, np.where(np.isnan(share), np.inf, share))


@dataclass(frozen=True, eq=False)
class ClassChain:
    """One class by itself.

    Attributes
    ----------
    entries : sparse array
        Rates inside it.
    exits : ndarray
        Rates out of it; all 0 if it is closed.
    is_discrete : bool
        Whether the entries are probabilities a step.
    can_stay : ndarray of bool, or None
        Which states can stay for a step, where that is known; else it is read off the sums of the rows.
    """

    entries: sparse.csr_array
    exits: Floats
    is_discrete: bool
    can_stay: NDArray[np.bool_] | None

    @property
    def is_closed(self) -> bool:
        """Whether the class is never left."""
        return not (self.exits > 0).any()

    @property
    def period(self) -> int:
        """The number of eigenvalues of modulus 1; 1 for rates, and for a class that is left."""
        if not self.is_discrete or not self.is_closed:
            return 1
        return period_of(self.entries, self._loops())[0]

    def _loops(self) -> NDArray[np.bool_]:
        if self.can_stay is not None:
            return self.can_stay
        rows = np.diff(self.entries.indptr)
        return np.asarray(row_sums(self.entries) < 1 - 4 * (rows + 1) * UNIT)


def class_times(chain: ClassChain, *, certified: bool) -> ClassTimes:
    """Return the timescales of a class.

    Raises
    ------
    PrecisionError
        If they cannot be had to 6 digits.
    """
    n = chain.entries.shape[0]
    if n == 1 and chain.is_closed:
        return ClassTimes(np.empty(0), np.empty(0), np.empty(0), "balls")
    if certified or n == 1:
        return exact_times(chain)
    found = _quick_times(chain)
    if found is not None and found.error.max(initial=0.0) <= ENOUGH:
        return found
    if n <= LARGEST_EXACT:
        return exact_times(chain)
    if found is None:
        raise PrecisionError(f"all timescales of {n} states at once: ask for the longest by `count`")
    return found


def _quick_times(chain: ClassChain) -> ClassTimes | None:
    n = chain.entries.shape[0]
    if n > _LARGEST_DENSE:
        return None
    if reversibility_of(chain.entries).is_reversible:
        spectrum = reversible_spectrum(chain.entries, None if chain.is_closed else chain.exits)
        mu = doubles(spectrum.rates).astype(np.complex128)
        return _times(chain, mu, np.full(mu.size, spectrum.error), "rotations")
    mu, error = _general(chain)
    return _times(chain, mu, error, "eigenvalue solver")


def _times(chain: ClassChain, mu: NDArray[np.complex128], error: Floats, method: str) -> ClassTimes:
    """Return timescales from eigenvalues of minus the generator with relative errors."""
    with np.errstate(all="ignore"):
        if not chain.is_discrete:
            value, off = 1 / mu.real, error * np.abs(mu) / mu.real
        else:
            rest = np.abs(1 - mu)
            # for small mu without forming 1 - mu: |lambda|^2 = 1 - (2 Re mu - |mu|^2)
            slow = -0.5 * np.log1p(-np.minimum(2 * mu.real - np.abs(mu) ** 2, 0.9))
            decay = np.where(np.abs(mu) < 0.25, slow, -np.log(rest))
            value = 1 / decay
            off = np.where(rest > 0, error * np.abs(mu) / (rest * np.abs(decay)) + 4 * UNIT, np.inf)
    off = np.where(np.isnan(off), np.inf, off)
    if chain.period > 1:  # by Perron and Frobenius, the eigenvalues of modulus 1
        edge = np.argsort(np.abs(1 - np.abs(1 - mu)))[: chain.period - 1]
        value[edge], off[edge] = np.inf, 0.0
    value = np.where(value == -np.inf, np.inf, value)
    with np.errstate(all="ignore"):
        low, high = (np.where(np.isinf(value), value, value * (1 + sign * off)) for sign in (-1, 1))
    order = np.argsort(-value, kind="stable")
    return ClassTimes(value[order], low[order], high[order], method)


def _general(chain: ClassChain) -> tuple[NDArray[np.complex128], Floats]:
    """Return eigenvalues of minus the generator with error estimates: large ones directly, small ones by an inverse.

    The estimate is the first-order bound n u |B| / |y x| for left and right eigenvectors y and x of length 1.
    """
    a = chain.entries.toarray()
    n = len(a)
    if chain.is_closed:
        arithmetic = WideArithmetic()
        law = doubles(class_law(arithmetic, chain.entries))
        reference = int(law.argmax())
        rest = np.delete(np.arange(n), reference)
        inner = sparse.csr_array(a[np.ix_(rest, rest)])
        # On functions that vanish at the reference state, minus the generator acts as B = N^-1 + 1 l, where N is
        # the inverse with the reference state taken out and l its rates out; Sherman and Morrison invert it.
        times = doubles(factor(inner, Wide.of(a[rest, reference])).solve(Wide.of(np.eye(n - 1))))
        with np.errstate(all="ignore"):
            inverse = times - np.outer(times.sum(axis=1), law[rest])
        direct = (np.diag(a.sum(axis=1)) - a)[np.ix_(rest, rest)] + a[reference, rest]
    else:
        inverse = doubles(factor(chain.entries, Wide.of(chain.exits)).solve(Wide.of(np.eye(n))))
        direct = np.diag(a.sum(axis=1) + chain.exits) - a
    large, large_error = _with_errors(direct)
    small, small_error = _with_errors(inverse)
    with np.errstate(all="ignore"):
        small = 1 / small
    small = np.where(np.isnan(small), np.inf, small)
    large, large_error = _sorted(large, large_error)
    small, small_error = _sorted(small, small_error)
    better = small_error < large_error
    return np.where(better, small, large), np.where(better, small_error, large_error)


def _sorted(values: NDArray[np.complex128], errors: Floats) -> tuple[NDArray[np.complex128], Floats]:
    order = np.lexsort((values.imag, np.abs(values)))
    return values[order], errors[order]


def _with_errors(matrix: Floats) -> tuple[NDArray[np.complex128], Floats]:
    if not np.isfinite(matrix).all():
        return np.full(len(matrix), np.nan + 0j), np.full(len(matrix), np.inf)
    with np.errstate(all="ignore"):
        values, left, right = linalg.eig(matrix, left=True, right=True)
    angle = np.abs((left.conj() * right).sum(axis=0))
    with np.errstate(all="ignore"):
        error = 4 * len(matrix) * UNIT * np.linalg.norm(matrix) / (angle * np.abs(values))
    return values.astype(np.complex128), np.where(np.isnan(error), np.inf, error)


def exact_times(chain: ClassChain) -> ClassTimes:
    """Return the timescales enclosed in balls, from the roots of the exact characteristic polynomial.

    Raises
    ------
    PrecisionError
        If the class has more than 150 states, or a timescale stays undecided.
    """
    n, period = chain.entries.shape[0], chain.period
    if n > LARGEST_EXACT:
        raise PrecisionError(f"certified timescales take classes of up to {LARGEST_EXACT} states, not {n}")
    polynomial = _characteristic(chain, loopless=period > 1)
    zeros = 0
    polynomial, _ = _without(polynomial, 0)
    if chain.is_discrete:  # eigenvalues 0 of the transition matrix
        polynomial, zeros = _without(polynomial, 1)
    n_times = n - int(chain.is_closed)
    bits = _START_BITS
    while bits <= _LARGEST_BITS:
        with working_precision(bits):
            found = _enclose(_roots(polynomial), chain.is_discrete, period)
        if found is not None:
            value, low, high = found
            fill = np.zeros(zeros)
            parts = [np.concatenate([part, fill]) for part in (value, low, high)]
            infinite = np.full(period - 1, np.inf)
            parts = [np.concatenate([infinite, part]) for part in parts]
            order = np.argsort(-parts[0], kind="stable")[:n_times]
            return ClassTimes(parts[0][order], parts[1][order], parts[2][order], "balls")
        bits *= 2
    raise PrecisionError(f"a timescale was not decided at {_LARGEST_BITS} bits")


def _rational(value: float) -> Any:
    exact = Fraction(value)
    return flint.fmpq(exact.numerator, exact.denominator)


def _characteristic(chain: ClassChain, *, loopless: bool) -> Any:
    """Return the characteristic polynomial of minus the generator, exactly.

    Rows of probabilities that sum to more than 1 by rounding, or to 1 by rounding in a periodic class, are divided
    by their sum: then their states cannot stay.
    """
    n = chain.entries.shape[0]
    matrix = flint.fmpq_mat(n, n)
    for i in range(n):
        row = slice(chain.entries.indptr[i], chain.entries.indptr[i + 1])
        values = [_rational(value) for value in chain.entries.data[row].tolist()]
        total = sum(values, _rational(float(chain.exits[i])))
        unit = total if chain.is_discrete and (loopless or total > 1) else flint.fmpq(1)
        for j, value in zip(chain.entries.indices[row].tolist(), values, strict=True):
            matrix[i, j] = -value / unit
        matrix[i, i] = total / unit
    return matrix.charpoly()


def _without(polynomial: Any, root: int) -> tuple[Any, int]:
    """Return a polynomial without a rational root, and the root's multiplicity."""
    found = 0
    divisor = flint.fmpq_poly([-root, 1])
    while polynomial.degree() > 0 and polynomial(flint.fmpq(root)) == 0:
        polynomial, found = polynomial // divisor, found + 1
    return polynomial, found


def _roots(polynomial: Any) -> list[tuple[Any, int]]:
    if polynomial.degree() < 1:
        return []
    return [(flint.acb(root), int(count)) for root, count in polynomial.complex_roots()]


def _enclose(
    roots: list[tuple[Any, int]], is_discrete: bool, period: int
) -> tuple[Floats, Floats, Floats] | None:
    """Return timescales (value, low, high) of eigenvalues mu other than 0 and 1, or None where one is undecided."""
    times: list[tuple[Any, int]] = []
    on_circle = 0
    for mu, count in roots:
        if not is_discrete:
            times.append((1 / mu.real, count))
            continue
        decay = -(-(2 * mu.real - mu.real * mu.real - mu.imag * mu.imag)).log1p() / 2
        if period > 1 and not bool(decay > 0):
            on_circle += count
            continue
        times.append((1 / decay, count))
    if on_circle not in (0, period - 1) or (period > 1 and on_circle != period - 1):
        return None
    if any(not time.is_finite() or time.rel_accuracy_bits() < _WANTED_BITS for time, _ in times):
        return None
    if any(bool(time <= 0) for time, _ in times):
        raise PrecisionError("an eigenvalue has modulus above 1: the rows are no probabilities")
    repeated = [time for time, count in times for _ in range(count)]
    return (
        np.array([to_double(time.mid()) for time in repeated]),
        np.array([down(time.lower()) for time in repeated]),
        np.array([up(time.upper()) for time in repeated]),
    )
