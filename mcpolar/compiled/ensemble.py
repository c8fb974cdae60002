"""The two-component chain for an ensemble of replicas: `advance` moves the state in place."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.elementary import log
from mcpolar.compiled.neighbours import neighbour, reposition, sort_agents
from mcpolar.compiled.philox import below, block, box_muller, uniform
from mcpolar.compiled.purposes import Purpose
from mcpolar.compiled.update import farthest, updated_log_odds


def advance(
    log_odds: NDArray[np.float64],
    memory: NDArray[np.float64],
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    first_step: int,
    n_steps: int,
) -> None:
    """Advance every replica by `n_steps` steps of the chain (theory.md, section 1), in place.

    Parameters
    ----------
    log_odds : ndarray, shape (n_replicas, m), C-contiguous
        Log-odds of component +1.
    memory : ndarray, shape (n_replicas, m, r), C-contiguous
        Memories.
    sigma : float
        Component standard deviation.
    k : int
        Neighbourhood size, 0 for the unrestricted chain.
    mirror : float
        Probability that the receiver is its own sender; negative: absent.
    key : ndarray of uint64, shape (2,)
        The Philox key.
    first_replica, first_step : int
        The numbers of row 0 and of the first step: draws are a function of (key, replica, step).
    n_steps : int
        How many steps.

    Notes ----- The result does not depend on how replicas are split into blocks, on their order, or on how
    steps are split into calls: bit for bit. The interpreter lock is released.
    """
    _advance(
        log_odds.reshape(-1),
        memory.reshape(-1),
        log_odds.shape[1],
        memory.shape[2],
        float(sigma),
        k,
        float(mirror),
        key,
        first_replica,
        first_step,
        n_steps,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _advance(
    log_odds: NDArray[np.float64],
    memory: NDArray[np.float64],
    m: int,
    r: int,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    first_step: int,
    n_steps: int,
) -> None:
    """Advance replica by replica; the arrays are flat."""
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    in_order = k > 0 or mirror >= 0.0
    others = k if k > 0 else m - 1
    n_sorted = m if in_order else 0
    order, place = np.empty(n_sorted, np.int32), np.empty(n_sorted, np.int32)
    for row in range(log_odds.size // m):
        replica, base = first_replica + row, row * m
        mine = log_odds[base : base + m]
        if in_order:
            sort_agents(mine, order, place, 0, m)
        even, odd = 0.0, 0.0
        for step in range(first_step, first_step + n_steps):
            c0, c1, c2, c3 = block(key, Purpose.STEP, replica, step)
            if step & 1 == 0 or step == first_step:
                even, odd = box_muller(*block(key, Purpose.NORMAL, replica, step >> 1))
            receiver = below(c0, m)
            if in_order:
                rank = 0
                if mirror < 0.0:
                    rank = below(c1, others + 1)
                else:
                    u0, u1, word, _ = block(key, Purpose.MIRROR, replica, step)
                    if uniform(u0, u1) >= mirror and m > 1:
                        rank = 1 + below(word, others)
                sender = neighbour(mine, order, place, 0, m, receiver, rank)
            else:
                sender = below(c1, m)
            u = uniform(c2, c3)
            component = 1.0 if log(u / (1.0 - u)) < mine[sender] else -1.0
            y = component + sigma * (odd if step & 1 else even)
            start = (base + receiver) * r
            memory[start + farthest(memory, start, r, y)] = y
            mine[receiver] = updated_log_odds(mine[receiver], memory, start, r, doubled_precision, log_r)
            if in_order:
                reposition(mine, order, place, 0, m, receiver)
