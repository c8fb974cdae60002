"""Pictures of exact answers for small systems: curves over the steps, and the law of an agent's log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mcpolar.report.plots.experiments import PAGE
from mcpolar.report.plots.metastability import COLOURS, Floats, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@styled
def draw_exact(
    steps: np.ndarray, curves: Mapping[str, Floats], law: tuple[Floats, Floats] | None = None
) -> Figure:
    """Return the picture of probabilities against the step, and beside it the law of an agent's log-odds.

    Parameters
    ----------
    steps : ndarray, shape (T,)
        Steps of the curves; where there are none, only the law is drawn.
    curves : mapping
        Name -> values at the steps.
    law : tuple of ndarray, optional
        Ends of cells (the first and last may be infinite: those cells are left out) and their densities.
    """
    from matplotlib.figure import Figure

    n_panels = (len(curves) > 0) + (law is not None)
    figure = Figure(figsize=(PAGE if n_panels == 2 else 0.6 * PAGE, 2.8))
    panels = np.atleast_1d(figure.subplots(1, n_panels))
    for colour, (name, values) in zip(COLOURS, curves.items(), strict=False):
        panels[0].plot(steps, values, "o-" if len(steps) < 40 else "-", ms=2.5, color=colour, label=name)
    if curves:
        panels[0].set(xlabel="step", ylabel="probability", ylim=(0, None))
        panels[0].xaxis.get_major_locator().set_params(integer=True)
        panels[0].legend()
    if law is not None:
        ends, density = law
        inside = np.isfinite(ends[:-1]) & np.isfinite(ends[1:])
        first, last = np.flatnonzero(inside)[[0, -1]]
        panels[-1].stairs(
            density[first : last + 1], ends[first : last + 2], color=COLOURS[0], fill=True, alpha=0.5
        )
        panels[-1].set(xlabel="log-odds of an agent", ylabel="density", ylim=(0, None))
    return figure
