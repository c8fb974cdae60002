"""The kernel of one agent's memory, weighted by the log-odds that it loses, on a grid: its largest eigenvalue.

A memory is a multiset of r nodes. Where an update leaves the midpoint of the smallest and the largest node undecided,
it counts half for either, so that the eigenvalue's logarithm comes near its limit as the square of the nodes' distance.
For small sigma it does so more slowly: then the best way to lose log-odds keeps an element for ever, and the largest
eigenvalue is the end of a continuum.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.memory.multisets import dominant_vector, fill_weights, multiset_counts

Floats: TypeAlias = NDArray[np.float64]

OWN_SHARE = 0.5  # of the vector before, in each iteration
TOLERANCE, MOST_ITERATIONS = 3e-5, 150  # of theta, where Lambda has slope 2/sigma^2, as it nearly has
FIRST_THETA, FIRST_CHANGE, LAST_CHANGE = 0.7, 0.01, 0.003
LEAST_THETA = 0.02  # coarse grids of large memories may have no root
MOST_SECANTS = 30


def largest_nodes(r: int, states: int) -> int:
    """Return the largest number of nodes whose multisets of r are at most `states`.

    Examples
    --------
    >>> largest_nodes(2, 10), largest_nodes(10, 250_000)
    (4, 11)
    """
    nodes = 1
    while math.comb(nodes + r, r) <= states:
        nodes += 1
    return nodes


class MemoryGrid:
    """The weighted kernel of memories of size r >= 2; the last eigenvector starts the next search.

    Attributes
    ----------
    x : ndarray, shape (nodes,)
        The nodes, where the paths to a loss pass: moving the ends by sigma/2 changes theta* by less than 1e-4.
    vector : ndarray, shape (n_states,)
        The eigenvector found last, 1 at the state of all elements at the last node.
    gap : float
        Difference between the bounds of the last eigenvalue's logarithm.
    slope : float
        Last slope of the eigenvalue's logarithm in theta.
    """

    def __init__(
        self,
        r: int,
        sigma: float,
        nodes: int,
        *,
        tolerance: float = TOLERANCE,
        slope: float = math.nan,
    ) -> None:
        self.r, self.sigma, self.tolerance = r, sigma, 4 * tolerance / sigma**2
        self.x, self.step = np.linspace(-1.2 - 3.6 * sigma, 1.2 + 4 * sigma, nodes, retstep=True)
        mass = np.exp(-0.5 * ((self.x - 1) / sigma) ** 2)
        self.mass = mass / mass.sum()
        self.counts = multiset_counts(nodes, r)
        self.vector = np.ones(self.counts[r, nodes])
        self.weights, self.spare = np.empty_like(self.vector), np.empty_like(self.vector)
        self.gap, self.slope = math.inf, slope

    def log_eigenvalue(self, theta: float) -> float:
        """Return Lambda(theta), the middle of its bounds."""
        fill_weights(self.x, 2 / self.sigma**2, theta, self.r, self.weights)
        smallest, largest = dominant_vector(
            self.weights,
            self.vector,
            self.spare,
            self.mass,
            self.counts,
            OWN_SHARE,
            self.tolerance,
            MOST_ITERATIONS,
        )
        self.gap = math.log(largest / smallest)
        return 0.5 * (math.log(smallest) + math.log(largest))

    def root(self, theta: float = FIRST_THETA) -> float:
        """Return the positive root of Lambda by secants; from the right of it they do not miss, Lambda being convex."""
        value = self.log_eigenvalue(theta)
        if math.isnan(self.slope):
            self.slope = (value - self.log_eigenvalue(theta - FIRST_CHANGE)) / FIRST_CHANGE
        for _ in range(MOST_SECANTS):
            change = min(max(theta - value / self.slope, LEAST_THETA), 1.0) - theta
            theta += change
            if abs(change) < LAST_CHANGE:
                break
            before, value = value, self.log_eigenvalue(theta)
            self.slope = (value - before) / change
        return theta


def grid_root(r: int, sigma: float, nodes: int) -> tuple[float, float]:
    """Return theta* extrapolated from three grids, the finest of `nodes` nodes, and its error.

    The extrapolation takes the two finest and a change with the square of the nodes' distance. The error is the largest
    of half the extrapolation and its difference from one by three grids that allows a change with the distance itself,
    and what the eigenvalue's bounds leave open.
    """
    theta, slope, steps, found = FIRST_THETA, math.nan, [], []
    for count in (nodes // 2, round(nodes / math.sqrt(2)), nodes):
        grid = MemoryGrid(r, sigma, count, slope=slope)
        theta = grid.root(theta)
        slope = grid.slope
        steps.append(grid.step)
        found.append(theta)
    limit = float(np.polyfit(np.square(steps[1:]), found[1:], 1)[-1])
    other = float(np.polyfit(steps, found, 2)[-1])
    return limit, max(abs(limit - found[-1]) / 2, abs(limit - other)) + grid.gap / (2 * grid.slope)
