"""The phase diagram as heat maps: the share of each outcome, the rounds to consensus; computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError
from mcpolar.metastability import PhaseCell, PhaseDiagram
from mcpolar.report.plots.bounds import WORDS
from mcpolar.report.plots.style import PAGE, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Shown: TypeAlias = Literal["consensus", "bipolar", "mixed", "rounds"]
TITLES: dict[str, str] = {
    "consensus": "share with consensus at the end",
    "bipolar": "share with decided agents on both sides",
    "mixed": "share with undecided agents at the end",
    "rounds": "median rounds to consensus",
}
AXES = ("sigma", "k", "m", "r")


@styled
def draw_phases(cells: Iterable[PhaseCell], across: str, down: str) -> Figure:
    """Return heat maps of the share of consensus and of the median time to it.

    Parameters
    ----------
    cells : iterable of PhaseCell
        A full grid over two parameters.
    across, down : str
        The parameters' names (m, r, sigma or k) along the axes.
    """
    from matplotlib.figure import Figure

    diagram = PhaseDiagram(tuple(cells))
    figure = Figure(figsize=(PAGE, 3.0))
    left, right = figure.subplots(1, 2)
    put_phases(diagram, left, across=across, down=down)
    put_phases(diagram, right, across=across, down=down, show="rounds")
    return figure


def put_phases(
    diagram: PhaseDiagram,
    axes: Axes,
    *,
    across: str | None = None,
    down: str | None = None,
    show: Shown = "consensus",
) -> Axes:
    """Draw one heat map of a phase diagram.

    Parameters
    ----------
    diagram : PhaseDiagram
        Cells over two parameters.
    axes : Axes
        Where.
    across, down : str, optional
        The parameters along the axes; absent: those that have several values.
    show : {"consensus", "bipolar", "mixed", "rounds"}
        The share of an outcome, or the median rounds to consensus.

    Raises
    ------
    InputError
        If there are no two parameters with several values, or `show` is none of these.
    """
    from matplotlib.colors import LogNorm, Normalize

    if show not in TITLES:
        raise InputError("show", show, f"one of {', '.join(TITLES)}")
    names = _names(diagram, across, down)
    columns, rows = (sorted({_value(cell, name) for cell in diagram}) for name in names)
    values, last = np.full((2, len(rows), len(columns)), np.nan)
    for cell in diagram:
        at = rows.index(_value(cell, names[1])), columns.index(_value(cell, names[0]))
        last[at] = cell.steps / cell.parameters.m
        values[at] = _shown(cell, show)
    positive = values[values > 0]
    if show == "rounds" and positive.size:
        norm: Any = LogNorm(positive.min(), max(positive.max(), 2 * positive.min()))
    else:
        norm = Normalize(0, 1)
    _heat_map(axes, values, last, form=".3g" if show == "rounds" else ".2f", norm=norm)
    axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
    axes.set_yticks(range(len(rows)), [f"{value:g}" for value in rows])
    axes.set(xlabel=WORDS[names[0]], ylabel=WORDS[names[1]], title=TITLES[show])
    return axes


def _names(diagram: PhaseDiagram, across: str | None, down: str | None) -> Sequence[str]:
    """Return the parameters along the axes: those given, and of the others those that vary."""
    given = [name for name in (across, down) if name is not None]
    for name in given:
        if name not in AXES:
            raise InputError("axis", name, f"one of {', '.join(AXES)}")
    free = [name for name in AXES if name not in given and len({_value(cell, name) for cell in diagram}) > 1]
    if len(free) + len(given) < 2:
        raise InputError(
            "diagram", "fewer than two parameters with several values", "two of them, or names of both axes"
        )
    first = free.pop(0) if across is None else across
    return first, free.pop(0) if down is None else down


def _shown(cell: PhaseCell, show: Shown) -> float:
    if show != "rounds":
        return float(getattr(cell, show)[0])
    return np.nan if cell.consensus_median is None else cell.consensus_median / cell.parameters.m


def _heat_map(axes: Axes, values: Floats, last: Floats, *, form: str, norm: Any) -> None:
    """Draw values with their numbers; where there is none, that it lies beyond the last round."""
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import LogLocator

    image = axes.imshow(values, origin="lower", aspect="auto", cmap="cividis", norm=norm)
    axes.set_facecolor("0.85")
    for (i, j), value in np.ndenumerate(values):
        known = np.isfinite(value)
        text = format(value, form) if known else f"> {last[i, j]:.3g}" if np.isfinite(last[i, j]) else ""
        light = not known or norm(value) > 0.6
        axes.text(j, i, text, ha="center", va="center", color="k" if light else "w", size=6)
    ticks = LogLocator(subs=(1.0, 2.0, 5.0)) if isinstance(norm, LogNorm) else None
    figure = cast("Figure", axes.get_figure(root=True))
    figure.colorbar(image, ax=axes, format="%.3g", ticks=ticks).minorticks_off()


def _value(cell: PhaseCell, name: str) -> float:
    """Return a cell's parameter; an absent k counts as m - 1, which it is."""
    value = getattr(cell.parameters, name)
    return float(cell.parameters.m - 1 if value is None else value)
