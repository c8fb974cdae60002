"""Which estimator serves an event, by name or by a pilot run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import get_args

from mcpolar.chain import ChainState, Ensemble, Start
from mcpolar.choices import Method
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.conditional import Weighing
from mcpolar.montecarlo.estimators.crude import Counting
from mcpolar.montecarlo.estimators.independent import Independent
from mcpolar.montecarlo.estimators.splitting import FEWEST_REPETITIONS, AnyCoordinate, Repeating, Splitter
from mcpolar.montecarlo.estimators.tilting import Tilting
from mcpolar.montecarlo.estimators.twist_fit import LARGEST_MEMORY, SMALLEST_SIGMA, is_fitted_for
from mcpolar.montecarlo.estimators.twisting import Twisting
from mcpolar.montecarlo.sampler import Sampler
from mcpolar.montecarlo.targets import Kept, Reached, Target, complement
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate
from mcpolar.rng import Reserved

METHODS: tuple[Method, ...] = get_args(Method)
REPETITIONS = 40
PILOT = 1000
_FEW = 10


@dataclass(frozen=True)
class Choice:
    """An event at a start, and how the user wants it estimated.

    `inner` is a smaller event that confines arrivals; `is_usual_start` says that the user named no start.
    """

    parameters: ChainParameters
    start: Start | ChainState
    target: Target
    inner: Kept | None
    method: Method
    replicas: int
    coordinate: AnyCoordinate | None
    seed: int
    workers: int | None
    is_usual_start: bool = False

    def sampler(self) -> tuple[Sampler, str]:
        """Return the estimator, with no replicas yet, and the event that it estimates.

        Raises
        ------
        InputError
            If the method is unknown or does not fit the event.
        """
        if self.method not in METHODS:
            raise InputError("method", self.method, "one of " + ", ".join(METHODS))
        target = self.target
        confined = isinstance(target, Kept) and math.isfinite(target.low)
        method = self.method
        if isinstance(target, Reached) and method in ("auto", "independent"):
            deep = Independent.of(self.parameters, self.start, target, self.seed)
            if deep is not None:
                return deep, target.sentence
        if method == "independent":
            allowed = (
                "another: this one is for a level at the end, from log-odds too large for any draw to matter"
            )
            raise InputError("method", method, allowed)
        if method == "auto":
            method = "conditional" if confined else self._by_pilot()
        if method == "conditional":
            return self._conditional(confined)
        if method == "crude":
            return self.counting(), target.sentence
        if isinstance(target, Kept) and not confined:
            return Complement(self._of_failure(method, target)), target.sentence
        if method in ("tilting", "twisting"):
            raise InputError("method", method, f"splitting: {method} is for silos that are left")
        return self._splitting(target), target.sentence

    def require_start(self) -> None:
        """Raise InputError unless the first replica is an allowed start; the others are looked at as they come."""
        arrays = self.ensemble.arrays(0, 1, 0)
        self.target.require(self.parameters, ChainState.from_arrays(arrays.log_odds, arrays.memory))

    def counting(self) -> Sampler:
        """Return the crude estimator."""
        return Counting(self.ensemble, self.target)

    def after_trial(self, sampler: Sampler) -> tuple[Sampler, int]:
        """Return the estimator and its number of replicas, or repetitions, by trials with draws of their own.

        A splitting or twisting whose trial is not sound gives way to one of four times as many, and that to counting.
        The run itself must not decide whether it is reported: those that look bad hold the large values, and the mean
        of the others is too low.
        """
        is_twisted = isinstance(sampler, Complement) and isinstance(sampler.of_failure, Twisting)
        larger = replace(self, replicas=4 * self.replicas, method="twisting" if is_twisted else "splitting")
        if self._is_sound(sampler):
            return sampler, self.count_of(sampler)
        if larger._is_sound(again := larger.sampler()[0]):
            return again, larger.count_of(again)
        return self.counting(), self.replicas

    def _is_sound(self, sampler: Sampler) -> bool:
        """Return whether a trial of a quarter of the run is sound; what has no trial is."""
        tried = sampler.of_failure if isinstance(sampler, Complement) else sampler
        if not isinstance(tried, Repeating | Twisting):
            return True
        trial = tried.trial(Reserved.TRIAL)
        trial.extend(max(FEWEST_REPETITIONS, self.count_of(sampler) // 4), workers=self.workers)
        return trial.is_sound

    def count_of(self, sampler: Sampler) -> int:
        """Return how many replicas, or repetitions, a run without a budget takes."""
        return self._repetitions if sampler.unit == "repetitions" else self.replicas

    @property
    def _repetitions(self) -> int:
        """As many as leave a hundred paths to each, from 8 to 40."""
        return min(REPETITIONS, max(FEWEST_REPETITIONS, self.replicas // 100))

    @property
    def ensemble(self) -> Ensemble:
        """The ensemble of the estimate."""
        return Ensemble.of(self.parameters, self.start, self.seed)

    def _conditional(self, confined: bool) -> tuple[Sampler, str]:
        target = self.target if confined else self.inner
        if not isinstance(target, Kept):
            is_silo = isinstance(self.target, Kept)
            others = "crude, splitting or twisting" if is_silo else "crude or splitting"
            allowed = f"{others}: that {self.target.sentence} does not confine every arrival"
            raise InputError("method", self.method, allowed)
        return Weighing.of(self.parameters, self.start, target, self.seed), target.sentence

    def _by_pilot(self) -> Method:
        """Return "crude" unless the event, or what is estimated in its place, is too rare to be counted."""
        pilot = Counting(replace(self.ensemble, cell=(Reserved.PILOT,)), self.target)
        pilot.extend(PILOT, workers=self.workers)
        if not isinstance(self.target, Kept):
            rare: Method = "splitting" if self.inner is None else "conditional"
            return rare if pilot.hits < _FEW else "crude"
        if PILOT - pilot.hits >= _FEW:
            return "crude"
        if self.inner is not None:
            return "conditional"
        if self.parameters.r == 1 and self.parameters.has_own_rules:
            return "tilting"
        return "twisting" if is_fitted_for(self.parameters) else "splitting"

    def _of_failure(self, method: Method, target: Kept) -> Sampler:
        failure = complement(target)
        if method == "tilting" and failure.threshold > 0:  # it would run past where agents first fall
            allowed = (
                f"twisting: tilting is for silos that are left, not for a fall below {failure.threshold:g}"
            )
            raise InputError("method", method, allowed)
        if method == "tilting":
            return Tilting.of(self.parameters, self.start, failure, self.seed)
        if method == "splitting":
            return self._splitting(failure)
        if not is_fitted_for(self.parameters):
            limits = f"r up to {LARGEST_MEMORY} and sigma from {SMALLEST_SIGMA}"
            raise InputError("method", method, f"splitting: twisting is for {limits}")
        return Twisting.of(self.parameters, self.start, failure, self.seed)

    def _splitting(self, target: Target) -> Repeating:
        return Repeating(
            Splitter.of(
                self.parameters,
                self.start,
                target,
                seed=self.seed,
                coordinate=self.coordinate,
                particles=max(2, self.replicas // self._repetitions),
            )
        )


@dataclass(eq=False)
class Complement(Sampler):
    """An estimator of an event by that of its failure: no digits are lost next to 1."""

    of_failure: Sampler

    @property
    def unit(self) -> str:
        """What is counted."""
        return self.of_failure.unit

    @property
    def replicas(self) -> int:
        """How many there are so far."""
        return self.of_failure.replicas

    def extend(self, count: int, *, workers: int | None = None, progress: Progress | None = None) -> None:
        """Run the next ones."""
        self.of_failure.extend(count, workers=workers, progress=progress)

    def estimate(self, confidence: float) -> Estimate:
        """Return 1 minus the estimate of the failure."""
        return _complemented(self.of_failure.estimate(confidence))

    def running(self, confidence: float) -> Estimate:
        """Return 1 minus the estimate of the failure, with an interval that is valid at any time."""
        return _complemented(self.of_failure.running(confidence))


def _complemented(failure: Estimate) -> Estimate:
    return replace(
        failure,
        log_probability=_log_rest(failure.log_probability),
        log_low=_log_rest(failure.log_high),
        log_high=_log_rest(failure.log_low),
        method=f"{failure.method}, of the failure",
        diagnostics={**failure.diagnostics, **_in_decimal_logs(failure)},
    )


def _in_decimal_logs(failure: Estimate) -> dict[str, float]:
    ends = {"low": failure.log_low, "high": failure.log_high}
    return {
        "log10_failure": failure.log10,
        **{f"log10_failure_{name}": end / math.log(10) for name, end in ends.items()},
    }


def _log_rest(log_p: float) -> float:
    """Return log(1 - p)."""
    return -math.inf if log_p >= 0 else math.log1p(-math.exp(log_p))
