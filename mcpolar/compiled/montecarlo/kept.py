"""Loops that watch "good at every step": how long it lasts, and its conditional log weight.

An agent's own side is that of its log-odds at time 0; only the updated agent needs a look at each step.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE
from mcpolar.compiled.base.philox import below, block, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.base.truncated_normal import truncated_normal
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.law import (
    Law,
    State,
    agents_of,
    draw_step,
    first_draw,
    sender_of,
    take_in,
    take_step,
)
from mcpolar.compiled.chain.order import Order

Floats = NDArray[np.float64]


@njit(**INLINE)
def note_sides(log_odds: Floats, side: Floats) -> None:
    """Note each agent's side: 1.0, or -1.0 below 0."""
    for agent in range(log_odds.size):
        side[agent] = 1.0 if log_odds[agent] >= 0.0 else -1.0


@loop
def survive(
    state: State,
    law: Law,
    order: Order | None,
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
    side = np.empty(law.m)
    for row in range(state.log_odds.shape[0]):
        agents, replica = agents_of(state, row, order), first_replica + row
        note_sides(agents.log_odds, side)
        failed_at[row] = -1
        draw = first_draw()
        for step in range(n_steps):
            draw = draw_step(law, Purpose.STEP, Purpose.NORMAL, replica, step, draw, step == 0)
            i = draw.receiver
            y = take_step(law, agents, order, replica, step, draw)
            if not (side[i] * agents.log_odds[i] >= threshold and low <= side[i] * y <= high):
                failed_at[row] = step + 1
                break


@loop
def conditional_log_weights(
    state: State,
    law: Law,
    order: Order | None,
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
    sigma = law.sigma
    side, updates = np.empty(law.m), np.empty(law.m, np.int64)
    for row in range(state.log_odds.shape[0]):
        agents, replica = agents_of(state, row, order), first_replica + row
        note_sides(agents.log_odds, side)
        total = 0.0
        updates[:] = 0
        for step in range(n_steps):
            c0, c1, c2, c3 = block(law.key, Purpose.CONDITIONAL, replica, step)
            i = below(c0, law.m)
            updates[i] += 1
            j = sender_of(law, agents, order, replica, step, i, c1)
            own_odds = side[i] * agents.log_odds[j]  # log-odds of the sender for the receiver's component
            other = 1.0 / (1.0 + math.exp(min(own_odds, 700.0)))
            own = 1.0 / (1.0 + math.exp(min(-own_odds, 700.0)))
            miss = own * own_miss + other * other_miss
            hit = own * own_hit + other * other_hit
            total += math.log1p(-miss) if miss < 0.5 else math.log(hit)
            mean = 1.0 if uniform(c2, c3) * hit < own * own_hit else -1.0
            z = truncated_normal(
                (low - mean) / sigma,
                (high - mean) / sigma,
                law.key,
                Purpose.CONDITIONAL_NORMAL,
                replica,
                step,
            )
            take_in(law, agents, order, replica, step, i, side[i] * (mean + sigma * z))
        log_weight[row] = total if updates.min() >= least_updates else -np.inf
