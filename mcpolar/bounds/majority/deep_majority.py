"""U2: consensus from a deep majority of agents of memory size 1, in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import gammainc
from scipy.stats import binom

from mcpolar.balls import Ball, Dyadic, ball, lower_end
from mcpolar.bounds.majority.certificate import SPREADS, late_rings
from mcpolar.bounds.majority.reference import Floats
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Group

MOST_AGENTS = 20_000
TIMES = np.geomspace(5, 5000, 60)
RISES = np.linspace(0.02, 2, 100)
NEARLY = 0.004


@dataclass(frozen=True)
class Choice:
    """The free numbers of U2, exact; s is sigma^2 l / 2.

    Attributes
    ----------
    majority : int
        M: agents with s >= s0.
    s0, floor, lowest, target : Fraction
        s0 > b > 0: start and floor of the majority; every s is at least `lowest` = -K; L.
    rho : Fraction
        The constant barrier.
    decay, rise : Fraction
        theta* and theta.
    time : Fraction
        t.
    """

    majority: int
    s0: Fraction
    floor: Fraction
    lowest: Fraction
    target: Fraction
    rho: Fraction
    decay: Fraction
    rise: Fraction
    time: Fraction


def deep_majority(
    chain: ChainParameters, groups: Sequence[Group], log_odds: Fraction, steps: int | None
) -> tuple[Dyadic, int] | None:
    """Return U2's bound and horizon, with the best of the numbers tried; None where none is of use.

    P(Bin(M, 1 - e^{-theta* (s0 - b)}) >= ceil(m rho / w_b)) - m e^{theta (L + K) - t (1 - Lambda(theta))}
    - P(Poisson(m t) > N) with Lambda(theta*) <= 1.
    """
    if chain.r > 1 or chain.m > MOST_AGENTS:
        return None
    found = [one for one in _choices(chain, groups, log_odds, steps) if one[0] > 0]
    if not found:
        return None
    best = max(value for value, _, _ in found)
    enough = best - NEARLY * (steps is None)
    _, horizon, choice = min((one for one in found if one[0] >= enough), key=lambda one: one[1])
    return lower_end(lambda: bound_of(chain, choice, horizon)), horizon


def bound_of(chain: ChainParameters, choice: Choice, steps: int) -> Ball:
    """Return the right-hand side of U2; 0 where its hypotheses fail."""
    if not (0 < choice.floor < choice.s0 and choice.lowest <= choice.s0 and choice.rho > Fraction(1, 2)):
        return ball(0)
    m, sigma = chain.m, Fraction(chain.sigma)
    if not bool(growth(choice.decay, choice.rho, sigma) <= 1):
        return ball(0)
    fall = (-ball(choice.decay * (choice.s0 - choice.floor))).exp()
    weight = 1 / (1 + (-ball(2 * choice.floor / sigma**2)).exp())
    needed = (m * ball(choice.rho) / weight).upper().ceil().unique_fmpz()
    if needed is None:
        return ball(0)
    kept = at_most(choice.majority - int(needed), choice.majority, fall)
    rise = 1 - growth(choice.rise, choice.rho, sigma)
    missed = m * (ball(choice.rise * (choice.target - choice.lowest)) - ball(choice.time) * rise).exp()
    return kept - missed - late_rings(m * choice.time, steps)


def growth(theta: Fraction, rho: Fraction, sigma: Fraction) -> Ball:
    """Lambda(theta) = e^{theta^2 sigma^2 / 2} (rho e^{-theta} + (1 - rho) e^{theta})."""
    return ball(theta**2 * sigma**2 / 2).exp() * (
        ball(rho) * (-ball(theta)).exp() + ball(1 - rho) * ball(theta).exp()
    )


def at_most(most: int, trials: int, chance: Ball) -> Ball:
    """P(Bin(trials, chance) <= most)."""
    if most < 0:
        return ball(0)
    term = (1 - chance) ** trials
    total, odds = term, chance / (1 - chance)
    for j in range(min(most, trials)):
        term *= odds * (trials - j) / (j + 1)
        total += term
    return total


def _choices(
    chain: ChainParameters, groups: Sequence[Group], log_odds: Fraction, steps: int | None
) -> Iterator[tuple[float, int, Choice]]:
    """Give numbers to try, each with the bound in doubles and the horizon."""
    sigma, m = float(chain.sigma), chain.m
    half = Fraction(chain.sigma) ** 2 / 2
    lowest = min(group.log_odds for group in groups) * half
    target = log_odds * half
    times, horizons = _horizons(m, steps)
    late = gammainc(horizons + 1, m * times)
    for s0 in {group.log_odds * half for group in groups if group.log_odds > 0}:
        majority = sum(group.agents for group in groups if group.log_odds * half >= s0)
        for rho in np.linspace(0.52, majority / m - 0.005, 40) if majority > 0.53 * m else ():
            decay = _decay(rho, sigma)
            rises = 1 - np.exp(RISES**2 * sigma**2 / 2) * (rho * np.exp(-RISES) + (1 - rho) * np.exp(RISES))
            exponents = RISES * float(target - lowest) - times[:, np.newaxis] * rises
            best = exponents.argmin(axis=1)
            rest = m * np.exp(np.minimum(50.0, exponents.min(axis=1))) + late
            for floor in (0.02, 0.05, 0.1, 0.2):
                if decay <= 0 or floor >= s0:
                    continue
                needed = math.ceil(m * rho * (1 + math.exp(-2 * floor / sigma**2)) + 1e-9)
                kept = float(binom.sf(needed - 1, majority, 1 - math.exp(-decay * (float(s0) - floor))))
                values = kept - rest
                enough = np.flatnonzero(values >= values.max() - NEARLY * (steps is None))[0]
                numbers = (floor, rho, decay, RISES[best[enough]], times[enough])
                exact = [Fraction(round(float(number) * 10**6), 10**6) for number in numbers]
                choice = Choice(majority, s0, exact[0], lowest, target, *exact[1:])
                yield float(values[enough]), int(horizons[enough]), choice


def _horizons(m: int, steps: int | None) -> tuple[Floats, Floats]:
    """Return times and the steps to which each belongs."""
    if steps is None:
        return TIMES, np.ceil(m * TIMES + SPREADS * np.sqrt(m * TIMES) + 5)
    spreads = np.array([spread for spread in (2.5, 3.5, 4.5, 6.0, 0.0) if steps > spread**2])
    return (steps - spreads * math.sqrt(steps)) / m, np.full(spreads.size, float(steps))


def _decay(rho: float, sigma: float) -> float:
    """Return about the largest theta with Lambda(theta) <= 1, from below."""
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        log_growth = middle**2 * sigma**2 / 2 + np.logaddexp(
            math.log(rho) - middle, math.log(1 - rho) + middle
        )
        low, high = (middle, high) if log_growth <= 0 else (low, middle)
    return low * (1 - 1e-4)
