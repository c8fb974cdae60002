"""The picture of a barrier below the mean weight, with simulated populations above it; it computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcpolar.bounds.majority.certificate import Barrier
from mcpolar.report.plots.metastability import COLOURS
from mcpolar.report.plots.style import PAGE, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]


@styled
def draw_barrier(barrier: Barrier, times: Floats, weights: Floats, *, title: str = "") -> Figure:
    """Return the barrier against time, and the mean weights of simulated populations.

    Parameters
    ----------
    barrier : Barrier
        From :func:`mcpolar.bounds.consensus_barrier`.
    times : ndarray, shape (n_records,) or (n_populations, n_records)
        Updates of each agent: rings of its clock, or steps divided by m.
    weights : ndarray, shape (n_populations, n_records)
        Mean weights of component +1.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(0.7 * PAGE, 3.2))
    axes = figure.subplots()
    paths = np.broadcast_to(times, weights.shape)
    for number, (at, path) in enumerate(zip(paths, weights, strict=True)):
        label = f"{len(weights)} simulated populations" if number == 0 else None
        axes.plot(at, path, color=COLOURS[0], lw=0.5, alpha=0.5, label=label)
    kept = f"barrier: the mean weight stays above it with chance ≥ {barrier.kept.decimal(3)}"
    axes.stairs(barrier.heights, (0.0, *barrier.times), baseline=None, color=COLOURS[1], lw=1.6, label=kept)
    axes.axhline(0.5, color="0.7", lw=0.6)
    axes.set(xlabel="updates of each agent (steps / m)", ylabel="mean weight of component +1", title=title)
    axes.set(xlim=(0, barrier.times[-1]), ylim=(min(0.45, min(barrier.heights) - 0.02), 1.01))
    axes.legend(loc="lower right")
    return figure
