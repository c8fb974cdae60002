"""Which states of a chain can reach which: communicating classes, closed and transient."""

from __future__ import annotations

from dataclasses import dataclass

import networkx
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.metastability.finite.elimination import read_rates


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


def communicating_classes(rates: ArrayLike) -> list[CommunicatingClass]:
    """Return the communicating classes, in the order of their smallest states.

    Parameters
    ----------
    rates : array_like, shape (n, n)
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
    graph = to_graph(read_rates(rates))
    found = []
    for members in networkx.strongly_connected_components(graph):
        leaves = any(successor not in members for state in members for successor in graph.successors(state))
        found.append(CommunicatingClass(tuple(sorted(members)), not leaves))
    return sorted(found, key=lambda found_class: found_class.states)


def can_reach(rates: NDArray[np.float64], goal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which states can reach one of `goal`, shape (n,); those of `goal` do."""
    reaching = goal.copy()
    if goal.any():
        reversed_graph = to_graph(rates).reverse(copy=False)
        reaching[
            list(networkx.multi_source_dijkstra_path_length(reversed_graph, set(np.flatnonzero(goal))))
        ] = True
    return reaching


def to_graph(rates: NDArray[np.float64]) -> networkx.DiGraph:
    """Return the directed graph of the positive entries, with attribute `rate` on each edge."""
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(len(rates)))
    sources, targets = np.nonzero(rates)
    values = rates[sources, targets]
    graph.add_edges_from(
        (i, j, {"rate": rate})
        for i, j, rate in zip(sources.tolist(), targets.tolist(), values.tolist(), strict=True)
        if i != j
    )
    return graph
