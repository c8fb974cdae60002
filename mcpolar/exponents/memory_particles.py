"""theta* by particles: memories weighted by the log-odds that they lose, drawn by the eigenvector of a coarse grid.

The eigenvector (:mod:`mcpolar.exponents.memory_grid`) only says where to look: the particles' growth rate has no
error from the grid. It has a bias from their finite number, since the logarithm of a mean lies below that of its limit:
Lambda is found too small and theta* too large, by an amount that falls as 1/particles where the eigenvector fits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mcpolar.compiled.memory.particles import move_particles
from mcpolar.exponents.memory_grid import MemoryGrid
from mcpolar.rng import Purpose, normals, philox_key

Floats: TypeAlias = NDArray[np.float64]

CONFIDENCE = 0.999
TOLERANCE = 1e-3  # of theta, for the eigenvector that draws the particles
NEAR, FAR, MOST_PILOTS = 0.003, 0.02, 8
FEWER, COARSER = 4, 0.85  # to see the bias: particles are divided, nodes multiplied by this


@dataclass(frozen=True)
class ParticleRoot:
    """theta*, its error, and what tells of it; see :class:`mcpolar.exponents.decay.DecayExponent`."""

    theta: float
    error: float
    bias: float
    effective_share: float


class Particles:
    """Particles of one (r, sigma), seed and grid."""

    def __init__(self, grid: MemoryGrid, steps: int, seed: int) -> None:
        self.grid, self.steps, self.seed = grid, steps, seed

    def log_growth(self, log_twist: Floats, theta: float, particles: int, run: int) -> tuple[float, float]:
        """Return Lambda(theta) of one run and the effective share, both means over the counted steps."""
        grid, burn_in = self.grid, self.steps // 2
        key = philox_key(self.seed, cell=(particles, run))
        start = 1 + grid.sigma * normals(key, Purpose.START_NORMAL, particles, grid.r)
        memory = np.sort(start, axis=1).reshape(-1)
        log_means, shares = np.empty((2, burn_in + self.steps))
        move_particles(
            memory,
            np.empty_like(memory),
            grid.r,
            grid.sigma,
            theta,
            log_twist,
            grid.counts,
            float(grid.x[0]),
            float(grid.step),
            key,
            0,
            log_means,
            shares,
        )
        return float(log_means[burn_in:].mean()), float(shares[burn_in:].mean())

    def near_root(self, particles: int) -> float:
        """Return a theta near theta*, by secants on single runs; the grid's slope is taken where they are short."""
        theta, last = self.grid.root(), None
        for run in range(MOST_PILOTS):
            value, _ = self.log_growth(self.log_twist(theta), theta, particles, run)
            if last is not None and abs(theta - last[0]) > FAR:
                self.grid.slope = (value - last[1]) / (theta - last[0])
            change = -value / self.grid.slope
            if abs(change) < NEAR:
                break
            theta, last = theta + change, (theta, value)
        return theta

    def log_twist(self, theta: float) -> Floats:
        """Return the logarithm of the grid's eigenvector."""
        self.grid.log_eigenvalue(theta)
        return np.log(self.grid.vector)


def particle_root(
    r: int, sigma: float, nodes: int, *, particles: int, steps: int, runs: int, seed: int
) -> ParticleRoot:
    """Return theta* of `runs` independent runs.

    The bias is seen in as many runs of a quarter of the particles, drawn by the eigenvector of a grid of fewer nodes.
    """
    cloud, other = (
        Particles(MemoryGrid(r, sigma, count, tolerance=TOLERANCE), steps, seed)
        for count in (nodes, round(COARSER * nodes))
    )
    theta = cloud.near_root(particles // FEWER)
    found, coarser = (
        np.array([one.log_growth(log_twist, theta, count, MOST_PILOTS + run) for run in range(runs)])
        for one, log_twist, count in (
            (cloud, cloud.log_twist(theta), particles),
            (other, other.log_twist(theta), particles // FEWER),
        )
    )
    values, shares = found.T
    bias = (values.mean() - coarser[:, 0].mean()) / cloud.grid.slope
    width = stats.t.isf((1 - CONFIDENCE) / 2, runs - 1) * values.std(ddof=1) / math.sqrt(runs)
    return ParticleRoot(
        theta=float(theta - values.mean() / cloud.grid.slope),
        error=float(width / cloud.grid.slope + abs(bias)),
        bias=float(bias),
        effective_share=float(shares.mean()),
    )
