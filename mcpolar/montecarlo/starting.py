"""The starts of a question: its usual one, and how a start of the user's fits it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, cast

import numpy as np
from scipy.special import logsumexp

from mcpolar.chain import ChainState, Start
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.twist_fit import is_fitted_for
from mcpolar.montecarlo.estimators.twisting import Twisting
from mcpolar.montecarlo.targets import STEPS_FOR_ALL_TIME, rounded_up, silo_left, target_of
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR_END, NEAR_END, ByGroups, HardStart, Polarized, Question, WellBehaved
from mcpolar.rng import Reserved
from mcpolar.steps import Steps

START_PILOT = 1000
_EXACT = Context(prec=100)


def chosen_start(question: Question, start: Start | ChainState | str | None) -> Start | ChainState:
    """Return the user's start; a kind by name takes level, log-odds and split of the question, None is the default."""
    if start is None:
        return default_start(question)
    return _named(question, HardStart(start)) if isinstance(start, str) else start


def default_start(question: Question) -> Start | ChainState:
    """Return the start that is used when the user names none; of several hard ones a pilot run takes one."""
    starts = [_named(question, hard) for hard in question.hard]
    if not starts:
        return _usual(question)
    if len(starts) == 1 or not is_fitted_for(question.chain):
        return starts[-1]
    return _riskiest(question, starts)


def _usual(question: Question) -> Start | ChainState:
    """Return the start of a question that names no hard one."""
    if isinstance(question.starts, Polarized):
        return _named(question, HardStart("boundary"))
    if isinstance(question.starts, WellBehaved):
        return undecided_well_behaved(question.chain)
    if isinstance(question.starts, ByGroups):
        return lowest_of(question.starts, question.chain)
    return Start("undecided")


def _named(question: Question, hard: HardStart) -> Start:
    """Return a named start; where it names no level, log-odds or split, those of the set of starts."""
    given: dict[str, Any] = {name: value for name, value in vars(hard).items() if value is not None}
    kind, starts = given.pop("kind"), question.starts
    if isinstance(starts, Polarized) and Start(cast(Any, kind)).is_decided:
        if not {"level", "log_odds"} & set(given):
            given |= {"level": starts.level} if starts.level else {"log_odds": _decimal(starts.log_odds)}
        if starts.split not in (None, question.chain.m) and kind != "bipolar":
            given.setdefault("split", starts.split)
    return Start(cast(Any, kind), **given)


def _decimal(number: Fraction) -> Decimal:
    """Return a fraction that came from a decimal as that decimal."""
    return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def _riskiest(question: Question, starts: list[Start]) -> Start:
    """Return the start from which a silo is left likeliest, by a pilot of each; of equal ones the first."""
    chain = question.chain
    longest = Steps.read(STEPS_FOR_ALL_TIME, chain.m).whole
    steps = min(target_of(question).steps, longest)
    found = []
    for start in starts:
        sampler = Twisting.of(chain, start, silo_left(steps), 1)
        sampler.ensemble = replace(sampler.ensemble, cell=(Reserved.START,))
        sampler.extend(START_PILOT)
        found.append(float(logsumexp(sampler.log_weights)))
    return starts[int(np.argmax(found))]


def undecided_well_behaved(chain: ChainParameters) -> ChainState:
    """Return the well-behaved state with every weight 1/2 and memory in turn at the inner ends of both intervals."""
    ends = np.resize([NEAR_END, -NEAR_END], (1, chain.m, chain.r))
    return ChainState.from_arrays(np.zeros((1, chain.m)), ends)


def lowest_of(starts: ByGroups, chain: ChainParameters) -> ChainState:
    """Return the state by groups with the lowest log-odds and memory; where memory may be anywhere, at -1."""
    places = {"plus": NEAR_END, "minus": -FAR_END, "any": -1.0}
    counts = [group.agents for group in starts.groups]
    log_odds = np.repeat([rounded_up(group.log_odds) for group in starts.groups], counts)
    memory = np.repeat([places[group.memory] for group in starts.groups], counts)
    return ChainState.from_arrays(log_odds, np.repeat(memory[:, np.newaxis], chain.r, axis=1))


def split_of(start: Start | ChainState | str, chain: ChainParameters) -> int | None:
    """Return how many agents a start puts on the + side; None for one that leaves it to chance or to the statement.

    Raises
    ------
    InputError
        If its states differ in this.
    """
    if isinstance(start, str):
        return chain.m // 2 if start == "bipolar" else None
    if isinstance(start, Start):
        return start.positive_agents(chain) if start.is_decided else None
    positive = (start.log_odds >= 0).sum(axis=1)
    least, most = int(positive.min()), int(positive.max())
    if least < most:
        given = f"states with {least} to {most} of {start.m} agents on the + side"
        raise InputError("start", given, "states that all have as many agents on the + side")
    return least


def describe(start: Start | ChainState) -> str:
    """Return the start in a few words."""
    if isinstance(start, ChainState):
        return f"given states ({start.n_replicas})"
    options = {key: value for key, value in start.as_dict().items() if key != "kind" and value is not None}
    return ", ".join([start.kind, *(f"{key} {value}" for key, value in options.items())])
