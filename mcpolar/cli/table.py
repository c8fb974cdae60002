"""`mcpolar table paper` and `mcpolar table grid`: tables of bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from mcpolar.bounds.tables import grid_cells, paper_cells
from mcpolar.choices import TableFormat, Variant
from mcpolar.cli.destinations import Output
from mcpolar.cli.help import epilogue
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.options import OptionalText, Text, Whole, check_digits
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.statement_options import StatementLists, StatementName, all_options
from mcpolar.limits import require_cells
from mcpolar.report import tables
from mcpolar.report.bounds import bound_row, for_people, published_row
from mcpolar.statements import Option, Statement, find_probability

app = App(
    name="table",
    help="Write tables of bounds: the paper's, or any grid.",
    help_format="plaintext",
    help_epilogue=epilogue("table"),
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class TableOutput:
    """Where a table goes and how it looks."""

    format: TableFormat | None = None
    """text for people; json, csv, markdown, latex or parquet for programs and papers. Default: by the ending of
    --output, else text. A bound below 1e-308 reads back as 0: programs take log10, which is empty for a bound of 0."""
    output: Output = None
    """File to write instead of standard output; it is whole or not there. What mcpolar did not write, or was changed
    since, is left as it is."""
    digits: Whole = 7
    """Significant digits of a bound (rounded toward zero if certified, to nearest in the paper's form)."""

    def form(self) -> TableFormat:
        """Return the format, by option or by the file's ending; refuse it if they contradict, and digits of no use."""
        check_digits(self.digits)
        return tables.format_of(self.output, self.format)


OUT, LISTS = TableOutput(), StatementLists()


@app.command(help_epilogue=epilogue("table paper"))
def paper(*, variant: Literal[Variant, "both"] = "certified", out: TableOutput = OUT) -> None:
    """Write the paper's three tables (70 cells).

    Tables 1 and 2 bound the probability that level h holds at every step (theorem2), Table 3 that level h + 1 holds at
    the end (theorem2-ascent). silo-persistence is another event: no agent changes its silo.

    Parameters
    ----------
    variant
        certified, the paper's published form, or both beside each other.
    """
    form = out.form()
    rows = (
        _both(out.digits)
        if variant == "both"
        else [published_row(bound, out.digits, table.number) for table, bound in paper_cells(variant)]
    )
    title = (
        "The paper's tables"
        + {"certified": ", certified", "paper": "", "both": " and the certified values"}[variant]
    )
    shown = for_people(rows) if form in FOR_PEOPLE and variant != "both" else rows
    tables.write(shown, form, out.output, title=title, notes=EVENTS, by="table")


FOR_PEOPLE = ("text", "markdown", "latex")
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
            "given_steps": table.steps,
            "paper": published.lower(digits),
            "certified": certified.lower(digits),
            "certified_steps": certified.horizon_steps,
        }
        for (table, published), (_, certified) in zip(
            paper_cells("paper"), paper_cells("certified"), strict=True
        )
    ]


@app.command(help_epilogue=epilogue("table grid"))
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
    form = out.form()
    found, chain_axes, axes = axes_of(
        statement, at, agents=agents, memory=memory, sigma=sigma, neighbours=neighbours
    )
    count = require_cells("statement", [len(axis) for axis in (*chain_axes.values(), *axes.values())])
    bounds = []
    with progress_bar("bounds", count) as progress:
        for bound in grid_cells(found.name, chain_axes, axes, variant):
            bounds.append(bound)
            progress(1)
    rows = [bound_row(bound, out.digits) for bound in bounds]
    if form in FOR_PEOPLE:
        rows = for_people(rows)
    event = f"Each is a lower bound on {found.event or found.title}."
    tables.write(
        rows,
        form,
        out.output,
        title="Lower bounds",
        notes=[event, *_meanings(rows)],
        keep=("lower", "ceiling"),
    )


def axes_of(
    statement: str, at: StatementLists, *, agents: str, memory: str, sigma: str, neighbours: str | None
) -> tuple[Statement, dict[str, Sequence[Any]], dict[str, Sequence[Any]]]:
    """Return the statement, and the values of the chain's parameters and of its own arguments, from their texts."""
    found = find_probability(statement)
    chain_axes: dict[str, Sequence[Any]] = {
        "m": whole_values("m", agents),
        "r": whole_values("r", memory),
        "sigma": values("sigma", sigma),
    }
    if neighbours is not None:
        chain_axes["k"] = whole_values("k", neighbours)
    options = all_options()
    return found, chain_axes, {name: _axis(options[name][0], str(text)) for name, text in at.given().items()}


def _meanings(rows: Sequence[tables.Row]) -> list[str]:
    """Return what a ceiling and a failed assumption mean, for the tables in which there is one."""
    names = {name for row in rows for name in str(row.get("failed") or "").split(", ") if name}
    notes = []
    if any(row.get("ceiling") for row in rows):
        notes.append("ceiling: no bound of this kind exceeds it; `mcpolar bound` says from which start.")
    if names - {"proof-gap"}:
        notes.append("failed: an assumption that does not hold at these parameters; the bound is 0 there.")
    if "proof-gap" in names:
        notes.append("proof-gap: the published proof has a gap, and the value is the published formula's.")
    return notes


def _axis(option: Option, text: str) -> Sequence[Any]:
    """Return the values of a list or range; expressions, such as those of steps, stay text."""
    if option.kind == "whole":
        return whole_values(option.name, text)
    if option.kind == "number":
        return values(option.name, text)
    return whole_values(option.name, text) if ":" in text else [part.strip() for part in text.split(",")]
