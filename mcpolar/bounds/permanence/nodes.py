"""PMr: the nodes of log-odds of a problem, and a grid of them that fits; imports nothing compiled."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.problem import RiskProblem
from mcpolar.errors import InputError

Floats = NDArray[np.float64]

MOST_RISKS = 2 * 10**7
"""Memories times nodes: 0.2 GB."""
NEGLIGIBLE = 15.0
"""Beyond the last node the product form is smaller by e^-NEGLIGIBLE than the risk at the start."""


def fitting(problem: RiskProblem, grid: Grid) -> Grid:
    """Return the grid, or a coarser one where the start's level is so large that it would not fit.

    Raises
    ------
    InputError
        As from :meth:`RiskProblem.require`, or if no such grid fits.
    """
    problem.require()
    while True:
        try:
            nodes, _ = nodes_of(problem, grid)
            ends = grid.ends(problem.r, 1 / math.sqrt(problem.precision))
            check_size(problem.r, ends.size - 1, nodes.size)
        except InputError:
            grid = grid.coarser()
        else:
            return grid


def nodes_of(problem: RiskProblem, grid: Grid) -> tuple[Floats, int]:
    """Return the nodes and the index of the start's; beyond the last the product form is negligible."""
    start = float(problem.log_odds)
    if Fraction(start) > problem.log_odds:
        start = math.nextafter(start, 0.0)
    lowest = float(problem.lowest)  # exact
    fall = problem.true_exponent * start + NEGLIGIBLE
    highest = start + fall / float(problem.form.theta)
    return grid.nodes(lowest=lowest, start=start, highest=highest, precision=float(problem.precision))


def check_size(r: int, n_cells: int, n_nodes: int) -> None:
    """Raise InputError if the risks would be too many."""
    n = math.comb(n_cells + r - 1, r) * n_nodes
    if n > MOST_RISKS:
        raise InputError("grid", f"{n} risks", f"so coarse that there are at most {MOST_RISKS}")
