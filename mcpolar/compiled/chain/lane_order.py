"""The agents of 32 replicas in the order of their weights, kept from step to step, and the senders found in it.

This is :mod:`mcpolar.compiled.chain.order` in lanes, for up to 255 agents. A replica's order is a list of agents, a
byte each, so that 64 positions are looked at, or moved by one, with one operation; and the new position of an agent is
the number of smaller keys, eight of which are compared at once. Agents are ordered by (key, number) here as there, and
the same agent is found.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, ROUNDER
from mcpolar.compiled.base.simd import (
    LANES,
    bits_of,
    both,
    double_of,
    either,
    floor,
    gather,
    gather_bytes,
    is_any,
    is_below,
    is_equal,
    is_same,
    lanes,
    larger,
    load,
    select,
    select_word,
    smaller,
    store,
)
from mcpolar.compiled.chain.keys import Keys, excess_over, logarithm_of, whole_of
from mcpolar.compiled.chain.law import Law
from mcpolar.compiled.chain.order import by_number, sort_agents

Words = NDArray[np.uint64]

MOST_AGENTS = 255
CHUNK = 64  # positions looked at together
MARGIN = 8  # bytes before a list, so that its neighbour may be read
NOBODY = 255

_0 = np.uint64(0)
_ROUNDER_WORD = np.uint64(0x4338000000000000)
_I8, _I64, _I32 = ir.IntType(8), ir.IntType(64), ir.IntType(32)
_BYTES = ir.VectorType(_I8, CHUNK)
_EIGHT = ir.VectorType(_I64, 8)


class LaneOrder(NamedTuple):
    """Scratch for 32 replicas.

    Attributes
    ----------
    keys : ndarray of int64, flat
        A replica's keys, and then the largest number up to a multiple of eight.
    agents : ndarray of uint8, flat
        A replica's list of agents, in order, after a margin.
    keys_each, bytes_each : int
        Between the beginnings of two replicas' keys or lists.
    positions, new_keys : ndarray of int64, shape (LANES,)
        What is handed from lane to lane.
    """

    keys: Keys
    agents: NDArray[np.uint8]
    keys_each: int
    bytes_each: int
    positions: Keys
    new_keys: Keys


def room_for_lanes(m: int) -> LaneOrder:
    """Return scratch for replicas of m agents."""
    keys_each, bytes_each = -(-m // 8) * 8, -(-m // CHUNK) * CHUNK + MARGIN
    return LaneOrder(
        np.full(keys_each * LANES, 2**63 - 1, np.int64),
        np.full(bytes_each * LANES + CHUNK, NOBODY, np.uint8),
        keys_each,
        bytes_each,
        np.empty(LANES, np.int64),
        np.empty(LANES, np.int64),
    )


@njit(error_model="numpy")
def sort_lanes(order: LaneOrder, keys: Keys) -> None:
    """Take in the keys of 32 replicas, flat, and sort."""
    m = keys.size // LANES
    agents, spare = np.empty(m, np.int32), np.empty(m, np.int32)
    for lane in range(LANES):
        sort_agents(keys[lane * m : (lane + 1) * m], agents, spare)
        for place in range(m):
            order.keys[lane * order.keys_each + place] = keys[lane * m + place]
            order.agents[lane * order.bytes_each + MARGIN + place] = agents[place]


@njit(error_model="numpy")
def give_back_keys(order: LaneOrder, keys: Keys) -> None:
    """Write the keys of 32 replicas, flat."""
    m = keys.size // LANES
    for lane in range(LANES):
        for agent in range(m):
            keys[lane * m + agent] = order.keys[lane * order.keys_each + agent]


def _all_bytes(builder: Any, value: Any) -> Any:
    undefined = ir.Constant(_BYTES, ir.Undefined)
    first = builder.insert_element(undefined, builder.trunc(value, _I8), _I32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_I32, CHUNK), [0] * CHUNK))


def _chunk_at(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [place]), _BYTES.as_pointer())


@intrinsic
def _find_in_chunk(context: Any, agents: Any, place: Any, agent: Any) -> Any:
    """Return where in the 64 bytes from `place` on the agent stands, 64 if nowhere."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        chunk = builder.load(_chunk_at(context, builder, sig.args[0], values[0], values[1]), align=1)
        found = builder.bitcast(builder.icmp_unsigned("==", chunk, _all_bytes(builder, values[2])), _I64)
        return builder.cttz(found, ir.IntType(1)(0))

    return types.int64(agents, types.int64, types.int64), lower


@intrinsic
def _move_in_chunk(context: Any, agents: Any, place: Any, old: Any, new: Any, agent: Any) -> Any:
    """Move an agent within the 64 bytes from `place` on, from position `old` to `new`."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        here = _chunk_at(context, builder, sig.args[0], *values[:2])
        chunk = builder.load(here, align=1)
        form, at = ir.VectorType(_I32, CHUNK), ir.Constant(_BYTES, list(range(CHUNK)))
        after = ir.Constant(form, [min(t + 1, CHUNK - 1) for t in range(CHUNK)])
        before = ir.Constant(form, [max(t - 1, 0) for t in range(CHUNK)])
        old, new = (_all_bytes(builder, value) for value in values[2:4])
        come_down = builder.and_(builder.icmp_unsigned(">=", at, old), builder.icmp_unsigned("<", at, new))
        go_up = builder.and_(builder.icmp_unsigned("<=", at, old), builder.icmp_unsigned(">", at, new))
        moved = builder.select(go_up, builder.shuffle_vector(chunk, chunk, before), chunk)
        moved = builder.select(come_down, builder.shuffle_vector(chunk, chunk, after), moved)
        moved = builder.select(builder.icmp_unsigned("==", at, new), _all_bytes(builder, values[4]), moved)
        builder.store(moved, here, align=1)
        return context.get_dummy_value()

    return types.void(agents, types.int64, types.int64, types.int64, types.int64), lower


@intrinsic
def _count_before(context: Any, keys: Any, place: Any, key: Any, n_before: Any) -> Any:
    """Return how many of the eight keys from `place` on are below `key`, or equal among the first `n_before`."""

    def lower(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, values[0]).data
        found = builder.load(builder.bitcast(builder.gep(data, [values[1]]), _EIGHT.as_pointer()), align=8)
        undefined, form = ir.Constant(_EIGHT, ir.Undefined), ir.Constant(ir.VectorType(_I32, 8), [0] * 8)
        wanted, number = (
            builder.shuffle_vector(builder.insert_element(undefined, value, _I32(0)), undefined, form)
            for value in values[2:]
        )
        is_first = builder.icmp_signed("<", ir.Constant(_EIGHT, list(range(8))), number)
        # keys are whole numbers: equal or below is below when lowered by one
        lowered = builder.add(found, builder.sext(is_first, _EIGHT))
        below = builder.bitcast(builder.icmp_signed("<", lowered, wanted), _I8)
        return builder.zext(builder.ctpop(below), _I64)

    return types.int64(keys, types.int64, types.int64, types.int64), lower


@njit(**INLINE)
def _find(order: LaneOrder, lane: int, m: int, agent: int) -> int:
    """Return the position of an agent."""
    first, position = lane * order.bytes_each + MARGIN, 0
    while position < m:
        found = _find_in_chunk(order.agents, first + position, agent)
        if found < CHUNK:
            return position + found
        position += CHUNK
    return position  # not reached


@njit(**INLINE)
def _move(order: LaneOrder, lane: int, m: int, old: int, new: int, agent: int) -> None:
    """Move an agent from one position to another."""
    first = lane * order.bytes_each + MARGIN
    if m <= CHUNK:
        _move_in_chunk(order.agents, first, old, new, agent)
        return
    for position in range(first + old, first + new):
        order.agents[position] = order.agents[position + 1]
    for position in range(first + old, first + new, -1):
        order.agents[position] = order.agents[position - 1]
    order.agents[first + new] = agent


@njit(error_model="numpy")
def find_senders(law: Law, m: int, receivers: Words, senders: Words, entry: int, order: LaneOrder) -> None:
    """Replace the ranks in `senders`, from `entry` on, by the flat numbers of the agents that have them.

    The positions of the receivers are left in `order.positions`.
    """
    at, width, last = np.uint64(entry), np.uint64(law.width), float(m - 1)
    for lane in range(LANES):
        receiver = np.int64(receivers[entry + lane]) - lane * m
        order.positions[lane] = _find(order, lane, m, receiver)
    keys_at, lists_at = (
        lanes() * np.uint64(order.keys_each),
        lanes() * np.uint64(order.bytes_each) + np.uint64(MARGIN),
    )
    first_agents = lanes() * np.uint64(m)
    position, rank = _real(load(order.positions, _0)), _real(load(senders, at))
    centre = gather(order.keys, keys_at + (load(receivers, at) - first_agents))
    n = whole_of(centre, width)
    mu, sign = logarithm_of(centre, n, width)
    low, high = larger(rank - (last - position), 0.0), smaller(rank, position)
    halvings = law.k
    while halvings > 0:  # so many settle every lane; a settled one may point outside, and changes no more
        middle = floor(0.5 * (low + high))
        below = gather_bytes(order.agents, lists_at + _word(larger(position - 1.0 - middle, 0.0)))
        above = gather_bytes(order.agents, lists_at + _word(smaller(position + rank - middle, last)))
        lower, upper = gather(order.keys, keys_at + below), gather(order.keys, keys_at + above)
        is_above_nearer = excess_over(centre, n, mu, sign, lower, upper, width) > 0.0
        raised, lowered = larger(low, smaller(middle + 1.0, high)), smaller(high, larger(middle, low))
        low, high = select(is_above_nearer, low, raised), select(is_above_nearer, lowered, high)
        halvings >>= 1
    below = gather_bytes(order.agents, lists_at + _word(larger(position - low, 0.0)))
    above = gather_bytes(order.agents, lists_at + _word(smaller(position + rank - low, last)))
    lower, upper = gather(order.keys, keys_at + below), gather(order.keys, keys_at + above)
    is_above_nearer = excess_over(centre, n, mu, sign, lower, upper, width) > 0.0
    takes_below = either(both(low < rank, is_above_nearer), is_equal(low, rank))
    takes_below = both(takes_below, low > 0.0)
    store(senders, at, first_agents + select_word(takes_below, below, above))
    found = select_word(takes_below, lower, upper)
    if is_any(both(is_same(centre, _0), is_below(_0, found))):
        store(order.new_keys, _0, _word(rank))
        _by_number(m, receivers, senders, entry, order)


@njit(error_model="numpy")
def _by_number(m: int, receivers: Words, senders: Words, entry: int, order: LaneOrder) -> None:
    """Where a receiver's weight is 1/2 and two weights are equally far from it, take the agents by their numbers."""
    for lane in range(LANES):
        first, agents_at = lane * order.keys_each, lane * m
        keys = order.keys[first : first + m]
        found = keys[np.int64(senders[entry + lane]) - agents_at]
        if keys[np.int64(receivers[entry + lane]) - agents_at] == 0 and found != 0 and _has(keys, -found):
            senders[entry + lane] = np.uint64(agents_at + by_number(keys, order.new_keys[lane], abs(found)))


@njit(**INLINE)
def _has(keys: Keys, key: np.int64) -> bool:
    found = False
    for agent in range(keys.size):
        found |= keys[agent] == key
    return found


@njit(**INLINE)
def _real(words: Words) -> Any:
    return double_of(words + _ROUNDER_WORD) - ROUNDER


@njit(**INLINE)
def _word(reals: Any) -> Words:
    return bits_of(reals + ROUNDER) - _ROUNDER_WORD


@njit(**INLINE)
def keep_order(m: int, receiver: int, lane: int, order: LaneOrder) -> None:
    """Move the receiver to where its new key belongs."""
    first = lane * order.keys_each
    key, old = order.new_keys[lane], order.keys[first + receiver]
    position = 0
    for agent in range(0, order.keys_each, 8):
        position += _count_before(order.keys, first + agent, key, receiver - agent)
    if old < key:
        position -= 1  # itself
    order.keys[first + receiver] = key
    _move(order, lane, m, order.positions[lane], position, receiver)
