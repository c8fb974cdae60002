"""The agents of all lanes in the order of their weights, kept from step to step, and the senders found in it.

This is :mod:`mcpolar.compiled.chain.neighbours` for replicas in lock-step: position by position, a loop over the
lanes that vectorises. `ordered` (m + 1, 2, LANES) holds the sorted log-odds, then infinity, and whose they
are, in doubles. A pass over all m positions costs a lane few nanoseconds up to some hundred agents.

Of agents with equal log-odds another one may be found than the careful search finds: the chain does not tell
them apart, for all that it takes of a sender is its weight. Agents at equal distance with different weights
exist only around a receiver at 0, and there the careful search decides.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE
from mcpolar.compiled.base.vectors import prefer_widest_vectors
from mcpolar.compiled.chain.lane_draws import LANES
from mcpolar.compiled.chain.neighbours import LOG_3, decay, is_inward_nearer, neighbour, sort_agents

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

# rows of the work array, as places of their first lane; positions are whole numbers in doubles
_WIDTH, _PAIR = np.uint64(LANES), np.uint64(2 * LANES)
(
    _RECEIVER,  # its number
    _OLD,  # its position before its update
    _CENTRE,  # its log-odds
    _DECAY,
    _RANK,
    _LOW,  # bounds of how many of the `rank` nearest lie below
    _HIGH,
    _LOWER,  # log-odds of the two agents to compare
    _UPPER,
    _PASSED,  # log-odds of the agent at the position before
    _PASSED_AGENT,  # its number
    N_ROWS,
) = (np.uint64(row * LANES) for row in range(12))


@njit(error_model="numpy")
def fill_order(log_odds: Floats, m: int, ordered: Floats) -> None:
    """Sort the agents of every lane."""
    order, place = np.empty(m, np.int32), np.empty(m, np.int32)
    for lane in range(LANES):
        sort_agents(log_odds[lane * m : (lane + 1) * m], order, place, 0, m)
        for position in range(m):
            ordered[2 * position * LANES + lane] = log_odds[lane * m + order[position]]
            ordered[(2 * position + 1) * LANES + lane] = order[position]
        ordered[2 * m * LANES + lane] = np.inf  # after all agents: what follows the last


@njit(error_model="numpy")
def find_senders(
    log_odds: Floats,
    m: int,
    largest_rank: int,
    receivers: Words,
    senders: Words,
    entry: np.uint64,
    ordered: Floats,
    work: Floats,
) -> None:
    """Replace the ranks in `senders`, from `entry` on, by the flat numbers of the agents that have them."""
    _locate(log_odds, m, receivers, entry, ordered, work)
    _begin(m, senders, entry, work)
    width = largest_rank
    while width > 0:  # so many halvings settle every lane
        _look(m, ordered, work, 1.0)
        _halve(work)
        width >>= 1
    _look(m, ordered, work, 0.0)
    _choose(work)
    for lane in range(LANES):
        at = np.uint64(lane)
        row = np.uint64(np.int64(work[_LOW + at])) * _PAIR
        if work[_CENTRE + at] == 0.0 and ordered[row + at] != 0.0:
            senders[entry + at] = _careful(
                log_odds, m, lane, receivers[entry + at], senders[entry + at], ordered
            )
        else:
            senders[entry + at] = lane * m + np.int64(ordered[row + _WIDTH + at])


@njit(error_model="numpy")
def _careful(
    log_odds: Floats, m: int, lane: int, receiver: np.uint64, rank: np.uint64, ordered: Floats
) -> np.uint64:
    order, place, base = np.empty(m, np.int32), np.empty(m, np.int32), lane * m
    mine, agent = log_odds[base : base + m], np.int64(receiver) - base
    for position in range(m):
        other = np.int32(ordered[(2 * position + 1) * LANES + lane])
        order[position], place[other] = other, position
    for position in range(1, m):
        a, b = order[position - 1], order[position]
        if mine[a] == mine[b] and a > b:  # lanes do not keep equal ones in the order of their numbers
            sort_agents(mine, order, place, 0, m)
            break
    return np.uint64(base + neighbour(mine, order, place, 0, m, agent, np.int64(rank)))


@njit(**INLINE)
def _locate(
    log_odds: Floats, m: int, receivers: Words, entry: np.uint64, ordered: Floats, work: Floats
) -> None:
    """Find the receivers' positions."""
    prefer_widest_vectors()
    for lane in range(LANES):
        at = np.uint64(lane)
        work[_CENTRE + at] = log_odds[receivers[entry + at]]
        work[_RECEIVER + at] = float(np.int64(receivers[entry + at]) - lane * m)
        work[_OLD + at] = 0.0
    n_lanes = _unknown_lanes(m, ordered)
    for position in range(m):
        row, here = np.uint64(position) * _PAIR + _WIDTH, float(position)
        for lane in range(n_lanes):
            at = np.uint64(lane)
            old = work[_OLD + at]
            work[_OLD + at] = here if ordered[row + at] == work[_RECEIVER + at] else old


@njit(**INLINE)
def _unknown_lanes(m: int, ordered: Floats) -> int:
    """Return LANES in such a way that LLVM does not know it: it would unroll short loops, not vectorise them."""
    return ordered.size // (2 * (m + 1))


@njit(**INLINE)
def _begin(m: int, senders: Words, entry: np.uint64, work: Floats) -> None:
    """Set the range of how many of the `rank` nearest lie below the receiver."""
    prefer_widest_vectors()
    last = float(m - 1)
    for lane in range(LANES):
        at = np.uint64(lane)
        position, rank = work[_OLD + at], float(np.int64(senders[entry + at]))
        work[_RANK + at] = rank
        work[_LOW + at], work[_HIGH + at] = max(0.0, rank - (last - position)), min(rank, position)
        work[_DECAY + at] = decay(abs(work[_CENTRE + at]))


@njit(**INLINE)
def _look(m: int, ordered: Floats, work: Floats, beyond: float) -> None:
    """Fetch the log-odds of the next comparison: on the lower side that `beyond` the middle."""
    prefer_widest_vectors()
    last = float(m - 1)
    for lane in range(LANES):
        at = np.uint64(lane)
        middle = np.floor(0.5 * (work[_LOW + at] + work[_HIGH + at]))
        # a lane that is settled may point outside; what it fetches is not used
        below = max(work[_OLD + at] - beyond - middle, 0.0)
        above = min(work[_OLD + at] + work[_RANK + at] - middle, last)
        work[_LOWER + at], work[_UPPER + at] = below, above
    for lane in range(LANES):
        at = np.uint64(lane)
        below, above = np.uint64(np.int64(work[_LOWER + at])), np.uint64(np.int64(work[_UPPER + at]))
        work[_LOWER + at], work[_UPPER + at] = ordered[below * _PAIR + at], ordered[above * _PAIR + at]


@njit(**INLINE)
def _is_lower_nearer(centre: float, decayed: float, lower: float, upper: float) -> bool:
    """Do as :func:`mcpolar.compiled.chain.neighbours.is_lower_nearer` for centre != 0, without branches."""
    is_plus = centre > 0.0
    inward = centre - lower if is_plus else upper - centre
    outward = upper - centre if is_plus else centre - lower
    is_open = (outward > inward) & (min(inward, abs(centre)) < LOG_3)
    return (is_open & is_inward_nearer(decayed, inward, outward)) == is_plus


@njit(**INLINE)
def _halve(work: Floats) -> None:
    prefer_widest_vectors()
    for lane in range(LANES):
        at = np.uint64(lane)
        low, high = work[_LOW + at], work[_HIGH + at]
        middle = np.floor(0.5 * (low + high))
        is_lower = _is_lower_nearer(
            work[_CENTRE + at], work[_DECAY + at], work[_LOWER + at], work[_UPPER + at]
        )
        raised, lowered = max(low, min(middle + 1.0, high)), min(high, max(middle, low))
        work[_LOW + at] = raised if is_lower else low
        work[_HIGH + at] = high if is_lower else lowered


@njit(**INLINE)
def _choose(work: Floats) -> None:
    """Leave in row _LOW the position of the sender: the farther of the last ones on both sides."""
    prefer_widest_vectors()
    for lane in range(LANES):
        at = np.uint64(lane)
        position, rank, low = work[_OLD + at], work[_RANK + at], work[_LOW + at]
        is_lower = _is_lower_nearer(
            work[_CENTRE + at], work[_DECAY + at], work[_LOWER + at], work[_UPPER + at]
        )
        is_above = (low == 0.0) | ((low < rank) & is_lower)
        work[_LOW + at] = position + rank - low if is_above else position - low


@njit(error_model="numpy")
def keep_order(
    log_odds: Floats, m: int, receivers: Words, entry: np.uint64, ordered: Floats, work: Floats
) -> None:
    """Move the receivers, whose log-odds changed, to their new positions; `find_senders` left the old ones."""
    prefer_widest_vectors()
    for lane in range(LANES):
        at = np.uint64(lane)
        work[_CENTRE + at] = log_odds[receivers[entry + at]]
        work[_PASSED + at], work[_PASSED_AGENT + at] = -np.inf, 0.0
    for position in range(m):
        _rewrite(position, ordered, work)


@njit(error_model="numpy")
def _rewrite(position: int, ordered: Floats, work: Floats) -> None:
    """Rewrite one position of every lane: the old list without the receiver, and then with it at its place.

    Without it, the agent here is the one here before or, from its old position on, the one after. An agent
    below the receiver stays; the first one that is not leaves its place to the receiver, and each later one
    to the one before.
    """
    prefer_widest_vectors()
    row, here = np.uint64(position) * _PAIR, float(position)
    for lane in range(LANES):
        at = np.uint64(lane)
        value, agent = ordered[row + at], ordered[row + (_WIDTH + at)]
        next_value, next_agent = ordered[row + (_PAIR + at)], ordered[row + (_PAIR + _WIDTH + at)]
        centre, receiver, is_kept = work[_CENTRE + at], work[_RECEIVER + at], here < work[_OLD + at]
        passed, passed_agent = work[_PASSED + at], work[_PASSED_AGENT + at]
        value, agent = value if is_kept else next_value, agent if is_kept else next_agent
        work[_PASSED + at], work[_PASSED_AGENT + at] = value, agent
        later = passed if passed > centre else centre
        later_agent = receiver if passed < centre else passed_agent
        ordered[row + at] = later if later < value else value
        ordered[row + (_WIDTH + at)] = agent if value < centre else later_agent
