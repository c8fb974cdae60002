"""The loop over one replica at a time without a neighbourhood: 32 consecutive steps together.

A step reads two agents and writes one. As long as no step reads or writes what an earlier one of the 32 writes, they
may be taken at once, one in each lane; from the first that does, the next 32 begin. Among a thousand agents about 25
steps go together, among a million nearly always 32. The draws of a thousand steps are made ahead, and the agents that
they need are asked for before their turn, so that the memory's latency is hidden. The operations and their order are
those of one step at a time: the same bits.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, fma
from mcpolar.compiled.base.simd import (
    LANES,
    either,
    first_of,
    gather,
    is_any,
    is_below,
    is_same,
    lanes,
    load,
    low_product,
    prefetch,
    select,
    size,
    spread,
    store,
)
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.lane_draws import Draws, draw_for_steps, room_for_draws
from mcpolar.compiled.chain.lanes import fetch_elements, update_lanes
from mcpolar.compiled.chain.law import Law, Span, State
from mcpolar.compiled.chain.passages import Seen, Watch, begin_watch, moves, note_steps
from mcpolar.compiled.chain.update import is_plus

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

BLOCK = 1024  # steps whose draws are made together
_0 = np.uint64(0)


@loop
def advance_steps(state: State, law: Law, span: Span, watch: Watch | None) -> None:
    """Advance every replica in place. Without a watch numba compiles no code for it."""
    draws, spare = room_for_draws(BLOCK + 2 * LANES), np.empty((4, BLOCK // 2))
    elements, places = np.empty((law.r + 1) * LANES), np.empty(LANES, np.uint64)
    arrivals, moved = np.empty(LANES), np.empty(LANES)
    for entry in range(BLOCK, BLOCK + LANES):  # lanes beyond the block read an agent too
        draws.receivers[entry], draws.senders[entry] = _0, _0
    for row in range(state.log_odds.shape[0]):
        log_odds, memory = state.log_odds[row], state.memory[row].reshape(-1)
        replica = span.first_replica + row
        if watch is not None:
            begin_watch(watch, row, log_odds, memory, span.first_step)
        step, last = span.first_step, span.first_step + span.n_steps
        while step < last:
            begin = step - (step & 1)  # a pair of normals belongs to an even step and the next
            draw_for_steps(law, replica, begin, BLOCK, draws, spare)
            at, end = step - begin, min(BLOCK, last - begin)
            asked = at
            while at < end:
                asked = _ask_for(law, log_odds, memory, draws, asked, min(at + 2 * LANES, end))
                count = min(_independent(draws, at), end - at)
                seen = _take(
                    law,
                    log_odds,
                    memory,
                    draws,
                    at,
                    count,
                    elements,
                    places,
                    arrivals,
                    moved,
                    watch is not None,
                )
                if watch is not None:
                    n_polarized, n_plus = moves(watch, seen)
                    if is_any(size(n_polarized) + size(n_plus) > 0.0):
                        store(arrivals, _0, n_polarized)
                        store(moved, _0, n_plus)
                        note_steps(watch, row, law.m, arrivals, moved, count, begin + at)
                at += count
            step = begin + end


@njit(error_model="numpy")
def _ask_for(law: Law, log_odds: Floats, memory: Floats, draws: Draws, first: int, last: int) -> int:
    """Have the agents of these steps fetched; return `last`."""
    r, end = np.uint64(law.r), np.uint64(law.r - 1)
    for entry in range(first, last):
        receiver = draws.receivers[entry]
        prefetch(log_odds, receiver)
        prefetch(log_odds, draws.senders[entry])
        prefetch(memory, receiver * r)
        prefetch(memory, receiver * r + end)
    return max(first, last)


@njit(error_model="numpy")
def _independent(draws: Draws, first: int) -> int:
    """Return how many of the 32 steps from `first` on come before one that touches what an earlier one writes."""
    at = np.uint64(first)
    receivers, senders = load(draws.receivers, at), load(draws.senders, at)
    touched = is_below(spread(_0), _0)
    for lane in range(LANES - 1):
        written = draws.receivers[first + lane]
        touches = either(is_same(receivers, written), is_same(senders, written))
        touched = either(touched, is_below(np.uint64(lane), lanes()) & touches)
    return first_of(touched)


@njit(**INLINE)
def _take(
    law: Law,
    log_odds: Floats,
    memory: Floats,
    draws: Draws,
    first: int,
    count: int,
    elements: Floats,
    places: Words,
    arrivals: Floats,
    moved: Floats,
    is_watched: bool,
) -> Seen:
    """Take `count` steps from `first` on, at most LANES; return what is seen of their receivers."""
    at = np.uint64(first)
    receivers = load(draws.receivers, at)
    heard, own = gather(log_odds, load(draws.senders, at)), gather(log_odds, receivers)
    component = select(is_plus(load(draws.uniforms, at), heard), 1.0, -1.0)
    y = fma(law.sigma, load(draws.normals, at), component)
    farthest, lowest, highest = fetch_elements(law, memory, receivers, y, elements, is_watched)
    store(places, _0, low_product(receivers, np.uint64(law.r)) + farthest)
    store(arrivals, _0, y)
    _, seen = update_lanes(law, own, farthest, y, elements, lowest, highest, False, is_watched)
    store(moved, _0, seen.moved)
    for lane in range(count):
        log_odds[draws.receivers[first + lane]] = moved[lane]
        memory[places[lane]] = arrivals[lane]
    return seen
