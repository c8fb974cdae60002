"""One update of one agent, and who its neighbours are: the definitions, readable and exact at any log-odds.

The compiled loops do the same for ensembles; these functions are what they are held against.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_expit, logsumexp

from mcpolar import balls
from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.parameters import standard_deviation

# Errors of `_log_ratio` stay below this by a factor of ten; nearer to a tie balls decide.
_UNDECIDED = 1e-11


def update_agent(
    log_odds: float, memory: ArrayLike, y: float, sigma: Decimal | str | float
) -> tuple[float, NDArray[np.float64]]:
    """Update one agent with the arrival `y`: steps 3 and 4 of the chain (theory.md, section 1).

    The element of the memory farthest from y is replaced by y (tie: the smaller index), then
    l' = log sum_h w_h - log sum_h (1 - w_h) with logit w_h = l + 2 x_h / sigma^2 over the new memory,
    evaluated in log space, so that it neither saturates nor underflows (tested to |l| = 1e6 and sigma =
    0.02).

    Parameters
    ----------
    log_odds : float
        The agent's log-odds l of component +1.
    memory : array_like, shape (r,)
        Its memory; left as it is.
    y : float
        The arriving draw.
    sigma : Decimal, str, int or float
        Component standard deviation.

    Returns
    -------
    log_odds : float
        The new log-odds.
    memory : ndarray, shape (r,)
        The new memory.

    Raises
    ------
    InputError
        If a value is not finite or the memory is not a vector of at least one element.

    Examples
    --------
    >>> log_odds, memory = update_agent(0.0, [-1.0, 1.0], 1.0, 0.5)
    >>> round(log_odds, 12), memory
    (8.0, array([1., 1.]))
    """
    new = np.array(memory, dtype=np.float64)
    if new.ndim != 1 or new.size == 0 or not np.isfinite(new).all():
        raise InputError("memory", memory, "a vector of at least one finite number")
    for name, value in (("log_odds", log_odds), ("y", y)):
        if not math.isfinite(value):
            raise InputError(name, value, "a finite number")
    new[np.argmax(np.abs(new - y))] = y
    z = log_odds + new * float(2 / Fraction(standard_deviation("sigma", sigma)) ** 2)
    return float(logsumexp(log_expit(z)) - logsumexp(log_expit(-z))), new


def neighbours(log_odds: ArrayLike, i: int, k: int) -> NDArray[np.intp]:
    """Return the k agents nearest to agent i in |w_i - w_j|, nearest first; ties to the smaller index.

    Exact for the log-odds as given, also where weights differ by less than any double can hold: on either
    side of agent i the distance is monotone in the log-odds, and a distance above is held against one below
    by the logarithm of their ratio (by balls, where doubles are too near to a tie to tell). Distances can
    tie only at equal log-odds or where l_i = 0 and two others are opposite, since exponentials of distinct
    rationals are linearly independent.

    Parameters
    ----------
    log_odds : array_like, shape (m,)
        Log-odds of all agents.
    i : int
        The agent whose neighbours are asked for.
    k : int
        How many, from 1 to m - 1.

    Returns
    -------
    ndarray of int, shape (k,)
        Indices of the neighbours; agent i is not among them.

    Raises
    ------
    InputError
        If `log_odds` is not a finite vector, or `i` or `k` is out of range.

    Examples
    --------
    >>> neighbours([1000.0, 1001.0, 2000.0, -1000.0], 1, 2)
    array([2, 0])
    """
    values = np.asarray(log_odds, dtype=np.float64)
    if values.ndim != 1 or values.size < 2 or not np.isfinite(values).all():
        raise InputError("log_odds", log_odds, "a vector of at least two finite numbers")
    i = whole_number("i", i, 0, values.size - 1, "m - 1")
    k = whole_number("k", k, 1, values.size - 1, "m - 1")
    order = _by_distance([float(value) for value in values], i)
    return np.fromiter((next(order) for _ in range(k)), dtype=np.intp, count=k)


def _by_distance(values: list[float], i: int) -> Iterator[int]:
    """Yield the other agents from the nearest on: a merge of those above and those below agent i."""
    centre = values[i]
    above = sorted((value, j) for j, value in enumerate(values) if value >= centre and j != i)
    below = sorted((-value, j) for j, value in enumerate(values) if value < centre)
    while above and below:
        sign = _compare(centre, above[0][0], -below[0][0])
        nearer = above if (sign, above[0][1]) < (0, below[0][1]) else below
        yield nearer.pop(0)[1]
    yield from (j for _, j in above or below)


def _compare(centre: float, upper: float, lower: float) -> int:
    """Return the sign of (w_upper - w_centre) - (w_centre - w_lower), given upper >= centre > lower."""
    if centre < 0:
        return -_compare(-centre, -lower, -upper) if upper > centre else -1
    if upper == centre:
        return -1
    if centre == 0 and upper == -lower:
        return 0
    ratio = _log_ratio(centre, upper, lower)
    if abs(ratio) > _UNDECIDED:
        return 1 if ratio > 0 else -1
    return -1 if balls.decide(lambda: _ball_less(centre, upper, lower)) else 1


def _log_ratio(centre: float, upper: float, lower: float) -> float:
    """Return log((w_upper - w_centre) / (w_centre - w_lower)) for upper > centre >= 0, lower < centre.

    w_a - w_b = sinh((a - b)/2) / (2 cosh(a/2) cosh(b/2)): the centre's cosh cancels, and of the large terms
    only -centre + max(lower, 0) is left.
    """
    rise, fall = upper - centre, centre - lower
    return (
        (max(lower, 0.0) - centre)
        + (math.log(-math.expm1(-rise)) - math.log(-math.expm1(-fall)))
        + (math.log1p(math.exp(-abs(lower))) - math.log1p(math.exp(-upper)))
    )


def _ball_less(centre: float, upper: float, lower: float) -> bool | None:
    """Return whether w_upper - w_centre < w_centre - w_lower, in balls, given 0 <= centre.

    With `lower` on the other side: w_lower - (1 - w_upper) < 2 w_centre - 1 = tanh(centre/2), so
    that no small weight is ever added to one near 1.
    """
    c, u, v = (balls.ball(Fraction(value)) for value in (centre, upper, lower))
    if lower < 0:
        return balls.certainly_less(1 / (1 + (-v).exp()) - 1 / (1 + u.exp()), (c / 2).tanh())
    c, u, v = (1 / (1 + value.exp()) for value in (c, u, v))
    return balls.certainly_less(c - u, v - c)
