"""Algebra of L2'."""

from __future__ import annotations

from fractions import Fraction

from mcpolar.balls import ball, working_precision
from proofs.exact import BITS, HALF, agrees, interval_mass, run_checks, updated_log_odds, updates_to_level
from proofs.lemma1.check import bound

WORKED = "1.867444e-25"
TINY = Fraction(1, 2**200)


def check_mass_is_of_the_own_interval() -> None:
    """N(1, sigma^2) gives I+ the mass P(|Z| <= 1/(2 sigma)) = erf(1/(2 sqrt2 sigma))."""
    with working_precision(BITS):
        for sigma in (Fraction(1, 20), Fraction(3, 10), Fraction(1)):
            mass = interval_mass(HALF, 3 * HALF, Fraction(1), sigma)
            by_erf = (ball(1 / (2 * sigma)) / ball(2).sqrt()).erf()
            assert bool(abs(mass - by_erf) < ball(TINY))


def check_paper_assumption_can_fail() -> None:
    """Exhibit: an own-side update can pull an agent below weight 1/2: r = 3, memory (-3/2)^3, l = 0, update 1."""
    sigma = Fraction(3, 10)
    with working_precision(BITS):
        memory = (Fraction(1), Fraction(-3, 2), Fraction(-3, 2))
        assert bool(updated_log_odds(ball(0), memory, sigma) < 0)


def check_worked_number() -> None:
    """Evaluate at m = 10, r = 2, sigma = 0.3."""
    sigma = Fraction(3, 10)
    with working_precision(BITS):
        assert updates_to_level(2, sigma, 1) == 3
    mass = lambda: interval_mass(HALF, 3 * HALF, Fraction(1), sigma)  # noqa: E731
    assert agrees(lambda: bound(10, 2, sigma, 3, mass()), WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
