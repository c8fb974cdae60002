"""Importance sampling of an agent's leaving its silo, for every memory size: its arrivals are drawn by a twist.

Which agent leaves first is drawn at random; its arrivals are those of the chain weighted by the guess of
:mod:`mcpolar.montecarlo.estimators.twist_fit`, constant over small cells, so that the law of each is known in full;
all else is the chain. The probability is m times the mean, over this law, of the density ratio on the paths on which
that agent is the first to leave. No approximation enters: a bad guess costs variance, and never bias.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.checks import check_confidence
from mcpolar.compiled.montecarlo.splitting import Happening
from mcpolar.compiled.montecarlo.twisting import leave_log_weights
from mcpolar.confidence.intervals import betting_lower, nonnegative_mean
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.conditional import effective_sample_size
from mcpolar.montecarlo.estimators.twist_fit import PLAIN, FittedTwist, twist_of_start
from mcpolar.montecarlo.sampler import WeightSampler, estimated
from mcpolar.montecarlo.targets import Met, Target
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate, Status
from mcpolar.rng import Seed

GROUPS = 40
FEWEST_REPLICAS = 10 * GROUPS
FEWEST_EFFECTIVE = 20.0


def twisting(
    chain: ChainParameters,
    start: AnyStart,
    target: Met,
    *,
    replicas: int,
    seed: Seed,
    twist: FittedTwist | None = None,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability that some agent falls below the target's threshold.

    The lower end of the interval (betting on the weights) covers at every sample size. The upper end takes the means
    of 40 groups of weights as log-normal.

    Parameters
    ----------
    parameters, start, replicas, seed, confidence, workers, progress
        As for :func:`mcpolar.montecarlo.crude`; at least 400 replicas, r at most 20 and sigma at least 0.1.
    target : Met
        From :func:`~mcpolar.montecarlo.targets.silo_left` or `complement`.
    twist : FittedTwist, optional
        From :func:`mcpolar.montecarlo.estimators.twist_fit.fitted_twist`, to share it between starts; for this r,
        sigma and threshold. Default: fitted to the start.

    Returns
    -------
    Estimate
        Its diagnostics hold the effective sample size, the step by which 99 % of the probability has come, and the
        status: "collapsed" where the effective sample size is below 20; then the upper end is 1. The probability is
        the mean of the weights, whatever they are: only so is it unbiased.

    Raises
    ------
    InputError
        If the event is another one, a start has fallen already, or a value is not allowed.

    Examples
    --------
    >>> from mcpolar.chain import Start
    >>> from mcpolar.montecarlo.targets import silo_left
    >>> chain = ChainParameters(m=4, r=2, sigma="0.5")
    >>> found = twisting(chain, Start("boundary", level=5), silo_left(200), replicas=1000, seed=1)
    >>> found.status.value, bool(-9 < found.log10 < -6)
    ('sound', True)
    """
    return estimated(
        lambda: Twisting.of(chain, start, target, seed, twist),
        replicas,
        fewest=FEWEST_REPLICAS,
        confidence=confidence,
        workers=workers,
        progress=progress,
    )


@dataclass(eq=False)
class Twisting(WeightSampler[tuple[NDArray[np.float64], NDArray[np.int64]]]):
    """Log weights of the replicas so far, and the steps at which their agents left."""

    ensemble: Ensemble
    target: Met
    twist: FittedTwist
    log_weights: NDArray[np.float64]
    fall_steps: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        chain: ChainParameters,
        start: AnyStart,
        target: Target,
        seed: Seed,
        twist: FittedTwist | None = None,
    ) -> Twisting:
        """Begin with no replicas; fit a twist unless one is given."""
        chain.require_rules(reason="a twist is fitted to the paper's rules; use crude or splitting")
        if not isinstance(target, Met) or target.happening is not Happening.FALLEN:
            raise InputError("target", target.sentence, "that some agent falls or leaves its silo")
        ensemble = Ensemble.of(chain, start, seed)
        if twist is None:
            twist = twist_of_start(ensemble, target.threshold)
        twist.require(chain, target.threshold)
        return cls(ensemble, target, twist, np.empty(0), np.empty(0, np.int64))

    @property
    def steps(self) -> int:
        """Steps of each replica."""
        return self.target.steps

    def take(self, blocks: list[tuple[NDArray[np.float64], NDArray[np.int64]]], count: int) -> None:
        """Take in log weights, and the steps at which the agents left."""
        self.log_weights = np.concatenate([self.log_weights, *(weights for weights, _ in blocks)])
        self.fall_steps = np.concatenate([self.fall_steps, *(steps for _, steps in blocks)])

    def estimate(self, confidence: float) -> Estimate:
        """Return the estimate with the interval for this number of replicas; below 400 it has no upper end."""
        if self.replicas < FEWEST_REPLICAS:
            return self._estimate("betting below", 0.0, confidence)
        return self._estimate("betting below, log-normal above", self._upper(confidence), confidence)

    def running(self, confidence: float) -> Estimate:
        """Return the estimate with a lower end that covers at all times together; there is no such upper end."""
        return self._estimate("betting sequence below", 0.0, confidence)

    def _upper(self, confidence: float) -> float:
        """Return the upper end from the means of groups, whose logs are nearer to a normal law than the weights'."""
        groups = np.array_split(self.log_weights, GROUPS)
        means = np.array([logsumexp(group) - math.log(group.size) for group in groups])
        return nonnegative_mean(means, confidence)[2]

    def _estimate(self, name: str, log_high: float, confidence: float) -> Estimate:
        weights, error = self.log_weights, check_confidence(confidence) / 2
        log_mean = float(logsumexp(weights)) - math.log(weights.size)
        return Estimate(
            log_probability=min(log_mean, 0.0),
            log_low=min(betting_lower(weights, error), 0.0),
            log_high=min(log_high, 0.0) if self.is_sound else 0.0,
            confidence=confidence,
            method=f"twisting, {name}",
            replicas=self.replicas,
            seed=self.ensemble.seed,
            diagnostics={
                "status": Status.SOUND if self.is_sound else Status.COLLAPSED,
                "effective_sample_size": effective_sample_size(weights),
                "misfit": self.twist.misfit,
                "last_step": self._last_step(),
            },
        )

    @property
    def is_sound(self) -> bool:
        """Whether so many weights count that a log-normal upper end can be trusted."""
        return effective_sample_size(self.log_weights) >= FEWEST_EFFECTIVE

    def trial(self, cell: int) -> Twisting:
        """Return the same with draws of its own and no replicas yet."""
        ensemble = replace(self.ensemble, cell=(cell,))
        return replace(self, ensemble=ensemble, log_weights=np.empty(0), fall_steps=np.empty(0, np.int64))

    def _last_step(self) -> int:
        """Return by which step 99 % of the weight has come."""
        if self.log_weights.max() == -math.inf:
            return self.target.steps
        order = np.argsort(self.fall_steps, kind="stable")
        share = np.cumsum(np.exp(self.log_weights[order] - self.log_weights.max()))
        return int(self.fall_steps[order][np.searchsorted(share, 0.99 * share[-1])])

    def block(self, first: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return the log weights of these replicas, and the steps at which their agents left."""
        state = self.ensemble.arrays(first, count, first)
        threshold = self.target.threshold
        self.target.require(self.ensemble.parameters, ChainState.from_arrays(state.log_odds, state.memory))
        if (np.abs(state.log_odds) < threshold).any():
            raise InputError("start", "a state outside", f"with own-side log-odds >= {threshold:.6g}")
        weights, steps = np.empty(count), np.empty(count, np.int64)
        leave_log_weights(
            state,
            self.ensemble.law(),
            self.ensemble.order(),
            first,
            self.twist.twist,
            self.twist.cells,
            PLAIN,
            threshold,
            self.target.steps,
            weights,
            steps,
        )
        return weights, steps
