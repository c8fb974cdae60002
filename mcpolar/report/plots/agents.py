"""The right panels of the paper's figures and Figure 8, from runs of language models or of others.

They show what the tables hold and compute nothing. Colours and widths are those of the mixtures' figures beside them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.figures import TraceFigure, first_of_each
from mcpolar.agents.silos import OTHER
from mcpolar.agents.texts import shown
from mcpolar.agents.traces import Trace
from mcpolar.choices import TraceFigureName
from mcpolar.experiments.summaries import CONFIDENCE
from mcpolar.files import replacing
from mcpolar.report.plots.experiments import ERRORS
from mcpolar.report.plots.metastability import COLOURS
from mcpolar.report.plots.saving import save
from mcpolar.report.plots.style import BLUE, COLUMN, PAGE, PURPLE, styled
from mcpolar.report.provenance import provenance

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mcpolar.agents.sketch import SketchComparison

MOST_NAMED = 12
"""Silos that are named at the edge of a picture."""
ENDINGS = (".csv", ".json", ".pdf", ".png")


def write_trace_figure(found: TraceFigure, folder: Path, settings: Mapping[str, Any]) -> list[Path]:
    """Write agents-NAME.csv, .json (settings, versions, summary), .pdf and .png; return their paths."""
    summary = json.loads(found.summary.to_json(orient="records", double_precision=15))
    record = {"figure": found.name, "title": found.title, **provenance(settings, None), "summary": summary}
    return _write(f"agents-{found.name}", folder, found.table, record, draw_trace_figure(found))


def write_sketch(found: SketchComparison, folder: Path, settings: Mapping[str, Any], seed: int) -> list[Path]:
    """Write agents-fig8.csv (every answer's point), .json (tests, every agent's mixture), .pdf and .png."""
    record = {
        "figure": "fig8",
        "title": "Sketches in response space",
        **provenance(settings, seed),
        **found.as_dict(),
    }
    return _write("agents-fig8", folder, found.to_frame(), record, draw_sketch(found))


def _write(name: str, folder: Path, table: pd.DataFrame, record: Any, figure: Figure) -> list[Path]:
    paths = [folder / f"{name}{ending}" for ending in ENDINGS]
    with replacing(paths[0]) as draft:
        draft.write_text(table.to_csv(index=False), encoding="utf-8")
    with replacing(paths[1]) as draft:
        draft.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for path in paths[2:]:
        save(figure, path, record["parameters"], seed=record["seed"])
    return paths


@styled
def draw_trace_figure(found: TraceFigure) -> Figure:
    """Return the picture of a figure."""
    return _DRAWINGS[found.name](found)


def _silos_in_time(found: TraceFigure) -> Figure:
    trace = found.trace
    figure, (top, bottom) = _figure(COLUMN, 4.4, 2, sharex=True, height_ratios=(3, 2))
    _agent_lines(top, trace, 0)
    _name_silos(top, trace, 0)
    top.set(ylabel="silo of each agent")
    silos = [silo for silo in range(OTHER, len(trace.names)) if (trace.silos[0] == silo).any()]
    sizes = [(trace.silos[0] == silo).sum(axis=1) for silo in silos]
    colours = [_colour(silo, trace) for silo in silos]
    bottom.stackplot(trace.steps, sizes, colors=colours, linewidth=0.3, edgecolor="white")
    bottom.set(xlabel="step t", ylabel="agents in each silo", ylim=(0, len(trace.agents)))
    bottom.margins(x=0)
    if len(trace.runs) > 1:
        top.set_title(f"run {_safe(trace.runs[0])}, the first of {len(trace.runs)}", loc="right")
    return figure


def _neighbourhood(found: TraceFigure) -> Figure:
    figure, axes = _figure(COLUMN, 2.5)
    several, runs = found.summary["mirror"].nunique() > 1, sorted(set(found.summary["replicates"]))
    what = f"mean ± {ERRORS} s.e. of {runs[0]}{f' to {runs[-1]}' if len(runs) > 1 else ''} runs"
    for number, (mirror, curve) in enumerate(found.summary.groupby("mirror")):
        label = f"p = {mirror:g}" if several else what
        axes.errorbar(
            curve["k"] + 0.25 * number * several,
            curve["mean_silos"],
            yerr=ERRORS * curve["standard_error"].fillna(0.0),
            fmt="osD^v"[number % 5],
            color=COLOURS[number % len(COLOURS)],
            markersize=3.5,
            linewidth=0.8,
            label=label,
        )
    step = int(found.trace.steps[-1])
    axes.set(xlabel="neighbourhood size k (agents)", ylabel=f"silos at step {step}", ylim=(0, None))
    axes.legend(title=what if several else None, title_fontsize=7)
    return figure


def _grid(found: TraceFigure) -> Figure:
    runs = first_of_each(found.trace)
    mirrors, sizes = (
        [*dict.fromkeys(sorted(values))] for values in zip(*((c.mirror, c.k) for c in runs), strict=True)
    )
    width, height = COLUMN if len(sizes) <= 2 else PAGE, 0.6 + 1.4 * len(mirrors)
    figure, panels = _figure(width, height, len(mirrors), len(sizes), sharex=True, sharey=True, squeeze=False)
    for condition, run in runs.items():
        panel = panels[mirrors.index(condition.mirror), sizes.index(condition.k)]
        _agent_lines(panel, found.trace, run)
        panel.set_title(f"p = {condition.mirror:g}, k = {condition.k}", pad=3)
    for panel in panels.flat:
        if not panel.lines:
            panel.set_axis_off()  # no run of this cell
    figure.supxlabel("step t", fontsize=8)
    figure.supylabel("silo of each agent", fontsize=8)
    return figure


def _one_silo(found: TraceFigure) -> Figure:
    figure, axes = _figure(COLUMN, 2.5)
    summary = found.summary
    band = f"{100 * CONFIDENCE:g} % interval (Clopper–Pearson), each step"
    low, high = summary["low"], summary["high"]
    axes.fill_between(summary["step"], low, high, color=BLUE, alpha=0.2, linewidth=0, label=band)
    label = f"share of {summary['replicates'].iloc[0]} runs"
    axes.plot(summary["step"], summary["share"], color=BLUE, label=label)
    axes.set(xlabel="step t", ylabel="runs with one silo (share)", ylim=(-0.02, 1.02))
    axes.margins(x=0)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="lower left", bbox_to_anchor=(0, 1), borderpad=0)
    return figure


_DRAWINGS: dict[TraceFigureName, Callable[[TraceFigure], Figure]] = {
    "fig2": _silos_in_time,
    "fig3": _neighbourhood,
    "fig5": _grid,
    "fig6": _one_silo,
}


@styled
def draw_sketch(found: SketchComparison) -> Figure:
    """Return Figure 8: every answer in the plane of the principal components, before and after, and the mixtures."""
    figure, panels = _figure(PAGE, 3.4, 1, 2, sharex=True, sharey=True)
    for panel, plane, parameters, title, test in (
        (panels[0], found.before, found.parameters_before, "first answers", found.test_before),
        (panels[1], found.after, found.parameters_after, f"after step {found.step}", found.test_after),
    ):
        for number, silo in enumerate(found.kinds):
            inside = found.silos == silo
            points = plane[inside].reshape(-1, 2)
            n_agents = int(inside.sum())
            label = f"{_safe(found.name_of(silo))} ({n_agents} agent{'s' * (n_agents != 1)})"
            colour = COLOURS[number % len(COLOURS)]
            panel.scatter(*points.T, s=4, color=colour, alpha=0.5, linewidth=0, label=label)
            for own in parameters[inside]:
                _ellipses(panel, own, colour)
        panel.set_title(f"{title}: share between silos {test.share:.2f}, p = {test.p_value:.2g}", pad=3)
    for axis, share in zip(("x", "y"), found.explained, strict=False):
        which = "first" if axis == "x" else "second"
        figure_label = figure.supxlabel if axis == "x" else figure.supylabel
        figure_label(f"{which} principal component ({100 * share:.0f} % of the variance)", fontsize=8)
    panels[0].legend(title="silo at the end", title_fontsize=7, markerscale=2)
    return figure


def _ellipses(axes: Axes, parameters: NDArray[np.float64], colour: str) -> None:
    """Draw the components of one agent's mixture: one standard deviation, as strong as its weight."""
    from matplotlib.patches import Ellipse

    count = parameters.size // 5
    weights, means, variances = np.split(parameters, [count, 3 * count])
    for weight, mean, variance in zip(weights, means.reshape(-1, 2), variances.reshape(-1, 2), strict=True):
        width, height = 2 * np.sqrt(variance)
        shape = Ellipse(
            (mean[0], mean[1]), width, height, fill=False, color=colour, alpha=float(0.7 * weight)
        )
        axes.add_patch(shape)


def _figure(
    width: float, height: float, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, Any]:
    # Figure itself, not pyplot: no display, no global list of figures
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def _agent_lines(axes: Axes, trace: Trace, run: int) -> None:
    """Draw the silo of every agent in time, in the colour of its first silo, a little beside one another."""
    count = len(trace.agents)
    for agent in range(count):
        path = trace.silos[run, :, agent]
        beside = 0.7 * (agent / max(count - 1, 1) - 0.5)
        axes.plot(trace.steps, path + beside, color=_colour(int(path[0]), trace), linewidth=0.4)
    axes.margins(x=0)


def _name_silos(axes: Axes, trace: Trace, run: int) -> None:
    """Name the silos of the last step at the right edge."""
    last = [int(silo) for silo in np.unique(trace.silos[run, -1])]
    if len(last) <= MOST_NAMED:
        edge = axes.secondary_yaxis("right")
        edge.set_yticks(last, [_safe("none" if silo == OTHER else trace.names[silo]) for silo in last])
        edge.spines["right"].set_visible(False)
        edge.tick_params(length=2)


def _safe(name: str) -> str:
    """Return a name that is drawn as it stands: "$" would begin a formula."""
    return shown(name, 20).replace("$", r"\$")


def _colour(silo: int, trace: Trace) -> Any:
    from matplotlib import colormaps

    return PURPLE if silo == OTHER else colormaps["cividis"](silo / max(len(trace.names) - 1, 1))
