"""`mcpolar validate STATEMENT`: a bound beside an estimate of what it bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from mcpolar.chain import ChainState, Start
from mcpolar.cli.bound import CHAIN, OUTPUT, STATEMENT, check_digits, evaluate, probability_statement
from mcpolar.cli.options import ChainOptions, OptionalWhole, OutputOptions, StatementOptions, Variant, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.starts import NAMES, read_start
from mcpolar.parameters import ChainParameters
from mcpolar.results import Comparison

VIOLATED = 1


def validate(
    statement: str,
    *,
    chain: ChainOptions = CHAIN,
    at: StatementOptions = STATEMENT,
    variant: Variant = "certified",
    start: str | None = None,
    method: Literal["auto", "crude", "conditional"] = "auto",
    replicas: Whole = 10_000,
    confidence: float = 0.999,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    quiet: bool = False,
    out: OutputOptions = OUTPUT,
) -> int:
    """Estimate by simulation the probability that a statement bounds, and compare.

    The verdict is validated (the whole interval lies at or above the bound), consistent (it reaches it) or violated
    (it lies below; then the exit status is 1).

    Parameters
    ----------
    statement
        The statement's name.
    variant
        certified, or the paper's published form.
    start
        random, polarized, bipolar, undecided, boundary, or a file of states. Default: a start that the statement
        allows and that is hard for it.
    method
        crude counts; conditional draws good arrivals only and multiplies their chances, down to 1e-700.
    replicas
        Independent replicas.
    confidence
        Two-sided confidence of the interval.
    seed
        The same seed gives the same estimate, whatever the workers.
    workers
        Threads. Default: all cores.
    quiet
        Show no progress bar.
    """
    from mcpolar.montecarlo import validate as compare

    check_digits(out.digits)
    found = probability_statement(statement)
    bound = evaluate(found, chain, at, variant)
    parameters = chain.parameters()
    begin = None if start is None else _start(start, parameters, at)
    with progress_bar(f"validate {found.command}", replicas, quiet=quiet) as progress:
        comparison = compare(
            found,
            bound,
            parameters,
            at.given(),
            start=begin,
            method=method,
            replicas=replicas,
            confidence=confidence,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    _write(comparison, out)
    return VIOLATED if comparison.verdict == "violated" else 0


def _start(given: str, parameters: ChainParameters, at: StatementOptions) -> Start | ChainState:
    """Return the start with the level, log-odds and split of the statement where they belong to it."""
    if given not in NAMES or given in ("random", "undecided"):
        return read_start(given, parameters)
    level = None if at.log_odds else at.level or 1
    split = None if given == "bipolar" else at.split
    return read_start(given, parameters, level=level, log_odds=at.log_odds, split=split)


def _write(comparison: Comparison, out: OutputOptions) -> None:
    from mcpolar.report import bounds, tables

    output: Path | None = out.output
    if out.format == "json":
        text = bounds.comparison_json(comparison, out.digits)
    elif out.format == "text":
        text = bounds.comparison_text(comparison, out.digits)
    else:
        row = bounds.comparison_row(comparison, out.digits)
        title = f"Validation of {comparison.bound.statement}"
        text = tables.render([row], out.format, title=title, notes=[f"Event: {comparison.bound.event}"])
    tables.put(text, output)
