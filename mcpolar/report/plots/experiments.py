"""The paper's figures at the width of a journal column, from an experiment's table; computes nothing but what it shows.

Colours are Okabe and Ito's (distinct in all common forms of colour blindness) or cividis for ordered components. What
a band or an error bar is stands in the figure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcpolar.errors import InputError
from mcpolar.experiments import ExperimentResult, summarise
from mcpolar.experiments.summaries import CONFIDENCE
from mcpolar.files import replacing
from mcpolar.report.plots.saving import metadata
from mcpolar.report.plots.style import BLUE, COLUMN, GREEN, ORANGE, PAGE, PURPLE, STYLE, require_matplotlib
from mcpolar.report.provenance import provenance

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ERRORS = 5
"""Standard errors of an error bar, as the paper draws them."""


def write_experiment(result: ExperimentResult, folder: Path) -> list[Path]:
    """Write NAME.csv, NAME.json (parameters, seed, versions, summary), NAME.pdf and NAME.png; return their paths.

    Raises
    ------
    ResourceError
        If the disk refuses, or matplotlib is missing; then nothing is written.
    """
    name = result.experiment.name
    figure = draw_experiment(result)
    summary = summarise(name, result.table, dict(result.settings))
    made = provenance(result.settings, result.seed)
    record = {
        "experiment": name,
        "title": result.experiment.title,
        **made,
        "summary": json.loads(summary.to_json(orient="records", double_precision=15)),
    }
    paths = [folder / f"{name}.{ending}" for ending in ("csv", "json", "pdf", "png")]
    with replacing(paths[0]) as draft:
        draft.write_text(result.csv, encoding="utf-8")
    with replacing(paths[1]) as draft:
        draft.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for path in paths[2:]:
        with replacing(path) as draft, require_matplotlib().rc_context(STYLE):
            # no date in the file: the same table gives the same bytes
            figure.savefig(draft, metadata=metadata(path.suffix, made))
    return paths


def draw_experiment(result: ExperimentResult) -> Figure:
    """Return the figure of an experiment.

    Raises
    ------
    ResourceError
        If matplotlib is missing.
    """
    draw = _DRAWINGS[result.experiment.name]
    with require_matplotlib().rc_context(STYLE):
        return draw(result)


def put_experiment(result: ExperimentResult, axes: Axes) -> Axes:
    """Draw the main panel of an experiment's figure on given axes; the whole figure: :func:`draw_experiment`.

    Raises
    ------
    InputError
        If the figure is a grid of panels of one kind (fig4), none of which is the main one.
    """
    name = result.experiment.name
    if name not in _MAIN:
        raise InputError(
            "experiment", name, f"one of {', '.join(_MAIN)}: the whole figure is draw_experiment's"
        )
    _MAIN[name](result, axes)
    return axes


def _figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, Any]:
    # Figure itself, not pyplot: no display, no global list of figures
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def _posterior(result: ExperimentResult) -> Figure:
    figure, axes = _figure(COLUMN, 2.4)
    _put_posterior(result, axes)
    return figure


def _put_posterior(result: ExperimentResult, axes: Axes) -> None:
    styles = ("-", "--", "-.", ":")
    for q, (sigma, curve) in enumerate(result.table.groupby("sigma")):
        colour = (BLUE, ORANGE, GREEN, PURPLE)[q % 4]
        axes.plot(curve["x"], curve["posterior"], styles[q % 4], color=colour, label=f"σ = {sigma:g}")
    axes.set(xlabel="point x", ylabel="posterior of component +1", ylim=(-0.02, 1.02))
    axes.legend(loc="lower right", handlelength=2.4)


def _silos_in_time(result: ExperimentResult) -> Figure:
    figure, (top, bottom) = _figure(COLUMN, 4.4, 2, sharex=True, height_ratios=(3, 2))
    first = result.table[result.table["replicate"] == 0]
    _put_silos(result, top)
    top.set(xlabel="")
    sizes = first.groupby(["step", "silo"]).size().unstack(fill_value=0)
    colours = [_ordered(component, result.settings["agents"]) for component in sizes.columns]
    bottom.stackplot(sizes.index, sizes.to_numpy().T, colors=colours, linewidth=0.3, edgecolor="white")
    bottom.set(xlabel=_step_label(result), ylabel="agents in each silo", ylim=(0, len(set(first["agent"]))))
    bottom.margins(x=0)
    return figure


def _put_silos(result: ExperimentResult, axes: Axes) -> None:
    _agent_lines(axes, result.table[result.table["replicate"] == 0])
    axes.set(xlabel=_step_label(result), ylabel="silo of each agent (component)")
    _say_replicate(axes, result)


def _neighbourhood(result: ExperimentResult) -> Figure:
    figure, axes = _figure(COLUMN, 2.5)
    _put_neighbourhood(result, axes)
    return figure


def _put_neighbourhood(result: ExperimentResult, axes: Axes) -> None:
    summary = summarise("fig3", result.table, dict(result.settings))
    label = f"mean ± {ERRORS} s.e., {summary['replicates'].iloc[0]} replicates"
    _error_bars(axes, summary["k"], summary["mean_silos"], summary["standard_error"], label)
    axes.set(
        xlabel="neighbourhood size k (agents)",
        ylabel=f"silos after {result.settings['steps']} steps",
        ylim=(0, None),
    )
    axes.legend()


def _grid(result: ExperimentResult) -> Figure:
    mirrors, sizes = result.settings["mirror"], result.settings["neighbours"]
    width, height = COLUMN if len(sizes) <= 2 else PAGE, 0.5 + 1.4 * len(mirrors)
    figure, panels = _figure(width, height, len(mirrors), len(sizes), sharex=True, sharey=True, squeeze=False)
    table = result.table[result.table["replicate"] == 0]
    for row, mirror in enumerate(mirrors):
        for column, k in enumerate(sizes):
            panel = panels[row, column]
            _agent_lines(panel, table[(table["mirror"] == mirror) & (table["k"] == k)])
            panel.set_title(f"p = {mirror:g}, k = {k}", pad=3)
    figure.supxlabel(_step_label(result), fontsize=8)
    figure.supylabel("silo of each agent (component)", fontsize=8)
    return figure


def _one_silo(result: ExperimentResult) -> Figure:
    figure, axes = _figure(COLUMN, 2.5)
    _put_one_silo(result, axes)
    return figure


def _put_one_silo(result: ExperimentResult, axes: Axes) -> None:
    summary = summarise("fig6", result.table, dict(result.settings))
    band = f"{100 * CONFIDENCE:g} % interval (Clopper–Pearson), each step"
    axes.fill_between(
        summary["step"], summary["low"], summary["high"], color=BLUE, alpha=0.2, linewidth=0, label=band
    )
    axes.plot(
        summary["step"],
        summary["share"],
        color=BLUE,
        label=f"share of {summary['replicates'].iloc[0]} replicates",
    )
    axes.set(xlabel=_step_label(result), ylabel="replicates with one silo (share)", ylim=(-0.02, 1.02))
    axes.margins(x=0)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="lower left", bbox_to_anchor=(0, 1), borderpad=0)


def _merging(result: ExperimentResult) -> Figure:
    figure, (top, bottom) = _figure(COLUMN, 3.4, 2, sharex=True, height_ratios=(3, 1))
    _put_merging(result, top)
    top.set(xlabel="")
    summary = summarise(result.experiment.name, result.table, dict(result.settings))
    replicates = summary["replicates"].iloc[0]
    bars = bottom.bar(summary["distance"], summary["censored"], _bar_width(summary["distance"]), color=ORANGE)
    bottom.bar_label(bars, [str(count) if count else "" for count in summary["censored"]], fontsize=6)
    bottom.set(
        xlabel=_distance_label(result),
        ylabel=f"censored\nof {replicates}",
        ylim=(0, 1.3 * replicates),
        yticks=(0, replicates),
    )
    return figure


def _put_merging(result: ExperimentResult, axes: Axes) -> None:
    horizon = result.settings["steps"]
    summary = summarise(result.experiment.name, result.table, dict(result.settings))
    full, part = summary[summary["censored"] == 0], summary[summary["censored"] > 0]
    replicates = summary["replicates"].iloc[0]
    axes.plot(summary["distance"], summary["restricted_mean"], color=BLUE, linewidth=0.6)
    for cells, face, label in (
        (full, BLUE, f"mean ± {ERRORS} s.e., {replicates} replicates"),
        (part, "white", f"the same up to t = {horizon}, some censored"),
    ):
        if len(cells):
            _error_bars(
                axes, cells["distance"], cells["restricted_mean"], cells["standard_error"], label, face=face
            )
    axes.axhline(horizon, color="0.5", linewidth=0.6, linestyle=":")
    axes.set(
        xlabel=_distance_label(result),
        ylabel="last step t* with more than one silo",
        ylim=(0, 1.08 * horizon),
    )
    axes.legend(loc="upper right", bbox_to_anchor=(1, 0.94))


def _distance_label(result: ExperimentResult) -> str:
    return f"distance of neighbouring means (s.d. {result.settings['sigma']:g})"


def _covariances(result: ExperimentResult) -> Figure:
    figure, (top, bottom) = _figure(COLUMN, 4.2, 2, sharex=True, height_ratios=(3, 2))
    first = result.table[result.table["replicate"] == 0]
    _put_silos(result, top)
    top.set(xlabel="")
    by_step = first.groupby("step")
    bottom.plot(by_step["largest_sd"].max(), color=ORANGE, label="largest")
    bottom.plot(by_step["smallest_sd"].min(), color=BLUE, linestyle="--", label="smallest")
    floor = result.settings["sd_floor"]
    if floor > 0:
        bottom.axhline(floor, color="0.5", linewidth=0.6, linestyle=":", label=f"floor {floor:g}")
    bottom.set_yscale("log")
    bottom.set(xlabel=_step_label(result), ylabel="s.d. over all agents\nand components")
    bottom.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 0.82), columnspacing=1)
    bottom.margins(x=0)
    return figure


def _error_bars(
    axes: Axes, x: pd.Series, mean: pd.Series, error: pd.Series, label: str, *, face: str = BLUE
) -> None:
    axes.errorbar(
        x,
        mean,
        yerr=ERRORS * error.fillna(0.0),
        fmt="o",
        color=BLUE,
        markerfacecolor=face,
        markersize=3.5,
        linewidth=0.8,
        label=label,
    )


def _agent_lines(axes: Axes, table: pd.DataFrame) -> None:
    paths = table.pivot_table(index="step", columns="agent", values="silo")
    for agent in paths:
        colour = _ordered(int(str(agent)), paths.shape[1])
        # a little beside one another, so that the width of a bundle shows its number of agents
        beside = 0.7 * (int(str(agent)) / max(paths.shape[1] - 1, 1) - 0.5)
        axes.plot(paths.index, paths[agent] + beside, color=colour, linewidth=0.4)
    axes.margins(x=0)


def _ordered(position: int, count: int) -> Any:
    from matplotlib import colormaps

    return colormaps["cividis"](position / max(count - 1, 1))


def _bar_width(distances: pd.Series) -> float:
    return 0.8 * float(np.diff(np.sort(distances)).min()) if len(distances) > 1 else 0.1


def _step_label(result: ExperimentResult) -> str:
    one = result.settings["schedule"] == "single"
    return "step t (n updates of one agent)" if one else "step t (one update of every agent)"


def _say_replicate(axes: Axes, result: ExperimentResult) -> None:
    replicas = result.settings["replicas"]
    if replicas > 1:
        axes.set_title(f"replicate 0 of {replicas}", loc="right")


_DRAWINGS: dict[str, Callable[[ExperimentResult], Figure]] = {
    "fig1": _posterior,
    "fig2": _silos_in_time,
    "fig3": _neighbourhood,
    "fig4": _grid,
    "fig6": _one_silo,
    "fig7-line": _merging,
    "fig7-circle": _merging,
    "fig7-simplex": _merging,
    "fig10": _covariances,
}

_MAIN: dict[str, Callable[[ExperimentResult, Axes], None]] = {
    "fig1": _put_posterior,
    "fig2": _put_silos,
    "fig3": _put_neighbourhood,
    "fig6": _put_one_silo,
    "fig7-line": _put_merging,
    "fig7-circle": _put_merging,
    "fig7-simplex": _put_merging,
    "fig10": _put_silos,
}
