"""T1A0: polarization from any state as the value of a game on occupation numbers (proofs/theorem1).

p agents have log-odds >= 0 at the start, m - p below; an agent's class is the number of its own-side updates, at
most U. With S and S' the sums of own-side weights a_u over a side's agents, the chance R that the next draw is of
component +1 lies in [S/m, 1 - S'/m], and

    V_0 = 1 where every class is at least n(h),
    V_N(u) = min over R of (1/m) [ R sum_{i in +} V_{N-1}(u + e_i) + (1 - R) sum_{i in -} V_{N-1}(u + e_i) ];

the least over p of V_N(0) c_r^m P^{N - r m} bounds P(E_h at N) from every state. With a mirror probability the
receiver's own chance alpha a_{u_i} is taken out first and R counts 1 - alpha.

Everything is a sum of products of nonnegative doubles, so that rounding costs less than SLACK relatively; values
that could underflow are set to 0, which only lowers the bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SLACK = 1e-9
"""Above the rounding errors: at most 10^5 steps of at most 40 operations each, 2^-53 apiece."""
SMALLEST = 1e-270
"""Smaller values are set to 0: a product with a chance or weight above 1e-30 does not underflow."""
MOST_OPERATIONS = 6 * 10**8
"""Of one evaluation over all splits: about two seconds."""


@dataclass(frozen=True)
class Game:
    """The game's rules.

    Attributes
    ----------
    m, needed : int
        Agents, and updates that each needs.
    weights : ndarray, shape (U + 1,)
        Own-side weights a_u from below; agents with more than U updates count as those with U.
    alpha : float
        The receiver's excess chance to send to itself, from below; 0 for the unrestricted chain.
    others : float
        1 - alpha, from below.
    """

    m: int
    needed: int
    weights: Floats
    alpha: float = 0.0
    others: float = 1.0

    def operations(self, steps: int) -> int:
        """Return about how many operations all splits need."""
        classes = self.weights.size
        states = sum(
            math.comb(p + classes - 1, p) * math.comb(self.m - p + classes - 1, self.m - p)
            for p in range(self.m // 2 + 1)
        )
        return states * steps * (2 * classes + 8)

    def values(self, split: int, steps: int) -> Floats:
        """Return V_N(0) from below for N = 0, …, `steps`, with `split` agents on the + side."""
        plus, minus = _Side(self, split), _Side(self, self.m - split)
        value = np.outer(plus.done, minus.done)
        low, high = plus.weight[:, np.newaxis], minus.weight[np.newaxis, :]
        found = np.empty(steps + 1)
        found[0] = value[plus.start, minus.start]
        for n in range(1, steps + 1):
            up, down = plus.after(value), minus.after(value.T).T
            least = np.minimum(low * up + (1 - low) * down, (1 - high) * up + high * down)
            if self.alpha > 0:
                own = plus.after(value, weighted=True) + minus.after(value.T, weighted=True).T
                least = self.alpha * own + self.others * least
            value = np.where(least < SMALLEST, 0.0, least)
            found[n] = value[plus.start, minus.start]
        return found * (1 - SLACK)


class _Side:
    """The occupation vectors of one side: how many of its agents are in each class.

    Attributes
    ----------
    weight : ndarray, shape (n_vectors,)
        S/m from below.
    done : ndarray, shape (n_vectors,)
        1 where every agent is served, else 0.
    start : int
        Index of the vector with every agent in class 0.
    """

    def __init__(self, game: Game, agents: int) -> None:
        classes = game.weights.size
        vectors = list(_compositions(agents, classes))
        index = {vector: number for number, vector in enumerate(vectors)}
        counts = np.array(vectors, dtype=float).reshape(len(vectors), classes)
        self.weights, self.shares = game.weights, counts / game.m
        self.weight = (self.shares @ game.weights) * (1 - 2.0**-48)
        self.done = (counts[:, : game.needed].sum(axis=1) == 0).astype(float)
        self.start = index[(agents, *[0] * (classes - 1))]
        self.next = [
            np.array([index[_moved(vector, u)] if vector[u] else 0 for vector in vectors], dtype=np.intp)
            for u in range(classes - 1)
        ]

    def after(self, value: Floats, *, weighted: bool = False) -> Floats:
        """Return sum over classes of (count/m) (a_u if `weighted`) times the value after an update in the class."""
        shares = self.shares * self.weights if weighted else self.shares
        total: Floats = shares[:, -1, np.newaxis] * value
        for u, moved in enumerate(self.next):
            total += shares[:, u, np.newaxis] * value[moved]
        return total


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield the vectors of `parts` whole numbers >= 0 that sum to `total`."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _moved(vector: tuple[int, ...], u: int) -> tuple[int, ...]:
    """Return the vector after an agent of class u < U moves up."""
    return (*vector[:u], vector[u] - 1, vector[u + 1] + 1, *vector[u + 2 :])
