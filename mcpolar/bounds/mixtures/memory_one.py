"""GPM1: memory size 1, any means and any memory: Psi = F = 1 and rho = e^{-2 theta (1 - theta) gamma_l}."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from mcpolar.balls import Ball, ball, upper_end
from mcpolar.bounds.mixtures.frame import Contraction, best_threshold
from mcpolar.checks import plain
from mcpolar.means import Gap


def memory_one(gap: Gap, sigma: Fraction, log_ratio: float, senders: float, log_cap: float) -> Contraction:
    """Return the contraction at the exponent that a search in floats finds best.

    Parameters
    ----------
    gap : Gap
        D_jl.
    sigma : Fraction
        Components' standard deviation.
    log_ratio, senders, log_cap : float
        H, c_S, and the log of the largest threshold.
    """
    gain = float(gap) ** 2 / (4 * float(sigma) ** 2)

    def log_risk(logit: float) -> float:
        away = 1 / (1 + math.exp(logit))  # 1 - theta
        log_kept = math.log(-math.expm1(-2 * (1 - away) * away * gain))
        q = best_threshold(0.0, log_kept, senders, log_ratio, log_cap)
        return max(-(1 - away) * q, math.log(senders) + away * q - log_kept) - (1 - away) * log_ratio

    near = min((0.05 * i for i in range(-100, 600)), key=log_risk)
    away = Decimal(f"{1 / (1 + math.exp(near)):.6g}")
    theta = 1 - away
    exponent = -2 * Fraction(theta) * Fraction(away) / (4 * Fraction(sigma) ** 2)

    def rho() -> Ball:
        return (ball(exponent) * gap.squared_ball()).exp()

    return Contraction(
        theta=Fraction(theta),
        rho=upper_end(rho, 60),
        log_crossing=lambda: ball(0),
        stage=None,
        shape={"theta": plain(theta)},
    )
