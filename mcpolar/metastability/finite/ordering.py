"""The order in which states are eliminated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.compiled.finite.ordering import order_states
from mcpolar.errors import ResourceError

Ints = NDArray[np.int64]
DENSE = (
    0.15  # beyond, a product of dense blocks is faster than sparse rows; from 0.04 to 0.3 it matters little
)
SMALL = 48  # below this an order saves nothing
_LARGEST = 200_000


def sparse_order(rates: sparse.csr_array, kept: int) -> tuple[Ints, int, Ints, Ints]:
    """Return the order of elimination, how many states have sparse rows, and the later neighbours of these.

    Raises
    ------
    ResourceError
        If there are more than 200,000 states.
    """
    n = rates.shape[0]
    if n > _LARGEST:
        raise ResourceError(f"elimination takes up to {_LARGEST} states, this chain has {n}")
    if n <= SMALL:
        order = np.arange(n)
        if kept >= 0:
            order[[kept, n - 1]] = order[[n - 1, kept]]
        return order, 0, np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int64)
    pattern = (rates + rates.T).tocsr()
    pattern.sort_indices()
    order, n_first, starts, rows = order_states(
        pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64), kept, DENSE
    )
    return order, int(n_first), starts, rows


def elimination_order(rates: sparse.csr_array, kept: int = -1) -> Ints:
    """Return the order alone."""
    return sparse_order(rates, kept)[0]
