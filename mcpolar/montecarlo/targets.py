"""The events whose probabilities are estimated, beside the statements that bound them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from mcpolar.chain import ChainState, level_log_odds
from mcpolar.compiled.montecarlo.splitting import Happening
from mcpolar.errors import InputError
from mcpolar.events import FAR_END, NEAR_END, is_polarized, is_well_behaved
from mcpolar.parameters import ChainParameters


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
    """

    steps: int
    threshold: float
    low: float
    high: float
    sentence: str
    least_updates: int = 0

    def require(self, parameters: ChainParameters, state: ChainState) -> None:
        """Raise InputError unless every replica satisfies the event at time 0."""
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
    """The state after `steps` steps is level-`level` polarized, or well-behaved when `level` is None."""

    steps: int
    level: int | None
    sentence: str
    from_level: int | None = None
    from_well_behaved: bool = False

    def holds(self, parameters: ChainParameters, state: ChainState) -> np.ndarray:
        """Return whether the event holds in each replica's state."""
        if self.level is None:
            return is_well_behaved(state)
        return is_polarized(state, parameters, self.level)

    def require(self, parameters: ChainParameters, state: ChainState) -> None:
        """Raise InputError unless every replica is a start that the statement allows."""
        if self.from_level is not None and not is_polarized(state, parameters, self.from_level).all():
            raise InputError("start", "another state", f"level-{self.from_level} polarized")
        if self.from_well_behaved and not is_well_behaved(state).all():
            raise InputError(
                "start", "another state", "well-behaved: all memory in [-3/2, -1/2] or [1/2, 3/2]"
            )


@dataclass(frozen=True)
class Met:
    """Something comes at one of the steps 0..steps: a level, the loss of a silo, or consensus.

    Attributes
    ----------
    steps : int
        Number of single-agent steps.
    happening : Happening
        POLARIZED, WELL_BEHAVED, FALLEN or CONSENSUS.
    sentence : str
        The event in words.
    level : int, optional
        The level of POLARIZED.
    threshold : float
        The own-side log-odds below which an agent has FALLEN.
    """

    steps: int
    happening: Happening
    sentence: str
    level: int | None = None
    threshold: float = 0.0

    def require(self, parameters: ChainParameters, state: ChainState) -> None:
        """Every start is allowed."""


Target: TypeAlias = Kept | Reached | Met


def level_met(level: int, steps: int) -> Met:
    """Return the event that level-`level` polarization holds at some step: its hitting time is at most `steps`."""
    return Met(steps, Happening.POLARIZED, f"level {level} holds at some step", level)


def silo_left(steps: int) -> Met:
    """Return the event that some agent is on another side at some step than at the start."""
    return Met(steps, Happening.FALLEN, "some agent leaves its silo")


def complement(target: Kept) -> Met:
    """Return the event that `target`, which must not confine arrivals, fails."""
    if math.isfinite(target.low) or math.isfinite(target.high):
        raise InputError("target", target.sentence, "an event about log-odds alone")
    sentence = "some agent's own-side log-odds fall below the threshold"
    return Met(target.steps, Happening.FALLEN, sentence, threshold=target.threshold)


def consensus_met(steps: int) -> Met:
    """Return the event that all agents are on one side at some step."""
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


def watch_of(parameters: ChainParameters, target: Target) -> Watch:
    """Return what the loop of splitting watches for."""
    if isinstance(target, Kept):
        return Watch(Happening.KEPT, target.threshold, target.low, target.high, at_end=False)
    happening = target.happening if isinstance(target, Met) else Happening.POLARIZED
    if isinstance(target, Reached) and target.level is None:
        happening = Happening.WELL_BEHAVED
    if target.level is not None:
        threshold = level_log_odds(parameters, target.level, "down")
    else:
        threshold = target.threshold if isinstance(target, Met) else 0.0
    return Watch(happening, threshold, NEAR_END, FAR_END, at_end=isinstance(target, Reached))


def level_kept(parameters: ChainParameters, level: int, steps: int) -> Kept:
    """Return the event of T2: level h holds at every step (after E_h it fails exactly when an arrival misses)."""
    threshold = level_log_odds(parameters, level, "down")
    return Kept(steps, threshold, 0.5, 1.5, f"level {level} is held at every step")


def silos_kept(log_odds: Decimal | Fraction, steps: int) -> Kept:
    """Return the event of SP: no agent changes its silo and own-side log-odds stay at least `log_odds`."""
    nearest = float(log_odds)
    threshold = nearest if Fraction(nearest) <= Fraction(log_odds) else math.nextafter(nearest, -math.inf)
    sentence = f"no agent changes its silo and own-side log-odds stay >= {threshold:.6g}"
    return Kept(steps, threshold, -math.inf, math.inf, sentence)


def kept_and_raised(parameters: ChainParameters, event: Reached) -> Kept:
    """Return the smaller event by which T2ii is proved: the first level is kept, and every agent updated so often.

    Each good update raises own-side log-odds by at least 1/sigma^2, whence `event` follows.
    """
    assert event.from_level is not None
    assert event.level is not None
    ascent = event.level - event.from_level
    kept = level_kept(parameters, event.from_level, event.steps)
    often = f"every agent is updated at least {ascent} time{'s' if ascent > 1 else ''}"
    return replace(kept, sentence=f"{kept.sentence} and {often}", least_updates=ascent)


def on_own_side(event: Kept) -> Kept:
    """Return the smaller event that every arrival is on the receiver's own half-line, whence `event` follows."""
    return Kept(
        event.steps, event.threshold, 0.0, math.inf, event.sentence + ", every arrival on the own side"
    )
