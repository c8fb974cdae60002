"""The loop that weighs good paths of a general mixture with spherical components, updated one agent at a time."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, log
from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop

Floats = NDArray[np.float64]

MOST_ATTEMPTS = 1024
"""Draws until one lies in its cell: at a chance of 1/20 all of them miss once in 1e22 steps."""


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


@njit(nogil=True, error_model="numpy")
def receive(
    weights: Floats,
    memory: Floats,
    means: Floats,
    i: int,
    arrival: Floats,
    r: int,
    halved_precision: float,
    terms: Floats,
    shares: Floats,
    column: Floats,
) -> None:
    """Replace the farthest element of agent i's memory by `arrival`, and take one EM step of its weights.

    `terms` (c,), `shares` (r c,) and `column` (r,) are for the numbers on the way.
    """
    c, d = terms.size, arrival.size
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


@njit(nogil=True, error_model="numpy")
def one_step(
    weights: Floats,
    memory: Floats,
    means: Floats,
    sigma: float,
    r: int,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    replica: int,
    step: int,
    arrival: Floats,
    terms: Floats,
    shares: Floats,
    column: Floats,
    distance: Floats,
) -> tuple[int, int]:
    """Take one step of the chain; return the receiver and the component that its sender drew from.

    `mirror`: chance that an agent is its own sender; negative: it counts as one of the candidates. `arrival` (d,)
    becomes what was drawn; the arrays after it are for the numbers on the way.
    """
    c, d, m = terms.size, arrival.size, distance.size
    c0, c1, c2, c3 = block(key, Purpose.GENERAL_STEP, replica, step)
    i = below(c0, m)
    if mirror >= 0.0 and uniform(c2, c3) < mirror:
        j = i
    elif k > 0:
        rank = below(c1, k) + 1 if mirror >= 0.0 else below(c1, k + 1)
        j = nearest_of_rank(weights, m, c, i, rank, distance)
    elif mirror >= 0.0:
        j = (i + 1 + below(c1, m - 1)) % m
    else:
        j = below(c1, m)
    b0, b1, _, _ = block(key, Purpose.GENERAL_COMPONENT, replica, step)
    # the largest weight first, so that a rare draw of another component is not lost in rounding
    largest = int(np.argmax(weights[j * c : (j + 1) * c]))
    drawn, rest = largest, uniform(b0, b1) - exp(weights[j * c + largest])
    if rest > 0.0:
        for component in range(c):
            if component != largest and rest > 0.0:
                rest -= exp(max(weights[j * c + component], -700.0))
                drawn = component
    per_step = (d + 1) // 2
    for pair in range(per_step):
        even, odd = box_muller(*block(key, Purpose.GENERAL_ARRIVAL, replica, step * per_step + pair))
        arrival[2 * pair] = means[drawn * d + 2 * pair] + sigma * even
        if 2 * pair + 1 < d:
            arrival[2 * pair + 1] = means[drawn * d + 2 * pair + 1] + sigma * odd
    receive(weights, memory, means, i, arrival, r, 0.5 / (sigma * sigma), terms, shares, column)
    return i, drawn


@loop
def general_silos(
    start_log_weights: Floats,
    start_memory: Floats,
    silo: NDArray[np.int64],
    means: Floats,
    sigma: float,
    r: int,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    steps: int,
    left: NDArray[np.int64],
    strayed: NDArray[np.int64],
) -> None:
    """Run the chain of a general mixture until an agent leaves its silo.

    Parameters
    ----------
    start_log_weights, start_memory, silo, means, k
        As for :func:`general_log_weights`.
    mirror : float
        As for :func:`one_step`.
    steps : int
        The most steps.
    left : ndarray of int64, shape (n_replicas,)
        Becomes the step at which some agent's largest weight is first another one's; `steps` + 1 if never.
    strayed : ndarray of int64, shape (n_replicas,)
        Becomes the first step whose draw is not of its receiver's component; `steps` + 1 if there is none until then.
    """
    m = silo.size
    c, d = start_log_weights.size // m, start_memory.size // (m * r)
    arrival, terms, shares = np.empty(d), np.empty(c), np.empty(r * c)
    distance, column = np.empty(m), np.empty(r)
    for row in range(left.size):
        replica = first_replica + row
        weights, memory = start_log_weights.copy(), start_memory.copy()
        left[row], strayed[row] = steps + 1, steps + 1
        for step in range(steps):
            i, drawn = one_step(
                *(weights, memory, means, sigma, r, k, mirror, key, replica, step),
                *(arrival, terms, shares, column, distance),
            )
            if drawn != silo[i] and strayed[row] > steps:
                strayed[row] = step + 1
            own, changed = weights[i * c + silo[i]], False
            for component in range(c):
                changed = changed or weights[i * c + component] > own
            if changed:
                left[row] = step + 1
                break


@loop
def general_ends(
    start_log_weights: Floats,
    start_memory: Floats,
    means: Floats,
    agents: int,
    sigma: float,
    r: int,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    steps: int,
    log_weights: Floats,
    memories: Floats,
) -> None:
    """Run the chain of a general mixture for so many steps.

    Parameters
    ----------
    start_log_weights, start_memory, means, k, mirror
        As for :func:`general_silos`.
    agents, steps : int
        m, and how many steps.
    log_weights, memories : ndarray, shapes (n_replicas, m c) and (n_replicas, m r d)
        Become the states at the end.
    """
    c, d = start_log_weights.size // agents, start_memory.size // (agents * r)
    arrival, terms, shares = np.empty(d), np.empty(c), np.empty(r * c)
    distance, column = np.empty(agents), np.empty(r)
    for row in range(log_weights.shape[0]):
        weights, memory = start_log_weights.copy(), start_memory.copy()
        for step in range(steps):
            one_step(
                *(weights, memory, means, sigma, r, k, mirror, key, first_replica + row, step),
                *(arrival, terms, shares, column, distance),
            )
        log_weights[row] = weights
        memories[row] = memory


@njit(nogil=True, error_model="numpy")
def draw_in_cell(
    arrival: Floats, gaps: Floats, own: int, sigma: float, key: NDArray[np.uint64], replica: int, step: int
) -> None:
    """Draw `arrival` - mu_own from the own component until it lies in its cell.

    `gaps` (c c d,) holds mu_l - mu_j; the cell is where 2 <x - mu_j, mu_l - mu_j> is at most half its square for all l.
    """
    d = arrival.size
    c = round(np.sqrt(gaps.size / d))
    per_step = (d + 1) // 2
    for attempt in range(MOST_ATTEMPTS):
        first = (step * MOST_ATTEMPTS + attempt) * per_step
        for pair in range(per_step):
            even, odd = box_muller(*block(key, Purpose.GENERAL_NORMAL, replica, first + pair))
            arrival[2 * pair] = sigma * even
            if 2 * pair + 1 < d:
                arrival[2 * pair + 1] = sigma * odd
        inside = True
        for component in range(c):
            product, square, start = 0.0, 0.0, (own * c + component) * d
            for axis in range(d):
                product += arrival[axis] * gaps[start + axis]
                square += gaps[start + axis] * gaps[start + axis]
            inside = inside and 4.0 * product <= square
        if inside:
            return


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
    log_hit: Floats,
    radii: Floats,
    gaps: Floats,
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
    log_hit : ndarray, shape (c,)
        Log of the chance that a component's own draw lies in its ball, or in its cell.
    radii : ndarray, shape (n_replicas, n_steps)
        Distances of the arrivals from the mean in units of sigma, drawn from the truncated chi law; of cells unused.
    gaps : ndarray, shape (c c d,) or (0,)
        Differences of the means, as :func:`draw_in_cell` takes them; none: arrivals lie in balls.
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
            if gaps.size > 0:
                draw_in_cell(arrival, gaps, silo[i], sigma, key, replica, step)
                scale = 1.0
            else:
                for pair in range(per_step):
                    words = block(key, Purpose.GENERAL_NORMAL, replica, step * per_step + pair)
                    even, odd = box_muller(*words)
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
            total += log_hit[silo[i]] + log_sum(terms, c)
            receive(weights, memory, means, i, arrival, r, halved_precision, terms, shares, column)
        log_weight[row] = total
