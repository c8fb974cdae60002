"""The paper's three tables, and grids of any statement: which cells there are. The values come from the statements."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcpolar.choices import Variant
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound
from mcpolar.statements import find

PAPER_AGENTS = 30
PAPER_LEVELS = (1, 2, 3, 4, 5)
MOST_CELLS = 100_000


@dataclass(frozen=True)
class PaperTable:
    """One of the paper's tables: a statement at every sigma and level."""

    number: int
    statement: str
    steps: str
    sigmas: tuple[str, ...]


PAPER_TABLES = (
    PaperTable(1, "theorem2", "10*m*log(m)", ("0.3", "0.2", "0.1", "0.05")),
    PaperTable(2, "theorem2", "2*m*log(m)", ("0.4", "0.3", "0.2", "0.1", "0.05")),
    PaperTable(3, "theorem2_ascent", "2*m*log(m)", ("0.4", "0.3", "0.2", "0.1", "0.05")),
)


def paper_cells(variant: Variant, memory: int = 1) -> Iterator[tuple[PaperTable, Bound]]:
    """Yield the 70 cells of the paper's tables in print order, computed in the given form.

    Every agent starts on one side, as the paper's formula does not see the split. The memory size does not enter the
    values; a simulation needs it.
    """
    for table in PAPER_TABLES:
        function = find(table.statement).function
        for sigma, level in itertools.product(table.sigmas, PAPER_LEVELS):
            chain = ChainParameters(PAPER_AGENTS, memory, sigma)
            yield table, function(chain, level=level, steps=table.steps, variant=variant)


def grid_cells(
    name: str, chain_axes: Mapping[str, Sequence[Any]], axes: Mapping[str, Sequence[Any]], variant: Variant
) -> Iterator[Bound]:
    """Yield a statement's bound at every point of a grid, the last axis fastest.

    Parameters
    ----------
    name : str
        The statement, which must be about the chain.
    chain_axes : mapping of str to sequence
        Values of the arguments of :class:`ChainParameters`.
    axes : mapping of str to sequence
        Values of the statement's own arguments, such as level and steps.
    variant : {"certified", "paper"}
        The form.

    Raises
    ------
    InputError
        If the grid has more than 100 000 cells, or the statement does not use one of the axes.
    """
    statement = find(name)
    if not statement.takes_chain:
        raise InputError(
            "statement", statement.command, "a statement about the chain; evaluate this one by itself"
        )
    for axis in axes:
        if axis not in statement.arguments:
            raise InputError(axis, list(axes[axis]), f"absent: {statement.command} does not use it")
    statement.require_variant(variant)
    statement.require(axes)
    everything = {**chain_axes, **axes}
    size = 1
    for values in everything.values():
        size *= len(values)
    if size > MOST_CELLS:
        raise InputError("grid", f"{size} cells", f"at most {MOST_CELLS} cells")
    for point in itertools.product(*everything.values()):
        values_at = dict(zip(everything, point, strict=True))
        population = {key: values_at[key] for key in chain_axes}
        yield statement.evaluate(population, {key: values_at[key] for key in axes}, variant)
