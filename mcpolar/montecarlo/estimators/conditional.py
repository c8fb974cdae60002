"""The conditional estimator of "good at every step": only good arrivals are drawn, and their chances multiplied.

At each step the receiver and the sender are drawn as in the chain. Given them the chance that the arrival lands in
the receiver's interval is known exactly; the arrival is drawn from the sender's mixture conditioned on that, and the
logarithms of the chances are summed. The mean of the products is the probability, without bias, and the products
vary little even where the probability is 1e-45 or 1e-700.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, expit, logsumexp, ndtr

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.compiled.montecarlo.kept import conditional_log_weights
from mcpolar.confidence.intervals import empirical_bernstein
from mcpolar.confidence.sequences import hedged_betting
from mcpolar.errors import InputError
from mcpolar.montecarlo.sampler import WeightSampler, estimated
from mcpolar.montecarlo.targets import Kept
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate
from mcpolar.rng import Seed
from mcpolar.rules import NEAREST

Interval: TypeAlias = Callable[[NDArray[np.float64], float, float], tuple[float, float]]


def conditional(
    chain: ChainParameters,
    start: AnyStart,
    target: Kept,
    *,
    replicas: int,
    seed: Seed,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability that every arrival lands in its receiver's interval, in log space.

    The weights lie between 0 and the largest product of chances, so that the interval (empirical Bernstein or
    Hoeffding) covers at every sample size; no normal approximation is made.

    Parameters
    ----------
    parameters, start, replicas, seed, confidence, workers, progress
        As for :func:`mcpolar.montecarlo.crude`; at least 2 replicas.
    target : Kept
        The event; its interval must be bounded on the left, as it would not be an event about arrivals otherwise.

    Returns
    -------
    Estimate
        With the effective sample size and the relative half-width of the interval among its diagnostics.

    Raises
    ------
    InputError
        If a value is not allowed, or the start does not satisfy the event.

    Examples
    --------
    >>> from mcpolar.chain import Start
    >>> from mcpolar.montecarlo import level_kept
    >>> chain = ChainParameters(m=30, r=5, sigma="0.3")
    >>> found = conditional(chain, Start("boundary", level=1), level_kept(chain, 1, 1021), replicas=500, seed=1)
    >>> -45 < found.log_low / 2.302585 < found.log_high / 2.302585 < -44
    True
    """
    return estimated(
        lambda: Weighing.of(chain, start, target, seed),
        replicas,
        fewest=2,
        confidence=confidence,
        workers=workers,
        progress=progress,
    )


@dataclass(eq=False)
class Weighing(WeightSampler[tuple[NDArray[np.float64], bool]]):
    """Log weights of the replicas so far."""

    ensemble: Ensemble
    target: Kept
    chances: tuple[float, float, float, float]
    log_weights: NDArray[np.float64]
    own_senders: bool = True

    @classmethod
    def of(cls, chain: ChainParameters, start: AnyStart, target: Kept, seed: Seed) -> Weighing:
        """Begin with no replicas."""
        if target.low == -math.inf:
            raise InputError("method", "conditional", "crude for an event that does not confine the arrivals")
        ensemble = Ensemble.of(chain, start, seed)
        return cls(ensemble, target, component_chances(chain, target), np.empty(0))

    @property
    def steps(self) -> int:
        """Steps of each replica."""
        return self.target.steps

    def take(self, blocks: list[tuple[NDArray[np.float64], bool]], count: int) -> None:
        """Take in log weights, and whether all senders were of their receivers' sides."""
        self.own_senders = self.own_senders and all(own for _, own in blocks)
        self.log_weights = np.concatenate([self.log_weights, *(block for block, _ in blocks)])

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of replicas."""
        return self._estimate(empirical_bernstein, "empirical Bernstein", confidence)

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with an interval that covers at all numbers of replicas together."""
        return self._estimate(hedged_betting, "betting confidence sequence", confidence)

    def _estimate(self, interval: Interval, name: str, confidence: float) -> Estimate:
        weights = self.log_weights
        least, largest = _weight_range(self.chances, self.target, self.own_senders)
        if self.target.least_updates:
            least = -math.inf
        log_mean, log_low, log_high = mean_of_weights(weights, largest, least, confidence, interval)
        slack = rounding_of_logs(self.target.steps, log_high)
        return Estimate(
            log_probability=log_mean,
            log_low=log_low - slack,
            log_high=min(0.0, log_high + slack),
            confidence=confidence,
            method=f"conditional, {name}",
            replicas=self.replicas,
            seed=self.ensemble.seed,
            diagnostics={
                "effective_sample_size": effective_sample_size(weights),
                "relative_half_width": math.expm1(log_high - log_low) / 2
                if log_low > -math.inf
                else math.inf,
            },
        )

    def block(self, first: int, count: int) -> tuple[NDArray[np.float64], bool]:
        """Return the log weights of these replicas, and whether all senders are of their receivers' sides."""
        moving, target = self.ensemble.arrays(first, count, first), self.target
        state = ChainState.from_arrays(moving.log_odds, moving.memory)
        target.require(self.ensemble.parameters, state)
        out = np.empty(count)
        limits = (target.low, target.high)
        conditional_log_weights(
            moving,
            self.ensemble.law(),
            self.ensemble.order(),
            first,
            *limits,
            *self.chances,
            target.least_updates,
            target.steps,
            out,
        )
        return out, senders_stay_own(self.ensemble.parameters, state, target.threshold)


def rounding_of_logs(steps: int, log_probability: float) -> float:
    """Return how far rounding can have moved a sum of `steps` logs of one sign.

    Each term has a few rounding errors of its own (its chances are good to some units in the last place), and each
    addition one more. Where weights hardly vary this is wider than their interval.
    """
    return (steps + 32) * float(np.finfo(float).eps) * abs(log_probability)


def effective_sample_size(log_weights: NDArray[np.float64]) -> float:
    """Return (sum of weights)^2 / sum of their squares; 0 where all are 0."""
    if log_weights.max() == -math.inf:
        return 0.0
    return float(np.exp(2 * logsumexp(log_weights) - logsumexp(2 * log_weights)))


def mean_of_weights(
    log_weights: NDArray[np.float64],
    largest: float,
    least: float,
    confidence: float,
    interval: Interval = empirical_bernstein,
) -> tuple[float, float, float]:
    """Return log of the mean of exp(log_weights) and of its interval, given the logs of the weights' range.

    It works on shortfalls 1 - exp(W - largest), so that neither a mean near 1 nor one of 1e-700 is rounded away.
    """
    n = log_weights.size
    shortfalls = -np.expm1(log_weights - largest)
    width = -math.expm1(least - largest)
    # a weight at an end of its range may have been rounded beyond it; what is farther out is refused by the interval
    at_ends = shortfalls.clip(0.0, width)
    shortfalls = np.where(np.abs(shortfalls - at_ends) <= 1e-6 * max(1.0, abs(largest)), at_ends, shortfalls)
    low, high = interval(shortfalls, width, confidence)
    shortfall = float(shortfalls.mean())
    return (
        largest + math.log1p(-shortfall) if shortfall < 0.5 else float(logsumexp(log_weights)) - math.log(n),
        largest + math.log1p(-high) if high < 1 else -math.inf,
        largest + math.log1p(-low),
    )


def senders_stay_own(chain: ChainParameters, state: ChainState, threshold: float) -> bool:
    """Return whether every sender is of its receiver's side as long as own-side log-odds stay >= threshold.

    True with all agents on one side, or when every agent's k nearest are of its side (theory.md, T2').
    """
    positive = (state.log_odds >= 0).sum(axis=1)
    smaller = np.minimum(positive, chain.m - positive)
    if chain.k is None or chain.neighbours != NEAREST or threshold <= math.log(2):
        return bool((smaller == 0).all())
    return bool(((smaller == 0) | (chain.k + 1 <= smaller)).all())


def component_chances(chain: ChainParameters, target: Kept) -> tuple[float, float, float, float]:
    """Return the chances that a draw of the own component hits and misses the interval, then the other's."""
    sigma = float(chain.sigma)
    own = ((target.low - 1) / sigma, (target.high - 1) / sigma)
    other = ((target.low + 1) / sigma, (target.high + 1) / sigma)
    return _hit(*own), _miss(*own), _hit(*other), _miss(*other)


def _hit(low: float, high: float) -> float:
    """Return P(low <= Z <= high), low < high, without cancellation in a tail or around 0."""
    if low > 0:
        return float(ndtr(-low) - ndtr(-high))
    return float(erf(high / math.sqrt(2)) - erf(low / math.sqrt(2))) / 2


def _miss(low: float, high: float) -> float:
    """Return P(Z < low or Z > high) without cancellation."""
    return float(ndtr(low) + ndtr(-high))


def _weight_range(
    chances: tuple[float, float, float, float], target: Kept, own_senders: bool
) -> tuple[float, float]:
    """Return logs of the least and the largest product of chances that a replica can have.

    Good arrivals never lower own-side log-odds, so an own-side sender's weight on the other component stays at most
    its value at the threshold; any other sender may have all its weight there.
    """
    own_hit, own_miss, other_hit, other_miss = chances
    other_weight = float(expit(-target.threshold)) if own_senders else 1.0
    own_weight = float(expit(target.threshold)) if own_senders else 0.0
    ends = (
        (own_hit, own_miss),
        (own_weight * own_hit + other_weight * other_hit, own_weight * own_miss + other_weight * other_miss),
    )
    logs = [math.log1p(-miss) if miss < 0.5 else (math.log(hit) if hit else -math.inf) for hit, miss in ends]
    return target.steps * min(logs), target.steps * max(logs)
