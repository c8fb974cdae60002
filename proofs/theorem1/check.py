"""Algebra of T1' and its corollary."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from mcpolar.balls import working_precision
from proofs.exact import BITS, HALF, agrees, interval_mass, run_checks, updates_to_level, worst_split
from proofs.lemma1.check import bound

WORKED = "1.067533e-205"


def check_split_is_at_least_two_to_minus_nm() -> None:
    """Show b >= 2^-nm: x log x + (1-x) log(1-x) is least at 1/2, where it is -log 2."""
    x = sp.symbols("x", positive=True)
    entropy = x * sp.log(x) + (1 - x) * sp.log(1 - x)
    assert sp.solve(sp.diff(entropy, x), x) == [sp.Rational(1, 2)]
    assert sp.simplify(entropy.subs(x, sp.Rational(1, 2)) + sp.log(2)) == 0
    assert sp.simplify(sp.diff(entropy, x, 2) - 1 / (x * (1 - x))) == 0
    assert all(worst_split(m, 2) >= HALF ** (2 * m) for m in range(1, 12))


def check_waiting_time() -> None:
    """sum_j (1-q)^j = 1/q."""
    q = sp.symbols("q", positive=True)
    j = sp.symbols("j", integer=True, nonnegative=True)
    total = sp.summation((1 - q) ** j, (j, 0, sp.oo))
    assert sp.simplify(total.args[0][0] - 1 / q) == 0


def check_share_of_own_side_under_k() -> None:
    """Why k needs another b: weights .51, .99 | .49, .48 , k = 2: own-side share 1/3 < 2/4 at .51."""
    weights = [Fraction(n, 100) for n in (51, 99, 49, 48)]
    others = sorted((abs(w - weights[0]), j) for j, w in enumerate(weights) if j)
    candidates = [0, *(j for _, j in others[:2])]
    assert candidates == [0, 2, 3]
    assert Fraction(sum(weights[j] >= HALF for j in candidates), 3) == Fraction(1, 3)


def check_worked_number() -> None:
    """Evaluate at m = 30, r = 5, sigma = 0.2."""
    sigma = Fraction(1, 5)
    with working_precision(BITS):
        assert updates_to_level(5, sigma, 1) == 5
    mass = lambda: interval_mass(Fraction(5, 6), Fraction(7, 6), Fraction(1), sigma)  # noqa: E731
    assert agrees(lambda: bound(30, 5, sigma, 5, mass()), WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
