"""The loop of importance sampling for every memory size: one agent's arrivals are drawn by a twist."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import fma, log
from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.base.truncated_normal import truncated_normal
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.neighbours import neighbour, reposition, sort_agents
from mcpolar.compiled.chain.senders import sender_of
from mcpolar.compiled.chain.update import farthest, is_plus, updated_log_odds
from mcpolar.compiled.memory.sorted import replace_sorted
from mcpolar.compiled.montecarlo.twist import Cells, Twist, draw_cell, look_ahead, other_weight

Floats = NDArray[np.float64]


@njit(nogil=True, error_model="numpy")
def stray_chances(
    log_odds: Floats,
    order: NDArray[np.int32],
    place: NDArray[np.int32],
    m: int,
    k: int,
    mirror: float,
    receiver: int,
    side: float,
) -> tuple[float, float]:
    """Return the chances that the receiver's arrival, and that from another agent, is of the other side's component.

    The sender is averaged over; arguments as for :func:`mcpolar.compiled.chain.senders.sender_of`.
    """
    itself, others = other_weight(side * log_odds[receiver]), k if k > 0 else m - 1
    total = 0.0
    for rank in range(1, others + 1):
        sender = (receiver + rank) % m
        if k > 0:
            sender = neighbour(log_odds, order, place, 0, m, receiver, rank)
        total += other_weight(side * log_odds[sender])
    stray = total / max(others, 1)
    share = 1.0 if others == 0 else (mirror if mirror >= 0.0 else 1.0 / (others + 1.0))
    return share * itself + (1.0 - share) * stray, stray


@loop
def leave_log_weights(
    log_odds: Floats,
    memory: Floats,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    twist: Twist,
    cells: Cells,
    plain: float,
    threshold: float,
    n_steps: int,
    log_weight: Floats,
    fall_step: NDArray[np.int64],
) -> None:
    """Run the chain until some agent's own-side log-odds fall below `threshold`, one agent's arrivals by the twist.

    That agent is drawn at random. `log_weight` (n_replicas,) becomes log m plus the log density ratio of the chain
    to this law if it is the first to fall, at step `fall_step`; -inf, and `n_steps`, if another one or none fell.
    """
    m, r = log_odds.shape[1], memory.shape[2]
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    order, place = np.empty(m, np.int32), np.empty(m, np.int32)
    side, kept, spare, guesses = np.empty(m), np.empty(r), np.empty(r), np.empty(cells.middles.size)
    in_order = k > 0 or mirror >= 0.0
    for row in range(log_odds.shape[0]):
        mine, elements, replica = log_odds[row], memory[row].reshape(-1), first_replica + row
        for agent in range(m):
            side[agent] = 1.0 if mine[agent] >= 0.0 else -1.0
        if in_order:
            sort_agents(mine, order, place, 0, m)
        chosen = below(block(key, Purpose.TILTED_AGENT, replica, 0)[0], m)
        kept[:] = side[chosen] * elements[chosen * r : chosen * r + r]
        kept.sort()
        log_weight[row], fall_step[row], log_ratio = -np.inf, n_steps, log(float(m))
        even, odd = 0.0, 0.0
        for step in range(n_steps):
            c0, c1, c2, c3 = block(key, Purpose.TILTED, replica, step)
            if step & 1 == 0:
                even, odd = box_muller(*block(key, Purpose.TILTED_NORMAL, replica, step >> 1))
            i = below(c0, m)
            before, own = mine[i], side[i]
            if i == chosen:
                heard, stray = stray_chances(mine, order, place, m, k, mirror, i, own)
                distance = own * before - threshold
                look_ahead(
                    twist, cells, distance, threshold, kept, stray, doubled_precision, log_r, spare, guesses
                )
                cell, is_own, log_tilt, _ = draw_cell(cells, guesses, heard, plain, uniform(c2, c3))
                mean = 1.0 if is_own else -1.0
                low, high = (cells.edges[cell] - mean) / sigma, (cells.edges[cell + 1] - mean) / sigma
                z = truncated_normal(low, high, key, Purpose.TWISTED_NORMAL, replica, step)
                replace_sorted(kept, 0, r, fma(sigma, z, mean))
                log_ratio -= log_tilt
                mine[i] = own * updated_log_odds(own * before, kept, 0, r, doubled_precision, log_r)
            else:
                j = sender_of(mine, order, place, m, k, mirror, key, replica, step, i, c1)
                y = fma(sigma, odd if step & 1 else even, 1.0 if is_plus(uniform(c2, c3), mine[j]) else -1.0)
                elements[i * r + farthest(elements, i * r, r, y)] = y
                mine[i] = updated_log_odds(before, elements, i * r, r, doubled_precision, log_r)
            if own * mine[i] < threshold:
                if i == chosen:
                    log_weight[row], fall_step[row] = log_ratio, step
                break
            if in_order:
                reposition(mine, order, place, 0, m, i)
