"""The loops of PMr: what a risk of every memory (a multiset of cells) at every node of the log-odds must satisfy.

Memories are numbered; a memory of size r loses its largest or its smallest element, which leaves a rest of size
r - 1, and gains an element in a cell. Everything here rounds up by far more than the rounding errors: sums of at
most a few hundred nonnegative terms have relative errors below 2^-40.

Tables have a row for each memory. Nodes are taken in blocks, whose numbers lie side by side: what is looked up for one
memory serves all of them, and sums run over them at once. Each loop takes a range of rows, so that threads may share.
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
BLOCK = 8
"""Nodes of a block."""
SMALLEST_RISK = 1e-240
"""Risks are kept at least as large, so that no product with a mass underflows."""


@loop
def nodes_after(
    nodes: Floats,
    low_ends: Floats,
    memories: NDArray[np.int16],
    doubled_precision: float,
    rows: tuple[int, int],
    after: NDArray[np.int16],
) -> None:
    """Note for each new memory and node the last node below the log-odds after the update; -1: below the first.

    Parameters
    ----------
    nodes : ndarray, shape (n_nodes,)
        Increasing log-odds before the update.
    low_ends : ndarray, shape (n_cells,)
        The low end of each cell, where the update gains least.
    memories : ndarray of int16, shape (n_memories, r)
        Cells of the elements.
    rows : tuple
        The first memory and the one after the last.
    after : ndarray of int16, shape (n_memories, n_nodes - 1)
        Receives the indices.
    """
    r = memories.shape[1]
    elements, log_r = np.empty(r), math.log(r)
    for number in range(rows[0], rows[1]):
        for h in range(r):
            elements[h] = low_ends[memories[number, h]]
        index = -1
        for q in range(nodes.size - 1):
            reached = updated_log_odds(nodes[q], elements, 0, r, doubled_precision, log_r)
            reached -= max(LOG_ODDS_MARGIN, RELATIVE_MARGIN * abs(reached))
            # log-odds after an update grow with those before
            while index + 1 < nodes.size and nodes[index + 1] <= reached:
                index += 1
            after[number, q] = index


@loop
def look_up(
    risk: Floats, after: NDArray[np.int16], first: int, count: int, rows: tuple[int, int], later: Floats
) -> None:
    """Look up the risk of each new memory after an update from each of the block's `count` nodes.

    `risk` (n_memories, n_nodes) does not rise with the node; `after` is from :func:`nodes_after`.
    """
    for number in range(rows[0], rows[1]):
        for j in range(BLOCK):
            reached = after[number, first + j] if j < count else -1
            later[number, j] = 1.0 if reached < 0 else risk[number, reached]


@loop
def add_up(
    later: Floats,
    masses: Floats,
    joined: Indices,
    spans: NDArray[np.int16],
    rows: tuple[int, int],
    beyond: Floats,
) -> None:
    """Add up what own draws from each cell on bring about, for each rest that loses its smallest element.

    Parameters
    ----------
    later : ndarray, shape (n_memories, BLOCK)
        From :func:`look_up`.
    masses : ndarray, shape (n_cells,)
        Upper ends of the chances that an own draw falls in each cell.
    joined : ndarray of int32, shape (n_rests, n_cells)
        The memory of a rest with an element in a cell.
    spans : ndarray of int16, shape (n_rests, 4)
        The first and the last cell from which sums are asked for; and for :func:`require` the first cell of an element
        that is the largest with this rest, and the last cell up to which sums are asked for then.
    rows : tuple
        The first rest and the one after the last.
    beyond : ndarray, shape (n_rests, n_cells + 1, BLOCK)
        Receives the sums.
    """
    n_cells = joined.shape[1]
    total = np.empty(BLOCK)
    for rest in range(rows[0], rows[1]):
        total[:] = 0.0
        for k in range(n_cells, spans[rest, 0] - 1, -1):
            if k < n_cells:
                number, mass = joined[rest, k], masses[k]
                for j in range(BLOCK):
                    total[j] += mass * later[number, j]
            if k <= spans[rest, 1]:
                for j in range(BLOCK):
                    beyond[rest, k, j] = total[j]


@loop
def require(
    later: Floats,
    beyond: Floats,
    masses: Floats,
    costs: tuple[Floats, Floats],
    below: tuple[float, float],
    above: tuple[float, Floats],
    growth: Floats,
    joined: Indices,
    spans: NDArray[np.int16],
    smallest: NDArray[np.int16],
    without_smallest: Indices,
    first_middle: Indices,
    last_middle: Indices,
    rows: tuple[int, int],
    needed: Floats,
) -> None:
    """Note what the risks after one update require the risk of each memory to be at least, at a block of nodes.

    With the midpoint of the extreme elements in cell v, draws below v take the largest element's place, those above the
    smallest one's, and those in v either: the sum is the larger one of those with the midpoint at an end of v.

    Parameters
    ----------
    later, masses, joined, spans, beyond
        As in :func:`add_up`.
    costs : tuple of ndarray, shape (BLOCK,)
        What a draw from the other component costs at the nodes, and the product form's factor A e^{-theta L} there.
    below, above : tuple
        Of a draw below or above all cells: its chance, and the product form's factor for the draw (above: of each
        rest).
    growth : ndarray, shape (n_rests,)
        The largest product of f over the elements of each rest.
    smallest : ndarray of int16, shape (n_memories,)
        Cells of the smallest elements.
    without_smallest : ndarray of int32, shape (n_memories,)
        The rests that they leave.
    first_middle, last_middle : ndarray of int32, shape (n_cells, n_cells)
        The cells between which the midpoint of the extreme elements lies, by their cells.
    rows : tuple
        The first rest that the largest element leaves, and the one after the last.
    needed : ndarray, shape (n_memories, BLOCK)
        Receives the requirement.
    """
    n_cells, (wrong, tail) = joined.shape[1], costs
    up_to, inside = np.zeros((n_cells + 1, BLOCK)), np.empty(BLOCK)
    for low in range(rows[0], rows[1]):
        for k in range(spans[low, 3]):
            number, mass = joined[low, k], masses[k]
            for j in range(BLOCK):
                up_to[k + 1, j] = up_to[k, j] + mass * later[number, j]
        for largest in range(spans[low, 2], n_cells):
            number = joined[low, largest]
            high = without_smallest[number]
            first = first_middle[smallest[number], largest]
            last = last_middle[smallest[number], largest]
            for j in range(BLOCK):
                inside[j] = up_to[first, j] + beyond[high, first, j]
            for k in range(first + 1, last + 2):
                for j in range(BLOCK):
                    inside[j] = max(inside[j], up_to[k, j] + beyond[high, k, j])
            loss, gain = growth[low] * below[1], growth[high] * above[1][high]
            for j in range(BLOCK):
                outside = min(below[0], tail[j] * loss) + min(above[0], tail[j] * gain)
                needed[number, j] = (wrong[j] + inside[j] + outside) * UP


@loop
def is_enough(
    risk: Floats,
    product: Floats,
    needed: Floats,
    first: int,
    count: int,
    rows: tuple[int, int],
    *,
    lowers: bool,
) -> bool:
    """Return whether each risk of a block is what is needed or that of the product form; lower it to what is needed.

    Needed is at most 1, and at least the risk at the next node, the last node's first.
    """
    found = True
    for number in range(rows[0], rows[1]):
        for j in range(count - 1, -1, -1):
            here, least = risk[number, first + j], max(risk[number, first + j + 1], SMALLEST_RISK)
            enough = min(1.0, max(needed[number, j], least))
            found = found and (enough <= here or here == product[number, first + j])
            if lowers and enough < here:
                risk[number, first + j] = enough
    return found
