"""Reference agents of memory size r >= 2: (high elements, elements of class +, log-odds), the last one rounded down.

An element is of class + in [1 - sigma c0, 1 + sigma c2], of class - in the interval moved by -2, and high above its
mean + sigma c1. Draws beyond the classes kill. The log-odds of a new state come from doubles, less a slack far above
their error.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.balls import START_BITS, working_precision
from mcpolar.bounds.majority.reference import Floats, Reference, normal_between
from mcpolar.bounds.polarization.doubles import double_below

SLACK, RELATIVE_SLACK = 1e-6, 2.0**-36
"""What log-odds in doubles are rounded down by: the first, or the second times the largest number on the way.

Let all log-odds and gains be at most V. A term log(n/r) - log(1 + e^-x) is a sum, an exponential, two logarithms and a
difference, each off by at most 4 units in the last place of a number of at most 2 V + 1; `logaddexp` moves the error of
its arguments on without increasing it and adds three such operations. So a sum of three terms is off by at most 2^-53
times 4 (4 + 6) (2 V + 1), the difference of two sums by less than 2^-43 (V + 1).
"""
MOST_HIGH = 2
PLAIN = Fraction(1)
"""Draws this far below their mean are told apart from lower ones: they raise log-odds by more."""


@dataclass(frozen=True)
class Classes:
    """The classes' ends in standard deviations: c0 below the mean, c1 where high elements begin, c2 above."""

    sigma: Fraction
    c0: Fraction
    c1: Fraction
    c2: Fraction

    @property
    def gain(self) -> Fraction:
        """a+: what an element of class + adds to log-odds at least."""
        return 2 * (1 - self.sigma * self.c0) / self.sigma**2

    @property
    def loss(self) -> Fraction:
        """a-: what an element of class - takes from log-odds at most."""
        return 2 * (1 + self.sigma * self.c0) / self.sigma**2

    @property
    def replacing(self) -> tuple[Fraction, ...]:
        """cz: with so many high elements a + draw of z >= -cz replaces an element of class -, if there is one."""
        return tuple(1 / self.sigma - c for c in (self.c1, (self.c1 + self.c2) / 2, self.c2))

    @property
    def clearing(self) -> Fraction:
        """zc: with all memory in class + a draw of z < zc removes a high element, if there is one."""
        return (self.c1 - self.c0) / 2

    def draws(self) -> Iterator[tuple[Fraction, float]]:
        """Give the least z of each part of [-c0, c2] in which a draw's effect is bounded alike, and its chance."""
        inside = {self.c1, -PLAIN, self.clearing, *(-c for c in self.replacing)}
        cuts = [-self.c0, *sorted(c for c in inside if -self.c0 < c < self.c2), self.c2]
        with working_precision(START_BITS):
            yield from [(a, double_below(normal_between(a, b))) for a, b in itertools.pairwise(cuts)]


BELOW_MIXED = (2e-6, 0.005, 0.03)
"""A memory with k of r elements in class + brings log-odds to about logit(k/r): places so far below it are kept."""


def mixed(r: int) -> Floats:
    """Return logit(k/r) for k = 1, …, r - 1."""
    share = np.arange(1, r) / r
    return np.log(share / (1 - share))


def grid(r: int, classes: Classes, low: float, high: float) -> Floats:
    """Return the log-odds that are told apart."""
    gain = float(classes.gain)
    fine, near, far = np.arange(-40, 41) / 10, np.arange(4.4, 12, 0.4), 12.0
    down = np.arange(far, 60, gain / 5), np.arange(60, max(61.0, -low) + gain, gain)
    up = (
        np.arange(far, max(40.0, high - 20), max(1.0, gain / 7)),
        np.arange(max(40.0, high - 20), high + 1, 4.0),
    )
    extra = (mixed(r)[:, np.newaxis] - np.array(BELOW_MIXED)).ravel()
    return np.unique(np.concatenate((fine, near, -near, *(-part for part in down), *up, extra)))


def agent(r: int, classes: Classes, places: Floats) -> Reference:
    """Return the reference agent; state (high, plus, log-odds) has index (high (r + 1) + plus) n + place."""
    largest = float(
        np.abs(places).max() + 2 * (1 + classes.sigma * max(classes.c0, classes.c2)) / classes.sigma**2
    )
    slack = max(SLACK, RELATIVE_SLACK * largest)
    ups, downs = _Entries(r, places, slack), _Entries(r, places, slack)
    for z, chance in classes.draws():
        is_high = z >= classes.c1
        for high in range(MOST_HIGH + 1):
            clears = z < classes.clearing and high > 0
            replaces = z >= -classes.replacing[high]
            for plus in range(r + 1):
                after = high - (clears and plus == r) + is_high
                if after > MOST_HIGH:
                    continue
                more = min(plus + 1, r) if replaces else plus
                ups.add((high, plus), (after, more), _up_terms(r, classes, more, z), chance)
                fewer = max(plus - 1, 0)
                downs.add((high, plus), (after, fewer), _down_terms(r, classes, fewer, z), chance)
    plus_of = np.tile(np.repeat(np.arange(r + 1), places.size), MOST_HIGH + 1)
    log_odds = np.tile(places, (MOST_HIGH + 1) * (r + 1))
    return Reference.of(ups.matrix(), downs.matrix(), log_odds, plus_of == r)


Terms = list[tuple[int, float]]


def _up_terms(r: int, classes: Classes, plus: int, z: Fraction) -> Terms:
    new = float(2 * (1 + classes.sigma * z) / classes.sigma**2)
    others = max(plus - 1, 0)
    return [(1, new), (others, float(classes.gain)), (r - 1 - others, -float(classes.loss))]


def _down_terms(r: int, classes: Classes, plus: int, z: Fraction) -> Terms:
    new = -float(2 * (1 - classes.sigma * z) / classes.sigma**2)
    return [(1, new), (plus, float(classes.gain)), (r - 1 - plus, -float(classes.loss))]


@dataclass
class _Entries:
    """The entries of one matrix as they come."""

    r: int
    places: Floats
    slack: float

    def __post_init__(self) -> None:
        self.rows: list[NDArray[np.int64]] = []
        self.columns: list[NDArray[np.int64]] = []
        self.values: list[Floats] = []

    def add(self, before: tuple[int, int], after: tuple[int, int], terms: Terms, chance: float) -> None:
        """Move every place of `before` by one draw to a place of `after`."""
        n = self.places.size
        to = (
            np.searchsorted(self.places, mean_log_odds(self.places, terms, self.r) - self.slack, side="right")
            - 1
        )
        kept = np.flatnonzero(to >= 0)
        self.rows.append((after[0] * (self.r + 1) + after[1]) * n + to[kept])
        self.columns.append((before[0] * (self.r + 1) + before[1]) * n + kept)
        self.values.append(np.full(kept.size, chance))

    def matrix(self) -> sparse.coo_array:
        """Return them as a matrix."""
        n = (MOST_HIGH + 1) * (self.r + 1) * self.places.size
        where = (np.concatenate(self.rows), np.concatenate(self.columns))
        return sparse.coo_array((np.concatenate(self.values), where), shape=(n, n))


def mean_log_odds(log_odds: Floats, terms: Terms, r: int) -> Floats:
    """Return logit((1/r) sum of count logistic(log_odds + gain))."""

    def log_sum(sign: int) -> Floats:
        parts = [
            np.log(count / r) - np.logaddexp(0.0, -sign * (log_odds + gain)) for count, gain in terms if count
        ]
        return np.asarray(np.logaddexp.reduce(parts, axis=0))

    return log_sum(1) - log_sum(-1)
