"""The loop over replicas and steps of the general system.

A step is one update of every agent, all from the state before it; or, one agent at a time, one update of a random
agent, and then draws are made for n steps at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.caching import loop
from mcpolar.compiled.mixture.covariances import extreme_deviations, set_covariances
from mcpolar.compiled.mixture.draws import Draws, draw_updates, new_draws
from mcpolar.compiled.mixture.points import LOOP, Floats, Gaussians
from mcpolar.compiled.mixture.state import (
    FIXED,
    Agents,
    Integers,
    Options,
    Pending,
    Work,
    keep_agents,
    new_agents,
    new_pending,
    new_work,
    set_agents,
)
from mcpolar.compiled.mixture.update import commit_update, propose_update


@loop
def run_replicas(
    options: Options,
    gaussians: Gaussians,
    policy: Any,
    key: NDArray[np.uint64],
    first_replica: int,
    first_step: int,
    records: Integers,
    log_weights: Floats,
    memory: Floats,
    history: Integers,
    roots: Floats,
    silos: NDArray[np.int16],
    deviations: Floats,
) -> None:
    """Run every replica of the arrays, in place, to the last record.

    `log_weights` (R, n, c), `memory` (R, n, r, d), `history` (R, n, r, 3) and `roots` (R, n, c, p, q) hold the start
    and then the end. At the steps `records`, which increase from `first_step` or later, `silos` (R, K, n) gets the
    silos, and `deviations` (R, K, n, 2) the smallest and the largest standard deviation if they change.
    """
    n, r, d = memory.shape[1:]
    padded = gaussians.log_scale.shape[1]
    # own copies: threads that count references to the same arrays slow one another down
    own = Gaussians(
        gaussians.means.copy(),
        gaussians.means_by_axis.copy(),
        gaussians.root.copy(),
        gaussians.inverse_root.copy(),
        gaussians.log_scale.copy(),
    )
    draws = new_draws(n, d)
    agents = new_agents(n, r, d, padded)
    pending = new_pending(1 if options.single else n, d, gaussians)
    work = new_work(n, r, d, padded)
    for q in range(memory.shape[0]):
        if options.update != FIXED:
            set_covariances(options, roots[q], own)
        set_agents(options, log_weights[q], memory[q], history[q], own, agents, work)
        step = first_step
        for record in range(records.size):
            step = advance(
                options,
                key,
                first_replica + q,
                step,
                records[record],
                agents,
                own,
                policy,
                draws,
                pending,
                work,
            )
            silos[q, record] = agents.silo
            if options.update != FIXED:
                extreme_deviations(options.kind, own.root, deviations[q, record])
        keep_agents(options, agents, log_weights[q], memory[q], history[q])
        if options.update != FIXED:
            roots[q] = own.root


@njit(**LOOP)
def advance(
    options: Options,
    key: NDArray[np.uint64],
    replica: int,
    step: int,
    last: int,
    agents: Agents,
    gaussians: Gaussians,
    policy: Any,
    draws: Draws,
    pending: Pending,
    work: Work,
) -> int:
    """Make the steps up to `last`; return it."""
    n = options.n
    batch = 1 if options.single else n
    while step < last:
        draw_updates(options, draws, key, replica, step * batch)
        n_updates = min(n, last - step) if options.single else n
        for first in range(0, n_updates, batch):
            for slot in range(batch):
                u = first + slot
                i = draws.agent[u] if options.single else u
                propose_update(options, i, u, slot, draws, agents, gaussians, policy, pending, work)
            for slot in range(batch):
                i = draws.agent[first] if options.single else slot
                commit_update(options, i, slot, step + first // batch, agents, gaussians, pending, work)
        step += n_updates // batch
    return step
