"""Survival analysis of first passage times: Kaplan-Meier curves, restricted means, exponential tails, log-rank tests.

scipy holds the estimate (`scipy.stats.ecdf` of censored data). Where all censoring is at one horizon, as in an
ensemble of equal runs, better than asymptotic: the bands and means then cover at every sample size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from mcpolar.checks import check_confidence
from mcpolar.confidence.intervals import empirical_bernstein
from mcpolar.errors import InputError
from mcpolar.results import Drawn

_MOST_BINS = 10
_EVENTS_PER_BIN = 5


@dataclass(frozen=True, eq=False)
class SurvivalCurve(Drawn):
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
        "Dvoretzky-Kiefer-Wolfowitz-Massart" (all censoring at one horizon; covers at every sample size),
        "Hall-Wellner" (censoring at different times; asymptotic) or, with late entry, "log-log, pointwise" (asymptotic,
        and for each step by itself).
    n_replicas, n_observed : int
        Sample size, and how many events were seen.
    at_risk, events : ndarray of int64, shape (n,)
        Replicas at risk just before each step, and events at it; at step 0 all and none, unless events came there.
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
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]

    def at(self, steps: ArrayLike) -> NDArray[np.float64]:
        """Return the estimate at the given steps, all of them from 0 to `last`."""
        asked = np.asarray(steps)
        if ((asked < 0) | (asked > self.last)).any():
            raise InputError("steps", steps, f"from 0 to {self.last}")
        return np.asarray(self.survival[np.searchsorted(self.steps, asked, side="right") - 1])

    @property
    def median(self) -> int | None:
        """The first step at which at most half survive; None if more do to the end."""
        return self.quantile(Fraction(1, 2))

    def quantile(self, share: Fraction | float | str) -> int | None:
        """Return the first step by which at least a share of the events has come; None if it has not to the end.

        The comparison is exact: the estimate is a product of fractions, and a share given as a float stands for its
        shortest decimal.

        Parameters
        ----------
        share : Fraction, float or str
            In (0, 1).
        """
        left = 1 - _share(share)
        return _first(self.steps, self._at_most(left))

    def _at_most(self, left: Fraction) -> NDArray[np.bool_]:
        """Return where the estimate is at most a fraction, exactly."""
        below = self.survival <= float(left)
        for index in np.flatnonzero(np.abs(self.survival - float(left)) < 1e-9):
            risk, events = self.at_risk[: index + 1].tolist(), self.events[: index + 1].tolist()
            alive = math.prod(n - d for n, d in zip(risk, events, strict=True))
            below[index] = alive * left.denominator <= left.numerator * math.prod(risk)
        return np.asarray(below)

    def pointwise(self, confidence: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the ends of a confidence interval for each step by itself, on the scale of log(-log S).

        Kalbfleisch and Prentice's interval with Greenwood's variance: asymptotic. Where nobody survives the lower end
        is 0 and the upper one that of the step before.
        """
        error = check_confidence(confidence)
        left = self.at_risk - self.events
        inside = (self.survival > 0) & (self.survival < 1)
        terms = np.where(left > 0, self.events / np.maximum(self.at_risk * left, 1), 0.0)
        deviation = np.sqrt(np.cumsum(terms))
        low, high = self.survival.copy(), self.survival.copy()
        logs = np.log(self.survival[inside])
        spread = np.exp(float(stats.norm.isf(error / 2)) * deviation[inside] / -logs)
        low[inside], high[inside] = np.exp(logs * spread), np.exp(logs / spread)
        for index in np.flatnonzero(self.survival == 0):
            high[index] = high[index - 1] if index else 1.0
        return low, high

    def quantile_interval(
        self, share: Fraction | float | str, confidence: float = 0.95
    ) -> tuple[int | None, int | None]:
        """Return the steps at which the pointwise interval holds the quantile: its ends, None where there is none.

        Brookmeyer and Crowley's interval: it begins where the lower end is at most 1 - share, and ends where the upper
        one is.
        """
        left = float(1 - _share(share))
        low, high = self.pointwise(confidence)
        return _first(self.steps, low <= left), _first(self.steps, high <= left)


def _share(share: Fraction | float | str) -> Fraction:
    try:
        exact = share if isinstance(share, Fraction) else Fraction(Decimal(str(share)))
    except (ArithmeticError, ValueError):
        exact = Fraction(0)
    if not 0 < exact < 1:
        raise InputError("share", share, "a number in (0, 1)")
    return exact


def _first(steps: NDArray[np.int64], chosen: NDArray[np.bool_]) -> int | None:
    found = np.flatnonzero(chosen)
    return int(steps[found[0]]) if found.size else None


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


@dataclass(frozen=True)
class LogRank:
    """The log-rank test that two samples have the same law.

    Attributes
    ----------
    statistic : float
        Events of the first sample beyond those expected, in standard deviations: positive where it dies faster.
    p_value : float
        Two-sided.
    """

    statistic: float
    p_value: float


def log_rank(
    times: ArrayLike, observed: ArrayLike, other_times: ArrayLike, other_observed: ArrayLike
) -> LogRank:
    """Return the log-rank test of two samples under censoring (scipy's).

    Parameters
    ----------
    times, observed, other_times, other_observed
        As for :func:`survival_curve`.

    Raises
    ------
    InputError
        If an argument is not allowed, or no event was seen.

    Examples
    --------
    >>> found = log_rank([3, 5, 5, 9], [1, 1, 1, 0], [7, 8, 9, 9], [1, 1, 0, 0])
    >>> round(found.statistic, 3), round(found.p_value, 3)
    (1.189, 0.234)
    """
    samples = [_read(times, observed), _read(other_times, other_observed)]
    if not any(seen.any() for _, seen in samples):
        raise InputError("observed", "no event", "true for at least one replica of the two samples")
    found = stats.logrank(*(stats.CensoredData(uncensored=t[seen], right=t[~seen]) for t, seen in samples))
    return LogRank(float(found.statistic), float(found.pvalue))


def kaplan_meier(
    times: NDArray[Any], observed: NDArray[np.bool_], entry: NDArray[Any] | None = None
) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the times of events, the survival after each, and the numbers at risk and of events.

    With late entry a replica is at risk after its entry only.
    """
    if not observed.any():
        return times[:0], np.empty(0), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    steps: Any
    events: Any
    steps, events = np.unique(times[observed], return_counts=True)
    ordered = np.sort(times)
    at_risk: Any = times.size - np.searchsorted(ordered, steps, side="left")
    if entry is not None:
        at_risk = at_risk - (entry.size - np.searchsorted(np.sort(entry), steps, side="left"))
        return steps, np.asarray(np.cumprod(1 - events / at_risk), dtype=np.float64), at_risk, events
    found = stats.ecdf(stats.CensoredData(uncensored=times[observed], right=times[~observed])).sf
    places = np.searchsorted(found.quantiles, steps)
    return steps, np.asarray(found.probabilities, dtype=np.float64)[places], at_risk, events


def survival_curve(
    times: ArrayLike, observed: ArrayLike, *, entry: ArrayLike | None = None, confidence: float = 0.95
) -> SurvivalCurve:
    """Return the Kaplan-Meier estimate of P(T > t) with a band for the whole curve.

    Parameters
    ----------
    times : array_like of int, shape (n_replicas,)
        Steps of the event, or of the censoring.
    observed : array_like of bool or 0/1, shape (n_replicas,)
        Whether the event came; otherwise it is censored: known only to come later.
    entry : array_like of int, shape (n_replicas,), optional
        Late entry: steps after which each replica is watched; those whose event came before are missing in the sample.
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
    >>> curve.quantile_interval(0.5)
    (3, None)
    """
    t, seen = _read(times, observed)
    late = None if entry is None else _read_entry(entry, t)
    error = check_confidence(confidence)
    found = kaplan_meier(t, seen, late)
    begin = t.size if late is None else int((late <= 0).sum())
    steps, survival, at_risk, events = (
        np.concatenate([[start], values])
        for start, values in zip((0, 1.0, max(begin, 1), 0), found, strict=True)
    )
    low, high, band = _band(t, seen, late, (survival, at_risk, events), error)
    first = int(steps.size > 1 and steps[1] == 0)  # an event at step 0: the curve begins below 1
    curve = SurvivalCurve(
        steps[first:].astype(np.int64),
        survival[first:],
        low[first:].clip(0, 1),
        high[first:].clip(0, 1),
        int(t.max()),
        confidence,
        band,
        t.size,
        int(seen.sum()),
        at_risk[first:].astype(np.int64),
        events[first:].astype(np.int64),
    )
    if late is None:
        return curve
    low, high = curve.pointwise(confidence)
    return replace(curve, low=low, high=high)


def _band(
    t: NDArray[np.int64],
    seen: NDArray[np.bool_],
    late: NDArray[np.int64] | None,
    curve: tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]],
    error: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], str]:
    """Return the ends of a band for the whole curve and its name; with late entry they are put later."""
    survival, at_risk, events = curve
    if late is not None:
        return survival, survival, "log-log, pointwise"
    if not seen.any() or _has_one_horizon(t, seen):
        width = np.full(survival.size, math.sqrt(math.log(2 / error) / (2 * t.size)))
        return survival - width, survival + width, "Dvoretzky-Kiefer-Wolfowitz-Massart"
    # K of the whole interval is on the safe side of the critical value of the part that is observed
    critical = float(stats.kstwobign.isf(error)) / math.sqrt(t.size)
    left = np.maximum(at_risk - events, 1)
    variance = t.size * np.cumsum(events / (at_risk * left))
    width = np.where(survival > 0, critical * survival * (1 + variance), 1.0)
    return survival - width, survival + width, "Hall-Wellner"


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
    t, seen = _whole("times", times), np.asarray(observed)
    if t.size == 0:
        raise InputError("times", times, "a vector of whole numbers >= 0")
    is_flag = seen.dtype == np.bool_ or (seen.dtype.kind in "iuf" and bool(np.isin(seen, (0, 1)).all()))
    if seen.shape != t.shape or not is_flag:
        raise InputError("observed", observed, f"booleans of shape {t.shape}, or 0 and 1, as the times")
    return t, seen.astype(np.bool_)


def _whole(name: str, times: ArrayLike) -> NDArray[np.int64]:
    """Return whole numbers >= 0, which may be stored as floats."""
    t = np.asarray(times)
    fine = t.ndim == 1 and t.dtype.kind in "iuf" and bool(((t >= 0) & (t < 2**62)).all())
    if not fine or (t.dtype.kind == "f" and (t != np.floor(t)).any()):
        raise InputError(name, times, "a vector of whole numbers >= 0")
    return t.astype(np.int64)


def _read_entry(entry: ArrayLike, t: NDArray[np.int64]) -> NDArray[np.int64]:
    late = _whole("entry", entry)
    if late.shape != t.shape or (late >= t).any():
        raise InputError("entry", entry, f"before the times, of shape {t.shape}")
    return late


def _has_one_horizon(t: NDArray[np.int64], seen: NDArray[np.bool_]) -> bool:
    """Return whether everything censored was censored at the end: then nothing before it is unknown."""
    return bool((t[~seen] == t.max()).all())
