"""Loops that watch "good at every step": how long it lasts, and its conditional log weight.

An agent's own side is that of its log-odds at time 0; only the updated agent needs a look at each step.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import fma, log
from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.base.truncated_normal import truncated_normal
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.neighbours import reposition, sort_agents
from mcpolar.compiled.chain.senders import sender_of
from mcpolar.compiled.chain.update import farthest, is_plus, updated_log_odds

Floats = NDArray[np.float64]


@loop
def survive(
    log_odds: Floats,
    memory: Floats,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    threshold: float,
    low: float,
    high: float,
    n_steps: int,
    failed_at: NDArray[np.int64],
) -> None:
    """Run the chain until own-side log-odds fall below `threshold` or an arrival leaves own-side [low, high].

    `failed_at` (n_replicas,) becomes the step of the failure (1, 2, …), or -1 if there was none in `n_steps`. The
    state is advanced in place, with the draws of the chain itself.
    """
    m, r = log_odds.shape[1], memory.shape[2]
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    order, place, side = np.empty(m, np.int32), np.empty(m, np.int32), np.empty(m)
    for row in range(log_odds.shape[0]):
        mine, elements, replica = log_odds[row], memory[row].reshape(-1), first_replica + row
        for agent in range(m):
            side[agent] = 1.0 if mine[agent] >= 0.0 else -1.0
        sort_agents(mine, order, place, 0, m)
        failed_at[row] = -1
        even, odd = 0.0, 0.0
        for step in range(n_steps):
            c0, c1, c2, c3 = block(key, Purpose.STEP, replica, step)
            if step & 1 == 0:
                even, odd = box_muller(*block(key, Purpose.NORMAL, replica, step >> 1))
            i = below(c0, m)
            j = sender_of(mine, order, place, m, k, mirror, key, replica, step, i, c1)
            y = fma(sigma, odd if step & 1 else even, 1.0 if is_plus(uniform(c2, c3), mine[j]) else -1.0)
            elements[i * r + farthest(elements, i * r, r, y)] = y
            mine[i] = updated_log_odds(mine[i], elements, i * r, r, doubled_precision, log_r)
            if not (side[i] * mine[i] >= threshold and low <= side[i] * y <= high):
                failed_at[row] = step + 1
                break
            if k > 0 or mirror >= 0.0:
                reposition(mine, order, place, 0, m, i)


@loop
def conditional_log_weights(
    log_odds: Floats,
    memory: Floats,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    low: float,
    high: float,
    own_hit: float,
    own_miss: float,
    other_hit: float,
    other_miss: float,
    least_updates: int,
    n_steps: int,
    log_weight: Floats,
) -> None:
    """Run the chain conditioned on every arrival lying in its receiver's own-side [low, high].

    `log_weight` (n_replicas,) becomes the sum over the steps of the log chance that the arrival does, given the
    receiver and the sender. `own_hit` and `own_miss` are the chances that a draw of the component of the
    receiver's side does and does not, `other_hit` and `other_miss` those of the other component: both are given, so
    that neither a chance near 1 nor one near 0 loses digits. Where an agent was updated fewer than `least_updates`
    times in the end, `log_weight` becomes -inf.
    """
    m, r = log_odds.shape[1], memory.shape[2]
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    order, place, side = np.empty(m, np.int32), np.empty(m, np.int32), np.empty(m)
    updates = np.empty(m, np.int64)
    for row in range(log_odds.shape[0]):
        mine, elements, replica = log_odds[row], memory[row].reshape(-1), first_replica + row
        for agent in range(m):
            side[agent] = 1.0 if mine[agent] >= 0.0 else -1.0
        sort_agents(mine, order, place, 0, m)
        total = 0.0
        updates[:] = 0
        for step in range(n_steps):
            c0, c1, c2, c3 = block(key, Purpose.CONDITIONAL, replica, step)
            i = below(c0, m)
            updates[i] += 1
            j = sender_of(mine, order, place, m, k, mirror, key, replica, step, i, c1)
            own_odds = side[i] * mine[j]  # log-odds of the sender for the receiver's component
            other = 1.0 / (1.0 + math.exp(min(own_odds, 700.0)))
            own = 1.0 / (1.0 + math.exp(min(-own_odds, 700.0)))
            miss = own * own_miss + other * other_miss
            hit = own * own_hit + other * other_hit
            total += math.log1p(-miss) if miss < 0.5 else math.log(hit)
            mean = 1.0 if uniform(c2, c3) * hit < own * own_hit else -1.0
            z = truncated_normal(
                (low - mean) / sigma, (high - mean) / sigma, key, Purpose.CONDITIONAL_NORMAL, replica, step
            )
            y = side[i] * (mean + sigma * z)
            elements[i * r + farthest(elements, i * r, r, y)] = y
            mine[i] = updated_log_odds(mine[i], elements, i * r, r, doubled_precision, log_r)
            if k > 0 or mirror >= 0.0:
                reposition(mine, order, place, 0, m, i)
        log_weight[row] = total if updates.min() >= least_updates else -np.inf
