"""Who sends: the sender of one step, given the receiver and the step's draws."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE
from mcpolar.compiled.base.philox import below, block, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.chain.neighbours import neighbour


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

    `word` is the step's second word; `order` and `place` are used only with k > 0 or mirror >= 0. With mirror,
    words 0 and 1 of the step's block for it decide whether the receiver is its own sender, word 2 the rank.
    """
    if k == 0 and mirror < 0.0:
        return int(below(word, m))
    rank = rank_of(m, k, mirror, key, replica, step, word)
    return int(neighbour(log_odds, order, place, 0, m, receiver, rank))


@njit(**INLINE)
def rank_of(
    m: int, k: int, mirror: float, key: NDArray[np.uint64], replica: int, step: int, word: np.uint64
) -> int:
    """Return the sender's rank among the receiver's neighbours, 0 being the receiver; k > 0 or mirror >= 0."""
    others = k if k > 0 else m - 1
    if mirror < 0.0:
        return int(below(word, others + 1))
    u0, u1, mirror_word, _ = block(key, Purpose.MIRROR, replica, step)
    return 0 if uniform(u0, u1) < mirror or m == 1 else int(1 + below(mirror_word, others))
