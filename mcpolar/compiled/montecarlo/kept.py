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
from mcpolar.compiled.base.simd import LANES, both, either, gather_listed, is_any, load, select, store
from mcpolar.compiled.base.truncated_normal import truncated_normal
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.ensemble import lane_order, padded_rows, rows_in_lanes
from mcpolar.compiled.chain.lane_draws import AHEAD, draw_for_replicas, room_for_draws
from mcpolar.compiled.chain.lane_order import LaneOrder, sort_lanes
from mcpolar.compiled.chain.lanes import GROUPS, step_in_order, step_lanes
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
    state is advanced in place, with the draws of the chain itself; in lanes, until the last replica of a block failed.
    """
    limits, n_replicas = (float(threshold), float(low), float(high)), len(state.log_odds)
    whole, is_padded = rows_in_lanes(law, n_replicas)
    if whole:
        first = state.rows(slice(0, whole))
        _survive_in_lanes(first, law, lane_order(law), first_replica, *limits, n_steps, failed_at[:whole])
    if whole == n_replicas:
        return
    rest, first_replica = state.rows(slice(whole, n_replicas)), first_replica + whole
    if is_padded:
        found, padded = np.empty(LANES, np.int64), State(*map(padded_rows, rest))
        _survive_in_lanes(padded, law, lane_order(law), first_replica, *limits, n_steps, found)
        failed_at[whole:] = found[: n_replicas - whole]
    else:
        _survive_singly(rest, law, order, first_replica, *limits, n_steps, failed_at[whole:])


@loop
def _survive_singly(
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
def _survive_in_lanes(
    state: State,
    law: Law,
    order: LaneOrder | None,
    first_replica: int,
    threshold: float,
    low: float,
    high: float,
    n_steps: int,
    failed_at: NDArray[np.int64],
) -> None:
    """Do so for a multiple of LANES replicas: :func:`mcpolar.compiled.chain.lanes.advance_lanes`, and a look."""
    m, r, n_replicas = law.m, law.r, state.log_odds.shape[0]
    elements, draws = np.empty((r + 1) * LANES), room_for_draws(AHEAD * GROUPS * LANES)
    all_log_odds, all_memory = state.log_odds.reshape(-1), state.memory.reshape(-1)
    all_keys = state.keys.reshape(-1)
    side, is_open, row = np.empty(GROUPS * LANES * m), np.empty(GROUPS * LANES), 0
    while row < n_replicas:
        groups = min(GROUPS if order is None else 1, (n_replicas - row) // LANES)
        width = groups * LANES
        mine = all_log_odds[row * m : (row + width) * m]
        held = all_memory[row * m * r : (row + width) * m * r]
        if order is not None:
            sort_lanes(order, all_keys[row * m : (row + width) * m])
        note_sides(mine, side)
        is_open[:], failed_at[row : row + width] = 1.0, -1
        step, n_open = 0, width
        while step < n_steps and n_open > 0:
            end = min(step + AHEAD, n_steps)
            draw_for_replicas(law, first_replica + row, step, (end - step + 1) // 2 * 2, groups, draws)
            for entry in range(0, (end - step) * width, LANES):
                if order is None:
                    seen = step_lanes(law, mine, held, draws, entry, elements, False)
                else:
                    seen = step_in_order(law, mine, held, draws, entry, elements, order, False)
                first = entry % width
                own = gather_listed(side, draws.receivers, np.uint64(entry))
                heard = own * seen.arrival
                fails = either(own * seen.moved < threshold, either(heard < low, heard > high))
                fails = both(fails, load(is_open, np.uint64(first)) > 0.0)
                if is_any(fails):
                    store(is_open, np.uint64(first), select(fails, -1.0, load(is_open, np.uint64(first))))
                    n_open -= _note_failures(is_open, first, row, step + entry // width + 1, failed_at)
            step = end
        row += width


@njit(error_model="numpy")
def _note_failures(is_open: Floats, first: int, row: int, steps: int, failed_at: NDArray[np.int64]) -> int:
    """Note the step of the failures marked by -1 in 32 lanes from `first` on; return how many."""
    found = 0
    for lane in range(first, first + LANES):
        if is_open[lane] < 0.0:
            is_open[lane], failed_at[row + lane] = 0.0, steps
            found += 1
    return found


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
