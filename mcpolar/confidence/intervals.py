"""Confidence intervals with guaranteed coverage at every sample size, in natural logs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainccinv, betaincinv, gammaincinv, logsumexp, ndtr

from mcpolar.checks import check_confidence, whole_number
from mcpolar.errors import InputError


def check_counts(successes: int, replicas: int) -> tuple[int, int]:
    """Return both as whole numbers, 0 <= successes <= replicas and 1 <= replicas; refuse others."""
    replicas = whole_number("replicas", replicas, 1)
    return whole_number("successes", successes, 0, replicas, "replicas"), replicas


def check_sample(name: str, values: NDArray[np.float64], largest: float) -> None:
    """Refuse a sample that is no vector of numbers from 0 to `largest`, and a `largest` that is not finite."""
    if not 0 <= largest < math.inf:
        raise InputError("largest", largest, "a number >= 0: the end of the variables' range")
    inside = (values >= 0) & (values <= largest)
    if values.ndim != 1 or not inside.all():
        wrong = values if values.ndim != 1 else float(values[~inside][0])
        raise InputError(name, wrong, f"a vector of numbers from 0 to largest = {largest}")


def clopper_pearson(successes: int, replicas: int, confidence: float) -> tuple[float, float]:
    """Return the exact binomial interval as natural logs (low, high).

    The limits are quantiles of beta laws. `scipy.stats.binomtest` is not used: its search loses the limits for tiny
    error rates and tiny probabilities.

    Parameters
    ----------
    successes, replicas : int
        Hits and independent trials, 0 <= successes <= replicas.
    confidence : float
        Two-sided coverage, at least.

    Returns
    -------
    tuple of float
        Natural logs; -inf where the lower limit is 0, 0.0 where the upper limit is 1.

    Raises
    ------
    InputError
        If a count is not a whole number in its range, or the confidence is outside [0.5, 1).

    Examples
    --------
    >>> [round(math.exp(end), 6) for end in clopper_pearson(3, 10, 0.95)]
    [0.06674, 0.652453]
    """
    error = check_confidence(confidence)
    successes, replicas = check_counts(successes, replicas)
    missed = replicas - successes
    low = math.log(betaincinv(successes, missed + 1, error / 2)) if successes else -math.inf
    high = math.log(betainccinv(successes + 1, missed, error / 2)) if missed else 0.0
    return low, high


def empirical_bernstein(
    shortfalls: NDArray[np.float64], largest: float, confidence: float
) -> tuple[float, float]:
    """Return a confidence interval for the mean of independent variables on [0, largest].

    The narrower of the empirical Bernstein bound (Maurer and Pontil 2009, Theorem 4) and Hoeffding's. Each side of
    each has a quarter of the error, so that taking the narrower keeps the stated coverage at every sample size.

    Parameters
    ----------
    shortfalls : array of shape (n_replicas,)
        The sample, at least 2 values in [0, largest].
    largest : float
        Known upper end of the variables' range.
    confidence : float
        Two-sided coverage, at least.

    Returns
    -------
    tuple of float
        The interval (low, high), cut to [0, largest].

    Raises
    ------
    InputError
        If a value is outside [0, largest] or not a number, there are fewer than 2, or the confidence is outside
        [0.5, 1).

    Examples
    --------
    >>> low, high = empirical_bernstein(np.array([0.4, 0.6] * 500), 1.0, 0.95)
    >>> round(low, 3), round(high, 3)
    (0.478, 0.522)
    """
    error = check_confidence(confidence)
    check_sample("shortfalls", shortfalls, largest)
    n = shortfalls.size
    if n < 2:
        raise InputError("replicas", n, "a whole number >= 2: an interval needs a variance")
    share = error / 4  # the error of one side of one inequality
    variance = float(shortfalls.var(ddof=1))
    bernstein = math.sqrt(2 * variance * math.log(2 / share) / n) + 7 * largest * math.log(2 / share) / (
        3 * (n - 1)
    )
    hoeffding = largest * math.sqrt(math.log(1 / share) / (2 * n))
    half_width, mean = min(bernstein, hoeffding), float(shortfalls.mean())
    return max(0.0, mean - half_width), min(largest, mean + half_width)


def nonnegative_mean(log_values: NDArray[np.float64], confidence: float) -> tuple[float, float, float]:
    """Return logs of the mean of independent nonnegative values, and of the ends of its interval.

    Below: for mu at most the mean, the product of 1 + b (X_i/mu - 1) is a nonnegative supermartingale for every bet b
    in [0, 1], and so is an average over bets; by Ville's inequality it exceeds 1/a with probability at most a
    (Waudby-Smith and Ramdas 2024, section 4). No upper end of X is needed, and the bound holds at every sample size
    and at every time of a sample that grows.
    Above: the generalized confidence limit of a log-normal mean (Krishnamoorthy and Mathew 2003) for the positive
    values, times the exact binomial limit of their share. This one assumes a law.

    Parameters
    ----------
    log_values : array of shape (n,)
        Natural logs, of any size; -inf for 0.
    confidence : float
        Two-sided; each side has half of the error.

    Returns
    -------
    tuple of float
        Natural logs of the mean, the lower and the upper end; the upper end is inf with fewer than two positive
        values, which say nothing of a law's spread.

    Raises
    ------
    InputError
        If there is no value, one is not a number or infinite, or the confidence is outside [0.5, 1).

    Examples
    --------
    >>> mean, low, high = nonnegative_mean(np.log(np.array([0.4, 0.6] * 500)), 0.95)
    >>> low < math.log(0.5) < high, round(math.exp(mean), 6)
    (True, 0.5)
    """
    error = check_confidence(confidence) / 2
    if log_values.ndim != 1 or not log_values.size or not (log_values < math.inf).all():
        raise InputError("log_values", log_values, "a vector of logs of numbers, -inf for 0")
    n = log_values.size
    log_mean = float(logsumexp(log_values)) - math.log(n)
    return log_mean, betting_lower(log_values, error), _log_normal_upper(log_values, error)


_BETS = np.concatenate([np.geomspace(1e-3, 0.5, 16), [0.65, 0.8, 0.9]])


def betting_lower(log_values: NDArray[np.float64], error: float) -> float:
    """Return the log of a lower confidence limit for the mean of independent nonnegative variables."""
    from scipy.optimize import brentq

    positive = log_values[log_values > -math.inf]
    n_zero = log_values.size - positive.size
    if positive.size == 0:
        return -math.inf
    log_bets, log_rests = np.log(_BETS), np.log1p(-_BETS)

    def log_wealth(log_mean: float) -> float:
        growth = np.logaddexp(log_rests[:, np.newaxis], log_bets[:, np.newaxis] + positive - log_mean).sum(
            axis=1
        )
        return float(logsumexp(growth + n_zero * log_rests)) - math.log(_BETS.size)

    # wealth falls in log_mean; at the largest value it is below 1, far down it is as large as one likes
    high = float(positive.max())
    low = high - 1.0
    while log_wealth(low) < -math.log(error):
        low -= 2 * (high - low)
    return float(brentq(lambda x: log_wealth(x) + math.log(error), low, high, xtol=1e-10)) - 1e-9


def _log_normal_upper(log_values: NDArray[np.float64], error: float) -> float:
    """Return the log of an upper confidence limit for the mean of values that are 0 or log-normal."""
    from scipy.optimize import brentq

    positive = log_values[log_values > -math.inf]
    n = positive.size
    if n < 2:
        return math.inf
    share = 0.0
    if n < log_values.size:
        error /= 2
        share = clopper_pearson(n, log_values.size, 1 - 2 * error)[1]
    centre, deviation = float(positive.mean()), float(positive.std(ddof=1))
    if deviation == 0.0:
        return centre + share
    # the limit is a quantile of centre - Z s sqrt((n-1)/(n U)) + s^2 (n-1)/(2 U), Z normal, U chi-square: a sum over
    # quantiles of U, crowded where U is small, since those make the upper tail
    middles = (np.arange(4000) + 0.5) / 4000
    weights = 4 * middles**3 / 4000
    chi_square = 2 * gammaincinv((n - 1) / 2, middles**4)
    scale = deviation * np.sqrt((n - 1) / (n * chi_square))
    middle = centre + deviation**2 * (n - 1) / (2 * chi_square)

    def missed(limit: float) -> float:
        return float(weights @ ndtr((middle - limit) / scale)) - error

    step = deviation
    while missed(centre + step) > 0:
        step *= 2
    return float(brentq(missed, centre - deviation, centre + step)) + share
