"""The chain's law as one object, one replica's agents, and one step of them.

This is the only place that says what a step draws, who sends, which element goes and how the log-odds move; the
loops differ in what they watch. The loops in lanes make the same operations on vectors.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, fma, log
from mcpolar.compiled.base.philox import below, block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.keys import Keys, key_at, key_of, residual_bits
from mcpolar.compiled.chain.order import Order, move, neighbour, new_order, sort_all
from mcpolar.compiled.chain.update import farthest, is_plus, updated

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]


class Law(NamedTuple):
    """What the chain's law depends on.

    Attributes
    ----------
    m, r : int
        Agents, and elements of each one's memory.
    sigma : float
        Component standard deviation.
    k : int
        The sender is uniform on the receiver and its k nearest; 0: on all agents.
    mirror : float
        Probability that the receiver is its own sender, else uniform on the others; negative: absent.
    width : int
        Bits of a key's residual (:mod:`mcpolar.compiled.chain.keys`).
    key : ndarray of uint64, shape (2,)
        The Philox key.
    policy, senders : numba CFunc or None
        Registered rules (:mod:`mcpolar.rules`) for the element that goes and for the sender; None: the paper's. The
        loops are compiled apart for None, with no code for a rule.
    rank : int
        The k that a rule for the sender is given; `k` itself is 0 with one.
    """

    m: int
    r: int
    sigma: float
    k: int
    mirror: float
    width: int
    key: Words
    policy: Any = None
    senders: Any = None
    rank: int = 0

    @property
    def is_own(self) -> bool:
        """Whether both rules are the paper's: the loops in lanes know no others."""
        return self.policy is None and self.senders is None


def make_law(
    m: int, r: int, sigma: float, k: int, mirror: float, key: Words, policy: Any = None, senders: Any = None
) -> Law:
    """Return a law, each value of the type that the loops are compiled for."""
    near = 0 if senders is not None else int(k)
    law = Law(int(m), int(r), float(sigma), near, float(mirror), residual_bits(int(r)), key, policy, senders)
    return law if senders is None else law._replace(rank=int(k))


class Span(NamedTuple):
    """Which replicas and which steps: draws are a function of (key, purpose, replica, step)."""

    first_replica: int
    first_step: int
    n_steps: int


class Agents(NamedTuple):
    """One replica's agents: log-odds (m,), memory (m r,), and with a neighbourhood keys (m,)."""

    log_odds: Floats
    memory: Floats
    keys: Keys


class Draw(NamedTuple):
    """The draws of one step: receiver, the word that chooses the sender, the component's uniform, the normals."""

    receiver: int
    word: np.uint64
    u: float
    even: float
    odd: float


def order_for(law: Law) -> Order | None:
    """Return scratch for the order of one replica's agents; None without a neighbourhood.

    The loops are compiled apart for None, with no code for neighbours.
    """
    return new_order(law.m) if law.k > 0 else None


@njit(**INLINE)
def first_draw() -> Draw:
    """Return what :func:`draw_step` takes before the first step."""
    return Draw(0, np.uint64(0), 0.0, 0.0, 0.0)


@njit(**INLINE)
def draw_step(
    law: Law, purpose: int, of_normals: int, replica: int, step: int, before: Draw, is_new: bool
) -> Draw:
    """Return the draws of a step; an odd one takes the second normal of `before`, unless that is another path's."""
    c0, c1, c2, c3 = block(law.key, purpose, replica, step)
    even, odd = before.even, before.odd
    if step & 1 == 0 or is_new:
        even, odd = box_muller(*block(law.key, of_normals, replica, step >> 1))
    return Draw(below(c0, law.m), c1, uniform(c2, c3), even, odd)


@njit(**INLINE)
def sender_of(
    law: Law, agents: Agents, order: Order | None, replica: int, step: int, receiver: int, word: np.uint64
) -> int:
    """Return the sender: by a mirror the receiver, else uniform on the candidates or by a registered rule.

    The candidates are all agents, or the receiver and its k nearest; beside a mirror, those without the receiver.
    `word` is the step's second word. A block of mirror draws serves an even step and the odd one after it.
    """
    if law.mirror < 0.0:
        return _among(law.senders, law, agents, order, replica, step, receiver, word)
    c0, c1, c2, c3 = block(law.key, Purpose.MIRROR, replica, step >> 1)
    u = uniform(c2, c3) if step & 1 else uniform(c0, c1)
    if u < law.mirror or law.m == 1:
        return receiver
    return _among_others(law.senders, law, agents, order, replica, step, receiver, word)


# A rule is handed on by itself: numba leaves out the code of a branch on an argument that is None.
@njit(**INLINE)
def _among(
    rule: Any,
    law: Law,
    agents: Agents,
    order: Order | None,
    replica: int,
    step: int,
    receiver: int,
    word: np.uint64,
) -> int:
    if rule is not None:
        return _by_rule(rule, law, agents, replica, step, receiver)
    if order is None:
        return int(below(word, law.m))
    return int(neighbour(order, agents.keys, law.width, receiver, below(word, law.k + 1)))


@njit(**INLINE)
def _among_others(
    rule: Any,
    law: Law,
    agents: Agents,
    order: Order | None,
    replica: int,
    step: int,
    receiver: int,
    word: np.uint64,
) -> int:
    if rule is not None:
        return _by_rule(rule, law, agents, replica, step, receiver)
    if order is None:
        other = int(below(word, law.m - 1))  # the receiver is passed over
        return other if other < receiver else other + 1
    return int(neighbour(order, agents.keys, law.width, receiver, 1 + below(word, law.k)))


@njit(**INLINE)
def _by_rule(rule: Any, law: Law, agents: Agents, replica: int, step: int, receiver: int) -> int:
    c0, c1, _, _ = block(law.key, Purpose.SENDER_RULE, replica, step)
    sender = rule(agents.log_odds, receiver, law.rank, uniform(c0, c1))
    if not 0 <= sender < law.m:
        raise ValueError("a neighbour rule must return an agent's number, from 0 to m - 1")
    return int(sender)


@njit(**INLINE)
def _replace(policy: Any, law: Law, agents: Agents, replica: int, step: int, start: int, y: float) -> None:
    """Put an arrival in the place of the farthest element; with a policy behind the others, the oldest first."""
    if policy is None:
        agents.memory[start + farthest(agents.memory, start, law.r, y)] = y
    else:
        c0, c1, _, _ = block(law.key, Purpose.MEMORY_RULE, replica, step)
        goes = policy(agents.memory[start : start + law.r], y, uniform(c0, c1))
        if not 0 <= goes < law.r:
            raise ValueError("a memory policy must return an element's index, from 0 to r - 1")
        for h in range(start + goes, start + law.r - 1):
            agents.memory[h] = agents.memory[h + 1]
        agents.memory[start + law.r - 1] = y


@njit(**INLINE)
def take_in(
    law: Law, agents: Agents, order: Order | None, replica: int, step: int, receiver: int, y: float
) -> None:
    """Give the receiver an arrival: an element goes, the log-odds move, and its weight finds its place.

    It is the farthest one, or what a registered policy says, which has a draw of this replica and step.
    """
    r, start = law.r, receiver * law.r
    _replace(law.policy, law, agents, replica, step, start, y)
    moved, balance, nearest, correction = updated(
        agents.log_odds[receiver],
        agents.memory,
        start,
        r,
        2.0 / (law.sigma * law.sigma),
        log(float(r)),
        law.k > 0,
    )
    set_log_odds(law, agents, order, receiver, moved, balance, nearest, correction)


@njit(**INLINE)
def set_log_odds(
    law: Law,
    agents: Agents,
    order: Order | None,
    agent: int,
    moved: float,
    balance: float,
    nearest: float,
    correction: float,
) -> None:
    """Set an agent's log-odds to what an update found, and its key."""
    agents.log_odds[agent] = moved
    if order is not None:
        old = agents.keys[agent]
        width = np.uint64(law.width)
        new = np.int64(key_at(moved, 1, width) if law.r == 1 else key_of(balance, nearest, correction, width))
        agents.keys[agent] = new
        move(order, agents.keys, agent, old)


@njit(**INLINE)
def arrival(law: Law, agents: Agents, order: Order | None, replica: int, step: int, draw: Draw) -> float:
    """Return what the receiver is sent: a draw of the component that the sender's weight draws."""
    sender = sender_of(law, agents, order, replica, step, draw.receiver, draw.word)
    component = 1.0 if is_plus(draw.u, agents.log_odds[sender]) else -1.0
    return fma(law.sigma, draw.odd if step & 1 else draw.even, component)


@njit(**INLINE)
def take_step(law: Law, agents: Agents, order: Order | None, replica: int, step: int, draw: Draw) -> float:
    """Take one step of the chain in place and return the arrival."""
    y = arrival(law, agents, order, replica, step, draw)
    take_in(law, agents, order, replica, step, draw.receiver, y)
    return y


class State(NamedTuple):
    """States of an ensemble, C-contiguous and changed in place.

    Attributes
    ----------
    log_odds : ndarray, shape (n_replicas, m)
        Log-odds of component +1.
    memory : ndarray, shape (n_replicas, m, r)
        Memories.
    keys : ndarray of int64, shape (n_replicas, m)
        With a neighbourhood the keys of the weights; else of shape (n_replicas, 0).
    """

    log_odds: Floats
    memory: Floats
    keys: Keys

    def rows(self, which: slice | NDArray[np.int64]) -> State:
        """Return these replicas: a view for a slice, else a copy."""
        return State(self.log_odds[which], self.memory[which], self.keys[which])

    def copy(self) -> State:
        """Return a copy."""
        return State(self.log_odds.copy(), self.memory.copy(), self.keys.copy())


@njit(**INLINE)
def agents_of(state: State, row: int, order: Order | None) -> Agents:
    """Return one replica's agents, sorted where there is a neighbourhood."""
    agents = Agents(state.log_odds[row], state.memory[row].reshape(-1), state.keys[row])
    if order is not None:
        sort_all(order, agents.keys)
    return agents


@loop
def fill_keys(log_odds: Floats, r: int, width: int, keys: Keys) -> None:
    """Fill `keys` (n, m) for weights that are given by their log-odds."""
    for row in range(log_odds.shape[0]):
        for agent in range(log_odds.shape[1]):
            keys[row, agent] = np.int64(key_at(log_odds[row, agent], r, np.uint64(width)))
