"""Figures 2, 3, 4, 6 and 10: silos of agents on the line, in time and against the neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mcpolar.experiments.experiment import COMMON, Cell, Experiment, Settings, general_parameters
from mcpolar.mixture import MixtureTrajectory

if TYPE_CHECKING:
    import pandas as pd


def _one_cell(settings: Settings) -> list[Cell]:
    return [Cell({}, general_parameters(settings), settings["steps"])]


def _cells_by_neighbours(settings: Settings) -> list[Cell]:
    return [
        Cell({"k": k}, general_parameters(settings, neighbours=k), settings["steps"])
        for k in settings["neighbours"]
    ]


def _cells_by_mirror(settings: Settings) -> list[Cell]:
    return [
        Cell(
            {"mirror": mirror, "k": k},
            general_parameters(settings, mirror=mirror, neighbours=k),
            settings["steps"],
        )
        for mirror in settings["mirror"]
        for k in settings["neighbours"]
    ]


def _agent_rows(cell: Cell, trajectory: MixtureTrajectory) -> pd.DataFrame:
    """One row per replicate, step and agent."""
    import pandas as pd

    shape = trajectory.silos.shape
    replicate, record, agent = (axis.ravel() for axis in np.indices(shape))
    step = trajectory.steps[record] // cell.updates_a_step
    columns = {"replicate": replicate, "step": step, "agent": agent, "silo": trajectory.silos.ravel()}
    if trajectory.deviations is not None:
        columns["smallest_sd"] = trajectory.deviations[..., 0].ravel()
        columns["largest_sd"] = trajectory.deviations[..., 1].ravel()
    return pd.DataFrame({**cell.values, **columns})


def _final_rows(cell: Cell, trajectory: MixtureTrajectory) -> pd.DataFrame:
    """One row per replicate: silos at the end, and the share of agents that changed theirs in the last step."""
    import pandas as pd

    silos = trajectory.n_silos[:, -1]
    columns = {
        "replicate": np.arange(silos.size),
        "silos": silos,
        "stability": trajectory.stability[:, -1],
    }
    return pd.DataFrame({**cell.values, **columns})


def _count_rows(cell: Cell, trajectory: MixtureTrajectory) -> pd.DataFrame:
    """One row per replicate and step: the number of silos."""
    import pandas as pd

    counts = trajectory.n_silos
    replicate, record = (axis.ravel() for axis in np.indices(counts.shape))
    step = trajectory.steps[record] // cell.updates_a_step
    return pd.DataFrame({**cell.values, "replicate": replicate, "step": step, "silos": counts.ravel()})


FIG2 = Experiment(
    "fig2",
    2,
    "Silos in time",
    {**COMMON, "mirror": 0.4, "replicas": 1},
    _one_cell,
    _agent_rows,
)
FIG3 = Experiment(
    "fig3",
    3,
    "Number of silos against the neighbourhood",
    {**COMMON, "neighbours": (1, 2, 5, 10, 15, 20, 25, 27, 28, 29), "steps": 80},
    _cells_by_neighbours,
    _final_rows,
)
FIG4 = Experiment(
    "fig4",
    4,
    "Silos in time, by mirror probability and neighbourhood",
    {**COMMON, "mirror": (0.2, 0.5, 0.7), "neighbours": (1, 5, 15, 25), "steps": 200, "replicas": 1},
    _cells_by_mirror,
    _agent_rows,
)
FIG6 = Experiment(
    "fig6",
    6,
    "Share of replicates with one silo",
    {**COMMON, "memory": 10, "mirror": 0.2, "steps": 200},
    _one_cell,
    _count_rows,
)
# "published" adds 1e-12 to each component's total responsibility, as the paper's code does: components that no memory
# is near fall to the floor, and the largest s.d. with them, where the exact M-step ("em") keeps them wide for ever.
FIG10 = Experiment(
    "fig10",
    10,
    "Silos in time with updated covariances",
    {**COMMON, "mirror": 0.4, "replicas": 1, "covariance_update": "published", "sd_floor": 0.01},
    _one_cell,
    _agent_rows,
)
