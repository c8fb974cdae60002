"""Numbers as people read them, rounded in the direction that keeps a claim true."""

from __future__ import annotations

import math

from mcpolar.answers.passages import Quantile
from mcpolar.balls import Dyadic
from mcpolar.decimals import significant
from mcpolar.results import Bound, Estimate

FEW = 1e-3
"""Chances below are written as one in so many."""
NEAR_ONE = -2.0
"""Where the failure's log10 is less, the chance of failure is read more easily."""


def chance(log10: float, rounding: str) -> str:
    """Return a chance: a decimal, or a power of ten where it is tiny; rounded "up", "down" or to "nearest".

    Examples
    --------
    >>> chance(-0.0969, "down"), chance(-271.7, "down"), chance(-4.2, "up"), chance(float("-inf"), "up")
    ('0.8', '10^-272', '0.0000631', '0')
    """
    if log10 == -math.inf:
        return "0"
    if log10 < -6:
        return f"10^{power(log10, rounding)}"
    return plain(10**log10, rounding)


def power(log10: float, rounding: str) -> int:
    """Return a whole exponent of ten, rounded in a direction."""
    return math.floor(log10) if rounding == "down" else math.ceil(log10) if rounding == "up" else round(log10)


def plain(value: float, rounding: str, digits: int = 4) -> str:
    """Return a number without an exponent; a chance close to 1 keeps two digits of what is missing."""
    if 0.99 < value < 1:
        digits = max(digits, 2 - math.floor(math.log10(1 - value)))
    text = significant(value, min(digits, 15), rounding)  # type: ignore[arg-type]
    return f"{float(text):.12f}".rstrip("0").rstrip(".") if "e" in text else text


def at_least(bound: Bound) -> str:
    """Return a certified bound, rounded down."""
    return chance(bound.log10, "down") if bound.value.is_zero or bound.log10 < -6 else _exact(bound)


def _exact(bound: Bound) -> str:
    missing = None if bound.failure is None else bound.failure.log10_up
    if missing is not None and missing < -9:
        return f"1 - 10^{power(missing, 'up')}"
    digits = 4 if missing is None or missing > NEAR_ONE else 2 - math.floor(missing)
    text = bound.lower(digits)
    return f"{float(text):.{max(digits, 1 - int(text.partition('e')[2]) + 2)}f}".rstrip("0")


def failure_at_most(bound: Bound) -> str:
    """Return a certified upper end of 1 minus the bound, rounded up."""
    return "1" if bound.failure is None else chance(bound.failure.log10_up, "up")


def span(estimate: Estimate) -> str:
    """Return an estimate with its interval, rounded outward.

    Examples
    --------
    >>> span(Estimate(math.log(0.5), math.log(0.45), math.log(0.55), 0.999, "crude", 100, 1))
    'about 0.5 (between 0.45 and 0.55)'
    """
    low, high = plain(math.exp(estimate.log_low), "down"), plain(math.exp(estimate.log_high), "up")
    if estimate.log_probability == -math.inf:
        return f"at most {high} (it was never seen)"
    if estimate.log_probability == 0:
        return f"at least {low} (it was seen every time)"
    return f"about {plain(math.exp(estimate.log_probability), 'nearest', 3)} (between {low} and {high})"


def when(found: Quantile, rounds_of: int) -> str:
    """Return a time with its interval: steps, and rounds of so many steps."""
    if found.step is None:
        return "later than the last simulated step"
    rounds = plain(found.step / rounds_of, "nearest", 2)
    high = "the last simulated step or later" if found.high is None else f"{found.high}"
    return f"step {found.step} (round {rounds}; between {found.low} and {high})"


def steps_text(value: Dyadic, *, up: bool) -> str:
    """Return a huge number of steps as a power of ten, rounded in a direction."""
    return f"10^{power(value.log10_up, 'up') if up else power(value.log10, 'down')}"
