"""Algebra of T2' and T2-paper."""

from __future__ import annotations

from fractions import Fraction

import flint
import sympy as sp

from mcpolar.balls import ball, working_precision
from proofs.exact import BITS, HALF, agrees, interval_mass, run_checks

WORKED = "2.798714e-45"
PUBLISHED = "2.984834e-45"


def least_odds(sigma: Fraction, level: int) -> flint.arb:
    """Return e^-H, H = level/sigma^2."""
    return (-ball(level / sigma**2)).exp()


def step(sigma: Fraction, level: int) -> object:
    """Return q = (P + e^-H P_x) / (1 + e^-H), H = level/sigma^2."""
    e, own = least_odds(sigma, level), interval_mass(HALF, 3 * HALF, Fraction(1), sigma)
    other = interval_mass(HALF, 3 * HALF, Fraction(-1), sigma)
    return (own + e * other) / (1 + e)


def check_distances_within_and_across() -> None:
    """With a = 1/(1+e^H): 1 - 2a > a exactly when e^H > 2."""
    e = sp.symbols("e", positive=True)
    a = 1 / (1 + e)
    assert sp.factor(sp.together(1 - 2 * a - a)) == (e - 2) / (e + 1)


def check_step_is_a_mixture_at_the_least_weight() -> None:
    """(1-a) P + a P_x = (P + e^-H P_x)/(1 + e^-H), and the chance rises with the weight as P >= P_x."""
    p, p_x, e, w = sp.symbols("P P_x e w", positive=True)
    a = sp.simplify(1 - 1 / (1 + e))
    assert sp.simplify((1 - a) * p + a * p_x - (p + e * p_x) / (1 + e)) == 0
    assert sp.diff(w * p + (1 - w) * p_x, w) == p - p_x


def check_own_mass_is_larger() -> None:
    """P >= P_x: shifted by 2/sigma, every point of [-1/(2 sigma), 1/(2 sigma)] gets farther from 0."""
    u, s = sp.symbols("u sigma", positive=True)
    assert (
        sp.expand((u + 2 / s) ** 2 - u**2 - 4 / s * (u + 1 / s)) == 0
    )  # >= 0 for u >= -1/(2 sigma) > -1/sigma
    with working_precision(BITS):
        for sigma in (Fraction(1, 20), HALF, Fraction(3), Fraction(100)):
            own = interval_mass(HALF, 3 * HALF, Fraction(1), sigma)
            assert bool(own > interval_mass(HALF, 3 * HALF, Fraction(-1), sigma))


def check_paper_form_is_weaker() -> None:
    """P e^{-x} <= (P + x P_x)/(1 + x): e^x >= 1 + x."""
    with working_precision(BITS):
        for sigma in (Fraction(1, 5), Fraction(3, 10), Fraction(2, 5)):
            for level in (1, 2, 5):
                own = interval_mass(HALF, 3 * HALF, Fraction(1), sigma)
                paper = own * (-least_odds(sigma, level)).exp()
                assert bool(paper < step(sigma, level))


def check_published_cell() -> None:
    """Reproduce the paper's cell sigma = 0.3, h = 1 of Table 1, at T = 10 m log m as a real number."""
    sigma = Fraction(3, 10)

    def paper() -> object:
        steps = 300 * ball(30).log()
        own = interval_mass(HALF, 3 * HALF, Fraction(1), sigma)
        return (steps * (own.log() - least_odds(sigma, 1))).exp()

    assert agrees(paper, PUBLISHED, 7, "nearest")


def check_worked_number() -> None:
    """Evaluate T2' at sigma = 0.3, h = 1, T = 1021."""
    assert agrees(lambda: step(Fraction(3, 10), 1) ** 1021, WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
