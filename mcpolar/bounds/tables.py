"""The paper's three tables, and grids of any statement: which cells there are. The values come from the statements."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcpolar.choices import Variant
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound, Drawn
from mcpolar.statements import find

if TYPE_CHECKING:
    import pandas as pd

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

    Examples
    --------
    >>> table, bound = next(paper_cells("paper"))
    >>> table.number, bound.lower(7)
    (1, '2.984834e-45')
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
        The statement.
    chain_axes : mapping of str to sequence
        Values of the arguments of :class:`ChainParameters`, of which a statement about another mixture takes those that
        it knows.
    axes : mapping of str to sequence
        Values of the statement's own arguments, such as level and steps.
    variant : {"certified", "paper"}
        The form.

    Raises
    ------
    InputError
        If the grid has more than 100 000 cells, or the statement does not use one of the axes.

    Examples
    --------
    >>> chain_axes = {"m": [30], "r": [5], "sigma": ["0.2", "0.1"]}
    >>> [bound.lower(3) for bound in grid_cells("theorem2", chain_axes, {"level": [1], "steps": [1021]}, "certified")]
    ['2.87e-06', '9.99e-01']
    """
    statement = find(name)
    for axis in axes:
        if axis not in statement.arguments:
            raise InputError(axis, list(axes[axis]), f"absent: {statement.command} does not use it")
    statement.require_variant(variant)
    statement.require({**chain_axes, **axes})
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


@dataclass(frozen=True)
class BoundTable(Drawn):
    """Bounds of one statement over a grid.

    Attributes
    ----------
    bounds : tuple of Bound
        One a cell, the last axis fastest.
    """

    bounds: tuple[Bound, ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.bounds)

    def __iter__(self) -> Iterator[Bound]:
        """Yield the bounds."""
        return iter(self.bounds)

    def __repr__(self) -> str:
        """Name the statement and count the cells."""
        name = self.bounds[0].statement if self.bounds else "nothing"
        return f"<BoundTable {name}: {len(self)} cells>"

    def to_dict(self, digits: int = 7) -> list[dict[str, Any]]:
        """Return a record a cell: parameters, horizon_steps, lower, log10, ceiling, failure, and failed assumptions."""
        return [
            {
                "statement": bound.statement,
                "variant": bound.variant,
                **bound.parameters,
                "horizon_steps": bound.horizon_steps,
                "lower": bound.lower(digits),
                "log10": bound.log10,
                "ceiling": None if bound.ceiling is None else bound.ceiling.upper(digits),
                "failure": bound.failure_upper(digits),
                "failed": ", ".join(a.name for a in bound.assumptions if not a.holds),
            }
            for bound in self.bounds
        ]

    def to_frame(self, digits: int = 7) -> pd.DataFrame:
        """Return a data frame with a row a cell; `lower` is text, since it may underflow a double."""
        import pandas as pd

        return pd.DataFrame(self.to_dict(digits))

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False))


def table(statement: str, *, variant: Variant = "certified", **axes: Any) -> BoundTable:
    """Evaluate a statement over a grid of the chain's parameters and its own arguments.

    Parameters
    ----------
    statement : str
        The statement, such as "theorem2".
    variant : {"certified", "paper"}
        The form.
    **axes
        m, r, sigma, k, mirror, policy, neighbours and the statement's own arguments, such as level and steps: a value
        or a sequence of values each. The last axis runs fastest.

    Raises
    ------
    InputError
        If an argument is not allowed, or there are more than 100 000 cells.

    Examples
    --------
    >>> found = table("theorem2", m=30, r=5, sigma=["0.2", "0.1"], level=[1, 2], steps=1021)
    >>> [bound.lower(3) for bound in found]
    ['2.87e-06', '2.87e-06', '9.99e-01', '9.99e-01']
    """
    lists = {name: _listed(values) for name, values in axes.items()}
    chain_axes = {name: values for name, values in lists.items() if name in _CHAIN_AXES}
    own = {name: values for name, values in lists.items() if name not in _CHAIN_AXES}
    return BoundTable(tuple(grid_cells(find(statement).name, chain_axes, own, variant)))


_CHAIN_AXES = ("m", "r", "sigma", "k", "mirror", "policy", "neighbours")


def _listed(values: Any) -> Sequence[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        return [values]
    return list(values)
