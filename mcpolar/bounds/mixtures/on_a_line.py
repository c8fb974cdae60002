"""GPM-line: contractions for competitors on a line, by PM's suprema with the competitor's own precision.

In the coordinate x~ = 1 - 2 (x - mu_j).e/D_jl the own mean is at 1 and the competitor at -1, draws are
N(1, 1/s) with s = D_jl^2/(4 sigma^2), and the farthest element is the least or the greatest, whatever the competitor:
PM's f, G, rho, rho^, zeta and delta serve as they are. At level h all memory is within D/(2 D_jl) of 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import Ball, ball
from mcpolar.bounds.mixtures.frame import Contraction, FirstStage, best_threshold
from mcpolar.bounds.permanence.search import log_supremum
from mcpolar.bounds.permanence.shape import PLACES, Shape
from mcpolar.bounds.permanence.suprema import suprema
from mcpolar.checks import exact_decimal, plain
from mcpolar.errors import InputError

Floats: TypeAlias = NDArray[np.float64]
FloatShape: TypeAlias = tuple[float, float, float, float, float, float, float]

SMALLEST, LARGEST = Decimal("1e-18"), Decimal(10)
LEAST = 1e-4  # of theta, x0 and of what is left of the interval
RESTARTS, EVALUATIONS, WORTH = 3, 250, 0.01
MARGIN = 1e-3


@dataclass(frozen=True)
class LineShape(Shape):
    """PM's shape where the memory of the start lies within `half_width` of the own mean.

    Attributes
    ----------
    half_width : Decimal
        At least D/(2 D_jl), at most 1/2: then Psi^ = 1 at the start, as xh <= 1 - half_width and x1 >= 1 + half_width.
    """

    half_width: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        for item in fields(self):
            number = exact_decimal(item.name, getattr(self, item.name), SMALLEST, LARGEST)
            object.__setattr__(self, item.name, number)
        for name, holds, allowed in (
            ("theta", self.theta < 1, "below 1"),
            ("alpha", self.alpha >= 2 * self.theta, f"at least 2 theta = {plain(2 * self.theta)}"),
            ("beta", self.beta > 2 * self.theta, f"above 2 theta = {plain(2 * self.theta)}"),
            ("y0", self.y0 <= self.x0, f"at most x0 = {plain(self.x0)}"),
            ("xh", self.x0 <= self.xh <= 1 - self.half_width, "from x0 to where the start's memory begins"),
            ("x1", self.x1 >= 1 + self.half_width, "at least where the start's memory ends"),
        ):
            if not holds:
                raise InputError(name, plain(getattr(self, name)), allowed)

    @classmethod
    def near(cls, found: FloatShape, half_width: Decimal) -> LineShape:
        """Return the shape nearest to what a search in floats found, to five places, on the allowed side."""
        theta, alpha, x0, beta, x1, xh, y0 = found
        exponent, left = max(_down(theta), PLACES), max(_down(x0), PLACES)
        return cls(
            theta=exponent,
            alpha=max(_up(alpha), 2 * exponent),
            x0=left,
            beta=max(_up(beta), 2 * exponent + PLACES),
            x1=max(_up(x1), 1 + half_width),
            xh=min(max(_down(xh), left), 1 - half_width),
            y0=min(max(_down(y0), PLACES), left),
            half_width=half_width,
        )


def half_width(length: Fraction, nearest: Fraction) -> Decimal:
    """Return D/(2 D_jl), rounded up to five places."""
    units = -(-nearest * 10**5 // (2 * length))
    return min(Decimal(units) / 10**5, Decimal("0.5"))


def _down(value: float) -> Decimal:
    return Decimal(value).quantize(PLACES, ROUND_FLOOR)


def _up(value: float) -> Decimal:
    return Decimal(value).quantize(PLACES, ROUND_CEILING)


def certified(s: Fraction, shape: LineShape) -> Contraction:
    """Return the contraction of a shape, its suprema enclosed by branch and bound in balls.

    Parameters
    ----------
    s : Fraction
        D_jl^2/(4 sigma^2).
    shape : LineShape
        The Lyapunov function.
    """
    found = suprema(s, shape)
    theta, alpha, x0, y0 = (Fraction(x) for x in (shape.theta, shape.alpha, shape.x0, shape.y0))
    return Contraction(
        theta=theta,
        rho=found.rho.upper,
        log_crossing=lambda: ball(s * alpha * x0),
        stage=FirstStage(lambda: ball(-2 * s * y0), lambda: low_draw(s, shape), found.rho_hat.upper),
        shape=shape.as_dict(),
    )


def low_draw(s: Fraction, shape: LineShape) -> Ball:
    """Return delta = E[e^{-2 theta s y} f(y); y < y0], at the working precision."""
    theta, alpha, x0, y0 = (Fraction(x) for x in (shape.theta, shape.alpha, shape.x0, shape.y0))
    kappa = 2 * theta + alpha
    weight = ball(s * (alpha * x0 - kappa + kappa * kappa / 2)).exp()
    return weight * (ball(1 - kappa - y0) * (ball(s) / 2).sqrt()).erfc() / 2


@dataclass(frozen=True)
class Aim:
    """What a search makes small: the log of one agent's risk from one competitor.

    Attributes
    ----------
    s : float
        D_jl^2/(4 sigma^2).
    half_width : float
        Of the memory at the start.
    log_ratio, senders, log_cap : float
        H, c_S, and the log of the largest threshold.
    """

    s: float
    half_width: float
    log_ratio: float
    senders: float
    log_cap: float

    def shape_at(self, u: Floats) -> FloatShape:
        """Return (theta, alpha, x0, beta, x1, xh, y0) of a point of the unit cube."""
        low = 1 - self.half_width
        theta, x0 = LEAST + 0.5 * float(u[0]), LEAST + (low - 2 * LEAST) * float(u[2])
        return (
            theta,
            2 * theta + float(u[1]),
            x0,
            2 * theta + LEAST + float(u[3]),
            1 + self.half_width + 0.3 * float(u[4]),
            x0 + float(u[5]) * (low - x0),
            max(1e-5, float(u[6]) * x0),
        )

    def log_risk(self, shape: FloatShape, grid: Floats) -> float:
        """Return the log of the risk, or above 500 where a supremum reaches 1."""
        theta, alpha, x0, _, _, xh, y0 = shape
        s = self.s
        log_rho, log_rho_hat = (
            log_supremum(s, shape, left, floor, grid) for left, floor in ((x0, None), (xh, y0))
        )
        excess = max(0.0, log_rho + MARGIN) + max(0.0, log_rho_hat + MARGIN)
        if excess > 0:
            return 500 + excess
        log_kept = math.log(-math.expm1(log_rho))
        q = best_threshold(alpha * s * x0, log_kept, self.senders, self.log_ratio, self.log_cap)
        log_factor = max(-theta * q - alpha * s * x0, math.log(self.senders) + (1 - theta) * q - log_kept)
        near = math.log(self.senders) - self.log_ratio - math.log(-math.expm1(-2 * s * y0))
        far = log_factor - math.log(-math.expm1(log_rho_hat)) - theta * self.log_ratio
        return float(np.logaddexp(near, far + _log_low_draw(s, theta, alpha, x0, y0)))


def _log_low_draw(s: float, theta: float, alpha: float, x0: float, y0: float) -> float:
    from scipy.special import log_ndtr

    kappa = 2 * theta + alpha
    return s * (alpha * x0 - kappa + kappa**2 / 2) + float(log_ndtr(math.sqrt(s) * (y0 - 1 + kappa)))


def _strip(s: float) -> Floats:
    """Return the midpoints at which a search looks for the suprema: a tenth of a draw's spread apart, or wider."""
    step = min(0.08, 0.2 / math.sqrt(s))
    return np.concatenate(
        [np.linspace(-3.0, 2.5, min(600, math.ceil(5.5 / step))), np.arange(2.75, 8.0, 0.25)]
    )


STARTS = tuple(
    (theta / 0.5, slope, x0, 0.1, 0.02, 0.9, 0.2)
    for theta in (0.12, 0.17, 0.2)
    for slope in (0.06, 0.15)
    for x0 in (0.06, 0.2, 0.5)
)


def search(aim: Aim) -> FloatShape:
    """Return the best shape that a search in floats finds; nothing certified rests on it."""
    from scipy.optimize import minimize  # takes long to import

    grid = _strip(aim.s)

    def objective(u: Floats) -> float:
        outside = float(np.sum(np.maximum(0.0, -u) + np.maximum(0.0, u - 1.0)))
        return aim.log_risk(aim.shape_at(np.clip(u, 0.0, 1.0)), grid) + 1e3 * outside

    best = min((np.array(start) for start in STARTS), key=objective)
    value = objective(best)
    for _ in range(RESTARTS):  # a simplex that has collapsed is spread out again
        options = {"maxfev": EVALUATIONS, "xatol": 1e-4, "fatol": 1e-3, "adaptive": True}
        found = minimize(objective, best, method="Nelder-Mead", options=options)
        gained, best, value = value - float(found.fun), found.x, float(found.fun)
        if gained < WORTH:
            break
    return aim.shape_at(np.clip(best, 0.0, 1.0))
