"""
Rare events: estimates beside bounds
====================================

What theorem 2 bounds, estimated by drawing good arrivals only and multiplying their chances: down to 1e-100 and beyond,
in 300 replicas each. The intervals are narrower than the marks; the bound is nearly attained.
"""

import matplotlib.pyplot as plt

import mcpolar as mp
from mcpolar.report.plots.style import COLUMN, STYLE

table = mp.table("theorem2", m=10, r=3, sigma=["0.2", "0.3", "0.4", "0.5", "0.6"], level=1, steps=500)
estimates = [
    mp.estimate(
        "theorem2", mp.ChainParameters(10, 3, bound.parameters["sigma"]), level=1, steps=500, replicas=300
    )
    for bound in table
]
with plt.rc_context(STYLE):
    figure, axes = plt.subplots(figsize=(1.3 * COLUMN, 2.8))
    table.plot(axes, estimates=estimates)
