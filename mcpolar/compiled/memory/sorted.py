"""Sorted memories: the farthest element is the first or the last."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, error_model="numpy")
def replace_sorted(memory: NDArray[np.float64], start: int, r: int, y: float) -> None:
    """Put y for the farthest of the r sorted elements from `start` on, and keep them sorted."""
    h = 0
    if 2.0 * y < memory[start] + memory[start + r - 1]:
        h = r - 1
        while h > 0 and memory[start + h - 1] > y:
            memory[start + h] = memory[start + h - 1]
            h -= 1
    else:
        while h < r - 1 and memory[start + h + 1] < y:
            memory[start + h] = memory[start + h + 1]
            h += 1
    memory[start + h] = y
