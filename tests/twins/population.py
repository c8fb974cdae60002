"""The chain as one writes it with NumPy, all replicas of a step at once, with draws of NumPy's own generators.

Nothing is shared with the package, its random numbers least of all: what agrees with this agrees in law. Weights are
pairs (w, 1 - w) of doubles, so that agents on one side are told apart; enough for sigma >= 0.3.
`broken` names a mistake, to see that a test catches it.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, log_expit, logsumexp

BROKEN = (
    "nearest goes",
    "hears itself",
    "never itself",
    "loud",
    "forgets nothing",
    "everyone is near",
    "half a step",
)


class Population:
    """Replicas of m agents; `start` is "undecided" or "random", as the package has them."""

    def __init__(self, m, r, sigma, k, mirror, start, replicas, seed, broken=""):
        self.random, self.rows = np.random.default_rng(seed), np.arange(replicas)
        self.m, self.r, self.sigma, self.k, self.mirror, self.broken = m, r, sigma, k, mirror, broken
        shape = (replicas, m)
        self.log_odds = np.zeros(shape)
        if start == "random":
            u = self.random.random(shape)
            self.log_odds = np.log(u) - np.log1p(-u)
        positive = self.random.random((*shape, r)) < expit(self.log_odds)[:, :, None]
        self.memory = np.where(positive, 1.0, -1.0) + sigma * self.random.standard_normal((*shape, r))

    def step(self):
        """Take one step of every replica."""
        n, m, rows, sigma = len(self.rows), self.m, self.rows, self.sigma
        i = self.random.integers(m, size=n)
        j = self.senders(i)
        component = np.where(self.random.random(n) < expit(self.log_odds[rows, j]), 1.0, -1.0)
        y = component + (1.3 * sigma if self.broken == "loud" else sigma) * self.random.standard_normal(n)
        mine, start = self.memory[rows, i], self.log_odds[rows, i]
        gaps = np.abs(mine - y[:, None])
        goes = gaps.argmin(axis=1) if self.broken == "nearest goes" else gaps.argmax(axis=1)
        if self.broken != "forgets nothing":
            mine[rows, goes] = y
        self.memory[rows, i] = mine
        z = start[:, None] + (1.6 if self.broken == "half a step" else 2.0) / sigma**2 * mine
        self.log_odds[rows, i] = logsumexp(log_expit(z), axis=1) - logsumexp(log_expit(-z), axis=1)

    def senders(self, i):
        """Return the sender of each replica."""
        n, m = len(self.rows), self.m
        others = m - 1 if self.k is None or self.broken == "everyone is near" else self.k
        rank = self.random.integers(1 if self.broken == "never itself" else 0, others + 1, size=n)
        if self.mirror is not None and m > 1:
            is_own = self.random.random(n) < self.mirror
            rank = np.where(is_own, 0, self.random.integers(1, others + 1, size=n))
        if self.broken == "hears itself":
            rank = np.zeros(n, int)
        if self.k is None:
            return (i + rank) % m
        found = np.argsort(self.distances(i), axis=1, kind="stable")[self.rows, rank - 1]
        return np.where(rank == 0, i, found)

    def distances(self, i):
        """Return |w_i - w_a|, infinite for a = i: from w or 1 - w where both are on one side."""
        w, v = expit(self.log_odds), expit(-self.log_odds)
        own_w, own_v = w[self.rows, i][:, None], v[self.rows, i][:, None]
        above, own_above = self.log_odds > 0, self.log_odds[self.rows, i][:, None] > 0
        apart = np.where(above, 1.0 - (own_w + v), 1.0 - (w + own_v))
        gaps = np.where(
            above & own_above, np.abs(v - own_v), np.where(~above & ~own_above, np.abs(w - own_w), apart)
        )
        gaps[self.rows, i] = np.inf
        return gaps
