"""The coarse-grained chain of macrostates, estimated from counts, and its resamples."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcpolar.choices import Resampling
from mcpolar.errors import InputError, ResourceError
from mcpolar.metastability.coarse.macrostates import Macrostates, TransitionCounts
from mcpolar.metastability.finite.chain import FiniteChain
from mcpolar.metastability.finite.classes import communicating_classes
from mcpolar.rng import Purpose, generator

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """Estimates with the ends of their intervals, each an array of the same shape; NaN where there is none."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class CoarseChain:
    """A Markov chain on the macrostates that were seen, estimated at one lag.

    Attributes
    ----------
    lag : int
        In steps.
    states : ndarray of int, shape (n,)
        The macrostates, by number; those never left in the counts because they were never begun from are missing.
    rates : ndarray, shape (n, n)
        Off-diagonal transition probabilities over one lag; the diagonal is 0 and means nothing.
    is_reversible : bool
        Whether detailed balance was imposed.
    """

    lag: int
    states: NDArray[np.int64]
    rates: Floats
    is_reversible: bool

    def finite_chain(self, macrostates: Macrostates | None = None) -> FiniteChain:
        """Return the chain over one lag with all that can be asked of one; macrostates name its states."""
        names: Sequence[Hashable] = range(int(self.states.max()) + 1)
        if macrostates is not None:
            names = macrostates.labels()
        return FiniteChain.from_off_diagonal(self.rates, [names[state] for state in self.states.tolist()])


def estimate_chain(counts: TransitionCounts, lag: int, *, reversible: bool = False) -> CoarseChain:
    """Return the maximum-likelihood chain of the counts at `lag` steps.

    Without detailed balance p_ij = c_ij / sum_j c_ij. With it, the estimate is deeptime's on the largest set
    of macrostates that reach each other.

    Raises
    ------
    InputError
        If there are no counts at this lag.
    ResourceError
        If deeptime (extra `metastability`) is missing.

    Examples
    --------
    >>> from mcpolar.metastability import count_transitions
    >>> from mcpolar.parameters import ChainParameters
    >>> counts = count_transitions(ChainParameters(4, 1, "1"), "random", 80, replicas=120, seed=1, lags=(1, 2))
    >>> chain = estimate_chain(counts, 4)
    >>> chain.rates.shape == (chain.states.size, chain.states.size)
    True
    """
    total = counts.at(lag).sum(axis=0, dtype=np.float64)
    states = np.flatnonzero(total.sum(axis=1) > 0)
    if reversible:
        found = communicating_classes(_off_diagonal(total))
        largest = max(found, key=lambda one: (len(one.states), total[list(one.states)].sum()))
        states = np.array(largest.states)
        rates = _reversible(total[np.ix_(states, states)])
    else:
        rates = _row_shares(total[np.ix_(states, states)])
    return CoarseChain(lag, states, rates, reversible)


def _off_diagonal(matrix: Floats) -> Floats:
    copy = matrix.copy()
    np.fill_diagonal(copy, 0.0)
    return copy


def _row_shares(counts: Floats) -> Floats:
    """Return shares of the rows; a row without counts is 0."""
    total = counts.sum(axis=1, keepdims=True)
    return _off_diagonal(np.divide(counts, total, out=np.zeros_like(counts), where=total > 0))


def _reversible(counts: Floats) -> Floats:
    if len(counts) == 1:
        return np.zeros((1, 1))
    try:
        from deeptime.markov.msm import MaximumLikelihoodMSM
    except ImportError as error:
        raise ResourceError(
            "reversible estimates need deeptime: pip install mcpolar[metastability]"
        ) from error
    model = MaximumLikelihoodMSM(reversible=True, maxerr=1e-12, maxiter=10**6).fit_from_counts(counts)
    return _off_diagonal(np.asarray(model.fetch_model().transition_matrix, dtype=np.float64))


def resampled(
    counts: TransitionCounts, chain: CoarseChain, resampling: Resampling, draws: int
) -> Iterator[Floats]:
    """Yield off-diagonal probabilities on the chain's states, one resample after another.

    Raises
    ------
    InputError
        If the resampling is none, or is "dirichlet" for a reversible chain.
    """
    batches = counts.at(chain.lag)[:, chain.states[:, np.newaxis], chain.states].astype(np.float64)
    rng = generator(counts.seed, Purpose.BOOTSTRAP)
    if resampling == "dirichlet":
        if chain.is_reversible:
            raise InputError("resampling", resampling, "bootstrap for reversible chains")
        total = batches.sum(axis=0)
        shape = np.where(total > 0, total + 1 / len(total), 0.0)
        for _ in range(draws):
            yield _row_shares(rng.standard_gamma(shape))
        return
    if resampling != "bootstrap":
        raise InputError("resampling", resampling, "bootstrap or dirichlet")
    whole = batches.sum(axis=0)
    for _ in range(draws):
        total = batches[rng.integers(len(batches), size=len(batches))].sum(axis=0)
        missing = total.sum(axis=1) == 0  # rarely visited: such a row is as in the whole sample
        total[missing] = whole[missing]
        yield _estimate(total, chain.is_reversible)


def _estimate(total: Floats, reversible: bool) -> Floats:
    if not reversible:
        return _row_shares(total)
    found = communicating_classes(_off_diagonal(total))
    if len(found) == 1:
        return _reversible(total)
    rates = np.zeros_like(total)  # a resample may fall apart: each part by itself
    for one in found:
        states = np.ix_(one.states, one.states)
        rates[states] = _reversible(total[states])
    return rates


def spread(value: Floats, samples: list[Floats], confidence: float) -> Spread:
    """Return percentiles over resamples; infinite values count as the largest."""
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(np.array(samples), tails, axis=0, method="closest_observation")
    return Spread(np.asarray(value), np.asarray(low), np.asarray(high))
