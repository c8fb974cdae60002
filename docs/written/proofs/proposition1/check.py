"""Algebra of P1."""

from __future__ import annotations

import random
from fractions import Fraction

import sympy as sp

from proofs.exact import HALF, fractions_between, replace_any_farthest, run_checks

WORKED = "75"
SIDES = (-1, 1)


def check_ends_are_three_over_sigma_squared() -> None:
    """2 s x at x = 3/2, -3/2, 1/2 is 3 s, -3 s, s."""
    s, x = sp.symbols("s x", positive=True)
    shift = 2 * s * x
    assert [shift.subs(x, sp.Rational(n, 2)) for n in (3, -3, 1)] == [3 * s, -3 * s, s]


def check_new_memory_stays_in_the_intervals() -> None:
    """Whatever the tie rule, the new memory holds old elements and y only."""
    rng = random.Random(2)
    for _ in range(200):
        sides = [rng.choice(SIDES) for _ in range(5)]
        values = [
            side * value for side, value in zip(sides, fractions_between(rng, HALF, 3 * HALF, 5), strict=True)
        ]
        for after in replace_any_farthest(values[:4], values[4]):
            assert set(after) <= set(values)
            assert all(-3 <= 2 * x <= 3 for x in after)


def check_ends_are_attained() -> None:
    """Show that a memory of one value has the odds of that value: the mean of equal numbers."""
    odds, factor = Fraction(3, 7), Fraction(11, 2)
    weight = odds * factor / (1 + odds * factor)
    mean = sum([weight] * 4) / 4
    assert mean / (1 - mean) == odds * factor


def check_worked_number() -> None:
    """Evaluate at sigma = 0.2."""
    s = 1 / Fraction(1, 5) ** 2
    assert 3 * s == int(WORKED) and s == 25


if __name__ == "__main__":
    run_checks(globals())
