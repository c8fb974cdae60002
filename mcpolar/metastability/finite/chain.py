"""A finite Markov chain and all that is asked of one, right at every scale of its rates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import Resampling
from mcpolar.errors import InputError
from mcpolar.metastability.finite import lumping
from mcpolar.metastability.finite.analysis import ChainAnalysis, PassageLaw
from mcpolar.metastability.finite.entries import (
    Bools,
    diagonal_of,
    part,
    read_entries,
    read_matrix,
    row_sums,
)
from mcpolar.metastability.finite.structure import States
from mcpolar.metastability.finite.timescales import check_probabilities
from mcpolar.metastability.finite.values import Values
from mcpolar.results import Drawn
from mcpolar.rng import Purpose, Seed, generator, read_seed

__all__ = ["CountedChain", "FiniteChain", "PassageLaw"]

Floats = NDArray[np.float64]
_SUMS_TO_ONE = 1e-8


class FiniteChain(ChainAnalysis, Drawn):
    """A Markov chain on finitely many states, in steps or with rates.

    The chain is the one of the off-diagonal entries as given, each a double, exactly; the diagonal is what is left. All
    results come with ends that hold the exact answer for that chain (:class:`Values`), and `certified=True`
    encloses it in balls.

    Parameters
    ----------
    P : array_like, sparse array, pandas frame or networkx graph
        Transition probabilities, rows summing to 1. A frame's index and a graph's nodes are the labels; the edges'
        attribute `weight` (or `rate`) holds the probabilities.
    labels : sequence of hashables, optional
        Names of the states; default 0, 1, ...

    Raises
    ------
    InputError
        If the entries are no probabilities, or a row does not sum to 1.

    Examples
    --------
    >>> e = 1e-17
    >>> chain = FiniteChain(
    ...     [[0.5, 0.5, 0, 0], [0.5 - e, 0.5, e, 0], [0, 3 * e, 0.5, 0.5 - 3 * e], [0, 0, 0.5, 0.5]],
    ...     labels=["A", "a", "b", "B"],
    ... )
    >>> chain.hitting_times("B")["A"], round(chain.committor("A", "B")["a"], 30)
    (2e+17, 2e-17)
    >>> chain.stationary_distribution().value.round(12)
    array([0.375, 0.375, 0.125, 0.125])
    >>> chain.timescales(count=1).value
    array([5.e+16])
    """

    def __init__(self, P: Any, labels: Sequence[Hashable] | None = None) -> None:
        matrix, names = read_matrix(P)
        entries = read_entries(matrix, "P")
        diagonal = diagonal_of(matrix)
        sums = row_sums(entries) + diagonal
        wrong = ~(np.abs(sums - 1) <= _SUMS_TO_ONE) | (diagonal < 0)
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise InputError("P", f"row {at} with sum {sums[at]:.12g}", "rows of probabilities that sum to 1")
        self._put(entries, names if labels is None else labels, is_discrete=True, can_stay=diagonal > 0)

    @classmethod
    def _made(
        cls,
        entries: sparse.csr_array,
        labels: Sequence[Hashable] | None,
        *,
        is_discrete: bool,
        can_stay: Bools | None = None,
    ) -> FiniteChain:
        found = FiniteChain.__new__(FiniteChain)
        found._put(entries, labels, is_discrete=is_discrete, can_stay=can_stay)
        return found

    @classmethod
    def from_off_diagonal(cls, entries: Any, labels: Sequence[Hashable] | None = None) -> FiniteChain:
        """Return the chain in steps with the given probabilities off the diagonal, which is not read.

        Raises
        ------
        InputError
            If the entries are no probabilities, or sum to more than 1 in a row.
        """
        matrix, names = read_matrix(entries)
        found = read_entries(matrix, "entries")
        check_probabilities(found)
        return cls._made(found, names if labels is None else labels, is_discrete=True)

    @classmethod
    def from_rates(cls, rates: Any, labels: Sequence[Hashable] | None = None) -> FiniteChain:
        """Return the chain in continuous time with the given rates; a diagonal (as of a generator) is not read.

        Examples
        --------
        >>> FiniteChain.from_rates([[-1e-30, 1e-30], [3e-30, -3e-30]]).timescales().value
        array([2.5e+29])
        """
        matrix, names = read_matrix(rates)
        return cls._made(read_entries(matrix), names if labels is None else labels, is_discrete=False)

    @classmethod
    def from_counts(
        cls,
        counts: Any,
        labels: Sequence[Hashable] | None = None,
        *,
        resampling: Resampling = "dirichlet",
        draws: int = 200,
        confidence: float = 0.95,
        seed: Seed = 0,
    ) -> CountedChain:
        """Return the chain estimated from counts of transitions, with error bars on whatever is asked of it.

        Parameters
        ----------
        counts : array_like, shape (n, n)
            How often i was followed by j.
        labels : sequence, optional
            Names of the states.
        resampling : {"dirichlet", "bootstrap"}
            Draws of the Bayesian posterior (prior 1/n a transition that was seen), or resampled rows.
        draws : int
            How many.
        confidence : float
            Of the intervals, pointwise.
        seed : int, SeedSequence or Generator
            Of the draws.
        """
        return CountedChain(
            counts, labels, resampling=resampling, draws=draws, confidence=confidence, seed=seed
        )

    def __repr__(self) -> str:
        kind = "steps" if self.is_discrete else "rates"
        return f"FiniteChain({self.n_states} states, {self.entries.nnz} transitions, in {kind})"

    # fewer states

    def lumped(
        self,
        partition: Sequence[Collection[Hashable]],
        labels: Sequence[Hashable] | None = None,
        *,
        weights: Literal["equal", "stationary"] = "equal",
    ) -> FiniteChain:
        """Return the chain of blocks of states.

        Parameters
        ----------
        partition : sequence of collections
            Sets of labels that hold each state once.
        labels : sequence, optional
            Names of the blocks; default the tuples of their states.
        weights : {"equal", "stationary"}
            "equal" demands that all states of a block have the same rates into every other (strong lumpability);
            "stationary" weighs them by the stationary law.

        Raises
        ------
        InputError
            If the partition is none, or the chain cannot be lumped by it.
        """
        numbers = [np.flatnonzero(self._numbers("partition", states)).tolist() for states in partition]
        block = lumping.read_partition(numbers, self.n_states)
        if weights == "stationary":
            self._irreducible("weights by the stationary law")
            rates = lumping.aggregated(self.entries, block)
        elif weights == "equal":
            rates = lumping.lumped(self.entries, block)
        else:
            raise InputError("weights", weights, "'equal' or 'stationary'")
        names = [self._named(states) for states in numbers] if labels is None else labels
        return self._made(read_entries(rates), names, is_discrete=self.is_discrete)

    def censored(self, states: States) -> FiniteChain:
        """Return the chain watched only while it is in some states (the stochastic complement)."""
        kept = self._numbers("states", states)
        rates = lumping.censored(self.entries, kept)
        names = self._named(np.flatnonzero(kept).tolist())
        return self._made(read_entries(rates), names, is_discrete=self.is_discrete)

    def restricted(self, states: States) -> FiniteChain:
        """Return the chain on a closed set of states."""
        kept = np.flatnonzero(self._numbers("states", states))
        outside = np.setdiff1d(np.arange(self.n_states), kept)
        if part(self.entries, kept, outside).nnz:
            raise InputError("states", self._named(kept.tolist()), "closed: the chain never leaves them")
        stay = None if self._can_stay is None else self._can_stay[kept]
        return self._made(
            part(self.entries, kept), self._named(kept.tolist()), is_discrete=self.is_discrete, can_stay=stay
        )


class CountedChain(FiniteChain):
    """The maximum-likelihood chain of counts p_ij = c_ij / sum_j c_ij, and resamples of it.

    Examples
    --------
    >>> chain = FiniteChain.from_counts([[90, 10], [5, 95]], labels=["a", "b"])
    >>> found = chain.spread(lambda one: one.hitting_times("b"))
    >>> found["a"], bool(found.low[0] < 10 < found.high[0]), found.is_certified
    (10.0, True, False)
    """

    counts: Floats

    def __init__(
        self,
        counts: Any,
        labels: Sequence[Hashable] | None = None,
        *,
        resampling: Resampling = "dirichlet",
        draws: int = 200,
        confidence: float = 0.95,
        seed: Seed = 0,
    ) -> None:
        given, names = read_matrix(counts)
        matrix = np.array(given.toarray() if sparse.issparse(given) else given, dtype=np.float64)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) == 0:
            raise InputError("counts", f"shape {matrix.shape}", "a square array, one row a state")
        wrong = ~(np.isfinite(matrix) & (matrix >= 0))
        if wrong.any():
            i, j = (int(at) for at in np.argwhere(wrong)[0])
            raise InputError("counts", f"{matrix[i, j]:g} at [{i}, {j}]", "finite and not negative")
        empty = matrix.sum(axis=1) == 0
        if empty.any():
            raise InputError("counts", f"no count in row {int(np.argmax(empty))}", "at least one a row")
        if resampling not in ("dirichlet", "bootstrap"):
            raise InputError("resampling", resampling, "'dirichlet' or 'bootstrap'")
        check_confidence(confidence)
        self.counts, self.resampling, self.confidence = matrix, resampling, confidence
        self.draws, self.seed = whole_number("draws", draws, 10, 100_000), read_seed(seed)
        shares = matrix / matrix.sum(axis=1, keepdims=True)
        self._put(
            read_entries(shares),
            names if labels is None else labels,
            is_discrete=True,
            can_stay=np.diag(matrix) > 0,
        )

    def samples(self) -> Iterator[FiniteChain]:
        """Yield resampled chains, the same in every pass."""
        rng = generator(self.seed, Purpose.BOOTSTRAP)
        n, seen = len(self.counts), self.counts > 0
        for _ in range(self.draws):
            if self.resampling == "dirichlet":
                drawn = rng.standard_gamma(np.where(seen, self.counts + 1 / n, 0.0))
            else:
                sizes = self.counts.sum(axis=1)
                shares = self.counts / sizes[:, np.newaxis]
                drawn = np.array(
                    [rng.multinomial(int(size), row) for size, row in zip(sizes, shares, strict=True)],
                    dtype=float,
                )
            drawn /= drawn.sum(axis=1, keepdims=True)
            yield self._made(read_entries(drawn), self.labels, is_discrete=True, can_stay=np.diag(drawn) > 0)

    def spread(self, quantity: Callable[[FiniteChain], Any]) -> Values:
        """Return a quantity of the estimated chain with percentiles over the resamples as its ends.

        Parameters
        ----------
        quantity : callable
            From a chain to an array, :class:`Values` or a number, of the same shape for every chain.
        """
        value = np.asarray(quantity(self), dtype=np.float64)
        drawn = np.array([np.asarray(quantity(one), dtype=np.float64) for one in self.samples()])
        tails = [(1 - self.confidence) / 2, (1 + self.confidence) / 2]
        low, high = np.quantile(drawn, tails, axis=0, method="closest_observation")
        with np.errstate(divide="ignore", invalid="ignore"):
            log10 = np.log10(value)
        name = "posterior" if self.resampling == "dirichlet" else "bootstrap"
        labels = self.labels if value.ndim and value.shape[0] == self.n_states else None
        return Values(
            value, np.asarray(low), np.asarray(high), log10, f"{name}, {self.confidence:g}", False, labels
        )
