"""Survival analysis of first passage times: Kaplan-Meier curves, restricted means, exponential tails.

statsmodels holds the estimate and its standard error (`SurvfuncRight`). Where all censoring is at one
horizon, as in an ensemble of equal runs, better than asymptotic: the bands and means then cover at every sample
size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mcpolar.confidence.intervals import check_confidence, empirical_bernstein
from mcpolar.errors import InputError

_MOST_BINS = 10
_EVENTS_PER_BIN = 5


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """P(T > t): a right-continuous step function with a band for the whole curve.

    Attributes
    ----------
    steps : ndarray of int64, shape (n,)
        0, then the steps at which the estimate falls.
    survival, low, high : ndarray, shape (n,)
        The Kaplan-Meier estimate from each step on, and the ends of the band.
    last : int
        The last step the estimate speaks of.
    confidence : float
        Of the band: that the whole curve lies inside.
    band : str
        "Dvoretzky-Kiefer-Wolfowitz-Massart" (all censoring at one horizon; covers at every sample size) or
        "Hall-Wellner" (censoring at different times; asymptotic).
    n_replicas, n_observed : int
        Sample size, and how many events were seen.
    """

    steps: NDArray[np.int64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    last: int
    confidence: float
    band: str
    n_replicas: int
    n_observed: int

    def at(self, steps: ArrayLike) -> NDArray[np.float64]:
        """Return the estimate at the given steps, all of them from 0 to `last`."""
        asked = np.asarray(steps)
        if ((asked < 0) | (asked > self.last)).any():
            raise InputError("steps", steps, f"from 0 to {self.last}")
        return np.asarray(self.survival[np.searchsorted(self.steps, asked, side="right") - 1])

    @property
    def median(self) -> int | None:
        """The first step at which at most half survive; None if more do to the end."""
        below = np.flatnonzero(self.survival <= 0.5)
        return int(self.steps[below[0]]) if below.size else None


@dataclass(frozen=True)
class RestrictedMean:
    """E min(T, horizon), with its interval.

    Attributes
    ----------
    mean, low, high : float
        In steps.
    horizon : int
        Where the times are cut.
    confidence : float
        Of the interval.
    method : str
        "empirical Bernstein" (covers at every sample size) or "Greenwood" (asymptotic).
    """

    mean: float
    low: float
    high: float
    horizon: int
    confidence: float
    method: str


@dataclass(frozen=True)
class ExponentialTail:
    """An exponential law fitted to what survives step `after`, and a test of it.

    Attributes
    ----------
    rate, low, high : float
        Events per step: the maximum-likelihood estimate under censoring and Garwood's interval.
    after : int
        The tail begins after this step.
    n_events : int
        Events in the tail.
    exposure : int
        Steps that replicas were at risk in the tail, added up.
    p_value : float, or None
        Of the chi-square test of a constant rate over bins of the tail; None where there are too few events.
    confidence : float
        Of the interval.
    """

    rate: float
    low: float
    high: float
    after: int
    n_events: int
    exposure: int
    p_value: float | None
    confidence: float


def survival_curve(times: ArrayLike, observed: ArrayLike, *, confidence: float = 0.95) -> SurvivalCurve:
    """Return the Kaplan-Meier estimate of P(T > t) with a band for the whole curve.

    Parameters
    ----------
    times : array_like of int, shape (n_replicas,)
        Steps of the event, or of the censoring.
    observed : array_like of bool, shape (n_replicas,)
        Whether the event came; otherwise it is censored: known only to come later.
    confidence : float
        That the whole curve lies in the band.

    Returns
    -------
    SurvivalCurve

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> curve = survival_curve([3, 5, 5, 9, 9], [True, True, True, False, False])
    >>> curve.steps, curve.survival.round(3), curve.median
    (array([0, 3, 5]), array([1. , 0.8, 0.4]), 5)
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    t, seen = _read(times, observed)
    error = check_confidence(confidence)
    last = int(t.max())
    steps, survival = np.zeros(1, dtype=np.int64), np.ones(1)
    estimate = None
    if seen.any():
        estimate = SurvfuncRight(t + 1, seen.astype(np.int64))  # shifted, since it refuses events at time 0
        steps = np.append(steps, np.asarray(estimate.surv_times, dtype=np.int64) - 1)
        survival = np.append(survival, np.asarray(estimate.surv_prob, dtype=np.float64))
    if estimate is None or _has_one_horizon(t, seen):
        width = np.full(survival.size, math.sqrt(math.log(2 / error) / (2 * t.size)))
        low, high, band = survival - width, survival + width, "Dvoretzky-Kiefer-Wolfowitz-Massart"
    else:
        # of statsmodels' own band only the level 0.05 exists; K of the whole interval is on the safe side
        critical = float(stats.kstwobign.isf(error)) / math.sqrt(t.size)
        alive = survival > 0
        variance = np.append(0.0, estimate.surv_prob_se)[alive] ** 2
        width = np.ones(survival.size)
        width[alive] = critical * (survival[alive] + t.size * variance / survival[alive])
        low, high, band = survival - width, survival + width, "Hall-Wellner"
    first = int(steps.size > 1 and steps[1] == 0)  # an event at step 0: the curve begins below 1
    return SurvivalCurve(
        steps[first:],
        survival[first:],
        low[first:].clip(0, 1),
        high[first:].clip(0, 1),
        last,
        confidence,
        band,
        t.size,
        int(seen.sum()),
    )


def restricted_mean(
    times: ArrayLike, observed: ArrayLike, horizon: int, *, confidence: float = 0.95
) -> RestrictedMean:
    """Return the mean of min(T, horizon) under censoring, with its interval: the area under the curve.

    Parameters
    ----------
    times, observed
        As for :func:`survival_curve`.
    horizon : int
        At least 1, and where something is censored up to the last time.
    confidence : float
        Two-sided.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> round(restricted_mean([3, 5, 5, 9, 9], [True, True, True, False, False], 9).mean, 12)
    6.2
    """
    t, seen = _read(times, observed)
    error = check_confidence(confidence)
    if not isinstance(horizon, int | np.integer) or horizon < 1 or (horizon > t.max() and not seen.all()):
        raise InputError("horizon", horizon, f"a whole number from 1 to the last time = {t.max()}")
    curve = survival_curve(t, seen)
    ends = np.append(curve.steps[curve.steps < horizon], horizon)
    area = np.diff(ends) * curve.survival[: ends.size - 1]
    mean = float(area.sum())
    if (seen | (t >= horizon)).all() and t.size > 1:
        low, high = empirical_bernstein(np.minimum(t, horizon).astype(np.float64), float(horizon), confidence)
        return RestrictedMean(mean, low, high, int(horizon), confidence, "empirical Bernstein")
    # Greenwood: the area right of each event, weighed by d / (n (n - d))
    right = mean - np.cumsum(area)[: ends.size - 2]
    at_risk = (t[:, np.newaxis] >= ends[1:-1]).sum(axis=0)
    deaths = (seen[:, np.newaxis] & (t[:, np.newaxis] == ends[1:-1])).sum(axis=0)
    variance = float((right**2 * deaths / (at_risk * np.maximum(at_risk - deaths, 1))).sum())
    half_width = float(stats.norm.isf(error / 2)) * math.sqrt(variance)
    return RestrictedMean(
        mean,
        max(0.0, mean - half_width),
        min(float(horizon), mean + half_width),
        int(horizon),
        confidence,
        "Greenwood",
    )


def exponential_tail(
    times: ArrayLike, observed: ArrayLike, after: int, *, confidence: float = 0.95
) -> ExponentialTail:
    """Fit an exponential law to what survives step `after`, and test whether the rate is constant there.

    The rate is the number of events over the steps at risk. For the test the tail is cut into bins in which
    equally many events are expected; events and expectations are compared by chi-square, with one degree of
    freedom lost to the rate.

    Parameters
    ----------
    times, observed
        As for :func:`survival_curve`.
    after : int
        Where the tail begins; at least one time is larger.
    confidence : float
        Of the rate's interval.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> found = exponential_tail([3, 5, 5, 9, 9], [True, True, True, False, False], 2)
    >>> found.n_events, found.exposure, round(found.rate, 3), found.p_value
    (3, 21, 0.143, None)
    """
    t, seen = _read(times, observed)
    error = check_confidence(confidence)
    if not isinstance(after, int | np.integer) or not 0 <= after < t.max():
        raise InputError("after", after, f"a whole number from 0 to below the last time = {t.max()}")
    tail, events = t[t > after] - after, seen[t > after]
    n_events, exposure = int(events.sum()), int(tail.sum())
    low = float(stats.chi2.ppf(error / 2, 2 * n_events)) / (2 * exposure) if n_events else 0.0
    high = float(stats.chi2.isf(error / 2, 2 * n_events + 2)) / (2 * exposure)
    rate = n_events / exposure
    return ExponentialTail(
        rate, low, high, int(after), n_events, exposure, _constant_rate(tail, events), confidence
    )


def _constant_rate(tail: NDArray[np.int64], events: NDArray[np.bool_]) -> float | None:
    """Return the p-value of the chi-square test of a constant rate, or None with too few events."""
    n_events = int(events.sum())
    n_bins = min(_MOST_BINS, n_events // _EVENTS_PER_BIN)
    if n_bins < 2:
        return None
    # steps after which the fitted law has seen equal shares of its events up to the end
    share = np.linspace(0, 1, n_bins + 1) * -math.expm1(-n_events / tail.sum() * tail.max())
    edges = np.round(-np.log1p(-share) * tail.sum() / n_events).astype(np.int64)
    edges[-1] = tail.max()
    edges = np.unique(edges)
    if edges.size < 3:
        return None
    exposure = np.diff([np.minimum(tail, edge).sum() for edge in edges])
    found, _ = np.histogram(tail[events] - 0.5, edges)
    expected = n_events * exposure / exposure.sum()
    return float(stats.chi2.sf(((found - expected) ** 2 / expected).sum(), edges.size - 2))


def _read(times: ArrayLike, observed: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    t, seen = np.asarray(times), np.asarray(observed)
    if t.ndim != 1 or t.size == 0 or not np.issubdtype(t.dtype, np.integer) or (t < 0).any():
        raise InputError("times", times, "a vector of whole numbers >= 0")
    if seen.shape != t.shape or seen.dtype != np.bool_:
        raise InputError("observed", observed, f"booleans of shape {t.shape}, as the times")
    return t.astype(np.int64), seen


def _has_one_horizon(t: NDArray[np.int64], seen: NDArray[np.bool_]) -> bool:
    """Return whether everything censored was censored at the end: then nothing before it is unknown."""
    return bool((t[~seen] == t.max()).all())
