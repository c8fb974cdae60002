"""Algebra of L1'."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from math import factorial

import flint

from mcpolar.balls import ball
from proofs.exact import agrees, interval_mass, least_own_weight, orders, run_checks, worst_split

WORKED = "6.763059e-25"


def check_orders_are_counted() -> None:
    """Count by listing: the words of length nm with each of m letters n times are (nm)!/(n!)^m."""
    for m, n in ((1, 3), (2, 2), (3, 1), (2, 3), (3, 2)):
        words = itertools.product(range(m), repeat=n * m)
        listed = sum(all(Counter(word)[i] == n for i in range(m)) for word in words)
        assert listed == orders(m, n) == factorial(n * m) // factorial(n) ** m


def check_orders_recursion() -> None:
    """T!/prod c_i! = sum over i with c_i > 0 of (T-1)!/(prod with c_i - 1): the induction that Coq uses."""

    def words(counts: tuple[int, ...]) -> Fraction:
        value = Fraction(factorial(sum(counts)))
        for c in counts:
            value /= factorial(c)
        return value

    for counts in itertools.product(range(4), repeat=3):
        if sum(counts):
            fewer = [tuple(c - (j == i) for j, c in enumerate(counts)) for i in range(3) if counts[i]]
            assert words(counts) == sum(map(words, fewer))


def check_split_is_half() -> None:
    """Check where b is attained: at the even split or beside it, 2^-nm there for even m; 0^0 = 1 makes p = 0 give 1."""
    for m in range(1, 13):
        for n in (1, 2, 3):
            terms = [Fraction(p, m) ** (n * p) * Fraction(m - p, m) ** (n * (m - p)) for p in range(m + 1)]
            assert terms[0] == terms[m] == 1
            assert worst_split(m, n) == terms[m // 2]
            assert m % 2 or worst_split(m, n) == Fraction(1, 2 ** (n * m))


def check_self_sending_is_no_larger_than_own_side() -> None:
    """1/(k+1) is at most the own-side share whenever the receiver is among the k+1 candidates."""
    for k in range(1, 8):
        shares = [Fraction(own, k + 1) for own in range(1, k + 2)]
        assert min(shares) == shares[0] == Fraction(1, k + 1) and shares[k] == 1


def bound(m: int, r: int, sigma: Fraction, n: int, mass: flint.arb) -> flint.arb:
    """Return (nm)!/(n!)^m / m^(nm) * b * (a mass)^(nm), a the least own weight before n updates."""
    factor = ball(Fraction(orders(m, n), m ** (n * m)) * worst_split(m, n))
    return factor * (least_own_weight(r, sigma, n) * mass) ** (n * m)


def check_worked_number() -> None:
    """Evaluate at m = 10, r = 2, sigma = 0.3."""
    sigma, one = Fraction(3, 10), Fraction(1)
    value = lambda: bound(10, 2, sigma, 2, interval_mass(Fraction(5, 6), Fraction(7, 6), one, sigma))  # noqa: E731
    assert agrees(value, WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
