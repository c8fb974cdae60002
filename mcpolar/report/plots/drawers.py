"""Who draws which record: `record.plot(ax)` comes here by name (:class:`mcpolar.results.Drawn`).

Each drawer takes a record and axes, and returns the axes; the command line's figures call the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from mcpolar.bounds.tables import BoundTable
from mcpolar.chain import Trajectory
from mcpolar.confidence import SurvivalCurve
from mcpolar.exact import ConsensusCurve, ExactCurve, SiloSurvival
from mcpolar.experiments import ExperimentResult
from mcpolar.exponents import Growth
from mcpolar.metastability import FiniteChain, MeanField, PhaseDiagram
from mcpolar.metastability.finite import ChapmanKolmogorov, ReactiveFlux, Values
from mcpolar.report.plots.bounds import put_comparison, put_table
from mcpolar.report.plots.experiments import put_experiment
from mcpolar.report.plots.finite import put_chain, put_chapman_kolmogorov, put_flux
from mcpolar.report.plots.growth import put_growth
from mcpolar.report.plots.phases import put_phases
from mcpolar.report.plots.style import BLUE, COLUMN, ORANGE, STYLE, require_matplotlib
from mcpolar.report.plots.survival import put_survival
from mcpolar.report.plots.values import put_values
from mcpolar.results import DRAWERS, Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_PATHS = 12


@contextmanager
def axes_for(axes: Axes | None) -> Iterator[Axes]:
    """Give the axes to draw on: the user's, in the user's style, or those of a new figure, which a notebook shows."""
    matplotlib = require_matplotlib()
    if axes is not None:
        yield axes
        return
    import matplotlib.pyplot as plt

    # outside of our style: a notebook's backend makes settings when it is loaded, which a style's end would undo
    figure = plt.figure(figsize=(COLUMN * 1.2, 2.8), layout="constrained")
    with matplotlib.rc_context(STYLE):
        yield figure.subplots()


def put_trajectory(trajectory: Trajectory, axes: Axes, *, replica: int = 0) -> Axes:
    """Draw the log-odds of one replica's agents against the step, in units of 1/sigma^2, which are levels."""
    levels = trajectory.log_odds[replica] * float(trajectory.parameters.sigma) ** 2
    shown = np.unique(np.linspace(0, levels.shape[1] - 1, MOST_PATHS).astype(int))
    for agent in shown[np.argsort(levels[-1, shown])]:
        axes.plot(trajectory.steps, levels[:, agent], color=ORANGE if levels[-1, agent] < 0 else BLUE, lw=0.8)
    axes.axhline(0, color="0.7", lw=0.6)
    some = "" if len(shown) == levels.shape[1] else f" ({len(shown)} of {levels.shape[1]} agents)"
    axes.set(xlabel="step", ylabel=f"level: log-odds times σ²{some}")
    axes.margins(x=0)
    return axes


def put_exact(curve: ExactCurve, axes: Axes, *, event: str = "polarized") -> Axes:
    """Draw a probability against the step."""
    axes.plot(curve.steps, curve.probability, color=BLUE)
    axes.set(xlabel="step", ylabel=f"P({event})", ylim=(0, None))
    return axes


def put_consensus(curve: ConsensusCurve, axes: Axes) -> Axes:
    """Draw how likely all agents have shared one silo by each step."""
    axes.plot(curve.steps, curve.plus, color=BLUE, label="at +1")
    axes.plot(curve.steps, curve.minus, "--", color=ORANGE, label="at −1")
    axes.plot(curve.steps, curve.none, ":", color="0.3", label="not yet")
    axes.set(xlabel="step", ylabel="P(all agents have shared one silo)", ylim=(0, 1.03))
    axes.legend()
    return axes


def put_silos(curve: SiloSurvival, axes: Axes) -> Axes:
    """Draw how likely no agent has changed its silo."""
    axes.plot(curve.steps, curve.survival, color=BLUE)
    axes.set(xlabel="step", ylabel="P(no agent has changed its silo)", ylim=(0, 1.03))
    return axes


def put_mean_field(found: MeanField, axes: Axes) -> Axes:
    """Draw the mean weight of infinitely many agents against time."""
    axes.plot(found.rounds, found.mean_weight, color=BLUE)
    axes.set(xlabel="round (m steps)", ylabel="mean weight of component +1", ylim=(-0.03, 1.03))
    return axes


DRAWERS.update(
    {
        SurvivalCurve: put_survival,
        BoundTable: put_table,
        Comparison: put_comparison,
        Trajectory: put_trajectory,
        ExactCurve: put_exact,
        ConsensusCurve: put_consensus,
        SiloSurvival: put_silos,
        MeanField: put_mean_field,
        FiniteChain: put_chain,
        ReactiveFlux: put_flux,
        Values: put_values,
        ChapmanKolmogorov: put_chapman_kolmogorov,
        PhaseDiagram: put_phases,
        Growth: put_growth,
        ExperimentResult: put_experiment,
    }
)
