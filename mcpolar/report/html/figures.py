"""Figures as Vega-Lite specifications, each with the table of what it shows.

Probabilities are drawn by their decimal logarithms, which are numbers where they themselves are none: 1e-700 is 0 for
a double. Colours are the page's variables, so that a figure is dark where the page is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mcpolar.decimals import is_number
from mcpolar.report.tables import Downward, Upward, columns_of, spoken

Row: TypeAlias = Mapping[str, Any]
Spec: TypeAlias = dict[str, Any]

MOST_FIGURES = 6
"""Figures of one table of rows; further columns stand in its table."""
MOST_ROWS = 1000
"""Rows that a table shows."""
MOST_SERIES = 12
TIMES = ("step", "steps", "time", "round", "t")
INTERVAL_ENDS = ("_low", "_high")
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True)
class Table:
    """Texts in rows, with a caption."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Figure:
    """A picture: its specification, what it shows in words, and in numbers."""

    title: str
    description: str
    spec: Spec
    table: Table


def rows_table(rows: Sequence[Row], caption: str) -> Table:
    """Return rows as a table; of many the first ones, and a caption that says so.

    Examples
    --------
    >>> rows_table([{"m": 3, "k": None}, {"m": 4, "k": 2}], "two").rows
    [['3', ''], ['4', '2']]
    """
    names = [name for name in columns_of(rows) if any(row.get(name) not in (None, "") for row in rows)]
    shown = [
        ["" if row.get(name) is None else spoken(row[name]) for name in names] for row in rows[:MOST_ROWS]
    ]
    more = f"; the first {MOST_ROWS} of {len(rows)}" if len(rows) > MOST_ROWS else ""
    return Table(caption + more, tuple(names), shown)


def chances_figure(chances: Sequence[Row]) -> Figure:
    """Return probabilities beside each other on one axis of decimal logarithms.

    Parameters
    ----------
    chances : sequence of mappings
        `label`, `what`, `text`, `log10`, `low` and `high`; the last three None for a probability of 0 or for no
        interval.
    """
    drawn = [dict(one) for one in chances if one["log10"] is not None or one["high"] is not None]
    # an interval that reaches down to 0 is drawn to the end of the axis
    least = min(
        (one[name] for one in drawn for name in ("log10", "low", "high") if one[name] is not None), default=-1
    )
    for one in drawn:
        if one["high"] is not None and one["low"] is None:
            one["low"] = least - 1
    labels = list(dict.fromkeys(one["label"] for one in drawn))
    spec = _spec(drawn, _chance_layers(labels), height=max(90, 34 * len(labels)))
    rows = [[one["label"], one["what"], one["text"], _number(one["log10"], one["what"])] for one in chances]
    columns = ("what is asked", "what it is", "probability", "log10")
    description = (
        f"Decimal logarithms of {len(drawn)} probabilities. One of 0 has none: it is in the table alone."
    )
    return Figure("All probabilities", description, spec, Table("All probabilities", columns, rows))


def _chance_layers(labels: Sequence[str]) -> list[Spec]:
    """Return the intervals as rules, and the numbers as points on them."""
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": labels,
        "axis": {"labelLimit": 220},
    }
    tooltip = [{"field": name, "type": "nominal"} for name in ("label", "what", "text")]
    kinds = list(KINDS)
    color = {**_color("what", None), "scale": {"domain": kinds, "range": list(KINDS.values())}}
    shape = {"field": "what", "type": "nominal", "title": None, "legend": None, "scale": {"domain": kinds}}
    axis = {
        "type": "quantitative",
        "title": "log10 of the probability",
        "scale": {"zero": False, "nice": True},
    }
    shared = {"y": y, "color": color, "tooltip": tooltip}
    return [
        {"transform": [{"filter": "datum.high !== null"}], "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.5},
         "encoding": {"x": {"field": "low", **axis}, "x2": {"field": "high"}, **shared}},
        {"transform": [{"filter": "datum.log10 !== null"}], "mark": {"type": "point", "filled": True, "size": 90},
         "encoding": {"x": {"field": "log10", **axis}, "shape": shape, **shared}},
    ]  # fmt: skip


KINDS = {"lower bound": "var(--c2)", "estimate": "var(--c1)", "ceiling": "var(--c3)", "formula": "var(--c4)"}
"""What a probability is, and its colour."""


def figures_of_rows(rows: Sequence[Row]) -> list[Figure]:
    """Return figures of a table of rows: each quantity against what varies; none where nothing does."""
    names = columns_of(rows)
    numeric = [name for name in names if _is_numeric(rows, name)]
    if {"lower", "log10"} <= set(names):
        return _of_bounds(
            rows, [name for name in numeric if name not in ("lower", "log10", "failure", "table")]
        )
    x = next((name for name in numeric if name in TIMES), None) or next(iter(_varying(rows, numeric)), None)
    if x is None:
        return []
    texts = [name for name in names if name not in numeric]
    series = _series(rows, x, [*texts, *(name for name in names if _is_parameter(name) and name != x)])
    drawn = [
        name
        for name in _varying(rows, numeric)
        if name not in (x, series) and not name.endswith(INTERVAL_ENDS)
    ]
    if {"survival", "low", "high"} <= set(numeric):
        return [_survival(rows, x, [name for name in drawn if name not in ("survival", "low", "high")])]
    quantities = [name for name in drawn if not _is_parameter(name)][:MOST_FIGURES]
    return [_quantity(rows, x, name, series) for name in quantities]


def _is_parameter(name: str) -> bool:
    return name in PARAMETERS


PARAMETERS = (
    "m",
    "r",
    "sigma",
    "k",
    "mirror",
    "level",
    "steps",
    "given_steps",
    "split",
    "seed",
    "replicas",
    "number",
)


def _is_numeric(rows: Sequence[Row], name: str) -> bool:
    values = [row.get(name) for row in rows if row.get(name) is not None]
    return bool(values) and all(not isinstance(one, bool) and is_number(str(one)) for one in values)


def _varying(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    return [name for name in names if len({str(row.get(name)) for row in rows}) > 1]


def _series(rows: Sequence[Row], x: str, names: Sequence[str]) -> str | None:
    """Return a column that tells apart rows with the same x; None where there is nothing to tell apart."""
    if len({str(row.get(x)) for row in rows}) == len(rows):
        return None
    for name in _varying(rows, names):
        pairs = {(str(row.get(x)), str(row.get(name))) for row in rows}
        if len(pairs) == len(rows) and len({str(row.get(name)) for row in rows}) <= MOST_SERIES:
            return name
    return None


def _of_bounds(rows: Sequence[Row], numeric: Sequence[str]) -> list[Figure]:
    """Return the figure of a table of bounds: the decimal logarithm against the parameter that varies most."""
    varying = [name for name in _varying(rows, numeric) if name in PARAMETERS]
    if not varying:
        return []
    x = max(varying, key=lambda name: len({str(row.get(name)) for row in rows}))
    others = [name for name in (*varying, "statement", "variant") if name != x]
    series = _series(rows, x, [*others, *columns_of(rows)])
    found = _quantity(rows, x, "log10", series, title="log10 of the lower bound")
    return [found]


def _quantity(rows: Sequence[Row], x: str, y: str, series: str | None, *, title: str | None = None) -> Figure:
    """Return one quantity against x, with its interval where it has one, a line for each of the series."""
    has_interval = all(f"{y}{end}" in columns_of(rows) for end in INTERVAL_ENDS)
    kept = [name for name in (x, y, series, *(f"{y}{end}" for end in INTERVAL_ENDS if has_interval)) if name]
    data = [{name: _value(row.get(name), is_text=name == series) for name in kept} for row in rows]
    across = {"x": _axis(x, rows)}
    color = {"color": _color(series)} if series else {"color": {"value": "var(--c1)"}}
    fade = {"opacity": {"condition": {"param": "chosen", "value": 1}, "value": 0.15}} if series else {}
    along = {"field": y, "type": "quantitative", "title": title or y, "scale": {"zero": False}}
    tooltip = [{"field": name, "type": "nominal"} for name in kept]
    layers: list[Spec] = []
    if has_interval:
        ends = {"y": {**along, "field": f"{y}_low"}, "y2": {"field": f"{y}_high"}}
        layers.append({"mark": {"type": "area", "opacity": 0.2}, "encoding": {**across, **ends, **color}})
    layers.append(
        {
            "mark": {"type": "line", "point": True},
            "encoding": {**across, "y": along, **color, **fade, "tooltip": tooltip},
        }
    )
    if series:
        layers[-1]["params"] = [
            {"name": "chosen", "select": {"type": "point", "fields": [series]}, "bind": "legend"}
        ]
    by = f", a line for each {series}" if series else ""
    text = title or y
    return Figure(
        f"{text} by {x}", f"{text} against {x}{by}.", _spec(data, layers), rows_table(rows, f"{text} by {x}")
    )


def _survival(rows: Sequence[Row], x: str, bounds: Sequence[str]) -> Figure:
    """Return a survival curve with its band, and the lower bounds beside it."""
    names = [x, "survival", "low", "high", *bounds]
    data = [{name: _value(row.get(name)) for name in names} for row in rows]
    across = {"x": _axis(x, rows)}
    unit = {"domain": [0, 1]}
    tooltip = [{"field": name, "type": "nominal"} for name in names]
    curve = {"field": "survival", "type": "quantitative", "title": "share that survives", "scale": unit}
    band = {**curve, "field": "low"}
    layers: list[Spec] = [
        {"mark": {"type": "area", "interpolate": "step-after", "opacity": 0.2, "color": "var(--c1)"},
         "encoding": {**across, "y": band, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "interpolate": "step-after", "point": True, "color": "var(--c1)"},
         "encoding": {**across, "y": curve, "tooltip": tooltip}},
    ]  # fmt: skip
    if bounds:
        layers.append(
            {"transform": [{"fold": list(bounds), "as": ["bound", "value"]}],
             "mark": {"type": "line", "strokeDash": [6, 4]},
             "encoding": {**across, "y": {"field": "value", "type": "quantitative"}, "color": _color("bound")}}
        )  # fmt: skip
    description = "The share that survives up to each step, with a band" + (
        ", and lower bounds." if bounds else "."
    )
    return Figure("Survival", description, _spec(data, layers), rows_table(rows, "Survival"))


def _axis(name: str, rows: Sequence[Row]) -> Spec:
    """Return the axis of x: logarithmic for times over more than a factor of 100."""
    values = [float(row[name]) for row in rows if row.get(name) is not None]
    positive = [value for value in values if value > 0]
    is_wide = name in TIMES and len(positive) == len(values) and max(positive) > 100 * min(positive)
    scale = {"type": "log"} if is_wide else {"zero": False, "nice": False}
    return {
        "field": name,
        "type": "quantitative",
        "title": name,
        "scale": scale,
        "axis": {"labelOverlap": True},
    }


def _color(name: str, title: str | None = "") -> Spec:
    legend = {"orient": "top", "title": name if title == "" else title, "columns": 4}
    return {"field": name, "type": "nominal", "title": legend["title"], "legend": legend}


def _value(value: Any, *, is_text: bool = False) -> Any:
    if value is None or isinstance(value, bool) or is_text:
        return value if value is None else str(value)
    return float(value) if isinstance(value, str) else value


def _number(value: float | None, what: str) -> str:
    """Return a decimal logarithm, rounded in the direction in which the number is certified."""
    if value is None:
        return "−∞"
    way = {"lower bound": Downward, "ceiling": Upward}.get(what, float)
    return spoken(way(value)).replace("-", "−")


def _spec(data: Sequence[Row], layers: Sequence[Spec], *, height: int = 260) -> Spec:
    """Return a specification: as wide as the page, and to be dragged, or zoomed with Shift and the wheel."""
    view = {
        "name": "view",
        "select": {"type": "interval", "encodings": ["x", "y"], "zoom": "wheel![event.shiftKey]"},
        "bind": "scales",
    }
    first, *others = layers
    is_scaled = not any(layer["encoding"].get("y", {}).get("type") == "nominal" for layer in layers)
    moving = {**first, "params": [*first.get("params", []), view]} if is_scaled else first
    return {
        "$schema": SCHEMA, "width": "container", "height": height, "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": list(data)}, "layer": [moving, *others],
    }  # fmt: skip
