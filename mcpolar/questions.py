"""What a bound and an estimate are about: where a population starts, and an event on its paths.

Exact data and nothing else. A bound is made with its question and carries it, and a simulation reads it from there:
the two cannot be about different starts, levels, splits or horizons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from mcpolar.choices import GroupMemory
from mcpolar.means import Means
from mcpolar.parameters import ChainParameters

NEAR, FAR = Fraction(1, 2), Fraction(3, 2)
"""The ends of I+ = [1/2, 3/2]; I- is its mirror image."""
NEAR_END, FAR_END = float(NEAR), float(FAR)
"""The same as doubles, which they are exactly."""
INNER = Fraction(1, 6)
"""Half the width of J+ = [5/6, 7/6]; J- is its mirror image."""


@dataclass(frozen=True)
class AnyState:
    """Every state."""

    @property
    def sentence(self) -> str:
        """What holds of these states."""
        return "anything holds"


@dataclass(frozen=True)
class WellBehaved:
    """The states of W: all memory in I- or I+."""

    @property
    def sentence(self) -> str:
        """What holds of these states."""
        return "all memory is well-behaved, in [-3/2, -1/2] or [1/2, 3/2]"


@dataclass(frozen=True)
class Polarized:
    """The states in which every agent is decided, and so many agents are on the + side.

    Attributes
    ----------
    log_odds : Fraction
        H: every own-side log-odds is at least this.
    split : int or None
        Agents on the + side; None: any number.
    level : int, optional
        h, where H = h/sigma^2.
    low, high : Fraction, optional
        Own-side memory lies in [low, high]; None: no end on that side.
    """

    log_odds: Fraction
    split: int | None
    level: int | None = None
    low: Fraction | None = NEAR
    high: Fraction | None = FAR

    @property
    def sentence(self) -> str:
        """What holds of these states."""
        parts = [f"every own-side log-odds is at least {float(self.log_odds):.6g}"]
        if self.low is not None or self.high is not None:
            ends = ("-inf" if self.low is None else self.low, "inf" if self.high is None else self.high)
            parts.append(f"all own-side memory is in [{ends[0]}, {ends[1]}]")
        if self.split is not None:
            parts.append(f"{self.split} agents are on the + side (split {self.split})")
        return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]

    def at_any_split(self) -> Polarized:
        """Return the set that leaves the number of agents on the + side open."""
        return replace(self, split=None)


@dataclass(frozen=True)
class Group:
    """Agents that start alike.

    Attributes
    ----------
    agents : int
        How many.
    log_odds : Fraction
        The log-odds of each, of component +1, are at least this.
    memory : {"plus", "minus", "any"}
        All memory in I+; each element in I- or I+; or anywhere.
    """

    agents: int
    log_odds: Fraction
    memory: GroupMemory

    @property
    def sentence(self) -> str:
        """What holds of these agents."""
        where = {
            "plus": ", all memory in [1/2, 3/2]",
            "minus": ", all memory in [-3/2, -1/2] or [1/2, 3/2]",
            "any": "",
        }
        return (
            f"{self.agents} agents have log-odds of at least {float(self.log_odds):.6g}{where[self.memory]}"
        )


@dataclass(frozen=True)
class ByGroups:
    """The states given by groups: the first agents are of the first group, and so on.

    Attributes
    ----------
    groups : tuple of Group
        They hold all agents.
    """

    groups: tuple[Group, ...]

    @property
    def sentence(self) -> str:
        """What holds of these states."""
        return "; ".join(group.sentence for group in self.groups)


Starts: TypeAlias = AnyState | WellBehaved | Polarized | ByGroups


@dataclass(frozen=True)
class Throughout:
    """At every step own-side log-odds stay at least `log_odds` and arrivals land in [low, high] of their side.

    "Own side" is the side at time 0.

    Attributes
    ----------
    steps : int or None
        Single-agent steps; None: for all time.
    log_odds : Fraction
        The least own-side log-odds; 0: no agent changes its silo.
    sentence : str
        The event in words.
    low, high : Fraction, optional
        The interval of own-side arrivals; None: no end on that side.
    least_updates : int
        Every agent is updated at least so often.
    """

    steps: int | None
    log_odds: Fraction
    sentence: str
    low: Fraction | None = None
    high: Fraction | None = None
    least_updates: int = 0


@dataclass(frozen=True)
class AtEnd:
    """The state after `steps` steps is polarized to `level`, or well-behaved where `level` is None."""

    steps: int
    level: int | None
    sentence: str


@dataclass(frozen=True)
class AtSomeStep:
    """At one of the steps 0..steps the population is polarized to `level`, or all on one side where that is None."""

    steps: int
    level: int | None
    sentence: str


@dataclass(frozen=True)
class Agreed:
    """At one of the steps 0..steps every agent's log-odds of component +1 are at least `log_odds`."""

    steps: int
    log_odds: Fraction
    sentence: str


Event: TypeAlias = Throughout | AtEnd | AtSomeStep | Agreed


@dataclass(frozen=True)
class HardStart:
    """A named start, as :class:`mcpolar.chain.Start` takes it; what is None comes from the set of starts."""

    kind: str
    level: str | None = None
    log_odds: str | None = None
    split: int | None = None
    placement: str | None = None


@dataclass(frozen=True)
class Question:
    """A chain, the states that it may start in, and the event whose probability is asked for.

    Attributes
    ----------
    chain : ChainParameters
        The chain.
    starts : AnyState, WellBehaved, Polarized or ByGroups
        Where it may start.
    event : Throughout, AtEnd, AtSomeStep or Agreed
        What may happen.
    inner : Throughout, optional
        A smaller event that confines the arrivals, by which the statement is proved: an estimate of it from below.
    hard : tuple of HardStart
        The starts from which the event is known to be improbable; of several a pilot run takes one. Empty: the usual
        start of this set.
    """

    chain: ChainParameters
    starts: Starts
    event: Event
    inner: Throughout | None = None
    hard: tuple[HardStart, ...] = ()


@dataclass(frozen=True)
class MixtureKept:
    """A mixture of several components in which level h is kept at every step; any population at level h may start.

    Attributes
    ----------
    components, dimension : int
        c and d.
    distance, sigma : Decimal
        The smallest distance of two means, and the components' standard deviation.
    level : int
        h.
    steps : int
        Single-agent steps.
    smallest_silo, k : int, optional
        Agents in the smallest silo (None: one silo) and the neighbourhood.
    cells : Means, optional
        The means, where memory stays in cells; None: it stays in balls, of any means.
    """

    components: int
    dimension: int
    distance: Decimal
    sigma: Decimal
    level: int
    steps: int
    smallest_silo: int | None = None
    k: int | None = None
    cells: Means | None = None


@dataclass(frozen=True)
class MixtureSilosKept:
    """A mixture of several components in which no agent ever changes its silo; any population at level h may start.

    Attributes
    ----------
    chain : ChainParameters
        m, r, sigma, k and mirror.
    means : Means
        The components' means.
    level : int
        h.
    own : int
        The component whose silo is the likeliest to be left, as far as the bound knows.
    smallest_silo : int, optional
        Agents in the smallest silo; None: one silo.
    """

    chain: ChainParameters
    means: Means
    level: int
    own: int
    smallest_silo: int | None = None


@dataclass(frozen=True)
class MixturePolarized:
    """A mixture of several components that is at level h at the end, from any state.

    Attributes
    ----------
    chain : ChainParameters
        m, r, sigma, k and mirror.
    means : Means
        The components' means.
    level : int
        h.
    steps : int
        Single-agent steps.
    """

    chain: ChainParameters
    means: Means
    level: int
    steps: int


AnyQuestion: TypeAlias = Question | MixtureKept | MixtureSilosKept | MixturePolarized


def keeps_silos(question: AnyQuestion | None) -> bool:
    """Return whether it asks that no agent leaves its silo, whatever the memory."""
    match question:
        case Question(event=Throughout(low=None, high=None)):
            return True
    return False
