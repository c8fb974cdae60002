"""Estimators that go on where they stopped, run to a number of replicas or until the verdict is certain."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mcpolar.checks import check_confidence, whole_number
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.errors import InputError
from mcpolar.parallel import Progress, over_blocks
from mcpolar.results import Estimate, Verdict
from mcpolar.rng import MOST_REPLICAS

Block = TypeVar("Block")

LONGEST_BUDGET = 1e7


class Sampler(ABC):
    """An estimator that goes on where it stopped: its numbers depend on the number of replicas alone."""

    @property
    def unit(self) -> str:
        """What is counted: "replicas" or "repetitions"."""
        return "replicas"

    @property
    @abstractmethod
    def replicas(self) -> int:
        """How many there are so far."""

    @abstractmethod
    def extend(self, count: int, *, workers: int | None = None, progress: Progress | None = None) -> None:
        """Run the next ones."""

    @abstractmethod
    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of replicas."""

    @abstractmethod
    def running(self, confidence: float) -> Estimate:
        """Return the estimate with an interval that covers at all numbers of replicas together."""


class BlockSampler(Sampler, Generic[Block]):
    """An estimator whose replicas are run in blocks, on threads; subclasses run a block and take blocks in."""

    @property
    @abstractmethod
    def steps(self) -> int:
        """Steps of each replica."""

    @property
    def block_size(self) -> int | None:
        """Replicas of a block; None: as many as take about a second."""
        return None

    @abstractmethod
    def block(self, first: int, count: int) -> Block:
        """Run `count` replicas from number `first` on."""

    @abstractmethod
    def take(self, blocks: list[Block], count: int) -> None:
        """Take in the blocks of the next `count` replicas, in order."""

    def extend(self, count: int, *, workers: int | None = None, progress: Progress | None = None) -> None:
        """Run the next `count` replicas, or repetitions, on threads."""
        found = over_blocks(
            self.block,
            count,
            self.steps,
            workers=workers,
            progress=progress,
            first=self.replicas,
            size=self.block_size,
        )
        self.take(list(found), count)


class WeightSampler(BlockSampler[Block]):
    """An estimator by the weights of its replicas, in logs."""

    log_weights: NDArray[np.float64]

    @property
    def replicas(self) -> int:
        """Number of replicas so far."""
        return self.log_weights.size


def estimated(
    sampler: Callable[[], Sampler],
    count: int,
    *,
    name: str = "replicas",
    fewest: int = 1,
    most: int = MOST_REPLICAS - 1,
    confidence: float,
    workers: int | None,
    progress: Progress | None,
) -> Estimate:
    """Check the numbers, make the sampler, run `count` of its replicas (or repetitions) and return the estimate."""
    whole_number(name, count, fewest, most)
    check_confidence(confidence)
    made = sampler()
    made.extend(count, workers=workers, progress=progress)
    return made.estimate(confidence)


@dataclass(frozen=True)
class Stopped:
    """An estimate, its verdict, and why the run ended."""

    estimate: Estimate
    verdict: Verdict
    reason: str


def until_decided(
    sampler: Sampler,
    judge: Callable[[Estimate], Verdict],
    *,
    budget: float,
    first_look: int,
    confidence: float,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Stopped:
    """Run until the verdict is "validated" or "violated", or the budget is spent.

    The looks come at `first_look`, twice, four times, … as many replicas: a run that decides has the same result
    whatever the machine. Only the last look of a run whose budget ends depends on the time.

    Parameters
    ----------
    sampler : Sampler
        The estimator.
    judge : callable
        Gives the verdict on an estimate.
    budget : float
        Seconds, above 0; compiling does not count.
    first_look : int
        Replicas at the first look.
    confidence : float
        Two-sided; the chance that the run ever stops with a wrong verdict is at most its complement.
    workers, progress
        As for :func:`mcpolar.montecarlo.crude`.
    """
    if not isinstance(budget, int | float) or not 0 < budget <= LONGEST_BUDGET:
        raise InputError("budget", budget, f"a number of seconds above 0, at most {LONGEST_BUDGET:.0e}")
    clock, goal = Stopwatch(), first_look
    while True:
        began = clock.seconds
        missing = goal - sampler.replicas
        sampler.extend(missing, workers=workers, progress=progress)
        estimate = sampler.running(confidence)
        verdict = judge(estimate)
        if verdict != "consistent":
            return Stopped(estimate, verdict, f"decided after {sampler.replicas} {sampler.unit}")
        now = clock.seconds
        left, each = budget - now, (now - began) / missing
        affordable = math.floor(left / each) if each > 0 else goal
        if affordable < max(1, missing // 8):
            return Stopped(estimate, verdict, f"budget of {budget:g} s spent undecided")
        goal = sampler.replicas + min(sampler.replicas, affordable)
