"""
The phase diagram
=================

Consensus or silos of both sides, from random weights, after 60 rounds: few neighbours keep both sides, many bring
consensus. Small here, in 60 replicas a cell; ``mcpolar metastability phase`` draws any grid.
"""

import matplotlib.pyplot as plt

import mcpolar as mp
from mcpolar.metastability import PhaseDiagram, phase_diagram
from mcpolar.report.plots.style import PAGE, STYLE

cells = [mp.ChainParameters(8, 3, sigma, k=k) for sigma in ("0.3", "0.5", "0.8") for k in (1, 3, 5, 7)]
diagram = PhaseDiagram(tuple(phase_diagram(cells, "random", "60*m", replicas=60, seed=1)))

with plt.rc_context(STYLE):
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 3.0))
    diagram.plot(left)
    diagram.plot(right, show="rounds")
