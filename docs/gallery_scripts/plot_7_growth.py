"""
Growth of log-odds
==================

How fast the log-odds of an agent grow while it hears its own silo only, in units of 1/sigma^2, with intervals.
"""

import itertools

from mcpolar.exponents import log_odds_growth
from mcpolar.report.plots.growth import draw_growth

found = [
    log_odds_growth(r, sigma, replicas=60, updates=400, burn_in=100, seed=1)
    for sigma, r in itertools.product(("0.5", "1", "2"), (1, 2, 5, 10))
]
figure = draw_growth(found)
