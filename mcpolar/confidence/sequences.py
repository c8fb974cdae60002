"""Confidence sequences: intervals that cover at all sample sizes together, so that a run may be watched and stopped.

Every one inverts a nonnegative martingale by Ville's inequality: a value of the parameter is left out once the wealth
of betting against it has reached 1/error.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from mcpolar.checks import check_confidence
from mcpolar.confidence.intervals import check_counts, check_sample

_SMALLEST_LOG = -700.0
_LARGEST_BET = 0.75  # share of the wealth that may be lost on one value


def beta_binomial(successes: int, replicas: int, confidence: float) -> tuple[float, float]:
    """Return the confidence sequence of a binomial share as natural logs (low, high).

    The wealth against p is the likelihood of a Beta(1/2, 1/2) mixture over that of p (Robbins 1970; Howard, Ramdas,
    McAuliffe and Sekhon 2021).

    Parameters
    ----------
    successes, replicas : int
        Hits and independent trials so far, 0 <= successes <= replicas.
    confidence : float
        Two-sided coverage at all times together, at least.

    Raises
    ------
    InputError
        If a count is not a whole number in its range, or the confidence is outside [0.5, 1).

    Examples
    --------
    >>> low, high = beta_binomial(50, 100, 0.95)
    >>> round(math.exp(low), 3), round(math.exp(high), 3)
    (0.338, 0.662)
    """
    from scipy.optimize import brentq

    error = check_confidence(confidence)
    successes, replicas = check_counts(successes, replicas)
    missed = replicas - successes
    mixture = float(betaln(successes + 0.5, missed + 0.5) - betaln(0.5, 0.5))
    goal = math.log(1 / error)

    def excess(log_p: float) -> float:
        log_q = math.log(-math.expm1(log_p)) if log_p < 0 else -math.inf
        return mixture - successes * log_p - (missed * log_q if missed else 0.0) - goal

    centre = math.log(successes / replicas) if successes else _SMALLEST_LOG
    low = -math.inf if successes == 0 else float(brentq(excess, _SMALLEST_LOG * 10, centre, xtol=1e-12))
    high = 0.0 if missed == 0 else float(brentq(excess, centre, -1e-300, xtol=1e-300, rtol=1e-13))
    return low, high


def hedged_betting(values: NDArray[np.float64], largest: float, confidence: float) -> tuple[float, float]:
    """Return the confidence sequence for the mean of independent variables on [0, largest], in their order.

    The hedged capital process of Waudby-Smith and Ramdas 2024 (Theorem 3): half of the wealth bets that the mean is
    larger, half that it is smaller, with bets from the variance seen before.

    Parameters
    ----------
    values : array of shape (n,)
        The sample so far, in the order in which it was drawn.
    largest : float
        Known upper end of the variables' range.
    confidence : float
        Two-sided coverage at all times together, at least.

    Returns
    -------
    tuple of float
        The interval (low, high), within [0, largest].

    Raises
    ------
    InputError
        If a value is outside [0, largest] or not a number, or the confidence is outside [0.5, 1).

    Examples
    --------
    >>> low, high = hedged_betting(np.array([0.4, 0.6] * 200), 1.0, 0.95)
    >>> low < math.log(0.5) < high if low < 0 else low < 0.5 < high
    True
    """
    error = check_confidence(confidence)
    check_sample("values", values, largest)
    if largest == 0.0 or values.size == 0:
        return 0.0, largest
    x = values / largest
    bets, goal = predictable_bets(x, error), math.log(2 / error)

    def wealth_above(mean: float) -> float:  # falls with the mean
        bounded = np.minimum(bets, _LARGEST_BET / mean)
        return float(np.log1p(bounded * (x - mean)).sum()) - goal

    def wealth_below(mean: float) -> float:  # rises with the mean
        bounded = np.minimum(bets, _LARGEST_BET / (1 - mean))
        return float(np.log1p(-bounded * (x - mean)).sum()) - goal

    tiny, whole = 1e-300, 1 - 1e-16
    low = 0.0 if wealth_above(tiny) <= 0 else _root(wealth_above)
    high = 1.0 if wealth_below(whole) <= 0 else _root(wealth_below)
    return low * largest, high * largest


def predictable_bets(x: NDArray[np.float64], error: float) -> NDArray[np.float64]:
    """Return the bets on each of the values in [0, 1], made from those before it."""
    n = np.arange(1, x.size + 1)
    means = (0.5 + np.cumsum(x)) / (n + 1)
    variances = (0.25 + np.cumsum((x - means) ** 2)) / (n + 1)
    before = np.concatenate([[0.25], variances[:-1]])
    return np.sqrt(2 * math.log(2 / error) / (before * n * np.log1p(n)))


def _root(excess) -> float:  # type: ignore[no-untyped-def]  # a monotone function on (0, 1)
    from scipy.optimize import brentq

    return float(brentq(excess, 1e-300, 1 - 1e-16, xtol=1e-300, rtol=1e-12))
