"""PM1: memory size 1, any memory (proofs/permanence)."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from mcpolar.balls import Ball, ball
from mcpolar.bounds.polarized_start import Start, best_p_star, permanence_record
from mcpolar.checks import plain
from mcpolar.results import Assumption, Bound


def permanence_one(start: Start, theta: Decimal | None) -> Bound:
    """Certify 1 - A m e^{-theta H} at `theta`, or at the exponent that a search in floats finds.

    A = max(p*^{-theta}, 2 p*^{1-theta} / ((1+p*)(1-rho))) with rho = e^{-2 theta (1-theta)/sigma^2}, for any theta in
    (0, 1) and any p* <= min(1/2, (1-theta)/theta) above e^{-H}.
    """
    spread = float(start.chain.precision)
    exponent = _best_theta(spread, float(start.log_odds)) if theta is None else theta
    p_star = best_p_star(
        math.log(_best_p_star(float(exponent), float(1 - Fraction(exponent)), spread)), exponent
    )
    text = f"r = 1: this is the theorem for memory size 1 (r = {start.chain.r})"
    return permanence_record(
        start,
        form="certified",
        parameters={"theta": plain(exponent), "p_star": plain(p_star)},
        assumptions=(Assumption("memory-one", text, start.chain.r == 1), start.near(p_star)),
        failure=lambda: _failure(start, Fraction(exponent), Fraction(p_star)),
        memory="any memory",
        vacuous="A m e^{-theta H}",
    )


def _best_p_star(theta: float, away: float, spread: float) -> float:
    """Return min(1/2, (1-theta)/theta, (1-rho)/(1+rho)) for away = 1 - theta.

    Up to the last of them A is p*^{-theta}, which falls; beyond, the other term of A is larger and rises.
    """
    return min(0.5, away / theta, math.tanh(theta * away * spread))


def _best_theta(spread: float, log_odds: float) -> Decimal:
    """Return the theta with the largest theta (H + log p*), to six digits of theta or of 1 - theta."""
    from scipy.optimize import minimize_scalar  # slow to import, and needed by this search alone

    def loss(logit: float) -> float:
        away = 1 / (1 + math.exp(logit))
        return -(1 - away) * (log_odds + math.log(_best_p_star(1 - away, away, spread)))

    step = 0.25
    near = min((step * i for i in range(-80, 161)), key=loss)
    found = minimize_scalar(
        loss, bounds=(near - step, near + step), method="bounded", options={"xatol": 1e-9}
    )
    away = 1 / (1 + math.exp(float(found.x)))
    return 1 - Decimal(f"{away:.6g}") if away < 0.5 else Decimal(f"{1 - away:.6g}")


def _failure(start: Start, theta: Fraction, p_star: Fraction) -> Ball:
    """Return A m e^{-theta H}, as a ball."""
    recovered = -ball(-2 * theta * (1 - theta) * start.chain.precision).expm1()  # 1 - rho
    p = ball(p_star)
    crossing = (-ball(theta) * p.log()).exp()
    drift = 2 * (ball(1 - theta) * p.log()).exp() / ((1 + p) * recovered)
    return crossing.max(drift) * start.chain.m * ball(-theta * start.log_odds).exp()
