"""GPM-line without a supremum: PM's closed bound of rho, for competitors so far that it suffices.

Proposition 4 of proofs/permanence, with s = D_jl^2/(4 sigma^2): for alpha, beta >= 2 theta and 0 <= x0 < x1, and
k1 >= sup_t e^{4 theta sqrt(s) t} Phi(-t),

    rho <= e^{-2 theta s x0} F + k1 e^{-2 theta s (2 - x1)}
           + k1 exp(s [alpha (x0 - 1) + alpha^2/2 - 4 theta (1 - alpha) + 2 theta x1])
           + e^{-2 theta s x1} Phi(-(x1 - 1) sqrt(s)) + e^{-2 theta (1 - theta) s}
           + exp(s [alpha x0 - kappa + kappa^2/2]) Phi((x0 - 1 + kappa) sqrt(s)),      kappa = 2 theta + alpha,
    F = 1 + exp(s [alpha (x0 - 1) + alpha^2/2]) Phi((x0 - 1 + alpha) sqrt(s))
          + exp(s [beta (1 - x1) + beta^2/2]) Phi((1 + beta - x1) sqrt(s)).

k1 = e^{8 theta^2 s}/2 where 4 theta sqrt(s) >= 4/5, since Phi(-t) <= e^{-t^2/2}/2 for t >= 0 and e^{kt} Phi(-t) rises
for t <= 0 as long as k >= phi(0)/Phi(0) = sqrt(2/pi).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, dataclass
from decimal import Decimal
from fractions import Fraction

from mcpolar.balls import Ball, ball, upper_end
from mcpolar.bounds.mixtures.frame import Contraction
from mcpolar.checks import plain

THETAS = ("0.02", "0.04", "0.06", "0.08", "0.1", "0.12", "0.14", "0.16", "0.18", "0.2")
SLOPES = ("0", "0.1", "0.2", "0.3", "0.5", "0.7")
LEFT_ENDS = ("0.05", "0.1", "0.2", "0.3", "0.45", "0.6", "0.75")
RIGHT_ENDS = ("1.1", "1.2", "1.3", "1.4", "1.5")
LEAST_EXPONENT = Fraction(4, 5)
NEARLY = 1e-3
"""A log-risk that is so little above the least possible is as good as any."""


@dataclass(frozen=True)
class ClosedShape:
    """The shape f(x) = exp(s max(0, alpha (x0 - x), beta (x - x1))) and the exponent theta; beta = alpha."""

    theta: Decimal
    alpha: Decimal
    x0: Decimal
    x1: Decimal

    def fits(self, s: Fraction, half_width: Decimal) -> bool:
        """Whether Psi = 1 at the start, and k1 is known."""
        steep = 16 * Fraction(self.theta) ** 2 * s >= LEAST_EXPONENT**2
        return self.x0 <= 1 - half_width and self.x1 >= 1 + half_width and steep


def rho_above(s: Fraction, shape: ClosedShape) -> Ball:
    """Return Proposition 4's upper bound of rho, at the working precision."""
    theta, alpha, x0, x1 = (Fraction(x) for x in (shape.theta, shape.alpha, shape.x0, shape.x1))
    beta, kappa = alpha, 2 * theta + alpha
    k1 = ball(8 * theta**2 * s).exp() / 2

    def power(exponent: Fraction) -> Ball:
        return ball(s * exponent).exp()

    def normal(z: Fraction) -> Ball:
        return (-ball(z) * (ball(s) / 2).sqrt()).erfc() / 2

    whole = 1 + power(alpha * (x0 - 1) + alpha**2 / 2) * normal(x0 - 1 + alpha)
    whole += power(beta * (1 - x1) + beta**2 / 2) * normal(1 + beta - x1)
    return (
        power(-2 * theta * x0) * whole
        + k1 * power(-2 * theta * (2 - x1))
        + k1 * power(alpha * (x0 - 1) + alpha**2 / 2 - 4 * theta * (1 - alpha) + 2 * theta * x1)
        + power(-2 * theta * x1) * normal(1 - x1)
        + power(-2 * theta * (1 - theta))
        + power(alpha * x0 - kappa + kappa**2 / 2) * normal(x0 - 1 + kappa)
    )


def _log_rho(s: float, shape: tuple[float, float, float, float]) -> float:
    """Return the largest exponent among the terms: rho is below 1 only if it is well below 0."""
    theta, alpha, x0, x1 = shape
    k1, kappa = 8 * theta**2, 2 * theta + alpha

    def tail(z: float) -> float:
        return -(min(0.0, z) ** 2) / 2

    whole = max(
        0.0,
        alpha * (x0 - 1) + alpha**2 / 2 + tail(x0 - 1 + alpha),
        alpha * (1 - x1) + alpha**2 / 2 + tail(1 + alpha - x1),
    )
    terms = (
        whole - 2 * theta * x0,
        k1 - 2 * theta * (2 - x1),
        k1 + alpha * (x0 - 1) + alpha**2 / 2 - 4 * theta * (1 - alpha) + 2 * theta * x1,
        -2 * theta * x1 + tail(1 - x1),
        -2 * theta * (1 - theta),
        alpha * x0 - kappa + kappa**2 / 2 + tail(x0 - 1 + kappa),
    )
    return s * max(terms)


def closed_contraction(s: Fraction, half_width: Decimal, log_ratio: float) -> Contraction | None:
    """Return the contraction of the best shape of a small grid, or None where none contracts.

    Parameters
    ----------
    s : Fraction
        D_jl^2/(4 sigma^2).
    half_width : Decimal
        Of the memory at the start, about the own mean.
    log_ratio : float
        H, the log-ratio at the start: F should be above e^H.
    """
    best: tuple[float, ClosedShape] | None = None
    for theta, slope, x0, x1 in itertools.product(THETAS, SLOPES, LEFT_ENDS, RIGHT_ENDS):
        shape = ClosedShape(Decimal(theta), 2 * Decimal(theta) + Decimal(slope), Decimal(x0), Decimal(x1))
        if not shape.fits(s, half_width):
            continue
        log_rho = _log_rho(float(s), (float(theta), float(shape.alpha), float(x0), float(x1)))
        if log_rho >= math.log(0.5):
            continue
        crossing = float(s) * float(shape.alpha * shape.x0)
        worth = max(-crossing, -log_ratio + math.log1p(math.exp(log_rho)))
        if best is None or worth < best[0]:
            best = worth, shape
            if worth <= NEARLY - log_ratio:
                break
    if best is None:
        return None
    shape = best[1]
    log_f0 = s * Fraction(shape.alpha) * Fraction(shape.x0)
    found = Contraction(
        theta=Fraction(shape.theta),
        rho=upper_end(lambda: rho_above(s, shape), 30),
        log_crossing=lambda: ball(log_f0),
        stage=None,
        shape={name: plain(value) for name, value in asdict(shape).items()},
    )
    return found if found.contracts else None
