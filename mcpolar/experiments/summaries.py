"""Summaries of an experiment's table, one row per point of its figure, with what their intervals are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.confidence.survival import kaplan_meier, survival_curve

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.999
"""Of the intervals of shares (Clopper and Pearson), each by itself."""


def summarise(name: str, table: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    """Return the summary of an experiment's table; empty for figures that show every agent.

    Examples
    --------
    >>> from mcpolar.experiments import run_experiment
    >>> found = run_experiment("fig3", seed=7, neighbours=[29], replicas=2)
    >>> summarise("fig3", found.table, dict(found.settings))[["k", "replicates", "mean_silos"]]
        k  replicates  mean_silos
    0  29           2         1.0
    """
    import pandas as pd

    if name == "fig3":
        return _by(table, "k", mean_silos)
    if name == "fig6":
        return _by(table, "step", one_silo)
    if name.startswith("fig7"):
        return _by(table, "distance", lambda cell: merging(cell, settings["steps"]))
    return pd.DataFrame()


def mean_silos(cell: pd.DataFrame) -> dict[str, float]:
    """Return the mean number of silos and its standard error."""
    count = len(cell)
    spread = float(cell["silos"].std(ddof=1)) / math.sqrt(count) if count > 1 else math.nan
    return {"mean_silos": float(cell["silos"].mean()), "standard_error": spread, "replicates": count}


def one_silo(cell: pd.DataFrame) -> dict[str, float]:
    """Return the share of replicates with one silo, counted, and its exact interval."""
    count, hits = len(cell), int((cell["silos"] == 1).sum())
    low, high = clopper_pearson(hits, count, CONFIDENCE)
    return {"share": hits / count, "low": math.exp(low), "high": math.exp(high), "replicates": count}


def merging(cell: pd.DataFrame, horizon: int) -> dict[str, float]:
    """Return the restricted mean of t* with its standard error, the median, and how many are censored."""
    converged = cell["converged"].to_numpy(dtype=bool)
    times = cell["t_star"].fillna(horizon).to_numpy(dtype=float)
    mean, error = restricted_mean(times, converged, horizon)
    return {
        "restricted_mean": mean,
        "standard_error": error,
        "median": median_time(times, converged),
        "censored": int((~converged).sum()),
        "replicates": len(cell),
    }


def restricted_mean(
    times: NDArray[np.float64], observed: NDArray[np.bool_], horizon: float
) -> tuple[float, float]:
    """Return E min(t*, horizon) from the Kaplan-Meier curve, and its standard error by Greenwood's formula.

    Parameters
    ----------
    times : ndarray, shape (n,)
        t*, or the time of censoring.
    observed : ndarray of bool, shape (n,)
        Whether t* was observed.
    horizon : float
        Where the mean is restricted.

    Examples
    --------
    >>> restricted_mean(np.array([2.0, 4.0, 6.0]), np.array([True, True, False]), 6)
    (4.0, 0.942809041582063...)
    """
    grid, survival, at_risk, events = kaplan_meier(times, observed)
    if grid.size == 0:
        return float(horizon), 0.0
    edges = np.append(grid, max(horizon, grid[-1]))
    areas = survival * np.diff(edges)
    remaining = np.cumsum(areas[::-1])[::-1]
    left = at_risk - events
    terms = np.divide(events, at_risk * left, out=np.zeros_like(remaining), where=left > 0)
    return float(grid[0] + areas.sum()), math.sqrt(float((remaining**2 * terms).sum()))


def median_time(times: NDArray[np.float64], observed: NDArray[np.bool_]) -> float:
    """Return the first time at which the Kaplan-Meier curve is 1/2 or below; nan if it never is."""
    reached = survival_curve(times, observed).median
    return math.nan if reached is None else float(reached)


def _by(
    table: pd.DataFrame, column: str, summary: Callable[[pd.DataFrame], dict[str, float]]
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{column: value, **summary(cell)} for value, cell in table.groupby(column)])
