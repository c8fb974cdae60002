"""Lists and ranges on the command line: `a,b,c`, `a:b`, `a:b:step`, ends included, in exact decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from mcpolar.errors import InputError

MOST_VALUES = 10_000
LARGEST_EXPONENT = 400
LISTS = f"a list a,b,c or a range a:b or a:b:step with a <= b, step > 0 and at most {MOST_VALUES} values"


def values(name: str, text: str, *, distinct: bool = True) -> list[Decimal]:
    """Return the exact decimals of a list `a,b,c` or of ranges `a:b` and `a:b:step`, ends included.

    Equal values such as 0.3, 0.30 and 3e-1 are one, unless the list is not to be `distinct`: one number an agent.

    Raises
    ------
    InputError
        If a part is no number, a step is not positive, a range is empty or the list too long.
    """
    found: list[Decimal] = []
    for part in text.split(","):
        ends = [_number(name, text, end) for end in part.split(":")]
        if len(ends) == 1:
            found += ends
            continue
        start, stop, step = (*ends, Decimal(1))[:3]
        if len(ends) > 3 or step <= 0 or start > stop or (stop - start) / step > MOST_VALUES:
            raise InputError(name, text, LISTS)
        count = int((stop - start) / step) + 1
        found += [start + step * i for i in range(count)]
        if len(found) > MOST_VALUES:
            raise InputError(name, text, LISTS)
    return list(dict.fromkeys(found)) if distinct else found


def _number(name: str, text: str, part: str) -> Decimal:
    try:
        number = Decimal(part.strip())
    except InvalidOperation:
        raise InputError(name, text, LISTS) from None
    if not number.is_finite() or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise InputError(name, text, LISTS)
    return number


def whole_values(name: str, text: str) -> list[int]:
    """Return the whole numbers of a list or range; refuse fractions."""
    numbers = values(name, text)
    if any(number != number.to_integral_value() for number in numbers):
        raise InputError(name, text, LISTS + ", all whole numbers")
    return [int(number) for number in numbers]
