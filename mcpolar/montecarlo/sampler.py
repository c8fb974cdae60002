"""Runs that stop as soon as the verdict is certain: looked at in doubling intervals that are valid at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mcpolar.errors import InputError
from mcpolar.parallel import Progress
from mcpolar.results import Estimate, Verdict

LONGEST_BUDGET = 1e7


class Sampler(Protocol):
    """An estimator that goes on where it stopped: its numbers depend on the number of replicas alone."""

    @property
    def unit(self) -> str:
        """What is counted: "replicas" or "repetitions"."""

    @property
    def replicas(self) -> int:
        """How many there are so far."""

    def extend(self, count: int, *, workers: int | None = None, progress: Progress | None = None) -> None:
        """Run the next ones."""

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of replicas."""

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with an interval that covers at all numbers of replicas together."""


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
        Seconds, above 0.
    first_look : int
        Replicas at the first look.
    confidence : float
        Two-sided; the chance that the run ever stops with a wrong verdict is at most its complement.
    workers, progress
        As for :func:`mcpolar.montecarlo.crude`.
    """
    if not isinstance(budget, int | float) or not 0 < budget <= LONGEST_BUDGET:
        raise InputError("budget", budget, f"a number of seconds above 0, at most {LONGEST_BUDGET:.0e}")
    clock, goal = time.perf_counter(), first_look
    while True:
        began = time.perf_counter()
        missing = goal - sampler.replicas
        sampler.extend(missing, workers=workers, progress=progress)
        estimate = sampler.running(confidence)
        verdict = judge(estimate)
        if verdict != "consistent":
            return Stopped(estimate, verdict, f"decided after {sampler.replicas} {sampler.unit}")
        now = time.perf_counter()
        left, each = budget - (now - clock), (now - began) / missing
        affordable = math.floor(left / each) if each > 0 else goal
        if affordable < max(1, missing // 8):
            return Stopped(estimate, verdict, f"budget of {budget:g} s spent undecided")
        goal = sampler.replicas + min(sampler.replicas, affordable)
