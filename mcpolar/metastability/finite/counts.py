"""A chain estimated from counts, with error bars on whatever is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.checks import check_confidence, whole_number
from mcpolar.choices import Resampling
from mcpolar.errors import InputError
from mcpolar.metastability.finite.chain import FiniteChain
from mcpolar.metastability.finite.entries import read_entries, read_matrix
from mcpolar.metastability.finite.values import Values
from mcpolar.rng import Purpose, Seed, generator, read_seed

Floats = NDArray[np.float64]


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


@dataclass(frozen=True, eq=False)
class ChapmanKolmogorov:
    """Chances to be in the same set after a lag: by powers of the chain at the first lag, and as counted.

    Attributes
    ----------
    lags : tuple of int
        Multiples of the first.
    predicted, observed : ndarray, shape (n_lags, n_sets)
        Probability to be in a set after a lag, for a start in it by the stationary law of the first chain.
    low, high : ndarray, shape (n_lags, n_sets)
        Ends of the observed ones, by the counts' resamples.
    sets : tuple
        The sets' labels.
    """

    lags: tuple[int, ...]
    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    sets: tuple[tuple[Any, ...], ...]

    @property
    def is_contradicted(self) -> NDArray[np.bool_]:
        """Where the prediction is outside the ends, pointwise; the first lag has none."""
        outside = (self.predicted < self.low) | (self.predicted > self.high)
        outside[0] = False
        return np.asarray(outside)


def chapman_kolmogorov(
    chains: Mapping[int, CountedChain], sets: Sequence[Collection[Hashable]] | None = None
) -> ChapmanKolmogorov:
    """Test whether a chain estimated at one lag foretells those at its multiples.

    Parameters
    ----------
    chains : mapping
        Lag -> chain from counts at that lag, all with the same labels; lags are multiples of the smallest.
    sets : sequence of collections of labels, optional
        Default: each state by itself.

    Raises
    ------
    InputError
        If a lag is no multiple of the first, or the labels differ.
    """
    lags = tuple(sorted(chains))
    first = chains[lags[0]]
    if any(lag % lags[0] for lag in lags) or any(chain.labels != first.labels for chain in chains.values()):
        raise InputError("chains", lags, "at multiples of the first lag, with the same labels")
    groups = tuple((name,) for name in first.labels) if sets is None else tuple(tuple(one) for one in sets)
    marks = np.array([[name in group for name in first.labels] for group in groups], dtype=np.float64)
    law = first.stationary_distribution().value

    def staying(matrix: Floats) -> Floats:
        inside = marks * law
        return np.asarray(((inside / inside.sum(axis=1, keepdims=True)) @ matrix * marks).sum(axis=1))

    predicted = np.array([staying(first.transition_probabilities(lag // lags[0])) for lag in lags])
    spreads = [chains[lag].spread(lambda one: staying(one.to_numpy())) for lag in lags]
    ends = (np.array([getattr(one, end) for one in spreads]) for end in ("value", "low", "high"))
    observed, low, high = ends
    return ChapmanKolmogorov(lags, predicted, observed, low, high, groups)
