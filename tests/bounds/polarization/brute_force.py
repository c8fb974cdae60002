"""Lower bound <= truth <= ceiling, by counting from adversarial starts.

python -m tests.bounds.polarization.brute_force --replicas 100000 --starts 20
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mcpolar.bounds.polarization.bipolar_ceiling import POSITION, bipolar_ceiling
from mcpolar.bounds.polarization.lower import best
from mcpolar.bounds.polarization.plan import plan_from_any_memory
from mcpolar.chain import ChainState
from mcpolar.montecarlo import crude
from mcpolar.montecarlo.targets import Reached
from mcpolar.parameters import ChainParameters


class Case(NamedTuple):
    m: int
    r: int
    sigma: str
    steps: int
    level: int = 1

    @property
    def chain(self) -> ChainParameters:
        return ChainParameters(self.m, self.r, self.sigma)


_FIRST_LEVEL = tuple(
    Case(m, r, sigma, steps)
    for (m, r, sigma), horizons in {
        (1, 1, "0.5"): (1, 2),
        (1, 2, "0.3"): (2, 3),
        (1, 3, "0.4"): (3, 5),
        (2, 1, "0.5"): (2, 3, 4),
        (2, 1, "0.2"): (2, 4),
        (2, 2, "0.5"): (4, 6),
        (2, 2, "0.3"): (4, 5, 7),
        (2, 3, "0.3"): (6, 8),
        (2, 3, "0.2"): (6, 8, 12),
        (2, 4, "0.2"): (8, 10),
        (3, 1, "0.5"): (3, 4, 6),
        (3, 1, "0.3"): (3, 5, 9),
        (3, 2, "0.3"): (6, 8, 12),
        (3, 2, "0.2"): (6, 8),
        (3, 3, "0.2"): (9, 12),
        (4, 1, "0.5"): (4, 6),
        (4, 1, "0.2"): (4, 6, 10),
        (4, 2, "0.2"): (8, 11),
    }.items()
    for steps in horizons
)
CASES = (
    *_FIRST_LEVEL,
    Case(2, 1, "0.4", 6, level=2),
    Case(2, 2, "0.3", 9, level=2),
    Case(3, 1, "0.3", 9, level=2),
)

POSITIONS = (-1e6, 1e6, 0.4999, 1.5001, 0.0, -1.0)
SIZES = (1e-9, 1.0, 10.0, 1e3, 1e7)


def adversarial_starts(case: Case, seed: int) -> Iterator[ChainState]:
    """Yield states whose memory is hard to clear, at every split and many sizes of log-odds."""
    rng = np.random.default_rng(seed)
    for number in itertools.count():
        side = np.where(np.arange(case.m) < number % (case.m + 1), 1.0, -1.0)
        size = np.full(case.m, SIZES[number % len(SIZES)]) if number % 2 else rng.choice(SIZES, case.m)
        if number % 3 == 0:
            own = np.full((case.m, case.r), POSITIONS[(number // 3) % len(POSITIONS)])
        else:
            own = rng.choice(POSITIONS, (case.m, case.r))
        yield ChainState.from_arrays(side * size, side[:, np.newaxis] * own)


def deep_bipolar(case: Case, split: int) -> ChainState:
    """Return the start of the ceiling: log-odds so large that draws of the other component come from the other side."""
    side = np.where(np.arange(case.m) < split, 1.0, -1.0)
    memory = np.broadcast_to(side[:, np.newaxis] * float(POSITION), (case.m, case.r))
    return ChainState.from_arrays(side * 1e9, memory)


class Found(NamedTuple):
    case: Case
    lower: float
    ceiling: float
    least: float
    least_high: float
    bipolar: float
    bipolar_low: float


def found(case: Case, *, starts: int, replicas: int, seed: int, confidence: float) -> Found:
    """Return the bound, the ceiling, the smallest estimate (with its upper end) and the ceiling's own (lower end)."""
    event = Reached(case.steps, case.level, f"level {case.level} holds at the end")

    def count(state: ChainState, number: int) -> tuple[float, float, float]:
        estimate = crude(
            case.chain, state, event, replicas=replicas, seed=seed + number, confidence=confidence
        )
        return math.exp(estimate.log_probability), math.exp(estimate.log_low), math.exp(estimate.log_high)

    plan = plan_from_any_memory(case.chain, case.level)
    lower = 0.0
    if case.steps >= plan.fewest:
        lower = float(best(plan, case.steps).value.fraction)
    ceiling = bipolar_ceiling(case.m, case.r, case.chain.sigma, case.steps)
    states = itertools.islice(adversarial_starts(case, seed), starts)
    counts = [count(state, number) for number, state in enumerate(states)]
    deep = count(deep_bipolar(case, ceiling.split), starts)
    least = min([*counts, deep], key=lambda ends: ends[2])
    return Found(case, lower, float(ceiling.at.fraction), least[0], least[2], deep[0], deep[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, default=100_000)
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--confidence", type=float, default=1 - 1e-9)
    given = parser.parse_args()
    print(
        "m,r,sigma,level,steps,lower,least estimate,its upper end,ceiling,deep bipolar,its lower end,verdict"
    )
    wrong = 0
    for case in CASES:
        seen = found(case, starts=given.starts, replicas=given.replicas, seed=1, confidence=given.confidence)
        is_right = seen.lower <= seen.least_high and seen.bipolar_low <= seen.ceiling
        wrong += not is_right
        numbers = (seen.lower, seen.least, seen.least_high, seen.ceiling, seen.bipolar, seen.bipolar_low)
        print(
            *(case.m, case.r, case.sigma, case.level, case.steps),
            *(f"{number:.3e}" for number in numbers),
            is_right,
            sep=",",
            flush=True,
        )
    print(f"{len(CASES)} cases, {wrong} wrong")


if __name__ == "__main__":
    main()
