"""PMr: the grid on which a risk is certified, cells for memory elements and nodes for log-odds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mcpolar.checks import whole_number
from mcpolar.errors import InputError

if TYPE_CHECKING:  # NumPy takes long to import, and only those who compute with a grid need it
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LARGEST_MEMORY = 10
CELLS_PER_UNIT = {1: 40, 2: 40, 3: 15, 4: 10, 5: 6, 6: 5, 7: 4, 8: 3, 9: 3, 10: 3}
STEPS_PER_LEVEL = {1: 20, 2: 20, 3: 10, 4: 10, 5: 10, 6: 10, 7: 5, 8: 5, 9: 4, 10: 4}
MOST_CELLS, MOST_STEPS = 200, 100
MOST_NODES = 4000
COARSEST = 3
HALF = Fraction(1, 2)
# cells are narrow here: a polarized agent's memory lies in [1/2, 3/2], and its ways out lead through the rest
NARROW = {1: (-2, 2), 2: (-2, 2), 3: (-2, 2), 4: (-1, 2)}
NARROW_WIDE = (Fraction(-3, 4), Fraction(7, 4))
LEAST_REACH = (Fraction(-2), Fraction(5, 2))
DEVIATIONS = {1: 12, 2: 12, 3: 10, 4: 8, 5: 7}
FEWEST_DEVIATIONS = 5
"""Cells go beyond `LEAST_REACH`, and beyond so many standard deviations from the mean of an own draw."""
WIDENING = Fraction(3, 2)
NODE_WIDENING, WIDEST_NODE = 1.15, 1.2


@dataclass(frozen=True)
class Grid:
    """Cells and nodes.

    Attributes
    ----------
    cells_per_unit : int
        Narrow cells between x and x + 1; 1/2 is an end of a cell, and so is 3/2.
    steps_per_level : int
        Nodes between log-odds l and l + 1/sigma^2, up to those of the start; beyond they widen.

    Raises
    ------
    InputError
        If a number is not allowed; the message names it.
    """

    cells_per_unit: int
    steps_per_level: int

    def __post_init__(self) -> None:
        whole_number("cells_per_unit", self.cells_per_unit, 1, MOST_CELLS)
        whole_number("steps_per_level", self.steps_per_level, 1, MOST_STEPS)

    @classmethod
    def default(cls, r: int) -> Grid:
        """Return the grid that is used for a memory size."""
        if r not in CELLS_PER_UNIT:
            raise InputError("r", r, f"from 1 to {LARGEST_MEMORY} for a risk on a grid")
        return cls(CELLS_PER_UNIT[r], STEPS_PER_LEVEL[r])

    @classmethod
    def read(cls, parameters: Mapping[str, Any]) -> Grid:
        """Return the grid that a bound's `parameters` hold."""
        if "cells_per_unit" not in parameters:
            raise InputError("parameters", "no grid", "those of a bound with a risk on a grid")
        return cls(int(parameters["cells_per_unit"]), int(parameters["steps_per_level"]))

    def coarser(self) -> Grid:
        """Return a grid with half as many nodes, or with wider cells; InputError where it is the coarsest of use."""
        if self.steps_per_level > COARSEST:
            return replace(self, steps_per_level=max(COARSEST, self.steps_per_level // 2))
        if self.cells_per_unit > COARSEST:
            return replace(self, cells_per_unit=max(COARSEST, 2 * self.cells_per_unit // 3))
        raise InputError("grid", "the coarsest of use", "one that fits: smaller log-odds or memory")

    def as_dict(self) -> dict[str, int]:
        """Return the numbers by name."""
        return asdict(self)

    def ends(self, r: int, sigma: float) -> NDArray[np.int64]:
        """Return the cells' ends e as whole numbers, standing for 1/2 + e/cells_per_unit."""
        import numpy as np

        near, far = (Fraction(x) for x in NARROW.get(r, NARROW_WIDE))
        unit = self.cells_per_unit
        first, last = math.ceil((near - HALF) * unit), math.floor((far - HALF) * unit)
        reach = Fraction(DEVIATIONS.get(r, FEWEST_DEVIATIONS) * sigma)
        lowest, highest = min(LEAST_REACH[0], 1 - reach), max(LEAST_REACH[1], 1 + reach)
        left = _widening(first, (lowest - HALF) * unit, -1)
        right = _widening(last, (highest - HALF) * unit, 1)
        return np.array([*left[::-1], *range(first, last + 1), *right], dtype=np.int64)

    def point(self, end: int) -> Fraction:
        """Return the number that a cell's end stands for."""
        return HALF + Fraction(int(end), self.cells_per_unit)

    def nodes(self, *, lowest: float, start: float, highest: float, precision: float) -> tuple[Floats, int]:
        """Return the nodes, evenly spaced from `lowest` to `start` and wider beyond, and the index of `start`."""
        import numpy as np

        count = max(1, math.ceil((start - lowest) / precision * self.steps_per_level))
        if count >= MOST_NODES:
            raise InputError("grid", f"{count} nodes up to the start", f"one with fewer than {MOST_NODES}")
        nodes = list(np.linspace(lowest, start, count + 1))
        step = nodes[-1] - nodes[-2]
        while nodes[-1] < highest:
            step = max(step, min(step * NODE_WIDENING, WIDEST_NODE * precision))
            nodes.append(nodes[-1] + step)
            if len(nodes) > MOST_NODES:
                raise InputError("grid", f"more than {MOST_NODES} nodes", "one with fewer")
        return np.array(nodes), count


def _widening(end: int, reach: Fraction, direction: int) -> list[int]:
    """Return ends of cells that widen on the way from `end` to `reach`."""
    found, width = [], 1
    while (reach - end) * direction > 0:
        width = max(width + 1, math.floor(width * WIDENING))
        end += direction * width
        found.append(end)
    return found
