"""Stationary law, mean hitting times and committors of a finite chain, right however small the rates are."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike

from mcpolar.errors import InputError
from mcpolar.metastability.finite.classes import can_reach, communicating_classes
from mcpolar.metastability.finite.elimination import Floats, in_range, read_rates, read_states, solve


def stationary_distribution(rates: ArrayLike) -> Floats:
    """Return the stationary law of a chain with one closed class, shape (n,); 0 on transient states.

    Parameters
    ----------
    rates : array_like, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.

    Raises
    ------
    InputError
        If the rates are not allowed, or there are several closed classes.
    PrecisionError
        If a product leaves the range of doubles.

    Examples
    --------
    >>> stationary_distribution([[0, 1e-30], [3e-30, 0]])
    array([0.75, 0.25])
    """
    a = read_rates(rates)
    closed = [found.states for found in communicating_classes(a) if found.is_closed]
    if len(closed) > 1:
        raise InputError("rates", f"closed classes {closed}", "of a chain with one closed class")
    states = np.array(closed[0])
    law = np.zeros(len(a))
    law[states] = _irreducible(a[np.ix_(states, states)])
    return law


def _irreducible(a: Floats) -> Floats:
    """Eliminate the states from the last to the second; then put them back, each from those before it."""
    n = len(a)
    with in_range():
        pivots = np.ones(n)
        for k in range(n - 1, 0, -1):
            pivots[k] = a[k, :k].sum()
            a[:k, k] /= pivots[k]
            a[:k, :k] += a[:k, k, np.newaxis] * a[k, :k]
        law = np.ones(n)
        for k in range(1, n):
            law[k] = (law[:k] * a[:k, k]).sum()
        law /= law.sum()
    return law


def hitting_times(rates: ArrayLike, target: Collection[int]) -> Floats:
    """Return the mean time to the first visit of `target` from each state, shape (n,), in steps (or time units).

    It is 0 on the target and infinite where the chain may never come to it.

    Parameters
    ----------
    rates : array_like, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.
    target : collection of int
        At least one state.

    Raises
    ------
    InputError
        If an argument is not allowed.
    PrecisionError
        If a product leaves the range of doubles.

    Examples
    --------
    >>> e = 1e-17
    >>> chain = [[0, 0.5, 0, 0], [0.5 - e, 0, e, 0], [0, 3 * e, 0, 0.5 - 3 * e], [0, 0, 0.5, 0]]
    >>> round(hitting_times(chain, [3])[0] * e, 12)  # 2/e + 14 steps
    np.float64(2.0)
    """
    a = read_rates(rates)
    goal = read_states("target", target, len(a))
    a[goal] = 0.0
    unsure = can_reach(a, ~can_reach(a, goal))
    times = np.where(goal, 0.0, np.inf)
    inside = np.flatnonzero(~goal & ~unsure)
    exits = a[np.ix_(inside, goal)].sum(axis=1)
    times[inside] = solve(a[np.ix_(inside, inside)], exits, np.ones(len(inside)))
    return times


def committor(rates: ArrayLike, source: Collection[int], target: Collection[int]) -> Floats:
    """Return the probability of visiting `target` before `source` (or ever, if that is empty), shape (n,).

    Its complement, where the chain comes to one of the two almost surely, is the committor with the roles
    exchanged, and as exact.

    Parameters
    ----------
    rates : array_like, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.
    source, target : collection of int
        Disjoint sets of states; the target has at least one.

    Raises
    ------
    InputError
        If an argument is not allowed.
    PrecisionError
        If a product leaves the range of doubles.

    Examples
    --------
    >>> committor([[0, 0, 0], [1e-20, 0, 0.5], [0, 0, 0]], [2], [0])
    array([1.e+00, 2.e-20, 0.e+00])
    """
    a = read_rates(rates)
    goal = read_states("target", target, len(a))
    end = read_states("source", source, len(a), empty=True)
    if (goal & end).any():
        raise InputError("target", sorted(target), "disjoint from the source")
    a[goal | end] = 0.0
    probability = np.where(goal, 1.0, 0.0)
    inside = ~goal & can_reach(a, goal)
    exits = a[np.ix_(inside, ~inside)].sum(axis=1)
    into_goal = a[np.ix_(inside, goal)].sum(axis=1)
    probability[inside] = solve(a[np.ix_(inside, inside)], exits, into_goal)
    return probability
