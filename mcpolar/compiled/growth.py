"""Loops over one agent's memory under own draws: what its log-odds gain, and particles weighted by the losses.

Far from 0 the log-odds of an agent that hears its own side only grow by -log M(X') at every update, where
M(X) = (1/r) sum_h e^{-2 x_h/sigma^2} over its memory X, and the memory evolves by itself.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.caching import loop
from mcpolar.compiled.elementary import INLINE, exp, log
from mcpolar.compiled.philox import block, box_muller, uniform
from mcpolar.compiled.purposes import Purpose
from mcpolar.compiled.update import farthest

Floats = NDArray[np.float64]

CELLS_OF_SIGMA = 4  # cells of the grid of updates in one sigma
_SMALLEST = -700.0  # e^-700 adds nothing to a sum that holds 1


@njit(**INLINE)
def log_loss(memory: Floats, start: int, r: int, doubled_precision: float) -> float:
    """Return log M of the r elements from `start` on; the largest term is taken out of the sum."""
    lowest = memory[start]
    for h in range(1, r):
        lowest = min(lowest, memory[start + h])
    total = 0.0
    for h in range(r):
        total += exp(max(doubled_precision * (lowest - memory[start + h]), _SMALLEST))
    return log(total / r) - doubled_precision * lowest


@loop
def add_gains(
    memory: Floats,
    r: int,
    sigma: float,
    key: NDArray[np.uint64],
    first_replica: int,
    first_update: int,
    n_updates: int,
    gains: Floats,
) -> None:
    """Update each replica's memory (flat, r elements each) with own draws; add its gains to `gains` (n_replicas,)."""
    doubled_precision = 2.0 / (sigma * sigma)
    for row in range(gains.size):
        even, odd, total = 0.0, 0.0, 0.0
        for update in range(first_update, first_update + n_updates):
            if update & 1 == 0 or update == first_update:
                even, odd = box_muller(*block(key, Purpose.GROWTH, first_replica + row, update >> 1))
            y = 1.0 + sigma * (odd if update & 1 else even)
            memory[row * r + farthest(memory, row * r, r, y)] = y
            total -= log_loss(memory, row * r, r, doubled_precision)
        gains[row] += total


@loop
def dominant_pair(weights: Floats, vector: Floats, n_iterations: int) -> tuple[float, float]:
    """Apply the weighted kernel of memories of size 2 to `vector` (n, n) n times, normalised; in place.

    The entry [i, j] of `vector` belongs to the memory {x_i, x_j}; `weights` [i, k] is the mass of the update x_k
    times M(x_i, x_k)^theta. From {a, b}, a <= b, an update below the midpoint leaves a, one above leaves b, one
    at it leaves either with half its mass. Returns the smallest and the largest ratio of an entry to the entry
    before, between which the largest eigenvalue lies (Collatz and Wielandt).
    """
    n = vector.shape[0]
    below, above = np.zeros((n, n + 1)), np.zeros((n, n + 1))
    smallest, largest = 0.0, np.inf
    for _ in range(n_iterations):
        for i in range(n):
            for k in range(n):
                below[i, k + 1] = below[i, k] + weights[i, k] * vector[i, k]
            above[i, n] = 0.0
            for k in range(n - 1, -1, -1):
                above[i, k] = above[i, k + 1] + weights[i, k] * vector[i, k]
        smallest, largest = np.inf, 0.0
        for i in range(n):
            for j in range(i, n):
                middle, is_odd = (i + j) >> 1, (i + j) & 1
                if is_odd:
                    value = below[i, middle + 1] + above[j, middle + 1]
                else:
                    value = 0.5 * (
                        below[i, middle] + below[i, middle + 1] + above[j, middle] + above[j, middle + 1]
                    )
                ratio = value / vector[i, j]
                smallest, largest = min(smallest, ratio), max(largest, ratio)
                vector[j, i] = value
        scale = 1.0 / vector[n - 1, n - 1]
        for i in range(n):
            for j in range(i + 1):
                vector[i, j] *= scale
                vector[j, i] = vector[i, j]
    return smallest, largest


@njit(**INLINE)
def index_of(x: float, low: float, step: float, n: int) -> int:
    """Return the nearest node of the grid, inside it."""
    return int(min(max((x - low) / step + 0.5, 0.0), n - 1.0))


@loop
def move_particles(
    memory: Floats,
    spare: Floats,
    r: int,
    sigma: float,
    theta: float,
    log_twist: Floats,
    grid_low: float,
    grid_step: float,
    key: NDArray[np.uint64],
    first_step: int,
    log_means: Floats,
) -> None:
    """Move, weigh and resample particles (memories of r >= 2, flat); `log_means` becomes log of each mean weight.

    The chain of memories is weighted by M(X')^theta Psi(X')/Psi(X), Psi being e^{log_twist} (n, n) at the nodes
    nearest to the smallest and the largest element, which leaves the growth rate of the product of means as it
    is. An update is drawn from its law times these weights on a grid of own draws with a random offset; a
    particle's weight is the mass of that, whose mean over the offset is the integral. Resampling is systematic.
    """
    n, nodes = memory.size // r, log_twist.shape[0]
    doubled_precision = 2.0 / (sigma * sigma)
    grid_high = grid_low + grid_step * (nodes - 1)
    width = sigma / CELLS_OF_SIGMA
    cells = math.ceil((grid_high - grid_low) / width)
    chances, cumulative = np.empty(cells), np.empty(n)
    log_scale = math.log(width / (sigma * math.sqrt(2.0 * math.pi)))
    for t in range(log_means.size):
        step, total = first_step + t, 0.0
        for i in range(n):
            start = i * r
            low, high = 0, 0
            for h in range(1, r):
                low = h if memory[start + h] < memory[start + low] else low
                high = h if memory[start + h] >= memory[start + high] else high
            a, b = memory[start + low], memory[start + high]
            # what stays if the largest goes, and if the smallest does
            second_high, second_low, without_high, without_low = -np.inf, np.inf, 0.0, 0.0
            for h in range(r):
                x = memory[start + h]
                term = exp(max(doubled_precision * (a - x), _SMALLEST))
                if h != high:
                    second_high, without_high = max(second_high, x), without_high + term
                if h != low:
                    second_low, without_low = min(second_low, x), without_low + term
            before = log_twist[
                index_of(a, grid_low, grid_step, nodes), index_of(b, grid_low, grid_step, nodes)
            ]
            c0, c1, c2, c3 = block(key, Purpose.PARTICLE, i, step)
            offset, mass = uniform(c0, c1), 0.0
            for k in range(cells):
                y = grid_low + (k + offset) * width
                if 2.0 * y < a + b:
                    rest, smallest, largest = without_high, min(a, y), max(second_high, y)
                else:
                    rest, smallest, largest = without_low, min(second_low, y), max(b, y)
                arrived = exp(min(max(doubled_precision * (a - y), _SMALLEST), -_SMALLEST))
                loss = log((rest + arrived) / r) - doubled_precision * a
                after = log_twist[
                    index_of(smallest, grid_low, grid_step, nodes),
                    index_of(largest, grid_low, grid_step, nodes),
                ]
                z = (y - 1.0) / sigma
                exponent = theta * loss + after - before + log_scale - 0.5 * z * z
                mass += exp(min(max(exponent, _SMALLEST), -_SMALLEST))
                chances[k] = mass
            target, k = uniform(c2, c3) * mass, 0
            while k < cells - 1 and chances[k] < target:
                k += 1
            y = grid_low + (k + offset) * width
            memory[start + (high if 2.0 * y < a + b else low)] = y
            total += mass
            cumulative[i] = total
        log_means[t] = log(total / n)
        resample(memory, spare, r, cumulative, key, step)


@njit(error_model="numpy")
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
        spare[i * r : (i + 1) * r] = memory[source * r : (source + 1) * r]
    memory[:] = spare
