"""Implied timescales of a finite chain, also those far above 1e16 steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from mcpolar.metastability.finite.classes import communicating_classes
from mcpolar.metastability.finite.elimination import Floats, read_rates, solve
from mcpolar.metastability.finite.passage import stationary_distribution


def implied_timescales(rates: ArrayLike, lag: int = 1, count: int | None = None) -> Floats:
    """Return the implied timescales -lag / log|lambda| of the chain, longest first.

    lambda = 1 - mu runs over the eigenvalues of the transition matrix but one eigenvalue 1, mu over those of
    minus the generator. Small mu are taken as reciprocals of the large eigenvalues of an inverse made
    without subtraction, so that a timescale of 1e30 steps has its digits; further closed classes give
    infinite ones. Of conjugate pairs each is given. Other timescales have the accuracy of an eigenvalue solver
    for general matrices: full for reversible chains, less where eigenvectors nearly coincide.

    Parameters
    ----------
    rates : array_like, shape (n, n)
        Off-diagonal transition probabilities over `lag` steps; the diagonal is not read.
    lag : int
        Steps of one transition; the unit of the result is one step.
    count : int, optional
        How many; default all n - 1.

    Returns
    -------
    ndarray, shape (count,)

    Raises
    ------
    InputError
        If the rates are not allowed.

    Examples
    --------
    >>> implied_timescales([[0, 1e-30], [1e-30, 0]], lag=10)
    array([5.e+30])
    """
    a = read_rates(rates)
    found = communicating_classes(a)
    n_closed = sum(one.is_closed for one in found)
    parts = [np.full(n_closed - 1, 0.0, dtype=np.complex128)]
    parts += [_relaxation_rates(a, np.array(one.states), one.is_closed) for one in found]
    mu = np.concatenate(parts)
    with np.errstate(divide="ignore"):
        # |lambda|^2 = 1 - (2 Re mu - |mu|^2), without forming 1 - mu; rounding may leave it below 0
        times = -2 * lag / np.log1p(-np.minimum(2 * mu.real - np.abs(mu) ** 2, 1.0))
    return np.sort(np.where(mu == 0, np.inf, times))[::-1][:count]


def _relaxation_rates(a: Floats, states: np.ndarray, is_closed: bool) -> np.ndarray:
    """Return the eigenvalues of minus the generator of one class; but for 0, if it is closed."""
    outside = np.setdiff1d(np.arange(len(a)), states)
    inner = a[np.ix_(states, states)]
    exits = a[np.ix_(states, outside)].sum(axis=1)
    if not is_closed:
        inverse = solve(inner, exits, np.eye(len(states)))
        return _merged(np.diag(inner.sum(axis=1) + exits) - inner, inverse)
    if len(states) == 1:
        return np.empty(0, dtype=np.complex128)
    law = stationary_distribution(inner)
    reference = int(law.argmax())
    rest = np.delete(np.arange(len(states)), reference)
    # On functions that vanish at the reference state, minus the generator acts as B = N^-1 + 1 l, where N is
    # the inverse with the reference state taken out and l its rates out; Sherman and Morrison invert it.
    times = solve(inner[np.ix_(rest, rest)], inner[rest, reference], np.eye(len(rest)))
    inverse = times - np.outer(times.sum(axis=1), law[rest])
    minus_generator = np.diag(inner.sum(axis=1)) - inner
    return _merged(minus_generator[np.ix_(rest, rest)] + inner[reference, rest], inverse)


def _merged(matrix: Floats, inverse: Floats) -> np.ndarray:
    """Return the eigenvalues of `matrix`: the small ones from its inverse, the others directly."""
    direct = np.linalg.eigvals(matrix).astype(np.complex128)
    reciprocal = 1 / np.linalg.eigvals(inverse).astype(np.complex128)
    direct = direct[np.argsort(np.abs(direct), kind="stable")]
    reciprocal = reciprocal[np.argsort(np.abs(reciprocal), kind="stable")]
    limit = np.sqrt(np.abs(direct[-1]) * np.abs(reciprocal[0]))  # where both have the same relative accuracy
    n_small = int((np.abs(reciprocal) < limit).sum())
    return np.concatenate([reciprocal[:n_small], direct[n_small:]])
