"""An ensemble: what determines every replica of a simulation, and any block of them made and moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain.archive import ENDINGS, read_state
from mcpolar.chain.starts import Start
from mcpolar.chain.state import ChainState, weight_keys
from mcpolar.checks import whole_number
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.compiled.chain.keys import LARGEST_EXACT_MEMORY
from mcpolar.compiled.chain.law import Law, Span, State, make_law, order_for
from mcpolar.compiled.chain.order import Order
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, Seed, philox_key, read_seed
from mcpolar.rules import NEIGHBOURS, POLICIES

AnyStart = Start | ChainState | str | Path

_UPDATES_PER_CALL = 4_000_000
SMALL_SIGMA = Decimal("0.3")  # up to here those terms are below any other rounding


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
    def of(cls, chain: ChainParameters, start: AnyStart, seed: Seed, cell: Sequence[int] = ()) -> Ensemble:
        """Read a start: a `Start` or its kind by name, a state, or the path of a file of states.

        Raises
        ------
        InputError
            If it is none of these, a state does not fit, the seed or the cell is out of range, or the memory is
            too large for the nearest agents to be told apart.
        ResourceError
            If the file cannot be read.
        """
        number = read_seed(seed)
        philox_key(number, cell)
        _require_exact_choices(chain)
        if isinstance(start, Path) or (isinstance(start, str) and start.endswith(ENDINGS)):
            return cls(chain, read_state(start, chain), number, tuple(cell), str(start))
        if isinstance(start, ChainState):
            start.require(chain)
            return cls(chain, start, number, tuple(cell))
        chosen = start if isinstance(start, Start) else Start(start)  # type: ignore[arg-type]  # it checks
        chosen.positive_agents(chain)
        return cls(chain, chosen, number, tuple(cell))

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

    def arrays(self, first: int, count: int, row: int = 0) -> State:
        """Return the start of the replicas from number `first` on, writable; with a neighbourhood, keys too.

        `row` is the row of the first one in a start state that has a row for each.
        """
        if isinstance(self.start, ChainState):
            state = self.start.replicas(row, count)
        else:
            state = self.start.state(
                self.parameters, seed=self.seed, replicas=count, first_replica=first, cell=self.cell
            )
        # C order, also of a view: the loops write through a flat view
        log_odds, memory = np.array(state.log_odds, order="C"), np.array(state.memory, order="C")
        if self.law().k == 0:
            return State(log_odds, memory, np.empty((count, 0), np.int64))
        if state.weight_keys is not None:
            return State(log_odds, memory, np.array(state.weight_keys, order="C"))
        return State(log_odds, memory, weight_keys(log_odds, self.parameters.r))

    def advance(self, state: State, first: int, first_step: int, n_steps: int) -> None:
        """Advance the replicas from number `first` on by `n_steps` steps, in place; releases the lock."""
        advance(state, self.law(), Span(first, first_step, n_steps))

    def advance_to(
        self,
        state: State,
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
        longest = max(1, _UPDATES_PER_CALL // len(state.log_odds))
        while now < goal and not stopped():
            n_steps = min(longest, goal - now)
            self.advance(state, first, now, n_steps)
            now += n_steps
            report(n_steps * len(state.log_odds))
        return now == goal

    @cached_property
    def _key(self) -> NDArray[np.uint64]:
        return philox_key(self.seed, self.cell)

    def order(self) -> Order | None:
        """Return scratch for the loops of one thread: the order of the agents, None without a neighbourhood."""
        return order_for(self.law())

    def law(self) -> Law:
        """Return the law as the compiled loops take it."""
        chain = self.parameters
        is_restricted = chain.neighbours != NEIGHBOURS.own or (chain.k is not None and chain.k < chain.m - 1)
        return make_law(
            chain.m,
            chain.r,
            float(chain.sigma),
            chain.k if chain.k is not None and is_restricted else 0,
            -1.0 if chain.mirror is None else float(chain.mirror),
            self._key,
            POLICIES.find(chain.policy).compiled,
            NEIGHBOURS.find(chain.neighbours).compiled,
        )


def _require_exact_choices(chain: ChainParameters) -> None:
    """Raise InputError where weights at multiples of 1/(2r) lie closer than the keys can tell."""
    is_small = chain.sigma <= SMALL_SIGMA
    is_ordered = chain.k is not None and chain.neighbours == NEIGHBOURS.own
    if is_ordered and is_small and chain.r > LARGEST_EXACT_MEMORY:
        raise InputError(
            "r",
            chain.r,
            f"at most {LARGEST_EXACT_MEMORY} with a neighbourhood and sigma <= {SMALL_SIGMA}: beyond, agents whose "
            "weights agree but for terms of size e^(-2/sigma^2) could not be told apart without error",
        )
