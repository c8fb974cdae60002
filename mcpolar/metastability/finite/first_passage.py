"""First passages between all pairs of states, their variance and their law; recurrence, Kemeny's constant."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mcpolar.compiled.finite import elimination as loops
from mcpolar.metastability.finite.arithmetic import Arithmetic, Array, WideArithmetic, scatter
from mcpolar.metastability.finite.core import eliminate_in_place
from mcpolar.metastability.finite.entries import Bools, part
from mcpolar.metastability.finite.factor import UNIT
from mcpolar.metastability.finite.passage import class_law, hitting_values, inside_of, killed, stop_at, total
from mcpolar.metastability.finite.powers import Steps, dense_steps
from mcpolar.metastability.finite.values import Values, doubles, evaluate, widened
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]
_ENOUGH = 1e-9


def passage_matrix(entries: sparse.csr_array, *, certified: bool) -> Values:
    """Return the mean first passage time from each state to each, 0 on the diagonal, of an irreducible chain.

    One half of the states is eliminated, the other half is done by the same rule, and the first is put back; then the
    halves change roles. So all pairs cost as much as a few systems, and nothing is subtracted.
    """
    n = entries.shape[0]
    if certified:
        columns = [hitting_values(entries, np.arange(n) == j, certified=True) for j in range(n)]
        ends = [
            np.column_stack([getattr(one, name) for one in columns])
            for name in ("value", "low", "high", "log10")
        ]
        return Values.of_ends(ends, "balls", is_certified=True)
    found = _all_pairs(Wide.of(entries.toarray()), Wide.of(np.ones(n)))
    value = doubles(found)
    error = (2.0 * n**3 / 3 + 8 * n**2 + 20 * n) * UNIT * 1.5
    return Values(value, *widened(value, error, found.m == 0), found.log10(), "elimination", True)


def _all_pairs(a: Wide, times: Wide) -> Wide:
    n = len(times)
    out = Wide.zeros((n, n))
    if n == 1:
        return out
    half = n // 2
    for first in (np.arange(half), np.arange(half, n)):
        rest = np.setdiff1d(np.arange(n), first)
        order, n_out = np.concatenate([first, rest]), first.size
        b, c, exits, pivots = (
            a[np.ix_(order, order)].copy(),
            times[order].copy(),
            Wide.zeros(n),
            Wide.zeros(n),
        )
        eliminate_in_place(b, exits, pivots, n_out)
        loops.hand_on(b.m, b.k, c.m, c.k, n_out)
        found = Wide.zeros((n, rest.size))
        inner = _all_pairs(b[n_out:, n_out:], c[n_out:])
        found.m[n_out:], found.k[n_out:] = inner.m, inner.k
        loops.put_back(b.m, b.k, pivots.m, pivots.k, c.m, c.k, n_out, found.m, found.k)
        out.m[np.ix_(order, rest)], out.k[np.ix_(order, rest)] = found.m, found.k
    return out


def kemeny_value(entries: sparse.csr_array, *, certified: bool) -> Values:
    """Return sum_j pi_j m_ij, which is the same from every state: the mean time to a state drawn from the law."""
    n = entries.shape[0]

    def recipe(arithmetic: Arithmetic) -> Array:
        law = class_law(arithmetic, entries)
        if isinstance(law, Wide):
            matrix = _all_pairs(Wide.of(entries.toarray()), Wide.of(np.ones(n)))
            arithmetic.error += 2.0 * n**3 * UNIT  # type: ignore[attr-defined]
            return (law * matrix[0]).sum()
        times = []
        for j in range(n):
            inside = np.delete(np.arange(n), j)
            found = killed(arithmetic, entries, inside).solve(arithmetic.of(np.ones(n - 1)))
            times.append(scatter(arithmetic, n, [(inside, found)])[0] * law[j])
        return sum(times[1:], times[0])

    return evaluate(recipe, certified=certified, rounding=4 * n)


def visits(entries: sparse.csr_array, ends: Bools, *, certified: bool) -> tuple[NDArray[np.int64], Values]:
    """Return the states from which one of `ends` is surely reached, and the mean time spent among them before."""
    inside, _ = inside_of(entries, ends)

    def recipe(arithmetic: Arithmetic) -> Array:
        return killed(arithmetic, stop_at(entries, ends), inside).solve(arithmetic.of(np.eye(inside.size)))

    return inside, evaluate(recipe, certified=certified, rounding=4 * entries.shape[0])


def variance_values(entries: sparse.csr_array, goal: Bools, *, is_discrete: bool, certified: bool) -> Values:
    """Return the variance of the first passage time to a set; infinite where it may never come.

    With N the inverse, h = N 1 and E T^2 = 2 N h - h (for rates 2 N h). The variance is a difference, whose error
    is followed; where it is above 1e-9, balls are used.
    """
    n = entries.shape[0]
    inside, unsure = inside_of(entries, goal)
    if not certified:
        found = _quick_variance(entries, inside, is_discrete=is_discrete)
        if found is not None:
            return _spread_over(found, n, inside, unsure)

    def recipe(arithmetic: Any) -> Any:
        eliminated = killed(arithmetic, entries, inside)
        mean = eliminated.solve(arithmetic.of(np.ones(inside.size)))
        twice = eliminated.solve(mean) * arithmetic.of(np.full(inside.size, 2.0))
        square = twice - mean * mean
        return scatter(arithmetic, n, [(inside, square - mean if is_discrete else square)])

    return evaluate(recipe, certified=True, rounding=0, infinite=unsure)


def _quick_variance(
    entries: sparse.csr_array, inside: NDArray[np.int64], *, is_discrete: bool
) -> tuple[Floats, Floats, Floats, Floats] | None:
    arithmetic = WideArithmetic()
    eliminated = killed(arithmetic, entries, inside)
    mean = eliminated.solve(Wide.of(np.ones(inside.size)))
    square = mean * mean
    twice = (eliminated.solve(mean) * Wide.of(2.0) / square).double()
    less = 1 + ((Wide.of(1.0) / mean).double() if is_discrete else 0.0)
    relative = twice - less
    error = (3 * arithmetic.error + 16 * UNIT) * (twice + less)
    if inside.size and not (error <= _ENOUGH * relative).all():
        return None
    found = square * Wide.of(relative)
    value = doubles(found)
    low, high = widened(value, float(np.max(error / relative, initial=0.0)), found.m == 0)
    return value, low, high, found.log10()


def _spread_over(
    found: tuple[Floats, Floats, Floats, Floats], n: int, inside: NDArray[np.int64], unsure: Bools
) -> Values:
    ends = [np.zeros(n), np.zeros(n), np.zeros(n), np.full(n, -np.inf)]
    for end, values in zip(ends, found, strict=True):
        end[inside] = values
        end[unsure] = np.inf
    return Values.of_ends(ends, "elimination", is_certified=True)


def passage_law(
    entries: sparse.csr_array, goal: Bools, times: ArrayLike, *, is_discrete: bool
) -> tuple[Floats, Floats]:
    """Return P(T <= t) and P(T > t) of the first passage to a set, each of shape (n_times, n).

    Both are sums of products of numbers that are not negative, by doubling of the steps, so that the smaller of the
    two keeps its digits however long the time is.
    """
    asked = np.atleast_1d(np.asarray(times, dtype=object))
    stopped = stop_at(entries, goal)
    inside = np.flatnonzero(~goal)
    rows = part(stopped, inside, np.arange(entries.shape[0]))
    arithmetic = WideArithmetic()
    exits = doubles(total(arithmetic, sparse.csr_array(rows[:, goal])))
    steps = Steps(dense_steps(part(stopped, inside), exits, is_discrete=is_discrete, rows=rows))
    met = np.ones((asked.size, entries.shape[0]))
    left = np.zeros((asked.size, entries.shape[0]))
    for row, time in enumerate(asked):
        met[row, inside], left[row, inside] = steps.passage(time)
    return met, left
