"""The two-component chain for an ensemble of replicas: `advance` moves the state in place.

Observables need no stored trajectory: advance in pieces as short as they are to be seen often (a piece costs
microseconds of its own, and no bit changes) and look at the state between; first passage times are kept in
the loops (:func:`advance_watching`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mcpolar.compiled.base.simd import LANES
from mcpolar.compiled.chain.lane_order import MOST_AGENTS, LaneOrder, room_for_lanes
from mcpolar.compiled.chain.lanes import GROUPS, advance_lanes
from mcpolar.compiled.chain.law import Law, Span, State, order_for
from mcpolar.compiled.chain.passages import Watch
from mcpolar.compiled.chain.singles import advance_singly
from mcpolar.compiled.chain.steps import advance_steps

FEWEST_IN_LANES = 8  # so many replicas cost as much one by one as 32 do in lock-step
MOST_IN_LANES = 2**32 // (GROUPS * LANES)  # an agent's flat number among the replicas of a block has 32 bits
LARGEST_PADDED = 2**20  # numbers of a replica's memory; beyond, 32 copies would need much memory


def advance(state: State, law: Law, span: Span) -> None:
    """Advance every replica by the span's steps of the chain (theory.md, section 1), in place.

    Parameters
    ----------
    state : State
        One row a replica, C-contiguous; keys only with a neighbourhood.
    law : Law
        The chain's.
    span : Span
        The number of row 0 and of the first step, and how many steps.

    Notes
    -----
    The result does not depend on how replicas are split into blocks, on their order, or on how steps are
    split into calls: bit for bit. The interpreter lock is released.
    """
    _advance(state, law, span, None)


def advance_watching(state: State, law: Law, span: Span, watch: Watch) -> None:
    """Do as :func:`advance`, and put the first passage times into `watch.times`.

    The state at the first step is looked at too; times that are set already stay, so that a run may go on in
    pieces. The path is that of :func:`advance` bit for bit.
    """
    _advance(state, law, span, watch)


def _advance(state: State, law: Law, span: Span, watch: Watch | None) -> None:
    """Choose the loop: whole groups of lanes, a padded one for many of the rest, single replicas for few.

    Registered rules go through the loop over single replicas alone.
    """
    if not all(array.flags.c_contiguous for array in state):
        raise ValueError("log_odds, memory and keys must be C-contiguous: they are changed in place")
    n_replicas = len(state.log_odds)
    whole, is_padded = rows_in_lanes(law, n_replicas)
    if whole:
        rows = slice(0, whole)
        advance_lanes(state.rows(rows), law, span, lane_order(law), _watched(watch, rows))
    if whole == n_replicas:
        return
    rows, rest = slice(whole, n_replicas), span._replace(first_replica=span.first_replica + whole)
    if is_padded:
        _advance_padded(state.rows(rows), law, rest, _watched(watch, rows))
    elif law.is_own and law.k == 0:
        advance_steps(state.rows(rows), law, rest, _watched(watch, rows))
    else:
        advance_singly(state.rows(rows), law, rest, order_for(law), _watched(watch, rows))


def rows_in_lanes(law: Law, n_replicas: int) -> tuple[int, bool]:
    """Return how many replicas make whole groups of lanes, and whether the rest are worth a padded group."""
    if not law.is_own or law.m > (MOST_AGENTS if law.k > 0 else MOST_IN_LANES):
        return 0, False
    whole = n_replicas - n_replicas % LANES
    return whole, n_replicas - whole >= FEWEST_IN_LANES and law.m * law.r <= LARGEST_PADDED


def _advance_padded(state: State, law: Law, span: Span, watch: Watch | None) -> None:
    """Advance fewer replicas than lanes: rows are repeated up to `LANES`."""
    padded = State(*map(padded_rows, state))
    padded_watch = None if watch is None else watch.with_rows(padded_rows)
    advance_lanes(padded, law, span, lane_order(law), padded_watch)
    for array, source in zip(state, padded, strict=True):
        array[:] = source[: len(array)]
    if watch is not None and padded_watch is not None:
        watch.times[:] = padded_watch.times[: len(watch.times)]


def lane_order(law: Law) -> LaneOrder | None:
    """Return scratch for the order of 32 replicas' agents; None without a neighbourhood."""
    return room_for_lanes(law.m) if law.k > 0 else None


def _watched(watch: Watch | None, rows: slice) -> Watch | None:
    return None if watch is None else watch.with_rows(lambda array: array[rows])


def padded_rows(array: Any) -> Any:
    """Return the rows of an array repeated up to `LANES`."""
    return np.resize(array, (LANES, *array.shape[1:]))
