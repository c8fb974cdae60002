"""Options that several commands share, named once: their flags, their help and how they become parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, cast, get_args

from cyclopts import CoercionError, Parameter, Token

from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import Format, ProgressForm
from mcpolar.cli.destinations import Output
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
Flag: TypeAlias = Annotated[bool, Parameter(negative="")]
Quiet: TypeAlias = Annotated[bool, Parameter(negative="", help="Show no progress.")]
Watched: TypeAlias = Annotated[
    ProgressForm,
    Parameter(
        name="--progress",
        help="auto draws a bar on a terminal, json prints a line a second for logs, none nothing.",
    ),
]


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
        return ChainParameters(**self.population())

    def population(self) -> dict[str, Any]:
        """Return the values by the names of the parameters; those that are not given are absent."""
        values = {
            "m": self.agents,
            "r": self.memory,
            "sigma": self.sigma,
            "k": self.neighbours,
            "mirror": self.mirror,
        }
        return {name: value for name, value in values.items() if value is not None}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Where a result goes and how it looks."""

    format: Format | None = None
    """text for people; json, csv, markdown or latex for programs and papers. Default: by the ending of --output, else
    text. A number below 1e-308 reads back as 0: programs take its log10, which is null or empty for 0."""
    output: Output = None
    """File to write instead of standard output; it is whole or not there. What mcpolar did not write, or was changed
    since, is left as it is."""
    digits: Whole = 7
    """Significant digits of a bound (rounded toward zero if certified, to nearest in the paper's form)."""

    def form(self) -> Format:
        """Return the format, by option or by the file's ending; refuse it if they contradict, and digits of no use."""
        check_digits(self.digits)
        from mcpolar.report.tables import format_of

        return cast(Format, format_of(self.output, self.format, allowed=get_args(Format)))


def check_runs(replicas: int, confidence: float, seed: int, workers: int | None = None) -> None:
    """Refuse what an estimate would refuse, before anything is done, and where none is asked for as well."""
    from mcpolar.parallel import n_threads
    from mcpolar.rng import MOST_REPLICAS, read_seed

    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    check_confidence(confidence)
    read_seed(seed)
    n_threads(workers)


def check_digits(digits: int) -> None:
    """Refuse a number of digits that no table needs."""
    whole_number("digits", digits, 1, MOST_DIGITS)


MOST_DIGITS = 25
CHAIN, OUTPUT = ChainOptions(), OutputOptions()
