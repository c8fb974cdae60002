"""Particles that are one agent's memory, weighted by the log-odds that it loses and resampled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, log
from mcpolar.compiled.base.philox import block, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.memory.multisets import SMALLEST, index_with
from mcpolar.compiled.memory.sorted import replace_sorted

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CELLS_OF_SIGMA = 3  # cells of the grid of updates in one sigma


@njit(**INLINE)
def place_on_grid(x: float, low: float, step: float, n: int) -> tuple[int, float]:
    """Return the node at or below x and the part of the way to the next one; the grid's end for what is outside."""
    place = min(max((x - low) / step, 0.0), n - 1.0)
    node = min(int(place), n - 2)
    return node, place - node


@njit(error_model="numpy")
def sort_parts(parts: Floats, order: Integers) -> None:
    """Fill `order` with the indices of `parts`, largest first; of equal ones the last."""
    for h in range(parts.size):
        k = h
        while k > 0 and parts[order[k - 1]] <= parts[h]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = h


@njit(error_model="numpy")
def interpolate_others(
    nodes: Integers,
    parts: Floats,
    order: Integers,
    left_out: int,
    log_twist: Floats,
    counts: Integers,
    index: Integers,
    corners: Integers,
    levels: Floats,
    values: Floats,
    sums: Floats,
) -> None:
    """Prepare log Psi of a memory less the element `left_out`, and one more: see :func:`interpolated`.

    Psi is interpolated log-linearly on the simplex of multisets that begins with all elements at the node below and
    takes one after the other to the node above, the largest part of a way first. `values` [j, k] is log Psi where j are
    taken and the new element is at node k, `levels` [j] the j-th largest part between 1 and 0, and `sums` [j] the part
    of the interpolation by the corners before the j-th.
    """
    for h in range(nodes.size):
        corners[h] = nodes[h]
    levels[0], taken = 1.0, 0
    sums[0, :] = 0.0
    for place in range(-1, nodes.size):
        if place >= 0:
            h = order[place]
            if h == left_out:
                continue
            corners[h] += 1
            taken += 1
            levels[taken] = parts[h]
            weight = levels[taken - 1] - levels[taken]
            for k in range(index.size):
                sums[taken, k] = sums[taken - 1, k] + weight * values[taken - 1, k]
        index_with(corners, left_out, counts, index)
        for k in range(index.size):
            values[taken, k] = log_twist[index[k]]
    levels[taken + 1] = 0.0
    for k in range(index.size):
        sums[taken + 1, k] = sums[taken, k] + levels[taken] * values[taken, k]


@njit(error_model="numpy")
def interpolated(node: int, part: float, levels: Floats, values: Floats, sums: Floats) -> float:
    """Return log Psi with the new element at `part` of the way from `node` to the next."""
    j, last = 0, values.shape[0] - 1
    while j < last and levels[j + 1] >= part:
        j += 1
    below = sums[j, node] + (levels[j] - part) * values[j, node]
    above = sums[last + 1, node + 1] - sums[j + 1, node + 1]
    return below + (part - levels[j + 1]) * values[j, node + 1] + above


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

    The chain of memories is weighted by M(X')^theta Psi(X')/Psi(X), Psi being e^{log_twist} at the multisets of the
    grid's nodes (see :mod:`mcpolar.compiled.memory.multisets`) and log-linear between, which leaves the growth rate
    of the product of the means as it is. (Psi at the nearest multiset would not do: elements that stay for long
    drift to the side of their cell that is cheaper to reach.) An update is drawn from its law times these weights on
    cells of own draws with a random offset; a particle's weight is the mass of that, whose mean over the offset is the
    integral.
    `log_means` becomes the logarithm of each step's mean weight, `shares` the effective share of the particles,
    (sum w)^2 / (n sum w^2).
    """
    n, nodes = memory.size // r, counts.shape[1] - 1
    doubled_precision = 2.0 / (sigma * sigma)
    low, width = min(grid_low, 1.0 - 6.0 * sigma), sigma / CELLS_OF_SIGMA
    high = max(grid_low + grid_step * (nodes - 1), 1.0 + 6.0 * sigma)
    cells = math.ceil((high - low) / width)
    chances, cumulative = np.empty(cells), np.empty(n)
    below, parts = np.empty(r, np.int64), np.empty(r)
    order, corners, index = np.empty(r, np.int64), np.empty(r, np.int64), np.empty(nodes, np.int64)
    lower_levels, lower_values, lower_sums = np.empty(r + 1), np.empty((r, nodes)), np.empty((r + 1, nodes))
    upper_levels, upper_values, upper_sums = np.empty(r + 1), np.empty((r, nodes)), np.empty((r + 1, nodes))
    log_scale = math.log(width / (sigma * math.sqrt(2.0 * math.pi)))
    for t in range(log_means.size):
        step, total, squares = first_step + t, 0.0, 0.0
        for i in range(n):
            start = i * r
            a, b = memory[start], memory[start + r - 1]
            without_high, without_low = 0.0, 0.0  # what stays if the largest goes, and if the smallest does
            for h in range(r):
                below[h], parts[h] = place_on_grid(memory[start + h], grid_low, grid_step, nodes)
                term = exp(max(doubled_precision * (a - memory[start + h]), SMALLEST))
                without_high += term if h < r - 1 else 0.0
                without_low += term if h > 0 else 0.0
            sort_parts(parts, order)
            interpolate_others(
                below,
                parts,
                order,
                r - 1,
                log_twist,
                counts,
                index,
                corners,
                lower_levels,
                lower_values,
                lower_sums,
            )
            interpolate_others(
                below,
                parts,
                order,
                0,
                log_twist,
                counts,
                index,
                corners,
                upper_levels,
                upper_values,
                upper_sums,
            )
            before = interpolated(below[r - 1], parts[r - 1], lower_levels, lower_values, lower_sums)
            c0, c1, c2, c3 = block(key, Purpose.PARTICLE, i, step)
            offset, mass = uniform(c0, c1), 0.0
            for k in range(cells):
                y = low + (k + offset) * width
                node, part = place_on_grid(y, grid_low, grid_step, nodes)
                if 2.0 * y < a + b:
                    kept = without_high
                    after = interpolated(node, part, lower_levels, lower_values, lower_sums)
                else:
                    kept = without_low
                    after = interpolated(node, part, upper_levels, upper_values, upper_sums)
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
