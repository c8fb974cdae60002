"""First passages of an ensemble as data: when a silo is first left, when all share one, when E_h first holds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain import AnyStart, Ensemble, level_log_odds
from mcpolar.checks import whole_number
from mcpolar.compiled.chain.ensemble import advance_watching
from mcpolar.compiled.chain.law import Span, State
from mcpolar.compiled.chain.passages import Passage, Watch, new_watch
from mcpolar.errors import InputError
from mcpolar.events import FAR_END, NEAR_END, silos
from mcpolar.parallel import is_stopped, over_blocks
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, Seed
from mcpolar.steps import Steps

EVENTS = {
    "silo-left": Passage.SILO_CHANGED,
    "consensus": Passage.CONSENSUS,
    "polarized": Passage.POLARIZED,
}
"""Names of the events: an agent changes its silo; all agents share one silo; E_h holds."""

_UPDATES_PER_PIECE = 4_000_000
_REPLICAS_PER_BLOCK = 128


@dataclass(frozen=True, eq=False)
class PassageTimes:
    """First passage times of the replicas of an ensemble, looked for at every step.

    Attributes
    ----------
    parameters : ChainParameters
        Of every replica.
    steps : int
        T: what did not come by then is censored there.
    times : ndarray of int64, shape (n_replicas, 3)
        By :class:`~mcpolar.compiled.chain.passages.Passage`: first step of each event, 0 if it holds at the start; -1
        where it is censored.
    consensus_side : ndarray of int8, shape (n_replicas,)
        The component (+1 or -1) that all agents shared first; 0 where there was no consensus.
    agents_plus : ndarray of int64, shape (n_replicas,)
        Agents in the silo of component +1 at step T.
    is_decided : ndarray of bool, shape (n_replicas,)
        Whether every agent is decided (|l| >= h/sigma^2) at step T.
    seed : int
        With the parameters and the start it gives the same bits again.
    """

    parameters: ChainParameters
    steps: int
    times: NDArray[np.int64]
    consensus_side: NDArray[np.int8]
    agents_plus: NDArray[np.int64]
    is_decided: NDArray[np.bool_]
    seed: int

    def of(self, event: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return (times, whether observed) of an event, censored ones at T: what survival analysis takes."""
        if event not in EVENTS:
            raise InputError("event", event, "one of " + ", ".join(EVENTS))
        times = self.times[:, EVENTS[event]]
        return np.where(times < 0, self.steps, times), times >= 0


def passage_times(
    chain: ChainParameters,
    start: AnyStart,
    steps: int | str | Steps,
    *,
    replicas: int,
    seed: Seed,
    level: Decimal | str | float = 1,
    cell: tuple[int, ...] = (),
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> PassageTimes:
    """Simulate an ensemble and keep the first passage times, without any trajectory.

    Memory is that of one block of replicas and a few numbers a replica.

    Parameters
    ----------
    chain : ChainParameters
        Of every replica.
    start : Start, ChainState, or str
        As in :func:`~mcpolar.chain.simulate`.
    steps : int, str or Steps
        T, such as "10*m*log(m)".
    replicas : int
        How many.
    seed : int, SeedSequence or Generator
        The result is the same for any number of workers.
    level : Decimal, str, int or float
        h of E_h.
    cell : tuple of int, optional
        Names one of several independent runs under the same seed.
    workers : int, optional
        Threads; default all cores.
    progress : callable, optional
        Called with the number of replicas done since its last call.

    Returns
    -------
    PassageTimes

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> found = passage_times(ChainParameters(m=4, r=2, sigma="0.6"), "undecided", 200, replicas=3, seed=1)
    >>> times, observed = found.of("consensus")
    >>> times.shape, bool(observed.all())
    ((3,), True)
    """
    horizon = Steps.read(steps, chain.m).whole
    count = whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    ensemble = Ensemble.of(chain, start, seed, cell)
    ensemble.count(count)
    threshold = level_log_odds(chain, level, "down")
    if threshold <= 0:
        raise InputError("level", level, "greater than 0")

    def block(first: int, size: int) -> tuple[NDArray[np.integer], ...]:
        return _Block.begin(ensemble, first, size, threshold).run(horizon)

    rows = over_blocks(
        block, count, horizon, workers=workers, progress=progress, size=min(_REPLICAS_PER_BLOCK, count)
    )
    times, side, plus, decided = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    return PassageTimes(
        chain, horizon, times, side.astype(np.int8), plus, decided.astype(np.bool_), ensemble.seed
    )


@dataclass(eq=False)
class _Block:
    """Some replicas, watched."""

    ensemble: Ensemble
    first: int
    state: State
    watch: Watch
    side: NDArray[np.int64]
    threshold: float

    @classmethod
    def begin(cls, ensemble: Ensemble, first: int, size: int, threshold: float) -> _Block:
        state = ensemble.arrays(first, size, first)
        times = np.full((size, len(Passage)), -1, dtype=np.int64)
        watch = new_watch(threshold, NEAR_END, FAR_END, silos(state.log_odds) == 1, times)
        return cls(ensemble, first, state, watch, np.zeros(size, dtype=np.int64), threshold)

    def run(self, horizon: int) -> tuple[NDArray[np.integer], ...]:
        """Advance to the horizon, in pieces; return times, side of consensus, and the counts at the end."""
        longest = max(1, _UPDATES_PER_PIECE // len(self.state.log_odds))
        for now in range(0, max(horizon, 1), longest):
            if is_stopped():
                raise CancelledError
            before = self.state.copy()
            was_open = self.watch.times[:, Passage.CONSENSUS] < 0
            n_steps = min(longest, horizon - now)
            advance_watching(self.state, self.ensemble.law(), Span(self.first, now, n_steps), self.watch)
            for row in np.flatnonzero(was_open & (self.watch.times[:, Passage.CONSENSUS] >= 0)):
                self.side[row] = self._side(int(row), before, now)
        plus = (self.state.log_odds > 0).sum(axis=1)
        decided = (np.abs(self.state.log_odds) >= self.threshold).all(axis=1)
        return self.watch.times, self.side, np.asarray(plus), np.asarray(decided, dtype=np.int64)

    def _side(self, row: int, before: State, now: int) -> int:
        """Return the side of a consensus: its replica goes from the piece's start to that step once more."""
        state = before.rows(slice(row, row + 1)).copy()
        n_steps = int(self.watch.times[row, Passage.CONSENSUS]) - now
        self.ensemble.advance(state, self.first + row, now, n_steps)
        return 1 if state.log_odds[0, 0] > 0 else -1
