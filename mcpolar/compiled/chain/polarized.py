"""Whether states lie in a level: the one event that is looked at often enough to be compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.caching import loop


@loop
def find_polarized(
    log_odds: NDArray[np.float64],
    memory: NDArray[np.float64],
    threshold: float,
    near_end: float,
    far_end: float,
    out: NDArray[np.bool_],
) -> None:
    """Fill `out` (n,): all |log_odds| (n, m) >= threshold > 0, all own-side memory (n, m, r) between the ends."""
    n, m, r = memory.shape
    for row in range(n):
        polarized = True
        agent = 0
        while polarized and agent < m:
            side = 1.0 if log_odds[row, agent] > 0.0 else -1.0
            polarized = side * log_odds[row, agent] >= threshold
            for h in range(r):
                own = side * memory[row, agent, h]
                polarized &= near_end <= own <= far_end
            agent += 1
        out[row] = polarized
