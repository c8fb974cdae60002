"""The checks of the paper's tables as a figure: by how much each estimate exceeds its bound, in decimal logs.

Bound and estimate themselves coincide in most cells at the scale of the bounds, which spans hundreds of orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mcpolar.errors import InputError
from mcpolar.report.plots.saving import save
from mcpolar.report.plots.style import BLUE, GREEN, ORANGE, PAGE, require_matplotlib, styled
from mcpolar.report.tables import Row

ENDINGS = (".pdf", ".png", ".svg")
LOOKS = {"validated": (GREEN, "o"), "consistent": (BLUE, "s"), "violated": (ORANGE, "X")}
TITLES = {
    "1": "Table 1: level $h$ kept, $10\\,m\\log m$ steps",
    "2": "Table 2: level $h$ kept, $2\\,m\\log m$ steps",
    "3": "Table 3: level $h+1$ at the end",
    "T1": "Theorem 1: polarized, from any state",
}


def plot_checks(rows: Sequence[Row], output: Path, made_from: Mapping[str, Any] | None = None) -> None:
    """Write the figure; its ending says the format.

    Parameters
    ----------
    rows : sequence of dict
        Records of the checks, with decimal logs of bound, estimate and interval; None where there is none.
    output : Path
        A file that ends in .pdf, .png or .svg.
    made_from : mapping, optional
        For the file's metadata; its `seed` is the seed.

    Raises
    ------
    InputError
        If the ending is another one.
    ResourceError
        If matplotlib is missing or the file cannot be written.
    """
    require_plots(output)
    save(draw_checks(rows), output, made_from, seed=(made_from or {}).get("seed"))


@styled
def draw_checks(rows: Sequence[Row]) -> Any:
    """Return the figure: a panel a table, a line a cell; the bound is the vertical line, its size stands beside."""
    from matplotlib.figure import Figure

    tables = [table for table in TITLES if any(row["table"] == table for row in rows)]
    grouped = [[row for row in rows if row["table"] == table] for table in tables]
    columns = min(2, len(tables))
    pairs = [grouped[i : i + columns] for i in range(0, len(grouped), columns)]
    heights = [max(1.8, 0.13 * (max(map(len, pair)) + 5)) for pair in pairs]  # inches
    figure = Figure(figsize=(PAGE, sum(heights) + 0.3))
    grid = figure.subplots(len(pairs), columns, squeeze=False, height_ratios=heights)
    for axes, table, group in zip(grid.flat, tables, grouped, strict=False):
        _panel(axes, group, TITLES[table])
    for axes in grid.flat[len(tables) :]:
        axes.set_axis_off()
    _legend(figure, grid.flat[0])
    return figure


def require_plots(output: Path) -> None:
    """Raise unless a figure of this name can be made: before the work that it shows is done."""
    if output.suffix not in ENDINGS:
        raise InputError("plot", str(output), "a file that ends in " + ", ".join(ENDINGS))
    require_matplotlib()


def _panel(axes: Any, rows: Sequence[Row], title: str) -> None:
    shown = [row for row in rows if row["bound_log10"] is not None]
    bounds = [row["bound_log10"] for row in shown]
    far = [(row[name] or 0.0) - at for row, at in zip(shown, bounds, strict=True) for name in ("high_log10",)]
    least = [
        row["low_log10"] - at for row, at in zip(shown, bounds, strict=True) if row["low_log10"] is not None
    ]
    left = min([0.0, *least]) - 0.1 * max([1e-3, *map(abs, far)])
    for place, (row, bound) in enumerate(zip(shown, bounds, strict=True)):
        colour, marker = LOOKS[row["verdict"]]
        low = left if row["low_log10"] is None else row["low_log10"] - bound
        axes.plot([low, (row["high_log10"] or 0.0) - bound], [place, place], color=colour, linewidth=1.2)
        if row["estimate_log10"] is not None:
            axes.plot(row["estimate_log10"] - bound, place, marker, color=colour, markersize=3)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(range(len(shown)), [_name(row) for row in shown], fontsize=6)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(shown)), [f"{bound:.4g}" for bound in bounds], fontsize=6)
    beside.set_ylabel(r"$\log_{10}$ bound", fontsize=6)
    axes.set_xlabel(r"$\log_{10}$ estimate $-$ $\log_{10}$ bound")
    axes.set_title(title)


def _legend(figure: Any, axes: Any) -> None:
    lines = [axes.plot([], [], "-" + marker, color=colour, ms=3)[0] for colour, marker in LOOKS.values()]
    figure.legend(lines, [f"{verdict} (interval)" for verdict in LOOKS], loc="outside lower center", ncols=3)


def _name(row: Row) -> str:
    if row["table"] == "T1":
        return f"m={row['m']} r={row['r']} $\\sigma$={row['sigma']}"
    return f"$\\sigma$={row['sigma']} h={row['level']}"
