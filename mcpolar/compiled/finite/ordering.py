"""An order of elimination with little fill: always a state with the fewest neighbours among those that are left.

Tried before: SuperLU's minimum degree (through scipy) finds as little fill, but takes 25 s on a random chain of
20,000 states with five entries a row, since it goes on where all that is left is connected anyway. This loop stops
there, and marks neighbours by bits, so that an elimination is a union of a few hundred words.
"""

from __future__ import annotations

import numba
import numpy as np

from mcpolar.compiled.caching import loop
from mcpolar.compiled.finite.wide import INLINE

_1, _2, _4, _6, _56, _63 = (np.uint64(shift) for shift in (1, 2, 4, 6, 56, 63))
_PAIRS, _FOURS = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
_BYTES, _ONES = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)


@numba.njit(**INLINE)
def count_bits(word: np.uint64) -> np.int64:
    """Return how many bits of a word are set."""
    pairs = word - ((word >> _1) & _PAIRS)
    fours = (pairs & _FOURS) + ((pairs >> _2) & _FOURS)
    eights = (fours + (fours >> _4)) & _BYTES
    return np.int64((eights * _ONES) >> _56)


@loop
def order_states(
    starts: np.ndarray, targets: np.ndarray, kept: int, dense: float
) -> tuple[np.ndarray, int, np.ndarray, np.ndarray]:
    """Order the states of a symmetric graph for elimination.

    Parameters
    ----------
    starts, targets : ndarray of int64
        Neighbours of state i: targets[starts[i]:starts[i + 1]], symmetric, without i.
    kept : int
        A state that is never eliminated before the rest, or -1.
    dense : float
        Stop where the fewest neighbours are at least this share of all that are left.

    Returns
    -------
    order : ndarray of int64, shape (n,)
        The states, those to eliminate first in front.
    n_first : int
        How many were ordered; the rest is the core.
    row_starts : ndarray of int64, shape (n_first + 1,)
    rows : ndarray of int64
        For each ordered state, its neighbours at its elimination (numbers of states).
    """
    n = starts.size - 1
    n_words = (n + 63) >> 6
    marks = np.zeros((n, n_words), dtype=np.uint64)
    degree = np.zeros(n, dtype=np.int64)
    for i in range(n):
        for p in range(starts[i], starts[i + 1]):
            j = targets[p]
            marks[i, j >> 6] |= _1 << (np.uint64(j) & _63)
        degree[i] = starts[i + 1] - starts[i]
    is_left = np.ones(n, dtype=np.bool_)
    order = np.empty(n, dtype=np.int64)
    row_starts = np.zeros(n + 1, dtype=np.int64)
    rows = np.empty(4 * targets.size + n, dtype=np.int64)
    n_rows = 0
    n_first = 0
    nearby = np.empty(n, dtype=np.int64)
    while n_first < n:
        best = -1
        for i in range(n):
            if is_left[i] and i != kept and (best < 0 or degree[i] < degree[best]):
                best = i
        if best < 0 or degree[best] >= dense * (n - n_first - 1):
            break
        n_near = 0
        for w in range(n_words):
            word = marks[best, w]
            if word != np.uint64(0):
                for b in range(64):
                    if (word >> np.uint64(b)) & _1:
                        nearby[n_near] = 64 * w + b
                        n_near += 1
        if n_rows + n_near > rows.size:
            longer = np.empty(2 * (n_rows + n_near), dtype=np.int64)
            longer[:n_rows] = rows[:n_rows]
            rows = longer
        for p in range(n_near):
            rows[n_rows + p] = nearby[p]
        n_rows += n_near
        at, bit = best >> 6, ~(_1 << (np.uint64(best) & _63))
        for p in range(n_near):
            i = nearby[p]
            total = 0
            for w in range(n_words):
                word = marks[i, w] | marks[best, w]
                if w == at:
                    word &= bit
                if w == i >> 6:
                    word &= ~(_1 << (np.uint64(i) & _63))
                marks[i, w] = word
                total += count_bits(word)
            degree[i] = total
        is_left[best] = False
        order[n_first] = best
        n_first += 1
        row_starts[n_first] = n_rows
    rest = n_first
    for i in range(n):
        if is_left[i] and i != kept:
            order[rest] = i
            rest += 1
    if kept >= 0:
        order[n - 1] = kept
    return order, n_first, row_starts[: n_first + 1].copy(), rows[:n_rows].copy()
