"""The loops of PMr: what a risk of every memory (a multiset of cells) at every node of the log-odds must satisfy.

Memories are numbered; a memory of size r loses its largest or its smallest element, which leaves a rest of size
r - 1, and gains an element in a cell. Everything here rounds up by far more than the rounding errors: sums of at
most a few hundred nonnegative terms have relative errors below 2^-40.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.update import updated_log_odds

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

UP = 1.0 + 2.0**-30
"""Factor that outweighs the rounding errors of a sum."""
LOG_ODDS_MARGIN, RELATIVE_MARGIN = 2.0**-30, 2.0**-46
"""What is taken off log-odds for the rounding errors of an update: the larger one."""
SMALLEST_RISK = 1e-240
"""Risks are kept at least as large, so that no product with a mass underflows."""


@loop
def nodes_after(
    nodes: Floats,
    low_ends: Floats,
    memories: NDArray[np.int16],
    doubled_precision: float,
    after: NDArray[np.int16],
) -> None:
    """Note for each node and new memory the last node below the log-odds after the update; -1: below the first.

    Parameters
    ----------
    nodes : ndarray, shape (n_nodes,)
        Increasing log-odds before the update.
    low_ends : ndarray, shape (n_cells,)
        The low end of each cell, where the update gains least.
    memories : ndarray of int16, shape (n_memories, r)
        Cells of the elements.
    after : ndarray of int16, shape (n_nodes - 1, n_memories)
        Receives the indices.
    """
    r = memories.shape[1]
    elements, log_r = np.empty(r), math.log(r)
    for number in range(memories.shape[0]):
        for h in range(r):
            elements[h] = low_ends[memories[number, h]]
        index = -1
        for q in range(nodes.size - 1):
            reached = updated_log_odds(nodes[q], elements, 0, r, doubled_precision, log_r)
            reached -= max(LOG_ODDS_MARGIN, RELATIVE_MARGIN * abs(reached))
            # log-odds after an update grow with those before
            while index + 1 < nodes.size and nodes[index + 1] <= reached:
                index += 1
            after[q, number] = index


@loop
def requirement(
    risk: Floats,
    node: int,
    after: NDArray[np.int16],
    masses: Floats,
    wrong: float,
    tail: float,
    below: tuple[float, float],
    above: tuple[float, Floats],
    growth: Floats,
    smallest: NDArray[np.int16],
    largest: NDArray[np.int16],
    without_largest: Indices,
    without_smallest: Indices,
    joined: Indices,
    first_middle: Indices,
    last_middle: Indices,
    needed: Floats,
) -> None:
    """Note what the risks after one update require the risk of each memory at one node to be at least.

    Parameters
    ----------
    risk : ndarray, shape (n_nodes, n_memories)
        Nonincreasing in the node.
    after : ndarray of int16, shape (n_memories,)
        The node's row of :func:`nodes_after`.
    masses : ndarray, shape (n_cells,)
        Upper ends of the chances that an own draw falls in each cell.
    wrong, tail : float
        What a draw from the other component costs at the node, and the product form's factor A e^{-theta L} there.
    below, above : tuple
        Of a draw below or above all cells: its chance, and the product form's factor for the draw (above: of each
        rest).
    growth : ndarray, shape (n_rests,)
        The largest product of f over the elements of each rest.
    smallest, largest : ndarray of int16, shape (n_memories,)
        Cells of the extreme elements.
    without_largest, without_smallest : ndarray of int32, shape (n_memories,)
        The rests.
    joined : ndarray of int32, shape (n_rests, n_cells)
        The memory of a rest with an element in a cell.
    first_middle, last_middle : ndarray of int32, shape (n_cells, n_cells)
        The cells between which the midpoint of the extreme elements lies, by their cells.
    needed : ndarray, shape (n_memories,)
        Receives the requirement, at most 1, and not below the risk at the next node.
    """
    n_rests, n_cells = joined.shape
    later, part = np.empty(needed.size), np.empty((n_rests, n_cells))
    up_to, beyond = np.zeros((n_rests, n_cells + 1)), np.zeros((n_rests, n_cells + 1))
    for number in range(needed.size):
        reached = after[number]
        later[number] = 1.0 if reached < 0 else risk[reached, number]
    for rest in range(n_rests):
        for k in range(n_cells):
            part[rest, k] = masses[k] * later[joined[rest, k]]
            up_to[rest, k + 1] = up_to[rest, k] + part[rest, k]
        for k in range(n_cells - 1, -1, -1):
            beyond[rest, k] = beyond[rest, k + 1] + part[rest, k]
    for number in range(needed.size):
        low, high = without_largest[number], without_smallest[number]
        first = first_middle[smallest[number], largest[number]]
        last = last_middle[smallest[number], largest[number]]
        inside = 0.0
        for k in range(first, last + 1):
            nearest = max(part[low, k], part[high, k])
            inside = max(inside, up_to[low, k] + nearest + beyond[high, k + 1])
        outside = min(below[0], tail * growth[low] * below[1])
        outside += min(above[0], tail * growth[high] * above[1][high])
        least = max(risk[node + 1, number], SMALLEST_RISK)
        needed[number] = min(1.0, max((wrong + inside + outside) * UP, least))
