"""Linear systems of Markov chains by subtraction-free elimination (Grassmann, Taksar and Heyman 1985).

A chain is given by its off-diagonal entries alone: probabilities a step, or rates. What stays on the diagonal
is minus their sum, which is never formed, so that no difference of nearly equal numbers occurs: every step
adds, multiplies or divides numbers that are not negative. Each result then has a small relative error however
small the entries are (O'Cinneide 1993), where 1 - p in doubles has none left below 1e-16.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.checks import whole_number
from mcpolar.errors import InputError, PrecisionError

Floats = NDArray[np.float64]


def read_rates(rates: ArrayLike) -> Floats:
    """Return a copy of the off-diagonal entries with zeros on the diagonal, which is not read.

    Raises
    ------
    InputError
        If `rates` is no square array, or an off-diagonal entry is negative or not finite.
    """
    try:
        entries = np.array(rates, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("rates", rates, "a square array of numbers") from None
    if entries.ndim != 2 or entries.shape[0] != entries.shape[1] or entries.shape[0] == 0:
        raise InputError("rates", f"shape {entries.shape}", "a square array, one row a state")
    np.fill_diagonal(entries, 0.0)
    wrong = ~(np.isfinite(entries) & (entries >= 0))
    if wrong.any():
        i, j = (int(index) for index in np.argwhere(wrong)[0])
        raise InputError(
            "rates", f"{entries[i, j]} at [{i}, {j}]", "finite and not negative off the diagonal"
        )
    return entries


def read_states(name: str, states: Collection[int], n: int, *, empty: bool = False) -> NDArray[np.bool_]:
    """Return which of n states are among `states`; refuse numbers that are none."""
    chosen = np.zeros(n, dtype=np.bool_)
    for state in states:
        chosen[whole_number(name, state, 0, n - 1, "n - 1")] = True
    if not empty and not chosen.any():
        raise InputError(name, list(states), "at least one state")
    return chosen


@contextmanager
def in_range() -> Iterator[None]:
    """Raise PrecisionError where a product leaves the range of doubles, which would be lost silently."""
    try:
        with np.errstate(over="raise", under="raise", divide="raise", invalid="raise"):
            yield
    except FloatingPointError as error:
        raise PrecisionError(f"a product of rates leaves the range of doubles ({error})") from error


def solve(rates: Floats, exits: Floats, sources: Floats) -> Floats:
    """Solve (D - A) X = B for A = `rates` off the diagonal, D_i = exits_i + sum_{j != i} A_ij, and B >= 0.

    D - A is minus the generator of a chain that is killed at the rates `exits`; (D - A)^-1 holds the mean
    times (in steps, for probabilities a step) spent in each state before the killing.

    Parameters
    ----------
    rates : ndarray, shape (n, n)
        Entries >= 0; the diagonal is not read.
    exits : ndarray, shape (n,)
        Killing rates >= 0; the killing must be reachable from every state.
    sources : ndarray, shape (n,) or (n, q)
        Right-hand sides B >= 0.

    Returns
    -------
    ndarray, shape of `sources`
        X, entry by entry of small relative error.

    Raises
    ------
    PrecisionError
        If a product leaves the range of doubles.
    """
    a, e, b = rates.copy(), exits.copy(), sources.reshape(len(exits), math.prod(sources.shape[1:])).copy()
    n = len(e)
    with in_range():
        pivots = np.empty(n)
        for k in range(n - 1, -1, -1):
            pivots[k] = a[k, :k].sum() + e[k]  # what leaves k for states not yet eliminated, or for ever
            share = a[:k, k] / pivots[k]
            a[:k, :k] += share[:, np.newaxis] * a[k, :k]  # its diagonal is never read
            e[:k] += share * e[k]
            b[:k] += share[:, np.newaxis] * b[k]
        for k in range(n):
            b[k] = (b[k] + (a[k, :k, np.newaxis] * b[:k]).sum(axis=0)) / pivots[k]
    return b.reshape(sources.shape)
