"""Options that several commands share, named once: their flags, their help and how they become parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import CoercionError, Parameter, Token

from mcpolar.parameters import ChainParameters


def read_whole(kind: type, tokens: Sequence[Token]) -> int:
    """Return a whole number; unlike the parser's own reading, 2.5 is refused and not cut to 2."""
    try:
        return int(tokens[0].value)
    except ValueError:
        raise CoercionError(token=tokens[0], target_type=int) from None


Whole: TypeAlias = Annotated[int, Parameter(converter=read_whole)]
OptionalWhole: TypeAlias = Annotated[int | None, Parameter(converter=read_whole)]
Agents: TypeAlias = Annotated[int, Parameter(name=["--agents", "-m"], converter=read_whole)]
Memory: TypeAlias = Annotated[int, Parameter(name=["--memory", "-r"], converter=read_whole)]
Neighbours: TypeAlias = Annotated[int | None, Parameter(name=["--neighbours", "-k"], converter=read_whole)]
Text: TypeAlias = Annotated[str, Parameter(allow_leading_hyphen=True)]
OptionalText: TypeAlias = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
Format: TypeAlias = Literal["text", "json", "csv", "markdown", "latex"]
Variant: TypeAlias = Literal["certified", "paper"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ChainOptions:
    """The chain's parameters on the command line."""

    agents: Agents = 30
    """Number of agents m."""
    memory: Memory = 5
    """Memory size r of each agent (the RAG of the paper)."""
    sigma: Text = "0.3"
    """Component standard deviation, as an exact decimal."""
    neighbours: Neighbours = None
    """Neighbourhood size k: senders are the receiver and its k nearest in weight. Absent: all agents."""
    mirror: OptionalText = None
    """Probability that an agent is its own sender. Absent: it counts as one of the candidates."""

    def parameters(self) -> ChainParameters:
        """Return the validated parameters."""
        return ChainParameters(self.agents, self.memory, self.sigma, self.neighbours, self.mirror)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Where a result goes and how it looks."""

    format: Format = "text"
    """text for people; json, csv, markdown or latex for programs and papers."""
    output: Path | None = None
    """File to write instead of standard output; it is whole or not there."""
    digits: Whole = 7
    """Significant digits of a bound (rounded toward zero if certified, to nearest in the paper's form)."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class StatementOptions:
    """What a statement is evaluated at, beside the chain's parameters; statements ignore what they do not use."""

    level: OptionalWhole = None
    """Level h: log-odds in units of 1/sigma^2. Default 1."""
    steps: OptionalText = None
    """Horizon: a whole number, or an expression in m such as 10*m*log(m)."""
    split: OptionalWhole = None
    """Agents on the + side in a polarized state. Default: all, for which no neighbourhood is needed."""
    ascent: OptionalWhole = None
    """Levels n to rise in theorem2-ascent. Default 1."""
    log_odds: OptionalText = None
    """Own-side log-odds H of silo-persistence and permanence. Default level/sigma^2."""
    components: OptionalWhole = None
    """Number of mixture components c (general-theorem2)."""
    dimension: OptionalWhole = None
    """Dimension d of the components' means (general-theorem2)."""
    distance: OptionalText = None
    """Smallest distance D of two means (general-theorem2)."""
    smallest_silo: OptionalWhole = None
    """Number of agents in the smallest silo (general-theorem2). Default: all agents."""

    def given(self) -> dict[str, int | str]:
        """Return what the user gave, by argument name."""
        return {name: value for name, value in vars(self).items() if value is not None}
