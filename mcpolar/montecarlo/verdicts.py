"""The verdict of an estimate on a bound."""

from __future__ import annotations

import math

import numpy as np

from mcpolar.results import Bound, Estimate, Verdict

ROUNDING = 4 * float(np.finfo(float).eps)


def judge(bound: Bound, estimate: Estimate) -> Verdict:
    """Return where the interval lies, in decimal logs; a few units of rounding count against both decisions.

    Examples
    --------
    >>> from mcpolar.bounds import theorem2
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = theorem2(ChainParameters(m=30, r=5, sigma="0.2"), level=1, steps=10)
    >>> bound.lower(3)
    '8.82e-01'
    >>> ends = [(-0.2, -0.1, 0.0), (-0.01, -0.005, 0.0), (-0.9, -0.8, -0.7)]
    >>> [judge(bound, Estimate(middle, low, high, 0.999, "an example", 1, 1)) for low, middle, high in ends]
    ['consistent', 'validated', 'violated']
    """
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
