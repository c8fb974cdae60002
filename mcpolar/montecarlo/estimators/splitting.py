"""Adaptive multilevel splitting: rare events reached level by level, estimated without bias.

Paths are scored by the highest value of a reaction coordinate on their way. In each round the lowest ones die, and
each is replaced by a branch of a surviving path: a copy up to its first step above the level that was passed, and
new draws from there on. The product of the surviving shares, times the share of paths in the event at the end, has
the event's probability as its mean, whatever the coordinate, the number of paths and the ties among scores (Bréhier,
Gazeau, Goudenège, Lelièvre and Rousset, "Unbiasedness of some generalized adaptive multilevel splitting
algorithms", Annals of Applied Probability 26, 2016). A bad coordinate costs variance, and never bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.checks import whole_number
from mcpolar.choices import CoordinateName
from mcpolar.compiled.chain.law import State
from mcpolar.compiled.montecarlo.splitting import Coordinate, Happening, Outcome, follow
from mcpolar.confidence.intervals import nonnegative_mean
from mcpolar.errors import InputError
from mcpolar.montecarlo.sampler import BlockSampler, estimated
from mcpolar.montecarlo.targets import Target, Watch, watch_of
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate, Status
from mcpolar.rng import Purpose, Seed, generator

Floats = NDArray[np.float64]
CoordinateFunction: TypeAlias = Callable[[Floats, Floats], Floats]
AnyCoordinate: TypeAlias = CoordinateName | CoordinateFunction

COORDINATES: dict[str, Coordinate] = dict(zip(get_args(CoordinateName), list(Coordinate)[1:], strict=True))
MOST_PATHS, MOST_REPETITIONS = 10**6, 10**6
MOST_DRAWS = 2 * 10**8  # labels of all paths of a repetition: 1.6 GB
FEWEST_REPETITIONS = 8
DISCARDED = 0.3  # share of the paths that die in a round


@dataclass(frozen=True, eq=False)
class Repetition:
    """One independent run of the splitting.

    Attributes
    ----------
    log_probability : float
        Log of its unbiased estimate; -inf if all paths died out.
    levels : tuple of float
        The levels passed, increasing.
    survivors : tuple of int
        How many paths were above each level.
    ancestors : int
        How many of the first paths have descendants in the event.
    """

    log_probability: float
    levels: tuple[float, ...]
    survivors: tuple[int, ...]
    ancestors: int


def splitting(
    chain: ChainParameters,
    start: AnyStart,
    target: Target,
    *,
    seed: Seed,
    coordinate: AnyCoordinate | None = None,
    particles: int = 250,
    repetitions: int = 40,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability of `target` by adaptive multilevel splitting, with independent repetitions.

    The lower end of the interval is a betting bound for the mean of nonnegative variables: it covers at every number
    of repetitions. The upper end takes the logarithms of the repetitions as normal (with the exact binomial limit
    for the share that did not die out): no upper end without a law can exist here. Its coverage is measured in
    docs/calibration.md.

    Parameters
    ----------
    parameters, start, seed, confidence, workers, progress
        As for :func:`mcpolar.montecarlo.crude`.
    target : Kept, Reached or Met
        The event.
    coordinate : str or callable, optional
        The reaction coordinate: "weakest" (the smallest |log-odds|; of a silo that is left, minus the smallest
        own-side log-odds), "share" (of polarized agents, with half marks for memory), "aligned" (the share of
        memory on the larger side), "survived" (steps without a failure), or a function of log_odds (n, m) and
        memory (n, m, r) that returns n numbers. Default: by the event.
    particles : int
        Paths of a repetition, at least 2.
    repetitions : int
        Independent runs, at least 8.

    Returns
    -------
    Estimate
        The mean of the repetitions, whatever they are: only so is it unbiased. Its diagnostics hold the status:
        "collapsed" where most repetitions died out or agree so little that a few of them make the mean; then the
        upper end is 1. Runs are not to be chosen by their status: those with a wide spread hold the large values,
        and the mean over the others is too low.

    Raises
    ------
    InputError
        If a value is not allowed, or the start is not one that the event allows.

    Examples
    --------
    >>> from mcpolar.montecarlo.targets import consensus_met
    >>> chain = ChainParameters(m=10, r=2, sigma="0.5")
    >>> found = splitting(chain, "bipolar", consensus_met(100), seed=1, particles=100, repetitions=10)
    >>> found.status.value
    'sound'
    """
    return estimated(
        lambda: Repeating(
            Splitter.of(chain, start, target, seed=seed, coordinate=coordinate, particles=particles)
        ),
        repetitions,
        name="repetitions",
        fewest=FEWEST_REPETITIONS,
        most=MOST_REPETITIONS,
        confidence=confidence,
        workers=workers,
        progress=progress,
    )


@dataclass(frozen=True)
class Splitter:
    """All that determines the repetitions of a splitting, by their numbers."""

    ensemble: Ensemble
    target: Target
    watch: Watch
    coordinate: Coordinate
    function: CoordinateFunction | None
    particles: int

    @classmethod
    def of(
        cls,
        chain: ChainParameters,
        start: AnyStart,
        target: Target,
        *,
        seed: Seed,
        coordinate: AnyCoordinate | None = None,
        particles: int,
    ) -> Splitter:
        """Read and check the arguments of :func:`splitting`."""
        whole_number("particles", particles, 2, MOST_PATHS)
        if particles * target.steps > MOST_DRAWS:
            most = MOST_DRAWS // particles
            raise InputError("steps", target.steps, f"at most {most} with {particles} paths in a repetition")
        watch = watch_of(chain, target)
        chosen = default_coordinate(watch.happening) if coordinate is None else coordinate
        if not callable(chosen) and chosen not in COORDINATES:
            raise InputError("coordinate", chosen, "one of " + ", ".join(COORDINATES) + ", or a function")
        if watch.happening is Happening.KEPT and chosen != "survived":
            raise InputError("coordinate", chosen, "survived for an event that must hold at every step")
        if watch.happening is not Happening.KEPT and chosen == "survived":
            raise InputError("coordinate", chosen, "another for an event that need not hold at every step")
        function = chosen if callable(chosen) else None
        number = Coordinate.GIVEN if callable(chosen) else COORDINATES[chosen]
        ensemble = Ensemble.of(chain, start, seed)
        return cls(ensemble, target, watch, number, function, particles)

    def run(self, number: int) -> Repetition:
        """Return one repetition."""
        ensemble = replace(self.ensemble, cell=(*self.ensemble.cell, number))
        paths = _Paths.first(self, ensemble)
        choices = generator(ensemble.seed, Purpose.SPLITTING, cell=ensemble.cell)
        n_dying = max(1, int(DISCARDED * self.particles))
        log_share = 0.0
        levels: list[float] = []
        survivors: list[int] = []
        while True:
            highest = paths.best[:, -1]
            level = float(np.partition(highest, n_dying - 1)[n_dying - 1])
            if level == math.inf:
                break
            dead = np.flatnonzero(highest <= level)
            alive = np.flatnonzero(highest > level)
            if alive.size == 0:
                return Repetition(-math.inf, tuple(levels), tuple(survivors), 0)
            levels.append(level)
            survivors.append(int(alive.size))
            log_share += math.log(alive.size / self.particles)
            paths.branch(dead, choices.choice(alive, dead.size), level)
        inside = paths.outcome == Outcome.HAPPENED
        log_share += math.log(int(inside.sum()) / self.particles)
        ancestors = int(np.unique(paths.root[inside]).size)
        return Repetition(log_share, tuple(levels), tuple(survivors), ancestors)


@dataclass(eq=False)
class _Paths:
    """The paths of one repetition: who draws each step, the highest score so far at each, and what became of it."""

    splitter: Splitter
    ensemble: Ensemble
    start: State
    labels: NDArray[np.int64]
    best: Floats
    outcome: NDArray[np.int8]
    root: NDArray[np.int64]
    next_label: int

    @classmethod
    def first(cls, splitter: Splitter, ensemble: Ensemble) -> _Paths:
        """Return the first paths, run: those of the chain itself, replica by replica."""
        n, steps = splitter.particles, splitter.target.steps
        start = ensemble.arrays(0, n, 0)
        splitter.target.require(ensemble.parameters, ChainState.from_arrays(start.log_odds, start.memory))
        own = np.arange(n)
        labels = np.repeat(own[:, np.newaxis], steps, axis=1)
        paths = cls(
            splitter, ensemble, start, labels, np.empty((n, steps + 1)), np.empty(n, np.int8), own.copy(), n
        )
        paths._run(own)
        return paths

    def branch(self, dead: NDArray[np.int64], parents: NDArray[np.int64], level: float) -> None:
        """Replace the dead paths by branches of the parents, from their first step above the level."""
        at = (self.best[parents] > level).argmax(axis=1)
        fresh = self.next_label + np.arange(dead.size)
        self.next_label += dead.size
        is_new = np.arange(self.labels.shape[1]) >= at[:, np.newaxis]
        self.labels[dead] = np.where(is_new, fresh[:, np.newaxis], self.labels[parents])
        self.root[dead] = self.root[parents]
        self._run(dead)

    def _run(self, rows: NDArray[np.int64]) -> None:
        """Run the paths from their starts by their labels."""
        state = self.start.rows(self.root[rows])
        side = np.where(state.log_odds >= 0, 1.0, -1.0)
        scores = np.full((rows.size, self.best.shape[1]), -math.inf)
        outcome = np.zeros(rows.size, np.int8)
        labels, watch, steps = self.labels[rows], self.splitter.watch, self.splitter.target.steps
        function, every = self.splitter.function, steps
        if function is not None:
            every = max(1, self.ensemble.parameters.m // 4)
            scores[:, 0] = _scores_of(function, state.log_odds, state.memory)
        for now in range(0, max(steps, 1), max(every, 1)):
            n_steps = min(every, steps - now)
            follow(
                state,
                self.ensemble.law(),
                self.ensemble.order(),
                labels,
                side,
                *watch.as_arguments(),
                self.splitter.coordinate,
                now,
                n_steps,
                scores,
                outcome,
            )
            if function is not None:
                is_open = outcome == Outcome.OPEN
                found = _scores_of(function, state.log_odds[is_open], state.memory[is_open])
                scores[is_open, now + n_steps] = found
        self.best[rows] = np.maximum.accumulate(scores, axis=1)
        self.outcome[rows] = outcome


def _scores_of(function: CoordinateFunction, log_odds: Floats, memory: Floats) -> Floats:
    """Return the user's scores, checked."""
    scores = np.asarray(function(log_odds, memory), dtype=np.float64)
    if scores.shape != log_odds.shape[:1] or np.isnan(scores).any() or (scores == math.inf).any():
        raise InputError(
            "coordinate",
            f"a function that returned shape {scores.shape}",
            f"a function that returns {log_odds.shape[0]} numbers for as many states, none NaN or infinite",
        )
    return scores


def default_coordinate(happening: Happening) -> CoordinateName:
    """Return the coordinate that is used for an event when none is named."""
    names: dict[Happening, CoordinateName] = {
        Happening.KEPT: "survived",
        Happening.FALLEN: "weakest",
        Happening.CONSENSUS: "share",
        Happening.AGREED: "aligned",
        Happening.POLARIZED: "aligned",
        Happening.WELL_BEHAVED: "share",
    }
    return names[happening]


@dataclass(eq=False)
class Repeating(BlockSampler[Repetition]):
    """Repetitions of a splitting so far."""

    splitter: Splitter
    runs: list[Repetition] = field(default_factory=list)

    @property
    def unit(self) -> str:
        """What is counted."""
        return "repetitions"

    @property
    def replicas(self) -> int:
        """Number of repetitions so far."""
        return len(self.runs)

    @property
    def steps(self) -> int:
        """Steps of each path."""
        return self.splitter.target.steps

    @property
    def block_size(self) -> int:
        """Every repetition by itself."""
        return 1

    def block(self, first: int, count: int) -> Repetition:
        """Make one repetition."""
        return self.splitter.run(first)

    def take(self, blocks: list[Repetition], count: int) -> None:
        """Keep the repetitions."""
        self.runs += blocks

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of repetitions."""
        ends = nonnegative_mean(self._logs(), confidence)
        return self._estimate("betting below, log-normal above", ends, confidence)

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with a lower end that covers at all times together; there is no such upper end."""
        log_mean, log_low, _ = nonnegative_mean(self._logs(), confidence)
        return self._estimate("betting sequence below", (log_mean, log_low, 0.0), confidence)

    @property
    def is_sound(self) -> bool:
        """Whether the repetitions agree so well that a log-normal upper end can be trusted."""
        logs = self._logs()
        enough = int((logs > -math.inf).sum()) >= max(FEWEST_REPETITIONS, logs.size / 2)
        return enough and _spread(logs) <= LARGEST_SPREAD

    def trial(self, cell: int) -> Repeating:
        """Return the same with draws of its own and no repetitions yet."""
        ensemble = replace(self.splitter.ensemble, cell=(cell,))
        return Repeating(replace(self.splitter, ensemble=ensemble))

    def _logs(self) -> Floats:
        return np.array([run.log_probability for run in self.runs])

    def _estimate(self, name: str, ends: tuple[float, float, float], confidence: float) -> Estimate:
        logs, particles = self._logs(), self.splitter.particles
        fewest = [min(run.survivors) for run in self.runs if run.survivors]
        return Estimate(
            log_probability=min(ends[0], 0.0),
            log_low=min(ends[1], 0.0),
            log_high=min(ends[2], 0.0) if self.is_sound else 0.0,
            confidence=confidence,
            method=f"splitting, {name}",
            replicas=particles * logs.size,
            seed=self.splitter.ensemble.seed,
            diagnostics={
                "status": Status.SOUND if self.is_sound else Status.COLLAPSED,
                "repetitions": logs.size,
                "died_out": int((logs == -math.inf).sum()),
                "spread_of_logs": _spread(logs),
                "levels": float(np.mean([len(run.levels) for run in self.runs])),
                "fewest_survivors": min(fewest, default=particles),
                "ancestors": float(np.mean([run.ancestors for run in self.runs])),
            },
        )


def _spread(logs: Floats) -> float:
    """Return the standard deviation of the logs of those that did not die out; infinite without two of them."""
    positive = logs[logs > -math.inf]
    return float(positive.std(ddof=1)) if positive.size > 1 else math.inf


LARGEST_SPREAD = 2.0  # s.d. of the log estimates beyond which a mean hangs on repetitions that were not seen
