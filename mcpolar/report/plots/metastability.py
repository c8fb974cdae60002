"""Pictures of metastability: survival, the coarse-grained chain, the limit of many agents.

They show what the records hold and compute nothing. Colours and widths are those of the paper's figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.metastability import CoarseAnalysis, LagScan, SurvivalCurve, TransitionCounts
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
