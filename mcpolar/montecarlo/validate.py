"""A bound beside an estimate of the probability that it bounds, and the verdict."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np

from mcpolar.chain import ChainState, Start
from mcpolar.errors import InputError
from mcpolar.montecarlo.conditional import conditional
from mcpolar.montecarlo.crude import crude
from mcpolar.montecarlo.ensembles import Progress
from mcpolar.montecarlo.targets import Kept, Reached, Target, level_kept, on_own_side, silos_kept
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound, Comparison, Estimate, Verdict
from mcpolar.statements import Statement
from mcpolar.steps import Steps

Method: TypeAlias = Literal["auto", "crude", "conditional"]
METHODS: tuple[Method, ...] = ("auto", "crude", "conditional")
PERMANENCE_STEPS = "10*m*log(m+1)"


def validate(
    statement: Statement,
    bound: Bound,
    parameters: ChainParameters,
    at: Mapping[str, Any],
    *,
    start: Start | ChainState | None = None,
    method: Method = "auto",
    replicas: int = 10_000,
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
        A start that the statement allows. Default: the boundary of the level, where its bound is nearly attained;
        undecided agents for statements about any state.
    method : {"auto", "crude", "conditional"}
        "auto" takes the conditional estimator where the event confines every arrival.
    replicas, confidence, seed, workers, progress
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
    if method not in METHODS:
        raise InputError("method", method, "one of " + ", ".join(METHODS))
    target = target_of(statement, bound, parameters, at)
    begin = start if start is not None else default_start(statement, at, parameters)
    estimator, event = choose(method, statement, target)
    clock = time.perf_counter()
    estimate = estimator(
        parameters,
        begin,
        event,
        replicas=replicas,
        seed=seed,
        confidence=confidence,
        workers=workers,
        progress=progress,
    )
    verdict = judge(bound, estimate)
    if bound.horizon_steps is None and verdict == "validated":
        verdict = "consistent"
    described = {
        **bound.parameters,
        "simulated_steps": target.steps,
        "start": describe(begin),
        "event": event.sentence,
    }
    return Comparison(bound, estimate, verdict, described, time.perf_counter() - clock)


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
    return Start("boundary", level=level, log_odds=own, split=at.get("split"))


def undecided_well_behaved(parameters: ChainParameters) -> ChainState:
    """Return the well-behaved state with every weight 1/2 and memory in turn at the inner ends of both intervals."""
    ends = np.resize([0.5, -0.5], (1, parameters.m, parameters.r))
    return ChainState.from_arrays(np.zeros((1, parameters.m)), ends)


def choose(method: Method, statement: Statement, target: Target) -> tuple[Any, Target]:
    """Return the estimator and the event that it estimates."""
    confined = isinstance(target, Kept) and math.isfinite(target.low)
    if method == "conditional" and isinstance(target, Kept) and not confined:
        if statement.name == "permanence":
            raise InputError("method", method, "crude for permanence")
        return conditional, on_own_side(
            target
        )  # a smaller event: its probability still is at least the bound
    if method == "conditional" and not confined:
        raise InputError(
            "method", method, f"crude for {statement.command}: its event does not confine every arrival"
        )
    return (conditional if confined and method != "crude" else crude), target


def describe(start: Start | ChainState) -> str:
    """Return the start in a few words."""
    if isinstance(start, ChainState):
        return f"given states ({start.n_replicas})"
    options = {key: value for key, value in start.as_dict().items() if key != "kind" and value is not None}
    return ", ".join([start.kind, *(f"{key} {value}" for key, value in options.items())])
