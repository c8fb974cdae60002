"""Memories of r nodes (or cells) as multisets, in colexicographic order, and the weighted kernel of one on a grid.

The nodes of a state are sorted, c_1 <= ... <= c_r, and its index is the sum over k of C(c_k + k - 1, k). So the
states that one more node makes of r - 1 others are found by adding up, and an integral over the update is a
difference of sums along the nodes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, log
from mcpolar.compiled.caching import loop

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SMALLEST = -700.0  # e^-700 adds nothing to a sum that holds 1


def multiset_counts(n: int, r: int) -> Integers:
    """Return the number of multisets of k of v nodes at [k, v], for k <= r and v <= n."""
    return np.array(
        [[math.comb(v + k - 1, k) if v else int(k == 0) for v in range(n + 1)] for k in range(r + 1)]
    )


@njit(error_model="numpy")
def to_next(nodes: Integers) -> None:
    """Turn sorted nodes into those of the next state; after the last, the largest is out of the grid."""
    h = 0
    while h < nodes.size - 1 and nodes[h] == nodes[h + 1]:
        nodes[h] = 0
        h += 1
    nodes[h] += 1


@loop
def fill_multisets(multisets: NDArray[np.int16]) -> None:
    """Fill the rows with the multisets of as many nodes as there are columns, in their order."""
    nodes = np.zeros(multisets.shape[1], np.int64)
    for row in range(multisets.shape[0]):
        for h in range(nodes.size):
            multisets[row, h] = nodes[h]
        if nodes.size:
            to_next(nodes)


@loop
def fill_joined(rests: NDArray[np.int16], counts: Integers, joined: NDArray[np.int32]) -> None:
    """Set `joined` [rest, node] to the index of the multiset that each node makes of a rest."""
    nodes, index = np.zeros(rests.shape[1], np.int64), np.zeros(joined.shape[1], np.int64)
    for rest in range(rests.shape[0]):
        nodes[:] = rests[rest]
        index_with(nodes, -1, counts, index)
        joined[rest] = index


@loop
def fill_index(multisets: NDArray[np.int16], counts: Integers, index: NDArray[np.int32]) -> None:
    """Fill `index` with the index of each row, sorted nodes."""
    for row in range(multisets.shape[0]):
        index[row] = 0
        for h in range(multisets.shape[1]):
            index[row] += counts[h + 1, multisets[row, h]]


@loop
def index_with(nodes: Integers, left_out: int, counts: Integers, index: Integers) -> None:
    """Fill `index` with the states that each node makes together with `nodes` less the one at place `left_out`.

    `counts` [k, v] is the number of multisets of k of v nodes; a place outside leaves out none.
    """
    size, place, base = nodes.size, 0, 0
    for h in range(size):
        if h != left_out:
            base += counts[place + 2, nodes[h]]
            place += 1
    node, place = 0, 0
    for h in range(size):
        if h != left_out:
            while node < nodes[h]:
                index[node] = base + counts[place + 1, node]
                node += 1
            base += counts[place + 1, nodes[h]] - counts[place + 2, nodes[h]]
            place += 1
    while node < index.size:
        index[node] = base + counts[place + 1, node]
        node += 1


@loop
def fill_weights(x: Floats, doubled_precision: float, theta: float, r: int, weights: Floats) -> None:
    """Fill `weights` (n_states,) with M^theta, M being the mean of e^{-2 x_h/sigma^2} over a state."""
    nodes = np.zeros(r, np.int64)
    for state in range(weights.size):
        lowest, total = x[nodes[0]], 0.0
        for h in range(r):
            total += exp(max(doubled_precision * (lowest - x[nodes[h]]), SMALLEST))
        weights[state] = exp(theta * (log(total / r) - doubled_precision * lowest))
        to_next(nodes)


@njit(**INLINE)
def up_to_midpoint(sums: Floats, ends: int) -> float:
    """Return the sum over the nodes below ends/2, and half of the node there if there is one."""
    middle = ends >> 1
    return sums[middle + 1] if ends & 1 else 0.5 * (sums[middle] + sums[middle + 1])


@njit(error_model="numpy")
def apply_kernel(vector: Floats, mass: Floats, counts: Integers, rest: Integers, out: Floats) -> None:
    """Set `out` to the integral of `vector` over the updated state; `rest` (r - 1,) is overwritten.

    An update below the midpoint of the smallest and the largest node takes the place of the largest, one above that of
    the smallest, one at it of either with half its mass.
    """
    n = mass.size
    index, sums = np.empty(n, np.int64), np.zeros(n + 1)
    out[:] = 0.0
    rest[:] = 0
    while rest[-1] < n:
        index_with(rest, -1, counts, index)
        for k in range(n):
            sums[k + 1] = sums[k] + mass[k] * vector[index[k]]
        lowest, highest = rest[0], rest[-1]
        for largest in range(highest, n):
            out[index[largest]] += up_to_midpoint(sums, lowest + largest)
        for smallest in range(lowest + 1):
            out[index[smallest]] += sums[n] - up_to_midpoint(sums, smallest + highest)
        to_next(rest)


@loop
def dominant_vector(
    weights: Floats,
    vector: Floats,
    spare: Floats,
    mass: Floats,
    counts: Integers,
    own_share: float,
    tolerance: float,
    most_iterations: int,
) -> tuple[float, float]:
    """Apply the weighted kernel to `vector` (n_states,) until its growth is known to `tolerance`, relatively; in place.

    Returns the smallest and the largest ratio of an entry to the entry before, between which the largest eigenvalue
    lies (Collatz and Wielandt). `own_share` of the vector before is added to the normalised one: the best ways to lose
    log-odds are cycles, whose other eigenvalues are nearly as large but point elsewhere in the plane.
    """
    rest = np.zeros(counts.shape[0] - 2, np.int64)
    smallest, largest = 0.0, np.inf
    for _ in range(most_iterations):
        for state in range(vector.size):
            vector[state] *= weights[state]
        apply_kernel(vector, mass, counts, rest, spare)
        smallest, largest = np.inf, 0.0
        for state in range(vector.size):
            vector[state] /= weights[state]
            ratio = spare[state] / vector[state]
            smallest, largest = min(smallest, ratio), max(largest, ratio)
        growth = 1.0 / math.sqrt(smallest * largest)
        last = vector.size - 1
        scale = 1.0 / (spare[last] * growth + own_share * vector[last])
        for state in range(vector.size):
            vector[state] = (spare[state] * growth + own_share * vector[state]) * scale
        if largest <= smallest * (1.0 + tolerance):
            break
    return smallest, largest
