"""Bounds as curves or heat maps, estimates over them on request, and one comparison; computes nothing.

What is drawn of a bound is its certified value at the points that were asked for. Lines join them for the eye: between
two points nothing is certified.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mcpolar.errors import InputError
from mcpolar.report.plots.style import BLUE, COLUMN, GREEN, ORANGE, PURPLE, styled
from mcpolar.results import Bound, Comparison, Estimate
from mcpolar.statements import find

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = {
    "m": "number of agents m",
    "r": "memory size r",
    "sigma": "component standard deviation σ",
    "k": "neighbourhood size k",
    "mirror": "chance to be one's own sender",
    "level": "level h",
    "steps": "steps T",
    "ascent": "levels to rise",
    "split": "agents on the + side",
    "log_odds": "own-side log-odds H",
    "memory": "memory at the start",
}
MARKS = (
    (BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"),
    ("#56B4E9", "-", "v"), ("#E69F00", "--", "P"), ("0.3", "-.", "X"),
)  # fmt: skip
"""Colour, line and marker: each tells the lines apart by itself, in print and in grey too."""
CEILING = "no such bound exceeds this"
SMALL = 1e-2  # a picture with smaller probabilities has a logarithmic axis


def varied(bounds: Sequence[Bound]) -> list[str]:
    """Return the parameters that tell the bounds apart, the one with most values first.

    A bound also names what follows from its parameters, such as the shape that a search found: once the others tell
    all bounds apart, it is no axis.
    """
    values = {name: [_key(bound, name) for bound in bounds] for name in bounds[0].parameters}
    several = [name for name in (*WORDS, *values) if name in values and len(set(values[name])) > 1]
    found: list[str] = []
    for name in dict.fromkeys(several):
        if len(set(zip(*(values[one] for one in found), strict=True))) < len(bounds):
            found.append(name)
    return sorted(found, key=lambda name: -len(set(values[name])))


def _key(bound: Bound, name: str) -> float | str:
    """Return where a bound stands on an axis: numbers as such, horizons by their number of steps."""
    if name == "steps" and bound.horizon_steps is not None:
        return float(bound.horizon_steps)
    value = bound.parameters[name]
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return "unrestricted" if value is None else str(value)


def put_table(
    table: Any, axes: Axes, *, heat: bool | None = None, estimates: Sequence[Estimate] | None = None
) -> Axes:
    """Draw the bounds of a table: curves over the parameter with most values, or a heat map over two.

    Parameters
    ----------
    table : BoundTable
        Bounds of one statement, in which one or two parameters have several values.
    axes : Axes
        Where.
    heat : bool, optional
        Whether to draw a heat map; absent: with two parameters, if there would be more curves than can be told apart.
    estimates : sequence of Estimate, optional
        One a cell, drawn with their intervals over the curves.

    Raises
    ------
    InputError
        If no parameter varies, or more than two do.
    """
    bounds = tuple(table)
    names = varied(bounds) if bounds else []
    if not 1 <= len(names) <= 2:
        raise InputError(
            "table", f"{len(names)} parameters with several values", "a table with one or two of them"
        )
    many = len(names) == 2 and len({_key(bound, names[1]) for bound in bounds}) > len(MARKS)
    if heat is None:
        heat = many and not estimates
    if heat and len(names) == 2:
        _heat(bounds, names, axes)
    else:
        _curves(bounds, names, axes, estimates)
    axes.set_title(_title(bounds[0]), fontsize=7)
    return axes


def _title(bound: Bound) -> str:
    kind = "certified lower bound" if bound.variant == "certified" else "the paper's form"
    return f"{kind}: {find(bound.statement).title}"


def _probability(bounds: Sequence[Bound]) -> bool:
    """Return whether the axis is logarithmic: values are then decimal logarithms, so that nothing underflows."""
    return any(bound.log10 < math.log10(SMALL) for bound in bounds if math.isfinite(bound.log10))


def _height(log10: float, logarithmic: bool) -> float:
    """Return where a probability stands; one of 0 has no place."""
    if not math.isfinite(log10):
        return math.nan
    return log10 if logarithmic else 10.0**log10


def _curves(
    bounds: Sequence[Bound], names: Sequence[str], axes: Axes, estimates: Sequence[Estimate] | None
) -> None:
    logarithmic = _probability(bounds)
    groups: dict[Any, list[int]] = {}
    for number, bound in enumerate(bounds):
        groups.setdefault(_key(bound, names[1]) if len(names) == 2 else None, []).append(number)
    if len(groups) > len(MARKS):
        raise InputError(
            "table", f"{len(groups)} curves", f"at most {len(MARKS)} curves; draw a heat map instead"
        )
    places = _places(bounds, names[0])
    for (colour, style, marker), (group, members) in zip(MARKS, groups.items(), strict=False):
        x = [places[_key(bounds[n], names[0])] for n in members]
        y = [_height(bounds[n].log10, logarithmic) for n in members]
        label = None if group is None else f"{WORDS.get(names[1], names[1])} = {_shown(group)}"
        axes.plot(x, y, style, marker=marker, ms=3, color=colour, label=label)
        _ceilings(axes, x, [bounds[n] for n in members], colour, logarithmic)
        _zeros(axes, [at for at, n in zip(x, members, strict=True) if bounds[n].value.is_zero], colour)
        if estimates is not None:
            _intervals(axes, x, [estimates[n] for n in members], colour, logarithmic)
    _name_axes(axes, bounds, names[0], places)
    axes.set_ylabel("log10 of the probability" if logarithmic else "probability")
    if not logarithmic:
        axes.set_ylim(-0.03, 1.05)
    if len(names) == 2 or estimates is not None or any(bound.ceiling is not None for bound in bounds):
        axes.legend()


def _zeros(axes: Axes, x: Sequence[float], colour: str) -> None:
    """Mark at the foot where the bound is 0 since an assumption fails: there is no logarithm."""
    if x:
        label = _once(axes, "bound 0: an assumption fails")
        place = axes.get_xaxis_transform()
        axes.plot(x, [0.02] * len(x), "x", ms=4, color=colour, transform=place, label=label)


def _once(axes: Axes, label: str) -> str:
    """Return a label that the legend has not got yet, or the one for none."""
    return "_nolegend_" if label in axes.get_legend_handles_labels()[1] else label


def _ceilings(
    axes: Axes, x: Sequence[float], bounds: Sequence[Bound], colour: str, logarithmic: bool
) -> None:
    """Draw what no such bound exceeds as a thin dotted line of the curve's colour, named once."""
    heights = [
        math.nan if bound.ceiling is None else _height(bound.ceiling.log10, logarithmic) for bound in bounds
    ]
    if any(map(math.isfinite, heights)):
        label = _once(axes, CEILING)
        axes.plot(x, heights, ":", marker="v", ms=2, lw=0.7, color=colour, label=label)


def _intervals(
    axes: Axes, x: Sequence[float], estimates: Sequence[Estimate], colour: str, logarithmic: bool
) -> None:
    ends = [
        [
            _height(log / math.log(10), logarithmic)
            for log in (one.log_low, one.log_probability, min(one.log_high, 0.0))
        ]
        for one in estimates
    ]
    shown = [(at, *three) for at, three in zip(x, ends, strict=True) if all(map(math.isfinite, three))]
    if shown:
        at, low, middle, high = np.array(shown).T
        label = _once(axes, f"estimate, {100 * estimates[0].confidence:g}% interval")
        axes.errorbar(
            at,
            middle,
            [middle - low, high - middle],
            fmt="_",
            ms=7,
            color=colour,
            lw=1,
            alpha=0.7,
            label=label,
        )


def _places(bounds: Sequence[Bound], name: str) -> Mapping[float | str, float]:
    """Return where the values stand on an axis: as they are, or one after the other if some are words."""
    keys = list(dict.fromkeys(_key(bound, name) for bound in bounds))
    if any(isinstance(key, str) for key in keys):
        return {key: float(number) for number, key in enumerate(keys)}
    return {key: float(key) for key in sorted(keys)}


def _shown(key: float | str) -> str:
    return key if isinstance(key, str) else f"{key:g}"


def _name_axes(axes: Axes, bounds: Sequence[Bound], name: str, places: Mapping[float | str, float]) -> None:
    axes.set_xlabel(WORDS.get(name, name))
    if any(isinstance(key, str) for key in places):
        axes.set_xticks(list(places.values()), [_shown(key) for key in places])
    elif len(places) > 1 and all(key == int(key) for key in map(float, places)):
        from matplotlib.ticker import MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(nbins="auto", steps=[1, 2, 2.5, 5, 10], integer=True))
    if name == "steps" and len(places) > 2 and max(places.values()) > 50 * max(min(places.values()), 1):
        axes.set_xscale("log")


def _heat(bounds: Sequence[Bound], names: Sequence[str], axes: Axes) -> None:
    across, down = (_places(bounds, name) for name in names)
    logarithmic = _probability(bounds)
    values = np.full((len(down), len(across)), np.nan)
    for bound in bounds:
        at = list(down).index(_key(bound, names[1])), list(across).index(_key(bound, names[0]))
        values[at] = _height(bound.log10, logarithmic)
    image = axes.imshow(values, origin="lower", aspect="auto", cmap="cividis", interpolation="nearest")
    axes.set_facecolor("0.85")
    for places, set_ticks in ((across, axes.set_xticks), (down, axes.set_yticks)):
        chosen = range(0, len(places), math.ceil(len(places) / 8))  # as many cells from one to the next
        set_ticks(chosen, [_shown(list(places)[i]) for i in chosen])
    axes.set(xlabel=WORDS.get(names[0], names[0]), ylabel=WORDS.get(names[1], names[1]))
    bar = cast("Figure", axes.get_figure(root=True)).colorbar(image, ax=axes)
    bar.set_label("log10 of the probability" if logarithmic else "probability")


@styled
def draw_table(
    table: Any, *, heat: bool | None = None, estimates: Sequence[Estimate] | None = None
) -> Figure:
    """Return the picture of a table of bounds, one column wide: see :func:`put_table`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.2 * COLUMN, 2.8))
    put_table(table, figure.subplots(), heat=heat, estimates=estimates)
    return figure


def put_comparison(comparison: Comparison, axes: Axes) -> Axes:
    """Draw an estimate with its interval beside the bound that it tests."""
    bound, estimate = comparison.bound, comparison.estimate
    logarithmic = _probability([bound])
    _intervals(axes, [0.0], [estimate], BLUE, logarithmic)
    if math.isfinite(bound.log10):
        axes.axhline(
            _height(bound.log10, logarithmic), color=ORANGE, ls="--", label=f"P ≥ {bound.lower(4)}, certified"
        )
    if bound.ceiling is not None:
        height = _height(bound.ceiling.log10, logarithmic)
        axes.axhline(height, color="0.4", ls=":", label=CEILING)
    axes.set(xlim=(-1, 1), xticks=[], ylabel="log10 of the probability" if logarithmic else "probability")
    axes.set_title(f"{comparison.verdict}: {find(bound.statement).title}", fontsize=7)
    axes.legend()
    return axes
