"""The exponent theta* of the chance of ever leaving a silo: P(leaving | own-side log-odds H) ~ e^{-theta* H}.

Of an agent on own draws, far from 0, the log-odds lose log M(X') at every update (:mod:`mcpolar.exponents.growth`).
With Lambda(theta) = lim (1/n) log E exp(theta (sum of n losses)), convex and 0 at 0 with slope -lambda < 0, theta* is
its positive root. r = 1: Lambda(theta) = -2 theta (1 - theta)/sigma^2, so theta* = 1. Small r: the logarithm of the
largest eigenvalue of a kernel on a grid of memories. Larger r: resampled particles, drawn by the eigenvector of a
coarse grid. Estimates, not bounds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from mcpolar.checks import exact_decimal, whole_number
from mcpolar.choices import GrowthMethod
from mcpolar.errors import InputError
from mcpolar.exponents.memory_grid import grid_root, largest_nodes
from mcpolar.exponents.memory_particles import FEWER, particle_root
from mcpolar.rng import Seed, read_seed

Method: TypeAlias = Literal["exact", "grid", "particles"]
METHODS = ("auto", "grid", "particles")
MOST = 10**9  # states, particles, steps or runs that no machine will see the end of

SMALLEST_SIGMA, LARGEST_SIGMA = Decimal("0.15"), Decimal(10)
FEWEST_NODES, MOST_NODES = 9, 241
LARGEST_ON_GRID = 3  # memory size up to which "auto" takes the grid


@dataclass(frozen=True)
class DecayExponent:
    """theta* with its error.

    Attributes
    ----------
    r, sigma
        Memory size and component standard deviation.
    theta : float
        theta*.
    error : float
        r = 1: 0. Grid: what refining it may still change (:func:`mcpolar.exponents.memory_grid.grid_root`).
        Particles: half of Student's 99.9 % interval over independent runs, plus the size of `bias`.
    method : {"exact", "grid", "particles"}
        How it was found.
    nodes : int
        Nodes of the (finest) grid over an element; 0 where there is none.
    bias : float
        Particles: theta* found by a quarter of the particles on a coarser grid, less theta*.
    effective_share : float
        Particles: mean of (sum w)^2 / (n sum w^2) over the steps; small where the grid's eigenvector fits badly.
    """

    r: int
    sigma: Decimal
    theta: float
    error: float
    method: Method
    nodes: int = 0
    bias: float = 0.0
    effective_share: float = 1.0


def decay_exponent(
    r: int,
    sigma: Decimal | str | float,
    *,
    method: GrowthMethod = "auto",
    states: int = 250_000,
    particles: int = 1000,
    steps: int = 200,
    runs: int = 8,
    seed: Seed = 0,
) -> DecayExponent:
    """Estimate theta*(r, sigma).

    Parameters
    ----------
    r : int
        Memory size.
    sigma : Decimal, str or float
        Component standard deviation, from 0.15 to 10 (below, eigenvectors leave the range of doubles).
    method : {"auto", "grid", "particles"}
        How to find it for r >= 2; "auto" takes the grid up to r = 3.
    states : int
        Most memories of the grid, also of the one whose eigenvector draws the particles. It must allow
        9 nodes, which with the default holds up to r = 13; more than 241 nodes are not taken.
    particles, steps, runs : int
        Particles (at least 8), counted steps (after half as many others) and independent runs (at least 2).
    seed : int, SeedSequence or Generator
        Seed of the particles.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> decay_exponent(1, "0.3").theta
    1.0
    >>> round(decay_exponent(2, "0.5", states=3000).theta, 2)
    0.52
    """
    size = whole_number("r", r, 1)
    deviation = exact_decimal("sigma", sigma, SMALLEST_SIGMA, LARGEST_SIGMA)
    if method not in METHODS:
        raise InputError("method", method, f"one of {', '.join(METHODS)}")
    whole_number("states", states, math.comb(FEWEST_NODES + 1, 2), MOST)
    for name, count, least in (("particles", particles, 2 * FEWER), ("steps", steps, 2), ("runs", runs, 2)):
        whole_number(name, count, least, MOST)
    number = read_seed(seed)
    largest = largest_memory(states)
    if size > largest:
        raise InputError("r", r, f"a whole number from 1 to {largest} with {states} states")
    if size == 1:
        return DecayExponent(size, deviation, 1.0, 0.0, "exact")
    nodes = min(largest_nodes(size, states), MOST_NODES)
    if method == "grid" or (method == "auto" and size <= LARGEST_ON_GRID):
        theta, error = grid_root(size, float(deviation), nodes)
        return DecayExponent(size, deviation, theta, error, "grid", nodes)
    found = particle_root(
        size, float(deviation), nodes, particles=particles, steps=steps, runs=runs, seed=number
    )
    return DecayExponent(
        size, deviation, found.theta, found.error, "particles", nodes, found.bias, found.effective_share
    )


def largest_memory(states: int) -> int:
    """Return the largest memory size whose grids of at most `states` states have 9 nodes.

    Examples
    --------
    >>> largest_memory(250_000)
    13
    """
    r = 1
    while largest_nodes(r + 1, states) >= FEWEST_NODES:
        r += 1
    return r
