"""A finite chain as it is held: entries off the diagonal, labels, and how its states hang together."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.errors import InputError
from mcpolar.metastability.finite.classes import (
    CommunicatingClass,
    Reversibility,
    classes_of,
    period_of,
    reversibility_of,
    to_graph,
)
from mcpolar.metastability.finite.entries import Bools, read_set, row_sums
from mcpolar.metastability.finite.factor import UNIT

if TYPE_CHECKING:
    import networkx

Floats = NDArray[np.float64]
States = Collection[Hashable] | Hashable


class ChainStructure:
    """A chain's entries, its states by name, and their classes."""

    entries: sparse.csr_array
    labels: tuple[Any, ...]
    is_discrete: bool

    def _put(
        self,
        entries: sparse.csr_array,
        labels: Sequence[Hashable] | None,
        *,
        is_discrete: bool,
        can_stay: Bools | None,
    ) -> None:
        n = entries.shape[0]
        names = tuple(range(n)) if labels is None else tuple(labels)
        if not all(isinstance(name, Hashable) for name in names) or len(names) != n or len(set(names)) != n:
            raise InputError("labels", names, f"{n} different names, one a state")
        self.entries, self.labels, self.is_discrete = entries, names, is_discrete
        self._can_stay = can_stay
        self._place = {name: i for i, name in enumerate(names)}

    @property
    def n_states(self) -> int:
        """How many states there are."""
        return int(self.entries.shape[0])

    def _numbers(self, name: str, states: States, *, empty: bool = False) -> Bools:
        if isinstance(states, Hashable) and states in self._place:
            several: Collection[Any] = [states]
        elif isinstance(states, Collection) and not isinstance(states, str):
            several = list(states)
        else:
            raise InputError(name, states, "a state's label, or a collection of them")
        try:
            numbers = [self._place[state] for state in several]
        except (KeyError, TypeError):
            missing = next((state for state in several if state not in self._place), several)
            raise InputError(name, missing, "among the labels of the states") from None
        return read_set(name, numbers, self.n_states, empty=empty)

    def _named(self, states: Sequence[int]) -> tuple[Any, ...]:
        return tuple(self.labels[state] for state in states)

    def classes(self) -> list[CommunicatingClass]:
        """Return the communicating classes, of states by number, in the order of their smallest states."""
        return classes_of(self.entries)

    @property
    def is_irreducible(self) -> bool:
        """Whether all states communicate."""
        return len(self.classes()) == 1

    def _stays(self) -> Bools:
        if self._can_stay is not None:
            return self._can_stay
        return np.asarray(row_sums(self.entries) < 1 - 4 * (np.diff(self.entries.indptr) + 1) * UNIT)

    def _irreducible(self, what: str) -> None:
        if not self.is_irreducible:
            raise InputError("chain", f"{len(self.classes())} classes", f"irreducible for {what}")

    @property
    def period(self) -> int:
        """The period of an irreducible chain; 1 for rates."""
        return self.cyclic_classes()[0]

    def cyclic_classes(self) -> tuple[int, list[tuple[Any, ...]]]:
        """Return the period of an irreducible chain and its cyclic classes, in the order of the cycle.

        Examples
        --------
        >>> from mcpolar.metastability.finite import FiniteChain
        >>> FiniteChain([[0, 1, 0], [0, 0, 1], [1, 0, 0]]).cyclic_classes()
        (3, [(0,), (1,), (2,)])
        """
        self._irreducible("its period")
        loops = self._stays() if self.is_discrete else np.ones(self.n_states, dtype=np.bool_)
        period, number = period_of(self.entries, loops)
        return period, [self._named(np.flatnonzero(number == at).tolist()) for at in range(period)]

    def reversibility(self) -> Reversibility:
        """Test detailed balance of an irreducible chain by Kolmogorov's criterion, up to the rounding of its entries.

        Examples
        --------
        >>> from mcpolar.metastability.finite import FiniteChain
        >>> FiniteChain.from_rates([[0, 1, 2], [2, 0, 1], [1, 2, 0]]).reversibility().is_reversible
        False
        """
        self._irreducible("a test of reversibility")
        return reversibility_of(self.entries)

    @property
    def is_reversible(self) -> bool:
        """Whether an irreducible chain is in detailed balance, up to the rounding of its entries."""
        return self.reversibility().is_reversible

    def to_sparse(self) -> sparse.csr_array:
        """Return the transition matrix, or the generator, as a sparse array with its diagonal."""
        sums = np.array([math.fsum(self.entries.data[a:b]) for a, b in _slices(self.entries.indptr)])
        diagonal = (1 - sums).clip(0) if self.is_discrete else -sums
        if self._can_stay is not None:
            diagonal = np.where(self._can_stay, diagonal, 0.0)
        return sparse.csr_array(self.entries + sparse.diags_array(diagonal))

    def to_numpy(self) -> Floats:
        """Return the transition matrix, or the generator, as a dense array."""
        return np.asarray(self.to_sparse().toarray())

    def to_pandas(self) -> Any:
        """Return the transition matrix, or the generator, as a frame with the labels."""
        import pandas as pd

        return pd.DataFrame(self.to_numpy(), index=list(self.labels), columns=list(self.labels))

    def to_networkx(self) -> networkx.DiGraph:
        """Return the graph of the transitions; the edges' attribute `rate` holds the entries off the diagonal."""
        import networkx as nx

        return nx.relabel_nodes(to_graph(self.entries), dict(enumerate(self.labels)))


def _slices(starts: NDArray[Any]) -> list[tuple[int, int]]:
    return list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
