"""Decimals of numbers that are kept as logarithms, rounded in a stated direction."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcpolar.balls import Rounding


_EXACT = Context(prec=50)
_LOG_10 = _EXACT.ln(Decimal(10))


def scientific(log_value: float, digits: int = 7, rounding: Rounding = "nearest") -> str:
    """Return e^log_value as a decimal such as "2.98e-45", also where a double underflows; "nan" where there is none.

    "down" and "up" round the last digit outward by more than the double's own rounding of the logarithm, but
    not beyond 1.

    Examples
    --------
    >>> scientific(-1611.8095650958319, 3), scientific(-1.0, 3, "down"), scientific(-1.0, 3, "up")
    ('1.00e-700', '3.67e-01', '3.68e-01')
    """
    if log_value == -math.inf or math.isnan(log_value):
        return "0" if log_value < 0 else "nan"
    slack = {"nearest": 0.0, "down": -1.0, "up": 1.0}[rounding] * 4e-16 * (1 + abs(log_value))
    # in decimals: a double's power of ten would round across a power, and a lower end just below 1 up to it
    log10 = _EXACT.divide(Decimal(log_value) + Decimal(slack), _LOG_10)
    power = math.floor(log10)
    scaled = _EXACT.power(Decimal(10), log10 - power + digits - 1)
    units = round(scaled) if rounding == "nearest" else math.floor(scaled) + (rounding == "up")
    if units >= 10**digits:
        power, units = power + 1, 10 ** (digits - 1)
    if log_value <= 0 and power >= 0:  # an upper end is not rounded beyond 1
        power, units = 0, 10 ** (digits - 1)
    text = str(units)
    return f"{text[0]}{'.' if digits > 1 else ''}{text[1:]}e{power:+03d}"


def significant(value: float, digits: int = 6, rounding: Rounding = "nearest") -> str:
    """Return a double to some significant digits; "down" rounds toward -infinity, "up" toward +infinity.

    Examples
    --------
    >>> significant(-1.003643), significant(-1.0036431, 6, "down"), significant(-1.0036439, 6, "up")
    ('-1.00364', '-1.00365', '-1.00364')
    """
    nearest = f"{value:.{digits}g}"
    if rounding == "nearest" or not math.isfinite(value) or float(nearest) == value:
        return nearest
    way = ROUND_FLOOR if rounding == "down" else ROUND_CEILING
    return f"{float(Context(prec=digits, rounding=way).plus(Decimal(value))):.{digits}g}"


def is_number(text: str) -> bool:
    """Return whether a text is a number, infinities included."""
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False
