"""The chance that a sum of independent bounded variables is small, from above: laws in units of 2^-bits, rounded up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import flint


@dataclass(frozen=True)
class Lumps:
    """The law of one agent's variable on 0..top, moved down: chances from below that it is at least so large.

    Attributes
    ----------
    agents : int
        How many independent agents have it.
    places : tuple of int
        Increasing values; the last one is the top.
    tails : tuple of float
        P(variable >= place), from below, decreasing.
    summit : float
        The chance to be beyond a value above the top, from below.
    total : float
        The whole mass, from above: 1, or the chance to be alive.
    """

    agents: int
    places: tuple[int, ...]
    tails: tuple[float, ...]
    summit: float
    total: float

    def polynomial(self, bits: int) -> flint.fmpz_poly:
        """Return the law in units of 2^-bits: its total rounded up and its tails down."""
        whole = [_units(tail, bits) for tail in self.tails]
        total = max(_units(self.total, bits) + 1, whole[0])
        coefficients = [0] * (self.places[-1] + 1)
        for place, mass in zip(
            (0, *self.places),
            (total - whole[0], *(a - b for a, b in itertools.pairwise([*whole, 0]))),
            strict=True,
        ):
            coefficients[place] += mass
        return flint.fmpz_poly(coefficients)


def _units(chance: float, bits: int) -> int:
    numerator, denominator = chance.as_integer_ratio()
    return (numerator << bits) // denominator


@dataclass(frozen=True)
class LowerTail:
    """Chances from above, in units of 2^-bits, that the sum is less than 0, 1, 2, …, up to the cut.

    `summit` is the chance that not all are beyond the summit; that value is `top` + 1.
    """

    below: tuple[int, ...]
    top: int
    summit: int
    bits: int

    def chance_below(self, value: int) -> int:
        """Return P(sum < value) in units of 2^-bits, from above."""
        if value > self.top:
            return self.summit
        return self.below[value] if value < len(self.below) else 1 << self.bits

    def largest(self, chance: float, summit: float) -> int:
        """Return the largest value that is missed with at most this chance; the summit has its own."""
        if self.summit <= _units(summit, self.bits):
            return self.top + 1
        limit, found = _units(chance, self.bits), 0
        while found + 1 < len(self.below) and self.below[found + 1] <= limit:
            found += 1
        return found


def lower_tail(laws: Sequence[Lumps], cut: int, bits: int) -> LowerTail:
    """Return P(sum < value) for values up to `cut`, from above."""
    product = flint.fmpz_poly([1 << bits])
    for law in laws:
        product = _rounded_up(product.mul_low(_power(law.polynomial(bits), law.agents, cut, bits), cut), bits)
    coefficients = [int(one) for one in product.coeffs()]
    coefficients += [0] * (cut - len(coefficients))
    below = itertools.accumulate(coefficients, initial=0)
    top = sum(law.agents * law.places[-1] for law in laws)
    return LowerTail(tuple(below), top, _not_all_beyond(laws, bits), bits)


def _not_all_beyond(laws: Sequence[Lumps], bits: int) -> int:
    """Return the total mass less the chance that every variable is beyond the summit, from above."""
    one = 1 << bits
    total, top = one, one
    for law in laws:
        for _ in range(law.agents):
            total = -(-total * min(one, _units(law.total, bits) + 1) // one)
            top = top * _units(law.summit, bits) // one
    return total - top


def _rounded_up(polynomial: flint.fmpz_poly, bits: int) -> flint.fmpz_poly:
    return -((-polynomial) // (1 << bits))


def _power(base: flint.fmpz_poly, exponent: int, cut: int, bits: int) -> flint.fmpz_poly:
    result = flint.fmpz_poly([1 << bits])
    while exponent:
        if exponent & 1:
            result = _rounded_up(result.mul_low(base, cut), bits)
        exponent >>= 1
        if exponent:
            base = _rounded_up(base.mul_low(base, cut), bits)
    return result
