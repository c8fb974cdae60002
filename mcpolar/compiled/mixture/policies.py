"""Memory policies: which element of a memory a new point replaces.

A policy is a compiled function of (memory, new, history, u): the elements (r, d), the new point (d,), their history
(r, 3) and a uniform number; it returns the index of the element to go. The history of an element is the step at which
it arrived, the step at which it was last matched, and how often: an element is matched when a point arrives that it is
the nearest to, among those that stay. Elements of the start have step -1.

The loops call a policy by its address, so all policies share the loops' compiled code and its cache.
"""

from __future__ import annotations

import numpy as np
from numba import cfunc, njit, types
from numpy.typing import NDArray

from mcpolar.compiled.mixture.points import LEAF, LOOP, Floats

SIGNATURE = types.int64(types.float64[:, ::1], types.float64[::1], types.int64[:, ::1], types.float64)

ARRIVED, MATCHED, MATCHES = 0, 1, 2


@njit(**LEAF)
def squared_distance(left: Floats, right: Floats) -> float:
    """Return |left - right|^2."""
    total = 0.0
    for s in range(left.size):
        difference = left[s] - right[s]
        total += difference * difference
    return total


@cfunc(SIGNATURE, cache=True)
def replace_farthest(memory: Floats, new: Floats, history: NDArray[np.int64], u: float) -> int:
    """Return the element farthest from the new point; ties to the smaller index."""
    chosen, most = 0, -1.0
    for h in range(memory.shape[0]):
        distance = squared_distance(memory[h], new)
        if distance > most:
            chosen, most = h, distance
    return chosen


@cfunc(SIGNATURE, cache=True)
def replace_oldest(memory: Floats, new: Floats, history: NDArray[np.int64], u: float) -> int:
    """Return the element that arrived first; ties to the smaller index."""
    return int(history[:, ARRIVED].argmin())


@cfunc(SIGNATURE, cache=True)
def replace_newest(memory: Floats, new: Floats, history: NDArray[np.int64], u: float) -> int:
    """Return the element that arrived last; ties, as at the start, to the larger index."""
    chosen = 0
    for h in range(1, memory.shape[0]):
        if history[h, ARRIVED] >= history[chosen, ARRIVED]:
            chosen = h
    return chosen


@cfunc(SIGNATURE, cache=True)
def replace_retrieved(memory: Floats, new: Floats, history: NDArray[np.int64], u: float) -> int:
    """Return what retrieval gives for the new point, the element nearest to it; ties to the smaller index."""
    chosen, least = 0, np.inf
    for h in range(memory.shape[0]):
        distance = squared_distance(memory[h], new)
        if distance < least:
            chosen, least = h, distance
    return chosen


@cfunc(SIGNATURE, cache=True)
def replace_least_recently_matched(memory: Floats, new: Floats, history: NDArray[np.int64], u: float) -> int:
    """Return the element whose arrival or last match is longest ago; ties to the smaller index."""
    return int(history[:, MATCHED].argmin())


@cfunc(SIGNATURE, cache=True)
def replace_by_importance(memory: Floats, new: Floats, history: NDArray[np.int64], u: float) -> int:
    """Return the element with the largest squared distance divided by its importance, 1 + its matches."""
    chosen, most = 0, -1.0
    for h in range(memory.shape[0]):
        score = squared_distance(memory[h], new) / (1.0 + history[h, MATCHES])
        if score > most:
            chosen, most = h, score
    return chosen


@njit(**LOOP)
def nearest_remaining(memory: Floats, new: Floats, replaced: int) -> int:
    """Return the element nearest to the new point among those that stay; -1 if none does."""
    chosen, least = -1, np.inf
    for h in range(memory.shape[0]):
        distance = squared_distance(memory[h], new)
        if h != replaced and distance < least:
            chosen, least = h, distance
    return chosen
