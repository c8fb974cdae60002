"""
General mixtures in the plane
=============================

Twelve agents whose components stand on a circle, after 0, 20 and 60 steps: each dot is an agent at its silo, coloured
by its first component. Silos merge along the circle.
"""

import matplotlib.pyplot as plt
import numpy as np

from mcpolar.mixture import Covariances, MixtureParameters, simulate
from mcpolar.report.plots.style import PAGE, STYLE

N = 12
angle = 2 * np.pi * np.arange(N) / N
means = 3 * np.column_stack([np.cos(angle), np.sin(angle)])
system = MixtureParameters(n=N, means=means, covariances=Covariances.spherical(0.6), r=5, k=4, mirror=0.2)
run = simulate(system, 60, seed=2, replicas=1)

with plt.rc_context(STYLE):
    figure, panels = plt.subplots(1, 3, figsize=(PAGE, 2.4), sharex=True, sharey=True)
    for axes, step in zip(panels, (0, 20, 60), strict=True):
        silos = run.silos[0, step]
        axes.plot(*means.T, "o", ms=9, mfc="none", mec="0.75")
        for silo in np.unique(silos):
            members = np.flatnonzero(silos == silo)
            around = 0.25 * np.column_stack([np.cos(angle), np.sin(angle)])[members] * (len(members) > 1)
            axes.scatter(*(means[silo] + around).T, s=10, c=members / (N - 1), cmap="cividis", vmin=0, vmax=1)
        axes.set_title(f"step {step}: {len(np.unique(silos))} silos", fontsize=8)
        axes.set_aspect("equal")
    panels[0].set_ylabel("second coordinate")
    panels[1].set_xlabel("first coordinate")
