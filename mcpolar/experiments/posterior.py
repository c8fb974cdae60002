"""Figure 1: the posterior of component +1 given a point, from an even weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from mcpolar.experiments.experiment import Cell, Experiment, Settings
from mcpolar.mixture import MixtureTrajectory

if TYPE_CHECKING:
    import pandas as pd

LARGEST_X = 3.0


def posterior_table(settings: Settings) -> pd.DataFrame:
    """Return columns sigma, x, posterior: g(1/2, x) = 1 / (1 + exp(-2 x / sigma^2))."""
    import pandas as pd

    x = np.linspace(-LARGEST_X, LARGEST_X, settings["points"])
    return pd.concat(
        [
            pd.DataFrame({"sigma": sigma, "x": x, "posterior": expit(2 * x / sigma**2)})
            for sigma in settings["sigma"]
        ],
        ignore_index=True,
    )


def _no_cells(_: Settings) -> tuple[Cell, ...]:
    return ()


def _no_rows(_: Cell, __: MixtureTrajectory) -> pd.DataFrame:  # pragma: no cover - there are no cells
    raise AssertionError


FIG1 = Experiment(
    "fig1",
    1,
    "Posterior of component +1 from weight 1/2",
    {"sigma": (0.25, 0.5, 1.0, 2.0), "points": 601},
    _no_cells,
    _no_rows,
)
