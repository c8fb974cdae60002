"""`mcpolar agents read|measures|chain`: what files of runs hold, and how silos fare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from mcpolar.checks import whole_number
from mcpolar.cli.agents.options import READING, TraceOptions
from mcpolar.cli.destinations import Destination, Source
from mcpolar.cli.options import OutputOptions, Whole

if TYPE_CHECKING:
    from mcpolar.metastability.finite import CountedChain

OUT = OutputOptions()


def read(
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    output: Annotated[Path | None, Destination((".csv",))] = None,
) -> None:
    """Say what files of runs hold, or write them as one long table (CSV: run, step, agent, silo).

    Parameters
    ----------
    paths
        Files of runs, all of one format.
    output
        CSV file for the table.
    """
    from mcpolar.agents.texts import shown
    from mcpolar.report.tables import put

    trace = reading.read(list(paths))
    if output is not None:
        put(trace.to_frame().to_csv(index=False), output)
        return
    kinds = len(trace.names)
    print(f"{len(trace.runs)} runs, {len(trace.agents)} agents, {trace.steps.size} steps, {kinds} silos")
    print("silos: " + ", ".join(map(shown, trace.names[:30])) + (" …" if kinds > 30 else ""))


def measures(
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    window: Whole = 20,
    out: OutputOptions = OUT,
) -> None:
    """Measure runs: silos in time, the share of agents that change, and how windows and silos fare.

    Parameters
    ----------
    paths
        Files of runs, all of one format.
    window
        Steps of the windows of Definition 2 (stable and unstable silo systems).
    """
    from mcpolar.agents import measure
    from mcpolar.report import tables

    form = out.form()
    whole_number("window", window, 1, 10_000_000)
    trace = reading.read(list(paths))
    found = measure(trace)
    rows = found.to_frame().to_dict("records")
    tables.write(rows, form, out.output, title="Silos in time", notes=_notes(found, window))


def _notes(found: Any, window: int) -> list[str]:
    notes = ["silos: non-empty ones; changed: share of agents whose silo is another than a record before."]
    hit = found.one_silo[found.one_silo >= 0]
    censored = int((found.one_silo < 0).sum())
    notes.append(
        f"one silo from step: {', '.join(map(str, hit.tolist()[:20])) or 'never'}; censored runs: {censored}."
    )
    if found.trace.steps.size > window:
        counts = found.window_counts(window)
        notes.append(
            f"windows of {window} steps: " + ", ".join(f"{n} {kind}" for kind, n in counts.items()) + "."
        )
    return notes


def chain(
    *paths: Annotated[Path, Source()],
    reading: TraceOptions = READING,
    lag: Whole = 1,
    draws: Whole = 200,
    confidence: float = 0.95,
    seed: Whole = 1,
    out: OutputOptions = OUT,
) -> None:
    """Estimate the chain of the number of silos: how often each was seen, left, and how far it is from one silo.

    The intervals are percentiles of the posterior of independent transitions. Runs are not that: a chain at twice the
    lag that says something else shows that they are too narrow.

    Parameters
    ----------
    paths
        Files of runs, all of one format.
    lag
        Recorded steps of a transition.
    draws
        Draws of the posterior.
    confidence
        Of the intervals, each by itself.
    seed
        Seed of the draws.
    """
    from mcpolar.agents.measures import silo_chain
    from mcpolar.report import tables

    form = out.form()
    trace = reading.read(list(paths))
    found = silo_chain(trace, lag, draws=draws, confidence=confidence, seed=seed)
    rows, notes = (
        _chain_rows(found, lag),
        [f"times are in recorded steps; transitions over {lag}, all pairs."],
    )
    if 1 not in found.labels:
        notes.append("one silo was not seen, or only at the end of runs: the time to it is not known.")
    tables.write(rows, form, out.output, title="The chain of the number of silos", notes=notes)


def _chain_rows(found: CountedChain, lag: int) -> list[dict[str, Any]]:
    """Return one row a number of silos: transitions from it, shares that kept it, mean time to one silo."""
    totals = found.counts.sum(axis=1)
    times = found.spread(lambda one: one.hitting_times(1).value * lag) if 1 in found.labels else None
    rows = []
    for at, silos in enumerate(found.labels):
        row = {
            "silos": silos,
            "transitions": int(totals[at]),
            "kept": float(found.counts[at, at] / totals[at]),
        }
        for name in ("value", "low", "high"):
            column = "time_to_one_silo" + ("" if name == "value" else f"_{name}")
            row[column] = None if times is None else float(getattr(times, name)[at])
        rows.append(row)
    return rows
