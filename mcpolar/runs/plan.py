"""What a run computes: cells of parameters, each with the same replicas, in blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from mcpolar.chain import AnyStart, ChainState, Ensemble
from mcpolar.chain.levels import level_log_odds
from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.entries import identity_of
from mcpolar.errors import InputError
from mcpolar.limits import MOST_CELLS, require_cells
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, Seed, read_seed
from mcpolar.steps import MOST_STEPS, Steps

DEFAULT_BLOCK = 256
_KEY_WORDS = 4


@dataclass(frozen=True, init=False)
class Cell:
    """One cell of a run: a chain, its start, how long, and what is observed.

    Parameters
    ----------
    parameters : ChainParameters
        Of every replica.
    start : Start, ChainState, or str
        As in :func:`~mcpolar.chain.simulate`.
    steps : int, str or Steps
        Single-agent updates of each replica, such as "10*m*log(m)".
    level : Decimal, str, int or float
        h of the event E_h that is observed.
    every : int, optional
        Observe every so many steps, and at the first and the last; default m, one update an agent on average.

    Raises
    ------
    InputError
        If an argument is not allowed or a state does not fit.
    ResourceError
        If the file of a start cannot be read.
    """

    parameters: ChainParameters
    ensemble: Ensemble = field(repr=False)
    steps: int
    level: Decimal
    every: int

    def __init__(
        self,
        chain: ChainParameters,
        start: AnyStart,
        steps: int | str | Steps,
        *,
        level: Decimal | str | float = 1,
        every: int | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "parameters", chain)
        put(self, "ensemble", Ensemble.of(chain, start, seed=0))
        put(self, "steps", Steps.read(steps, chain.m).whole)
        level_log_odds(chain, level, "down")
        put(self, "level", exact_decimal("level", level, Decimal("1e-9"), Decimal("1e6")))
        put(self, "every", chain.m if every is None else whole_number("every", every, 1, MOST_STEPS))

    def marks(self) -> Iterator[int]:
        """Yield the steps that are observed: 0, every, 2 every, ..., and the last one."""
        yield from range(0, self.steps, self.every)
        yield self.steps

    def looks_after(self, step: int) -> Iterator[int]:
        """Yield the multiples of `every` above a step, up to the last step."""
        yield from range((step // self.every + 1) * self.every, self.steps + 1, self.every)

    def as_dict(self) -> dict[str, Any]:
        """Return the cell for a record or JSON; a start state is named by the digest of its numbers."""
        return {**self._law, "steps": self.steps, "level": plain(self.level), "every": self.every}

    @cached_property
    def identity(self) -> str:
        """JSON of all that determines its numbers, but how far it goes: equal for equal cells, and for longer ones."""
        return identity_of({**self._law, "level": plain(self.level), "every": self.every})

    @cached_property
    def key(self) -> tuple[int, ...]:
        """Whole numbers that name its draws by the chain and the start alone, whatever the other cells are.

        Cells that are observed at other levels or steps follow the same trajectories.
        """
        words = hashlib.sha256(identity_of(self._law).encode()).digest()[: 4 * _KEY_WORDS]
        return tuple(int.from_bytes(words[i : i + 4], "big") for i in range(0, len(words), 4))

    @cached_property
    def _law(self) -> dict[str, Any]:
        start = self.ensemble.start_record()
        if isinstance(self.ensemble.start, ChainState):
            start = {"kind": "state", "sha256": _digest(self.ensemble.start)}
        return {**self.parameters.as_dict(), "start": start}


@dataclass(frozen=True)
class Block:
    """Replicas first .. first + count - 1 of one cell: the unit that is computed and stored whole."""

    cell: int
    first: int
    count: int


@dataclass(frozen=True, init=False)
class RunPlan:
    """A grid of cells, the replicas of each, and a seed: it determines every number of the results.

    Parameters
    ----------
    cells : sequence of Cell
        At least one; equal ones are one. A cell draws under the key of the seed and :attr:`Cell.key`.
    replicas : int
        Of each cell.
    seed : int, SeedSequence or Generator
        From 0 to 2^128 - 1.
    block : int, optional
        Replicas that are computed and stored together. It does not change the results.
    trajectories : bool, optional
        Whether the log-odds at every observed step are kept too, in a zarr group beside the store.

    Raises
    ------
    InputError
        If an argument is not allowed, or a start state has another number of replicas.

    Examples
    --------
    >>> cells = [Cell(ChainParameters(m=30, r=5, sigma=sigma), "random", 1000) for sigma in ("0.2", "0.3")]
    >>> len(list(RunPlan(cells, replicas=1000, seed=1, block=400).blocks()))
    6
    """

    cells: tuple[Cell, ...]
    replicas: int
    seed: int
    block: int
    trajectories: bool

    def __init__(
        self,
        cells: Sequence[Cell],
        replicas: int,
        seed: Seed,
        block: int = DEFAULT_BLOCK,
        *,
        trajectories: bool = False,
    ) -> None:
        put = object.__setattr__
        if not cells or not all(isinstance(cell, Cell) for cell in cells):
            raise InputError("cells", cells, "a sequence of at least one Cell")
        require_cells("cells", [len(cells)])
        count = whole_number("replicas", replicas, 1, MOST_REPLICAS)
        for cell in cells:
            cell.ensemble.count(count)
        put(self, "cells", tuple({(cell.identity, cell.steps): cell for cell in cells}.values()))
        put(self, "replicas", count)
        put(self, "seed", read_seed(seed))
        put(self, "block", whole_number("block", block, 1, MOST_REPLICAS))
        put(self, "trajectories", bool(trajectories))
        blocks = len(self.cells) * -(-count // self.block)
        if blocks > MOST_CELLS:
            raise InputError(
                "block", block, f"so large that there are at most {MOST_CELLS} blocks, not {blocks}"
            )

    def blocks(self) -> Iterator[Block]:
        """Yield every block, cell by cell."""
        for cell in range(len(self.cells)):
            for first in range(0, self.replicas, self.block):
                yield Block(cell, first, min(self.block, self.replicas - first))

    def ensemble(self, block: Block) -> Ensemble:
        """Return the ensemble of a block; of a start state it holds the block's rows only."""
        cell = self.cells[block.cell]
        start = cell.ensemble.start
        if isinstance(start, ChainState) and start.n_replicas > 1:
            start = start.replicas(block.first, block.count)
        return Ensemble(cell.parameters, start, self.seed, cell.key)

    @property
    def n_steps(self) -> int:
        """Single-agent updates of all replicas of all cells together."""
        return self.replicas * sum(cell.steps for cell in self.cells)

    def identity(self) -> dict[str, Any]:
        """Return what the plans of one store have in common: they may differ in cells, replicas, steps and blocks.

        The blocks of trajectories are chunks of arrays, and stay.
        """
        block = self.block if self.trajectories else None
        return {"seed": str(self.seed), "trajectories": self.trajectories, "block": block}


def _digest(state: ChainState) -> str:
    content = hashlib.sha256(repr((state.log_odds.shape, state.memory.shape)).encode())
    for array in (state.log_odds, state.memory, state.weight_keys):
        content.update(b"" if array is None else array.tobytes())
    return content.hexdigest()
