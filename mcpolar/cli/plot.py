"""`mcpolar plot bound STATEMENT`: bounds as curves or heat maps."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from mcpolar.choices import Variant
from mcpolar.cli.destinations import Plot
from mcpolar.cli.help import epilogue
from mcpolar.cli.options import Flag, OptionalText, Quiet, Text, Watched, Whole, check_runs
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.statement_options import StatementLists, StatementName
from mcpolar.cli.table import LISTS, axes_of
from mcpolar.errors import InputError
from mcpolar.files import require_destination
from mcpolar.results import Bound, Estimate

app = App(
    name="plot",
    help="Draw bounds as curves or heat maps.",
    help_format="plaintext",
    help_epilogue=epilogue("plot"),
)
MOST_ESTIMATES = 200


@app.command(help_epilogue=epilogue("plot bound"))
def bound(
    statement: StatementName,
    *,
    agents: Annotated[Text, Parameter(name=["--agents", "-m"])] = "30",
    memory: Annotated[Text, Parameter(name=["--memory", "-r"])] = "5",
    sigma: Text = "0.05:0.5:0.01",
    neighbours: Annotated[OptionalText, Parameter(name=["--neighbours", "-k"])] = None,
    at: StatementLists = LISTS,
    variant: Variant = "certified",
    kind: Literal["auto", "curves", "heat"] = "auto",
    estimates: Flag = False,
    replicas: Whole = 2000,
    confidence: float = 0.999,
    seed: Whole = 1,
    output: Plot = None,
    stamp: Flag = False,
    progress: Watched = "auto",
    quiet: Quiet = False,
) -> None:
    """Draw a statement's bound against one or two parameters.

    Options take a value, a list a,b,c or a range a:b or a:b:step with both ends; one or two of them have several
    values. The points are certified; the lines between them are for the eye.

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
    kind
        curves, or a heat map over two parameters. auto: curves as long as they can be told apart.
    estimates
        Draw estimates by simulation with their intervals over the curves, from the start that validate takes.
    replicas
        Independent replicas of each estimate.
    confidence
        Two-sided confidence of each interval by itself.
    seed
        Of the estimates.
    output
        File for the picture (.pdf, .png or .svg). Default: STATEMENT.pdf.
    stamp
        Write parameters, seed and version below the picture; they are in the file's metadata anyway.
    """
    check_runs(replicas, confidence, seed)
    found, chain_axes, axes = axes_of(
        statement, at, agents=agents, memory=memory, sigma=sigma, neighbours=neighbours
    )
    axes = {name: _listed(values) for name, values in found.with_defaults(axes).items()}
    path = Path(f"{found.name}.pdf") if output is None else output
    require_destination("output", path)
    given = {name: [str(value) for value in axis] for name, axis in (chain_axes | axes).items()}
    from mcpolar.bounds.tables import BoundTable, grid_cells
    from mcpolar.report.plots.bounds import draw_table
    from mcpolar.report.plots.saving import save

    table = BoundTable(tuple(grid_cells(found.name, chain_axes, axes, variant)))
    heat = None if kind == "auto" else kind == "heat"
    seen = None
    if estimates:
        settings = {"replicas": replicas, "confidence": confidence, "seed": seed}
        seen = _estimates(tuple(table), settings, quiet=quiet, form=progress)
    made_from = {"statement": found.command, "variant": variant, **given}
    save(
        draw_table(table, heat=heat, estimates=seen),
        path,
        made_from,
        seed=seed if estimates else None,
        stamp=stamp,
    )
    print(f"wrote {path}", file=sys.stderr)


def _listed(values: Any) -> Sequence[Any]:
    """Return an axis: a default is a single value."""
    return values if isinstance(values, list | tuple) else [values]


def _estimates(bounds: Sequence[Bound], settings: dict[str, Any], **shown: Any) -> list[Estimate]:
    """Return an estimate of what each bound bounds."""
    from mcpolar.montecarlo import validate
    from mcpolar.parameters import ChainParameters
    from mcpolar.statements import find

    if len(bounds) > MOST_ESTIMATES:
        raise InputError(
            "estimates", f"{len(bounds)} points", f"at most {MOST_ESTIMATES} points with estimates"
        )
    found = []
    with progress_bar("estimates", len(bounds), **shown) as advance:
        for one in bounds:
            own = find(one.statement).arguments
            values: dict[str, Any] = {
                name: value for name, value in one.parameters.items() if value is not None
            }
            chain = ChainParameters(**{name: values[name] for name in CHAIN_NAMES if name in values})
            given = {name: values[name] for name in own if name in values}
            found.append(validate(one.statement, chain, variant=one.variant, **settings, **given).estimate)
            advance(1)
    return found


CHAIN_NAMES = ("m", "r", "sigma", "k", "mirror")
