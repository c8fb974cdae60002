"""The events whose probabilities are estimated, beside the statements that bound them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from mcpolar.chain import ChainState, level_log_odds
from mcpolar.compiled.montecarlo.splitting import Happening
from mcpolar.errors import InputError
from mcpolar.events import is_polarized, is_well_behaved
from mcpolar.parameters import ChainParameters
from mcpolar.questions import (
    FAR_END,
    NEAR_END,
    Agreed,
    AnyState,
    AtEnd,
    AtSomeStep,
    ByGroups,
    Polarized,
    Question,
    Starts,
    Throughout,
    WellBehaved,
)
from mcpolar.steps import Steps

ANY = AnyState()


@dataclass(frozen=True)
class Kept:
    """Every agent keeps its side at every step 0..steps: own-side log-odds and arrivals stay in bounds.

    "Own side" is the side at time 0: log-odds and memory are counted with its sign.

    Attributes
    ----------
    steps : int
        Number of single-agent steps.
    threshold : float
        Own-side log-odds of an updated agent must be at least this.
    low, high : float
        Own-side arrivals must fall in [low, high]; infinite ends allow everything.
    sentence : str
        The event in words.
    least_updates : int
        Every agent must have been updated at least so often in the end (for the conditional estimator).
    starts : AnyState, WellBehaved or Polarized
        The starts that the event is asked about.
    """

    steps: int
    threshold: float
    low: float
    high: float
    sentence: str
    least_updates: int = 0
    starts: Starts = ANY

    def require(self, chain: ChainParameters, state: ChainState) -> None:
        """Raise InputError unless every replica is an allowed start that satisfies the event at time 0."""
        require_start(self.starts, state)
        side = np.where(state.log_odds >= 0, 1.0, -1.0)  # as the loops take it
        own_odds, own_memory = side * state.log_odds, side[:, :, np.newaxis] * state.memory
        if (
            (own_odds < self.threshold).any()
            or (own_memory < self.low).any()
            or (own_memory > self.high).any()
        ):
            raise InputError(
                "start", "a state outside", f"a state in which it holds at time 0 that {self.sentence}"
            )


@dataclass(frozen=True)
class Reached:
    """The state after `steps` steps is level-`level` polarized, or well-behaved when `level` is None.

    `starts` are the starts that it is asked about.
    """

    steps: int
    level: int | None
    sentence: str
    starts: Starts = ANY

    def holds(self, chain: ChainParameters, state: ChainState) -> np.ndarray:
        """Return whether the event holds in each replica's state."""
        if self.level is None:
            return is_well_behaved(state)
        return is_polarized(state, chain, self.level)

    def require(self, chain: ChainParameters, state: ChainState) -> None:
        """Raise InputError unless every replica is an allowed start."""
        require_start(self.starts, state)


@dataclass(frozen=True)
class Met:
    """Something comes at one of the steps 0..steps: a level, the loss of a silo, or consensus.

    Attributes
    ----------
    steps : int
        Number of single-agent steps.
    happening : Happening
        POLARIZED, WELL_BEHAVED, FALLEN, CONSENSUS or AGREED.
    sentence : str
        The event in words.
    level : int, optional
        The level of POLARIZED.
    threshold : float
        The own-side log-odds below which an agent has FALLEN; the log-odds that all have at AGREED.
    starts : AnyState, WellBehaved or Polarized
        The starts that the event is asked about.
    """

    steps: int
    happening: Happening
    sentence: str
    level: int | None = None
    threshold: float = 0.0
    starts: Starts = ANY

    def require(self, chain: ChainParameters, state: ChainState) -> None:
        """Raise InputError unless every replica is an allowed start."""
        require_start(self.starts, state)


Target: TypeAlias = Kept | Reached | Met


def level_met(level: int, steps: int) -> Met:
    """Return the event that level-`level` polarization holds at some step: its hitting time is at most `steps`.

    Examples
    --------
    >>> level_met(2, 500).sentence
    'level 2 holds at some step'
    """
    return Met(steps, Happening.POLARIZED, f"level {level} holds at some step", level)


def silo_left(steps: int) -> Met:
    """Return the event that some agent is on another side at some step than at the start.

    Examples
    --------
    >>> silo_left(500).sentence
    'some agent leaves its silo'
    """
    return Met(steps, Happening.FALLEN, "some agent leaves its silo")


def complement(target: Kept) -> Met:
    """Return the event that `target`, which must not confine arrivals, fails."""
    if math.isfinite(target.low) or math.isfinite(target.high):
        raise InputError("target", target.sentence, "an event about log-odds alone")
    sentence = "some agent's own-side log-odds fall below the threshold"
    return Met(target.steps, Happening.FALLEN, sentence, threshold=target.threshold, starts=target.starts)


def consensus_met(steps: int) -> Met:
    """Return the event that all agents are on one side at some step.

    Examples
    --------
    >>> consensus_met(500).sentence
    'all agents are on one side at some step'
    """
    return Met(steps, Happening.CONSENSUS, "all agents are on one side at some step")


@dataclass(frozen=True)
class Watch:
    """An event as the compiled loop takes it."""

    happening: Happening
    threshold: float
    low: float
    high: float
    at_end: bool

    def as_arguments(self) -> tuple[int, float, float, float, bool]:
        """Return the loop's arguments in their order."""
        return int(self.happening), self.threshold, self.low, self.high, self.at_end


def watch_of(chain: ChainParameters, target: Target) -> Watch:
    """Return what the loop of splitting watches for."""
    if isinstance(target, Kept):
        return Watch(Happening.KEPT, target.threshold, target.low, target.high, at_end=False)
    happening = target.happening if isinstance(target, Met) else Happening.POLARIZED
    if isinstance(target, Reached) and target.level is None:
        happening = Happening.WELL_BEHAVED
    if target.level is not None:
        threshold = level_log_odds(chain, target.level, "down")
    else:
        threshold = target.threshold if isinstance(target, Met) else 0.0
    return Watch(happening, threshold, NEAR_END, FAR_END, at_end=isinstance(target, Reached))


def level_kept(chain: ChainParameters, level: int, steps: int) -> Kept:
    """Return the event of T2: level h holds at every step (after E_h it fails exactly when an arrival misses).

    Examples
    --------
    >>> level_kept(ChainParameters(m=30, r=5, sigma="0.5"), 1, 500).sentence
    'level 1 is held at every step'
    """
    threshold = level_log_odds(chain, level, "down")
    return Kept(steps, threshold, NEAR_END, FAR_END, f"level {level} is held at every step")


def silos_kept(log_odds: Decimal | Fraction, steps: int) -> Kept:
    """Return the event of SP: no agent changes its silo and own-side log-odds stay at least `log_odds`.

    Examples
    --------
    >>> silos_kept(Decimal(4), 500).sentence
    'no agent changes its silo and own-side log-odds stay >= 4'
    """
    threshold = rounded_down(Fraction(log_odds))
    sentence = f"no agent changes its silo and own-side log-odds stay >= {threshold:.6g}"
    return Kept(steps, threshold, -math.inf, math.inf, sentence)


STEPS_FOR_ALL_TIME = "10*m*log(m+1)"


def target_of(question: Question, starts: Starts | None = None) -> Target:
    """Return the event of a question as the estimators take it: with doubles for exact numbers, over whole steps.

    Parameters
    ----------
    question : Question
        From a bound.
    starts : AnyState, WellBehaved or Polarized, optional
        Other starts than the question's.
    """
    chosen = question.starts if starts is None else starts
    match question.event:
        case AtEnd(steps=steps, level=level, sentence=sentence):
            return Reached(steps, level, sentence, chosen)
        case AtSomeStep(steps=steps, level=level, sentence=sentence):
            happening = Happening.CONSENSUS if level is None else Happening.POLARIZED
            return Met(steps, happening, sentence, level, starts=chosen)
        case Agreed(steps=steps, log_odds=log_odds, sentence=sentence):
            return Met(steps, Happening.AGREED, sentence, threshold=rounded_down(log_odds), starts=chosen)
        case event:
            return kept(question, event, chosen)


def inner_target_of(question: Question) -> Kept | None:
    """Return the smaller event of a question, which confines the arrivals; None where there is none."""
    return None if question.inner is None else kept(question, question.inner, question.starts)


def kept(question: Question, event: Throughout, starts: Starts) -> Kept:
    """Return an event about every step; one for all time is watched for :data:`STEPS_FOR_ALL_TIME`."""
    steps, sentence = event.steps, event.sentence
    if steps is None:
        steps = Steps.read(STEPS_FOR_ALL_TIME, question.chain.m).whole
        sentence = f"{sentence} over {steps} steps"
    return Kept(
        steps,
        rounded_down(event.log_odds),
        -math.inf if event.low is None else float(event.low),
        math.inf if event.high is None else float(event.high),
        sentence,
        event.least_updates,
        starts,
    )


def require_start(starts: Starts, state: ChainState) -> None:
    """Raise InputError unless every replica is in the set of starts.

    Exact ends are rounded so that every state of the set counts, those on its boundary too.
    """
    if isinstance(starts, WellBehaved) and not is_well_behaved(state).all():
        raise InputError("start", "another state", f"a state in which {starts.sentence}")
    if isinstance(starts, ByGroups) and not in_groups(starts, state).all():
        given = f"a state outside, of {state.m} agents"
        raise InputError("start", given, f"a state in which, in this order, {starts.sentence}")
    if not isinstance(starts, Polarized):
        return
    side = np.where(state.log_odds >= 0, 1.0, -1.0)  # as the loops take it
    own_memory = side[:, :, np.newaxis] * state.memory
    is_outside = bool((side * state.log_odds < rounded_down(starts.log_odds)).any())
    is_outside |= starts.low is not None and bool((own_memory < float(starts.low)).any())
    is_outside |= starts.high is not None and bool((own_memory > float(starts.high)).any())
    positive = (side > 0).sum(axis=1)
    if is_outside or (starts.split is not None and (positive != starts.split).any()):
        found = f"{positive.min()}" + (f" to {positive.max()}" if positive.min() < positive.max() else "")
        given = f"a state outside, with {found} of {state.m} agents on the + side"
        raise InputError("start", given, f"a state in which {starts.sentence}")


def in_groups(starts: ByGroups, state: ChainState) -> np.ndarray:
    """Return whether each replica's agents have their group's log-odds and memory, group after group."""
    is_inside = np.full(state.n_replicas, sum(group.agents for group in starts.groups) == state.m)
    first = 0
    for group in starts.groups:
        agents = slice(first, first + group.agents)
        first += group.agents
        is_inside &= (state.log_odds[:, agents] >= rounded_down(group.log_odds)).all(axis=1)
        memory = state.memory[:, agents]
        if group.memory == "minus":
            memory = np.abs(memory)
        if group.memory != "any":
            is_inside &= ((memory >= NEAR_END) & (memory <= FAR_END)).all(axis=(1, 2))
    return is_inside


def rounded_down(number: Fraction) -> float:
    """Return the nearest double that is not above an exact number."""
    nearest = float(number)
    return nearest if Fraction(nearest) <= number else math.nextafter(nearest, -math.inf)


def rounded_up(number: Fraction) -> float:
    """Return the nearest double that is not below an exact number."""
    return -rounded_down(-number)
