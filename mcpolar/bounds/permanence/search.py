"""PM: a search in floats for a good shape; nothing here is certified, and nothing certified rests on it.

The suprema are maxima over a grid of the strip that `permanence_suprema` explains, in logarithms. SciPy's
Nelder-Mead then works on the unit cube, in coordinates in which every point is an allowed shape.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.bounds.permanence.shape import Shape

Floats: TypeAlias = NDArray[np.float64]

STEP = 0.2  # of the grid, in units of sigma
COARSEST, MOST_NODES = 0.08, 600
ACROSS = np.array([0.0, 0.5, 1.0])  # of the strip
RESTARTS, EVALUATIONS, WORTH = 5, 400, 0.01
MARGIN = 1e-3
STARTS = tuple(itertools.product((0.12, 0.16, 0.2), (0.08, 0.16), (0.03, 0.1, 0.25)))


@dataclass(frozen=True)
class Target:
    """What is to be made small: the failure bound of one agent.

    Attributes
    ----------
    s : float
        1/sigma^2.
    log_odds : float
        H.
    rounds : float
        T/m, or inf for all time.
    theta : float, optional
        The exponent, where the caller fixed it.
    """

    s: float
    log_odds: float
    rounds: float = math.inf
    theta: float | None = None


def find_shape(target: Target) -> Shape:
    """Return the best shape found; whether its bound says anything is for the certified evaluation to tell."""
    from scipy.optimize import minimize  # takes long to import

    grid = _grid(target.s)

    def objective(u: Floats) -> float:
        outside = float(np.sum(np.maximum(0.0, -u) + np.maximum(0.0, u - 1.0)))
        return log_failure(target, _shape_at(np.clip(u, 0.0, 1.0), target.theta), grid) + 1e3 * outside

    best = min((_start(*values) for values in STARTS), key=objective)
    value = objective(best)
    for _ in range(RESTARTS):  # a simplex that has collapsed is spread out again
        options = {"maxfev": EVALUATIONS, "xatol": 1e-4, "fatol": 1e-3, "adaptive": True}
        found = minimize(objective, best, method="Nelder-Mead", options=options)
        gained, best, value = value - float(found.fun), found.x, float(found.fun)
        if gained < WORTH:
            break
    names = (item.name for item in fields(Shape))
    return Shape.rounded(**dict(zip(names, _shape_at(np.clip(best, 0.0, 1.0), target.theta), strict=True)))


FloatShape: TypeAlias = tuple[float, float, float, float, float, float, float]


def _start(theta: float, alpha_excess: float, x0: float) -> Floats:
    return np.array([theta / 0.5, alpha_excess, x0 / 0.5, 0.1, 0.01, 0.9, 0.2])


def _shape_at(u: Floats, theta: float | None) -> FloatShape:
    """Return (theta, alpha, x0, beta, x1, xh, y0) of a point of the unit cube."""
    exponent = 0.5 * float(u[0]) + 1e-5 if theta is None else theta
    x0 = 1e-5 + (0.5 - 1e-5) * float(u[2])
    return (
        exponent,
        2 * exponent + float(u[1]),
        x0,
        2 * exponent + float(u[3]),
        1.5 + 0.3 * float(u[4]),
        x0 + float(u[5]) * (0.5 - x0),
        max(1e-5, float(u[6]) * x0),
    )


def log_failure(target: Target, shape: FloatShape, grid: Floats | None = None) -> float:
    """Return the logarithm of PM's failure bound of one agent, or above 1000 where a supremum reaches 1."""
    theta, alpha, x0, _, _, xh, y0 = shape
    s, grid = target.s, _grid(target.s) if grid is None else grid
    log_rho, log_rho_hat = log_supremum(s, shape, x0, None, grid), log_supremum(s, shape, xh, y0, grid)
    excess = max(0.0, log_rho + MARGIN) + max(0.0, log_rho_hat + MARGIN)
    if excess > 0:
        return 1e3 + excess
    log_p = _best_log_p_star(s, shape, -math.expm1(log_rho), target.log_odds)
    log_kept = math.log(-math.expm1(log_rho))
    log_factor = max(
        -theta * log_p - alpha * s * x0,
        math.log(2) + (1 - theta) * log_p - math.log1p(math.exp(log_p)) - log_kept,
    )
    low_draw = float(_log_tilted(s, alpha * x0, 2 * theta + alpha, np.array(y0)))
    visits = min(math.log(target.rounds), -math.log(-math.expm1(log_rho_hat)))
    senders = min(math.log(target.rounds), -math.log(-math.expm1(-2 * s * y0)))
    return float(
        np.logaddexp(
            math.log(2) - target.log_odds + senders,
            log_factor + low_draw + visits - theta * target.log_odds,
        )
    )


def _best_log_p_star(s: float, shape: FloatShape, recovered: float, log_odds: float) -> float:
    theta, alpha, x0 = shape[:3]
    crossing = math.log(recovered) - math.log(2) - alpha * s * x0
    crossing -= math.log1p(-recovered * math.exp(-alpha * s * x0) / 2)
    return max(min(crossing, math.log(0.5), math.log((1 - theta) / theta)), -log_odds)


def log_supremum(s: float, shape: FloatShape, left: float, floor: float | None, grid: Floats) -> float:
    """Return the logarithm of the largest G on a grid of the strip (rho with `left` = x0, rho^ with xh and y0)."""
    theta, alpha, _, beta, right, _, _ = shape
    law = (s, alpha, left, beta, right, floor)
    lowest = -math.inf if floor is None else floor
    v = grid[grid > lowest]
    low, high = np.minimum(2 * v - right, left), np.minimum(np.maximum(2 * v - right, left), v)
    low, high = np.minimum(np.maximum(low, lowest), high), np.maximum(high, lowest)
    a = low[:, None] + (high - low)[:, None] * ACROSS
    below_v = _log_integral(v, 0.0, law)[:, None]
    first = np.logaddexp(
        -2 * theta * s * a + _log_difference(below_v, _log_integral(a, 0.0, law)),
        _log_integral(a, 2 * theta, law),
    )
    above = _log_difference(_log_integral(np.array([np.inf]), 0.0, law), below_v)

    def log_f(x: Floats) -> Floats:
        return s * np.maximum(0.0, np.maximum(alpha * (left - x), beta * (x - right)))

    values = np.logaddexp(first - log_f(2 * v[:, None] - a), above - 2 * theta * s * a - log_f(a))
    return float(values.max())


def _grid(s: float) -> Floats:
    step = min(COARSEST, STEP / math.sqrt(s))
    nodes = min(MOST_NODES, math.ceil(5.5 / step))
    return np.concatenate([np.linspace(-3.0, 2.5, nodes), np.arange(2.75, 8.0, 0.25)])


def _log_tilted(s: float, constant: float, k: float, z: Floats) -> Floats:
    """Return log E[e^{s (constant - k y)}; y < z]."""
    from scipy.special import log_ndtr

    tail: Floats = log_ndtr(math.sqrt(s) * (z - 1 + k))
    return s * (constant - k + k * k / 2) + tail


def _log_difference(larger: Floats, smaller: Floats) -> Floats:
    """Return log(e^larger - e^smaller), -inf where the first is not the larger."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(larger > -np.inf, np.minimum(smaller - larger, 0.0), 0.0)
        return np.where(smaller > -np.inf, larger + np.log1p(-np.exp(ratio)), larger)


def _log_integral(
    z: Floats, tilt: float, law: tuple[float, float, float, float, float, float | None]
) -> Floats:
    """Return log E[e^{-s tilt y} f(y); floor <= y < z], piece by piece."""
    s, alpha, left, beta, right, floor = law
    total: Floats = np.full_like(z, -np.inf)
    for constant, slope, low, high in (
        (alpha * left, alpha, -math.inf, left),
        (0.0, 0.0, left, right),
        (-beta * right, -beta, right, math.inf),
    ):
        start = low if floor is None else max(low, floor)
        piece = _log_tilted(s, constant, slope + tilt, np.minimum(z, high))
        if start > -math.inf:
            below = _log_tilted(s, constant, slope + tilt, np.array(start))
            piece = np.where(z > start, _log_difference(piece, below), -np.inf)
        total = np.logaddexp(total, piece)
    return total
