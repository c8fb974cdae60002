"""The agents in the order of their weights, kept from step to step, and the q-th nearest of an agent in it.

`order` holds the agents sorted by (log-odds, index) and `place` its inverse. All arrays are flat over
replicas: the m entries of a replica begin at `base`, and agents are numbered from 0 inside it.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, expm1

Floats = NDArray[np.float64]
Agents = NDArray[np.int32]

LOG_3 = 1.0986122886681098
LARGEST_EXPONENT = 700.0  # e^-x - 1 is -1 long before


@njit(nogil=True, error_model="numpy")
def sort_agents(log_odds: Floats, order: Agents, place: Agents, base: int, m: int) -> None:
    """Fill `order` and `place` of the replica at `base`."""
    sorted_agents = np.argsort(log_odds[base : base + m], kind="mergesort")  # stable: ties by index
    for position in range(m):
        order[base + position] = sorted_agents[position]
        place[base + sorted_agents[position]] = position


@njit(nogil=True, error_model="numpy")
def reposition(log_odds: Floats, order: Agents, place: Agents, base: int, m: int, agent: int) -> None:
    """Move `agent`, whose log-odds changed, to its new position: one shift of the agents that it passes."""
    value, position = log_odds[base + agent], place[base + agent]
    while position > 0:
        other = order[base + position - 1]
        below = log_odds[base + other]
        if below < value or (below == value and other < agent):
            break
        order[base + position], place[base + other] = other, position
        position -= 1
    while position < m - 1:
        other = order[base + position + 1]
        above = log_odds[base + other]
        if above > value or (above == value and other > agent):
            break
        order[base + position], place[base + other] = other, position
        position += 1
    order[base + position], place[base + agent] = agent, position


@njit(nogil=True, error_model="numpy")
def is_lower_nearer(centre: float, lower: float, upper: float) -> bool:
    """Return whether |w - w_lower| <= |w - w_upper| for log-odds lower <= centre <= upper.

    No cancellation, however close the weights: for c = centre >= 0 (else by symmetry), with gap g inward (to
    `lower`) and h outward, w = 1/(1 + e^-l) makes the two distances proportional to

        s(lower) = (1 - e^-g) / (e^-g + e^-c),   s(upper) = (1 - e^-h) / (1 + e^-(c + h)),

    which are of ordinary size wherever the answer is not plain already:

    - the slope of w falls with |l|, so that the outward agent is nearer when h <= g (with a tie if and only if
      h = g and c = 0, where no rounding takes part);
    - s(lower) >= 1 > s(upper) when min(g, c) >= log 3.

    Two distances are equal only if the log-odds are, or if c = 0 and lower = -upper: by Lindemann and
    Weierstrass w_lower + w_upper = 2 w has no other solution with rational log-odds.
    """
    size = abs(centre)
    inward, outward = (centre - lower, upper - centre) if centre >= 0.0 else (upper - centre, centre - lower)
    if centre == 0.0:
        return inward <= outward
    if outward <= inward or min(inward, size) >= LOG_3:
        return centre < 0.0
    return is_inward_nearer(decay(size), inward, outward) == (centre > 0.0)


@njit(**INLINE)
def decay(size: float) -> float:
    """Return e^-size, or a number as good where it is 1 or nothing beside 1/3, and products would underflow."""
    return exp(-min(max(size, 2.0**-100), 60.0))


@njit(**INLINE)
def is_inward_nearer(decayed: float, inward: float, outward: float) -> bool:
    """Return whether s(lower) < s(upper) above, given e^-c; for inward < outward and min(inward, c) < log 3."""
    fall_in, fall_out = expm1(-min(inward, LARGEST_EXPONENT)), expm1(-min(outward, LARGEST_EXPONENT))
    return fall_in * (1.0 + decayed * (1.0 + fall_out)) > fall_out * ((1.0 + fall_in) + decayed)


@njit(nogil=True, error_model="numpy")
def neighbour(
    log_odds: Floats, order: Agents, place: Agents, base: int, m: int, agent: int, rank: int
) -> int:
    """Return the agent of the given rank: 0 is `agent` itself, q its q-th nearest in weight, ties by index.

    The agents below and above in `order` are two sequences of growing distance; how many of the q nearest lie
    below is found by bisection: O(log q) comparisons of distances.
    """
    if rank == 0:
        return agent
    centre, position = log_odds[base + agent], place[base + agent]
    first, last = _run(log_odds, order, base, m, position)  # the agents with the very same log-odds
    if rank <= last - first:
        same = first + rank - 1
        return order[base + (same if same < position else same + 1)]
    rank -= last - first
    n_lower, n_upper = first, m - 1 - last
    low, high = max(0, rank - n_upper), min(rank, n_lower)
    while low < high:
        middle = (low + high) // 2
        lower = log_odds[base + order[base + first - 1 - middle]]
        upper = log_odds[base + order[base + last + rank - middle]]
        if is_lower_nearer(centre, lower, upper):
            low = middle + 1
        else:
            high = middle
    lower_position, upper_position = first - low, last + rank - low
    if low == 0:
        return _by_index(log_odds, order, base, m, centre, upper_position)
    if low == rank:
        return _by_index(log_odds, order, base, m, centre, lower_position)
    lower = log_odds[base + order[base + lower_position]]
    upper = log_odds[base + order[base + upper_position]]
    farther = upper_position if is_lower_nearer(centre, lower, upper) else lower_position
    return _by_index(log_odds, order, base, m, centre, farther)


@njit(nogil=True, error_model="numpy")
def _by_index(log_odds: Floats, order: Agents, base: int, m: int, centre: float, position: int) -> int:
    """Return the agent at `position`, once agents at equal distance are put in the order of their indices.

    Until here equal ones were passed walking away from the centre, those below it first. Equal log-odds
    above the centre are in order of index already; below it they are passed backwards; and at centre = 0
    two runs of equal distance, at l and -l, are merged.
    """
    value = log_odds[base + order[base + position]]
    first, last = _run(log_odds, order, base, m, position)
    is_lower = value < centre
    passed = last - position if is_lower else position - first
    if centre == 0.0:
        mirrored = _lower_bound(log_odds, order, base, m, -value)
        if mirrored < m and log_odds[base + order[base + mirrored]] == -value:
            mirrored_first, mirrored_last = _run(log_odds, order, base, m, mirrored)
            if not is_lower:
                passed += mirrored_last - mirrored_first + 1
            return _merged(order, base, first, last, mirrored_first, mirrored_last, passed)
    return order[base + first + passed]


@njit(nogil=True, error_model="numpy")
def _merged(order: Agents, base: int, a: int, a_last: int, b: int, b_last: int, offset: int) -> int:
    """Return the agent at `offset` in the union of two runs of positions, by index."""
    for _ in range(offset):
        if b > b_last or (a <= a_last and order[base + a] < order[base + b]):
            a += 1
        else:
            b += 1
    if b > b_last or (a <= a_last and order[base + a] < order[base + b]):
        return order[base + a]
    return order[base + b]


@njit(nogil=True, error_model="numpy")
def _lower_bound(log_odds: Floats, order: Agents, base: int, m: int, value: float) -> int:
    """Return the first position whose log-odds are at least `value` (m if none)."""
    low, high = 0, m
    while low < high:
        middle = (low + high) // 2
        if log_odds[base + order[base + middle]] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(nogil=True, error_model="numpy")
def _run(log_odds: Floats, order: Agents, base: int, m: int, position: int) -> tuple[int, int]:
    """Return the first and last position whose log-odds equal those at `position`."""
    value = log_odds[base + order[base + position]]
    first, last = position, position
    if position > 0 and log_odds[base + order[base + position - 1]] == value:
        # bisection, since at a start state all agents may be equal
        first = _lower_bound(log_odds, order, base, m, value)
    if position < m - 1 and log_odds[base + order[base + position + 1]] == value:
        last = _lower_bound(log_odds, order, base, m, np.nextafter(value, np.inf)) - 1
    return first, last
