"""
Permanence
==========

No agent ever changes its silo, for all time: certified lower bounds from level h on. At sigma = 0.3 and level 1 it is
above 0.999 already, where the chance that level 1 holds for 1021 steps is bounded by 1e-45: different events.
"""

import matplotlib.pyplot as plt

import mcpolar as mp
from mcpolar.report.plots.style import COLUMN, STYLE

with plt.rc_context(STYLE):
    figure, axes = plt.subplots(figsize=(1.3 * COLUMN, 2.8))
    # one memory element: larger memories take up to a minute a point
    mp.table("permanence", m=30, r=1, k=14, split=15, sigma=["0.2", "0.3", "0.4"], level=[1, 2, 3]).plot(axes)
