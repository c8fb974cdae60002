"""
Survival against its bounds
===========================

How long no agent of six leaves its silo, estimated with a band for the whole curve, and certified below. The tick at
the end marks the populations that were still whole: they are censored, not averaged in.
"""

import matplotlib.pyplot as plt
import numpy as np

import mcpolar as mp
from mcpolar.metastability import passage_times, survival_curve
from mcpolar.report.plots.style import COLUMN, STYLE

STEPS = 1000
chain = mp.ChainParameters(m=6, r=2, sigma="0.9", k=2)
times = passage_times(chain, mp.Start("bipolar", level=1), STEPS, replicas=1000, seed=1)
at = np.unique(np.geomspace(1, STEPS, 24).astype(int))
kept = np.array([float(mp.silo_persistence(chain, level=1, split=3, steps=int(t)).lower()) for t in at])

with plt.rc_context(STYLE):
    figure, axes = plt.subplots(figsize=(1.3 * COLUMN, 2.8))
    curve = survival_curve(*times.of("silo-left"), confidence=0.999)
    curve.plot(
        axes,
        event="no agent left its silo",
        bounds={"certified lower bound, step by step": (at.astype(float), kept)},
    )
