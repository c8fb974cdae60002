"""
Any finite chain, exactly
=========================

Two wells joined by steps of probability 1e-9: the graph, the chance to come to the right end first, the pathways of
journeys from end to end, and the relaxation times. Each number has ends that hold the exact one.
"""

import matplotlib.pyplot as plt

from mcpolar.metastability import FiniteChain
from mcpolar.report.plots.style import PAGE, STYLE

E = 1e-9
rates = [
    [0, 0.3, 0.1, 0, 0, 0],
    [0.2, 0, 0, E, 0, 0],
    [0.2, 0, 0, 0.5 * E, 0, 0],
    [0, 2 * E, 2 * E, 0, 0.2, 0.1],
    [0, 0, 0, 0.1, 0, 0.1],
    [0, 0, 0, 0.1, 0.2, 0],
]
chain = FiniteChain.from_off_diagonal(rates, labels=["A", "a", "b", "c", "d", "B"])

with plt.rc_context(STYLE):
    figure, panels = plt.subplots(2, 2, figsize=(PAGE, 5.2))
    chain.plot(panels[0, 0], law=chain.stationary_distribution())
    chain.committor("A", "B").plot(panels[0, 1], name="P(B before A)", ordered=True)
    chain.reactive_flux("A", "B").plot(panels[1, 0])
    chain.timescales().plot(panels[1, 1], name="implied timescale (steps)")
