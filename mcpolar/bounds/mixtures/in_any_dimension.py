"""GPM-rad: a search for a good shape, and the contraction that it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mcpolar.balls import START_BITS, Ball, Dyadic, ball, working_precision
from mcpolar.bounds.mixtures.frame import Contraction, FirstStage, best_threshold
from mcpolar.bounds.mixtures.radial import Cells, Floats, RadialShape, fine_counts, point_supremum, supremum
from mcpolar.bounds.polarization.doubles import ball_of, double_above, double_below
from mcpolar.means import Gap

EVALUATIONS = 120
PLACES = 6
COARSENESS = 0.7
"""About how many cells of norm a certificate, at their corners, lies above what a search sees at their middles."""
NEARLY = 0.02
"""A log-risk that is so little above the least possible is as good as any."""
NOT_BELOW_ONE = Dyadic(1, 1)
STARTS = tuple(
    (theta, excess, start, 0.08)
    for theta in (0.05, 0.08, 0.11)
    for excess in (0.1, 0.06, 0.01)
    for start in (0.25, 0.35)
)


@dataclass(frozen=True)
class RadialAim:
    """What a search makes small: the log of one agent's risk from one competitor.

    Attributes
    ----------
    dimension : int
        d.
    delta, radius : float
        D_jl and D/4, in units of sigma.
    log_ratio, senders, log_cap : float
        H, c_S, and the log of the largest threshold.
    """

    dimension: int
    delta: float
    radius: float
    log_ratio: float
    senders: float
    log_cap: float

    def shape_at(self, u: Floats) -> RadialShape | None:
        """Return the shape of theta, (a - theta Delta)/Delta, rho0/Delta and margin/Delta; None where not allowed."""
        theta, excess, start, margin = (float(x) for x in u)
        if not (1e-3 < theta < 0.5 and excess > 1e-4 and margin > 0.002):
            return None
        start, margin = start * self.delta, margin * self.delta
        if start < self.radius or self.delta / 2 - margin < self.radius:
            return None
        return RadialShape(theta, (theta + excess) * self.delta, start, margin)

    def log_risk(self, u: Floats) -> float:
        """Return the log of the risk, or above 500 where a supremum reaches 1."""
        shape = self.shape_at(u)
        if shape is None:
            return 1e3
        cells = Cells(self.dimension, (self.delta, self.delta), shape, fine=False)
        floor = self.delta / 2 - shape.margin
        tilt = shape.slope + shape.theta * self.delta
        above = math.exp(COARSENESS * tilt * cells.edge / fine_counts(tilt)[0])
        rho, rho_hat = (above * found for found in (point_supremum(cells), point_supremum(cells, floor)))
        if max(rho, rho_hat) > 0.98:
            return 500 + min(100.0, rho + rho_hat)
        theta, log_kept = shape.theta, math.log1p(-rho)
        crossing = shape.slope * max(0.0, self.delta / 2 - shape.start)
        q = best_threshold(crossing, log_kept, self.senders, self.log_ratio, self.log_cap)
        log_factor = max(-theta * q - crossing, math.log(self.senders) + (1 - theta) * q - log_kept)
        alone = log_factor - theta * self.log_ratio
        near = math.log(self.senders) - self.log_ratio - math.log(-math.expm1(-self.delta * shape.margin))
        drawn = cells.bad_draws(floor)
        if not math.isfinite(drawn):
            return 600.0
        bad = math.log(max(drawn, 1e-300)) - math.log1p(-rho_hat)
        return float(min(alone, np.logaddexp(near, alone + bad)))


def search(aim: RadialAim) -> Floats | None:
    """Return the coordinates of the best shape found, None where none contracts; nothing certified rests on it."""
    from scipy.optimize import minimize  # takes long to import

    least = (1 + 1e-9) * aim.radius / aim.delta
    starts = [np.array([t, e, max(least, s), min(m, 0.9 * (0.5 - least))]) for t, e, s, m in STARTS]
    best = min(starts, key=aim.log_risk)
    if aim.log_risk(best) <= math.log(aim.senders) - aim.log_ratio + NEARLY:
        return best
    options = {"maxfev": EVALUATIONS, "xatol": 1e-3, "fatol": 3e-3}
    found = minimize(aim.log_risk, best, method="Nelder-Mead", options=options)
    coordinates: Floats = found.x
    return coordinates if aim.log_risk(coordinates) < 500 else None


def mild(aim: RadialAim) -> Floats:
    """Return the coordinates of a shape that serves where the competitor is far: its tilts do not grow with Delta."""
    start = max((1 + 1e-9) * aim.radius / aim.delta, 0.3)
    margin = min(0.08, 0.9 * (0.5 - aim.radius / aim.delta))
    return np.array([1 / aim.delta, 1.2 / aim.delta, start, margin])


def certified(aim: RadialAim, gap: Gap, sigma: Fraction, coordinates: Floats) -> Contraction | None:
    """Return the contraction of a shape, its suprema bounded on cells; None where the shape is not allowed here."""
    shape = aim.shape_at(coordinates)
    if shape is None:
        return None
    theta, slope, start, margin = (round(float(x), PLACES) for x in vars(shape).values())
    start = max(start, math.nextafter(aim.radius, math.inf))
    shape = RadialShape(theta, slope, start, margin)
    with working_precision(START_BITS):
        distance = gap.as_ball() / ball(sigma)
        ends = double_below(distance), double_above(distance)
        floor = double_above(distance / 2 - ball_of(margin))
        bad_from = double_below(distance / 2 - ball_of(margin))
    if slope <= theta * ends[1] or bad_from < aim.radius:
        return None
    cells = Cells(aim.dimension, ends, shape, fine=True)
    delta = cells.bad_draws(bad_from) * cells.slack

    def log_crossing() -> Ball:
        reached = gap.as_ball() / ball(sigma) / 2 - ball_of(start)
        return ball_of(slope) * reached.max(ball(0))

    def log_zeta() -> Ball:
        return -ball_of(margin) * gap.as_ball() / ball(sigma)

    stage = FirstStage(log_zeta, lambda: ball_of(delta), _dyadic(supremum(cells, floor)))
    return Contraction(Fraction(theta), _dyadic(supremum(cells)), log_crossing, stage, shape.as_dict())


def _dyadic(value: float) -> Dyadic:
    """Return a double exactly; 2 in place of infinity."""
    if not value < 2:
        return NOT_BELOW_ONE
    numerator, denominator = value.as_integer_ratio()
    return Dyadic(numerator, 1 - denominator.bit_length())
