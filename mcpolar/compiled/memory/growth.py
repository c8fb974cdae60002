"""A loop over one agent's memory under own draws: what its log-odds gain.

Far from 0 the log-odds of an agent that hears its own side only grow by -log M(X') at every update, where
M(X) = (1/r) sum_h e^{-2 x_h/sigma^2} over its memory X, and the memory evolves by itself.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, log
from mcpolar.compiled.base.philox import block, box_muller
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.update import farthest

Floats = NDArray[np.float64]

_SMALLEST = -700.0  # e^-700 adds nothing to a sum that holds 1


@njit(**INLINE)
def log_loss(memory: Floats, start: int, r: int, doubled_precision: float) -> float:
    """Return log M of the r elements from `start` on; the largest term is taken out of the sum."""
    lowest = memory[start]
    for h in range(1, r):
        lowest = min(lowest, memory[start + h])
    total = 0.0
    for h in range(r):
        total += exp(max(doubled_precision * (lowest - memory[start + h]), _SMALLEST))
    return log(total / r) - doubled_precision * lowest


@loop
def add_gains(
    memory: Floats,
    r: int,
    sigma: float,
    key: NDArray[np.uint64],
    first_replica: int,
    first_update: int,
    n_updates: int,
    gains: Floats,
) -> None:
    """Update each replica's memory (flat, r elements each) with own draws; add its gains to `gains` (n_replicas,)."""
    doubled_precision = 2.0 / (sigma * sigma)
    for row in range(gains.size):
        even, odd, total = 0.0, 0.0, 0.0
        for update in range(first_update, first_update + n_updates):
            if update & 1 == 0 or update == first_update:
                even, odd = box_muller(*block(key, Purpose.GROWTH, first_replica + row, update >> 1))
            y = 1.0 + sigma * (odd if update & 1 else even)
            memory[row * r + farthest(memory, row * r, r, y)] = y
            total -= log_loss(memory, row * r, r, doubled_precision)
        gains[row] += total
