"""Algebra of the odds facts."""

from __future__ import annotations

import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import ball, working_precision
from proofs.exact import BITS, HALF, agrees, run_checks, updated_log_odds

WORKED = "4.683621"

w, s = sp.symbols("w s", positive=True)
x, log_odds = sp.symbols("x l", real=True)
g = w / (w + (1 - w) * sp.exp(-2 * s * x))


def check_posterior_log_odds() -> None:
    """odds(g(w, x)) = odds(w) e^{2 s x}."""
    assert sp.simplify(g / (1 - g) - w / (1 - w) * sp.exp(2 * s * x)) == 0


def check_posterior_is_logistic() -> None:
    """g(logistic(l), x) = logistic(l + 2 s x)."""
    value = g.subs(w, 1 / (1 + sp.exp(-log_odds)))
    assert sp.simplify(value - 1 / (1 + sp.exp(-(log_odds + 2 * s * x)))) == 0


def check_odds_increase() -> None:
    """d/dp p/(1-p) = 1/(1-p)^2 > 0, and p/(1-p) = a has the solution a/(1+a)."""
    p, a = sp.symbols("p a", positive=True)
    assert sp.simplify(sp.diff(p / (1 - p), p) - (1 - p) ** -2) == 0
    assert sp.solve(sp.Eq(p / (1 - p), a), p) == [a / (a + 1)]


def check_odds_of_a_mean() -> None:
    """On exact fractions the odds of a mean lie between the extreme odds."""
    rng = random.Random(1)
    for _ in range(300):
        p = [Fraction(rng.randint(1, 999), 1000) for _ in range(rng.randint(1, 6))]
        mean, odds = sum(p) / len(p), [q / (1 - q) for q in p]
        assert min(odds) <= mean / (1 - mean) <= max(odds)


def check_mirror() -> None:
    """g(1-w, -x) = 1 - g(w, x)."""
    mirrored = g.subs({w: 1 - w, x: -x}, simultaneous=True)
    assert sp.simplify(mirrored - (1 - g)) == 0


def check_softplus_form() -> None:
    """Show log g = -softplus(-z) and log(1-g) = -softplus(z) at z = l + 2 s x."""
    z = sp.symbols("z", real=True)
    value = 1 / (1 + sp.exp(-z))
    assert sp.simplify(value * (1 + sp.exp(-z)) - 1) == 0
    assert sp.simplify((1 - value) * (1 + sp.exp(z)) - 1) == 0


def check_worked_number() -> None:
    """Evaluate at sigma = 1/2, l = 0, memory (1/2, 1)."""

    def log_odds() -> object:
        return updated_log_odds(ball(0), (HALF, Fraction(1)), HALF)

    assert agrees(log_odds, WORKED, 7, "nearest")
    with working_precision(BITS):
        assert bool(ball(4) < log_odds() < ball(8))


if __name__ == "__main__":
    run_checks(globals())
