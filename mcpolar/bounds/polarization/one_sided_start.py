"""T1C1 and T1C2: polarization when all agents start on one side (proofs/theorem1).

T1C1: all own-side log-odds >= H > 0 and all memory on the own half-line. While draws fall there no log-odds fall, so
that every draw is of the own component with chance 1/(1 + e^-H) at least, whoever sends, and given the numbers of
updates the memories are independent:

    P(E_h at N) >= (1 + e^-H)^-N N!/m^N [z^N] (sum_u q_u z^u/u!)^m,

q_u the least chance, over memories on the half-line, that u own draws stay on it and leave all memory in I; with
j = max(1, ceil(h - H sigma^2)) > 1, the last j - 1 draws of an agent are in I, each for one level more.

T1C2: all own-side log-odds >= H >= 0, any memory: T1A with all agents on one side. With a neighbourhood or a mirror
probability an agent's next draw is its own with chance beta, else of an agent whose own-side weight is a_min at least.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import START_BITS, Ball, ball, working_precision
from mcpolar.bounds import chances
from mcpolar.bounds.polarization.doubles import ball_of
from mcpolar.bounds.polarization.lower import alone, geometric
from mcpolar.bounds.polarization.memory_cells import MemoryCells
from mcpolar.bounds.polarization.plan import (
    MOST_ROUNDS,
    Lower,
    own_sending,
    plan_from_any_memory,
)
from mcpolar.bounds.polarization.search import climb, smallest
from mcpolar.bounds.polarization.series import power_series
from mcpolar.bounds.polarization.shared_source import Source, log_chance
from mcpolar.parameters import ChainParameters

Floats = NDArray[np.float64]


def _ends(text: str) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, text.split()))


CELLS = {
    5: _ends("0 0.49 0.5 0.6 0.7 0.8 0.9 1 1.1 1.2 1.3 1.4 1.5 1.51"),
    7: _ends("0 0.49 0.5 0.65 0.8 0.95 1.1 1.3 1.5"),
    12: _ends("0 0.5 0.7 0.9 1.1 1.5"),
    100: _ends("0 0.5 1.5"),
}
"""Cells of the half-line by the largest memory size that they are used for."""
MOST_DRAWS = 400
"""q_u is followed so far; a draw more keeps it but for the chance to leave the half-line."""
MOST_UPDATES_EACH = 60
"""Free horizons are searched up to so many steps per agent."""
MOST_STEPS = 40_000


def from_own_half_line(
    chain: ChainParameters, level: int, log_odds: Fraction, steps: int | None = None
) -> Lower | None:
    """Return T1C1 at `steps`, or at the best horizon; None where the memory is too large for it."""
    ends = next((ends for most, ends in CELLS.items() if chain.r <= most), None)
    if ends is None or (steps or 0) > MOST_STEPS:
        return None
    cells = MemoryCells.of(chain.r, ends, is_half_line=True)
    inside = cells.inside(cells.chances(chain.sigma, Fraction(1), up=False), MOST_DRAWS, up=False).min(axis=1)
    inside[0] = 0.0
    horizon = _good_horizon(chain, inside, log_odds) if steps is None else steps

    def value() -> Ball:
        more = max(1, math.ceil(level - log_odds / chain.precision)) - 1
        kept = (1 - chances.other_half_line(chain.sigma)).lower()
        terms, factor = [ball(0)] * more, chances.own_interval(chain.sigma) ** more
        factorial = ball(more + 1).gamma()
        for u in range(more, horizon + 1):
            known = min(u - more, MOST_DRAWS)
            terms.append(factor * ball_of(float(inside[known])) * kept ** (u - more - known) / factorial)
            factorial *= u + 1
        own = horizon * (-(1 + ball(-log_odds).exp()).log())
        orders = ball(horizon + 1).lgamma() - horizon * ball(chain.m).log()
        coefficients = power_series(terms, chain.m).coeffs()
        ways = coefficients[horizon] if horizon < len(coefficients) else ball(0)
        return (own + orders).exp() * ways

    return Lower.of(value, horizon, "T1C1", chain.m)


def _good_horizon(chain: ChainParameters, inside: Floats, log_odds: Fraction) -> int:
    """Return about the best horizon: agents' numbers of updates taken as independent Poisson ones."""
    m = chain.m
    u = np.arange(inside.size)
    log_factorials = np.concatenate(([0.0], np.cumsum(np.log(u[1:]))))
    loss = math.log1p(math.exp(-min(700.0, float(log_odds))))
    means = np.geomspace(1, max(1.0, min(MOST_UPDATES_EACH, MOST_STEPS / m)), 200)
    values = [
        m * math.log(max(1e-300, float(inside @ np.exp(u * math.log(mean) - mean - log_factorials))))
        - mean * m * loss
        for mean in means
    ]
    return max(1, math.ceil(m * float(means[int(np.argmax(values))])))


def from_any_memory(
    chain: ChainParameters, level: int, log_odds: Fraction, steps: int | None = None
) -> Lower | None:
    """Return T1C2 at `steps`, or at the best horizon; None where the horizon is too short or too long."""
    plan = plan_from_any_memory(chain, level, log_odds)
    if steps is not None and steps < plan.fewest:
        return None
    longest = MOST_ROUNDS * plan.fewest if steps is None else steps
    beta = own_sending(chain)
    if beta is not None:

        def factors(weights: list[Ball]) -> list[Ball]:
            least = smallest(weights)
            return [ball(beta) * weight + ball(1 - beta) * least for weight in weights]

        return alone(plan, longest, factors, "T1C2")
    if not plan.is_affordable:
        return geometric(plan, [chain.m])
    with working_precision(START_BITS):
        source = Source(chain.m, plan.needed, plan.weights(), min(longest, MOST_STEPS))

        def log_value(horizon: int) -> Ball:
            return log_chance(source, chain.m, horizon, horizon) + plan.log_draws(horizon)

        best = climb(lambda n: float(log_value(n).mid()), plan.fewest, plan.fewest, source.steps)
        value = log_value(best).exp()
    return Lower.of(lambda: value, best, "T1C2", chain.m)
