"""Algebra of T1C1 and T1C2."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import ball, working_precision
from proofs.exact import (
    BITS,
    HALF,
    agrees,
    fractions_between,
    interval_mass,
    normal_cdf,
    replace_any_farthest,
    run_checks,
    updated_log_odds,
)

WORKED = "3.893e-01"


def check_own_draws_never_lower() -> None:
    """Draws >= 0 keep memory >= 0, do not lower l, and raise it by 1/sigma^2 once all memory is in [1/2, 3/2]."""
    rng = random.Random(1)
    sigma = Fraction(1, 2)
    with working_precision(BITS):
        for _ in range(60):
            memory = tuple(fractions_between(rng, Fraction(0), Fraction(3), rng.randint(1, 4), 12))
            log_odds = ball(Fraction(rng.randint(1, 40), 4))
            for _ in range(4):
                y = fractions_between(rng, Fraction(0), Fraction(2), 1, 12)[0]
                memory = rng.choice(sorted(set(replace_any_farthest(memory, y))))
                after = updated_log_odds(log_odds, memory, sigma)
                assert min(memory) >= 0
                assert not after < log_odds
                if all(HALF <= x <= 3 * HALF for x in memory):
                    assert not after < log_odds + ball(1 / sigma**2)
                log_odds = after


def check_draws_in_i_keep_memory_in_i() -> None:
    """Replace an element of I+ by one of I+: the memory stays in I+."""
    grid = [Fraction(n, 6) for n in range(3, 10)]
    for memory in itertools.product(grid, repeat=2):
        for y in grid:
            assert all(HALF <= x <= 3 * HALF for after in replace_any_farthest(memory, y) for x in after)


def check_numbers_of_updates_are_multinomial() -> None:
    """Sum prod q_{u_i} over receiver sequences: N! [z^N] of the power of the series."""
    q = [Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(2, 5), Fraction(1, 7)]
    z = sp.Symbol("z")
    for m, steps in ((2, 4), (3, 4)):
        listed = sum(
            (
                q[order.count(0)] * q[order.count(1)] * (q[order.count(2)] if m == 3 else 1)
                for order in itertools.product(range(m), repeat=steps)
            ),
            Fraction(0),
        )
        series = sum(
            sp.Rational(c.numerator, c.denominator) * z**u / sp.factorial(u) for u, c in enumerate(q)
        )
        coefficient = sp.expand(series**m).coeff(z, steps) * sp.factorial(steps)
        assert coefficient == sp.Rational(listed.numerator, listed.denominator)


def check_weights_are_monotone_in_the_start() -> None:
    """P2': (min(u,r)/r) logistic(l + s) rises with l."""
    odds, s = sp.symbols("l s", real=True)
    slope = sp.diff(1 / (1 + sp.exp(-odds - s)), odds)
    assert sp.simplify(slope - sp.exp(-odds - s) / (1 + sp.exp(-odds - s)) ** 2) == 0


def check_expected_time() -> None:
    """N sum_j (1-v)^j = N/v."""
    v, n = sp.symbols("v N", positive=True)
    j = sp.symbols("j", integer=True, nonnegative=True)
    total = sp.summation((1 - v) ** j, (j, 0, sp.oo))
    assert sp.simplify(n * total.args[0][0] - n / v) == 0


def check_worked_number() -> None:
    """Evaluate T1C1 at m = 2, r = 1, sigma = 1/2, H = 10, N = 4 by listing the receivers."""

    def value():  # type: ignore[no-untyped-def]
        own = interval_mass(HALF, 3 * HALF, Fraction(1), HALF)
        kept = normal_cdf(ball(2))
        total = ball(0)
        for order in itertools.product(range(2), repeat=4):
            first = order.count(0)
            if 0 < first < 4:
                total += own**2 * kept**2 / 16
        return total / (1 + ball(-10).exp()) ** 4

    assert agrees(value, WORKED, 4)


if __name__ == "__main__":
    run_checks(globals())
