"""The agents of one replica in the order of their weights, kept from step to step, and who is near whom.

The agents stand sorted by (key, number) in blocks of at most some hundred; the list of blocks is short, so that
an agent is found, taken out and put in again by a few bisections and moves of contiguous numbers. That serves ten
agents (one block) and ten million (memory about 25 bytes an agent).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE
from mcpolar.compiled.chain.keys import Keys, excess

SMALL_BLOCK, LARGE_BLOCK = 128, 512  # measured: 128 is best up to 10^5 agents, 512 at 10^6
FEW_AGENTS = 250_000


class Order(NamedTuple):
    """The agents in order of (key, number).

    Attributes
    ----------
    keys : ndarray of int64, shape (n_blocks, size)
        The keys of each block, sorted.
    agents : ndarray of int32, shape (n_blocks, size)
        Whose they are.
    counts : ndarray of int64, shape (n_blocks,)
        How many agents a block has.
    blocks : ndarray of int64, shape (n_blocks,)
        The blocks in use, in order; those after are free.
    last_keys, last_agents : ndarray of int64, shape (n_blocks,)
        The last agent of each block in use, in order.
    in_use : ndarray of int64, shape (1,)
        How many blocks.
    """

    keys: NDArray[np.int64]
    agents: NDArray[np.int32]
    counts: NDArray[np.int64]
    blocks: NDArray[np.int64]
    last_keys: NDArray[np.int64]
    last_agents: NDArray[np.int64]
    in_use: NDArray[np.int64]


def new_order(m: int) -> Order:
    """Return an order with room for m agents."""
    size = min(SMALL_BLOCK, m) if m <= FEW_AGENTS else LARGE_BLOCK
    n = 1 if m <= size else 4 * m // size + 64
    return Order(
        np.empty((n, size), np.int64),
        np.empty((n, size), np.int32),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(n, np.int64),
        np.empty(1, np.int64),
    )


@njit(nogil=True, error_model="numpy")
def sort_agents(keys: Keys, agents: NDArray[np.int32], spare: NDArray[np.int32]) -> None:
    """Fill `agents` with the agents by (key, number): runs of growing length are merged.

    Written out, since numba's own sorts take seconds to compile.
    """
    m, run = keys.size, 1
    for agent in range(m):
        agents[agent] = agent
    while run < m:
        for first in range(0, m, 2 * run):
            left, middle, last = first, min(first + run, m), min(first + 2 * run, m)
            right = middle
            for place in range(first, last):
                if right >= last or (left < middle and keys[agents[left]] <= keys[agents[right]]):
                    spare[place] = agents[left]
                    left += 1
                else:
                    spare[place] = agents[right]
                    right += 1
        for place in range(m):
            agents[place] = spare[place]
        run *= 2


@njit(nogil=True, error_model="numpy")
def sort_all(order: Order, keys: Keys) -> None:
    """Sort the agents of a replica into blocks."""
    agents, spare = np.empty(keys.size, np.int32), np.empty(keys.size, np.int32)
    sort_agents(keys, agents, spare)
    _fill(order, keys, agents)


@njit(nogil=True, error_model="numpy")
def _fill(order: Order, keys: Keys, agents: NDArray[np.int32]) -> None:
    """Put sorted agents into blocks, each half full so that it can grow."""
    m, size = agents.size, order.keys.shape[1]
    share = m if m <= size else size // 2
    for place in range(order.blocks.size):
        order.blocks[place] = place
        order.counts[place] = 0
    for place in range(m):
        block, position = place // share, place % share
        order.keys[block, position], order.agents[block, position] = keys[agents[place]], agents[place]
        order.counts[block] = position + 1
    order.in_use[0] = (m + share - 1) // share
    for block in range(order.in_use[0]):
        _note_last(order, block)


@njit(**INLINE)
def _note_last(order: Order, place: int) -> None:
    block = order.blocks[place]
    last = order.counts[block] - 1
    order.last_keys[place], order.last_agents[place] = order.keys[block, last], order.agents[block, last]


@njit(**INLINE)
def _is_before(key: np.int64, agent: int, other_key: np.int64, other: int) -> bool:
    return bool(key < other_key or (key == other_key and agent < other))


@njit(nogil=True, error_model="numpy")
def find(order: Order, key: np.int64, agent: int) -> tuple[int, int]:
    """Return the place of the block, and the position in it, of the first agent not before (key, agent).

    Beyond the last agent it is the position after it in the last block.
    """
    low, high = 0, order.in_use[0] - 1
    while low < high:
        middle = (low + high) // 2
        if _is_before(order.last_keys[middle], order.last_agents[middle], key, agent):
            low = middle + 1
        else:
            high = middle
    place, block = low, order.blocks[low]
    low, high = 0, order.counts[block]
    while low < high:
        middle = (low + high) // 2
        if _is_before(order.keys[block, middle], order.agents[block, middle], key, agent):
            low = middle + 1
        else:
            high = middle
    return place, low


@njit(nogil=True, error_model="numpy")
def move(order: Order, keys: Keys, agent: int, old: np.int64) -> None:
    """Move an agent whose key was `old`."""
    place, position = find(order, old, agent)
    block = order.blocks[place]
    count = order.counts[block]
    if order.in_use[0] == 1:
        _move_within(order, block, position, count, agent, keys[agent])
        return
    for at in range(position, count - 1):
        order.keys[block, at] = order.keys[block, at + 1]
    for at in range(position, count - 1):
        order.agents[block, at] = order.agents[block, at + 1]
    order.counts[block] = count - 1
    if count == 1:
        _free(order, place)
    elif position == count - 1:
        _note_last(order, place)
    _insert(order, keys, agent)


@njit(nogil=True, error_model="numpy")
def _move_within(order: Order, block: int, position: int, count: int, agent: int, key: np.int64) -> None:
    """Move an agent within the only block: a shift of those that it passes."""
    keys, agents = order.keys, order.agents
    while position > 0 and _is_before(key, agent, keys[block, position - 1], agents[block, position - 1]):
        keys[block, position], agents[block, position] = (
            keys[block, position - 1],
            agents[block, position - 1],
        )
        position -= 1
    while position < count - 1 and _is_before(
        keys[block, position + 1], agents[block, position + 1], key, agent
    ):
        keys[block, position], agents[block, position] = (
            keys[block, position + 1],
            agents[block, position + 1],
        )
        position += 1
    keys[block, position], agents[block, position] = key, agent
    _note_last(order, 0)


@njit(nogil=True, error_model="numpy")
def _free(order: Order, place: int) -> None:
    """Take an empty block out of the list; it becomes the first of the free ones."""
    block, n = order.blocks[place], order.in_use[0] - 1
    for at in range(place, n):
        order.blocks[at] = order.blocks[at + 1]
        order.last_keys[at], order.last_agents[at] = order.last_keys[at + 1], order.last_agents[at + 1]
    order.blocks[n] = block
    order.in_use[0] = n


@njit(nogil=True, error_model="numpy")
def _insert(order: Order, keys: Keys, agent: int) -> None:
    key = keys[agent]
    place, position = find(order, key, agent)
    if order.counts[order.blocks[place]] == order.keys.shape[1]:
        if order.in_use[0] == order.blocks.size:
            _compact(order, keys)
        else:
            _split(order, place)
        place, position = find(order, key, agent)
    block = order.blocks[place]
    count = order.counts[block]
    for at in range(count, position, -1):
        order.keys[block, at] = order.keys[block, at - 1]
    for at in range(count, position, -1):
        order.agents[block, at] = order.agents[block, at - 1]
    order.keys[block, position], order.agents[block, position] = key, agent
    order.counts[block] = count + 1
    if position == count:
        _note_last(order, place)


@njit(nogil=True, error_model="numpy")
def _split(order: Order, place: int) -> None:
    """Give the upper half of a full block to the first free one, and put that after it."""
    block, n = order.blocks[place], order.in_use[0]
    fresh, count = order.blocks[n], order.counts[block]
    half = count // 2
    for at in range(half, count):
        order.keys[fresh, at - half], order.agents[fresh, at - half] = (
            order.keys[block, at],
            order.agents[block, at],
        )
    order.counts[block], order.counts[fresh] = half, count - half
    for at in range(n, place + 1, -1):
        order.blocks[at] = order.blocks[at - 1]
        order.last_keys[at], order.last_agents[at] = order.last_keys[at - 1], order.last_agents[at - 1]
    order.blocks[place + 1] = fresh
    order.in_use[0] = n + 1
    _note_last(order, place)
    _note_last(order, place + 1)


@njit(nogil=True, error_model="numpy")
def _compact(order: Order, keys: Keys) -> None:
    """Fill the blocks anew, half full: many small ones have used up the list."""
    agents, at = np.empty(keys.size - 1, np.int32), 0  # but for the one that moves
    for place in range(order.in_use[0]):
        block = order.blocks[place]
        for position in range(order.counts[block]):
            agents[at] = order.agents[block, position]
            at += 1
    _fill(order, keys, agents)


@njit(nogil=True, error_model="numpy")
def _count_below(order: Order, place: int, position: int, most: int) -> int:
    """Return how many agents stand before a position, or `most` if there are more."""
    while place > 0 and position < most:
        place -= 1
        position += order.counts[order.blocks[place]]
    return min(position, most)


@njit(nogil=True, error_model="numpy")
def _count_above(order: Order, place: int, position: int, most: int) -> int:
    found = order.counts[order.blocks[place]] - 1 - position
    while place < order.in_use[0] - 1 and found < most:
        place += 1
        found += order.counts[order.blocks[place]]
    return min(found, most)


@njit(nogil=True, error_model="numpy")
def _at(order: Order, place: int, position: int, offset: int) -> tuple[int, int]:
    """Return the block and the position `offset` agents further on."""
    position += offset
    while position < 0:
        place -= 1
        position += order.counts[order.blocks[place]]
    while position >= order.counts[order.blocks[place]]:
        position -= order.counts[order.blocks[place]]
        place += 1
    return order.blocks[place], position


@njit(**INLINE)
def is_lower_nearer(centre: np.int64, lower: np.int64, upper: np.int64, width: int) -> bool:
    """Return whether the agent before is as near as the one after, or nearer."""
    return excess(np.uint64(centre), np.uint64(lower), np.uint64(upper), np.uint64(width)) <= 0.0


@njit(nogil=True, error_model="numpy")
def neighbour(order: Order, keys: Keys, width: int, agent: int, rank: int) -> int:
    """Return the agent of the given rank: 0 is `agent` itself, q its q-th nearest in weight.

    The agents before and after it are two sequences of growing distance; how many of the q nearest come before is
    found by bisection. Equally near ones of another weight, which are there only around a weight of exactly 1/2, go
    by number; of those with the same weight, which no law tells apart, the nearer in the order comes first.
    """
    if rank == 0:
        return agent
    centre = keys[agent]
    place, position = find(order, centre, agent)
    n_lower, n_upper = _count_below(order, place, position, rank), _count_above(order, place, position, rank)
    low, high = rank - n_upper, n_lower
    while low < high:
        middle = (low + high) // 2
        lower, upper = _at(order, place, position, -1 - middle), _at(order, place, position, rank - middle)
        if is_lower_nearer(centre, order.keys[lower], order.keys[upper], width):
            low = middle + 1
        else:
            high = middle
    lower, upper = _at(order, place, position, -low), _at(order, place, position, rank - low)
    is_upper = low == 0 or (
        low < rank and is_lower_nearer(centre, order.keys[lower], order.keys[upper], width)
    )
    chosen = upper if is_upper else lower
    found = order.keys[chosen]
    if centre == 0 and found != 0 and _has(order, -found):
        return by_number(keys, rank, abs(found))
    return int(order.agents[chosen])


@njit(nogil=True, error_model="numpy")
def _has(order: Order, key: np.int64) -> bool:
    place, position = find(order, key, -1)
    block = order.blocks[place]
    return position < order.counts[block] and order.keys[block, position] == key


@njit(nogil=True, error_model="numpy")
def by_number(keys: Keys, rank: int, distance: np.int64) -> int:
    """Return the agent of a rank around a key of 0 that is known to be one of those with |key| = distance."""
    passed = -1  # the centre is closer than any of them
    for other in range(keys.size):
        passed += abs(keys[other]) < distance
    for other in range(keys.size):
        passed += abs(keys[other]) == distance
        if passed == rank and abs(keys[other]) == distance:
            return other
    return 0  # not reached
