"""
Bounds against the level and the number of agents
=================================================

With the level the bound of theorem 2 rises to a limit that sigma sets. For ``theorem1``, from any state, it falls with
the number of agents, and so does the ceiling that no such bound exceeds.
"""

import matplotlib.pyplot as plt
import numpy as np

import mcpolar as mp
from mcpolar.report.plots.style import BLUE, ORANGE, PAGE, STYLE

AGENTS = (2, 3, 4, 5, 6, 8)

with plt.rc_context(STYLE):
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    mp.table(
        "theorem2_ascent", m=30, r=5, sigma=["0.1", "0.15", "0.2"], level=[1, 2, 3, 4, 5], steps=205
    ).plot(left)
    bounds = [mp.theorem1(mp.ChainParameters(m=m, r=2, sigma="0.3")) for m in AGENTS]
    right.plot(
        AGENTS, [bound.log10 for bound in bounds], "o-", ms=3, color=BLUE, label="certified lower bound"
    )
    ceilings = [np.nan if bound.ceiling is None else bound.ceiling.log10 for bound in bounds]
    right.plot(AGENTS, ceilings, "s--", ms=3, color=ORANGE, label="ceiling at its horizon")
    right.set(xlabel="number of agents m", ylabel="log10 of the probability")
    right.set_title("polarized, from any state (r = 2, σ = 0.3)", fontsize=7)
    right.legend()
