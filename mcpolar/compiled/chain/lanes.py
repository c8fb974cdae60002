"""The loop over replicas in lock-step.

32 replicas advance together, one in each lane of a vector; two such groups side by side keep the processor busy while
one waits. The operations are those of :mod:`mcpolar.compiled.chain.law` on vectors, in one text with them, and so each
lane follows the path of the loop over single replicas bit for bit. The memory size is an ordinary number: nothing is
compiled anew for another one.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, fma, log
from mcpolar.compiled.base.simd import (
    LANES,
    gather,
    gather_listed,
    is_same,
    larger,
    load,
    low_product,
    scatter,
    scatter_listed,
    select,
    select_word,
    size,
    smaller,
    spread,
    store,
)
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.keys import key_at, key_of
from mcpolar.compiled.chain.lane_draws import AHEAD, Draws, draw_for_replicas, room_for_draws
from mcpolar.compiled.chain.lane_order import (
    LaneOrder,
    find_senders,
    give_back_keys,
    keep_order,
    sort_lanes,
)
from mcpolar.compiled.chain.law import Law, Span, State
from mcpolar.compiled.chain.passages import Seen, Watch, begin_tallies, begin_watch, note_lanes
from mcpolar.compiled.chain.update import (
    REDUCED_EVERY,
    add_element,
    is_plus,
    keyed_shift,
    log_ratio,
    plain_shift,
)

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

GROUPS = 2

_0 = np.uint64(0)


@loop
def advance_lanes(state: State, law: Law, span: Span, order: LaneOrder | None, watch: Watch | None) -> None:
    """Advance a multiple of `LANES` replicas in place.

    `order` is scratch for a neighbourhood, `watch` what is watched; where they are absent numba compiles no code for
    them.
    """
    m, r = law.m, law.r
    elements, draws = np.empty((r + 1) * LANES), room_for_draws(AHEAD * GROUPS * LANES)
    all_log_odds, all_memory = state.log_odds.reshape(-1), state.memory.reshape(-1)
    all_keys = state.keys.reshape(-1)
    n_replicas = state.log_odds.shape[0]
    row = 0
    while row < n_replicas:
        groups = min(GROUPS if order is None else 1, (n_replicas - row) // LANES)
        width = groups * LANES
        mine, held = (
            all_log_odds[row * m : (row + width) * m],
            all_memory[row * m * r : (row + width) * m * r],
        )
        if order is not None:
            sort_lanes(order, all_keys[row * m : (row + width) * m])
        tallies = np.empty(3 * width)
        if watch is not None:
            for lane in range(width):
                begin_watch(watch, row + lane, *_of_lane(mine, held, m, r, lane), span.first_step)
            begin_tallies(watch, row, tallies)
        step, last = span.first_step, span.first_step + span.n_steps
        while step < last:
            begin = step - (step & 1)  # a pair of normals belongs to an even step and the next
            end = min(begin + AHEAD, last)
            draw_for_replicas(law, span.first_replica + row, begin, (end - begin + 1) // 2 * 2, groups, draws)
            for entry in range((step - begin) * width, (end - begin) * width, LANES):
                if order is None:
                    seen = step_lanes(law, mine, held, draws, entry, elements, watch is not None)
                else:
                    seen = step_in_order(law, mine, held, draws, entry, elements, order, watch is not None)
                if watch is not None:
                    first = entry % width
                    note_lanes(watch, row + first, m, seen, tallies, first, begin + entry // width + 1)
            step = end
        if order is not None:
            give_back_keys(order, all_keys[row * m : (row + width) * m])
        row += width


@njit(**INLINE)
def _of_lane(log_odds: Floats, memory: Floats, m: int, r: int, lane: int) -> tuple[Floats, Floats]:
    return log_odds[lane * m : (lane + 1) * m], memory[lane * m * r : (lane + 1) * m * r]


@njit(**INLINE)
def step_lanes(
    law: Law, log_odds: Floats, memory: Floats, draws: Draws, entry: int, elements: Floats, is_watched: bool
) -> Seen:
    """Take one step of 32 replicas, whose draws stand from `entry` on."""
    at = np.uint64(entry)
    heard = gather_listed(log_odds, draws.senders, at)
    own = gather_listed(log_odds, draws.receivers, at)
    component = select(is_plus(load(draws.uniforms, at), heard), 1.0, -1.0)
    y = fma(law.sigma, load(draws.normals, at), component)
    _, seen = take_in_lanes(law, own, memory, load(draws.receivers, at), y, elements, False, is_watched)
    scatter_listed(log_odds, draws.receivers, at, seen.moved)
    return seen


@njit(error_model="numpy")
def step_in_order(
    law: Law,
    log_odds: Floats,
    memory: Floats,
    draws: Draws,
    entry: int,
    elements: Floats,
    order: LaneOrder,
    is_watched: bool,
) -> Seen:
    """Take one step of 32 replicas with a neighbourhood, whose draws stand from `entry` on."""
    m, at, width = law.m, np.uint64(entry), np.uint64(law.width)
    find_senders(law, m, draws.receivers, draws.senders, entry, order)
    heard = gather_listed(log_odds, draws.senders, at)
    own = gather_listed(log_odds, draws.receivers, at)
    component = select(is_plus(load(draws.uniforms, at), heard), 1.0, -1.0)
    y = fma(law.sigma, load(draws.normals, at), component)
    (balance, nearest, correction), seen = take_in_lanes(
        law, own, memory, load(draws.receivers, at), y, elements, True, is_watched
    )
    scatter_listed(log_odds, draws.receivers, at, seen.moved)
    store(order.new_keys, _0, key_of(balance, nearest, correction, width))
    for lane in range(LANES):
        receiver = np.int64(draws.receivers[entry + lane]) - lane * m
        if law.r == 1:
            order.new_keys[lane] = np.int64(key_at(log_odds[lane * m + receiver], 1, width))
        keep_order(m, receiver, lane, order)
    return seen


@njit(**INLINE)
def take_in_lanes(
    law: Law,
    own: Floats,
    memory: Floats,
    receivers: Words,
    y: Floats,
    elements: Floats,
    is_keyed: bool,
    is_watched: bool,
) -> tuple[tuple[Floats, Floats, Floats], Seen]:
    """Give the receivers their arrivals; return what :func:`update_lanes` does."""
    farthest, lowest, highest = fetch_elements(law, memory, receivers, y, elements, is_watched)
    scatter(memory, low_product(receivers, np.uint64(law.r)) + farthest, y)
    return update_lanes(law, own, farthest, y, elements, lowest, highest, is_keyed, is_watched)


@njit(**INLINE)
def fetch_elements(
    law: Law, memory: Floats, receivers: Words, y: Floats, elements: Floats, is_watched: bool
) -> tuple[Words, Floats, Floats]:
    """Fetch the receivers' memories into `elements` (r LANES); return which element is farthest from y.

    Where they are watched, then the smallest and the largest element too.
    """
    r = law.r
    start = low_product(receivers, np.uint64(r))
    x = gather(memory, start)
    store(elements, _0, x)
    farthest, distance, lowest, highest = spread(_0), size(x - y), x, x
    for h in range(1, r):
        x = gather(memory, start + np.uint64(h))
        store(elements, np.uint64(h * LANES), x)
        if is_watched:
            lowest, highest = smaller(x, lowest), larger(x, highest)
        gap = size(x - y)
        farthest = select_word(gap > distance, np.uint64(h), farthest)
        distance = select(gap > distance, gap, distance)
    return farthest, lowest, highest


@njit(**INLINE)
def update_lanes(
    law: Law,
    own: Floats,
    farthest: Words,
    y: Floats,
    elements: Floats,
    lowest: Floats,
    highest: Floats,
    is_keyed: bool,
    is_watched: bool,
) -> tuple[tuple[Floats, Floats, Floats], Seen]:
    """Return what :func:`mcpolar.compiled.chain.update.updated` does, y being in place of the farthest elements.

    That is what a key is made of, and the log-odds within what is seen of the agents; `lowest` and `highest` are theirs
    before.
    """
    r = law.r
    precision = 2.0 / (law.sigma * law.sigma)
    x = select(is_same(farthest, _0), y, load(elements, _0))
    z = fma(precision, x, own)
    if r == 1:
        return (own, own, own), Seen(own, lowest, highest, z, x, x, y)
    store(elements, _0, z)
    least, most, nearest, new_lowest, new_highest = z, z, size(z), x, x
    for h in range(1, r):
        x = select(is_same(farthest, np.uint64(h)), y, load(elements, np.uint64(h * LANES)))
        if is_watched:
            new_lowest, new_highest = smaller(x, new_lowest), larger(x, new_highest)
        z = fma(precision, x, own)
        store(elements, np.uint64(h * LANES), z)
        if is_keyed:
            nearest = smaller(size(z), nearest)
        else:
            least, most = smaller(z, least), larger(z, most)
    shift, decayed = keyed_shift(nearest) if is_keyed else plain_shift(least, most)
    balance, correction, scale = spread(0.0), spread(0.0), spread(1.0)
    for h in range(r):
        z = load(elements, np.uint64(h * LANES))
        balance, correction, scale = add_element(z, shift, decayed, balance, correction, scale)
        if h % REDUCED_EVERY == REDUCED_EVERY - 1:
            correction, scale = correction / scale, spread(1.0)
    moved = log_ratio(float(r), log(float(r)), shift, decayed, balance, correction, scale)
    part = correction / scale if is_keyed else correction
    return (balance, shift, part), Seen(own, lowest, highest, moved, new_lowest, new_highest, y)
