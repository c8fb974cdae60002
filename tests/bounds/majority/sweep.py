"""Random parameters through U1 and U2, against the evaluation of `independent`: none above, none far below.

python -m tests.bounds.majority.sweep --sets 1200 --seed 1
"""

from __future__ import annotations

import argparse
import functools
import itertools
import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import mpmath
import numpy as np
from mpmath import mpf

from mcpolar.balls import lower_end
from mcpolar.bounds.majority.barrier import Population, thresholds_on
from mcpolar.bounds.majority.deep_majority import Choice, bound_of
from mcpolar.bounds.majority.many_elements import SLACK, Classes, agent
from mcpolar.bounds.majority.one_element import walk
from mcpolar.bounds.majority.reference import Reference, Rings
from mcpolar.parameters import ChainParameters
from tests.bounds.exact import as_mpf
from tests.bounds.majority import independent
from tests.bounds.sets import each_set

SHARPNESS = {"U1, r = 1": mpf(10) ** -5, "U1, r >= 2": mpf(10) ** -5, "U2": mpf(10) ** -2}
"""How far the certified value may lie below: rings and draws that are not followed; U2's tail of the clocks."""


class Comparison(NamedTuple):
    form: str
    parameters: str
    certified: mpf
    independent: mpf

    @property
    def is_right(self) -> bool:
        """Whether the certified value is not above the other one, and near it."""
        return bool(self.certified <= self.independent <= self.certified + SHARPNESS[self.form])


class Small(NamedTuple):
    """A small population for U1: a reference chain, and the same by `independent`."""

    population: Population
    draws: independent.Draws
    laws: list[independent.Law]
    odds: Callable[[independent.State], float]
    is_full: Callable[[independent.State], bool]
    level: float


def small_walk(rng: random.Random) -> Small:
    sigma = Fraction(rng.randint(10, 70), 100)
    cells, first, last = rng.choice((1, 2)), rng.randint(-3, -1), rng.randint(2, 4)
    reference = walk(sigma, Fraction(first), Fraction(last), cells)
    counts = tuple(rng.randint(1, 3) for _ in range(rng.choice((1, 2))))
    starts = [rng.randrange(reference.n_states) for _ in counts]
    thresholds = _thresholds(rng, reference, -2, 4)
    population = Population(
        reference, counts, _points(reference.n_states, starts), thresholds, rng.randint(2, 6), False
    )
    odds = reference.log_odds
    low = first * cells
    return Small(
        population,
        independent.walk_draws(sigma, low, last * cells, cells),
        [{(low + start,): mpf(1)} for start in starts],
        lambda state: float(odds[state[0] - low]),
        lambda _: True,
        float(rng.choice(odds)),
    )


def small_agent(rng: random.Random) -> Small:
    r, sigma = rng.choice((2, 3)), Fraction(rng.randint(18, 30), 100)
    c1 = Fraction(rng.randint(52, 60), 100) / sigma
    classes = Classes(
        sigma, Fraction(rng.randint(70, 92), 100) / sigma, c1, c1 * Fraction(rng.randint(105, 150), 100)
    )
    places = np.array([*sorted(rng.sample(range(-60, 60), 3)), 60 + rng.randint(1, 20)]) / 4
    reference = agent(r, classes, places)
    counts = tuple(rng.randint(1, 2) for _ in range(rng.choice((1, 2))))
    states = [(0, rng.choice((0, r, r)), rng.randrange(places.size)) for _ in counts]
    starts = [plus * places.size + place for _, plus, place in states]
    thresholds = _thresholds(rng, reference, -5, 9)
    population = Population(
        reference, counts, _points(reference.n_states, starts), thresholds, rng.randint(2, 6), True
    )
    return Small(
        population,
        independent.agent_draws(r, sigma, (classes.c0, classes.c1, classes.c2), places.tolist(), SLACK),
        [{state: mpf(1)} for state in states],
        lambda state: float(places[state[2]]),
        lambda state: state[1] == r,
        float(rng.choice(places)),
    )


def _thresholds(rng: random.Random, reference: Reference, low: float, high: float) -> np.ndarray:
    while True:
        found = thresholds_on(reference.log_odds, sorted(rng.uniform(low, high) for _ in range(4)))
        if found.size > 1:
            return found


def _points(n: int, starts: list[int]) -> np.ndarray:
    laws = np.zeros((n, len(starts)))
    laws[starts, np.arange(len(starts))] = 1.0
    return laws


def barriers(rng: random.Random, small: Small, *, tilt: float = 0.0) -> tuple[mpf, mpf]:
    """Return U1's bound for random barriers, certified and independent; `tilt` plants a fault in the latter."""
    population, laws = small.population, small.laws
    unit = population.m * population.parts
    certified, exact, lost, gone = mpf(1), mpf(1), mpf(0), mpf(0)
    for _ in range(rng.choice((1, 2))):
        length, value = Fraction(rng.randint(10, 100), 128), rng.randint(unit // 3, unit)
        rho, rings = population.barrier(value), Rings.of(float(length))
        ends = population.follow(rho, rings)
        chance = as_mpf(
            Fraction(population.tail(ends, rings, unit).chance_below(value), 1 << population.bits)
        )
        population.advance(ends, rings)
        lumps = []
        for count, law in zip(population.counts, laws, strict=True):
            lumps.append((count, _lump(small, law, mpf(rho) - tilt, length)))
        laws = [independent.evolve(law, small.draws, mpf(rho) - tilt, length, lambda _: True) for law in laws]
        other = independent.missed(lumps, value)
        certified, lost = certified * (1 - min(chance, 1)), lost + chance
        exact, gone = exact * (1 - other), gone + other
    final, good = mpf(1), mpf(1)
    chances = population.good(small.level, rings)
    for count, law, least in zip(population.counts, laws, chances, strict=True):
        at_level = [
            p for state, p in law.items() if small.odds(state) >= small.level and small.is_full(state)
        ]
        final, good = final * mpf(least) ** count, good * mpmath.fsum(at_level) ** count
    return (final - lost, good - gone) if population.may_die else (certified * final, exact * good)


def _lump(small: Small, law: independent.Law, rho: mpf, length: Fraction) -> dict[int, mpf]:
    """The law of an agent's least weight, rounded down; dead agents count nowhere if they may die, else as 0."""
    population = small.population
    tails = []
    for threshold in population.thresholds[:-1]:
        stays = lambda state, least=threshold: small.odds(state) >= least  # noqa: E731
        tails.append(mpmath.fsum(independent.evolve(law, small.draws, rho, length, stays).values()))
    alive = mpmath.fsum(independent.evolve(law, small.draws, rho, length, lambda _: True).values())
    found: dict[int, mpf] = {}
    top = 1 / (1 + mpmath.exp(-mpf(population.thresholds[-2])))
    places = [
        int(mpmath.floor(population.parts / (1 + mpmath.exp(-mpf(v))) / top * (1 + mpf(10) ** -14)))
        for v in population.thresholds[:-1]
    ]
    whole = [alive if population.may_die else mpf(1), *tails, mpf(0)]
    for place, mass in zip([0, *places], [a - b for a, b in itertools.pairwise(whole)], strict=True):
        found[place] = found.get(place, mpf(0)) + mass
    return found


def u1_walk(rng: random.Random) -> Comparison:
    return Comparison("U1, r = 1", "a walk", *barriers(rng, small_walk(rng)))


def u1_agent(rng: random.Random) -> Comparison:
    return Comparison("U1, r >= 2", "an agent", *barriers(rng, small_agent(rng)))


def u2(rng: random.Random) -> Comparison:
    while True:
        m, sigma = rng.randint(1, 40), Fraction(rng.randint(5, 60), 100)
        majority = rng.randint((m + 1) // 2, m)
        part = lambda low, high: Fraction(rng.randint(int(low * 1000), int(high * 1000)), 1000)  # noqa: E731
        numbers = {
            "s0": part(1, 20),
            "floor": part(0.01, 0.9),
            "lowest": -part(0, 3),
            "target": part(0, 2),
            "rho": part(0.51, 0.95),
            "decay": part(0.01, 1.5),
            "rise": part(0.01, 1.5),
            "time": part(1, 200),
        }
        mean = m * numbers["time"]
        steps = math.ceil(mean + rng.uniform(3, 7) * math.sqrt(mean))
        other = independent.deep_majority(m, majority, sigma, numbers, steps)
        if other is None or other <= 0:
            continue
        order = ("s0", "floor", "lowest", "target", "rho", "decay", "rise", "time")
        choice = Choice(majority, *(numbers[name] for name in order))
        chain = ChainParameters(m, 1, str(float(sigma)))
        found = lower_end(functools.partial(bound_of, chain, choice, steps))
        return Comparison("U2", f"{m} {majority} {sigma} {numbers} {steps}", as_mpf(found.fraction), other)


KINDS = {u1_walk: 0.4, u1_agent: 0.2, u2: 0.4}
"""Each comparison with its share of the sets."""


def comparisons(compare: Callable[[random.Random], Comparison], sets: int, seed: int) -> Iterator[Comparison]:
    found = each_set(compare, sets, seed, independent.DIGITS)
    return (seen for seen in found if seen is not None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="of processor time, for one set at most")
    given = parser.parse_args()
    for compare, share in KINDS.items():
        gaps, wrong, skipped = [], 0, 0
        sets = round(given.sets * share)
        for seen in each_set(compare, sets, given.seed, independent.DIGITS, given.seconds):
            if seen is None:
                skipped += 1
                continue
            gaps.append(seen.independent - seen.certified)
            wrong += not seen.is_right
            if not seen.is_right:
                print("WRONG", seen, flush=True)
        least, most = (mpmath.nstr(value, 3) for value in (min(gaps), max(gaps)))
        print(
            f"{compare.__name__}: {len(gaps)} sets, {wrong} wrong, {skipped} skipped after {given.seconds:g} s, "
            f"below by {least} to {most}",
            flush=True,
        )


if __name__ == "__main__":
    main()
