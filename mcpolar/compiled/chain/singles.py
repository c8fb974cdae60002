"""The loop over single replicas, one after another: for few replicas, or too many agents for lanes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import fma, log
from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.neighbours import reposition, sort_agents
from mcpolar.compiled.chain.passages import Watch, begin_watch, note_update
from mcpolar.compiled.chain.senders import sender_of
from mcpolar.compiled.chain.update import farthest, is_plus, updated_log_odds


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
    watch: Watch | None,
) -> None:
    """Advance every replica in place; the arrays are flat. Without a watch numba compiles no code for it."""
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    in_order = k > 0 or mirror >= 0.0
    n_sorted = m if in_order else 0
    order, place = np.empty(n_sorted, np.int32), np.empty(n_sorted, np.int32)
    for row in range(log_odds.size // m):
        replica, base = first_replica + row, row * m
        mine = log_odds[base : base + m]
        if in_order:
            sort_agents(mine, order, place, 0, m)
        held = memory[base * r : (base + m) * r]
        if watch is not None:
            begin_watch(watch, row, mine, held, first_step)
        even, odd = 0.0, 0.0
        for step in range(first_step, first_step + n_steps):
            c0, c1, c2, c3 = block(key, Purpose.STEP, replica, step)
            if step & 1 == 0 or step == first_step:
                even, odd = box_muller(*block(key, Purpose.NORMAL, replica, step >> 1))
            receiver = below(c0, m)
            sender = sender_of(mine, order, place, m, k, mirror, key, replica, step, receiver, c1)
            component = 1.0 if is_plus(uniform(c2, c3), mine[sender]) else -1.0
            y = fma(sigma, odd if step & 1 else even, component)
            start = receiver * r
            held[start + farthest(held, start, r, y)] = y
            mine[receiver] = updated_log_odds(mine[receiver], held, start, r, doubled_precision, log_r)
            if in_order:
                reposition(mine, order, place, 0, m, receiver)
            if watch is not None:
                note_update(watch, row, receiver, mine, held, step + 1)
