"""The recipe of U1 and U2: which barriers are tried, and which bound is given."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from mcpolar.balls import Dyadic
from mcpolar.bounds.majority.barrier import Pace
from mcpolar.bounds.majority.certificate import Barrier, Ends, Task, raise_barrier
from mcpolar.bounds.majority.deep_majority import deep_majority
from mcpolar.parameters import ChainParameters

GOOD = 0.99
"""No other pace is tried beyond."""
LATER = 0.05
"""At a free horizon a bound must be so much larger for its longer horizon."""


@dataclass(frozen=True)
class Found:
    """A bound, its horizon, and the statement that gives it."""

    value: Dyadic
    steps: int
    form: str


@lru_cache(maxsize=64)
def best_bound(task: Task) -> Found | None:
    """Return the better one of U1 and U2; at a free horizon the earlier one unless the other is much larger."""
    found = []
    deep = deep_majority(task.chain, task.groups, task.log_odds, task.steps)
    if deep is not None:
        found.append(Found(*deep, "U2"))
    barrier = best_barrier(task)
    if barrier is not None:
        found.append(Found(barrier.value, barrier.steps, "U1"))
    found = [one for one in found if not one.value.is_zero]
    if not found:
        return None
    best = max(one.value.fraction for one in found)
    margin = Fraction(0) if task.steps is not None else Fraction(LATER) * best
    return min((one for one in found if one.value.fraction >= best - margin), key=lambda one: one.steps)


@lru_cache(maxsize=64)
def best_barrier(task: Task) -> Barrier | None:
    """Return the barrier with the best bound of those tried; None where none is of use."""
    best: Barrier | None = None
    for pace in paces(task.chain):
        barrier = raise_barrier(task, pace, ends_of(task.chain))
        if barrier is not None and (best is None or barrier.value.fraction > best.value.fraction):
            best = barrier
        if best is not None and best.value.fraction > GOOD:
            break
    return best


def paces(chain: ChainParameters) -> list[Pace]:
    """Return the paces that are tried: larger populations can do with smaller chances to miss a barrier."""
    size = 100 / chain.m
    if chain.r == 1:
        largest = min(0.03, 1e-3 * size**2.3)
        return [Pace(0.06, alpha, 0.975, alpha / 40, 0.005, 0.03) for alpha in (largest, largest / 6)]
    alpha = min(0.006, 5e-4 * size**2)
    steady, falling = (0.08, alpha, 1.0, alpha), (0.04, min(0.012, 4 * alpha), 0.985, 0.6 * alpha)
    return [Pace(*falling, 0.12, 0.03), Pace(*steady, 0.12, 0.045)]


def ends_of(chain: ChainParameters) -> Ends:
    """Return c0, c1, c2: I+ and I- are in the classes without high elements, and draws beyond the classes are rare."""
    sigma = Fraction(chain.sigma)
    c0, c1, c2 = (share / sigma for share in (FEW_ENDS if chain.m < 100 else MANY_ENDS))
    holds_interval = 1 / (2 * sigma)
    c1 = max(holds_interval, min(c1, RARE))
    return Ends(
        max(holds_interval, min(c0, RARE)), c1, max(c1 * Fraction(11, 10), min(c2, RARE + Fraction(1, 5)))
    )


FEW_ENDS = (Fraction(80, 100), Fraction(52, 100), Fraction(88, 100))
MANY_ENDS = (Fraction(86, 100), Fraction(54, 100), Fraction(90, 100))
"""c0, c1 and c2 times sigma, for populations in which few or many draws are made."""
RARE = Fraction(6)
"""Draws so many standard deviations away need no room."""
