"""An ensemble's trajectories in a few numbers per recorded step."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from mcpolar.chain import Trajectory

Row: TypeAlias = dict[str, int | float]


def summary(trajectory: Trajectory) -> list[Row]:
    """Return one row per recorded step, over all replicas.

    Columns: `step`; `plus_share`, the mean share of agents on the + side (undecided ones count half), and
    `plus_share_error`, its standard error over replicas; `one_silo`, the share of replicas whose agents are all on
    one side; `level_median`, the median over agents and replicas of |l| in units of 1/sigma^2; `level_lowest`, the
    smallest of all.
    """
    precision = float(trajectory.parameters.precision)
    n = trajectory.n_replicas
    rows: list[Row] = []
    for record, step in enumerate(trajectory.steps):
        log_odds = trajectory.log_odds[:, record]
        share = (0.5 + 0.5 * np.sign(log_odds)).mean(axis=1)
        levels = np.abs(log_odds) / precision
        rows.append(
            {
                "step": int(step),
                "plus_share": float(share.mean()),
                "plus_share_error": float(share.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan"),
                "one_silo": float(((share == 0) | (share == 1)).mean()),
                "level_median": float(np.median(levels)),
                "level_lowest": float(levels.min()),
            }
        )
    return rows
