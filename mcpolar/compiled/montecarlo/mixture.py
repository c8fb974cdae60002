"""The loop that weighs good paths of a general mixture with spherical components, updated one agent at a time."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, log
from mcpolar.compiled.base.philox import below, block, box_muller
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop

Floats = NDArray[np.float64]


@njit(**INLINE)
def squared_distance(points: Floats, start: int, centre: Floats, at: int, d: int) -> float:
    """Return the squared distance of two points of flat arrays."""
    total = 0.0
    for axis in range(d):
        gap = points[start + axis] - centre[at + axis]
        total += gap * gap
    return total


@njit(**INLINE)
def log_sum(values: Floats, n: int) -> float:
    """Return log(sum of e^value) of the first n values."""
    largest = values[:n].max()
    total = 0.0
    for index in range(n):
        total += exp(max(values[index] - largest, -700.0))
    return largest + log(total)


@njit(nogil=True, error_model="numpy")
def nearest_of_rank(log_weights: Floats, m: int, c: int, agent: int, rank: int, distance: Floats) -> int:
    """Return the agent that is the rank-th nearest in Euclidean distance of weights; 0 is `agent`, ties by index."""
    for other in range(m):
        total = 0.0
        for component in range(c):
            here, there = log_weights[agent * c + component], log_weights[other * c + component]
            gap = exp(max(here, -700.0)) - exp(max(there, -700.0))
            total += gap * gap
        distance[other] = total
    distance[agent] = -1.0
    found = agent
    for _ in range(rank):
        distance[found] = np.inf
        found = int(np.argmin(distance[:m]))
    return found


@loop
def general_log_weights(
    start_log_weights: Floats,
    start_memory: Floats,
    silo: NDArray[np.int64],
    means: Floats,
    sigma: float,
    r: int,
    k: int,
    key: NDArray[np.uint64],
    first_replica: int,
    log_hit: float,
    radii: Floats,
    log_weight: Floats,
) -> None:
    """Run the chain of a general mixture, every arrival drawn from its receiver's component inside its ball.

    Parameters
    ----------
    start_log_weights, start_memory : ndarray, shapes (m c,) and (m r d,)
        The state from which every replica starts.
    silo : ndarray of int64, shape (m,)
        The component in whose ball each agent's arrivals must lie.
    means : ndarray, shape (c d,)
        Component means.
    k : int
        Neighbourhood size; 0: senders are uniform on all agents.
    log_hit : float
        Log of the chance that a component's own draw lies in its ball.
    radii : ndarray, shape (n_replicas, n_steps)
        Distances of the arrivals from the mean in units of sigma, drawn from the truncated chi law.
    log_weight : ndarray, shape (n_replicas,)
        Becomes the log of the chain's density over that of the draws: what is drawn from the sender's other
        components counts by its density at the arrival.
    """
    m = silo.size
    c, d = start_log_weights.size // m, start_memory.size // (m * r)
    arrival, terms, shares = np.empty(d), np.empty(c), np.empty(r * c)
    distance, column = np.empty(m), np.empty(r)
    per_step, halved_precision = (d + 1) // 2, 0.5 / (sigma * sigma)
    for row in range(radii.shape[0]):
        replica, total = first_replica + row, 0.0
        weights, memory = start_log_weights.copy(), start_memory.copy()
        for step in range(radii.shape[1]):
            c0, c1, _, _ = block(key, Purpose.GENERAL, replica, step)
            i = below(c0, m)
            j = nearest_of_rank(weights, m, c, i, below(c1, k + 1), distance) if k > 0 else below(c1, m)
            centre, norm = silo[i] * d, 0.0
            for pair in range(per_step):
                even, odd = box_muller(*block(key, Purpose.GENERAL_NORMAL, replica, step * per_step + pair))
                arrival[2 * pair] = even
                norm += even * even
                if 2 * pair + 1 < d:
                    arrival[2 * pair + 1] = odd
                    norm += odd * odd
            scale = sigma * radii[row, step] / np.sqrt(norm)
            for axis in range(d):
                arrival[axis] = means[centre + axis] + scale * arrival[axis]
            own = squared_distance(arrival, 0, means, centre, d)
            for component in range(c):
                other = squared_distance(arrival, 0, means, component * d, d)
                terms[component] = weights[j * c + component] + halved_precision * (own - other)
            total += log_hit + log_sum(terms, c)
            found, largest = 0, -1.0
            for h in range(r):
                gap = squared_distance(memory, (i * r + h) * d, arrival, 0, d)
                if gap > largest:
                    found, largest = h, gap
            for axis in range(d):
                memory[(i * r + found) * d + axis] = arrival[axis]
            for h in range(r):
                for component in range(c):
                    gap = squared_distance(memory, (i * r + h) * d, means, component * d, d)
                    terms[component] = weights[i * c + component] - halved_precision * gap
                whole = log_sum(terms, c)
                for component in range(c):
                    shares[h * c + component] = terms[component] - whole
            for component in range(c):
                for h in range(r):
                    column[h] = shares[h * c + component]
                weights[i * c + component] = log_sum(column, r) - log(float(r))
        log_weight[row] = total
