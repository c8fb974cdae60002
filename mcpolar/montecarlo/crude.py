"""The crude estimator: the share of independent replicas in which the event happens, with its exact interval."""

from __future__ import annotations

import math

import numpy as np

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.compiled.survival import survive
from mcpolar.montecarlo.ensembles import Progress, over_blocks
from mcpolar.montecarlo.intervals import check_confidence, clopper_pearson
from mcpolar.montecarlo.targets import Kept, Target
from mcpolar.parameters import ChainParameters, whole_number
from mcpolar.results import Estimate
from mcpolar.rng import MOST_REPLICAS


def crude(
    parameters: ChainParameters,
    start: AnyStart,
    target: Target,
    *,
    replicas: int,
    seed: int,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability of `target` by counting, with the Clopper-Pearson interval.

    Parameters
    ----------
    parameters : ChainParameters
        The chain.
    start : Start, ChainState, or str
        Where the replicas start; a state of one replica serves them all.
    target : Kept or Reached
        The event.
    replicas : int
        Independent replicas, at least 1.
    seed : int
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
    """
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    check_confidence(confidence)
    ensemble = Ensemble.of(parameters, start, seed)

    def hits(first: int, count: int) -> int:
        log_odds, memory = ensemble.arrays(first, count, first)
        target.require(parameters, ChainState.from_arrays(log_odds, memory))
        if isinstance(target, Kept):
            failed_at = np.empty(count, dtype=np.int64)
            limits = (target.threshold, target.low, target.high)
            survive(log_odds, memory, *ensemble.law(), first, *limits, target.steps, failed_at)
            return int((failed_at < 0).sum())
        ensemble.advance(log_odds, memory, first, 0, target.steps)
        return int(target.holds(parameters, ChainState.from_arrays(log_odds, memory)).sum())

    found = sum(over_blocks(hits, replicas, target.steps, workers=workers, progress=progress))
    low, high = clopper_pearson(found, replicas, confidence)
    return Estimate(
        log_probability=math.log(found / replicas) if found else -math.inf,
        log_low=low,
        log_high=high,
        confidence=confidence,
        method="crude, Clopper-Pearson",
        replicas=replicas,
        seed=seed,
        diagnostics={"hits": found},
    )
