"""
Published numbers beside ours
=============================

Figure 2 in the mean over 20 seeds, and figure 7 on the line, from the paper's public code and from ours. The published
means of figure 7 count a run that has not finished as finished at the last step; here ours does the
same, for comparison.
"""

import matplotlib.pyplot as plt
import numpy as np

import mcpolar as mp
from mcpolar.report.plots.style import BLUE, ORANGE, PAGE, STYLE

PUBLISHED_FIG2 = {25: 13.3, 50: 5.9, 75: 2.2, 100: 1.2}
PUBLISHED_LINE = {
    1.0: (95.34, 4.089),
    1.5: (54.14, 2.048),
    2.0: (46.58, 1.433),
    3.0: (38.12, 1.16),
    4.0: (36.5, 1.094),
}

silos = mp.run_experiment("fig2", seed=1, replicas=20).table.groupby(["replicate", "step"])["silo"].nunique()
mean, spread = (getattr(silos.groupby("step"), name)() for name in ("mean", "std"))
line = mp.run_experiment("fig7-line", seed=1, replicas=20, distance=list(PUBLISHED_LINE))
# as in the published means, a run that has not finished counts as finished at the last step
line.table["t_star"] = line.table["t_star"].fillna(200).astype(float)
last = line.table.groupby("distance")["t_star"]

with plt.rc_context(STYLE):
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    left.fill_between(
        mean.index,
        mean - 5 * spread / np.sqrt(20),
        mean + 5 * spread / np.sqrt(20),
        color=BLUE,
        alpha=0.2,
        lw=0,
    )
    left.plot(mean.index, mean, color=BLUE, label="ours: mean ± 5 s.e., 20 seeds")
    left.plot(
        list(PUBLISHED_FIG2),
        list(PUBLISHED_FIG2.values()),
        "s",
        ms=4,
        color=ORANGE,
        label="published code, 20 seeds",
    )
    left.set(xlabel="step t (one update of every agent)", ylabel="number of silos", title="figure 2")
    published, error = np.array(list(PUBLISHED_LINE.values())).T
    right.errorbar(
        list(PUBLISHED_LINE),
        published,
        5 * error,
        fmt="s",
        ms=4,
        color=ORANGE,
        label="published: mean ± 5 s.e.",
    )
    ours = last.mean()
    right.errorbar(
        ours.index + 0.06,
        ours,
        5 * last.std() / np.sqrt(20),
        fmt="o",
        ms=4,
        color=BLUE,
        label="ours, 20 replicates",
    )
    right.set(
        xlabel="distance of neighbouring means",
        ylabel="last step with more than one silo",
        title="figure 7, on the line",
    )
    right.set_ylim(0, None)
    for axes in (left, right):
        axes.legend()
