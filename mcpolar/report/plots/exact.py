"""Pictures of exact answers for small systems: curves over the steps, and the law of an agent's log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mcpolar.report.plots.metastability import COLOURS, Floats
from mcpolar.report.plots.style import PAGE, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


STYLES = ("-", "--", "-.", ":", "-", "--", "-.")
AXES = {
    "polarized": "P(polarized at the step)",
    "silos": "probability by the step",
    "consensus": "P(all agents have shared one silo)",
    "hitting": "P(polarized by the step)",
    "waiting": "P(polarized at the step | not before)",
}
WORDS = {"plus": "at +1", "minus": "at −1", "none": "not yet", "survival": "no agent", "hazard": "hazard"}


def in_words(name: str) -> str:
    """Return what a curve is, for the legend.

    Examples
    --------
    >>> in_words("left_by_1"), in_words("minus")
    ('first left by agent 1', 'at −1')
    """
    return WORDS.get(name, name.replace("left_by_", "first left by agent "))


@styled
def draw_exact(
    steps: np.ndarray,
    curves: Mapping[str, Floats],
    law: tuple[Floats, Floats] | None = None,
    quantity: str = "",
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
    quantity : str
        What the command computed; it names the axis and the curves.
    """
    from matplotlib.figure import Figure

    n_panels = (len(curves) > 0) + (law is not None)
    figure = Figure(figsize=(PAGE if n_panels == 2 else 0.6 * PAGE, 2.8))
    panels = np.atleast_1d(figure.subplots(1, n_panels))
    for colour, style, (name, values) in zip(COLOURS, STYLES, curves.items(), strict=False):
        marked = "o" + style if len(steps) < 40 else style
        panels[0].plot(steps, values, marked, ms=2.5, color=colour, label=in_words(name))
    if curves:
        panels[0].set(xlabel="step", ylabel=AXES.get(quantity, "probability"), ylim=(0, None))
        panels[0].xaxis.get_major_locator().set_params(integer=True)
        if len(curves) > 1:
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
