"""U1: a barrier below the mean weight, chosen step by step, with the chance that it is kept, from below.

In each interval the least weight of every reference agent is rounded down to one of a few values; the law of their
sum is exact from there on. The next barrier is the largest one that the sum misses with a chance of about alpha.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mcpolar.bounds.majority.reference import SLIVER, UNIT, Floats, Reference, Rings
from mcpolar.bounds.majority.sums import LowerTail, Lumps, lower_tail

RHO_BITS = 40
LONGEST, AT_SUMMIT = 1.5, 5.0


@dataclass(frozen=True)
class Pace:
    """How a barrier is chosen: lengths of intervals and chances to miss it.

    The k-th interval is first (1 + growth k) long, three times so above 0.9; its chance is max(alpha fade^k, least).
    The barrier goes to the summit once everybody is there but for the chance `top`.
    """

    first: float
    alpha: float
    fade: float
    least: float
    top: float
    growth: float = 0.02

    def length(self, k: int, rho: float, *, at_summit: bool) -> float:
        """Return the length of an interval, a double of few bits.

        At the summit nobody is hit any more, so that it is missed at the beginning or hardly at all: one long interval.
        """
        if at_summit:
            return AT_SUMMIT
        wanted = min(LONGEST, self.first * (1 + self.growth * k) * (3 if rho > 0.9 else 1))
        return math.ceil(wanted * 4096) / 4096

    def chance(self, k: int) -> float:
        """Return the chance to miss."""
        return max(self.alpha * self.fade**k, self.least)


@dataclass(frozen=True)
class Interval:
    """What is known at the end of an interval.

    Attributes
    ----------
    length, rho : float
        Its length and its barrier, exactly.
    missed : int
        P(the sum is below the barrier, nobody dead), in units of 2^-bits, from above.
    good : tuple of float
        Each group's chance that an agent is at the level and has its memory, from below.
    """

    length: float
    rho: float
    missed: int
    bits: int
    good: tuple[float, ...]


@dataclass
class Population:
    """Groups of reference agents with the same law, as they go from interval to interval.

    Attributes
    ----------
    reference : Reference
        The chain.
    counts : tuple of int
        Agents of each group.
    laws : ndarray, shape (n_states, n_groups)
        Their laws, from below.
    thresholds : ndarray, shape (n_thresholds,)
        Increasing log-odds above which paths are followed in an interval. The last one is the summit: the barrier is
        there once everybody is. The one before has the largest weight that the sum knows.
    parts : int
        Weights are rounded down to multiples of 1/parts of the largest.
    may_die : bool
        Whether missing the barrier counts only while nobody is dead.
    """

    reference: Reference
    counts: tuple[int, ...]
    laws: Floats
    thresholds: Floats
    parts: int
    may_die: bool
    roundings: int = 0
    lost: float = 0.0
    masks: Floats = field(init=False)
    places: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        above = self.reference.log_odds[:, np.newaxis] >= self.thresholds
        each = np.concatenate((above, np.ones((self.reference.n_states, 1))), axis=1)
        self.masks = np.tile(each, (1, len(self.counts)))
        weights = _weights_below(self.thresholds)
        *below, self.top, self.summit = weights
        self.places = tuple(
            math.floor(Fraction(w) / Fraction(self.top) * self.parts) for w in (*below, self.top)
        )
        self.bits = 64 + 2 * self.m.bit_length()

    @property
    def m(self) -> int:
        """Number of agents."""
        return sum(self.counts)

    @property
    def unit(self) -> int:
        """The sum's largest value; one more stands for the summit."""
        return self.m * self.parts

    def barrier(self, value: int) -> float:
        """Return rho for a sum of at least `value`: a double of few bits, not above value top / (m parts)."""
        exact = Fraction(self.summit)
        if value <= self.unit:
            exact = Fraction(value, self.unit) * Fraction(self.top)
        return float(math.floor(exact * 2**RHO_BITS) / 2**RHO_BITS)

    def follow(self, rho: float, rings: Rings) -> Floats:
        """Return the laws at an interval's end, of each group above each threshold, and of all."""
        width = self.thresholds.size + 1
        return self.reference.evolve(np.repeat(self.laws, width, axis=1), self.masks, rho, rings)

    def tail(self, ends: Floats, rings: Rings, cut: int) -> LowerTail:
        """Return the law of the sum of least weights, in units of 1/parts."""
        sums = ends.sum(axis=0).reshape(len(self.counts), -1)
        slack = self._slack(rings)
        below = np.maximum(sums * (1 - slack) - SLIVER, 0.0)
        tails = np.maximum.accumulate(below[:, :-1][:, ::-1], axis=1)[:, ::-1]
        alive = np.minimum(1.0, sums[:, -1] * (1 + 2 * slack) + self.lost + 2 * rings.rest + SLIVER)
        groups = [
            Lumps(count, self.places, tuple(row[:-1].tolist()), row[-1], float(all_) if self.may_die else 1.0)
            for count, row, all_ in zip(self.counts, tails, alive, strict=True)
        ]
        return lower_tail(groups, cut, self.bits)

    def _slack(self, rings: Rings) -> float:
        """Return the relative error of a sum over states at the interval's end."""
        total = self.roundings + self.reference.roundings(rings) + self.reference.n_states + 4
        return 1.01 * total * UNIT

    def advance(self, ends: Floats, rings: Rings) -> None:
        """Go on from the interval's end."""
        width = self.thresholds.size + 1
        self.laws = ends[:, width - 1 :: width].copy()
        self.roundings += self.reference.roundings(rings)
        self.lost += 2 * rings.rest

    def good(self, level: float, rings: Rings) -> tuple[float, ...]:
        """Return each group's chance to be at the level with its memory, from below."""
        chosen = self.reference.is_full & (self.reference.log_odds >= level)
        sums = self.laws[chosen].sum(axis=0) * (1 - self._slack(rings)) - SLIVER
        return tuple(np.maximum(sums, 0.0).tolist())


def intervals(population: Population, pace: Pace, level: float, start: float) -> Iterator[Interval]:
    """Give interval after interval; the barrier of each is guessed from the last two, and improved where it is bad."""
    unit = population.unit
    guess, before = int(start * unit / population.top), None
    rho, k = start, 0
    while True:
        alpha, last = pace.chance(k), rho
        for attempt in range(4):
            value = min(max(guess, 0), unit + 1)
            rho = population.barrier(value)
            rings = Rings.of(pace.length(k, last, at_summit=value > unit))
            ends = population.follow(rho, rings)
            tail = population.tail(ends, rings, min(unit, value + unit // 8 + 1))
            best = tail.largest(alpha, pace.top if attempt < 2 else -1.0)
            missed = tail.chance_below(value)
            if missed <= (pace.top if value > unit else 2 * alpha) * 2**tail.bits and (k or attempt > 1):
                break
            guess = best
        population.advance(ends, rings)
        yield Interval(rings.length, rho, missed, tail.bits, population.good(level, rings))
        guess = best if best > unit or before is None or before > unit else best + (best - before)
        before, k = best, k + 1


def _weights_below(thresholds: Floats) -> list[float]:
    """Return doubles below the weights at these log-odds."""
    from mcpolar.balls import START_BITS, ball, working_precision
    from mcpolar.bounds.polarization.doubles import double_below

    with working_precision(START_BITS):
        return [double_below(1 / (1 + (-ball(Fraction(float(v)))).exp())) for v in thresholds]


def thresholds_on(log_odds: NDArray[np.float64], wanted: Sequence[float]) -> Floats:
    """Return about these log-odds, each one of the reference's own, increasing."""
    own = np.unique(log_odds)
    found = np.unique(np.searchsorted(own, np.asarray(wanted) - 1e-9))
    return own[found[found < own.size]]
