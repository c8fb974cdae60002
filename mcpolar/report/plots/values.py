"""Pictures of numbers of a finite chain with their ends: committors, implied timescales, one number a state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mcpolar.errors import InputError
from mcpolar.metastability.finite import Values
from mcpolar.report.plots.style import BLUE, PAGE, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMED = 40
SPAN = 1e3  # numbers that differ by more than this factor are drawn on a logarithmic axis


@styled
def draw_committor(committor: Values, *, source: str = "source", target: str = "target") -> Figure:
    """Return the committor of every state, in its order, with its ends where they can be seen.

    Parameters
    ----------
    committor : Values
        From :meth:`FiniteChain.committor`.
    source, target : str
        Names for the axis.
    """
    figure, axes = _figure(0.7)
    put_values(committor, axes, name=f"P({target} before {source})", ordered=True)
    if axes.get_yscale() == "linear":
        axes.set_ylim(-0.03, 1.05)
    return figure


@styled
def draw_timescales(timescales: Values, *, unit: str = "steps") -> Figure:
    """Return the implied timescales, longest first, with their ends, on a logarithmic axis.

    Parameters
    ----------
    timescales : Values
        From :meth:`FiniteChain.timescales`.
    unit : str
        Of time, for the axis.
    """
    figure, axes = _figure(0.55)
    put_values(timescales, axes, name=f"implied timescale ({unit})", logarithmic=True)
    return figure


def put_values(
    values: Values, axes: Axes, *, name: str = "value", ordered: bool = False, logarithmic: bool | None = None
) -> Axes:
    """Draw one number a state, or a list, with their ends; 0 and infinity are written where they have no place.

    Parameters
    ----------
    values : Values
        One number a state (then the axis has the states' names), or a list.
    axes : Axes
        Where.
    name : str
        What the numbers are, for the axis.
    ordered : bool
        By size; otherwise as they come.
    logarithmic : bool, optional
        Whether the axis is; absent: if the numbers span more than three decades.

    Raises
    ------
    InputError
        If there is more than one number a state.
    """
    if values.value.ndim != 1:
        raise InputError("values", f"shape {values.value.shape}", "one number a state")
    order = np.argsort(values.value, kind="stable") if ordered else np.arange(len(values))
    value, low, high = (end[order] for end in (values.value, values.low, values.high))
    at = np.arange(order.size) + (values.labels is None and not ordered)
    seen = np.isfinite(value) & (value > 0)
    if logarithmic is None:
        logarithmic = bool(seen.any() and value[seen].max() > SPAN * value[seen].min())
    if logarithmic and seen.any():
        axes.set(yscale="log", ylim=(float(value[seen].min()) / 10, 3 * float(high[seen].max())))
    placed = seen if logarithmic else np.isfinite(value)
    axes.vlines(at[placed], low[placed], high[placed], color=BLUE, lw=1)
    axes.plot(at[placed], value[placed], "o", ms=3.5, color=BLUE)
    _write(axes, at[(value == 0) & ~placed], "0", 0.0)
    _write(axes, at[np.isinf(value)], "∞", 1.0)
    axes.set(
        xlim=(at[0] - 0.5, at[-1] + 0.5), xlabel="number" if values.labels is None else "state", ylabel=name
    )
    if values.labels is None:
        from matplotlib.ticker import MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    else:
        _name_states(axes, at, [str(values.labels[i]) for i in order])
    return axes


def _write(axes: Axes, at: Any, text: str, height: float) -> None:
    """Write at the foot or at the top what has no place on the axis."""
    for number in at:
        axes.annotate(
            text,
            (number, height),
            (0, 2),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            va="bottom",
        )


def _name_states(axes: Axes, at: Any, names: Sequence[str]) -> None:
    chosen = at if at.size <= MOST_NAMED else np.unique(np.linspace(0, at.size - 1, 12).astype(int))
    axes.set_xticks(chosen, [names[i] for i in chosen], rotation=90 if at.size > 12 else 0)


def _figure(share: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(share * PAGE, 2.6))
    return figure, figure.subplots()
