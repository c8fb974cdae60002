"""How often each estimator's 99 % interval covers, on cases with a known answer: python -m benchmarks.calibration.

Each repetition takes a seed of its own. The coverage is tested against binomial limits: an interval with a stated
guarantee must not miss more often than its error allows (false alarm 1e-6).
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.special import expit

from mcpolar.chain import Start
from mcpolar.montecarlo import (
    conditional,
    crude,
    level_kept,
    silo_left,
    silos_kept,
    splitting,
    tilting,
    twisting,
)
from mcpolar.montecarlo.estimators.conditional import Weighing
from mcpolar.montecarlo.estimators.crude import Counting
from mcpolar.montecarlo.estimators.twist_fit import FittedTwist, fitted_twist
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate
from tests.twins.random_walk import chance_to_fall, chance_to_stay_well

CONFIDENCE, FALSE_ALARM = 0.99, 1e-6
LOOKS = (16, 32, 64, 128, 256, 512)


@dataclass(frozen=True)
class Case:
    """An estimator at a case whose probability is known.

    `guaranteed` says whether the interval covers by proof; otherwise (an assumed law) its coverage is only reported,
    and must not fall below 0.97.
    """

    name: str
    answer: str
    log_exact: float
    estimate: Callable[[int], list[Estimate]]
    guaranteed: bool = True


@dataclass(frozen=True)
class Coverage:
    """Misses below and above among the repetitions, and the typical width of the interval."""

    case: Case
    repetitions: int
    below: int
    above: int
    log_width: float

    @property
    def covered(self) -> float:
        """Share of the repetitions whose interval (or all whose intervals, of a watched run) held the answer."""
        return 1 - (self.below + self.above) / self.repetitions

    @property
    def is_allowed(self) -> bool:
        """Whether the coverage is compatible with 99 %, or 97 % where no proof exists."""
        error = 1 - CONFIDENCE if self.case.guaranteed else 0.03
        return self.below + self.above <= stats.binom(self.repetitions, error).isf(FALSE_ALARM)


def cases() -> list[Case]:
    """Return every estimator at a probability that is common, and at one that is rare."""
    return [*_counting(), *_weighing(), *_splitting(), *_tilting(), *_twisting()]


ONE = ChainParameters(1, 1, "1.0")


def _counting() -> list[Case]:
    start, target = Start("boundary", log_odds=2), silos_kept(2, 1)
    weight = expit(2.0)
    exact = math.log(weight * stats.norm.sf(-1) + (1 - weight) * stats.norm.sf(1))
    rare, rare_start = silo_left(20), Start("boundary", level=3)
    rare_exact = math.log(chance_to_fall(3.0, 0.0, 1.0, 20))
    options = {"replicas": 500, "confidence": CONFIDENCE}
    return [
        Case(
            "crude, Clopper-Pearson",
            "closed form",
            exact,
            lambda s: [crude(ONE, start, target, seed=s, **options)],
        ),
        Case(
            "crude, Clopper-Pearson",
            "quadrature",
            rare_exact,
            lambda s: [crude(ONE, rare_start, rare, seed=s, **options)],
        ),
        Case(
            "crude, beta-binomial sequence, watched",
            "closed form",
            exact,
            lambda s: watched(Counting.of(ONE, start, target, s)),
        ),
    ]


def _weighing() -> list[Case]:
    found = []
    for sigma, steps in (("1.0", 10), ("0.5", 60)):
        chain = ChainParameters(1, 1, sigma)
        exact = math.log(chance_to_stay_well(float(chain.precision), float(sigma), steps))
        target, start = level_kept(chain, 1, steps), Start("boundary")

        def fixed(seed: int, chain=chain, target=target, start=start) -> list[Estimate]:
            return [conditional(chain, start, target, replicas=300, seed=seed, confidence=CONFIDENCE)]

        def running(seed: int, chain=chain, target=target, start=start) -> list[Estimate]:
            return watched(Weighing.of(chain, start, target, seed))

        found.append(Case("conditional, empirical Bernstein", "closed form", exact, fixed))
        found.append(Case("conditional, betting sequence, watched", "closed form", exact, running))
    return found


def _splitting() -> list[Case]:
    found = []
    for level, steps, particles in ((6, 16, 30), (14, 40, 60)):
        exact = math.log(chance_to_fall(float(level), 0.0, 1.0, steps))

        def estimate(seed: int, level=level, steps=steps, particles=particles) -> list[Estimate]:
            start = Start("boundary", level=level)
            options = {"particles": particles, "repetitions": 10, "confidence": CONFIDENCE, "workers": 1}
            return [splitting(ONE, start, silo_left(steps), seed=seed, **options)]

        found.append(
            Case(
                "splitting, betting below, log-normal above", "quadrature", exact, estimate, guaranteed=False
            )
        )
    return found


def _tilting() -> list[Case]:
    exact = math.log(chance_to_fall(40.0, 0.0, 1.0, 80))
    start = Start("boundary", level=40)

    def one(seed: int) -> list[Estimate]:
        return [tilting(ONE, start, silo_left(80), replicas=200, seed=seed, confidence=CONFIDENCE)]

    def four(seed: int) -> list[Estimate]:
        chain = ChainParameters(4, 1, "1.0", mirror=1)
        options = {"replicas": 300, "seed": seed, "confidence": CONFIDENCE}
        return [tilting(chain, Start("boundary", level=6), silo_left(40), **options)]

    return [
        Case("tilting, empirical Bernstein", "quadrature", exact, one),
        Case(
            "tilting, betting below, Student above",
            "quadrature",
            math.log(_one_of_four(6.0, 40)),
            four,
            guaranteed=False,
        ),
    ]


def _twisting() -> list[Case]:
    """Return cases with good twists, and with one whose logarithm is shrunk, so that its weights vary far more."""
    options = {"replicas": 400, "confidence": CONFIDENCE, "workers": 1}
    found = []
    for sigma, level, steps, share in (("1.0", 6, 16, 1.0), ("0.5", 5, 40, 1.0), ("1.0", 6, 16, 0.5)):
        chain = ChainParameters(1, 1, sigma)
        log_odds = level * float(chain.precision)

        def one(seed: int, chain=chain, level=level, steps=steps, share=share) -> list[Estimate]:
            twist = _shrunk(fitted_twist(1, float(chain.sigma), [level * float(chain.precision)], 1.0), share)
            start = Start("boundary", level=level)
            return [twisting(chain, start, silo_left(steps), seed=seed, twist=twist, **options)]

        exact = math.log(chance_to_fall(log_odds, 0.0, float(sigma), steps))
        found.append(
            Case(f"{TWISTING}{'' if share == 1 else ', a bad guess'}", "quadrature", exact, one, False)
        )

    def four(seed: int) -> list[Estimate]:
        chain, start = ChainParameters(4, 1, "1.0", mirror=1), Start("boundary", level=6)
        twist = fitted_twist(1, 1.0, [6.0], 1.0)
        return [twisting(chain, start, silo_left(40), seed=seed, twist=twist, **options)]

    return [*found, Case(TWISTING, "quadrature", math.log(_one_of_four(6.0, 40)), four, guaranteed=False)]


TWISTING = "twisting, betting below, log-normal above"


def _shrunk(good: FittedTwist, share: float) -> FittedTwist:
    tables = {name: share * getattr(good.twist, name) for name in ("by_log_odds", "by_stray", "joint")}
    return replace(good, twist=good.twist._replace(**tables))


def _one_of_four(log_odds: float, steps: int) -> float:
    """P(one of four agents that send to themselves only has fallen after so many steps): a mean over their turns."""
    falls = [0.0, *(chance_to_fall(log_odds, 0.0, 1.0, n, 200) for n in range(1, steps + 1))]
    turns = [(1 - fall) / math.factorial(n) for n, fall in enumerate(falls)]
    stays = np.array([1.0])
    for _ in range(4):
        stays = np.convolve(stays, turns)[: steps + 1]
    return 1 - float(stays[steps]) * math.factorial(steps) / 4.0**steps


def watched(sampler: Counting | Weighing) -> list[Estimate]:
    """Return the running estimates at all looks: the sequence covers if all of them do."""
    found = []
    for look in LOOKS:
        sampler.extend(look - sampler.replicas, workers=1)
        found.append(sampler.running(CONFIDENCE))
    return found


def coverage(case: Case, repetitions: int, first_seed: int = 1) -> Coverage:
    """Return how often the case's intervals held the answer."""
    below = above = 0
    widths = []
    for seed in range(first_seed, first_seed + repetitions):
        estimates = case.estimate(seed)
        above += any(estimate.log_high < case.log_exact for estimate in estimates)
        below += any(estimate.log_low > case.log_exact for estimate in estimates)
        widths.append(estimates[-1].log_high - estimates[-1].log_low)
    return Coverage(case, repetitions, below, above, float(np.median(widths)))


def markdown(found: list[Coverage], seconds: float) -> str:
    """Return the results as a table."""
    head = [
        "| estimator and interval | log10 of the answer | known by | repetitions | covered | too high | too low "
        "| width (ln) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {c.case.name} | {c.case.log_exact / math.log(10):.3f} | {c.case.answer} | {c.repetitions} "
        f"| {c.covered:.1%} | {c.below} | {c.above} | {c.log_width:.3g} |"
        for c in found
    ]
    return "\n".join([*head, *rows, "", f"{seconds:.0f} s in all.", ""])


def main(repetitions: int = 1000, output: str | None = None) -> int:
    """Run the study; the exit status is 1 if an interval covers too seldom."""
    began, found = time.perf_counter(), []
    for case in cases():
        found.append(coverage(case, repetitions))
        print(f"{case.name}: {found[-1].covered:.1%}", file=sys.stderr)
    text = markdown(found, time.perf_counter() - began)
    if output is None:
        print(text)
    else:
        Path(output).write_text(text, encoding="utf-8")
    return int(not all(one.is_allowed for one in found))


if __name__ == "__main__":
    sys.exit(main(*(int(word) if word.isdigit() else word for word in sys.argv[1:])))
