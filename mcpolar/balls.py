"""Ball arithmetic with directed decimal output: the only module that touches python-flint's precision.

python-flint's `arb` encloses every result, but it cannot be pickled, its precision is one global shared by all
threads, and a comparison that the balls cannot decide is False both ways. Hence: balls are made and used only inside
:func:`working_precision`, which holds a lock; what leaves is a :class:`Dyadic` (exact, picklable, hashable); and
comparisons go through :func:`certainly_less`, which answers `None` when the balls overlap.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, TypeAlias

import flint

from mcpolar.errors import InputError, PrecisionError

Rounding: TypeAlias = Literal["down", "nearest", "up"]
Ball: TypeAlias = "flint.arb"

START_BITS = 128
LARGEST_BITS = 1 << 14
_LOCK = threading.RLock()
_HELD = threading.local()


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Hold the lock on python-flint's global context and compute at `bits` bits inside it."""
    with _LOCK:
        before = flint.ctx.prec
        flint.ctx.prec = bits
        _HELD.depth = _depth() + 1
        try:
            yield
        finally:
            _HELD.depth -= 1
            flint.ctx.prec = before


def _depth() -> int:
    """Return how many times this thread is inside :func:`working_precision`."""
    depth: int = getattr(_HELD, "depth", 0)
    return depth


@contextmanager
def guard_bits(bits: int) -> Iterator[None]:
    """Compute at `bits` more than the working precision, for a step that is known to lose some."""
    with _LOCK, working_precision(flint.ctx.prec + bits):
        yield


def ball(value: int | Fraction | Decimal | Ball) -> Ball:
    """Return a ball that contains the exact `value`; a float is refused, since its decimal was lost already.

    Raises
    ------
    RuntimeError
        Outside :func:`working_precision` (which `lower_end`, `upper_end`, `enclosure` and `decide` enter): a ball
        made there has another thread's precision, or flint's 53 bits.
    """
    if _depth() == 0:
        raise RuntimeError(
            "a ball is made inside working_precision, for example in the function given to lower_end"
        )
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, bool | float):
        raise TypeError(f"a ball is made from an int, Fraction or Decimal, not from {value!r}")
    exact = Fraction(value)
    return flint.arb(flint.fmpq(exact.numerator, exact.denominator))


def certainly_less(a: Ball, b: Ball) -> bool | None:
    """Return whether `a < b`, or None when the balls cannot decide it at this precision."""
    if bool(a < b):
        return True
    return False if bool(a >= b) else None


def decide(question: Callable[[], bool | None]) -> bool:
    """Ask `question` at rising precision until it answers; equality of its two sides ends in PrecisionError."""
    bits = START_BITS
    while bits <= LARGEST_BITS:
        with working_precision(bits):
            answer = question()
        if answer is not None:
            return answer
        bits *= 2
    raise PrecisionError(f"a comparison could not be decided at {LARGEST_BITS} bits")


@dataclass(frozen=True, order=False)
class Dyadic:
    """The exact number `mantissa * 2**exponent`: how a certified end leaves ball arithmetic.

    Examples
    --------
    >>> Dyadic(3, -2).fraction
    Fraction(3, 4)
    >>> Dyadic(1, -3000).decimal(4), Dyadic(1, -3000).log10
    ('8.128e-904', -903.0899869919436)
    """

    mantissa: int
    exponent: int

    def __repr__(self) -> str:
        # hexadecimal: Python refuses to write integers of more than 4300 decimal digits
        return f"Dyadic({self.mantissa:#x}, {self.exponent})"

    @property
    def fraction(self) -> Fraction:
        """The same number as a fraction (large when the exponent is)."""
        if self.exponent >= 0:
            return Fraction(self.mantissa << self.exponent)
        return Fraction(self.mantissa, 1 << -self.exponent)

    @property
    def is_zero(self) -> bool:
        """Whether the number is 0."""
        return self.mantissa == 0

    def ball(self) -> Ball:
        """Return a ball that contains the number, at the working precision."""
        return ball(self.mantissa) * ball(2) ** flint.fmpz(self.exponent)

    @property
    def log10(self) -> float:
        """The decimal logarithm as a double, rounded down; -inf at 0, ValueError below."""
        return self._log10(up=False)

    @property
    def log10_up(self) -> float:
        """The decimal logarithm as a double, rounded up: for certified upper ends."""
        return self._log10(up=True)

    def _log10(self, *, up: bool) -> float:
        if self.mantissa < 0:
            raise ValueError("log10 of a negative number")
        if self.is_zero:
            return -math.inf
        with working_precision(START_BITS + max(self.mantissa.bit_length(), abs(self.exponent).bit_length())):
            exact = self.ball().log() / flint.arb(10).log()
            nearest = float(exact.mid())
            if up:
                return nearest if bool(flint.arb(nearest) >= exact) else math.nextafter(nearest, math.inf)
            return nearest if bool(flint.arb(nearest) <= exact) else math.nextafter(nearest, -math.inf)

    def decimal(self, digits: int = 7, rounding: Rounding = "down") -> str:
        """Return the number to `digits` significant digits, rounded toward zero, away from it, or to nearest.

        Parameters
        ----------
        digits : int
            Significant digits, at least 1 (InputError otherwise).
        rounding : {"down", "nearest", "up"}
            Direction: "down" is toward zero, "up" away from it; a tie of "nearest" goes away from it.

        Returns
        -------
        str
            Such as "6.298248e-22"; "0" for zero. It never underflows.
        """
        if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MOST_DIGITS:
            raise InputError("digits", digits, f"a whole number from 1 to {MOST_DIGITS}")
        if self.is_zero:
            return "0"
        sign = "-" if self.mantissa < 0 else ""
        size = Dyadic(abs(self.mantissa), self.exponent)
        power = _power_of_ten(size)
        units = _units(size, digits - 1 - power, rounding)
        if units >= 10**digits:  # rounded up to the next power of ten, or guessed below an exact one
            power += 1
            units = _units(size, digits - 1 - power, rounding)
        text = str(units)
        return f"{sign}{text[0]}{'.' if digits > 1 else ''}{text[1:]}e{power:+03d}"


EXACT_EXPONENTS = 4096
MOST_DIGITS = 1000
_OFFSET = {"down": 0, "nearest": 1, "up": 2}


def _power_of_ten(size: Dyadic) -> int:
    """Return floor(log10(size)), or one less where size is a power of ten (a double's log10 would be too coarse)."""
    bits = START_BITS + size.mantissa.bit_length() + size.exponent.bit_length()
    with working_precision(bits):
        logarithm = size.ball().log() / flint.arb(10).log()
        return int(logarithm.lower().floor().unique_fmpz())


def _units(size: Dyadic, shift: int, rounding: Rounding) -> int:
    """Return `size * 10**shift` (size > 0) as an integer, rounded.

    Up to `EXACT_EXPONENTS`, or the mantissa's own length, rational arithmetic settles it. Beyond, the value cannot
    be an integer or half of one, so that rising precision decides.
    """
    if abs(size.exponent) <= max(EXACT_EXPONENTS, 2 * size.mantissa.bit_length()):
        scaled = size.fraction * Fraction(10) ** shift
        if rounding == "up":
            return math.ceil(scaled)
        return math.floor(2 * scaled + _OFFSET[rounding]) // 2
    bits = START_BITS + size.mantissa.bit_length() + size.exponent.bit_length()
    while bits <= LARGEST_BITS:
        with working_precision(bits):
            doubled = 2 * size.ball() * flint.arb(10) ** flint.fmpz(shift) + _OFFSET[rounding]
            whole = doubled.floor().unique_fmpz()
        if whole is not None:
            return int(whole) // 2
        bits *= 2
    raise PrecisionError(f"decimal digits could not be settled at {LARGEST_BITS} bits")


def _dyadic(exact: Ball) -> Dyadic:
    mantissa, exponent = exact.man_exp()
    return Dyadic(int(mantissa), int(exponent))


def lower_end(value: Callable[[], Ball], accuracy_bits: int = 96) -> Dyadic:
    """Return a certified lower end of a non-negative quantity, sharp to `accuracy_bits` relative bits.

    Parameters
    ----------
    value : callable
        Evaluates the quantity in balls at the working precision; called at rising precision.
    accuracy_bits : int
        Wanted relative accuracy of the enclosure. If it cannot be had, the largest precision's lower end is returned:
        it is still a lower bound.

    Returns
    -------
    Dyadic
        At most the true value, and never negative: where the ball reaches below zero the end is 0.

    Raises
    ------
    PrecisionError
        If the enclosure is not finite at any precision.
    """
    return _positive_part(enclosure(value, accuracy_bits)[0])


def upper_end(value: Callable[[], Ball], accuracy_bits: int = 96) -> Dyadic:
    """Return a certified upper end of a non-negative quantity: the mirror image of :func:`lower_end`."""
    return _positive_part(enclosure(value, accuracy_bits)[1])


def _positive_part(end: Dyadic) -> Dyadic:
    return end if end.mantissa > 0 else Dyadic(0, 0)


def enclosure(value: Callable[[], Ball], accuracy_bits: int = 96) -> tuple[Dyadic, Dyadic]:
    """Return certified ends (low, high) of a quantity of any sign: as :func:`lower_end` and :func:`upper_end`."""
    bits, found = START_BITS, None
    while bits <= LARGEST_BITS:
        with working_precision(bits):
            enclosed = value()
            if enclosed.is_finite():
                found = _dyadic(enclosed.lower()), _dyadic(enclosed.upper())
                if enclosed.rel_accuracy_bits() >= accuracy_bits or enclosed.is_exact():
                    return found
        bits *= 2
    if found is None:
        raise PrecisionError(f"the value has no finite enclosure at {LARGEST_BITS} bits")
    return found
