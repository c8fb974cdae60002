"""Implied timescales of a finite chain, also those far above 1e16 steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import linalg as sparse_linalg

from mcpolar.checks import whole_number
from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.finite.arithmetic import WideArithmetic
from mcpolar.metastability.finite.classes import classes_of
from mcpolar.metastability.finite.entries import Bools, part, read_entries, row_sums
from mcpolar.metastability.finite.factor import UNIT, factor
from mcpolar.metastability.finite.passage import class_law
from mcpolar.metastability.finite.spectrum import ClassChain, ClassTimes, class_times
from mcpolar.metastability.finite.values import Values
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]
_USABLE = 1e-6
_PARTIAL_FROM = 600


def implied_timescales(rates: ArrayLike | sparse.sparray, lag: int = 1, count: int | None = None) -> Floats:
    """Return the implied timescales -lag / log|lambda| of the chain, longest first.

    lambda = 1 - mu runs over the eigenvalues of the transition matrix but one eigenvalue 1, mu over those of
    minus the generator. Reversible classes are symmetrised and have full relative accuracy at every scale. Others
    are judged by an error estimate, and where that is not below 1e-10 their characteristic polynomial is formed
    exactly and its roots are enclosed. Further closed classes and periods give infinite timescales. Of conjugate
    pairs each is given.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Off-diagonal transition probabilities over `lag` steps; the diagonal is not read.
    lag : int
        Steps of one transition, at least 1; the unit of the result is one step.
    count : int, optional
        How many, at least 1; default all n - 1. For sparse chains of many states: the longest few only.

    Returns
    -------
    ndarray, shape (count,)

    Raises
    ------
    InputError
        If an argument is not allowed.
    PrecisionError
        If a timescale cannot be had to 6 digits.

    Examples
    --------
    >>> implied_timescales([[0, 1e-30], [1e-30, 0]], lag=10)
    array([5.e+30])
    >>> implied_timescales([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    array([inf, inf])
    """
    entries = read_entries(rates)
    steps = whole_number("lag", lag, 1)
    found = timescale_values(entries, count=count)
    return steps * found.value


def timescale_values(
    entries: sparse.csr_array,
    *,
    count: int | None = None,
    is_discrete: bool = True,
    can_stay: Bools | None = None,
    certified: bool = False,
) -> Values:
    """Return the timescales with their ends, in units of one step or of time.

    Raises
    ------
    InputError
        If `count` is not allowed, or probabilities of a row sum to more than 1.
    PrecisionError
        If a timescale cannot be had to 6 digits.
    """
    many = None if count is None else whole_number("count", count, 1)
    found = classes_of(entries)
    n_closed = sum(one.is_closed for one in found)
    never = np.full(n_closed - 1, np.inf)
    parts = [ClassTimes(never, never, never, "balls")]
    for one in found:
        chain = _within(entries, np.array(one.states), is_discrete, can_stay)
        parts.append(_longest(chain, many, certified=certified))
    value, low, high = (
        np.concatenate([getattr(one, end) for one in parts]) for end in ("value", "low", "high")
    )
    order = np.argsort(-value, kind="stable")[:many]
    value, low, high = value[order], low[order], high[order]
    methods = {one.method for one in parts if one.value.size}
    result = ClassTimes(value, low, high, ", ".join(sorted(methods)) or "balls")
    if result.error.max(initial=0.0) > _USABLE:
        at = int(np.argmax(result.error))
        raise PrecisionError(
            f"timescale {at + 1} is {value[at]:.3g} with an estimated relative error of {result.error[at]:.2g}; "
            "ask for fewer by `count`, or for a certified one in at most 150 states"
        )
    with np.errstate(divide="ignore"):
        log10 = np.log10(value)
    return Values(value, low, high, log10, result.method, methods <= {"balls"})


def _within(
    entries: sparse.csr_array, states: NDArray[np.int64], is_discrete: bool, can_stay: Bools | None
) -> ClassChain:
    """Return the chain of one class, killed where it leaves the class."""
    every = np.arange(entries.shape[0])
    rows = part(entries, states, every)
    outside = np.setdiff1d(every, states)
    stay = None if can_stay is None else can_stay[states]
    return ClassChain(
        sparse.csr_array(rows[:, states]), row_sums(sparse.csr_array(rows[:, outside])), is_discrete, stay
    )


def _longest(chain: ClassChain, count: int | None, *, certified: bool) -> ClassTimes:
    n = chain.entries.shape[0]
    if certified or count is None or n < _PARTIAL_FROM or count > n // 8:
        found = class_times(chain, certified=certified)
        return ClassTimes(found.value[:count], found.low[:count], found.high[:count], found.method)
    return _arnoldi(chain, count)


def _arnoldi(chain: ClassChain, count: int) -> ClassTimes:
    """Return the longest few timescales of many states: Arnoldi's method on the inverse, made without subtraction."""
    if chain.period > 1:
        raise PrecisionError("the longest timescales of a periodic class of many states: ask for all of them")
    n = chain.entries.shape[0]
    mu, error = _largest_of(_inverse(chain), n - int(chain.is_closed), count)
    decay = mu.real if not chain.is_discrete else -0.5 * np.log1p(-(2 * mu.real - np.abs(mu) ** 2))
    value = 1 / decay
    order = np.argsort(-value, kind="stable")
    value, error = value[order], error[order]
    if chain.is_discrete and (np.abs(mu) > 0.5).any():
        raise PrecisionError("among the longest timescales are fast ones: ask for fewer by `count`")
    return ClassTimes(value, value * (1 - error), value * (1 + error), "Arnoldi on the inverse")


def _inverse(chain: ClassChain) -> Callable[[Floats], Floats]:
    """Return the product with the inverse of minus the generator, on functions that vanish at one state if closed."""
    n = chain.entries.shape[0]
    if not chain.is_closed:
        whole = factor(chain.entries, Wide.of(chain.exits))
        return lambda x: _signed(whole.solve, x)
    law = class_law(WideArithmetic(), chain.entries).double()
    reference = int(law.argmax())
    rest = np.delete(np.arange(n), reference)
    into = part(chain.entries, rest, np.array([reference])).toarray().reshape(-1)
    found = factor(part(chain.entries, rest), Wide.of(into))
    times = found.solve(Wide.of(np.ones(n - 1))).double()
    return lambda x: _signed(found.solve, x) - times * float(law[rest] @ x)


def _signed(solve: Callable[[Wide], Wide], x: Floats) -> Floats:
    both = solve(Wide.of(np.column_stack([x.clip(0), (-x).clip(0)]))).double()
    return np.asarray(both[:, 0] - both[:, 1])


def _largest_of(product: Callable[[Floats], Floats], n: int, count: int) -> tuple[np.ndarray, Floats]:
    operator = sparse_linalg.LinearOperator(
        (n, n), matvec=lambda x: product(np.asarray(x, dtype=np.float64).reshape(-1)), dtype=np.float64
    )
    start = np.random.Generator(np.random.Philox(1)).standard_normal(n)
    try:
        values, vectors = sparse_linalg.eigs(operator, k=count, which="LM", v0=start, tol=1e-13, maxiter=5000)
    except sparse_linalg.ArpackNoConvergence as error:
        raise PrecisionError(
            "Arnoldi's method did not converge: ask for fewer timescales by `count`"
        ) from error
    moved = np.array([_complex(product, vectors[:, i]) for i in range(values.size)]).T
    residual = np.linalg.norm(moved - vectors * values, axis=0) / np.abs(values)
    return 1 / values, np.maximum(10 * residual, 1e3 * UNIT)


def _complex(product: Callable[[Floats], Floats], x: np.ndarray) -> np.ndarray:
    real = product(np.ascontiguousarray(x.real))
    return real + 1j * product(np.ascontiguousarray(x.imag)) if np.abs(x.imag).max() > 0 else real + 0j


def check_probabilities(entries: sparse.csr_array) -> None:
    """Refuse rows whose off-diagonal probabilities sum to more than 1, but for rounding."""
    sums = row_sums(entries)
    over = sums > 1 + 8 * UNIT * (np.diff(entries.indptr) + 2)
    if over.any():
        at = int(np.argmax(sums))
        raise InputError(
            "entries", f"a sum of {sums[at]:.17g} in row {at}", "of probabilities: at most 1 a row"
        )
