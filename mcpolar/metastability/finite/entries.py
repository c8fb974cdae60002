"""Reading a chain: off-diagonal entries as a sparse array, sets of states, labels."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mcpolar.checks import whole_number
from mcpolar.errors import InputError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def read_entries(
    rates: ArrayLike | sparse.sparray | sparse.spmatrix, name: str = "rates"
) -> sparse.csr_array:
    """Return the positive off-diagonal entries as a sparse array; the diagonal is not read.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Dense arrays, lists, pandas frames, and all formats of scipy.sparse.
    name : str
        The argument's name, for messages.

    Raises
    ------
    InputError
        If `rates` is no square array of numbers that doubles hold, has masked entries, or an off-diagonal entry is
        negative or not finite.

    Examples
    --------
    >>> read_entries([[float("nan"), 0.5], [0, 0]]).toarray()
    array([[0. , 0.5],
           [0. , 0. ]])
    """
    found = _coordinates(rates, name)
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.shape[0] == 0:
        raise InputError(name, f"shape {found.shape}", "a square array, one row a state")
    i, j = found.coords
    off = i != j
    i, j, values = i[off], j[off], found.data[off]
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(
            name, f"{values[at]} at [{i[at]}, {j[at]}]", "finite and not negative off the diagonal"
        )
    kept = values > 0
    result = sparse.csr_array((values[kept], (i[kept], j[kept])), shape=found.shape)
    result.sort_indices()
    return result


def _coordinates(rates: Any, name: str) -> sparse.coo_array:
    """Return all entries, read without loss."""
    if np.ma.isMaskedArray(rates) and np.ma.getmaskarray(rates).any():
        raise InputError(name, "masked entries", "without masked entries: fill them with what they are")
    try:
        if sparse.issparse(rates):
            given = sparse.coo_array(rates)
            given.sum_duplicates()
            return sparse.coo_array((_doubles(given.data, name), given.coords), shape=given.shape)
        return sparse.coo_array(_doubles(np.asarray(rates), name))
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(name, rates, "a square array of numbers") from None


def _doubles(values: np.ndarray, name: str) -> Floats:
    if values.dtype.kind == "c":
        raise InputError(name, "complex numbers", "a square array of numbers that are real")
    if values.dtype.kind not in "fiubO":
        raise InputError(name, values, "a square array of numbers")
    doubles = values.astype(np.float64)
    if (values.dtype.kind in "fiu" and values.dtype.itemsize > 8) or values.dtype.kind in "iu":
        lost = (doubles.astype(values.dtype) != values) & ~np.isnan(doubles)
        if lost.any():
            raise InputError(
                name, f"{values[lost][0]!r}", "numbers that doubles hold exactly; round them first"
            )
    return doubles


def read_set(name: str, states: Collection[int] | int, n: int, *, empty: bool = False) -> Bools:
    """Return which of n states are among `states`, a collection or a single one; refuse numbers that are none."""
    several: Iterable[Any]
    if isinstance(states, int | np.integer) and not isinstance(states, bool):
        several = [states]
    else:
        try:
            several = list(states)  # type: ignore[arg-type]
        except TypeError:
            raise InputError(name, states, "a state or a collection of states") from None
    chosen = np.zeros(n, dtype=np.bool_)
    for state in several:
        chosen[whole_number(name, state, 0, n - 1, "n - 1")] = True
    if not empty and not chosen.any():
        raise InputError(name, several, "at least one state")
    return chosen


def part(
    entries: sparse.csr_array, rows: NDArray[Any], columns: NDArray[Any] | None = None
) -> sparse.csr_array:
    """Return the entries from some states (numbers or marks) into some, by default the same."""
    found = entries[rows][:, rows if columns is None else columns]
    return sparse.csr_array(found)


def row_sums(entries: sparse.csr_array) -> Floats:
    """Return the sums of the rows, shape (n,)."""
    return np.asarray(entries.sum(axis=1), dtype=np.float64).reshape(-1)


def read_matrix(given: Any) -> tuple[Any, Sequence[Hashable] | None]:
    """Return a matrix and the labels that a frame or a graph brings; edges have a `weight` or a `rate`."""
    if hasattr(given, "nodes") and hasattr(given, "edges"):
        names = list(given.nodes)
        place = {name: i for i, name in enumerate(names)}
        found = [
            (place[a], place[b], data.get("weight", data.get("rate")))
            for a, b, data in given.edges(data=True)
        ]
        if any(weight is None for _, _, weight in found):
            raise InputError("P", "an edge without `weight` or `rate`", "a graph with a weight on every edge")
        if not given.is_directed():
            found += [(j, i, weight) for i, j, weight in found if i != j]
        i, j, weights = (np.array(column) for column in zip(*found, strict=True)) if found else ([], [], [])
        return sparse.coo_array((np.asarray(weights, dtype=float), (i, j)), shape=(len(names),) * 2), names
    if hasattr(given, "index") and hasattr(given, "columns"):
        if list(given.index) != list(given.columns):
            raise InputError("P", "different rows and columns", "a frame with the same index and columns")
        return given.to_numpy(), list(given.index)
    return given, None


def diagonal_of(matrix: Any) -> Floats:
    """Return the diagonal of a dense or sparse matrix."""
    if sparse.issparse(matrix):
        return np.asarray(sparse.csr_array(matrix).diagonal(), dtype=np.float64)
    return np.asarray(np.diagonal(np.asarray(matrix, dtype=np.float64)), dtype=np.float64)
