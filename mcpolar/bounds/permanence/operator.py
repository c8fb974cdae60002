"""PMr: what the draws of one update require of a risk, block by block of nodes; on two threads where they pay."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import working_precision
from mcpolar.bounds.permanence.mesh import Mesh
from mcpolar.bounds.permanence.multisets import Memories
from mcpolar.bounds.permanence.upper_ends import UpperEnds
from mcpolar.compiled.memory.risk import (
    BLOCK,
    SMALLEST_RISK,
    UP,
    add_up,
    is_enough,
    look_up,
    nodes_after,
    require,
)

Floats = NDArray[np.float64]
Found = TypeVar("Found")

BITS = 192
FEWEST_ROWS = 1000
"""Fewer memories are not worth a second thread."""


@dataclass(frozen=True, eq=False)
class Operator:
    """What the draws of one update require of a risk.

    Attributes
    ----------
    product : ndarray, shape (n_memories, n_nodes)
        The product form's risk: a supersolution.
    """

    product: Floats
    after: NDArray[np.int16]
    masses: Floats
    costs: tuple[Floats, Floats]
    outside: tuple[object, ...]
    memories: Memories

    @classmethod
    def of(cls, mesh: Mesh) -> Operator:
        """Return the operator of a mesh."""
        memories, nodes = mesh.memories, mesh.nodes
        with working_precision(BITS):
            upper = UpperEnds(mesh.problem, tuple(mesh.grid.point(end) for end in mesh.ends))
            masses, wrong, tail = upper.masses(), upper.wrong(nodes[:-1]), upper.tail(nodes)
            below, above, largest = upper.below(), upper.above(memories.rests), upper.largest_f()
        with np.errstate(over="ignore"):  # where the product form is infinite it is no bound, and not used
            growth = _products(largest, memories.rests) * UP
            product = np.outer(_products(largest, memories.cells), tail) * UP
        product = np.clip(product, SMALLEST_RISK, 1.0)
        return cls(product, _after(mesh), masses, (wrong, tail[:-1]), (below, above, growth), memories)

    def lower(self, risk: Floats, *, lowers: bool = True) -> bool:
        """Lower a supersolution in place, the last node first; whether it was one."""
        found = [
            all(both(lambda rows: is_enough(risk, self.product, needed, first, count, rows, lowers=lowers)))  # noqa: B023
            for first, count, needed, both in self._blocks(risk)
        ]
        return all(found)

    def _blocks(self, risk: Floats) -> Iterator[tuple[int, int, Floats, Halves]]:
        """Yield each block's first node and their number, what is required there, and the memories; the last first."""
        memories, spans = self.memories, self.memories.spans
        joined, n, n_nodes = memories.joined, len(risk), self.after.shape[1]
        later, needed = np.empty((n, BLOCK)), np.empty((n, BLOCK))
        beyond = np.empty((len(joined), joined.shape[1] + 1, BLOCK))
        smallest = np.ascontiguousarray(memories.cells[:, 0])
        middles = (memories.first_middle, memories.last_middle)
        # a rest has more memories the lower its largest element is
        with Halves.of(n) as both, Halves.of(len(joined), joined.shape[1] - spans[:, 2]) as rests:
            for first in reversed(range(0, n_nodes, BLOCK)):
                count = min(BLOCK, n_nodes - first)
                costs = tuple(np.resize(cost[first : first + count], BLOCK) for cost in self.costs)
                both(lambda rows: look_up(risk, self.after, first, count, rows, later))  # noqa: B023
                rests(lambda rows: add_up(later, self.masses, joined, spans, rows, beyond))
                rests(
                    lambda rows: require(
                        later, beyond, self.masses, costs, *self.outside, joined, spans, smallest,  # noqa: B023
                        memories.without_smallest, *middles, rows, needed,
                    )
                )  # fmt: skip
                yield first, count, needed, both


@dataclass(frozen=True)
class Halves:
    """Rows in two parts, for two threads; what is found does not depend on it."""

    parts: tuple[tuple[int, int], ...]
    pool: ThreadPoolExecutor | None

    @classmethod
    def of(cls, n_rows: int, weights: NDArray[np.int16] | None = None) -> Halves:
        """Divide rows, all alike or of these weights."""
        if n_rows < FEWEST_ROWS or (os.cpu_count() or 1) < 2:
            return cls(((0, n_rows),), None)
        cut = n_rows // 2
        if weights is not None:
            sums = np.cumsum(weights, dtype=np.int64)
            cut = int(np.searchsorted(sums, sums[-1] // 2))
        return cls(((0, cut), (cut, n_rows)), ThreadPoolExecutor(1))

    def __enter__(self) -> Halves:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown()

    def __call__(self, work: Callable[[tuple[int, int]], Found]) -> list[Found]:
        """Return what the work on each part gives."""
        if self.pool is None:
            return [work(self.parts[0])]
        other = self.pool.submit(work, self.parts[1])
        return [work(self.parts[0]), other.result()]


def _after(mesh: Mesh) -> NDArray[np.int16]:
    cells = mesh.memories.cells
    found = np.empty((len(cells), mesh.nodes.size - 1), np.int16)
    low_ends = np.array([float(mesh.grid.point(end)) for end in mesh.ends[:-1]])
    with Halves.of(len(cells)) as halves:
        halves(
            lambda rows: nodes_after(
                mesh.nodes, low_ends, cells, 2 * float(mesh.problem.precision), rows, found
            )
        )
    return found


def _products(factors: Floats, multisets: NDArray[np.int16]) -> Floats:
    found = np.ones(len(multisets))
    for column in multisets.T:
        found *= factors[column]
    return found
