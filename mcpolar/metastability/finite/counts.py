"""Whether a chain estimated from counts at one lag foretells those at its multiples (Chapman-Kolmogorov)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError
from mcpolar.metastability.finite.chain import CountedChain
from mcpolar.results import Drawn

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ChapmanKolmogorov(Drawn):
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
