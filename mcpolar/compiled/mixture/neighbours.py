"""Who an agent asks: itself, or one of the k agents nearest in the Euclidean distance of weight vectors.

Only the order of the distances matters, and weights are soon so near 0 and 1 that |w_i - w_j|^2, added up as it
stands, is 0 within a silo and 2 across. Both ends are resolved: with e_i = sum of the weights outside i's silo,

* within a silo, w_ib - w_jb = e_j - e_i for its component b, so |w_i - w_j|^2 has no cancellation;
* across, |w_i - w_j|^2 = 1 + |w_i|^2 - G_j with G_j = (1 - |w_j|^2) + 2 w_i . w_j, a sum of positive terms.

So -1/|w_i - w_j|^2 where the distance is below 1, else 1/G_j, orders agents as the distance does. Where these leave
the range of doubles logs take their place; there, weights below 1e-140 of e_i count as 0.
"""

from __future__ import annotations

import math

from numba import njit

from mcpolar.compiled.mixture.draws import Draws
from mcpolar.compiled.mixture.points import LOOP, SPLICED, Floats
from mcpolar.compiled.mixture.state import Agents, Options, Work

TIE = 1e-12
"""Relative difference of keys below which two agents count as equally near: rounding, not order."""
SMALLEST = 1e-100
"""Squared distances and G below it may have lost terms taken as 0: they are done in logs."""


@njit(**SPLICED)
def choose_partner(options: Options, i: int, u: int, draws: Draws, agents: Agents, work: Work) -> int:
    """Return the agent that i asks at update u of a batch."""
    if draws.mirror[u] < options.mirror:
        return i
    rank = draws.rank[u]
    if options.k >= options.n - 1:
        return rank + 1 if rank >= i else rank
    nearness(options, i, agents, work.keys, work.far)
    value = order_statistic(work.keys, options.n, i, rank, work.nearest)
    return _among_tied(options, i, rank, value, draws.tie[u], work.keys)


@njit(**SPLICED)
def nearness(options: Options, i: int, agents: Agents, keys: Floats, far: Floats) -> None:
    """Write a key for every agent that increases with its distance from i."""
    silo, weights = agents.silo[i], agents.weights[i]
    keys[:] = 0.0
    far[:] = 0.0
    for a in range(options.c):
        column, weight = agents.by_component[a], weights[a]
        if a == silo:
            for j in range(keys.size):
                far[j] += column[j] * weight
        else:
            for j in range(keys.size):
                difference = column[j] - weight
                keys[j] += difference * difference
                far[j] += column[j] * weight
    column = agents.by_component[silo]
    for j in range(options.n):
        inside = agents.outside[i] - agents.outside[j]
        difference = inside if agents.silo[j] == silo else column[j] - weights[silo]
        squared = keys[j] + difference * difference
        gain = agents.spread[j] + 2.0 * far[j]
        if squared < 1.0:
            keys[j] = -1.0 / squared if squared > 1e-300 else -1e300
        else:
            keys[j] = 1.0 / gain if gain > 1e-300 else 1e300
    if options.floor == 0.0:
        for j in range(options.n):
            if j != i and abs(keys[j]) > 1.0 / SMALLEST:
                keys[j] = _key_in_logs(i, j, agents)


@njit(**LOOP)
def _key_in_logs(i: int, j: int, agents: Agents) -> float:
    """Return the key of a pair whose squared distance, or G, is about SMALLEST or below.

    1/x = e^L is soon out of range; (1 + L - L0) / SMALLEST with L0 = -log SMALLEST takes its place beyond L0 and goes
    on in the same order.
    """
    silo, left, right = agents.silo[j], agents.log_outside[i], agents.log_outside[j]
    if agents.silo[i] == silo:
        top = max(left, right)
        left, right = math.exp(left - top), math.exp(right - top)
        total = (left - right) * (left - right)
        for a in range(agents.shares.shape[1]):
            difference = left * agents.shares[i, a] - right * agents.shares[j, a]
            total += difference * difference
        log_inverse = -(math.log(max(total, 1e-300)) + 2.0 * top)
    else:
        overlap = 1.0
        for a in range(agents.shares.shape[1]):
            overlap += agents.weights[i, a] * agents.shares[j, a]
        right += math.log(overlap)
        cross = agents.log_weights[i, silo] + agents.log_weights[j, silo]
        top = max(right, cross)
        log_inverse = -(math.log(2.0 * (math.exp(right - top) + math.exp(cross - top))) + top)
    beyond = log_inverse + math.log(SMALLEST)
    key = (1.0 + beyond) / SMALLEST if beyond > 0.0 else math.exp(log_inverse)
    return -key if agents.silo[i] == silo else key


@njit(**SPLICED)
def order_statistic(keys: Floats, n: int, left_out: int, rank: int, smallest: Floats) -> float:
    """Return the key of the given rank (0 is the smallest), one entry left out."""
    length = 0
    for j in range(n):
        key = keys[j]
        if j == left_out or (length > rank and key >= smallest[rank]):
            continue
        place = length if length <= rank else rank
        length = min(length + 1, rank + 1)
        while place > 0 and smallest[place - 1] > key:
            smallest[place] = smallest[place - 1]
            place -= 1
        smallest[place] = key
    return smallest[rank]


@njit(**SPLICED)
def _among_tied(options: Options, i: int, rank: int, value: float, u: float, keys: Floats) -> int:
    """Return the agent of this rank: uniform among those tied with it, or in order of index."""
    margin = TIE * abs(value)
    nearer, tied = 0, 0
    for j in range(options.n):
        if j != i:
            nearer += keys[j] < value - margin
            tied += abs(keys[j] - value) <= margin
    wanted = int(u * tied) if options.random_ties else rank - nearer
    for j in range(options.n):
        if j != i and abs(keys[j] - value) <= margin:
            if wanted == 0:
                return j
            wanted -= 1
    return -1
