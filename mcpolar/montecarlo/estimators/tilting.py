"""Importance sampling of the fall of an agent, for memory size 1, by the tilt that makes the walk turn round.

With r = 1 an arrival y moves the receiver's own-side log-odds by 2y/sigma^2 (y counted on its side). A sender with
own-side log-odds L sends y with the density of the other side's component times (1 + e^(L + 2y/sigma^2)) / (1 + e^L).
So if one agent is sent the other component only, its log-odds run down as surely as they would rise in the chain, and
the density ratios are known in full; they multiply to about e^(-L_0), the size of the probability itself. For a single
agent they telescope to (1 + e^(L_end)) / (1 + e^(L_0)), between one and two times the smallest value: then the
weights hardly vary, whatever the probability. Which agent falls is drawn at random, and the weight is that of the
mixture of these laws, so that no path is counted twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, stdtrit

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.checks import check_confidence
from mcpolar.compiled.montecarlo.splitting import Happening
from mcpolar.compiled.montecarlo.tilting import fall_log_weights
from mcpolar.confidence.intervals import betting_lower
from mcpolar.confidence.sequences import hedged_betting
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.conditional import effective_sample_size, mean_of_weights
from mcpolar.montecarlo.estimators.twisting import FEWEST_EFFECTIVE
from mcpolar.montecarlo.sampler import WeightSampler, estimated
from mcpolar.montecarlo.targets import Met, Target
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate
from mcpolar.rng import Seed


def tilting(
    chain: ChainParameters,
    start: AnyStart,
    target: Met,
    *,
    replicas: int,
    seed: Seed,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability that some agent falls below the target's threshold, for memory size 1.

    For one agent the weights lie in a known range, and the interval (empirical Bernstein) covers at every sample
    size. For several agents the lower end (betting) does; the upper end takes the mean as normal (Student's t), and
    is 1 below an effective sample size of 20. The threshold should lie far below the start: from just above it agents
    fall otherwise than the tilt makes them, and :func:`mcpolar.montecarlo.twisting` is for that.

    Parameters
    ----------
    parameters, start, replicas, seed, confidence, workers, progress
        As for :func:`mcpolar.montecarlo.crude`; at least 2 replicas, and r = 1.
    target : Met
        From :func:`~mcpolar.montecarlo.targets.silo_left` or `complement`.

    Raises
    ------
    InputError
        If r is not 1, the event is another one, a start has fallen already, or a value is not allowed.

    Examples
    --------
    >>> from mcpolar.chain import Start
    >>> from mcpolar.montecarlo.targets import silo_left
    >>> chain = ChainParameters(m=1, r=1, sigma="0.5")
    >>> found = tilting(chain, Start("boundary", level=10), silo_left(100), replicas=1000, seed=1)
    >>> bool(-40 < found.log_probability < math.log(2) - 40)
    True
    """
    return estimated(
        lambda: Tilting.of(chain, start, target, seed),
        replicas,
        fewest=2,
        confidence=confidence,
        workers=workers,
        progress=progress,
    )


@dataclass(eq=False)
class Tilting(WeightSampler[tuple[NDArray[np.float64], float]]):
    """Log weights of the replicas so far, and the log of the largest that one agent can have."""

    ensemble: Ensemble
    target: Met
    log_weights: NDArray[np.float64]
    largest: float = -math.inf

    @classmethod
    def of(cls, chain: ChainParameters, start: AnyStart, target: Target, seed: Seed) -> Tilting:
        """Begin with no replicas."""
        chain.require_rules(reason="tilting weighs the paper's senders; use crude or splitting")
        if chain.r != 1:
            raise InputError("r", chain.r, "1 for tilting; use twisting or splitting")
        if not isinstance(target, Met) or target.happening is not Happening.FALLEN:
            raise InputError("target", target.sentence, "that some agent falls or leaves its silo")
        return cls(Ensemble.of(chain, start, seed), target, np.empty(0))

    @property
    def steps(self) -> int:
        """Steps of each replica."""
        return self.target.steps

    def take(self, blocks: list[tuple[NDArray[np.float64], float]], count: int) -> None:
        """Take in log weights, and the largest that one agent can have."""
        self.largest = max(self.largest, *(largest for _, largest in blocks))
        self.log_weights = np.concatenate([self.log_weights, *(weights for weights, _ in blocks)])

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of replicas."""
        weights = self.log_weights
        if self.ensemble.parameters.m == 1:
            ends = mean_of_weights(weights, self.largest, -math.inf, confidence)
            return self._estimate("empirical Bernstein", ends, confidence)
        log_mean, log_low, log_high = student_mean(weights, confidence)
        if effective_sample_size(weights) < FEWEST_EFFECTIVE:  # their spread is not known
            return self._estimate("betting below", (log_mean, log_low, 0.0), confidence)
        return self._estimate("betting below, Student above", (log_mean, log_low, log_high), confidence)

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with an interval that is valid at any time; above, for one agent only."""
        weights = self.log_weights
        if self.ensemble.parameters.m == 1:
            ends = mean_of_weights(weights, self.largest, -math.inf, confidence, hedged_betting)
            return self._estimate("betting confidence sequence", ends, confidence)
        log_mean, log_low, _ = student_mean(weights, confidence)
        return self._estimate("betting sequence below", (log_mean, log_low, 0.0), confidence)

    def _estimate(self, name: str, ends: tuple[float, float, float], confidence: float) -> Estimate:
        return Estimate(
            *ends,
            confidence=confidence,
            method=f"tilting, {name}",
            replicas=self.replicas,
            seed=self.ensemble.seed,
            diagnostics={"effective_sample_size": effective_sample_size(self.log_weights)},
        )

    def block(self, first: int, count: int) -> tuple[NDArray[np.float64], float]:
        """Return the log weights of these replicas, and the largest that one agent can have."""
        state, threshold = self.ensemble.arrays(first, count, first), self.target.threshold
        self.target.require(self.ensemble.parameters, ChainState.from_arrays(state.log_odds, state.memory))
        own = np.abs(state.log_odds)
        if (own < threshold).any():
            raise InputError("start", "a state outside", f"with own-side log-odds >= {threshold:.6g}")
        out = np.empty(count)
        fall_log_weights(
            state, self.ensemble.law(), self.ensemble.order(), first, threshold, self.target.steps, out
        )
        return out, float(np.logaddexp(0, threshold) - np.logaddexp(0, own.min()))


def student_mean(log_weights: NDArray[np.float64], confidence: float) -> tuple[float, float, float]:
    """Return logs of the mean of weights, of a betting lower end, and of Student's upper end."""
    error = check_confidence(confidence) / 2
    n, scale = log_weights.size, float(log_weights.max())
    if scale == -math.inf:
        return -math.inf, -math.inf, 0.0
    weights = np.exp(log_weights - scale)
    high = weights.mean() - stdtrit(n - 1, error) * weights.std(ddof=1) / math.sqrt(n)
    log_mean = float(logsumexp(log_weights)) - math.log(n)
    return log_mean, betting_lower(log_weights, error), min(0.0, scale + math.log(high))
