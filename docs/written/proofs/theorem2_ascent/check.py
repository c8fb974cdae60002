"""Algebra of T2ii' and T2ii-paper."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from functools import cache
from math import comb, factorial

import sympy as sp

from mcpolar.balls import ball
from proofs.exact import HALF, agrees, interval_mass, run_checks
from proofs.theorem2.check import step

WORKED = "1.101403e-09"
COVERED = "0.971547"
PUBLISHED = "1.202987e-09"


def cover(steps: int, m: int) -> Fraction:
    """Return C(T, m, 1) by inclusion and exclusion."""
    return sum(
        (Fraction((-1) ** j * comb(m, j) * (m - j) ** steps, m**steps) for j in range(m + 1)), Fraction(0)
    )


def check_cover_is_counted() -> None:
    """Count the sequences, against T!/m^T [z^T] (e^z - sum)^m, by listing them all."""
    z = sp.symbols("z")
    for steps, m, n in ((4, 2, 1), (5, 3, 1), (5, 2, 2), (6, 3, 2), (3, 3, 1), (2, 3, 1)):
        listed = sum(
            all(Counter(word)[i] >= n for i in range(m)) for word in itertools.product(range(m), repeat=steps)
        )
        tail = sum(z**c / factorial(c) for c in range(n, steps + 1))
        counted = sp.Poly(sp.expand(tail**m), z).coeff_monomial(z**steps) * factorial(steps)
        assert listed == counted
        assert n > 1 or Fraction(listed, m**steps) == cover(steps, m)


def check_recursion() -> None:
    """c_{T+1}(z) = (z/m) c_T(z-1) + ((m-z)/m) c_T(z) has the closed form sum_j (-1)^j binom(z,j) (1-j/m)^T."""

    def closed(steps: int, z: int, m: int) -> Fraction:
        return sum(((-1) ** j * comb(z, j) * Fraction(m - j, m) ** steps for j in range(z + 1)), Fraction(0))

    @cache
    def covered(steps: int, z: int, m: int) -> Fraction:
        if steps == 0:
            return Fraction(z == 0)
        missed = Fraction(m - z, m) * covered(steps - 1, z, m)
        return missed + (Fraction(z, m) * covered(steps - 1, z - 1, m) if z else 0)

    for m in range(1, 7):
        given = range(m + 1)
        assert given[-1] == m
        assert all(closed(t, z, m) == covered(t, z, m) for t in range(9) for z in given)


def check_union_bound() -> None:
    """C(T, m, 1) >= 1 - m (1-1/m)^T, and at T = 2 m log m the exponential form is 1 - 1/m."""
    for m in range(1, 9):
        for steps in range(1, 30):
            bound = 1 - m * (1 - Fraction(1, m)) ** steps
            assert cover(steps, m) >= bound
            assert cover(steps, m) == bound or m != 2
    m = sp.symbols("m", positive=True)
    assert sp.simplify(1 - m * sp.exp(-2 * m * sp.log(m) / m) - (1 - 1 / m)) == 0


def check_published_cell() -> None:
    """Reproduce the paper's cell sigma = 0.3, h = 1 of Table 3."""
    sigma = Fraction(3, 10)

    def paper() -> object:
        own = interval_mass(HALF, 3 * HALF, Fraction(1), sigma)
        steps, e = 60 * ball(30).log(), (-ball(1 / sigma**2)).exp()
        return ball(Fraction(29, 30)) * (steps * (own.log() - e)).exp()

    assert agrees(paper, PUBLISHED, 7, "nearest")


def check_worked_number() -> None:
    """Evaluate T2ii' at m = 30, sigma = 0.3, h = n = 1, T = 205."""
    assert agrees(lambda: ball(cover(205, 30)), COVERED, 6)
    assert agrees(lambda: ball(cover(205, 30)) * step(Fraction(3, 10), 1) ** 205, WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
