"""Macrostates of the population, and the transitions between them counted from an ensemble at several lags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.chain import AnyStart, Ensemble, level_log_odds
from mcpolar.checks import whole_number
from mcpolar.choices import MacrostateKind
from mcpolar.errors import InputError
from mcpolar.parallel import over_blocks
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, Seed
from mcpolar.steps import MOST_STEPS, Steps

MOST_COUNTERS = 2**28
"""Largest number of counters (4 bytes each)."""
_REPLICAS_PER_BLOCK = 128


@dataclass(frozen=True)
class Macrostates:
    """How a population is looked at from afar.

    Parameters
    ----------
    m : int
        Number of agents.
    kind : {"plus", "undecided"}
        "plus": the number of agents in the silo of component +1. "undecided": that number among the decided ones,
        and the number of undecided agents, |l| < threshold.
    threshold : float
        For "undecided": h/sigma^2.

    Examples
    --------
    >>> Macrostates(2, "undecided", 1.0).labels()
    ['+0 ?0', '+0 ?1', '+0 ?2', '+1 ?0', '+1 ?1', '+2 ?0']
    """

    m: int
    kind: MacrostateKind = "plus"
    threshold: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in ("plus", "undecided"):
            raise InputError("macrostates", self.kind, "plus or undecided")
        if self.kind == "undecided" and not self.threshold > 0:
            raise InputError("level", self.threshold, "greater than 0")

    @property
    def count(self) -> int:
        """Number of macrostates."""
        return self.m + 1 if self.kind == "plus" else (self.m + 1) * (self.m + 2) // 2

    @property
    def minus(self) -> int:
        """The macrostate of consensus on component -1."""
        return 0

    @property
    def plus(self) -> int:
        """The macrostate of consensus on component +1."""
        return self.count - 1

    def of(self, log_odds: ArrayLike) -> NDArray[np.int32]:
        """Return the macrostate of each population, shape (...), of log-odds (..., m)."""
        values = np.asarray(log_odds)
        if self.kind == "plus":
            return np.asarray((values > 0).sum(axis=-1, dtype=np.int32))
        plus = (values >= self.threshold).sum(axis=-1, dtype=np.int32)
        undecided = (np.abs(values) < self.threshold).sum(axis=-1, dtype=np.int32)
        return np.asarray(plus * (2 * self.m + 3 - plus) // 2 + undecided, dtype=np.int32)

    def labels(self) -> list[str]:
        """Return a short name of each macrostate."""
        if self.kind == "plus":
            return [f"+{plus}" for plus in range(self.m + 1)]
        return [f"+{plus} ?{rest}" for plus in range(self.m + 1) for rest in range(self.m + 1 - plus)]


@dataclass(frozen=True, eq=False)
class TransitionCounts:
    """Transitions between macrostates, counted at several lags in batches of independent replicas.

    Attributes
    ----------
    macrostates : Macrostates
        The states.
    every : int
        Steps between two looks.
    lags : tuple of int
        In steps, multiples of `every`.
    counts : ndarray of uint32, shape (n_lags, n_batches, n, n)
        Transitions within a lag, from every look on (a sliding window).
    replicas, steps, seed : int
        The ensemble's size and length, and its seed.
    """

    macrostates: Macrostates
    every: int
    lags: tuple[int, ...]
    counts: NDArray[np.uint32]
    replicas: int
    steps: int
    seed: int

    def at(self, lag: int) -> NDArray[np.uint32]:
        """Return the counts at one lag, shape (n_batches, n, n)."""
        if lag not in self.lags:
            raise InputError("lag", lag, "one of " + ", ".join(map(str, self.lags)))
        return np.asarray(self.counts[self.lags.index(lag)])


def count_transitions(
    chain: ChainParameters,
    start: AnyStart,
    steps: int | str | Steps,
    *,
    replicas: int,
    seed: Seed,
    every: int | None = None,
    lags: Sequence[int] = (1, 2, 4, 8),
    kind: MacrostateKind = "plus",
    level: Decimal | str | float = 1,
    batches: int = 50,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> TransitionCounts:
    """Simulate an ensemble and count its transitions between macrostates; trajectories are not kept.

    Memory is that of one block's macrostates and the counters: n_lags x batches x n^2 times 4 bytes.

    Parameters
    ----------
    chain : ChainParameters
        Of every replica.
    start : Start, ChainState, or str
        As in :func:`~mcpolar.chain.simulate`.
    steps : int, str or Steps
        Length of each replica.
    replicas, seed : int
        The result is the same for any number of workers.
    every : int, optional
        Steps between two looks; default m, one update an agent on average.
    lags : sequence of int
        In looks.
    kind, level
        The macrostates: see :class:`Macrostates`; `level` is h of the undecided class.
    batches : int
        Replicas are dealt to so many batches, which are what is resampled for error bars.
    workers : int, optional
        Threads; default all cores.
    progress : callable, optional
        Called with the number of replicas done since its last call.

    Returns
    -------
    TransitionCounts

    Raises
    ------
    InputError
        If an argument is not allowed or the counters would not fit.

    Examples
    --------
    >>> counts = count_transitions(ChainParameters(3, 1, "0.7"), "random", 30, replicas=100, seed=1)
    >>> counts.lags, int(counts.at(3).sum())  # 10 transitions of each replica
    ((3, 6, 12, 24), 1000)
    """
    horizon = Steps.read(steps, chain.m).whole
    stride = chain.m if every is None else whole_number("every", every, 1, MOST_STEPS)
    most = horizon // stride
    if not lags or most < 1:
        raise InputError("lags", list(lags), "at least one, and the steps at least one look long")
    jumps = sorted({whole_number("lags", lag, 1, most, "steps / every") for lag in lags})
    count = whole_number("replicas", replicas, 2, MOST_REPLICAS - 1)
    n_batches = min(whole_number("batches", batches, 2, 10_000), count)
    threshold = level_log_odds(chain, level, "down") if kind == "undecided" else 0.0
    states = Macrostates(chain.m, kind, threshold)
    shape = (len(jumps), n_batches, states.count, states.count)
    if np.prod([float(n) for n in shape]) > MOST_COUNTERS:
        raise InputError(
            "lags", list(jumps), f"so few, and m so small, that {shape} counters are at most {MOST_COUNTERS}"
        )
    counts = np.zeros(shape, dtype=np.uint32)
    looks = _Looks(Ensemble.of(chain, start, seed), states, stride, most)
    looks.ensemble.count(count)
    blocks = over_blocks(
        looks.block, count, horizon, workers=workers, progress=progress, size=min(_REPLICAS_PER_BLOCK, count)
    )
    for first, path in blocks:
        batch = ((first + np.arange(len(path))) % n_batches)[:, np.newaxis]
        for index, jump in enumerate(jumps):
            np.add.at(counts[index], (batch, path[:, :-jump], path[:, jump:]), 1)
    return TransitionCounts(
        states, stride, tuple(jump * stride for jump in jumps), counts, count, horizon, looks.ensemble.seed
    )


@dataclass(frozen=True)
class _Looks:
    """Looks at the macrostates of blocks of replicas."""

    ensemble: Ensemble
    states: Macrostates
    stride: int
    most: int

    def block(self, first: int, size: int) -> tuple[int, NDArray[np.int32]]:
        """Return the macrostates of some replicas at every look, shape (size, most + 1)."""
        state = self.ensemble.arrays(first, size, first)
        path = np.empty((size, self.most + 1), dtype=np.int32)
        for look in range(self.most + 1):
            if look:
                self.ensemble.advance(state, first, (look - 1) * self.stride, self.stride)
            path[:, look] = self.states.of(state.log_odds)
        return first, path
