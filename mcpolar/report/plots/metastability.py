"""Pictures of metastability: survival, the coarse-grained chain, the limit of many agents, the phase diagram.

They show what the records hold and compute nothing. Colours and widths are those of the paper's figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.metastability import CoarseAnalysis, LagScan, PhaseCell, SurvivalCurve, TransitionCounts
from mcpolar.report.plots.saving import save as save  # noqa: PLC0414 - examples take it from here
from mcpolar.report.plots.style import BLUE, GREEN, ORANGE, PAGE, PURPLE, styled
from mcpolar.report.plots.survival import put_survival

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, "#56B4E9", "#E69F00", "#999999")


@styled
def draw_survival(
    curve: SurvivalCurve, *, event: str, bounds: Mapping[str, tuple[Floats, Floats]] | None = None
) -> Figure:
    """Return the picture of a survival curve with its band, and certified lower bounds beside it.

    Parameters
    ----------
    curve : SurvivalCurve
        The estimate.
    event : str
        What has not happened yet, for the axis.
    bounds : mapping, optional
        Name -> (steps, lower bounds on the survival).
    """
    figure, axes = _figure(0.6 * PAGE, 2.8)
    put_survival(curve, axes, event=event, bounds=bounds)
    return figure


@styled
def draw_coarse(counts: TransitionCounts, analysis: CoarseAnalysis, scan: LagScan) -> Figure:
    """Return four pictures: committor and passage time, quasi-stationary law, timescales, Chapman-Kolmogorov."""
    figure, grid = _figure(PAGE, 4.6, 2, 2)
    states = analysis.chain.states
    labels = [counts.macrostates.labels()[state] for state in states]
    _band(grid[0, 0], states, analysis.committor_plus, BLUE, "P(consensus on + first)")
    grid[0, 0].set(ylabel="committor", ylim=(-0.03, 1.05))
    _band(grid[0, 1], states, analysis.quasi_stationary, GREEN, None)
    grid[0, 1].set(ylabel="quasi-stationary law", ylim=(0, None))
    for axes in grid[0]:
        axes.set(xlabel="agents on the + side" if counts.macrostates.kind == "plus" else "macrostate")
        if counts.macrostates.kind == "undecided":
            chosen = np.unique(np.linspace(0, len(states) - 1, min(len(states), 6)).astype(int))
            axes.set_xticks(states[chosen], [labels[i] for i in chosen])
    _timescales(grid[1, 0], scan, analysis.chain.lag)
    _chapman_kolmogorov(grid[1, 1], scan, counts)
    return figure


@styled
def draw_graph(counts: TransitionCounts, analysis: CoarseAnalysis) -> Figure:
    """Return the graph of macrostates: nodes in the order of the committor, widths by transition probability."""
    import networkx

    from mcpolar.metastability.finite.classes import to_graph

    figure, axes = _figure(PAGE, 2.6)
    rates, states = analysis.chain.rates, analysis.chain.states
    graph = to_graph(rates)
    names = [counts.macrostates.labels()[state] for state in states]
    committor = analysis.committor_plus.value
    rank = np.argsort(np.lexsort((states, committor)))
    place = {i: (float(rank[i]), 0.0) for i in range(len(states))}
    widths = [0.3 + 2 * data["rate"] / rates.max() for _, _, data in graph.edges(data=True)]
    drawn = networkx.draw_networkx_nodes(
        graph, place, ax=axes, node_color=committor, cmap="cividis", vmin=0, vmax=1, node_size=200
    )
    # the heads end short of the nodes
    arrows = {"edge_color": "0.35", "arrowsize": 8, "node_size": 260, "connectionstyle": "arc3,rad=0.35"}
    networkx.draw_networkx_edges(graph, place, ax=axes, width=widths, **arrows)
    for i, (x, _) in place.items():
        axes.annotate(names[i], (x, 0), (0, 12), textcoords="offset points", ha="center", fontsize=6)
    axes.set_axis_off()
    axes.set_ylim(-1, 1)
    figure.colorbar(drawn, ax=axes, label="committor to consensus on +", shrink=0.8)
    return figure


@styled
def draw_mean_weights(
    curves: Mapping[str, tuple[Floats, Floats]], *, dots: Mapping[str, Any] | None = None
) -> Figure:
    """Return pi(t) from different starts, and its phase portrait: the change a round against pi.

    Parameters
    ----------
    curves : mapping
        Name -> (rounds, mean weights).
    dots : mapping, optional
        Name -> (rounds, mean weights) of simulated populations, drawn thin.
    """
    figure, (left, right) = _figure(PAGE, 2.8, 1, 2)
    for number, (name, (rounds, weights)) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        left.plot(rounds, weights, color=colour, label=name)
        if len(rounds) > 2:
            right.plot(weights, np.gradient(weights, rounds), color=colour)
            right.plot(weights[:1], np.gradient(weights, rounds)[:1], "o", ms=3, color=colour)
    for name, (rounds, weights) in (dots or {}).items():
        left.plot(rounds, weights, color="0.4", lw=0.5, label=name)
    left.set(xlabel="round (m steps)", ylabel="mean weight π", ylim=(-0.03, 1.03))
    figure.legend(loc="outside lower center", ncols=4)
    right.axhline(0, color="0.7", lw=0.6)
    right.set(xlabel="mean weight π", ylabel="change of π a round", xlim=(-0.03, 1.03))
    return figure


@styled
def draw_convergence(
    m: Sequence[int] | NDArray[np.int64],
    distance: Floats,
    error: Floats,
    rate: float,
    *,
    smallest: int | None = None,
) -> Figure:
    """Return the distance of finite populations from the limit against m, in logarithms.

    Parameters
    ----------
    m, distance, error : sequences
        Population sizes, and their distances with standard errors.
    rate : float
        Observed rate, for the legend.
    smallest : int, optional
        The smallest m that the rate was taken from, if not all.
    """
    figure, axes = _figure(0.5 * PAGE, 2.6)
    axes.errorbar(m, distance, 2 * error, fmt="o", ms=3, color=BLUE, label="2 standard errors")
    line = np.asarray(m, dtype=np.float64)
    axes.plot(line, distance[-1] * (line / line[-1]) ** -0.5, color="0.6", ls="--", label="slope −1/2")
    axes.set(xscale="log", yscale="log", xlabel="agents m", ylabel="distance from the limit")
    since = "" if smallest is None else f" from m = {smallest} on"
    axes.legend(title=f"observed rate {rate:.3f}{since}", title_fontsize=7)
    return figure


@styled
def draw_phases(cells: Sequence[PhaseCell], across: str, down: str) -> Figure:
    """Return heat maps of the share of consensus and of the median time to it.

    Parameters
    ----------
    cells : sequence of PhaseCell
        A full grid over two parameters.
    across, down : str
        The parameters' names (m, r, sigma or k) along the axes.
    """
    from matplotlib.colors import LogNorm, Normalize

    figure, (left, right) = _figure(PAGE, 3.0, 1, 2)
    columns, rows = (sorted({_value(cell, name) for cell in cells}) for name in (across, down))
    share, time, last = np.full((3, len(rows), len(columns)), np.nan)
    for cell in cells:
        at = rows.index(_value(cell, down)), columns.index(_value(cell, across))
        share[at], last[at] = cell.consensus[0], cell.steps / cell.parameters.m
        time[at] = np.nan if cell.consensus_median is None else cell.consensus_median / cell.parameters.m
    positive = time[time > 0]
    spread = (
        LogNorm(positive.min(), max(positive.max(), 2 * positive.min())) if positive.size else Normalize(0, 1)
    )
    for axes, values, name, form, norm in (
        (left, share, "share with consensus at the end", ".2f", Normalize(0, 1)),
        (right, time, "median rounds to consensus", ".3g", spread),
    ):
        _heat_map(figure, axes, values, last, form=form, norm=norm)
        axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
        axes.set_yticks(range(len(rows)), [f"{value:g}" for value in rows])
        axes.set(xlabel=across, ylabel=down, title=name)
    return figure


def _heat_map(figure: Figure, axes: Axes, values: Floats, last: Floats, *, form: str, norm: Any) -> None:
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
    figure.colorbar(image, ax=axes, format="%.3g", ticks=ticks).minorticks_off()


def _value(cell: PhaseCell, name: str) -> float:
    """Return a cell's parameter; an absent k counts as m - 1, which it is."""
    value = getattr(cell.parameters, name)
    return float(cell.parameters.m - 1 if value is None else value)


def _figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns)


def _band(axes: Axes, x: NDArray[Any], spread: Any, colour: str, label: str | None) -> None:
    axes.fill_between(x, spread.low, spread.high, color=colour, alpha=0.25, lw=0)
    axes.plot(x, spread.value, "o-", ms=2.5, color=colour, label=label)
    if label:
        axes.legend()


def _timescales(axes: Axes, scan: LagScan, lag: int) -> None:
    for number in range(scan.timescales.value.shape[1]):
        value, low, high = (
            np.where(np.isfinite(end[:, number]), end[:, number], np.nan)
            for end in (scan.timescales.value, scan.timescales.low, scan.timescales.high)
        )
        axes.fill_between(scan.lags, low, high, color=COLOURS[number], alpha=0.25, lw=0)
        axes.plot(scan.lags, value, "-", color=COLOURS[number])
        bare = np.isfinite(value) & ~(np.isfinite(low) & np.isfinite(high))
        axes.plot(scan.lags[~bare], value[~bare], "o", ms=3, color=COLOURS[number])
        axes.plot(scan.lags[bare], value[bare], "o", ms=3, color=COLOURS[number], mfc="white")
        if bare.any():
            axes.set_title("open dots: no interval", fontsize=7)
    axes.axvline(lag, color="0.7", lw=0.6)
    axes.set(xlabel="lag (steps)", ylabel="implied timescale (steps)", yscale="log")


def _chapman_kolmogorov(axes: Axes, scan: LagScan, counts: TransitionCounts) -> None:
    middle = len(scan.states) // 2
    for colour, state in zip(COLOURS, sorted({0, middle // 2, middle, len(scan.states) - 1}), strict=False):
        name = counts.macrostates.labels()[scan.states[state]]
        observed = scan.observed
        axes.fill_between(
            scan.lags, observed.low[:, state], observed.high[:, state], color=colour, alpha=0.25, lw=0
        )
        axes.plot(scan.lags, observed.value[:, state], "o", ms=2.5, color=colour, label=name)
        axes.plot(scan.lags, scan.predicted.value[:, state], "--", color=colour)
    axes.set(xlabel="lag (steps)", ylabel="P(in it after a lag)", ylim=(-0.03, 1.05))
    axes.legend(title="dots counted, dashes predicted", title_fontsize=7, ncols=2)
