"""
Bounds against sigma
====================

Theorem 2 asks that all memory stays in its interval at every step, which gets unlikely fast; that no agent changes its
silo is another event. The points are certified, the lines between them are for the eye.
"""

import matplotlib.pyplot as plt

import mcpolar as mp
from mcpolar.report.plots.style import PAGE, STYLE

SIGMAS = [f"0.{i:02d}" for i in range(10, 61, 5)]

with plt.rc_context(STYLE):
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.8))
    for axes, statement in ((left, "theorem2"), (right, "silo_persistence")):
        mp.table(statement, m=30, r=5, sigma=SIGMAS, level=[1, 2, 3], steps=1021).plot(axes)
