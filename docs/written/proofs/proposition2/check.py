"""Algebra of P2 and P2'."""

from __future__ import annotations

import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import ball, working_precision
from proofs.exact import (
    BITS,
    HALF,
    agrees,
    fractions_between,
    least_own_weight,
    own_log_odds,
    replace_farthest,
    run_checks,
    updated_log_odds,
    updates_to_level,
)

WORKED = "0.1999999999972"
SIGMAS = [Fraction(n, 20) for n in (1, 4, 6, 10, 14)]


def check_gains_cover_costs() -> None:
    """-s - 3rs + (3r+2)s = s; closed intervals: -s - 3(2r-1)s + (6r-1)s = s with 8r-2 updates in all."""
    r, s = sp.symbols("r s", positive=True)
    assert sp.expand(-s - 3 * r * s + (3 * r + 2) * s - s) == 0
    clearing, gaining = 2 * r - 1, 6 * r - 1
    assert sp.expand(-s - 3 * clearing * s + gaining * s - s) == 0
    assert sp.expand(clearing + gaining - (8 * r - 2)) == 0


def check_growth_after_clearing() -> None:
    """For u > r: lambda_u = lambda_{u-1} + s."""
    lam, s = sp.symbols("lambda s", real=True)
    a = 1 / (1 + sp.exp(-(lam + s)))
    assert sp.simplify(a / (1 - a) - sp.exp(lam + s)) == 0


def check_least_weight_covers_finished_senders() -> None:
    """Show: min over u < n of a_u is at most a_n, at n = n(h) and at n = r."""
    with working_precision(BITS):
        for sigma in SIGMAS:
            for r in (1, 2, 3, 5, 10):
                for n in (r, updates_to_level(r, sigma, 1), updates_to_level(r, sigma, 3)):
                    lower = own_log_odds(r, sigma, n)
                    assert any(bool(value < lower[n]) for value in lower[:n])


def check_own_weight_along_random_paths() -> None:
    """Show w >= a_u along paths with exact memories: updates in J+, ends included, from hostile memories."""
    rng = random.Random(4)
    with working_precision(16 * BITS):  # at sigma = 0.05 the two sides differ by e^-2400
        for _ in range(100):
            r, sigma = rng.randint(1, 4), rng.choice(SIGMAS)
            memory = tuple(fractions_between(rng, Fraction(-3), Fraction(3), r))
            log_odds, lower = ball(0), own_log_odds(r, sigma, r + 2)
            for u, y in enumerate(fractions_between(rng, Fraction(5, 6), Fraction(7, 6), r + 2, 4), 1):
                memory = replace_farthest(memory, y)
                log_odds = updated_log_odds(log_odds, memory, sigma)
                assert bool(log_odds > lower[u])
            assert u == r + 2


def check_tie_breaks_the_closed_form() -> None:
    """Exhibit r = 2, memory (-1/2, -1/2), l = 0, updates 3/2 and 1/2: a tie, and w < a_2."""
    sigma = Fraction(1, 5)
    with working_precision(BITS):
        memory, log_odds = (-HALF, -HALF), ball(0)
        # the rule "smaller index" takes 3/2, which replaced the first element
        for y in (3 * HALF, HALF):
            memory = replace_farthest(memory, y)
            log_odds = updated_log_odds(log_odds, memory, sigma)
        assert memory == (HALF, -HALF)
        assert bool(log_odds < own_log_odds(2, sigma, 2)[2])


def check_worked_number() -> None:
    """Evaluate at r = 5, sigma = 0.2."""
    sigma = Fraction(1, 5)
    with working_precision(BITS):
        assert updates_to_level(5, sigma, 1) == 5
    assert agrees(lambda: least_own_weight(5, sigma, 5), WORKED, 13)


if __name__ == "__main__":
    run_checks(globals())
