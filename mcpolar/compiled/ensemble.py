"""The two-component chain for an ensemble of replicas: `advance` moves the state in place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.caching import loop
from mcpolar.compiled.draws import LANES
from mcpolar.compiled.elementary import fma, log
from mcpolar.compiled.lanes import advance_lanes
from mcpolar.compiled.neighbours import reposition, sort_agents
from mcpolar.compiled.philox import below, block, box_muller, uniform
from mcpolar.compiled.purposes import Purpose
from mcpolar.compiled.senders import sender_of
from mcpolar.compiled.update import farthest, is_plus, updated_log_odds

FEWEST_IN_LANES = 8  # so many replicas cost as much one by one as 32 do in lock-step
MOST_ORDERED_IN_LANES = 512  # passing over all agents costs more than shifting few, beyond
LARGEST_PADDED = 2**20  # numbers of a replica's memory; beyond, 32 copies would need much memory


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

    Notes
    -----
    The result does not depend on how replicas are split into blocks, on their order, or on how steps are split
    into calls: bit for bit. The interpreter lock is released.
    """
    n_replicas, m = log_odds.shape
    law = (float(sigma), int(k), float(mirror), key)
    is_unrestricted = k == 0 and mirror < 0.0
    suits_lanes = is_unrestricted or m <= MOST_ORDERED_IN_LANES
    whole = n_replicas - n_replicas % LANES if suits_lanes else 0
    if whole:
        _move(advance_lanes, log_odds[:whole], memory[:whole], law, first_replica, first_step, n_steps)
    log_odds, memory, first_replica = log_odds[whole:], memory[whole:], first_replica + whole
    rest = n_replicas - whole
    if suits_lanes and rest >= FEWEST_IN_LANES and memory[0].size <= LARGEST_PADDED:
        padded = (_padded(log_odds), _padded(memory))
        _move(advance_lanes, *padded, law, first_replica, first_step, n_steps)
        log_odds[:], memory[:] = padded[0][:rest], padded[1][:rest]
    elif rest:
        _move(advance_singly, log_odds, memory, law, first_replica, first_step, n_steps)


def _padded(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a copy with rows repeated up to `LANES`."""
    return np.resize(array, (LANES, *array.shape[1:]))


def _move(
    run: Callable[..., None],
    log_odds: NDArray[np.float64],
    memory: NDArray[np.float64],
    law: tuple[float, int, float, NDArray[np.uint64]],
    first_replica: int,
    first_step: int,
    n_steps: int,
) -> None:
    """Call one of the loops, which take flat arrays, on whole arrays."""
    _, m, r = memory.shape
    run(
        log_odds.reshape(-1),
        memory.reshape(-1),
        m,
        r,
        *law,
        int(first_replica),
        int(first_step),
        int(n_steps),
    )


@loop
def advance_singly(
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
    """Advance replica by replica, with the same result as in lanes; the arrays are flat."""
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    in_order = k > 0 or mirror >= 0.0
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
            sender = sender_of(mine, order, place, m, k, mirror, key, replica, step, receiver, c1)
            component = 1.0 if is_plus(uniform(c2, c3), mine[sender]) else -1.0
            y = fma(sigma, odd if step & 1 else even, component)
            start = (base + receiver) * r
            memory[start + farthest(memory, start, r, y)] = y
            mine[receiver] = updated_log_odds(mine[receiver], memory, start, r, doubled_precision, log_r)
            if in_order:
                reposition(mine, order, place, 0, m, receiver)
