"""The loop of importance sampling for every memory size: one agent's arrivals are drawn by a twist."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import fma, log
from mcpolar.compiled.base.philox import below, block
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.base.truncated_normal import truncated_normal
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.law import (
    Agents,
    Law,
    State,
    agents_of,
    draw_step,
    first_draw,
    set_log_odds,
    take_step,
)
from mcpolar.compiled.chain.order import Order, neighbour
from mcpolar.compiled.chain.update import updated
from mcpolar.compiled.memory.sorted import replace_sorted
from mcpolar.compiled.montecarlo.kept import note_sides
from mcpolar.compiled.montecarlo.twist import Cells, Twist, draw_cell, look_ahead, other_weight

Floats = NDArray[np.float64]


@njit(nogil=True, error_model="numpy")
def stray_chances(
    law: Law, agents: Agents, order: Order | None, receiver: int, side: float
) -> tuple[float, float]:
    """Return the chances that the receiver's arrival, and that from another agent, is of the other side's component.

    The sender is averaged over: the law is that of :func:`mcpolar.compiled.chain.law.sender_of`.
    """
    itself, others = other_weight(side * agents.log_odds[receiver]), law.k if law.k > 0 else law.m - 1
    total = 0.0
    for rank in range(1, others + 1):
        sender = (receiver + rank) % law.m
        if order is not None:
            sender = neighbour(order, agents.keys, law.width, receiver, rank)
        total += other_weight(side * agents.log_odds[sender])
    stray = total / max(others, 1)
    share = 1.0 if others == 0 else (law.mirror if law.mirror >= 0.0 else 1.0 / (others + 1.0))
    return share * itself + (1.0 - share) * stray, stray


@loop
def leave_log_weights(
    state: State,
    law: Law,
    order: Order | None,
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
    m, r, sigma = law.m, law.r, law.sigma
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    side = np.empty(m)
    kept, spare, guesses = np.empty(r), np.empty(r), np.empty(cells.middles.size)
    for row in range(state.log_odds.shape[0]):
        agents, replica = agents_of(state, row, order), first_replica + row
        mine = agents.log_odds
        note_sides(mine, side)
        chosen = below(block(law.key, Purpose.TILTED_AGENT, replica, 0)[0], m)
        kept[:] = side[chosen] * agents.memory[chosen * r : chosen * r + r]
        kept.sort()
        log_weight[row], fall_step[row], log_ratio = -np.inf, n_steps, log(float(m))
        draw = first_draw()
        for step in range(n_steps):
            draw = draw_step(law, Purpose.TILTED, Purpose.TILTED_NORMAL, replica, step, draw, step == 0)
            i = draw.receiver
            own = side[i]
            if i == chosen:
                heard, stray = stray_chances(law, agents, order, i, own)
                before = own * mine[i]
                look_ahead(
                    twist,
                    cells,
                    before - threshold,
                    threshold,
                    kept,
                    stray,
                    doubled_precision,
                    log_r,
                    spare,
                    guesses,
                )
                cell, is_own, log_tilt, _ = draw_cell(cells, guesses, heard, plain, draw.u)
                mean = 1.0 if is_own else -1.0
                low, high = (cells.edges[cell] - mean) / sigma, (cells.edges[cell + 1] - mean) / sigma
                z = truncated_normal(low, high, law.key, Purpose.TWISTED_NORMAL, replica, step)
                replace_sorted(kept, 0, r, fma(sigma, z, mean))
                log_ratio -= log_tilt
                moved, balance, nearest, correction = updated(
                    before, kept, 0, r, doubled_precision, log_r, law.k > 0
                )
                set_log_odds(law, agents, order, i, own * moved, own * balance, nearest, own * correction)
            else:
                take_step(law, agents, order, replica, step, draw)
            if own * mine[i] < threshold:
                if i == chosen:
                    log_weight[row], fall_step[row] = log_ratio, step
                break
