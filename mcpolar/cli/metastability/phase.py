"""`mcpolar metastability phase`: consensus or bipolar silos over a grid of parameters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from mcpolar.checks import check_confidence, whole_number
from mcpolar.cli.destinations import Source
from mcpolar.cli.lists import values, whole_values
from mcpolar.cli.metastability.options import OUT, Outputs
from mcpolar.cli.options import OptionalText, OptionalWhole, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.cli.starts import read_start
from mcpolar.errors import InputError
from mcpolar.limits import require_cells
from mcpolar.metastability import PhaseCell
from mcpolar.parameters import ChainParameters
from mcpolar.report import tables
from mcpolar.rng import MOST_REPLICAS


def phase(
    *,
    agents: Annotated[Text, Parameter(name=["--agents", "-m"])] = "10",
    memory: Annotated[Text, Parameter(name=["--memory", "-r"])] = "5",
    sigma: Text = "0.3,0.5,0.7,1,1.4",
    neighbours: Annotated[OptionalText, Parameter(name=["--neighbours", "-k"])] = "2,3,4,5,7,9",
    start: Annotated[str, Source()] = "random",
    level: Text = "1",
    steps: Text = "200*m",
    replicas: Whole = 200,
    confidence: float = 0.999,
    seed: Whole = 1,
    workers: OptionalWhole = None,
    progress: Watched = "auto",
    quiet: Quiet = False,
    out: Outputs = OUT,
) -> None:
    """Write the phase diagram: consensus or bipolar silos at long times, and the time to get there.

    Every parameter takes a list a,b,c or a range a:b or a:b:step. A picture needs two parameters with several values;
    the first two of sigma, k, r, m that have them are its axes, the others must have one.

    Parameters
    ----------
    agents
        Numbers of agents m.
    memory
        Memory sizes r.
    sigma
        Component standard deviations.
    neighbours
        Neighbourhood sizes k; those above m - 1 are left out.
    start
        random, polarized, bipolar, undecided or boundary.
    level
        Level h at which a population counts as decided.
    steps
        Single-agent steps of each replica.
    replicas
        Replicas of each cell.
    confidence
        Of every interval, pointwise.
    seed
        Seed of every draw.
    workers
        Threads. Default: all cores.
    """
    out.form()
    from mcpolar.metastability import phase_diagram

    count, _ = whole_number("replicas", replicas, 1, MOST_REPLICAS - 1), check_confidence(confidence)
    cells = _cells(agents, memory, sigma, neighbours)
    axes = _axes(cells) if out.plot is not None else None
    with progress_bar("cells x replicas", len(cells) * count, quiet=quiet, form=progress) as advance:
        found = list(
            phase_diagram(
                cells,
                read_start(start, cells[0]),
                steps,
                replicas=count,
                seed=seed,
                level=level,
                confidence=confidence,
                workers=workers,
                progress=advance,
            )
        )
    rows = [_phase_row(cell) for cell in found]
    summary = {"start": start, "level": level, "replicas": replicas, "confidence": confidence, "seed": seed}
    if out.plot is not None and axes is not None:
        from mcpolar.report.plots.phases import draw_phases

        out.draw(draw_phases(found, *axes), summary | {"parameters": _given(cells), "steps": steps})
    out.write("Phase diagram", summary, rows)


def _given(cells: Sequence[ChainParameters]) -> dict[str, list[str]]:
    """Return the values of each parameter, for the picture's metadata."""
    names = ("m", "r", "sigma", "k")
    return {name: list(dict.fromkeys(str(getattr(cell, name)) for cell in cells)) for name in names}


def _cells(agents: str, memory: str, sigma: str, neighbours: str | None) -> list[ChainParameters]:
    """Return the grid, without cells whose neighbourhood is larger than the population."""
    sizes: list[int | None] = [None] if neighbours is None else [*whole_values("k", neighbours)]
    axes = (whole_values("m", agents), whole_values("r", memory), values("sigma", sigma), sizes)
    require_cells("agents", [len(axis) for axis in axes])
    cells = [ChainParameters(m, r, s, k) for m, r, s, k in itertools.product(*axes) if k is None or k < m]
    if not cells:
        raise InputError("k", neighbours, "below one of the numbers of agents")
    return cells


def _axes(cells: Sequence[ChainParameters]) -> tuple[str, str]:
    """Return the two parameters that vary."""
    varying = [name for name in ("sigma", "k", "r", "m") if len({getattr(cell, name) for cell in cells}) > 1]
    if len(varying) != 2:
        given = f"{len(varying)} parameters with several values"
        raise InputError("plot", given, "left out unless two of sigma, k, r and m have several values")
    return varying[0], varying[1]


def _phase_row(cell: PhaseCell) -> tables.Row:
    record = cell.parameters.as_dict()
    row: tables.Row = {name: record[name] for name in ("m", "r", "sigma", "k")}
    row |= {"phase": cell.phase, "steps": cell.steps}
    for name in ("consensus", "bipolar", "mixed"):
        row |= dict(zip((name, f"{name}_low", f"{name}_high"), getattr(cell, name), strict=True))
    mean = cell.consensus_mean
    return row | {
        "consensus_median": cell.consensus_median,
        "polarized_median": cell.polarized_median,
        "consensus_mean": None if mean is None else mean.mean,
    }
