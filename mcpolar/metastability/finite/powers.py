"""Many steps of a chain at once: transition probabilities after any time, by doubling, without subtraction.

A step is kept as its entries off the diagonal, its chances of leaving for good, and the diagonal; the last is one minus
the others where these are below a half, else a sum of products. So an escape of 1e-20 a step is still there after
1e20 steps, where the square of a matrix of doubles with a diagonal of 1 has lost it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.errors import InputError, PrecisionError

Floats = NDArray[np.float64]
_MOST_DOUBLINGS = 1100
_TERMS = 30
_SLACK = 1e-14
"""What rounding moves a distance of laws by, a state: an estimate, a hundred times what was seen."""
_MOST_EXACT_STEPS, _MOST_EXACT_STATES = 200, 30
_TOLERANCE = {True: 1e-9, False: 1e-5}
"""Relative differences of mixing times that are left open, in steps and with rates."""


@dataclass(frozen=True, eq=False)
class Step:
    """Transition probabilities over some time: `whole` with its diagonal, and `exits` for good."""

    whole: Floats
    exits: Floats

    def then(self, other: Step) -> Step:
        """Return this step followed by another."""
        return _balanced(self.whole @ other.whole, self.exits + self.whole @ other.exits)


def _balanced(whole: Floats, exits: Floats) -> Step:
    """Return a step whose rows sum to 1, from one whose rows nearly do."""
    diagonal = np.diag(whole).copy()
    np.fill_diagonal(whole, 0.0)
    moving = whole.sum(axis=1) + exits
    diagonal = np.where(moving < 0.5, 1 - moving, diagonal)
    total = moving + diagonal
    whole /= total[:, np.newaxis]
    whole[np.arange(len(whole)), np.arange(len(whole))] = diagonal / total
    return Step(whole, exits / total)


@dataclass(frozen=True, eq=False)
class FirstStep:
    """One step of a chain in steps, with its chances `stay` on the diagonal, or its rates."""

    entries: Floats
    exits: Floats
    stay: Floats
    is_discrete: bool


def dense_steps(
    entries: sparse.csr_array, exits: Floats, *, is_discrete: bool, rows: sparse.csr_array | None = None
) -> FirstStep:
    """Return a chain's step from its entries off the diagonal and its exits.

    `rows` are all entries out of the states where the exits are sums of some; by default the entries.
    """
    rows = entries if rows is None else rows
    out = [rows.data[a:b].tolist() for a, b in itertools.pairwise(rows.indptr.tolist())]
    stay = np.array(
        [math.fsum([1.0, *(-x for x in row)]) for row in out]
    )  # rounded once: with digits where tiny
    return FirstStep(np.asarray(entries.toarray()), exits, stay, is_discrete)


class Steps:
    """The powers of a step, made when they are needed: `power(b)` takes 2^b steps (or 2^b units of the finest time)."""

    def __init__(self, first: FirstStep, finer: int = 0) -> None:
        self.first, self._finer = first, finer
        self.unit = Fraction(1)
        start = self._discrete() if first.is_discrete else self._continuous()
        self._powers = [start]

    def _discrete(self) -> Step:
        a, e = self.first.entries, self.first.exits
        stay = self.first.stay
        if (stay < -1e-9).any():
            raise InputError("P", f"a sum of {1 - stay.min()!r}", "of probabilities: at most 1 a row")
        whole = a + np.diag(stay.clip(0))
        return Step(whole, e.copy())

    def _continuous(self) -> Step:
        """Return the step over a unit in which at most a quarter of a jump is expected."""
        fastest = float((self.first.entries.sum(axis=1) + self.first.exits).max(initial=0.0))
        if fastest > 0:
            self.unit = Fraction(2) ** (-math.ceil(math.log2(fastest)) - 2 - self._finer)
        return self._over(self.unit)

    def _over(self, time: Fraction) -> Step:
        """Return the step over a short time: a sum over the number of jumps, of numbers that are not negative."""
        a, e = self.first.entries * float(time), self.first.exits * float(time)
        out = a.sum(axis=1) + e
        rate = float(out.max(initial=0.0))
        if rate == 0:
            return Step(np.eye(len(a)), np.zeros(len(a)))
        jump, leave = a / rate + np.diag((1 - out / rate).clip(0)), e / rate
        whole, exits = np.zeros_like(a), np.zeros(len(a))
        term, gone = np.eye(len(a)), np.zeros(len(a))
        weight = math.exp(-rate)
        for k in range(_TERMS):
            whole += weight * term
            exits += weight * gone
            gone, term = gone + term @ leave, term @ jump
            weight *= rate / (k + 1)
        return _balanced(whole, exits)

    def power(self, b: int) -> Step:
        """Return the step over 2^b units."""
        while len(self._powers) <= b:
            last = self._powers[-1]
            self._powers.append(last.then(last))
        return self._powers[b]

    def _time(self, time: Any) -> Fraction:
        """Return a time exactly; refuse one that is negative, not finite, or no whole number of steps."""
        allowed = "whole numbers of steps >= 0" if self.first.is_discrete else "finite numbers >= 0"
        try:
            exact = Fraction(time)
        except (TypeError, ValueError, OverflowError):
            raise InputError("times", time, allowed) from None
        if exact < 0 or (self.first.is_discrete and exact.denominator != 1):
            raise InputError("times", time, allowed)
        if exact / self.unit > Fraction(2) ** _MOST_DOUBLINGS:
            size = math.log10(exact.numerator) - math.log10(exact.denominator)
            raise PrecisionError(f"the time 10^{size:.6g} is too long for the chain's fastest step")
        return exact

    def _parts(self, time: Any) -> list[Step]:
        """Return steps that make up a time."""
        exact = self._time(time)
        if self.first.is_discrete:
            count = int(exact)
            return [self.power(b) for b in range(count.bit_length()) if count >> b & 1]
        doublings = max(0, math.ceil(exact / self.unit).bit_length())
        step = self._over(exact / 2**doublings)
        for _ in range(doublings):
            step = step.then(step)
        return [step]

    def passage(self, time: Any) -> tuple[Floats, Floats]:
        """Return P(T <= t) and P(T > t) of leaving for good, from each state."""
        n = len(self.first.exits)
        met, left = np.zeros(n), np.ones(n)
        for step in self._parts(time):
            met, left = step.exits + step.whole @ met, step.whole @ left
        return met.clip(0, 1), left.clip(0, 1)

    def after(self, time: Any) -> Step:
        """Return the transition probabilities over a time."""
        n = len(self.first.exits)
        found = Step(np.eye(n), np.zeros(n))
        for step in self._parts(time):
            found = found.then(step)
        return found


def mixing_time(steps: Steps, law: Floats, distance: float) -> int | float:
    """Return the first time after which every start is within `distance` of the law in total variation.

    In steps exact below 1e9, then to 9 digits; with rates to 6 digits. Infinite if that is never.

    Raises
    ------
    PrecisionError
        If rounding leaves open when that is.
    """
    slack = _SLACK * (len(law) + 3)
    if distance <= 2 * slack:
        raise PrecisionError(f"a distance of {distance:g} is below what doubles can tell, {2 * slack:.1g}")
    early, late = (_first_within(steps, law, distance + off) for off in (slack, -slack))
    if math.isinf(early) or late - early <= _TOLERANCE[steps.first.is_discrete] * late:
        return _first_within(steps, law, distance)
    if steps.first.is_discrete and late <= _MOST_EXACT_STEPS and len(law) <= _MOST_EXACT_STATES:
        return _exactly_first_within(steps.first, distance, int(early), int(late))
    raise PrecisionError(
        f"rounding leaves open when the distance is {distance:g}: from {early:g} to {late:g}"
    )


def _first_within(steps: Steps, law: Floats, distance: float) -> int | float:
    b = 0
    while _distance(steps.power(b), law) > distance:
        b += 1
        if b > _MOST_DOUBLINGS:
            return math.inf
    count, current = 0, Step(np.eye(len(law)), np.zeros(len(law)))
    if steps.first.is_discrete and _distance(current, law) <= distance:
        return 0
    last = 0 if steps.first.is_discrete else max(b - 24, 0)
    for lower in range(b, last - 1, -1):
        longer = current.then(steps.power(lower))
        if _distance(longer, law) > distance:
            count, current = count + (1 << lower), longer
    end = count + (1 << last)
    return end if steps.first.is_discrete else float(end * steps.unit)


def _exactly_first_within(first: FirstStep, distance: float, early: int, late: int) -> int:
    """Decide in fractions between two times, such as where a distance is met exactly."""
    n = len(first.stay)
    p = fmpq_mat(n, n, [_fraction(x) for x in first.entries.ravel().tolist()])
    for i in range(n):
        p[i, i] = 1 - sum((p[i, j] for j in range(n)), fmpq(0))
    equations = (p.transpose() - fmpq_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])).tolist()
    equations[-1] = [fmpq(1)] * n
    sums = fmpq_mat(n, 1, [0] * (n - 1) + [1])
    law = fmpq_mat(equations).solve(sums)
    power, least = p**early, 2 * _fraction(distance)
    for time in range(early, late):
        if all(sum((abs(power[i, j] - law[j, 0]) for j in range(n)), fmpq(0)) <= least for i in range(n)):
            return time
        power = power * p
    return late


def _fraction(value: float) -> fmpq:
    return fmpq(*value.as_integer_ratio())


def _distance(step: Step, law: Floats) -> float:
    return float(np.abs(step.whole - law).sum(axis=1).max() / 2)
