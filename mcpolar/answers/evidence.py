"""What a study gathers: bounds on what its start allows, simulated first passages, and the growth of log-odds."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from mcpolar.answers.passages import Passages
from mcpolar.balls import Dyadic
from mcpolar.bounds import (
    expected_hitting_time,
    silo_persistence,
    slowest_expected_time,
    theorem1,
    theorem2,
)
from mcpolar.bounds.permanence.permanence import permanence
from mcpolar.chain import ChainState, Start
from mcpolar.choices import Outcome
from mcpolar.exponents import Growth
from mcpolar.montecarlo.starting import split_of
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound

_LOG = logging.getLogger(__name__)
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Setting:
    """What was asked: the population, its start, and how long it is watched.

    Attributes
    ----------
    chain : ChainParameters
        The chain.
    start : Start or ChainState
        Where it starts.
    level : int
        h: what counts as polarized.
    steps : int
        The horizon.
    split : int
        Agents on the + side of the polarized states that the bounds are about.
    """

    chain: ChainParameters
    start: Start | ChainState
    level: int
    steps: int
    split: int

    @classmethod
    def of(cls, chain: ChainParameters, start: Start | ChainState, level: int, steps: int) -> Setting:
        """Take the split of a decided start; else two equal silos where the neighbourhood fits them, else one."""
        decided = isinstance(start, ChainState) or start.is_decided
        found = split_of(start, chain) if decided else None
        half = chain.m // 2
        fits = chain.k is not None and chain.k + 1 <= half
        return cls(chain, start, level, steps, found if found is not None else half if fits else chain.m)

    @property
    def is_decided(self) -> bool:
        """Whether every agent is on a side from the start, as the named starts are."""
        return isinstance(self.start, Start) and self.start.is_decided

    @property
    def log_odds(self) -> float:
        """H = h/sigma^2."""
        return float(self.level * self.chain.precision)

    @property
    def rounds(self) -> float:
        """T/m."""
        return self.steps / self.chain.m


@dataclass(frozen=True, eq=False)
class Proofs:
    """The certified bounds of a setting.

    Attributes
    ----------
    any_state : Bound
        Polarization from the worst start.
    mean_at_most, mean_at_least : Dyadic or None
        Ends of the mean time to polarization from the slowest start, in steps.
    permanent : Bound
        No agent ever changes its silo.
    kept_silos, kept_level : Bound
        No agent changes its silo, and the level is kept at every step, over the horizon.
    """

    any_state: Bound
    mean_at_most: Dyadic | None
    mean_at_least: Dyadic | None
    permanent: Bound
    kept_silos: Bound
    kept_level: Bound

    @classmethod
    def of(cls, setting: Setting) -> Proofs:
        """Evaluate them."""
        chain, level = setting.chain, setting.level
        any_state = theorem1(chain, level=level)
        _LOG.info("%r", any_state)
        usable = any_state.holds and not any_state.value.is_zero
        return cls(
            any_state,
            expected_hitting_time(any_state) if usable else None,
            slowest_expected_time(any_state) if usable and chain.is_unrestricted and level == 1 else None,
            permanence(chain, level=level, split=setting.split),
            silo_persistence(chain, level=level, steps=setting.steps, split=setting.split),
            theorem2(chain, level=level, steps=setting.steps, split=setting.split),
        )

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """All of them."""
        return (self.any_state, self.permanent, self.kept_silos, self.kept_level)


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that the sentences of a study are made from."""

    setting: Setting
    proofs: Proofs
    passages: Passages
    growth: Growth
    budget: float

    @property
    def is_about_start(self) -> bool:
        """Whether the start is among those that the bounds on polarized populations are about."""
        times = self.passages.times("polarized")
        return self.setting.is_decided and times.size == self.passages.replicas and not times.any()

    @property
    def verdict(self) -> Outcome:
        """Either "violated", where more runs lose a silo than the bound for ever allows, or "consistent"."""
        if not self.is_about_start:
            return "consistent"
        most = self.proofs.permanent.failure
        allowed = 0.0 if most is None else most.log10_up
        low = self.passages.chance("silo-left").log_low
        return "violated" if low / math.log(10) > allowed + ROUNDING else "consistent"
