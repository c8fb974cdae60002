"""What follows from the coarse-grained chain, with error bars: committor, passage times, quasi-stationary law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import Resampling
from mcpolar.metastability.coarse.chain import CoarseChain, Floats, Spread, estimate_chain, resampled, spread
from mcpolar.metastability.coarse.macrostates import TransitionCounts
from mcpolar.metastability.finite.classes import can_reach, communicating_classes
from mcpolar.metastability.finite.passage import committor, hitting_times
from mcpolar.metastability.finite.quasi_stationary import quasi_stationary_distribution
from mcpolar.metastability.finite.timescales import implied_timescales


@dataclass(frozen=True, eq=False)
class CoarseAnalysis:
    """What follows from the coarse-grained chain, with intervals; rows are the chain's states.

    What the counts say nothing of is NaN, and :attr:`undefined` says why.

    Attributes
    ----------
    chain : CoarseChain
        The estimate.
    committor_plus : Spread, shape (n,)
        Probability of consensus on +1 before consensus on -1; undefined unless both were seen.
    consensus_time : Spread, shape (n,)
        Mean first passage time to either consensus, in steps; infinite where it may never come, and undefined if no
        consensus was seen.
    quasi_stationary : Spread, shape (n,)
        The quasi-stationary law before consensus; 0 outside the class that it lives on, and undefined if consensus was
        reached from no mixed macrostate.
    decay_rate : Spread, shape ()
        Its chance a step of consensus (more precisely -log of the survival over a lag, a step).
    timescales : Spread, shape (q,)
        The longest implied timescales, in steps.
    confidence : float
        Pointwise, of every interval.
    resampling : str
        "bootstrap" over batches of replicas, or "dirichlet": draws of the Bayesian posterior of independent rows.
    draws : int
        How many resamples.
    """

    chain: CoarseChain
    committor_plus: Spread
    consensus_time: Spread
    quasi_stationary: Spread
    decay_rate: Spread
    timescales: Spread
    confidence: float
    resampling: Resampling
    draws: int

    @property
    def undefined(self) -> dict[str, str]:
        """What the counts say nothing of, and why."""
        reasons = {
            "committor_plus": "consensus was not seen on both sides",
            "consensus_time": "no consensus was seen",
            "quasi_stationary": "consensus was seen from no mixed macrostate",
            "decay_rate": "consensus was seen from no mixed macrostate",
        }
        return {name: reason for name, reason in reasons.items() if np.isnan(getattr(self, name).value).all()}


def analyse(
    counts: TransitionCounts,
    lag: int,
    *,
    reversible: bool = False,
    resampling: Resampling = "bootstrap",
    draws: int = 200,
    confidence: float = 0.95,
    n_timescales: int = 3,
) -> CoarseAnalysis:
    """Estimate the coarse-grained chain at `lag` steps, and with error bars what follows from it.

    The bootstrap resamples whole batches of replicas: it needs neither independent transitions in a sliding window
    nor the Markov property. The Dirichlet posterior (prior 1/n for each transition seen) counts every
    transition as independent: with a sliding window it is too narrow by about the root of the lag in looks.

    Parameters
    ----------
    counts : TransitionCounts
        From :func:`count_transitions`.
    lag : int
        In steps, one of `counts.lags`.
    reversible : bool
        Whether to impose detailed balance (needs deeptime).
    resampling : {"bootstrap", "dirichlet"}
        Where the error bars come from; "dirichlet" is for chains without detailed balance.
    draws : int
        Resamples.
    confidence : float
        Pointwise, by percentiles.
    n_timescales : int
        How many implied timescales.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mcpolar.metastability import count_transitions
    >>> from mcpolar.parameters import ChainParameters
    >>> counts = count_transitions(ChainParameters(4, 1, "1"), "random", 80, replicas=120, seed=1, lags=(1, 2))
    >>> found = analyse(counts, 4, draws=10)
    >>> found.committor_plus.value[[0, -1]].tolist()
    [0.0, 1.0]
    """
    check_confidence(confidence)
    n_draws = whole_number("draws", draws, 10, 100_000)
    chain = estimate_chain(counts, lag, reversible=reversible)
    sampled: dict[str, list[Floats]] = {name: [] for name in _QUANTITIES}
    ends = _Ends.of(counts, chain, n_timescales)
    for rates in resampled(counts, chain, resampling, n_draws):
        for name, quantity in _QUANTITIES.items():
            sampled[name].append(quantity(rates, ends))
    spreads = {
        name: spread(quantity(chain.rates, ends), sampled[name], confidence)
        for name, quantity in _QUANTITIES.items()
    }
    return CoarseAnalysis(chain, **spreads, confidence=confidence, resampling=resampling, draws=n_draws)


@dataclass(frozen=True)
class _Ends:
    """Where the two kinds of consensus are among a chain's states, and what else the quantities need."""

    minus: tuple[int, ...]
    plus: tuple[int, ...]
    lag: int
    n_timescales: int

    @classmethod
    def of(cls, counts: TransitionCounts, chain: CoarseChain, n_timescales: int) -> _Ends:
        minus, plus = (
            tuple(np.flatnonzero(chain.states == end).tolist())
            for end in (counts.macrostates.minus, counts.macrostates.plus)
        )
        return cls(minus, plus, chain.lag, n_timescales)


def _committor_plus(rates: Floats, ends: _Ends) -> Floats:
    is_seen = ends.plus and ends.minus
    return committor(rates, ends.minus, ends.plus) if is_seen else np.full(len(rates), np.nan)


def _consensus_time(rates: Floats, ends: _Ends) -> Floats:
    both = ends.minus + ends.plus
    return hitting_times(rates, both) * ends.lag if both else np.full(len(rates), np.nan)


def _before_consensus(rates: Floats, ends: _Ends) -> tuple[Floats, Floats]:
    """Return quasi-stationary law and decay rate on the largest class of mixed states that can reach consensus."""
    n, law = len(rates), np.zeros(len(rates))
    final = np.zeros(n, dtype=np.bool_)
    final[[*ends.minus, *ends.plus]] = True
    mixed = np.flatnonzero(~final & can_reach(rates, final))
    if mixed.size == 0:
        return np.full(n, np.nan), np.array(np.nan)
    largest = max(communicating_classes(rates[np.ix_(mixed, mixed)]), key=lambda one: len(one.states))
    inside = mixed[list(largest.states)]
    leaving = rates[np.ix_(inside, np.setdiff1d(np.arange(n), inside))].sum(axis=1)
    killed = np.zeros((inside.size + 1, inside.size + 1))
    killed[:-1, :-1], killed[:-1, -1] = rates[np.ix_(inside, inside)], leaving
    found = quasi_stationary_distribution(killed, [inside.size])
    law[inside] = found.distribution[:-1]
    return law, np.array(-np.log1p(-min(found.rate, 1.0)) / ends.lag) if found.rate < 1 else np.array(np.inf)


def padded_timescales(rates: Floats, lag: int, count: int) -> Floats:
    """Return `count` implied timescales; NaN where the chain has fewer."""
    found = implied_timescales(rates, lag, count)
    return np.pad(found, (0, count - found.size), constant_values=np.nan)


_QUANTITIES: dict[str, Callable[[Floats, _Ends], Floats]] = {
    "committor_plus": _committor_plus,
    "consensus_time": _consensus_time,
    "quasi_stationary": lambda rates, ends: _before_consensus(rates, ends)[0],
    "decay_rate": lambda rates, ends: _before_consensus(rates, ends)[1],
    "timescales": lambda rates, ends: padded_timescales(rates, ends.lag, ends.n_timescales),
}
