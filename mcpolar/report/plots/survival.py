"""A survival curve on given axes, with its band, what was censored, and certified bounds beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcpolar.confidence import SurvivalCurve
from mcpolar.report.plots.style import BLUE, GREEN, ORANGE, PURPLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
DECADE = 20  # an axis of fewer steps is not logarithmic
STYLES = ((ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))


def put_survival(
    curve: SurvivalCurve,
    axes: Axes,
    *,
    event: str = "it has not come yet",
    bounds: Mapping[str, tuple[Floats, Floats]] | None = None,
) -> Axes:
    """Draw a survival curve.

    Parameters
    ----------
    curve : SurvivalCurve
        The estimate.
    axes : Axes
        Where.
    event : str
        What has not happened yet, for the axis.
    bounds : mapping, optional
        Name -> (steps, lower bounds on the survival).
    """
    steps = np.append(np.maximum(curve.steps, 1), curve.last)  # the axis is logarithmic
    survival, low, high = (np.append(v, v[-1]) for v in (curve.survival, curve.low, curve.high))
    axes.fill_between(steps, low, high, step="post", color=BLUE, alpha=0.2, lw=0)
    axes.step(steps, survival, where="post", color=BLUE, label=f"Kaplan–Meier, {curve.n_replicas} replicas")
    for (colour, style), (name, (at, values)) in zip(STYLES, (bounds or {}).items(), strict=False):
        axes.plot(at, values, color=colour, ls=style, label=name)
    _censored(curve, axes)
    axes.set(xlabel="step", ylabel=f"P({event})", ylim=(-0.03, 1.05))
    axes.set(xscale="log" if curve.last >= DECADE else "linear", xlim=(1, max(curve.last, 2)))
    axes.legend(title=f"band: {100 * curve.confidence:g}% for the whole curve", title_fontsize=7)
    return axes


def _censored(curve: SurvivalCurve, axes: Axes) -> None:
    """Mark where replicas left without the event: those still at risk that neither had it nor are seen next."""
    left = curve.at_risk - curve.events
    gone = left - np.append(curve.at_risk[1:], 0)
    at = np.append(curve.steps[1:], curve.last)[gone > 0]
    if at.size:
        count = curve.n_replicas - curve.n_observed
        axes.plot(
            np.maximum(at, 1),
            curve.survival[gone > 0],
            "|",
            color=BLUE,
            ms=7,
            mew=1.2,
            clip_on=False,
            label=f"{count} censored",
        )
