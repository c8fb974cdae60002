"""
A bound over two parameters
===========================

``table.plot(ax, heat=True)`` is what ``mcpolar plot bound … --kind heat`` draws. Grey: an
assumption fails, the bound is 0.
"""

import matplotlib.pyplot as plt

import mcpolar as mp
from mcpolar.report.plots.style import COLUMN, STYLE

SIGMAS = [f"0.{i:02d}" for i in range(10, 61, 2)]

with plt.rc_context(STYLE):
    figure, axes = plt.subplots(figsize=(1.3 * COLUMN, 2.8))
    mp.table("silo_persistence", m=30, r=5, sigma=SIGMAS, level=range(1, 11), steps=1021).plot(
        axes, heat=True
    )
