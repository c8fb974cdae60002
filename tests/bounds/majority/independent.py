"""U1 and U2 once more, at 60 digits by mpmath, as the statements write them: slow and readable, with no code shared.

The reference agents live on the same grids, since rounding down to a grid is part of the bound.
"""

from __future__ import annotations

import functools
import itertools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction

import mpmath
from mpmath import mpf

DIGITS = 60
RINGS = mpf(10) ** -25

State = tuple[int, ...]
Law = dict[State, mpf]
Draws = Callable[[State], list[tuple[bool, State | None, mpf]]]


def number(exact: Fraction) -> mpf:
    return mpf(exact.numerator) / exact.denominator


def between(low: Fraction | None, high: Fraction | None) -> mpf:
    upper = mpf(1) if high is None else mpmath.ncdf(number(high))
    return upper - (0 if low is None else mpmath.ncdf(number(low)))


def walk_draws(sigma: Fraction, first: int, last: int, cells: int) -> Draws:
    """The walk of memory size 1 on the cells first..last: (is up, the next cell, chance)."""
    most = 7 * cells * max(1, int(sigma) + 1)
    chance = {
        j: between(Fraction(j, cells) / sigma, Fraction(j + 1, cells) / sigma) for j in range(-most, most)
    }
    chance[most] = between(Fraction(most, cells) / sigma, None)

    def draws(state: State) -> list[tuple[bool, State | None, mpf]]:
        found = []
        for up, (j, mass) in itertools.product((True, False), chance.items()):
            to = min(last, state[0] + (cells if up else -cells) + j)
            found.append((up, (to,) if to >= first else None, mass))
        return found

    return draws


def agent_draws(
    r: int, sigma: Fraction, ends: Sequence[Fraction], places: Sequence[float], slack: float
) -> Draws:
    """The reference agent (h, k, place of lam) as U0 writes it, for draws in the parts between all its thresholds."""
    c0, c1, c2 = ends
    cz = (1 / sigma - c1, 1 / sigma - (c1 + c2) / 2, 1 / sigma - c2)
    zc = (c1 - c0) / 2
    gain, loss = 2 * (1 - sigma * c0) / sigma**2, 2 * (1 + sigma * c0) / sigma**2
    cuts = sorted({-c0, c2, *(c for c in (c1, zc, Fraction(-1), *(-c for c in cz)) if -c0 < c < c2)})
    parts = [(a, between(a, b)) for a, b in itertools.pairwise(cuts)]

    def logistic(x: mpf) -> mpf:
        return 1 / (1 + mpmath.exp(-x))

    def after(state: State, up: bool, z: Fraction) -> State | None:
        h, k, place = state
        lam = mpf(places[place])
        if up:
            more = min(k + 1, r) if z >= -cz[h] else k
            plus, new = max(more - 1, 0), 2 * (1 + sigma * z) / sigma**2
        else:
            more = max(k - 1, 0)
            plus, new = more, -2 * (1 - sigma * z) / sigma**2
        gains = [new, *[gain] * plus, *[-loss] * (r - 1 - plus)]
        weight = sum(logistic(lam + number(x)) for x in gains) / r
        rest = sum(logistic(-lam - number(x)) for x in gains) / r
        odds = mpmath.log(weight) - mpmath.log(rest)
        to = bisect_right(places, float(odds - mpf(slack))) - 1
        h += (z >= c1) - (k == r and z < zc and h > 0)
        return None if to < 0 or h > 2 else (h, more, to)

    def draws(state: State) -> list[tuple[bool, State | None, mpf]]:
        return [(up, after(state, up, z), mass) for up in (True, False) for z, mass in parts]

    return draws


@functools.cache
def _all(draws: Draws, state: State) -> tuple[tuple[bool, State | None, mpf], ...]:
    return tuple(draws(state))


def evolve(law: Law, draws: Draws, rho: mpf, length: Fraction, stays: Callable[[State], bool]) -> Law:
    """The law after a time, of the paths whose states satisfy `stays` throughout; a clock of rate 1."""
    current = {state: mass for state, mass in law.items() if stays(state)}
    moves: dict[State, Law] = {}

    def moves_of(state: State) -> Law:
        if state not in moves:
            moves[state] = {}
            for up, to, chance in _all(draws, state):
                if to is not None and stays(to):
                    moves[state][to] = moves[state].get(to, mpf(0)) + chance * (rho if up else 1 - rho)
        return moves[state]

    found: Law = {}
    term, left, rings = mpmath.exp(-number(length)), mpf(1), 0
    while left > RINGS:
        for state, mass in current.items():
            found[state] = found.get(state, mpf(0)) + term * mass
        left -= term
        rings += 1
        term *= number(length) / rings
        following: Law = {}
        for state, mass in current.items():
            for to, chance in moves_of(state).items():
                following[to] = following.get(to, mpf(0)) + mass * chance
        current = following
    return found


def missed(laws: Sequence[tuple[int, dict[int, mpf]]], value: int) -> mpf:
    """P(the sum of independent variables is below `value`): each agent after the other."""
    total = {0: mpf(1)}
    for count, law in laws:
        for _ in range(count):
            following: dict[int, mpf] = {}
            for (a, p), (b, q) in itertools.product(total.items(), law.items()):
                following[a + b] = following.get(a + b, mpf(0)) + p * q
            total = following
    return sum((p for a, p in total.items() if a < value), mpf(0))


def deep_majority(
    m: int, majority: int, sigma: Fraction, numbers: dict[str, Fraction], steps: int
) -> mpf | None:
    """U2 as it is stated; None where G(theta*) > 1. Tails of binomial and Poisson laws by their sums."""
    s0, floor, lowest, target, rho, decay, rise, time = (number(x) for x in numbers.values())
    s = number(sigma)

    def growth(theta: mpf) -> mpf:
        return mpmath.exp(theta**2 * s**2 / 2) * (rho * mpmath.exp(-theta) + (1 - rho) * mpmath.exp(theta))

    if growth(decay) > 1:
        return None
    fall = mpmath.exp(-decay * (s0 - floor))
    needed = int(mpmath.ceil(m * rho * (1 + mpmath.exp(-2 * floor / s**2))))
    kept = mpmath.fsum(
        mpmath.binomial(majority, j) * (1 - fall) ** j * fall ** (majority - j)
        for j in range(needed, majority + 1)
    )
    gone = m * mpmath.exp(rise * (target - lowest) - time * (1 - growth(rise)))
    mean = m * time
    late, term, n = (
        mpf(0),
        mpmath.exp(-mean + (steps + 1) * mpmath.log(mean) - mpmath.loggamma(steps + 2)),
        steps + 1,
    )
    while term > mpf(10) ** -70 or n < mean:
        late += term
        n += 1
        term *= mean / n
    return kept - gone - late
