"""Is the coarse-grained chain Markov? Implied timescales against the lag, and the Chapman-Kolmogorov test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcpolar.checks import check_confidence, whole_number
from mcpolar.metastability.coarse.analysis import padded_timescales
from mcpolar.metastability.coarse.chain import CoarseChain, Floats, Spread, estimate_chain, resampled, spread
from mcpolar.metastability.coarse.macrostates import TransitionCounts


@dataclass(frozen=True, eq=False)
class LagScan:
    """Implied timescales and the Chapman-Kolmogorov test, lag by lag.

    Attributes
    ----------
    lags : ndarray of int64, shape (n_lags,)
        In steps.
    timescales : Spread, shape (n_lags, q)
        In steps; flat against the lag where the coarse-grained chain is Markov.
    predicted, observed : Spread, shape (n_lags, n)
        Chance of staying in each macrostate after a lag: by powers of the chain at the first lag, and as counted; NaN
        where nothing was counted.
    states : ndarray of int64, shape (n,)
        The macrostates.
    is_contradicted : ndarray of bool, shape (n_lags, n)
        Chapman-Kolmogorov: the interval of observed - predicted, which share their resamples, leaves out 0.
    """

    lags: NDArray[np.int64]
    timescales: Spread
    predicted: Spread
    observed: Spread
    states: NDArray[np.int64]
    is_contradicted: NDArray[np.bool_]


def scan_lags(
    counts: TransitionCounts,
    *,
    reversible: bool = False,
    draws: int = 200,
    confidence: float = 0.95,
    n_timescales: int = 3,
) -> LagScan:
    """Return implied timescales against the lag, and the Chapman-Kolmogorov test from the first lag, with bands.

    Lags that are no multiples of the first are left out of the test (NaN). Bands are pointwise, by the
    bootstrap over batches of replicas.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mcpolar.metastability import count_transitions
    >>> from mcpolar.parameters import ChainParameters
    >>> counts = count_transitions(ChainParameters(4, 1, "1"), "random", 80, replicas=120, seed=1, lags=(1, 2))
    >>> scan_lags(counts, draws=10).lags.tolist()
    [4, 8]
    """
    check_confidence(confidence)
    n_draws = whole_number("draws", draws, 10, 100_000)
    chains = [estimate_chain(counts, lag, reversible=reversible) for lag in counts.lags]
    first = chains[0]
    seen = tuple(np.isin(first.states, chain.states) for chain in chains)
    scan = _Scan(counts.lags, first.states, n_timescales, seen)
    value = scan.row([_on(first.states, chain) for chain in chains])
    streams = [resampled(counts, _same_states(chain, first), "bootstrap", n_draws) for chain in chains]
    samples = [scan.row(list(rates)) for rates in zip(*streams, strict=True)]
    spreads = [spread(value[i], [sample[i] for sample in samples], confidence) for i in range(4)]
    gap = spreads[3]
    return LagScan(
        np.array(counts.lags),
        spreads[0],
        spreads[1],
        spreads[2],
        first.states,
        (gap.low > 0) | (gap.high < 0),
    )


def _same_states(chain: CoarseChain, first: CoarseChain) -> CoarseChain:
    return CoarseChain(chain.lag, first.states, chain.rates, chain.is_reversible)


def _on(states: NDArray[np.int64], chain: CoarseChain) -> Floats:
    """Return a chain's rates on other states; rows that it lacks are 0."""
    rates = np.zeros((states.size, states.size))
    common, here, there = np.intersect1d(states, chain.states, return_indices=True)
    if common.size:
        rates[np.ix_(here, here)] = chain.rates[np.ix_(there, there)]
    return rates


@dataclass(frozen=True)
class _Scan:
    """What is computed from the rates at all lags together, so that comparisons share their resamples."""

    lags: tuple[int, ...]
    states: NDArray[np.int64]
    n_timescales: int
    seen: tuple[NDArray[np.bool_], ...]
    """Which macrostates were begun from, at each lag."""

    def row(self, rates: list[Floats]) -> tuple[Floats, Floats, Floats, Floats]:
        """Return timescales (n_lags, q), staying chances predicted and observed (n_lags, n), and their difference."""
        times = np.array(
            [
                padded_timescales(one, lag, self.n_timescales)
                for lag, one in zip(self.lags, rates, strict=True)
            ]
        )
        matrices = [
            one + np.diag(1 - one.sum(axis=1)) for one in rates
        ]  # ordinary probabilities: no rare events
        predicted = np.full((len(self.lags), self.states.size), np.nan)
        for index, lag in enumerate(self.lags):
            if lag % self.lags[0] == 0:
                predicted[index] = np.diag(np.linalg.matrix_power(matrices[0], lag // self.lags[0]))
        observed = np.array(
            [
                np.where(seen, np.diag(matrix), np.nan)
                for seen, matrix in zip(self.seen, matrices, strict=True)
            ]
        )
        return times, predicted, observed, observed - predicted
