"""What ties, the weight floor and the schedule do to Figure 3: one table and one figure.

`python examples/fig3_effects.py` writes fig3_effects.csv and fig3_effects.png beside this file (10 s on two cores).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from mcpolar.experiments import run_experiment, summarise
from mcpolar.report.plots.experiments import ERRORS
from mcpolar.report.plots.style import COLUMN

VARIANTS = {
    "as published, random ties": {},
    "ties by index": {"ties": "index"},
    "floor 1e-30": {"weight_floor": 1e-30},
    "no floor (exact)": {"weight_floor": 0.0},
    "one agent at a time": {"schedule": "single"},
}
LOOKS = [("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "v"), ("#000000", "x")]


def effects(**settings) -> pd.DataFrame:
    """Return the mean number of silos, its standard error and the replicates, by variant and k."""
    parts = []
    for name, changed in VARIANTS.items():
        result = run_experiment("fig3", seed=1, **settings, **changed)
        summary = summarise("fig3", result.table, dict(result.settings))
        parts.append(summary.assign(variant=name)[["variant", *summary.columns]])
    return pd.concat(parts, ignore_index=True)


def draw(table: pd.DataFrame) -> Figure:
    """Return the figure: the variants beside one another, at ranks of k."""
    figure = Figure(figsize=(COLUMN, 2.9), layout="constrained")
    axes = figure.subplots()
    sizes = sorted(table["k"].unique())
    for q, (name, cells) in enumerate(table.groupby("variant", sort=False)):
        colour, marker = LOOKS[q]
        axes.errorbar(
            [sizes.index(k) + 0.14 * (q - 2) for k in cells["k"]],
            cells["mean_silos"],
            yerr=ERRORS * cells["standard_error"],
            fmt=marker,
            color=colour,
            markersize=3,
            linewidth=0.7,
            capsize=1.5,
            label=name,
        )
    axes.set_xticks(range(len(sizes)), [str(k) for k in sizes], fontsize=7)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_xlabel("neighbourhood size k (agents)", fontsize=8)
    axes.set_ylabel("silos after 80 steps", fontsize=8)
    axes.set_ylim(0, None)
    axes.spines[["top", "right"]].set_visible(False)
    replicates = int(table["replicates"].iloc[0])
    axes.legend(
        fontsize=7, frameon=False, title=f"mean ± {ERRORS} s.e., {replicates} replicates", title_fontsize=7
    )
    return figure


def main(folder: Path, **settings) -> None:
    table = effects(**settings)
    table.to_csv(folder / "fig3_effects.csv", index=False, float_format="%.6g")
    draw(table).savefig(folder / "fig3_effects.png", dpi=300, metadata={"Software": None})
    print(table.pivot(index="k", columns="variant", values="mean_silos")[list(VARIANTS)].to_string())


if __name__ == "__main__":
    main(Path(__file__).parent)
