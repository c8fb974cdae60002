"""The verdict of an estimate on a bound."""

from __future__ import annotations

import math

import numpy as np

from mcpolar.results import Bound, Estimate, Verdict

ROUNDING = 4 * float(np.finfo(float).eps)


def judge(bound: Bound, estimate: Estimate) -> Verdict:
    """Return where the interval lies, in decimal logs; a few units of rounding count against both decisions."""
    low, high = estimate.log_low / math.log(10), estimate.log_high / math.log(10)
    if low - ROUNDING * abs(low) >= bound.log10:
        return "validated"
    return "violated" if high + ROUNDING * abs(high) < bound.log10 else "consistent"


def is_above_ceiling(bound: Bound, estimate: Estimate) -> bool:
    """Return whether the whole interval, of the ceiling's own start, lies above the ceiling: then that is wrong."""
    if bound.ceiling is None:
        return False
    low = estimate.log_low / math.log(10)
    return low - ROUNDING * abs(low) > bound.ceiling.log10


def verdict_on(bound: Bound, estimate: Estimate) -> Verdict:
    """Return the verdict: that of :func:`judge`, but nothing validates a bound of 0 or one for all time."""
    found = judge(bound, estimate)
    says_nothing = bound.value.is_zero or bound.horizon_steps is None
    return "consistent" if says_nothing and found == "validated" else found
