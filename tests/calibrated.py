"""Statistical asserts: each is given its false-alarm rate and the discrepancy that it must resolve.

An assert computes its own critical value from the false-alarm rate alone; the tail bounds used hold for every
sample size (exact binomial; Hoeffding; exact normal; Dvoretzky-Kiefer-Wolfowitz with Massart's constant), so
that the rate is a bound and not an asymptotic promise. A sample too small to catch a discrepancy of size
`resolves` with probability `POWER` fails too: such a test could not fail for the reason it was written for.

`DiffersError` is a discrepancy, `TooSmallError` a sample without power; controls expect the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

POWER = 0.99


class DiffersError(AssertionError):
    """The sample contradicts the claim at the stated false-alarm rate."""


class TooSmallError(AssertionError):
    """The sample could not resolve the stated discrepancy."""


def assert_proportion(count: int, n: int, p: float, *, false_alarm: float, resolves: float) -> None:
    """Claim: `count` of `n` independent trials succeeded, each with probability `p`. Exact binomial.

    `resolves` is the smallest |p' - p| that must be caught, on whichever sides of p it leaves a probability.
    """
    law = stats.binom(n, p)
    low, high = _binomial_region(law, false_alarm)
    for shifted in (p - resolves, p + resolves):
        if 0 <= shifted <= 1:
            other = stats.binom(n, shifted)
            _require_power(other.cdf(low - 1) + other.sf(high), n, resolves)
    if p + resolves > 1 and p - resolves < 0:
        raise TooSmallError(f"no probability is {resolves} away from {p}")
    if not low <= count <= high:
        raise DiffersError(f"{count} of {n} is outside {low}..{high}, p = {p}, false alarms {false_alarm}")


def assert_mean(
    sample: ArrayLike,
    mean: float,
    *,
    false_alarm: float,
    resolves: float,
    bounds: tuple[float, float] | None = None,
    normal_sd: float | None = None,
) -> None:
    """Claim: independent values with this mean, in `bounds` (Hoeffding) or normal of known s.d. (exact)."""
    values = np.asarray(sample, dtype=float).ravel()
    if (bounds is None) == (normal_sd is None):
        raise TypeError("give either bounds or normal_sd")
    if bounds is not None:
        if values.min() < bounds[0] or values.max() > bounds[1]:
            raise DiffersError(f"values from {values.min()} to {values.max()} leave {bounds}")
        unit = (bounds[1] - bounds[0]) / math.sqrt(2 * values.size)
        critical, miss = (unit * math.sqrt(math.log(2 / rate)) for rate in (false_alarm, 2 * (1 - POWER)))
    else:
        unit = normal_sd / math.sqrt(values.size)
        critical, miss = (unit * stats.norm.isf(rate) for rate in (false_alarm / 2, 1 - POWER))
    if resolves < critical + miss:
        raise TooSmallError(f"{values.size} values resolve {critical + miss:.3g}, not {resolves:.3g}")
    if abs(values.mean() - mean) > critical:
        raise DiffersError(
            f"mean {values.mean()} is more than {critical:.3g} from {mean}, false alarms {false_alarm}"
        )


def assert_distribution(
    sample: ArrayLike, cdf: Callable[[np.ndarray], np.ndarray], *, false_alarm: float, resolves: float
) -> None:
    """Claim: independent values with this continuous distribution function; `resolves` is a sup-distance."""
    values = np.sort(np.asarray(sample, dtype=float).ravel())
    n = values.size
    critical = _massart(n, false_alarm)
    if resolves < critical + _massart(n, 1 - POWER):
        raise TooSmallError(f"{n} values resolve {critical + _massart(n, 1 - POWER):.3g}, not {resolves:.3g}")
    expected = cdf(values)
    distance = max(np.max(np.arange(1, n + 1) / n - expected), np.max(expected - np.arange(n) / n))
    if distance > critical:
        raise DiffersError(f"sup-distance {distance:.3g} exceeds {critical:.3g}, false alarms {false_alarm}")


def assert_same_distribution(a: ArrayLike, b: ArrayLike, *, false_alarm: float, resolves: float) -> None:
    """Claim: two independent samples of one distribution, whatever it is; `resolves` is a sup-distance."""
    first, second = (np.sort(np.asarray(sample, dtype=float).ravel()) for sample in (a, b))
    critical = _massart(first.size, false_alarm / 2) + _massart(second.size, false_alarm / 2)
    miss = _massart(first.size, (1 - POWER) / 2) + _massart(second.size, (1 - POWER) / 2)
    if resolves < critical + miss:
        raise TooSmallError(
            f"{first.size} and {second.size} values resolve {critical + miss:.3g}, not {resolves:.3g}"
        )
    grid = np.concatenate([first, second])
    shares = (np.searchsorted(sample, grid, side="right") / sample.size for sample in (first, second))
    distance = np.max(np.abs(np.subtract(*shares)))
    if distance > critical:
        raise DiffersError(f"sup-distance {distance:.3g} exceeds {critical:.3g}, false alarms {false_alarm}")


def _massart(n: int, rate: float) -> float:
    """Return e with P(sup |F_n - F| > e) <= rate, for all F, n: 2 exp(-2 n e^2) = rate (Massart 1990)."""
    return math.sqrt(math.log(2 / rate) / (2 * n))


def _binomial_region(law: stats.rv_discrete, false_alarm: float) -> tuple[int, int]:
    """Return the smallest accepted range: either tail outside it has at most half the false-alarm rate."""
    low, high = int(law.ppf(false_alarm / 2)), int(law.isf(false_alarm / 2))
    while low > 0 and law.cdf(low - 1) > false_alarm / 2:
        low -= 1
    while law.sf(high) > false_alarm / 2:
        high += 1
    return low, high


def _require_power(power: float, n: int, resolves: float) -> None:
    if power < POWER:
        raise TooSmallError(
            f"{n} trials catch a discrepancy of {resolves} with probability {power:.3g} < {POWER}"
        )
