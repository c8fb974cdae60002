"""The chain's law as one object, one replica's agents, and one step of them.

This is the only place that says what a step draws, who sends, which element goes and how the log-odds move; the
loops differ in what they watch. The loops in lanes make the same operations on vectors.
"""

from __future__ import annotations

from typing import NamedTuple

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
    """

    m: int
    r: int
    sigma: float
    k: int
    mirror: float
    width: int
    key: Words


def make_law(m: int, r: int, sigma: float, k: int, mirror: float, key: Words) -> Law:
    """Return a law, each value of the type that the loops are compiled for."""
    return Law(int(m), int(r), float(sigma), int(k), float(mirror), residual_bits(int(r)), key)


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
    """Return the sender: uniform on all agents, on the receiver and its k nearest, or on the others by a mirror.

    `word` is the step's second word. A block of mirror draws serves an even step and the odd one after it.
    """
    if law.mirror < 0.0:
        if order is None:
            return int(below(word, law.m))
        return int(neighbour(order, agents.keys, law.width, receiver, below(word, law.k + 1)))
    c0, c1, c2, c3 = block(law.key, Purpose.MIRROR, replica, step >> 1)
    u = uniform(c2, c3) if step & 1 else uniform(c0, c1)
    if u < law.mirror or law.m == 1:
        return receiver
    if order is None:
        other = int(below(word, law.m - 1))  # the receiver is passed over
        return other if other < receiver else other + 1
    return int(neighbour(order, agents.keys, law.width, receiver, 1 + below(word, law.k)))


@njit(**INLINE)
def take_in(law: Law, agents: Agents, order: Order | None, receiver: int, y: float) -> None:
    """Give the receiver an arrival: the farthest element goes, the log-odds move, and its weight finds its place."""
    r, start = law.r, receiver * law.r
    agents.memory[start + farthest(agents.memory, start, r, y)] = y
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
    take_in(law, agents, order, draw.receiver, y)
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
