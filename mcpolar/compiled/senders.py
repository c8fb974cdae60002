"""Who sends: the sender of one step, given the receiver and the step's draws."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.elementary import INLINE
from mcpolar.compiled.neighbours import neighbour
from mcpolar.compiled.philox import below, block, uniform
from mcpolar.compiled.purposes import Purpose


@njit(**INLINE)
def sender_of(
    log_odds: NDArray[np.float64],
    order: NDArray[np.int32],
    place: NDArray[np.int32],
    m: int,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    replica: int,
    step: int,
    receiver: int,
    word: np.uint64,
) -> int:
    """Return the sender: uniform on all agents, or on the receiver and its k nearest, or mirrored.

    `word` is the step's second word; `order` and `place` are used only with k > 0 or mirror >= 0.
    """
    if k == 0 and mirror < 0.0:
        return int(below(word, m))
    others = k if k > 0 else m - 1
    if mirror < 0.0:
        return int(neighbour(log_odds, order, place, 0, m, receiver, below(word, others + 1)))
    u0, u1, _, _ = block(key, Purpose.MIRROR, replica, step)
    rank = 0 if uniform(u0, u1) < mirror else 1 + below(word, others)
    return int(neighbour(log_odds, order, place, 0, m, receiver, rank))
