"""Particles that are one agent's memory, weighted by the log-odds that it loses and resampled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.caching import loop
from mcpolar.compiled.elementary import INLINE, exp, log
from mcpolar.compiled.multisets import SMALLEST, index_with
from mcpolar.compiled.philox import block, uniform
from mcpolar.compiled.purposes import Purpose

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CELLS_OF_SIGMA = 3  # cells of the grid of updates in one sigma


@njit(**INLINE)
def nearest_node(x: float, low: float, step: float, n: int) -> int:
    """Return the nearest node of the grid, inside it."""
    return int(min(max((x - low) / step + 0.5, 0.0), n - 1.0))


@njit(error_model="numpy")
def replace_sorted(memory: Floats, start: int, r: int, y: float) -> None:
    """Put y for the farthest of the r sorted elements from `start` on, and keep them sorted."""
    h = 0
    if 2.0 * y < memory[start] + memory[start + r - 1]:
        h = r - 1
        while h > 0 and memory[start + h - 1] > y:
            memory[start + h] = memory[start + h - 1]
            h -= 1
    else:
        while h < r - 1 and memory[start + h + 1] < y:
            memory[start + h] = memory[start + h + 1]
            h += 1
    memory[start + h] = y


@loop
def move_particles(
    memory: Floats,
    spare: Floats,
    r: int,
    sigma: float,
    theta: float,
    log_twist: Floats,
    counts: Integers,
    grid_low: float,
    grid_step: float,
    key: NDArray[np.uint64],
    first_step: int,
    log_means: Floats,
    shares: Floats,
) -> None:
    """Move, weigh and resample particles (sorted memories of r >= 2, flat).

    The chain of memories is weighted by M(X')^theta Psi(X')/Psi(X), Psi being e^{log_twist} at the nearest multiset of
    the grid's nodes (see :mod:`mcpolar.compiled.multisets`), which leaves the growth rate of the product of the means
    as it is. An update is drawn from its law times these weights on cells of own draws with a random offset; a
    particle's weight is the mass of that, whose mean over the offset is the integral. `log_means` becomes the logarithm
    of each step's mean weight, `shares` the effective share of the particles, (sum w)^2 / (n sum w^2).
    """
    n, nodes = memory.size // r, counts.shape[1] - 1
    doubled_precision = 2.0 / (sigma * sigma)
    low, width = min(grid_low, 1.0 - 6.0 * sigma), sigma / CELLS_OF_SIGMA
    high = max(grid_low + grid_step * (nodes - 1), 1.0 + 6.0 * sigma)
    cells = math.ceil((high - low) / width)
    chances, cumulative = np.empty(cells), np.empty(n)
    rounded, lower, upper = np.empty(r, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    log_scale = math.log(width / (sigma * math.sqrt(2.0 * math.pi)))
    for t in range(log_means.size):
        step, total, squares = first_step + t, 0.0, 0.0
        for i in range(n):
            start = i * r
            a, b = memory[start], memory[start + r - 1]
            without_high, without_low = 0.0, 0.0  # what stays if the largest goes, and if the smallest does
            for h in range(r):
                rounded[h] = nearest_node(memory[start + h], grid_low, grid_step, nodes)
                term = exp(max(doubled_precision * (a - memory[start + h]), SMALLEST))
                without_high += term if h < r - 1 else 0.0
                without_low += term if h > 0 else 0.0
            index_with(rounded, r - 1, counts, lower)
            index_with(rounded, 0, counts, upper)
            before = log_twist[lower[rounded[r - 1]]]
            c0, c1, c2, c3 = block(key, Purpose.PARTICLE, i, step)
            offset, mass = uniform(c0, c1), 0.0
            for k in range(cells):
                y = low + (k + offset) * width
                is_below = 2.0 * y < a + b
                kept = without_high if is_below else without_low
                node = nearest_node(y, grid_low, grid_step, nodes)
                after = log_twist[lower[node] if is_below else upper[node]]
                arrived = exp(min(max(doubled_precision * (a - y), SMALLEST), -SMALLEST))
                loss = log((kept + arrived) / r) - doubled_precision * a
                z = (y - 1.0) / sigma
                exponent = theta * loss + after - before + log_scale - 0.5 * z * z
                mass += exp(min(max(exponent, SMALLEST), -SMALLEST))
                chances[k] = mass
            target, k = uniform(c2, c3) * mass, 0
            while k < cells - 1 and chances[k] < target:
                k += 1
            replace_sorted(memory, start, r, low + (k + offset) * width)
            total += mass
            squares += mass * mass
            cumulative[i] = total
        log_means[t] = log(total / n)
        shares[t] = total * total / (n * squares)
        resample(memory, spare, r, cumulative, key, step)


@loop
def resample(
    memory: Floats, spare: Floats, r: int, cumulative: Floats, key: NDArray[np.uint64], step: int
) -> None:
    """Replace the particles by copies, each as often as its share of the weights says, up to rounding."""
    n = cumulative.size
    c0, c1, _, _ = block(key, Purpose.PARTICLE_RESAMPLING, 0, step)
    offset, source, unit = uniform(c0, c1), 0, cumulative[n - 1] / n
    for i in range(n):
        while source < n - 1 and cumulative[source] < (i + offset) * unit:
            source += 1
        for h in range(r):
            spare[i * r + h] = memory[source * r + h]
    memory[:] = spare
