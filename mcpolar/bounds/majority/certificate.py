"""U1: the chance of consensus by a barrier, its best horizon, and the certificate in balls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import gammainc

from mcpolar.balls import Ball, Dyadic, ball, lower_end
from mcpolar.bounds.majority.barrier import Interval, Pace, Population, intervals, thresholds_on
from mcpolar.bounds.majority.many_elements import Classes, agent, grid, mixed
from mcpolar.bounds.majority.one_element import rounded, walk
from mcpolar.bounds.majority.reference import Floats, Reference
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Group

LONGEST = 100.0
"""Barriers are followed over so many updates of each agent at most."""
PATIENCE = 5.0
NEARLY = 1e-3
"""The shortest horizon is taken whose bound is so near to the best one."""
SPREADS = 4.5
"""A free horizon is so many standard deviations above the mean number of rings."""
GIVEN_UP = -30.0
MOST_MEMORY = 20
LOWEST, HIGHEST = Fraction(-64), Fraction(8)
MOST_AGENTS = 2000


@dataclass(frozen=True)
class Barrier:
    """A certified trajectory of the mean weight, and what it proves.

    Attributes
    ----------
    times : tuple of float
        Ends of its intervals, in updates of each agent: after N steps about N/m.
    heights : tuple of float
        Its value in each interval: the mean weight is at least that.
    kept : Dyadic
        The chance that the mean weight is never below it, from below.
    value : Dyadic
        The chance of consensus within `steps` steps, from below.
    steps : int
        The horizon.
    """

    times: tuple[float, ...]
    heights: tuple[float, ...]
    kept: Dyadic
    value: Dyadic
    steps: int


@dataclass(frozen=True)
class Task:
    """A chain, a start by groups, the log-odds that all must reach, and the horizon if it is given."""

    chain: ChainParameters
    groups: tuple[Group, ...]
    log_odds: Fraction
    steps: int | None

    @property
    def is_product(self) -> bool:
        """Whether chances multiply (memory size 1, Lemma H), or chances to miss are added."""
        return self.chain.r == 1


def raise_barrier(task: Task, pace: Pace, ends: Ends) -> Barrier | None:
    """Return the barrier of this pace for a task; None where it comes to nothing."""
    population = population_of(task, ends)
    if population is None:
        return None
    share = sum(group.agents for group in task.groups if group.log_odds > 0) / task.chain.m
    found: list[Interval] = []
    times: list[float] = []
    values: list[float] = []
    running = _Running(task)
    for interval in intervals(population, pace, float(task.log_odds), max(0.0, share - 0.05)):
        value = running.after(interval, population.counts)
        if value is None:
            break
        found.append(interval)
        times.append(running.time)
        values.append(value)
        best = max(values)
        if best > 0.01 and running.time > times[values.index(best)] + PATIENCE:
            break
    if not values or max(values) <= 0:
        return None
    last = next(i for i, value in enumerate(values) if value >= max(values) * (1 - NEARLY))
    return _certified(task, population.counts, found[: last + 1])


@dataclass
class _Running:
    """The bound so far, in doubles: it says where to stop."""

    task: Task
    time: float = 0.0
    log_kept: float = 0.0
    missed: float = 0.0

    def after(self, interval: Interval, counts: Sequence[int]) -> float | None:
        """Return the bound at the end of the next interval; None where it is too late, or hopeless."""
        task = self.task
        self.time += interval.length
        if self.time > LONGEST or (task.steps is not None and task.chain.m * self.time > task.steps):
            return None
        chance = min(1.0, interval.missed / 2**interval.bits)
        self.log_kept += math.log1p(-chance) if chance < 1 else -math.inf
        self.missed += chance
        if self.log_kept < GIVEN_UP or (self.missed >= 1 and not task.is_product):
            return None
        final = math.exp(max(-700.0, sum(map(_log_power, counts, interval.good))))
        late = 0.0 if task.steps is None else float(gammainc(task.steps + 1, task.chain.m * self.time))
        return (math.exp(self.log_kept) * final if task.is_product else final - self.missed) - late


def _log_power(count: int, chance: float) -> float:
    return count * math.log(chance) if chance > 0 else -math.inf


def _certified(task: Task, counts: Sequence[int], found: Sequence[Interval]) -> Barrier:
    mean = task.chain.m * sum((Fraction(one.length) for one in found), Fraction(0))
    free = math.ceil(mean + SPREADS * math.sqrt(mean) + 5)
    horizon = free if task.steps is None else task.steps

    def kept() -> Ball:
        product, missed = ball(1), ball(0)
        for one in found:
            chance = ball(Fraction(min(one.missed, 1 << one.bits), 1 << one.bits))
            product, missed = product * (1 - chance), missed + chance
        return product if task.is_product else 1 - missed

    def value() -> Ball:
        final = ball(1)
        for count, good in zip(counts, found[-1].good, strict=True):
            final *= ball(Fraction(good)) ** count
        of_both = kept() * final if task.is_product else kept() + final - 1
        return of_both - late_rings(mean, horizon)

    return Barrier(
        tuple(np.cumsum([one.length for one in found]).tolist()),
        tuple(one.rho for one in found),
        lower_end(kept),
        lower_end(value),
        horizon,
    )


def late_rings(mean: Fraction, steps: int) -> Ball:
    """P(Poisson(mean) > steps), from above: the clocks ring more often than there are steps.

    Each term is at most mean/(steps + 2) times the one before it.
    """
    ratio = mean / (steps + 2)
    if ratio >= 1 or mean == 0:
        return ball(int(mean > 0))
    first = ((steps + 1) * ball(mean).log() - ball(mean) - ball(steps + 2).lgamma()).exp()
    return first / (1 - ball(ratio))


@dataclass(frozen=True)
class Ends:
    """c0, c1, c2 of U0 in standard deviations."""

    c0: Fraction
    c1: Fraction
    c2: Fraction


def population_of(task: Task, ends: Ends) -> Population | None:
    """Return the reference agents of a start; None where a group is too far away or the population too large."""
    chain = task.chain
    if chain.m > MOST_AGENTS or chain.r > MOST_MEMORY:
        return None
    reference, starts = (_one if chain.r == 1 else _many)(task, ends)
    if starts is None:
        return None
    laws: Floats = np.zeros((reference.n_states, len(task.groups)))
    laws[starts, np.arange(len(task.groups))] = 1.0
    few = 20 if chain.m >= 100 and task.is_product else 40
    parts = chain.r * math.ceil(few / chain.r)
    thresholds = thresholds_on(reference.log_odds, _thresholds(chain.r))
    counts = tuple(group.agents for group in task.groups)
    return Population(reference, counts, laws, thresholds, parts, not task.is_product)


def _thresholds(r: int) -> list[float]:
    if r == 1:
        return [-1.6, -0.8, 0.0, 0.75, 1.5, 2.3, 3.9, 7.0, 14.0]
    plateaus = mixed(r) - 2e-6
    chosen = plateaus[np.unique(np.linspace(0, r - 2, min(r - 1, 6)).astype(int))]
    return sorted([*chosen.tolist(), *(chosen - 0.04).tolist(), 2.2, 3.7, 8.0, 15.0])


def _one(task: Task, _: Ends) -> tuple[Reference, list[int] | None]:
    sigma = Fraction(task.chain.sigma)
    cells = max(1, min(32, math.ceil(16 / max(Fraction(1, 2), sigma))))
    lowest = min(group.log_odds for group in task.groups) * sigma**2 / 2
    low = max(LOWEST, min(-HIGHEST, lowest - 6))
    reference = walk(sigma, low, max(HIGHEST, task.log_odds * sigma**2 / 2 + 4), cells)
    return reference, _at(reference.log_odds, task.groups)


def _many(task: Task, ends: Ends) -> tuple[Reference, list[int] | None]:
    r, classes = task.chain.r, Classes(Fraction(task.chain.sigma), ends.c0, ends.c1, ends.c2)
    deepest = 4 * float(classes.loss)
    lowest = float(min(group.log_odds for group in task.groups))
    low = max(-3 * deepest, min(0.0, lowest)) - deepest
    places = grid(r, classes, low, max(120.0, float(task.log_odds) + 60))
    found = _at(places, task.groups)
    if found is None:
        return agent(r, classes, places), None
    full = [r * places.size if group.memory == "plus" else 0 for group in task.groups]
    return agent(r, classes, places), [place + more for place, more in zip(found, full, strict=True)]


def _at(places: Floats, groups: Sequence[Group]) -> list[int] | None:
    """Return the places at or below the groups' log-odds; None where there is none."""
    found = [int(np.searchsorted(places, rounded(group.log_odds), side="right")) - 1 for group in groups]
    return None if min(found) < 0 else found
