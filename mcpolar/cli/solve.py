"""`mcpolar solve STATEMENT`: at which value of a number a bound, or an estimate, reaches p."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mcpolar.choices import Format, TextFormat
from mcpolar.cli.destinations import Destination, Source
from mcpolar.cli.options import CHAIN, ChainOptions, Flag, OptionalWhole, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.starts import read_start
from mcpolar.cli.statement_options import STATEMENT, StatementName, StatementOptions, used_options
from mcpolar.errors import InputError
from mcpolar.statements import find_probability

if TYPE_CHECKING:
    from mcpolar.answers import Crossing, Solution

FORMS: tuple[Format, ...] = ("text", "json")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where the answer goes."""

    format: TextFormat | None = None
    """text for people, json for programs. Default: by the ending of --output, else text."""
    output: Annotated[Path | None, Destination((".json", ".txt"))] = None
    """File (.json, .txt) to write instead of standard output; it is whole or not there."""

    def form(self) -> str:
        """Return the format, by the option or by the file's ending; refuse it if they contradict each other."""
        from mcpolar.report.tables import format_of

        return format_of(self.output, self.format, allowed=FORMS)


OUT = Outputs()


def solve(
    statement: StatementName,
    *,
    for_: Annotated[str, Parameter(name="--for")],
    at_least: Text,
    chain: ChainOptions = CHAIN,
    at: StatementOptions = STATEMENT,
    digits: OptionalWhole = None,
    estimate: Flag = False,
    start: Annotated[str | None, Source()] = None,
    replicas: Whole = 20_000,
    confidence: float = 0.999,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    progress: Watched = "auto",
    quiet: Quiet = False,
    out: Outputs = OUT,
) -> None:
    """Find the largest sigma, the smallest level, the longest horizon … at which a bound is at least p.

    The answer is certified on both sides: there the bound is at least p, and one unit in the last digit further it is
    less. With --estimate the probability itself is estimated instead, from one start, and the answer is a range.

    Parameters
    ----------
    for_
        What is solved for: sigma, level, steps, agents, memory, neighbours, log-odds or another number that the
        statement takes. The option of that name, if it is one of the chain's, is where the search begins.
    at_least
        p, as an exact decimal.
    digits
        Significant digits of the answer where it is a decimal. Default 7, with --estimate 2.
    estimate
        Estimate the probability by simulation, and find where it falls below p, with a stated confidence.
    start
        With --estimate: random, polarized, bipolar, undecided, boundary, or a file of states. Default: a start that
        the statement allows and that is hard for it.
    replicas
        With --estimate: most replicas of one trial.
    confidence
        With --estimate: of the whole answer.
    seed
        With --estimate: the same seed gives the same answer, whatever the workers.
    workers
        With --estimate: threads. Default: all cores.
    """
    from mcpolar.answers.stochastic import check_trials

    form, found = out.form(), find_probability(statement)
    asked = (found, chain.parameters(), for_)
    check_trials(replicas, confidence, seed, workers)
    given = {"at_least": at_least, **used_options(found, at)}
    with progress_bar(f"solve {found.command}", None, quiet=quiet, form=progress) as advance:
        if not estimate:
            from mcpolar.answers import solve as solved

            if start is not None:
                raise InputError("start", start, "absent without --estimate: a bound is about every start")
            digits = 7 if digits is None else digits
            answer: Crossing | Solution = solved(*asked, digits=digits, progress=advance, **given)
        else:
            from mcpolar.answers import solve_estimate

            answer = solve_estimate(
                *asked,
                digits=2 if digits is None else digits,
                start=None if start is None else read_start(start, asked[1]),
                replicas=replicas,
                confidence=confidence,
                seed=seed,
                workers=workers,
                progress=advance,
                **given,
            )
    _write(answer, form, out)


def _write(found: Crossing | Solution, form: str, out: Outputs) -> None:
    from mcpolar.answers import Solution
    from mcpolar.report.answers import crossing_text, solution_text
    from mcpolar.report.tables import put

    if form == "json":
        text = json.dumps(found.to_dict(), ensure_ascii=False) + "\n"
    else:
        text = solution_text(found) if isinstance(found, Solution) else crossing_text(found)
    put(text, out.output)
