"""`mcpolar table paper` and `mcpolar table grid`: tables of bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from mcpolar.bounds.tables import grid_cells, paper_cells
from mcpolar.choices import TableFormat, Variant
from mcpolar.cli.bound import check_digits
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.options import OptionalText, Text, Whole
from mcpolar.cli.statement_options import StatementLists, StatementName, all_options
from mcpolar.report import tables
from mcpolar.results import Bound
from mcpolar.statements import Option, find_probability

app = App(name="table", help="Write tables of bounds: the paper's, or any grid.", help_format="plaintext")

COLUMNS = ("statement", "variant", "m", "r", "sigma", "level", "steps", "lower", "log10")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TableOutput:
    """Where a table goes and how it looks."""

    format: TableFormat = "text"
    """text for people; json, csv, markdown, latex or parquet for programs and papers."""
    output: Path | None = None
    """File to write instead of standard output; it is whole or not there."""
    digits: Whole = 7
    """Significant digits of a bound (rounded toward zero if certified, to nearest in the paper's form)."""


OUT, LISTS = TableOutput(), StatementLists()


@app.command
def paper(*, variant: Literal[Variant, "both"] = "certified", out: TableOutput = OUT) -> None:
    """Write the paper's three tables (70 cells).

    Tables 1 and 2 bound the probability that level h holds at every step (theorem2), Table 3 that level h + 1 holds at
    the end (theorem2-ascent). silo-persistence is another event: no agent changes its silo.

    Parameters
    ----------
    variant
        certified, the paper's published form, or both beside each other.
    """
    check_digits(out.digits)
    rows = (
        _both(out.digits)
        if variant == "both"
        else [{"table": table.number, **_row(bound, out.digits)} for table, bound in paper_cells(variant)]
    )
    title = (
        "The paper's tables"
        + {"certified": ", certified", "paper": "", "both": " and the certified values"}[variant]
    )
    tables.write(rows, out.format, out.output, title=title, notes=EVENTS)


EVENTS = (
    "theorem2: level h holds at every step (all log-odds beyond h/sigma^2, all memory in its interval).",
    "theorem2-ascent: level h + 1 holds at the end of the steps.",
    "Neither is silo-persistence (no agent changes its silo).",
    "Certified values hold for the next whole number of steps and are rounded toward zero; the paper's to nearest.",
)


def _both(digits: int) -> list[tables.Row]:
    """Return the paper's form and the certified one side by side."""
    return [
        {
            "table": table.number,
            "statement": published.statement,
            "m": published.parameters["m"],
            "sigma": published.parameters["sigma"],
            "level": published.parameters["level"],
            "steps": table.steps,
            "paper": published.lower(digits),
            "certified": certified.lower(digits),
            "certified_steps": certified.horizon_steps,
        }
        for (table, published), (_, certified) in zip(
            paper_cells("paper"), paper_cells("certified"), strict=True
        )
    ]


def _row(bound: Bound, digits: int) -> tables.Row:
    """Return the contract's columns; a parameter that does not enter the statement is empty."""
    values: dict[str, Any] = {**bound.parameters, "statement": bound.statement, "variant": bound.variant}
    values |= {"steps": bound.horizon_steps, "lower": bound.lower(digits), "log10": bound.log10}
    return {column: values.get(column) for column in COLUMNS}


@app.command
def grid(
    *,
    statement: StatementName,
    agents: Annotated[Text, Parameter(name=["--agents", "-m"])] = "30",
    memory: Annotated[Text, Parameter(name=["--memory", "-r"])] = "5",
    sigma: Text = "0.3",
    neighbours: Annotated[OptionalText, Parameter(name=["--neighbours", "-k"])] = None,
    at: StatementLists = LISTS,
    variant: Variant = "certified",
    out: TableOutput = OUT,
) -> None:
    """Write a table of one statement over a grid.

    Every option takes a list a,b,c or a range a:b or a:b:step with both ends; steps takes expressions in m.

    Parameters
    ----------
    agents
        Numbers of agents m.
    memory
        Memory sizes r.
    sigma
        Component standard deviations.
    neighbours
        Neighbourhood sizes k. Absent: unrestricted.
    variant
        certified, or the paper's published form.
    """
    check_digits(out.digits)
    found = find_probability(statement)
    chain_axes: dict[str, Sequence[Any]] = {
        "m": whole_values("m", agents),
        "r": whole_values("r", memory),
        "sigma": values("sigma", sigma),
    }
    if neighbours is not None:
        chain_axes["k"] = whole_values("k", neighbours)
    options = all_options()
    axes = {name: _axis(options[name][0], str(text)) for name, text in at.given().items()}
    bounds = list(grid_cells(found.name, chain_axes, axes, variant))
    notes = sorted({f"{found.command}: {bound.event}" for bound in bounds})[:1]
    rows = [_row(bound, out.digits) for bound in bounds]
    tables.write(rows, out.format, out.output, title=f"Bounds of {found.command} ({variant})", notes=notes)


def _axis(option: Option, text: str) -> Sequence[Any]:
    """Return the values of a list or range; expressions, such as those of steps, stay text."""
    if option.kind == "whole":
        return whole_values(option.name, text)
    if option.kind == "number":
        return values(option.name, text)
    return whole_values(option.name, text) if ":" in text else [part.strip() for part in text.split(",")]
