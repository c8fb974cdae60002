"""Which states of a chain can reach which: communicating classes, closed and transient; periods; reversibility."""

from __future__ import annotations

import math
from dataclasses import dataclass

import networkx
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from mcpolar.metastability.finite.entries import Bools, read_entries
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CommunicatingClass:
    """States that can reach one another.

    Attributes
    ----------
    states : tuple of int
        In increasing order.
    is_closed : bool
        Whether the chain can never leave it: an absorbing class.
    """

    states: tuple[int, ...]
    is_closed: bool


def communicating_classes(rates: ArrayLike | sparse.sparray) -> list[CommunicatingClass]:
    """Return the communicating classes, in the order of their smallest states.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.

    Raises
    ------
    InputError
        If the rates are not allowed.

    Examples
    --------
    >>> communicating_classes([[0, 1e-300], [0, 0]])
    [CommunicatingClass(states=(0,), is_closed=False), CommunicatingClass(states=(1,), is_closed=True)]
    """
    return classes_of(read_entries(rates))


def classes_of(entries: sparse.csr_array) -> list[CommunicatingClass]:
    """Return the communicating classes of entries that were read."""
    count, number = csgraph.connected_components(entries, directed=True, connection="strong")
    found = entries.tocoo()
    leaves = np.zeros(count, dtype=np.bool_)
    crossing = number[found.coords[0]] != number[found.coords[1]]
    leaves[number[found.coords[0][crossing]]] = True
    members = np.split(
        np.argsort(number, kind="stable"), np.cumsum(np.bincount(number, minlength=count))[:-1]
    )
    classes = [
        CommunicatingClass(tuple(states.tolist()), not leaves[index]) for index, states in enumerate(members)
    ]
    return sorted(classes, key=lambda one: one.states)


def can_reach(rates: Floats | sparse.csr_array, goal: Bools) -> Bools:
    """Return which states can reach one of `goal`, shape (n,); those of `goal` do."""
    if not goal.any():
        return goal.copy()
    entries = sparse.csr_array(rates)
    n = entries.shape[0]
    # one more state, from which the goal is a step backward
    into = sparse.csr_array(np.asarray(goal, dtype=np.float64).reshape(1, -1))
    backward = sparse.vstack(
        [
            sparse.hstack([entries.T, sparse.csr_array((n, 1))]),
            sparse.hstack([into, sparse.csr_array((1, 1))]),
        ]
    )
    found = csgraph.breadth_first_order(
        sparse.csr_array(backward), n, directed=True, return_predecessors=False
    )
    reaching = goal.copy()
    reaching[found[found < n]] = True
    return reaching


def to_graph(rates: NDArray[np.float64] | sparse.csr_array) -> networkx.DiGraph:
    """Return the directed graph of the positive entries, with attribute `rate` on each edge."""
    entries = sparse.coo_array(rates)
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(entries.shape[0]))
    sources, targets = entries.coords
    graph.add_edges_from(
        (i, j, {"rate": rate})
        for i, j, rate in zip(sources.tolist(), targets.tolist(), entries.data.tolist(), strict=True)
        if i != j and rate > 0
    )
    return graph


def period_of(entries: sparse.csr_array, has_loop: Bools) -> tuple[int, NDArray[np.int64]]:
    """Return the period of an irreducible chain and the cyclic class of each state, from 0 on.

    Parameters
    ----------
    entries : sparse array, shape (n, n)
        Positive entries off the diagonal, of one class.
    has_loop : ndarray of bool, shape (n,)
        Which states can stay for a step.
    """
    n = entries.shape[0]
    if n == 1 or has_loop.any():
        return 1, np.zeros(n, dtype=np.int64)
    order, before = csgraph.breadth_first_order(entries, 0, directed=True)
    depth = np.zeros(n, dtype=np.int64)
    for state in order[1:].tolist():
        depth[state] = depth[before[state]] + 1
    found = entries.tocoo()
    i, j = found.coords
    period = math.gcd(*np.abs(depth[i] + 1 - depth[j]).tolist())
    return period, depth % period if period > 1 else np.zeros(n, dtype=np.int64)


@dataclass(frozen=True)
class Reversibility:
    """How far a class is from detailed balance.

    Attributes
    ----------
    deviation : float
        The largest |log(pi_i a_ij / (pi_j a_ji))| with the law taken along a tree; infinite where a step has no
        way back.
    tolerance : float
        What rounding of the entries can make of a reversible chain.
    """

    deviation: float
    tolerance: float

    @property
    def is_reversible(self) -> bool:
        """Whether the chain is reversible up to the rounding of its entries."""
        return self.deviation <= self.tolerance


def reversibility_of(entries: sparse.csr_array) -> Reversibility:
    """Test Kolmogorov's criterion on a class: along a tree the law follows, all other steps are compared with it."""
    n = entries.shape[0]
    if n == 1:
        return Reversibility(0.0, 0.0)
    pattern = entries.astype(np.bool_)
    if (pattern != pattern.T).nnz:
        return Reversibility(math.inf, 0.0)
    order, before = csgraph.breadth_first_order(entries, 0, directed=True)
    found, back = entries.tocoo(), sparse.csr_array(entries.T)
    i, j = (np.asarray(index) for index in found.coords)
    there = Wide.of(found.data) / Wide.of(back.tocoo().data)  # the same pattern in the same order
    log_ratio = np.log(there.m) + there.k * (512 * math.log(2))
    place = dict(zip(zip(i.tolist(), j.tolist(), strict=True), log_ratio.tolist(), strict=True))
    log_law, depth = np.zeros(n), np.zeros(n)
    for state in order[1:].tolist():
        log_law[state] = log_law[before[state]] + place[(int(before[state]), state)]
        depth[state] = depth[before[state]] + 1
    deviation = np.abs(log_law[i] + log_ratio - log_law[j])
    scale = np.maximum(np.abs(log_law[i]), np.abs(log_law[j])) + np.abs(log_ratio) + 1
    tolerance = (4 * (depth[i] + depth[j]) + 16) * 2.0**-52 * scale
    excess = int(np.argmax(deviation / tolerance))
    return Reversibility(float(deviation[excess]), float(tolerance[excess]))
