"""The exponent theta* of the chance of ever leaving a silo: P(leaving | own-side log-odds H) ~ e^{-theta* H}.

Of an agent on own draws, far from 0, the log-odds lose log M(X') at every update (:mod:`mcpolar.metastability.growth`).
With Lambda(theta) = lim (1/n) log E exp(theta (sum of n losses)), convex and 0 at 0 with slope -lambda < 0, theta* is
its positive root. r = 1: Lambda(theta) = -2 theta (1 - theta)/sigma^2, so theta* = 1. r = 2: the logarithm of the
largest eigenvalue of a kernel over pairs, on a grid. r >= 3: resampled particles. Estimates, not bounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from mcpolar.compiled.growth import dominant_pair, move_particles
from mcpolar.parameters import exact_decimal, whole_number
from mcpolar.rng import Purpose, normals, philox_key

Floats: TypeAlias = NDArray[np.float64]
Method: TypeAlias = Literal["exact", "grid", "particles"]

SMALLEST_SIGMA, LARGEST_SIGMA = Decimal("0.15"), Decimal(10)
BRACKET = (0.2, 0.9)
TOLERANCE = 1e-4  # of theta*, in a run
ITERATIONS, MOST_ITERATIONS, CONVERGED = 50, 50_000, 1e-6


@dataclass(frozen=True)
class DecayExponent:
    """theta* with its error, as far as it is known.

    Attributes
    ----------
    r, sigma
        Memory size and component standard deviation.
    theta : float
        theta*.
    error : float
        r = 1: 0. Grid: the change when the number of nodes is halved. Particles: half of Student's 99.9 % interval over
        independent runs, which does not see a bias common to all; it falls as 1/particles.
    method : {"exact", "grid", "particles"}
        How it was found.
    log_weight_sd : float
        Particles: standard deviation of the mean log weight over the steps; large where the twist fits badly.
    """

    r: int
    sigma: Decimal
    theta: float
    error: float
    method: Method
    log_weight_sd: float = 0.0


def decay_exponent(
    r: int,
    sigma: Decimal | str | float,
    *,
    nodes: int = 121,
    particles: int = 1000,
    steps: int = 200,
    runs: int = 4,
    seed: int = 0,
) -> DecayExponent:
    """Estimate theta*(r, sigma).

    Parameters
    ----------
    r : int
        Memory size.
    sigma : Decimal, str or float
        Component standard deviation, from 0.15 to 10 (below, eigenfunctions leave the range of doubles).
    nodes : int
        Nodes of the grid over a memory element, for r = 2 and for the twist of the particles; at least 21.
    particles, steps, runs : int
        r >= 3: particles, counted steps (after half as many others) and independent runs, at least 2.
    seed : int
        Seed of the particles.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> decay_exponent(1, "0.3").theta
    1.0
    >>> round(decay_exponent(2, "0.5", nodes=81).theta, 2)
    0.52
    """
    size = whole_number("r", r, 1)
    deviation = exact_decimal("sigma", sigma, SMALLEST_SIGMA, LARGEST_SIGMA)
    n = whole_number("nodes", nodes, 21)
    for name, count in (("particles", particles), ("steps", steps), ("runs", runs)):
        whole_number(name, count, 2)
    if size == 1:
        return DecayExponent(size, deviation, 1.0, 0.0, "exact")
    if size == 2:
        fine, coarse = (_Pairs(float(deviation), count).root() for count in (n, n // 2))
        return DecayExponent(size, deviation, fine, abs(fine - coarse), "grid")
    found = [
        _particle_root(size, float(deviation), n, particles=particles, steps=steps, seed=seed, run=run)
        for run in range(runs)
    ]
    thetas, spreads = np.array(found).T
    error = stats.t.isf(0.0005, runs - 1) * thetas.std(ddof=1) / math.sqrt(runs)
    return DecayExponent(
        size, deviation, float(thetas.mean()), float(error), "particles", float(spreads.mean())
    )


class _Pairs:
    """The weighted kernel of memories of size 2 on a grid; the last eigenfunction starts the next search."""

    def __init__(self, sigma: float, nodes: int) -> None:
        self.sigma, s = sigma, 1 / sigma**2
        # where the paths to a loss pass: down to -9/5 and a few sigma (or, for large sigma, several sigma)
        low, high = (-2.0 - 5 * sigma, 1 + 6 * sigma) if sigma <= 1 else (1 - 7 * sigma, 1 + 6 * sigma)
        self.x, self.step = np.linspace(low, high, nodes, retstep=True)
        lower, gap = np.minimum.outer(self.x, self.x), np.abs(np.subtract.outer(self.x, self.x))
        self.log_loss = np.log1p(np.exp(-2 * s * gap)) - math.log(2) - 2 * s * lower
        self.log_mass = stats.norm.logpdf(self.x, 1, sigma) + math.log(self.step)
        self.vector = np.ones((nodes, nodes))

    def log_eigenvalue(self, theta: float) -> float:
        """Return Lambda(theta), by power iteration until the bounds of Collatz and Wielandt meet."""
        weights = np.exp(theta * self.log_loss + self.log_mass)
        for _ in range(0, MOST_ITERATIONS, ITERATIONS):
            smallest, largest = dominant_pair(weights, self.vector, ITERATIONS)
            if largest <= smallest * (1 + CONVERGED):
                break
        return 0.5 * (math.log(smallest) + math.log(largest))

    def root(self) -> float:
        """Return theta*."""
        return float(brentq(self.log_eigenvalue, *BRACKET, xtol=TOLERANCE))


def _particle_root(
    r: int, sigma: float, nodes: int, *, particles: int, steps: int, seed: int, run: int
) -> tuple[float, float]:
    """Return theta* of one run of particles, and the spread of its mean log weights."""
    key, pairs = philox_key(seed, cell=(run,)), _Pairs(sigma, nodes)
    start = (1 + sigma * normals(key, Purpose.START_NORMAL, particles, r)).reshape(-1)
    spread = 0.0

    def growth_rate(theta: float) -> float:
        nonlocal spread
        pairs.log_eigenvalue(theta)
        twist = np.log(pairs.vector)
        memory, spare, log_means = start.copy(), np.empty_like(start), np.empty(steps + steps // 2)
        move_particles(
            memory, spare, r, sigma, theta, twist, float(pairs.x[0]), float(pairs.step), key, 0, log_means
        )
        spread = float(log_means[-steps:].std(ddof=1))
        return float(log_means[-steps:].mean())

    return float(brentq(growth_rate, *BRACKET, xtol=10 * TOLERANCE)), spread
