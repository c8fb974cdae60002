"""A bound beside an estimate of the probability that it bounds, and the verdict."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.special import logsumexp

from mcpolar.chain import ChainState, Start
from mcpolar.checks import whole_number
from mcpolar.confidence.intervals import check_confidence
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.splitting import FEWEST_REPETITIONS, AnyCoordinate
from mcpolar.montecarlo.estimators.twist_fit import is_fitted_for
from mcpolar.montecarlo.estimators.twisting import Twisting
from mcpolar.montecarlo.method import Choice, Method
from mcpolar.montecarlo.sampler import Sampler, until_decided
from mcpolar.montecarlo.targets import Reached, Target, level_kept, silo_left, silos_kept
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound, Comparison, Estimate, Verdict
from mcpolar.rng import MOST_REPLICAS
from mcpolar.statements import Statement
from mcpolar.steps import Steps

PERMANENCE_STEPS = "10*m*log(m+1)"
FIRST_LOOK = 64  # replicas at the first look of a run that is watched; of splitting, FEWEST_REPETITIONS


def validate(
    statement: Statement,
    bound: Bound,
    parameters: ChainParameters,
    at: Mapping[str, Any],
    *,
    start: Start | ChainState | None = None,
    method: Method = "auto",
    replicas: int = 10_000,
    budget: float | None = None,
    coordinate: AnyCoordinate | None = None,
    confidence: float = 0.999,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Estimate the probability that `bound` bounds, and compare.

    Parameters
    ----------
    statement : Statement
        What is bounded.
    bound : Bound
        Its value at `parameters` and `at`.
    parameters : ChainParameters
        The chain.
    at : mapping
        The statement's own arguments: level, steps, split, ascent, log_odds.
    start : Start or ChainState, optional
        A start that the statement allows. Default: the boundary of the level, where its bound is nearly attained
        (for permanence with all memory at 1/2 or at 3/2, whichever is left more often in a pilot run);
        undecided agents for statements about any state.
    method : {"auto", "crude", "conditional", "splitting", "tilting", "twisting"}
        "auto" takes the conditional estimator where the event confines every arrival; elsewhere a thousand replicas
        of their own tell whether the event (or its failure) is too rare to be counted, and splitting is taken then.
        For silo-persistence and permanence splitting, tilting (r = 1) and twisting (r up to 20) estimate the chance
        of failure; "auto" takes tilting or twisting for permanence.
    replicas : int
        Independent replicas; of splitting, paths in 40 repetitions together.
    budget : float, optional
        Seconds. If given, the run stops as soon as the verdict is certain at the confidence, at any number of
        replicas, or when the budget is spent.
    coordinate : str or callable, optional
        The reaction coordinate of splitting.
    confidence, seed, workers, progress
        As for :func:`mcpolar.montecarlo.crude`.

    Returns
    -------
    Comparison
        "validated" if the whole interval lies at or above the bound, "violated" if it lies below, else "consistent".
        For a statement for all time a finite run can only refute: its verdict is at most "consistent".

    Raises
    ------
    InputError
        If the statement has no simulated event, or the start or a value is not allowed.
    """
    clock = time.perf_counter()
    target = target_of(statement, bound, parameters, at)
    begin = start if start is not None else default_start(statement, at, parameters)
    chosen = Choice(statement, parameters, begin, target, method, replicas, coordinate, seed, workers)
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    check_confidence(confidence)
    sampler, event = chosen.sampler()

    def verdict_of(estimate: Estimate) -> Verdict:
        found = judge(bound, estimate)
        if bound.horizon_steps is None and found == "validated":
            return "consistent"
        # an event that lies in the statement's own may be less probable than the bound
        return "consistent" if event != target.sentence and found == "violated" else found

    stopped = {}
    if budget is None:
        estimate = _estimate(chosen, sampler, confidence, workers, progress)
        verdict = verdict_of(estimate)
    else:
        first = FEWEST_REPETITIONS if sampler.unit == "repetitions" else FIRST_LOOK
        ended = until_decided(
            sampler,
            verdict_of,
            budget=budget,
            first_look=first,
            confidence=confidence,
            workers=workers,
            progress=progress,
        )
        estimate, verdict, stopped = ended.estimate, ended.verdict, {"stopped": ended.reason}
    described = {
        **bound.parameters,
        "simulated_steps": target.steps,
        "start": describe(begin),
        "event": event,
        **stopped,
    }
    return Comparison(bound, estimate, verdict, described, time.perf_counter() - clock)


def _estimate(
    chosen: Choice, sampler: Sampler, confidence: float, workers: int | None, progress: Progress | None
) -> Estimate:
    """Return the estimate; where "auto" met a collapse, of four times as many, and at last of counting."""
    sampler.extend(chosen.count_of(sampler), workers=workers, progress=progress)
    estimate = sampler.estimate(confidence)
    for other in chosen.after_collapse(sampler):
        if chosen.method == "auto" and math.isnan(estimate.log_probability):
            sampler = other.sampler()[0]
            sampler.extend(other.count_of(sampler), workers=workers)
            estimate = sampler.estimate(confidence)
    return estimate


def judge(bound: Bound, estimate: Estimate) -> Verdict:
    """Return the verdict, in decimal logs; a few units of rounding count against "validated" and "violated"."""
    low, high = estimate.log_low / math.log(10), estimate.log_high / math.log(10)
    if low - ROUNDING * abs(low) >= bound.log10:
        return "validated"
    return "violated" if high + ROUNDING * abs(high) < bound.log10 else "consistent"


ROUNDING = 4 * float(np.finfo(float).eps)


def target_of(
    statement: Statement, bound: Bound, parameters: ChainParameters, at: Mapping[str, Any]
) -> Target:
    """Return the event that the statement bounds, at its arguments, over the whole steps of the bound's horizon."""
    name, level = statement.name, int(at.get("level") or 1)
    if name == "permanence":
        steps = Steps.read(at.get("steps") or PERMANENCE_STEPS, parameters.m).whole
        return replace(
            silos_kept(Fraction(0), steps), sentence=f"no agent changes its silo over {steps} steps"
        )
    if name not in SIMULATED or bound.horizon_steps is None:
        raise InputError("statement", statement.command, "one of " + ", ".join(SIMULATED).replace("_", "-"))
    steps = math.floor(bound.horizon_steps)
    if name == "theorem2":
        return level_kept(parameters, level, steps)
    if name == "silo_persistence":
        own = at.get("log_odds")
        return silos_kept(Fraction(Decimal(str(own))) if own else level * parameters.precision, steps)
    if name == "theorem2_ascent":
        top = level + int(at.get("ascent") or 1)
        return Reached(steps, top, f"level {top} holds at the end", from_level=level)
    if name == "lemma1":
        return Reached(steps, None, "all memory is well-behaved at the end")
    return Reached(steps, level, f"level {level} holds at the end", from_well_behaved=name == "lemma2")


SIMULATED = ("lemma1", "lemma2", "theorem1", "theorem2", "theorem2_ascent", "silo_persistence", "permanence")


def default_start(
    statement: Statement, at: Mapping[str, Any], parameters: ChainParameters
) -> Start | ChainState:
    """Return the start that is used when the user names none."""
    if statement.name in ("lemma1", "theorem1"):
        return Start("undecided")
    if statement.name == "lemma2":
        return undecided_well_behaved(parameters)
    own = at.get("log_odds")
    level = None if own else at.get("level") or 1
    usual = Start("boundary", level=level, log_odds=own, split=at.get("split"))
    if statement.name != "permanence" or parameters.r == 1:
        return usual
    steps = Steps.read(at.get("steps") or PERMANENCE_STEPS, parameters.m).whole
    return _riskier(parameters, usual, min(steps, Steps.read(PERMANENCE_STEPS, parameters.m).whole))


def _riskier(parameters: ChainParameters, inner: Start, steps: int) -> Start:
    """Return the start with memory at 1/2 or at 3/2 from which failures are likelier, by a pilot of each.

    Elements at 3/2 give way to arrivals near 0 before bad ones do: the chance from there may be a thousand times that
    from 1/2. The latter is larger where a few bad arrivals are enough.
    """
    outer = replace(inner, placement="outer")
    if not is_fitted_for(parameters):
        return outer
    found = []
    for start in (inner, outer):
        sampler = Twisting.of(parameters, start, silo_left(steps), 1)
        sampler.ensemble = replace(sampler.ensemble, cell=(_START_CELL,))
        sampler.extend(START_PILOT)
        found.append(float(logsumexp(sampler.log_weights)))
    return inner if found[0] >= found[1] else outer


START_PILOT = 1000
_START_CELL = 2**32 - 3  # draws of its own


def undecided_well_behaved(parameters: ChainParameters) -> ChainState:
    """Return the well-behaved state with every weight 1/2 and memory in turn at the inner ends of both intervals."""
    ends = np.resize([0.5, -0.5], (1, parameters.m, parameters.r))
    return ChainState.from_arrays(np.zeros((1, parameters.m)), ends)


def describe(start: Start | ChainState) -> str:
    """Return the start in a few words."""
    if isinstance(start, ChainState):
        return f"given states ({start.n_replicas})"
    options = {key: value for key, value in start.as_dict().items() if key != "kind" and value is not None}
    return ", ".join([start.kind, *(f"{key} {value}" for key, value in options.items())])
