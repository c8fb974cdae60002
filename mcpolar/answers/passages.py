"""First passages from one start, run in rounds until time or replicas are spent, with intervals for any such stop."""

from __future__ import annotations

import logging
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain import ChainState, Start
from mcpolar.choices import PassageName
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.confidence.sequences import beta_binomial
from mcpolar.metastability import PassageTimes, passage_times
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate

_LOG = logging.getLogger(__name__)
FIRST_ROUND = 64
HALF = math.log(0.5)
Name = PassageName


@dataclass(frozen=True)
class Quantile:
    """The step by which a share of all runs has come to an event.

    Attributes
    ----------
    share : float
        The share, such as 0.5.
    step, low, high : int or None
        The sample's step and the ends of its interval; None: later than the last step.
    """

    share: float
    step: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, eq=False)
class Passages:
    """First passages of so many replicas, with intervals that cover at every number of replicas together.

    Attributes
    ----------
    rounds : tuple of PassageTimes
        In their order; each has draws of its own.
    confidence : float
        Of each interval.
    stopped : str
        Why there are no more replicas.
    seconds : float
        Spent, without compiling.
    """

    rounds: tuple[PassageTimes, ...]
    confidence: float
    stopped: str
    seconds: float

    @property
    def replicas(self) -> int:
        """How many there are."""
        return sum(len(one.times) for one in self.rounds)

    @property
    def steps(self) -> int:
        """Steps of each replica."""
        return self.rounds[0].steps

    @property
    def seed(self) -> int:
        """The seed."""
        return self.rounds[0].seed

    def times(self, name: Name) -> NDArray[np.int64]:
        """Return the first steps of an event, sorted; those that did not come are left out."""
        found = [one.of(name) for one in self.rounds]
        return np.sort(np.concatenate([times[seen] for times, seen in found]))

    def chance(self, name: Name) -> Estimate:
        """Estimate the chance that an event comes by the last step."""
        return self._share(int(self.times(name).size))

    def chance_of_two(self) -> Estimate:
        """Estimate the chance that both silos are occupied at the last step."""
        m = self.rounds[0].parameters.m
        return self._share(
            sum(int(((one.agents_plus > 0) & (one.agents_plus < m)).sum()) for one in self.rounds)
        )

    def chance_of_one(self) -> Estimate:
        """Estimate the chance that all agents are in one silo at the last step."""
        m = self.rounds[0].parameters.m
        return self._share(sum(int(np.isin(one.agents_plus, (0, m)).sum()) for one in self.rounds))

    def chance_of_decided(self) -> Estimate:
        """Estimate the chance that every agent is decided at the last step."""
        return self._share(sum(int(one.is_decided.sum()) for one in self.rounds))

    def first_sides(self) -> tuple[int, int]:
        """Return in how many replicas the first consensus was on the + side, and on the - side."""
        sides = np.concatenate([one.consensus_side for one in self.rounds])
        return int((sides == 1).sum()), int((sides == -1).sum())

    def quantile(self, name: Name, share: float = 0.5) -> Quantile:
        """Return the step by which a share of all runs has come to an event, with its interval.

        The true step t has P(T < t) <= share <= P(T <= t), and the two sequences for these shares cover them.
        """
        times, n, goal = self.times(name), self.replicas, math.log(share)
        counts = range(n + 1)
        could = bisect_left(counts, goal, key=lambda count: beta_binomial(count, n, self.confidence)[1])
        above = bisect_right(counts, goal, key=lambda count: beta_binomial(count, n, self.confidence)[0])
        return Quantile(
            share, _nth(times, math.ceil(share * n)), _nth(times, could) if could else 0, _nth(times, above)
        )

    def _share(self, hits: int) -> Estimate:
        low, high = beta_binomial(hits, self.replicas, self.confidence)
        return Estimate(
            log_probability=math.log(hits / self.replicas) if hits else -math.inf,
            log_low=low,
            log_high=high,
            confidence=self.confidence,
            method="crude, beta-binomial confidence sequence",
            replicas=self.replicas,
            seed=self.seed,
            diagnostics={"hits": hits},
        )


def _nth(times: NDArray[np.int64], n: int) -> int | None:
    return int(times[n - 1]) if 0 < n <= times.size else None


def run_passages(
    chain: ChainParameters,
    start: Start | ChainState,
    steps: int,
    *,
    level: int,
    replicas: int,
    budget: float,
    until_decided: bool,
    confidence: float,
    seed: int,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Passages:
    """Run first passages, twice as many at each look, until they are as many as asked for or the time is spent.

    Parameters
    ----------
    chain, start, steps, level, seed, workers, progress
        As for :func:`~mcpolar.metastability.passage_times`.
    replicas : int
        The most.
    budget : float
        Seconds; no round is begun that would not end in time.
    until_decided : bool
        Stop as soon as it is certain of each event whether it is likelier than not.
    confidence : float
        Of each interval.
    """
    clock, rounds, found, stopped = Stopwatch(), list[PassageTimes](), None, ""
    options: dict[str, Any] = {"level": level, "seed": seed, "workers": workers, "progress": progress}
    goal, done = min(FIRST_ROUND, replicas), 0
    while not stopped:
        began = clock.seconds
        rounds.append(
            passage_times(chain, start, steps, replicas=goal - done, cell=(len(rounds),), **options)
        )
        each, done = (clock.seconds - began) / (goal - done), goal
        found = Passages(tuple(rounds), confidence, "", clock.seconds)
        _LOG.info("%d runs of %d steps in %.1f s", done, steps, clock.seconds)
        goal = min(2 * done, replicas)
        if done == replicas:
            stopped = "as many as asked for"
        elif until_decided and is_decided(found):
            stopped = f"decided after {done} replicas"
        elif clock.seconds + each * (goal - done) > budget:
            stopped = f"the budget of {budget:g} s allows no more"
    return Passages(tuple(rounds), confidence, stopped, clock.seconds)


def is_decided(found: Passages) -> bool:
    """Return whether it is certain of every event whether it is likelier than not."""
    names: tuple[Name, ...] = ("polarized", "silo-left", "consensus")
    estimates = [found.chance(name) for name in names]
    return all(one.log_low > HALF or one.log_high < HALF for one in estimates)
