"""
Published numbers beside ours
=============================

Figures 2 and 3 in the mean over 20 and 30 seeds, and figure 7 on the line, from the paper's public code and from ours.
The published means of figure 7 count a run that has not finished as finished at the last step; here ours does the
same, for comparison. Where the two differ by more than chance, and why, is in the guide.
"""

import matplotlib.pyplot as plt
import numpy as np

import mcpolar as mp
from mcpolar.report.plots.style import BLUE, ORANGE, PAGE, STYLE

# what the public code gives: silos by step (20 seeds); mean and standard error of silos by k (30 seeds) and of the last
# step with more than one silo by distance (50 replicates)
FIGURE_2 = {25: 13.3, 50: 5.9, 75: 2.2, 100: 1.2}
FIGURE_3 = {5: (3.4, 0.091), 15: (1.167, 0.069), 29: (1.0, 0.0)}
LINE = {1.0: (95.34, 4.089), 1.5: (54.14, 2.048), 2.0: (46.58, 1.433), 3.0: (38.12, 1.16), 4.0: (36.5, 1.094)}


def put(axes, by, found, published):
    """Draw means with five standard errors: found ones, by a column, beside published ones."""
    means, errors = np.array(list(published.values())).T
    marks = {"fmt": "s", "ms": 4, "color": ORANGE, "label": "public code"}
    axes.errorbar(list(published), means, 5 * errors, **marks)
    groups = found.groupby(by)
    step = 0.02 * (max(published) - min(published))  # beside each other, not over each other
    ours = {"fmt": "o", "ms": 4, "color": BLUE, "label": "ours"}
    axes.errorbar(
        groups.mean().index + step, groups.mean(), 5 * groups.std() / np.sqrt(groups.count()), **ours
    )
    axes.set_ylim(0, None)


in_time = mp.run_experiment("fig2", seed=1, replicas=20).table
silos = in_time.groupby(["replicate", "step"])["silo"].nunique().groupby("step")
by_k = mp.run_experiment("fig3", seed=1, neighbours=list(FIGURE_3), replicas=30).table.set_index("k")
line = mp.run_experiment("fig7-line", seed=1, replicas=20, distance=list(LINE)).table.set_index("distance")

with plt.rc_context(STYLE):
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(PAGE, 2.6))
    error = 5 * silos.std() / np.sqrt(20)
    left.fill_between(
        silos.mean().index, silos.mean() - error, silos.mean() + error, color=BLUE, alpha=0.2, lw=0
    )
    left.plot(silos.mean(), color=BLUE, label="ours")
    left.plot(list(FIGURE_2), list(FIGURE_2.values()), "s", ms=4, color=ORANGE, label="public code")
    left.set(xlabel="step t", ylabel="silos", title="figure 2: mean ± 5 s.e.")
    put(middle, "k", by_k["silos"], FIGURE_3)
    middle.set(xlabel="neighbourhood size k", ylabel="silos at the end", title="figure 3: mean ± 5 s.e.")
    put(right, "distance", line["t_star"].fillna(200).astype(float), LINE)
    right.set(xlabel="distance of neighbouring means", ylabel="last step with more than one silo")
    right.set_title("figure 7, on the line: mean ± 5 s.e.")
    for axes in (left, middle, right):
        axes.legend()
