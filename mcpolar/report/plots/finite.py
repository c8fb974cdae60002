"""Pictures of finite chains: the graph, the reactive flux, the Chapman-Kolmogorov test.

They show what the records hold and compute nothing but where to put it. States stand along the committor where there is
one, since that is the order in which a chain passes them. What begins with `put` draws on given axes, as
`record.plot(ax)` does; what begins with `draw` returns a figure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError
from mcpolar.metastability.finite import ChapmanKolmogorov, FiniteChain, ReactiveFlux, Values
from mcpolar.report.plots.metastability import COLOURS
from mcpolar.report.plots.style import BLUE, ORANGE, PAGE, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
_THINNEST, _THICKEST = 0.4, 3.5


@styled
def draw_chain(chain: FiniteChain, *, law: Values | None = None) -> Figure:
    """Return the graph of a chain: areas by the stationary law, widths by the logarithm of the rates.

    Parameters
    ----------
    chain : FiniteChain
        At most a few dozen states.
    law : Values, optional
        The stationary law; without it all states have one size.
    """
    figure, axes = _figure(0.75 * PAGE, 3.4)
    put_chain(chain, axes, law=law)
    return figure


def put_chain(chain: FiniteChain, axes: Axes, *, law: Values | None = None) -> Axes:
    """Draw the graph of a chain as :func:`draw_chain` does."""
    import networkx

    graph = chain.to_networkx()
    start = networkx.circular_layout(graph)
    place = networkx.kamada_kawai_layout(graph.to_undirected(), pos=start, weight=None)
    rates = np.array([data["rate"] for _, _, data in graph.edges(data=True)])
    sizes = np.full(chain.n_states, 220.0) if law is None else 80 + 900 * law.value
    networkx.draw_networkx_nodes(
        graph, place, ax=axes, node_size=sizes, node_color="white", edgecolors=BLUE, linewidths=1.2
    )
    networkx.draw_networkx_edges(
        graph,
        place,
        ax=axes,
        width=_widths(rates),
        edge_color="0.35",
        arrowsize=8,
        node_size=sizes,
        connectionstyle="arc3,rad=0.15",
    )
    networkx.draw_networkx_labels(graph, place, ax=axes, font_size=7)
    _rate_legend(axes, rates)
    axes.set_axis_off()
    axes.margins(0.15)
    return axes


def _widths(rates: Floats) -> Floats:
    """Return widths that fall with the logarithm of the rates."""
    if rates.size == 0:
        return rates
    logs = np.log10(rates)
    span = max(float(np.ptp(logs)), 1e-12)
    return np.asarray(_THINNEST + (_THICKEST - _THINNEST) * (logs - logs.min()) / span)


def _rate_legend(axes: Axes, rates: Floats) -> None:
    from matplotlib.lines import Line2D

    if rates.size == 0:
        return
    ends = sorted({float(rates.max()), float(rates.min())}, reverse=True)
    widths = [_THICKEST, _THINNEST] if len(ends) == 2 else [_THINNEST]
    lines = [Line2D([], [], color="0.35", lw=width) for width in widths]
    names = [f"{rate:.2g}" for rate in ends]
    axes.legend(lines, names, title="rate", title_fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))


@styled
def draw_flux(flux: ReactiveFlux, *, share: float = 0.99) -> Figure:
    """Return the net reactive flux: states in the order of the forward committor, widths by the flux of pathways.

    Parameters
    ----------
    flux : ReactiveFlux
        What to draw.
    share : float
        Of the total flux, by the pathways that are drawn.
    """
    figure, axes = _figure(min(PAGE, 1.2 + 0.75 * min(len(flux.labels), 8)), 2.8)
    put_flux(flux, axes, share=share)
    return figure


def put_flux(flux: ReactiveFlux, axes: Axes, *, share: float = 0.99) -> Axes:
    """Draw the net reactive flux as :func:`draw_flux` does."""
    paths = flux.pathways(share)
    carried: dict[tuple[Any, Any], float] = {}
    for path in paths:
        for step in zip(path.states, path.states[1:], strict=False):
            carried[step] = carried.get(step, 0.0) + path.share
    used = {name for step in carried for name in step}
    names = sorted((name for name in flux.labels if name in used), key=lambda name: flux.forward[name])
    x = {name: float(rank) for rank, name in enumerate(names)}
    for number, ((a, b), part) in enumerate(sorted(carried.items(), key=lambda item: -item[1])):
        _draw_step(axes, x[a], x[b], part, above=number % 2 == 0)
    ends = {flux.labels[i] for i in flux.source}, {flux.labels[i] for i in flux.target}
    for name in names:
        colour = BLUE if name in ends[0] else ORANGE if name in ends[1] else "0.2"
        axes.plot(x[name], 0, "o", ms=15, mfc="white", mec=colour, mew=1.4, zorder=3)
        axes.annotate(str(name), (x[name], 0), ha="center", va="center", fontsize=7, zorder=4)
    axes.set_xticks(range(len(names)), [f"{flux.forward[name]:.2g}" for name in names])
    reach = max((abs(x[b] - x[a]) for a, b in carried), default=1.0)
    axes.set(xlabel="committor", xlim=(-0.6, len(names) - 0.4), yticks=[], title=_flux_title(flux, paths))
    axes.set_ylim(-0.25 * reach - 0.4, 0.25 * reach + 0.4)
    axes.spines["left"].set_visible(False)
    return axes


def _draw_step(axes: Axes, start: float, end: float, part: float, *, above: bool) -> None:
    """Draw an arrow with its share of the flux; over other states it goes in an arc."""
    bend = 0.0 if abs(end - start) == 1 else (-0.4 if above == (end > start) else 0.4)
    axes.annotate(
        "",
        (end, 0),
        (start, 0),
        arrowprops={
            "arrowstyle": "-|>",
            "lw": _THINNEST + _THICKEST * part,
            "color": "0.45",
            "shrinkA": 9,
            "shrinkB": 9,
            "connectionstyle": f"arc3,rad={bend}",
            "mutation_scale": 9,
        },
    )
    # half way along an arc stands at half of its control point's height; axes and data differ in scale
    axes.annotate(
        f"{100 * part:.3g} %",
        ((start + end) / 2, 0),
        (0, (6 if bend == 0 else 0) - 19.5 * bend * (end - start)),
        textcoords="offset points",
        ha="center",
        va="bottom" if bend <= 0 else "top",
        fontsize=6,
    )


def _flux_title(flux: ReactiveFlux, paths: Sequence[Any]) -> str:
    shown = sum(path.share for path in paths)
    many = "1 pathway" if len(paths) == 1 else f"{len(paths)} pathways"
    return f"net flux {float(flux.total):.3g} a step; {many}, {100 * shown:.4g} % of it"


@styled
def draw_chapman_kolmogorov(test: ChapmanKolmogorov) -> Figure:
    """Return the chance to be in each set after a lag, as counted with intervals and as foretold."""
    columns = min(len(test.sets), 4)
    rows = -(-len(test.sets) // columns)
    figure, grid = _figure(PAGE, 0.4 + 1.7 * rows, rows, columns)
    for number, axes in enumerate(np.atleast_1d(grid).flat):
        if number >= len(test.sets):
            axes.set_axis_off()
            continue
        put_chapman_kolmogorov(test, axes, sets=(number,))
        if number:
            axes.get_legend().remove()
        if number % columns:
            axes.set_ylabel("")
        if number + columns < len(test.sets):
            axes.set_xlabel("")
    return figure


def put_chapman_kolmogorov(test: ChapmanKolmogorov, axes: Axes, *, sets: Sequence[int] | None = None) -> Axes:
    """Draw the chance to be in sets after a lag: counted as dots with intervals, foretold as dashes.

    Parameters
    ----------
    test : ChapmanKolmogorov
        What to draw.
    axes : Axes
        Where.
    sets : sequence of int, optional
        Numbers of sets; absent: all, in up to seven colours.
    """
    chosen = range(len(test.sets)) if sets is None else sets
    if len(chosen) > len(COLOURS):
        raise InputError("sets", f"{len(chosen)} sets", f"at most {len(COLOURS)} on one picture")
    single = len(chosen) == 1
    for number, colour in zip(chosen, COLOURS, strict=False):
        seen, low, high = test.observed[:, number], test.low[:, number], test.high[:, number]
        label = "counted" if single else _named(test, number)
        axes.errorbar(
            test.lags, seen, [seen - low, high - seen], fmt="o", ms=3, lw=1, color=colour, label=label
        )
        foretold = COLOURS[1] if single else colour
        axes.plot(
            test.lags, test.predicted[:, number], "--", color=foretold, label="foretold" if single else None
        )
    axes.set(xlabel="lag (steps)", ylabel="P(in it after a lag)", ylim=(-0.03, 1.05))
    if single:
        axes.set_title(_named(test, chosen[0]))
    axes.legend(title=None if single else "dots counted, dashes foretold", title_fontsize=7)
    return axes


def _named(test: ChapmanKolmogorov, number: int) -> str:
    names = ", ".join(str(name) for name in test.sets[number])
    return names if len(names) <= 24 else f"{len(test.sets[number])} states"


def _figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns)
