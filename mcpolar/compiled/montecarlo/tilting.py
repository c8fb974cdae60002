"""The loop of importance sampling for r = 1: one agent is sent the other side's arrivals only."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, fma, log
from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.neighbours import reposition, sort_agents
from mcpolar.compiled.chain.senders import sender_of
from mcpolar.compiled.chain.update import is_plus

Floats = NDArray[np.float64]


@njit(**INLINE)
def softplus(x: float) -> float:
    """Return log(1 + e^x)."""
    return max(x, 0.0) + log(1.0 + exp(max(-abs(x), -700.0)))


@loop
def fall_log_weights(
    log_odds: Floats,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
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
    m = log_odds.shape[1]
    doubled_precision = 2.0 / (sigma * sigma)
    order, place = np.empty(m, np.int32), np.empty(m, np.int32)
    side, ratios = np.empty(m), np.empty(m)
    in_order = k > 0 or mirror >= 0.0
    for row in range(log_odds.shape[0]):
        mine, replica = log_odds[row], first_replica + row
        for agent in range(m):
            side[agent] = 1.0 if mine[agent] >= 0.0 else -1.0
        ratios[:] = 0.0
        if in_order:
            sort_agents(mine, order, place, 0, m)
        chosen = below(block(key, Purpose.TILTED_AGENT, replica, 0)[0], m)
        log_weight[row] = -np.inf
        even, odd = 0.0, 0.0
        for step in range(n_steps):
            c0, c1, c2, c3 = block(key, Purpose.TILTED, replica, step)
            if step & 1 == 0:
                even, odd = box_muller(*block(key, Purpose.TILTED_NORMAL, replica, step >> 1))
            i = below(c0, m)
            j = sender_of(mine, order, place, m, k, mirror, key, replica, step, i, c1)
            mean = -side[i] if i == chosen else 1.0 if is_plus(uniform(c2, c3), mine[j]) else -1.0
            rise = doubled_precision * fma(sigma, odd if step & 1 else even, mean)
            # density of the arrival in the chain over that of the other component: (1 + e^(L + d)) / (1 + e^L)
            own, own_rise = side[i] * mine[j], side[i] * rise
            ratios[i] += softplus(own) - softplus(own + own_rise)
            mine[i] += rise
            if side[i] * mine[i] < threshold:
                largest = ratios.max()
                total = 0.0
                for agent in range(m):
                    total += exp(max(ratios[agent] - largest, -700.0))
                log_weight[row] = log(float(m)) - largest - log(total)
                break
            if in_order:
                reposition(mine, order, place, 0, m, i)
