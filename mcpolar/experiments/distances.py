"""Figure 7: the time to one silo against the distance of neighbouring components, on three arrangements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcpolar.experiments.experiment import COMMON, Cell, Experiment, Settings, general_parameters
from mcpolar.mixture import MixtureTrajectory

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def line(n: int, distance: float) -> Floats:
    """Return n means on the line, neighbours at this distance: shape (n, 1)."""
    return np.asarray(distance * np.arange(float(n))[:, np.newaxis])


def circle(n: int, distance: float) -> Floats:
    """Return n means evenly on a circle in the plane, neighbours at this distance: shape (n, 2)."""
    radius = distance / (2 * np.sin(np.pi / n))
    angle = 2 * np.pi * np.arange(n) / n
    return np.asarray(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))


def simplex(n: int, distance: float) -> Floats:
    """Return the corners of a regular simplex in R^n, all pairs at this distance: shape (n, n)."""
    return np.asarray(distance / np.sqrt(2) * np.eye(n))


def merging_times(n_silos: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return t*, the last step with more than one silo: -1 where the last record still has more (censored).

    Parameters
    ----------
    n_silos : ndarray of int, shape (..., n_records)
        Number of silos; more than one at the first record.
    steps : ndarray of int, shape (n_records,)
        The recorded steps.

    Examples
    --------
    >>> merging_times(np.array([[3, 2, 1, 2, 1], [3, 2, 2, 2, 2]]), np.arange(5)).tolist()
    [3, -1]
    """
    many = n_silos > 1
    last = many.shape[-1] - 1 - many[..., ::-1].argmax(axis=-1)
    return np.where(many[..., -1], -1, steps[last])


def _cells(arrange: Callable[[int, float], Floats]) -> Callable[[Settings], list[Cell]]:
    def cells(settings: Settings) -> list[Cell]:
        return [
            Cell(
                {"distance": distance},
                general_parameters(settings, means=arrange(settings["agents"], distance)),
                settings["steps"],
            )
            for distance in settings["distance"]
        ]

    return cells


def _rows(cell: Cell, trajectory: MixtureTrajectory) -> pd.DataFrame:
    import pandas as pd

    times = merging_times(trajectory.n_silos, trajectory.steps // cell.updates_a_step)
    converged = times >= 0
    columns = {
        "replicate": np.arange(times.size),
        "converged": converged,
        "t_star": pd.array(np.where(converged, times, 0), dtype="Int64"),
    }
    table = pd.DataFrame({**cell.values, **columns})
    table.loc[~table["converged"], "t_star"] = pd.NA
    return table


def _experiment(
    name: str,
    number: int,
    title: str,
    *,
    arrange: Callable[[int, float], Floats],
    distances: Floats,
    steps: int,
) -> Experiment:
    grid = tuple(float(distance) for distance in distances)
    defaults = {**COMMON, "sigma": 1.0, "distance": grid, "steps": steps}
    return Experiment(name, number, title, defaults, _cells(arrange), _rows)


FIG7_LINE = _experiment(
    "fig7-line",
    71,
    "Time to one silo, means on the line",
    arrange=line,
    distances=np.linspace(0.5, 6, 23),
    steps=200,
)
FIG7_CIRCLE = _experiment(
    "fig7-circle",
    72,
    "Time to one silo, means on a circle",
    arrange=circle,
    distances=np.linspace(0.5, 3, 11),
    steps=400,
)
FIG7_SIMPLEX = _experiment(
    "fig7-simplex",
    73,
    "Time to one silo, means on a simplex",
    arrange=simplex,
    distances=np.linspace(2.5, 8, 23),
    steps=400,
)
