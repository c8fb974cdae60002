"""Algebra of SP."""

from __future__ import annotations

import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import ball, working_precision
from proofs.exact import (
    BITS,
    agrees,
    fractions_between,
    normal_cdf,
    replace_any_farthest,
    run_checks,
    updated_log_odds,
)

WORKED = "0.635453"
TINY = Fraction(1, 2**200)


def step(sigma: Fraction, log_odds: Fraction) -> object:
    """Return (Phi(1/sigma) + e^-H Phi(-1/sigma)) / (1 + e^-H)."""
    e, own = (-ball(log_odds)).exp(), normal_cdf(ball(1 / sigma))
    return (own + e * (1 - own)) / (1 + e)


def check_step_is_a_mixture_at_the_least_weight() -> None:
    """At w = 1/(1+e): w Phi + (1-w) (1-Phi) is the bracket; its slope in w is 2 Phi - 1 >= 0."""
    phi, e, w = sp.symbols("Phi e w", positive=True)
    chance = w * phi + (1 - w) * (1 - phi)
    assert sp.simplify(chance.subs(w, 1 / (1 + e)) - (phi + e * (1 - phi)) / (1 + e)) == 0
    assert sp.expand(sp.diff(chance, w) - (2 * phi - 1)) == 0


def check_own_half_line_never_lowers_log_odds() -> None:
    """Memory >= 0 and a draw >= 0 (0 itself included): the new log-odds are not below the old."""
    rng = random.Random(5)
    with working_precision(BITS):
        for _ in range(100):
            memory = tuple(fractions_between(rng, Fraction(0), Fraction(2), rng.randint(1, 4), 8))
            y = Fraction(rng.randint(0, 8), 4)
            for after in replace_any_farthest(memory, y):
                assert min(after) >= 0
                grown = updated_log_odds(ball(1), after, Fraction(1, 2)) - 1
                assert bool(grown > -ball(TINY))
                assert max(after) == 0 or bool(grown > 0)
                assert max(after) > 0 or bool(grown < ball(TINY))


def check_worked_number() -> None:
    """Evaluate SP at sigma = 0.3, H = 1/sigma^2, T = 1021."""
    sigma = Fraction(3, 10)
    assert agrees(lambda: step(sigma, 1 / sigma**2) ** 1021, WORKED, 6)


if __name__ == "__main__":
    run_checks(globals())
