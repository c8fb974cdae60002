"""Confidence intervals with guaranteed coverage at every sample size, in natural logs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError

LEAST_CONFIDENCE = 0.5


def check_confidence(confidence: float) -> float:
    """Return the two-sided error 1 - confidence; refuse a confidence outside [0.5, 1)."""
    if not isinstance(confidence, int | float) or not LEAST_CONFIDENCE <= confidence < 1:
        raise InputError("confidence", confidence, "a number from 0.5 to below 1, e.g. 0.999")
    return 1 - confidence


def clopper_pearson(successes: int, replicas: int, confidence: float) -> tuple[float, float]:
    """Return the exact binomial interval as natural logs (low, high).

    The limits are quantiles of beta laws (statsmodels). SciPy's exact interval is not used: it loses the limits for
    tiny error rates and tiny probabilities.

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
    """
    from statsmodels.stats.proportion import proportion_confint

    error = check_confidence(confidence)
    low, high = proportion_confint(successes, replicas, alpha=error, method="beta")
    log_low = -math.inf if successes == 0 else math.log(low)
    log_high = 0.0 if successes == replicas else math.log(high)
    return log_low, log_high


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
    """
    n = shortfalls.size
    if n < 2:
        raise InputError("replicas", n, "a whole number >= 2: an interval needs a variance")
    share = check_confidence(confidence) / 4  # the error of one side of one inequality
    variance = float(shortfalls.var(ddof=1))
    bernstein = math.sqrt(2 * variance * math.log(2 / share) / n) + 7 * largest * math.log(2 / share) / (
        3 * (n - 1)
    )
    hoeffding = largest * math.sqrt(math.log(1 / share) / (2 * n))
    half_width, mean = min(bernstein, hoeffding), float(shortfalls.mean())
    return max(0.0, mean - half_width), min(largest, mean + half_width)
