"""The checks of the paper's tables as a figure: each bound beside its estimate and interval, in decimal logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcpolar.errors import InputError, ResourceError
from mcpolar.files import replacing
from mcpolar.report.tables import Row

ENDINGS = (".pdf", ".png", ".svg")
COLOURS = {"validated": "#1b7837", "consistent": "#2166ac", "violated": "#b2182b"}
TITLES = {
    "1": "Table 1: level $h$ kept, $10\\,m\\log m$ steps",
    "2": "Table 2: level $h$ kept, $2\\,m\\log m$ steps",
    "3": "Table 3: level $h+1$ at the end",
    "T1": "Theorem 1: polarized, from any state",
}


def plot_checks(rows: Sequence[Row], output: Path) -> None:
    """Write the figure; its ending says the format.

    Parameters
    ----------
    rows : sequence of dict
        Records of the checks, with decimal logs of bound, estimate and interval; None where there is none.
    output : Path
        A file that ends in .pdf, .png or .svg.

    Raises
    ------
    InputError
        If the ending is another one.
    ResourceError
        If matplotlib is missing or the file cannot be written.
    """
    require_plots(output)
    from matplotlib.figure import Figure

    tables = [table for table in TITLES if any(row["table"] == table for row in rows)]
    figure = Figure(figsize=(9, 2.6 * len(tables)), layout="constrained")
    for axes, table in zip(figure.subplots(len(tables), squeeze=False)[:, 0], tables, strict=True):
        _panel(axes, [row for row in rows if row["table"] == table], TITLES[table])
    with replacing(output) as draft:
        figure.savefig(draft, dpi=200)


def require_plots(output: Path) -> None:
    """Raise unless a figure of this name can be made: before the work that it shows is done."""
    if output.suffix not in ENDINGS:
        raise InputError("plot", str(output), "a file that ends in " + ", ".join(ENDINGS))
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ResourceError(
            f"plots need matplotlib, a dependency of mcpolar ({error}): pip install matplotlib"
        ) from error


def _panel(axes: Any, rows: Sequence[Row], title: str) -> None:
    floor = min(row["bound_log10"] for row in rows if row["bound_log10"] is not None)
    for at, row in enumerate(rows):
        colour, high = COLOURS[row["verdict"]], row["high_log10"] or 0.0
        low = floor if row["low_log10"] is None else row["low_log10"]
        axes.plot([at, at], [low, high], color=colour, linewidth=2)
        if row["estimate_log10"] is not None:
            axes.plot(at, row["estimate_log10"], "o", color=colour, markersize=4)
        if row["bound_log10"] is not None:
            axes.plot(at, row["bound_log10"], "_", color="black", markersize=9)
    axes.set_xticks(range(len(rows)), [_name(row) for row in rows], rotation=90, fontsize=6)
    axes.set_ylabel(r"$\log_{10}$ probability")
    axes.set_title(f"{title} (bar: bound; dot and line: estimate and interval)", fontsize=8)
    axes.grid(axis="y", linewidth=0.3)


def _name(row: Row) -> str:
    if row["table"] == "T1":
        return f"m={row['m']} r={row['r']} $\\sigma$={row['sigma']}"
    return f"$\\sigma$={row['sigma']} h={row['level']}"
