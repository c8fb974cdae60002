"""The crude estimator: the share of independent replicas in which the event happens, with its exact interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.compiled.chain.law import State
from mcpolar.compiled.montecarlo.kept import survive
from mcpolar.compiled.montecarlo.splitting import Coordinate, Outcome, follow
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.confidence.sequences import beta_binomial
from mcpolar.montecarlo.sampler import BlockSampler, estimated
from mcpolar.montecarlo.targets import Kept, Met, Target, watch_of
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate
from mcpolar.rng import Seed


def crude(
    chain: ChainParameters,
    start: AnyStart,
    target: Target,
    *,
    replicas: int,
    seed: Seed,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability of `target` by counting, with the Clopper-Pearson interval.

    Parameters
    ----------
    chain : ChainParameters
        The chain.
    start : Start, ChainState, or str
        Where the replicas start; a state of one replica serves them all.
    target : Kept, Reached or Met
        The event.
    replicas : int
        Independent replicas, at least 1.
    seed : int, SeedSequence or Generator
        The same seed gives the same estimate for any number of workers.
    confidence : float
        Two-sided coverage of the interval, at least.
    workers : int, optional
        Threads; default all cores.
    progress : callable, optional
        Called with the number of replicas done since its last call.

    Returns
    -------
    Estimate
        With the number of hits among its diagnostics.

    Raises
    ------
    InputError
        If a value is not allowed, or the start is not one that the event allows.

    Examples
    --------
    >>> from mcpolar.montecarlo import consensus_met
    >>> found = crude(ChainParameters(m=3, r=1, sigma="1"), "undecided", consensus_met(200), replicas=200, seed=1)
    >>> found.log_low < found.log_probability <= found.log_high, found.method
    (True, 'crude, Clopper-Pearson')
    """
    return estimated(
        lambda: Counting.of(chain, start, target, seed),
        replicas,
        confidence=confidence,
        workers=workers,
        progress=progress,
    )


@dataclass(eq=False)
class Counting(BlockSampler[int]):
    """Replicas counted so far."""

    ensemble: Ensemble
    target: Target
    tried: int = 0
    hits: int = 0

    @classmethod
    def of(cls, chain: ChainParameters, start: AnyStart, target: Target, seed: Seed) -> Counting:
        """Begin with no replicas."""
        return cls(Ensemble.of(chain, start, seed), target)

    @property
    def replicas(self) -> int:
        """Number of replicas so far."""
        return self.tried

    @property
    def steps(self) -> int:
        """Steps of each replica."""
        return self.target.steps

    def take(self, blocks: list[int], count: int) -> None:
        """Count the hits of the next `count` replicas."""
        self.hits += sum(blocks)
        self.tried += count

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of replicas."""
        return self._estimate(clopper_pearson, "Clopper-Pearson", confidence)

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with an interval that covers at all numbers of replicas together."""
        return self._estimate(beta_binomial, "beta-binomial confidence sequence", confidence)

    def _estimate(self, interval, name: str, confidence: float) -> Estimate:  # type: ignore[no-untyped-def]
        low, high = interval(self.hits, self.replicas, confidence)
        return Estimate(
            log_probability=math.log(self.hits / self.replicas) if self.hits else -math.inf,
            log_low=low,
            log_high=high,
            confidence=confidence,
            method=f"crude, {name}",
            replicas=self.replicas,
            seed=self.ensemble.seed,
            diagnostics={"hits": self.hits},
        )

    def block(self, first: int, count: int) -> int:
        """Return how many of these replicas come to the event."""
        ensemble, target = self.ensemble, self.target
        state = ensemble.arrays(first, count, first)
        target.require(ensemble.parameters, ChainState.from_arrays(state.log_odds, state.memory))
        if isinstance(target, Kept):
            failed_at = np.empty(count, dtype=np.int64)
            limits = (target.threshold, target.low, target.high)
            survive(state, ensemble.law(), ensemble.order(), first, *limits, target.steps, failed_at)
            return int((failed_at < 0).sum())
        if isinstance(target, Met):
            return self._met(first, state)
        ensemble.advance(state, first, 0, target.steps)
        reached = ChainState.from_arrays(state.log_odds, state.memory)
        return int(target.holds(ensemble.parameters, reached).sum())

    def _met(self, first: int, state: State) -> int:
        """Return how many paths come to the event: those of splitting, none of which branches."""
        count, steps = len(state.log_odds), self.target.steps
        labels = np.repeat(np.arange(first, first + count)[:, np.newaxis], steps, axis=1)
        side = np.where(state.log_odds >= 0, 1.0, -1.0)
        scores, outcome = np.empty((count, steps + 1)), np.zeros(count, np.int8)
        watch = watch_of(self.ensemble.parameters, self.target)
        follow(
            state,
            self.ensemble.law(),
            self.ensemble.order(),
            labels,
            side,
            *watch.as_arguments(),
            Coordinate.GIVEN,
            0,
            steps,
            scores,
            outcome,
        )
        return int((outcome == Outcome.HAPPENED).sum())
