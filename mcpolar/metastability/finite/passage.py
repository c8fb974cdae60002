"""Stationary law, mean hitting times and committors of a finite chain, right however small the rates are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mcpolar.errors import InputError
from mcpolar.metastability.finite.arithmetic import Arithmetic, Array, scatter
from mcpolar.metastability.finite.classes import can_reach, classes_of
from mcpolar.metastability.finite.entries import Bools, part, read_entries, read_set
from mcpolar.metastability.finite.values import Values, evaluate

Floats = NDArray[np.float64]
Rates: TypeAlias = ArrayLike | sparse.sparray


def stationary_distribution(rates: Rates) -> Floats:
    """Return the stationary law of a chain with one closed class, shape (n,); 0 on transient states.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.

    Raises
    ------
    InputError
        If the rates are not allowed, or there are several closed classes.

    Examples
    --------
    >>> stationary_distribution([[0, 1e-30], [3e-30, 0]])
    array([0.75, 0.25])
    """
    entries = read_entries(rates)
    return stationary_values(entries, certified=False).value


def stationary_values(
    entries: sparse.csr_array, *, certified: bool, states: NDArray[np.int64] | None = None
) -> Values:
    """Return the stationary law of one closed class, by default the only one, with its error.

    Raises
    ------
    InputError
        If there are several closed classes and none was named.
    """
    n = entries.shape[0]
    if states is None:
        closed = [found.states for found in classes_of(entries) if found.is_closed]
        if len(closed) > 1:
            raise InputError("rates", f"closed classes {closed}", "of a chain with one closed class")
        states = np.array(closed[0])

    def recipe(arithmetic: Arithmetic) -> Array:
        return scatter(arithmetic, n, [(states, class_law(arithmetic, part(entries, states)))])

    return evaluate(recipe, certified=certified, rounding=4 * len(states) + 4)


def class_law(arithmetic: Arithmetic, entries: sparse.csr_array) -> Array:
    """Return the stationary law of an irreducible chain."""
    n = entries.shape[0]
    found = arithmetic.factor(entries, arithmetic.of(np.zeros(n)), kept=n - 1).stationary()
    return found / found.sum()


def hitting_times(rates: Rates, target: Collection[int] | int) -> Floats:
    """Return the mean time to the first visit of `target` from each state, shape (n,), in steps (or time units).

    It is 0 on the target and infinite where the chain may never come to it.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.
    target : collection of int, or int
        At least one state.

    Raises
    ------
    InputError
        If an argument is not allowed.
    PrecisionError
        If a time is above the range of doubles; `FiniteChain.hitting_times` gives its logarithm.

    Examples
    --------
    >>> e = 1e-17
    >>> chain = [[0, 0.5, 0, 0], [0.5 - e, 0, e, 0], [0, 3 * e, 0, 0.5 - 3 * e], [0, 0, 0.5, 0]]
    >>> round(hitting_times(chain, [3])[0] * e, 12)  # 2/e + 14 steps
    np.float64(2.0)
    """
    entries = read_entries(rates)
    goal = read_set("target", target, entries.shape[0])
    return hitting_values(entries, goal, certified=False).ordinary("a hitting time")


def hitting_values(entries: sparse.csr_array, goal: Bools, *, certified: bool) -> Values:
    """Return the mean hitting times of a set with their error."""
    n = entries.shape[0]
    inside, unsure = inside_of(entries, goal)

    def recipe(arithmetic: Arithmetic) -> Array:
        found = killed(arithmetic, entries, inside).solve(arithmetic.of(np.ones(inside.size)))
        return scatter(arithmetic, n, [(inside, found)])

    return evaluate(recipe, certified=certified, rounding=4 * n, infinite=unsure)


def inside_of(entries: sparse.csr_array, goal: Bools) -> tuple[NDArray[np.int64], Bools]:
    """Return the states outside `goal` that surely come to it, and which may never come."""
    stopped = stop_at(entries, goal)
    unsure = can_reach(stopped, ~can_reach(stopped, goal))
    return np.flatnonzero(~goal & ~unsure), unsure


def stop_at(entries: sparse.csr_array, goal: Bools) -> sparse.csr_array:
    """Return the entries without those out of `goal`."""
    return sparse.csr_array(sparse.diags_array((~goal).astype(np.float64)) @ entries)


def killed(arithmetic: Arithmetic, entries: sparse.csr_array, inside: NDArray[Any]) -> Any:
    """Return the eliminated chain of some states, which is killed when it leaves them."""
    rows = part(entries, inside, np.arange(entries.shape[0]))
    outside = np.ones(entries.shape[0], dtype=np.bool_)
    outside[inside] = False
    exits = total(arithmetic, sparse.csr_array(rows[:, outside]))
    return arithmetic.factor(sparse.csr_array(rows[:, inside]), exits)


def total(arithmetic: Arithmetic, rows: sparse.csr_array) -> Array:
    """Return the sums of sparse rows."""
    width = int(np.diff(rows.indptr).max(initial=0))
    padded = np.zeros((rows.shape[0], max(width, 1)))
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    padded[owner, np.arange(rows.nnz) - rows.indptr[owner]] = rows.data
    if rows.shape[0] == 1:  # a single row sums to a number
        return arithmetic.of(padded).sum() + arithmetic.of(np.zeros(1))
    return arithmetic.of(padded).row_sums()


def committor(rates: Rates, source: Collection[int] | int, target: Collection[int] | int) -> Floats:
    """Return the probability of visiting `target` before `source` (or ever, if that is empty), shape (n,).

    Its complement, where the chain comes to one of the two almost surely, is the committor with the roles
    exchanged, and as exact.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.
    source, target : collection of int, or int
        Disjoint sets of states; the target has at least one.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> committor([[0, 0, 0], [1e-20, 0, 0.5], [0, 0, 0]], [2], [0])
    array([1.e+00, 2.e-20, 0.e+00])
    """
    entries = read_entries(rates)
    n = entries.shape[0]
    goal, end = read_set("target", target, n), read_set("source", source, n, empty=True)
    check_disjoint(end, goal)
    return committor_values(entries, end, goal, certified=False).value


def check_disjoint(source: Bools, target: Bools) -> None:
    """Refuse sets of states that share one."""
    if (source & target).any():
        raise InputError("target", np.flatnonzero(target).tolist(), "disjoint from the source")


def committor_values(entries: sparse.csr_array, end: Bools, goal: Bools, *, certified: bool) -> Values:
    """Return the committor with its error."""

    def recipe(arithmetic: Arithmetic) -> Array:
        return committor_of(arithmetic, entries, end, goal)

    return evaluate(recipe, certified=certified, rounding=4 * entries.shape[0])


def committor_of(arithmetic: Arithmetic, entries: sparse.csr_array, end: Bools, goal: Bools) -> Array:
    """Return the chance to come to `goal` before `end`."""
    n = entries.shape[0]
    stopped = stop_at(entries, goal | end)
    inside = np.flatnonzero(~goal & can_reach(stopped, goal))
    parts = [(np.flatnonzero(goal), arithmetic.of(np.ones(int(goal.sum()))))]
    if inside.size:
        into = total(arithmetic, part(entries, inside, np.flatnonzero(goal)))
        parts.append((inside, killed(arithmetic, stopped, inside).solve(into)))
    return scatter(arithmetic, n, parts)
