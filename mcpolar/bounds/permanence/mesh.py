"""PMr: the cells and nodes on which a risk is certified, and the memories."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.multisets import Memories
from mcpolar.bounds.permanence.nodes import check_size, nodes_of
from mcpolar.bounds.permanence.problem import RiskProblem

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mesh:
    """Cells and nodes of a problem.

    Attributes
    ----------
    problem : RiskProblem
        What the risk is for.
    grid : Grid
        What the ends of cells stand for.
    ends : ndarray of int64
        The cells' ends.
    memories : Memories
        The multisets of cells.
    nodes : ndarray
        Log-odds.
    start : int
        The start's node.
    """

    problem: RiskProblem
    grid: Grid
    ends: NDArray[np.int64]
    memories: Memories
    nodes: Floats
    start: int

    @classmethod
    def of(cls, problem: RiskProblem, grid: Grid) -> Mesh:
        """Return the mesh of a grid; InputError where it is too large."""
        problem.require()
        ends = grid.ends(problem.r, 1 / math.sqrt(problem.precision))
        nodes, start = nodes_of(problem, grid)
        check_size(problem.r, ends.size - 1, nodes.size)
        return cls(problem, grid, ends, Memories.of(problem.r, ends), nodes, start)

    @property
    def at_start(self) -> tuple[NDArray[np.intp], int]:
        """The memories in cells from 1/2 to 3/2, and the start's node."""
        own = (self.ends[:-1] >= 0) & (self.ends[1:] <= self.grid.cells_per_unit)
        return np.flatnonzero(own[self.memories.cells].all(axis=1)), self.start
