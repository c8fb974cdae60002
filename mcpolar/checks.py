"""Readers of single values: a whole number, an exact decimal; each refuses what is not allowed by name."""

from __future__ import annotations

import operator
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import category

from mcpolar.errors import InputError


def whole_number(
    name: str, value: Any, low: int, high: int | None = None, high_text: str | None = None
) -> int:
    """Return `value` as an int in [low, high], or raise InputError; booleans and floats are refused."""
    allowed = (
        f"a whole number >= {low}" if high is None else f"a whole number from {low} to {high_text or high}"
    )
    if high_text is not None:
        allowed += f" = {high}"
    try:
        number = None if _is_truth_value(value) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < low or (high is not None and number > high):
        raise InputError(name, value, allowed)
    return number


def exact_decimal(name: str, value: Any, low: Decimal, high: Decimal) -> Decimal:
    """Return the exact decimal that `value` stands for, in [low, high]; a float stands for its shortest decimal."""
    allowed = f"a number from {plain(low)} to {plain(high)}"
    if _is_truth_value(value):
        raise InputError(name, value, allowed)
    try:
        if isinstance(value, float):
            number = Decimal(repr(float(value)))
        else:  # whole numbers of any library, too
            number = Decimal(operator.index(value) if hasattr(value, "__index__") else value)
    except (InvalidOperation, TypeError, ValueError):
        raise InputError(name, value, allowed) from None
    if not number.is_finite() or not low <= number <= high:
        raise InputError(name, value, allowed)
    return number


def _is_truth_value(value: Any) -> bool:
    """Return whether a value is true or false, of numpy too: early releases take theirs for whole numbers."""
    return isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def has_controls(text: str) -> bool:
    r"""Return whether a text holds characters that steer a terminal or turn the order of what stands around it.

    Examples
    --------
    >>> [has_controls(text) for text in ("red", "\x1b[31mred", "\u202etxt", "\u06af\u0644\u200c\u0647\u0627")]
    [False, True, True, False]
    """
    return any(one in _TURNING or category(one) == "Cc" for one in text)


LEAST_CONFIDENCE = 0.5


def check_confidence(confidence: float) -> float:
    """Return the two-sided error 1 - confidence; refuse a confidence outside [0.5, 1)."""
    if not isinstance(confidence, int | float) or not LEAST_CONFIDENCE <= confidence < 1:
        raise InputError("confidence", confidence, "a number from 0.5 to below 1, e.g. 0.999")
    return 1 - confidence


def plain(number: Decimal) -> str:
    """Return a decimal as a person writes it, with all its digits.

    Examples
    --------
    >>> [plain(Decimal(text)) for text in ("0.20", "0.000001", "30", "1E+20")]
    ['0.2', '1e-6', '30', '1e20']
    """
    sign, digits, exponent = number.as_tuple()
    if not number or not isinstance(exponent, int):
        return "0" if not number else str(number)
    text = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(text)
    point = len(text) + exponent  # the value is 0.text times ten to this power
    if -4 < point <= 0:
        body = "0." + "0" * -point + text
    elif 0 < point <= 16:
        body = text + "0" * exponent if exponent >= 0 else f"{text[:point]}.{text[point:]}"
    else:
        body = f"{text[0]}{'.' if len(text) > 1 else ''}{text[1:]}e{point - 1}"
    return "-" * sign + body
