"""Levels of log-odds, h/sigma^2, as doubles rounded in a stated direction."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from mcpolar.checks import exact_decimal
from mcpolar.choices import Outward
from mcpolar.parameters import ChainParameters

LARGEST_LEVEL = Decimal("1e6")


def level_log_odds(chain: ChainParameters, level: Decimal | str | float, rounding: Outward) -> float:
    """Return h/sigma^2 as the nearest double at or above ("up") or at or below ("down") the exact value.

    The exact value, of the decimals h and sigma, need not be a double. Start states at level h round up, so
    that they are truly in E_h; the event E_h rounds its threshold down, so that whatever is truly in E_h
    counts (and nothing else but log-odds within one spacing of doubles below the level).

    Raises
    ------
    InputError
        If the level is not a number from 0 to 1e6.

    Examples
    --------
    >>> level_log_odds(ChainParameters(m=2, r=1, sigma="0.2"), 3, "up")
    75.0
    """
    exact = Fraction(exact_decimal("level", level, Decimal(0), LARGEST_LEVEL)) * chain.precision
    nearest = float(exact)
    if rounding == "up":
        return nearest if Fraction(nearest) >= exact else math.nextafter(nearest, math.inf)
    return nearest if Fraction(nearest) <= exact else math.nextafter(nearest, -math.inf)
