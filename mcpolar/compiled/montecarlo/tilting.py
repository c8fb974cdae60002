"""The loop of importance sampling for r = 1: one agent is sent the other side's arrivals only."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, fma, log
from mcpolar.compiled.base.philox import below, block
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.law import (
    Law,
    State,
    agents_of,
    draw_step,
    first_draw,
    sender_of,
    set_log_odds,
)
from mcpolar.compiled.chain.order import Order
from mcpolar.compiled.chain.update import is_plus
from mcpolar.compiled.montecarlo.kept import note_sides

Floats = NDArray[np.float64]


@njit(**INLINE)
def softplus(x: float) -> float:
    """Return log(1 + e^x)."""
    return max(x, 0.0) + log(1.0 + exp(max(-abs(x), -700.0)))


@loop
def fall_log_weights(
    state: State,
    law: Law,
    order: Order | None,
    first_replica: int,
    threshold: float,
    n_steps: int,
    log_weight: Floats,
) -> None:
    """Run the r = 1 chain under the tilted law until some agent's own-side log-odds fall below `threshold`.

    One agent, drawn at random, receives draws of the component that is not its side's; everything else is the chain.
    `log_weight` (n_replicas,) becomes the log of the chain's density over that of the tilted law at the fall, -inf
    where none fell: m / sum_a exp(ratios[a]), where ratios[a] is the log density ratio if a had been the agent.
    """
    m, doubled_precision = law.m, 2.0 / (law.sigma * law.sigma)
    side, ratios = np.empty(m), np.empty(m)
    for row in range(state.log_odds.shape[0]):
        agents, replica = agents_of(state, row, order), first_replica + row
        mine = agents.log_odds
        note_sides(mine, side)
        ratios[:] = 0.0
        chosen = below(block(law.key, Purpose.TILTED_AGENT, replica, 0)[0], m)
        log_weight[row] = -np.inf
        draw = first_draw()
        for step in range(n_steps):
            draw = draw_step(law, Purpose.TILTED, Purpose.TILTED_NORMAL, replica, step, draw, step == 0)
            i = draw.receiver
            j = sender_of(law, agents, order, replica, step, i, draw.word)
            mean = -side[i] if i == chosen else 1.0 if is_plus(draw.u, mine[j]) else -1.0
            rise = doubled_precision * fma(law.sigma, draw.odd if step & 1 else draw.even, mean)
            # density of the arrival in the chain over that of the other component: (1 + e^(L + d)) / (1 + e^L)
            own, own_rise = side[i] * mine[j], side[i] * rise
            ratios[i] += softplus(own) - softplus(own + own_rise)
            set_log_odds(law, agents, order, i, mine[i] + rise, 0.0, 0.0, 0.0)
            if side[i] * mine[i] < threshold:
                largest = ratios.max()
                total = 0.0
                for agent in range(m):
                    total += exp(max(ratios[agent] - largest, -700.0))
                log_weight[row] = log(float(m)) - largest - log(total)
                break
