"""`mcpolar validate STATEMENT` and `mcpolar validate paper`: bounds beside estimates of what they bound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from mcpolar.chain import ChainState, Start
from mcpolar.checks import whole_number
from mcpolar.choices import CoordinateName, Format, Method, Placement, Variant
from mcpolar.cli.destinations import Destination, Plot, Source
from mcpolar.cli.help import epilogue
from mcpolar.cli.options import (
    CHAIN,
    OUTPUT,
    ChainOptions,
    Flag,
    OptionalWhole,
    OutputOptions,
    Quiet,
    Watched,
    Whole,
    check_runs,
)
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.starts import NAMES, read_start
from mcpolar.cli.statement_options import STATEMENT, StatementName, StatementOptions, used_options
from mcpolar.errors import InputError
from mcpolar.parameters import MOST_MEMORY, ChainParameters
from mcpolar.results import Comparison
from mcpolar.statements import find_probability

VIOLATED = 1

app = App(
    name="validate",
    help="Check bounds by simulation.",
    help_format="plaintext",
    help_epilogue=epilogue("validate"),
)


@app.default
def validate(
    statement: StatementName,
    *,
    chain: ChainOptions = CHAIN,
    at: StatementOptions = STATEMENT,
    variant: Variant = "certified",
    start: Annotated[str | None, Source()] = None,
    placement: Placement | None = None,
    save_start: Annotated[Path | None, Destination((".npz",))] = None,
    method: Method = "auto",
    coordinate: CoordinateName | None = None,
    replicas: Whole = 10_000,
    until_decided: Flag = False,
    budget: float | None = None,
    confidence: float = 0.999,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    progress: Watched = "auto",
    quiet: Quiet = False,
    out: OutputOptions = OUTPUT,
) -> int:
    """Estimate by simulation the probability that a statement bounds, and compare.

    The verdict is validated (the whole interval lies at or above the bound), consistent (it reaches it) or violated
    (it lies below; then the exit status is 1). `mcpolar validate paper` checks every cell of the paper's tables.

    Parameters
    ----------
    variant
        certified, or the paper's published form.
    start
        random, polarized, bipolar, undecided, boundary, worst, or a file of states. worst searches the states that
        the statement allows for the one with the smallest estimate. Default: a start that the statement allows and
        that is hard for it.
    placement
        Own-side memory of the starts polarized, bipolar and boundary (then the default): inner (1/2), outer (3/2),
        centres (1), alternating (1/2 and 3/2) or drawn. Default: by the start; for permanence inner or outer,
        whichever is left more often in a pilot run.
    save_start
        File (.npz) for the start that was used, such as the worst one; --start reads it again.
    method
        crude counts; conditional draws good arrivals only and multiplies their chances, down to 1e-700; splitting
        reaches a rare event level by level; tilting sends one agent the other side's arrivals (r = 1); twisting
        draws them by a fitted guess (r up to 20, sigma from 0.1). The last two are for silos that are left.
    coordinate
        Reaction coordinate of splitting. Default: by the event.
    replicas
        Independent replicas (of splitting: paths of all repetitions together).
    until_decided
        Stop as soon as the verdict is certain at the confidence.
    budget
        Seconds after which --until-decided gives up. Default 60.
    confidence
        Two-sided confidence of the interval.
    seed
        The same seed gives the same estimate, whatever the workers.
    workers
        Threads. Default: all cores.
    """
    form = out.form()
    check_runs(replicas, confidence, seed, workers)
    from mcpolar.montecarlo import validate as compared
    from mcpolar.montecarlo.worst_start import worst_start

    limit = _limit(budget, until_decided)
    found = find_probability(statement)
    found.require_variant(variant)
    given, parameters = used_options(found, at), chain.parameters()
    common: dict[str, Any] = {"variant": variant, "seed": seed, "workers": workers, **given}
    estimator: dict[str, Any] = {
        "method": method,
        "coordinate": coordinate,
        "replicas": replicas,
        "confidence": confidence,
    }
    begin = _named_start(start, placement, parameters, given)
    if start == "worst":
        with progress_bar("search the worst start", WORST_BUDGET, quiet=quiet, form=progress) as advance:
            begin = worst_start(found, parameters, progress=advance, **common).state
    begin = begin if save_start is None else _saved(begin, parameters, seed, save_start)
    with progress_bar(
        f"validate {found.command}", replicas, quiet=quiet or until_decided, form=progress
    ) as advance:
        comparison = compared(
            found, parameters, start=begin, budget=limit, progress=advance, **estimator, **common
        )
    _write(comparison, form, out)
    return VIOLATED if comparison.verdict == "violated" else 0


def _limit(budget: float | None, until_decided: bool) -> float | None:
    if until_decided:
        return DEFAULT_BUDGET if budget is None else budget
    if budget is not None:
        raise InputError("budget", budget, "absent without --until-decided")
    return None


def _named_start(
    start: str | None, placement: Placement | None, chain: ChainParameters, given: Mapping[str, Any]
) -> Start | ChainState | None:
    """Return the start that was named; None where none was, or it is to be searched for."""
    if placement is not None and start not in (None, "polarized", "bipolar", "boundary"):
        raise InputError("placement", placement, "absent unless --start is polarized, bipolar or boundary")
    named = "boundary" if placement is not None and start is None else start
    return None if named in (None, "worst") else _start(str(named), chain, given, placement)


DEFAULT_BUDGET = 60.0
WORST_BUDGET = 200  # states tried in the search for the worst


def _saved(begin: Start | ChainState | None, chain: ChainParameters, seed: int, path: Path) -> ChainState:
    """Write the start as one state, and return it."""
    from mcpolar.chain.archive import write_state

    if begin is None:
        raise InputError("save_start", str(path), "given together with --start")
    state = begin if isinstance(begin, ChainState) else begin.state(chain, seed=seed)
    write_state(state, path)
    return state


@app.command(help_epilogue=epilogue("validate paper"))
def paper(
    *,
    variant: Variant = "certified",
    memory: Annotated[int, Parameter(name=["--memory", "-r"])] = 5,
    replicas: Whole = 10_000,
    confidence: float = 0.9999,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    store: Annotated[Path | None, Source()] = None,
    resume: Flag = False,
    plot: Plot = None,
    progress: Watched = "auto",
    quiet: Quiet = False,
    out: OutputOptions = OUTPUT,
) -> int:
    """Check every cell of the paper's three tables (70), and theorem1 at several populations, by simulation.

    With --store finished checks are kept as they come; after an interrupt the same command with --resume goes on.

    Parameters
    ----------
    variant
        certified, or the paper's published form.
    memory
        Memory size r of the tables' agents; the bounds do not depend on it.
    replicas
        Independent replicas of each check.
    confidence
        Two-sided confidence of each interval by itself.
    seed
        The same seed gives the same estimates, whatever the workers.
    workers
        Threads. Default: all cores.
    store
        File (SQLite) that keeps finished checks.
    resume
        Go on with the checks of --store.
    plot
        File (.pdf, .png or .svg) for a figure of bounds and estimates.
    """
    form = out.form()
    check_runs(replicas, confidence, seed, workers)
    whole_number("memory", memory, 1, MOST_MEMORY)
    from mcpolar.montecarlo.paper import PaperRun, RecordStore, paper_checks
    from mcpolar.report import tables
    from mcpolar.report.plots.validation import plot_checks, require_plots

    if resume and store is None:
        raise InputError("resume", True, "given together with --store")
    if plot is not None:
        require_plots(plot)
    run = PaperRun(variant, memory, replicas, confidence, seed)
    with RecordStore(store, run, resume=resume) as kept:
        n_checks = len(paper_checks(variant, memory))
        with progress_bar("validate paper", n_checks, quiet=quiet, form=progress) as advance:
            records = run.records(kept, workers=workers, progress=advance)
    shown = [{key: record[key] for key in SHOWN} for record in records]
    rows = records if form in ("json", "csv") else shown
    counts = {verdict: sum(r["verdict"] == verdict for r in records) for verdict in VERDICTS}
    notes = [", ".join(f"{count} {verdict}" for verdict, count in counts.items())]
    tables.write(
        rows, form, out.output, title=f"The paper's tables, {variant}, by simulation", notes=notes, by="table"
    )
    if plot is not None:
        plot_checks(records, plot, vars(run))
    return VIOLATED if counts["violated"] else 0


VERDICTS = ("validated", "consistent", "violated")
SHOWN = ("table", "m", "r", "sigma", "level", "bound", "estimate", "low", "high", "method", "verdict")


def _start(
    name: str, chain: ChainParameters, at: Mapping[str, Any], placement: Placement | None
) -> Start | ChainState:
    """Return the start with the level, log-odds and split of the statement where they belong to it."""
    if name not in NAMES or name in ("random", "undecided"):
        return read_start(name, chain)
    log_odds = at.get("log_odds")
    level = None if log_odds else at.get("level") or 1
    split = None if name == "bipolar" else at.get("split")
    return read_start(name, chain, level=level, log_odds=log_odds, split=split, placement=placement)


def _write(comparison: Comparison, form: Format, out: OutputOptions) -> None:
    from mcpolar.report import bounds, tables

    output: Path | None = out.output
    if form == "json":
        text = bounds.comparison_json(comparison, out.digits)
    elif form == "text":
        text = bounds.comparison_text(comparison, out.digits)
    else:
        row = bounds.comparison_row(comparison, out.digits)
        title = f"Validation of {comparison.bound.statement}"
        notes = [f"Event: {comparison.bound.event}"]
        text = tables.render([row], form, title=title, notes=notes, keep=bounds.COMPARED)
    tables.put(text, output)
