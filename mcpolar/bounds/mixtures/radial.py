"""GPM-rad: contractions in any dimension, from one supremum over one real.

In units of sigma and about mu_j = 0, with Delta = D_jl/sigma: psi(x) = exp(a max(0, x - rho0)), a > theta Delta,
Psi = the product of psi(|x_h|), E(x) = exp(-(Delta/2)(Delta - 2x)) for a real x. A draw has norm t (chi_d) and makes a
uniform angle with any direction, eta = t cos; Rem(x) = max(0, sqrt(x^2 + t^2 - 2 x eta) - t), and

    G(x) = E(x)^theta E[psi(t)/psi(Rem(x))] + E[E(eta)^theta psi(t); eta > x],         rho = sup over x >= 0 of G(x).

The certificate. Cells of (norm, angle) with masses rounded up; in each the integrand is at most its value at the corner
of largest norm and smallest angle, as Rem falls in both, and rises in x: on a box [x1, x2]

    G <= E(x2)^theta sum of mass psi(t)/psi(Rem(x1)) + sum over eta > x1 of mass E(eta)^theta psi(t).

Norms beyond T and x beyond X have bounds in closed form. All of it is in doubles; `Cells.slack` bounds their rounding.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import flint
import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import START_BITS, Ball, ball, working_precision
from mcpolar.bounds.polarization.doubles import double_above

Floats: TypeAlias = NDArray[np.float64]

COARSE, LEAST_FINE, MOST_FINE = (90, 28), (400, 96), (1200, 200)
"""Cells of norm and of angle: of a search, and of certificates, where they grow with the tilt."""
BOXES, MOST_BOXES, SHARPNESS = 48, 2000, 0.02
"""Boxes of x, first and at most; the supremum's width, in units of 1 - rho."""
LARGEST_EXPONENT = 600.0
LARGEST_X = 400.0


@dataclass(frozen=True)
class RadialShape:
    """The Lyapunov function, in units of sigma.

    Attributes
    ----------
    theta : float
        Exponent of the ratio.
    slope, start : float
        a and rho0 of psi.
    margin : float
        Draws are bad from zeta0 = Delta/2 - margin on, in the direction of the competitor.
    """

    theta: float
    slope: float
    start: float
    margin: float

    def log_psi(self, x: Floats) -> Floats:
        """Return log psi."""
        found: Floats = self.slope * np.maximum(0.0, x - self.start)
        return found

    def as_dict(self) -> dict[str, str]:
        """Return the parameters as the exact decimals that they stand for, to 12 digits."""
        return {name: f"{value:.12g}" for name, value in vars(self).items()}


def fine_counts(tilt: float) -> tuple[int, int]:
    """Return how many cells of norm and of angle a certificate has where integrands grow as e^{tilt t}."""
    share = max(1.0, tilt / 3)
    of_norm, of_angle = (
        min(most, math.ceil(least * share)) for least, most in zip(LEAST_FINE, MOST_FINE, strict=True)
    )
    return of_norm, of_angle


@functools.lru_cache(maxsize=32)
def _masses(dimension: int, edge: float, counts: tuple[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return edges and masses, rounded up, of cells of norms up to `edge` and of cosines, largest cosine last."""
    norms = np.linspace(0.0, edge, counts[0] + 1)
    cosines = np.sort(np.cos(np.linspace(0.0, math.pi, counts[1] + 1)))
    cosines[0], cosines[-1] = -1.0, 1.0
    with working_precision(START_BITS):
        half, order = ball(Fraction(1, 2)), ball(Fraction(dimension, 2))
        below = [(flint.arb(float(t)) ** 2 / 2).gamma_lower(order, 1) for t in norms]
        # far masses are differences of numbers near 1: there the largest density is sharper
        of_norm = np.minimum(_differences(below), _largest_densities(dimension, norms))
        if dimension == 1:
            return norms, of_norm, np.array([-1.0, -1.0, 1.0]), np.array([0.5, 0.5])
        order = (ball(dimension) - 1) / 2
        below = [((1 + flint.arb(float(c))) * half).beta_lower(order, order, 1) for c in cosines]
        return norms, of_norm, cosines, _differences(below)


def _largest_densities(dimension: int, norms: Floats) -> Floats:
    """Return upper ends of the masses of norms: width times the largest density, rounded up."""
    d, mode = dimension, math.sqrt(dimension - 1)
    at = np.maximum(norms[:-1], np.minimum(norms[1:], mode))
    log_scale = (d / 2 - 1) * math.log(2) + math.lgamma(d / 2)
    with np.errstate(divide="ignore"):
        log_power = (d - 1) * np.log(at) if d > 1 else np.zeros_like(at)
    found: Floats = np.exp(log_power - at * at / 2 - log_scale) * np.diff(norms) * (1 + 1e-9)
    return found


def _differences(below: list[Ball]) -> Floats:
    return np.array([max(0.0, double_above(b - a)) for a, b in itertools.pairwise(below)])


class Cells:
    """Upper bounds of G, rho^ and delta on cells; or their values nearly, with the cells' middles, for a search."""

    def __init__(self, dimension: int, delta: tuple[float, float], shape: RadialShape, *, fine: bool) -> None:
        self.d, self.low, self.high, self.shape, self.fine = dimension, delta[0], delta[1], shape, fine
        b = shape.slope + shape.theta * self.high
        edge = max(b / 2 + math.sqrt(b * b / 4 + dimension) + (9.0 if fine else 6.0), shape.start)
        if fine:  # the bound beyond the largest x needs the tilts of `falls`, too
            edge = max(edge, max(shape.slope + 2 * slope for slope in self.falls()) + 3 + dimension**0.5)
        # cells of a search are kept for shapes that are alike
        edge = edge if fine else math.ceil(edge)
        counts = fine_counts(b) if fine else COARSE
        norms, of_norm, cosines, of_cosine = _masses(dimension, edge, counts)
        self.edge = edge
        if fine:
            self.t, self.cos = norms[1:], cosines[1:]
        else:
            self.t = (norms[1:] + norms[:-1]) / 2
            self.cos = (cosines[1:] + cosines[:-1]) / 2 if dimension > 1 else cosines[1:]
        lower = norms[:-1] if fine else self.t
        t, cos = self.t[:, None], self.cos[None, :]
        self.eta = np.where(cos >= 0, t, lower[:, None]) * cos
        lowest = cosines[:-1] if fine and dimension > 1 else self.cos
        self.eta_low = np.where(lowest >= 0, lower[:, None], t) * lowest[None, :]
        self.weight = of_norm * self.bounded_exp(shape.log_psi(self.t))
        self.of_cosine = of_cosine
        self.beyond = self.tail(shape.slope, 0.0) if fine else 0.0
        self.beyond_tilted = self.tail(b, -shape.theta * self.low**2 / 2) if fine else 0.0

    def falls(self) -> tuple[float, ...]:
        """Return slopes b with theta Delta < b <= a."""
        least = self.shape.theta * self.high
        return tuple(least + share * (self.shape.slope - least) for share in (1.0, 0.5, 0.25))

    def tilted_tail(self, slope: float) -> float:
        """Bound E[psi(t) e^{b (t + eta)}; t > T]."""
        return self.tail(self.shape.slope + 2 * slope, 0.0) if self.fine else 0.0

    @property
    def slack(self) -> float:
        """A factor that outweighs the rounding of sums of products of exponentials of such numbers."""
        largest = (self.high + self.edge + LARGEST_X) ** 2 * (1 + self.shape.slope)
        return 1 + 1e-9 + 100 * float(np.finfo(float).eps) * largest

    def bounded_exp(self, exponents: Floats) -> Floats:
        """Return e to these powers, infinity where that is too large to be of use."""
        found: Floats = np.exp(np.minimum(exponents, LARGEST_EXPONENT))
        return np.where(exponents > LARGEST_EXPONENT, np.inf, found)

    def tail(self, tilt: float, constant: float) -> float:
        """Bound E[e^{constant + tilt t - a rho0}; t > T] for T >= rho0, where log psi(t) = a t - a rho0.

        The integral over t > T of t^{d-1} e^{bt - t^2/2} is at most T^{d-1} e^{bT - T^2/2}/(T - b - (d-1)/T).
        """
        T, d = self.edge, self.d
        fall = T - tilt - (d - 1) / T
        if fall <= 0:
            return math.inf
        log_density = (d - 1) * math.log(T) - T * T / 2 - (d / 2 - 1) * math.log(2) - math.lgamma(d / 2)
        exponent = constant + tilt * T - self.shape.slope * self.shape.start + log_density
        return math.exp(min(exponent, LARGEST_EXPONENT)) / fall if exponent < LARGEST_EXPONENT else math.inf

    def log_gain(self, x: Floats) -> Floats:
        """Theta log E(x), rounded up over the distances that Delta may be."""
        theta = self.shape.theta
        found: Floats = -theta * self.low**2 / 2 + theta * x * np.where(x > 0, self.high, self.low)
        return found

    def kept(self, x: Floats) -> Floats:
        """E[psi(t)/psi(Rem(x))], for an array of x."""
        t, cos, shape = self.t[:, None], self.cos[None, :], self.shape
        found = np.empty_like(x)
        for index, at in enumerate(x):
            across = at * at - 2 * at * t * cos
            rest = across / (np.sqrt(np.maximum(across + t * t, 0.0)) + t)
            found[index] = self.weight @ (np.exp(-shape.log_psi(rest)) @ self.of_cosine)
        return found + self.beyond

    def arrivals(self, floor: float) -> tuple[Floats, Floats]:
        """Return eta of cells, rising, and the sums of E(min(eta, floor))^theta psi(t) from each of them on."""
        gain = self.bounded_exp(self.log_gain(np.minimum(self.eta, floor)))
        values = np.where(self.eta_low > floor, 0.0, gain) * self.weight[:, None] * self.of_cosine[None, :]
        order = np.argsort(self.eta, axis=None)
        sums = np.cumsum(values.ravel()[order][::-1])[::-1]
        return self.eta.ravel()[order], np.append(sums, 0.0) + self.beyond_tilted

    def bad_draws(self, floor: float) -> float:
        """delta: E[E(eta)^theta psi(t); eta > floor]."""
        values = self.bounded_exp(self.log_gain(self.eta)) * self.weight[:, None] * self.of_cosine[None, :]
        return float(values[self.eta > floor].sum()) + self.beyond_tilted


def supremum(cells: Cells, floor: float = math.inf) -> float:
    """Return an upper end of rho (or of rho^, draws and memory up to `floor`), by boxes of x that are halved."""
    etas, sums = cells.arrivals(floor)
    reach, outside = _reach(cells, etas, sums)
    edges = np.linspace(0.0, reach, BOXES + 1)
    low, high = edges[:-1], edges[1:]
    kept = cells.kept(low)
    while True:
        gains = [cells.bounded_exp(cells.log_gain(np.minimum(end, floor))) for end in (low, high)]
        second = sums[np.searchsorted(etas, low, side="right")]
        with np.errstate(invalid="ignore"):
            at_low, upper = (gain * kept + second for gain in gains)
        point = float(at_low.max())
        largest = max(float(upper.max()), outside)
        if not math.isfinite(largest):
            return math.inf
        allowed = SHARPNESS * (1 - point)
        if largest <= point + allowed or low.size > MOST_BOXES or point >= 1 or largest <= outside:
            return largest * cells.slack
        split = upper > point + allowed / 2
        middle = (low[split] + high[split]) / 2
        low, high = np.append(low, middle), np.append(np.where(split, 0, high), high[split])
        high[: split.size][split] = middle
        kept = np.append(kept, cells.kept(middle))


def _reach(cells: Cells, etas: Floats, sums: Floats) -> tuple[float, float]:
    """Return X and a bound of G beyond it: Rem(x) >= x - eta - t, and log psi(x) >= b (x - rho0) for any b <= a."""
    shape = cells.shape
    together = cells.t[:, None] + cells.eta
    with np.errstate(invalid="ignore"):
        means = [
            float((cells.bounded_exp(slope * together) @ cells.of_cosine) @ cells.weight)
            for slope in cells.falls()
        ]
    tilted = [
        (slope, mean + cells.tilted_tail(slope) if math.isfinite(mean) else math.inf)
        for slope, mean in zip(cells.falls(), means, strict=True)
    ]
    reach = cells.high
    while True:
        outside = math.inf
        for slope, mean in tilted:
            exponent = (
                -shape.theta * cells.low**2 / 2
                + slope * shape.start
                - (slope - shape.theta * cells.high) * reach
            )
            outside = min(outside, math.exp(min(exponent, LARGEST_EXPONENT)) * mean)
        outside += float(sums[np.searchsorted(etas, reach, side="right")])
        if outside <= 0.02 * float(sums[0]) or reach >= LARGEST_X:
            return reach, outside
        reach *= 1.25


def point_supremum(cells: Cells, floor: float = math.inf, points: int = 40) -> float:
    """Return about the supremum, for a search."""
    etas, sums = cells.arrivals(floor)
    x = np.append(np.linspace(0.0, 1.3 * cells.high, points), np.linspace(1.5, 3.0, 4) * cells.high)
    gain = cells.bounded_exp(cells.log_gain(np.minimum(x, floor)))
    with np.errstate(invalid="ignore"):
        values = gain * cells.kept(x) + sums[np.searchsorted(etas, x, side="right")]
    largest = float(values.max())
    return largest if math.isfinite(largest) else math.inf
