"""An ensemble: what determines every replica of a simulation, and any block of them made and moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain.archive import ENDINGS, read_state
from mcpolar.chain.starts import Start
from mcpolar.chain.state import ChainState
from mcpolar.checks import whole_number
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, philox_key

AnyStart = Start | ChainState | str | Path

_UPDATES_PER_CALL = 4_000_000


@dataclass(frozen=True)
class Ensemble:
    """Parameters, start, seed and cell: together with its number they determine a replica, bit for bit.

    Attributes
    ----------
    parameters : ChainParameters
        Of every replica.
    start : Start or ChainState
        A state has one row for all replicas, or one row each.
    seed : int
        From 0 to 2^128 - 1.
    cell : tuple of int
        Names one of several independent runs under the same seed.
    origin : str, optional
        The file that the start was read from.
    """

    parameters: ChainParameters
    start: Start | ChainState
    seed: int
    cell: tuple[int, ...] = ()
    origin: str | None = None

    @classmethod
    def of(
        cls, parameters: ChainParameters, start: AnyStart, seed: int, cell: Sequence[int] = ()
    ) -> Ensemble:
        """Read a start: a `Start` or its kind by name, a state, or the path of a file of states.

        Raises
        ------
        InputError
            If it is none of these, a state does not fit, or the seed or the cell is out of range.
        ResourceError
            If the file cannot be read.
        """
        philox_key(seed, cell)
        if isinstance(start, Path) or (isinstance(start, str) and start.endswith(ENDINGS)):
            return cls(parameters, read_state(start, parameters), seed, tuple(cell), str(start))
        if isinstance(start, ChainState):
            start.require(parameters)
            return cls(parameters, start, seed, tuple(cell))
        chosen = start if isinstance(start, Start) else Start(start)  # type: ignore[arg-type]  # it checks
        chosen.positive_agents(parameters)
        return cls(parameters, chosen, seed, tuple(cell))

    def count(self, replicas: int | None) -> int:
        """Return the number of replicas: as asked for, else one for each row of the start state."""
        rows = self.start.n_replicas if isinstance(self.start, ChainState) else 1
        if replicas is None:
            return rows
        count = whole_number("replicas", replicas, 1, MOST_REPLICAS)
        if 1 != rows != count:
            raise InputError("replicas", replicas, f"{rows}, as the start state has, or absent")
        return count

    def start_record(self) -> dict[str, Any]:
        """Return what the start is, for a record or JSON."""
        if isinstance(self.start, Start):
            return self.start.as_dict()
        return {"kind": "state"} if self.origin is None else {"kind": "file", "path": self.origin}

    def arrays(self, first: int, count: int, row: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return writable start log-odds and memories of the replicas from number `first` on.

        `row` is the row of the first one in a start state that has a row for each.
        """
        if isinstance(self.start, ChainState):
            state = self.start.replicas(row, count)
        else:
            state = self.start.state(
                self.parameters, seed=self.seed, replicas=count, first_replica=first, cell=self.cell
            )
        # C order, also of a view: the loops write through a flat view
        return np.array(state.log_odds, order="C"), np.array(state.memory, order="C")

    def advance(
        self,
        log_odds: NDArray[np.float64],
        memory: NDArray[np.float64],
        first: int,
        first_step: int,
        n_steps: int,
    ) -> None:
        """Advance the replicas from number `first` on by `n_steps` steps, in place; releases the lock."""
        advance(log_odds, memory, *self.law(), first, first_step, n_steps)

    def advance_to(
        self,
        log_odds: NDArray[np.float64],
        memory: NDArray[np.float64],
        first: int,
        now: int,
        goal: int,
        *,
        stopped: Callable[[], bool] = lambda: False,
        report: Callable[[int], object] = lambda _: None,
    ) -> bool:
        """Advance from step `now` to step `goal` in pieces of about a tenth of a second.

        Between pieces it asks whether to stop, and reports the number of steps done, summed over replicas.

        Returns
        -------
        bool
            Whether the goal was reached.
        """
        longest = max(1, _UPDATES_PER_CALL // len(log_odds))
        while now < goal and not stopped():
            n_steps = min(longest, goal - now)
            self.advance(log_odds, memory, first, now, n_steps)
            now += n_steps
            report(n_steps * len(log_odds))
        return now == goal

    @cached_property
    def _key(self) -> NDArray[np.uint64]:
        return philox_key(self.seed, self.cell)

    def law(self) -> tuple[float, int, float, NDArray[np.uint64]]:
        """Return (sigma, k, mirror, key) as the compiled loops take them: k = 0 or mirror < 0 is absent."""
        chain = self.parameters
        return (
            float(chain.sigma),
            0 if chain.k is None or chain.is_unrestricted else chain.k,
            -1.0 if chain.mirror is None else float(chain.mirror),
            self._key,
        )
