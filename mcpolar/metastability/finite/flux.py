"""Reactive flux: how a chain goes from one set of states to another (transition path theory)."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.errors import InputError
from mcpolar.metastability.finite.arithmetic import Arithmetic, Array, scatter
from mcpolar.metastability.finite.classes import classes_of
from mcpolar.metastability.finite.entries import Bools, part
from mcpolar.metastability.finite.passage import (
    check_disjoint,
    class_law,
    committor_values,
    killed,
    stop_at,
    total,
)
from mcpolar.metastability.finite.values import Values, evaluate
from mcpolar.results import Drawn

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pathway:
    """A path of the net flux from the source to the target.

    Attributes
    ----------
    states : tuple
        The states along it, by label.
    flux : float
        What flows along it, a unit of time.
    share : float
        Of the total flux.
    """

    states: tuple[Any, ...]
    flux: float
    share: float


@dataclass(frozen=True, eq=False)
class ReactiveFlux(Drawn):
    """The stationary chain's journeys from the source to the target.

    Attributes
    ----------
    source, target : tuple of int
        The sets.
    forward, backward : Values, shape (n,)
        Probability to come to the target before the source, and to have come from the source rather than the
        target.
    steps : ndarray of int, shape (n_edges, 2)
        The transitions i -> j of the chain.
    gross : Values, shape (n_edges,)
        Journeys that pass i -> j, a unit of time: pi_i q-_i a_ij q+_j.
    net : Values, shape (n_edges,)
        max(0, gross_ij - gross_ji), with ends from those of the gross flux.
    total : Values, shape ()
        Journeys a unit of time.
    rate : Values, shape ()
        Journeys a unit of the time since the chain was last in the source rather than the target.
    labels : tuple
        Names of the states.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    forward: Values
    backward: Values
    steps: NDArray[np.int64]
    gross: Values
    net: Values
    total: Values
    rate: Values
    labels: tuple[Any, ...]

    @property
    def mean_passage_time(self) -> float:
        """The mean time from the source to the target in the stationary chain: 1 / rate."""
        return 1 / float(self.rate)

    def net_matrix(self) -> sparse.csr_array:
        """Return the net flux as a sparse array."""
        n = len(self.labels)
        kept = self.net.value > 0
        return sparse.csr_array((self.net.value[kept], self.steps[kept].T), shape=(n, n))

    def pathways(self, share: float = 0.999, most: int = 100) -> list[Pathway]:
        """Return the paths of the largest bottleneck, each taken off before the next, until a share is reached.

        Parameters
        ----------
        share : float
            Of the total flux, in (0, 1].
        most : int
            At most this many paths.
        """
        if not 0 < share <= 1:
            raise InputError("share", share, "in (0, 1]")
        whole = float(self.total)
        left: dict[int, dict[int, float]] = {}
        for (i, j), flow in zip(self.steps.tolist(), self.net.value.tolist(), strict=True):
            if flow > 0:
                left.setdefault(i, {})[j] = flow
        found: list[Pathway] = []
        while len(found) < most and sum(path.share for path in found) < share:
            path = _widest(left, self.source, set(self.target))
            if path is None:
                break
            flow = min(left[i][j] for i, j in itertools.pairwise(path))
            for i, j in itertools.pairwise(path):
                left[i][j] -= flow
                if left[i][j] <= 0:
                    del left[i][j]
            found.append(Pathway(tuple(self.labels[i] for i in path), flow, flow / whole))
        return found


def _widest(
    flows: dict[int, dict[int, float]], source: tuple[int, ...], target: set[int]
) -> list[int] | None:
    """Return the path whose smallest flow is largest, or None."""
    widths = dict.fromkeys(source, float("inf"))
    before: dict[int, int] = {}
    queue = [(-width, state) for state, width in widths.items()]
    heapq.heapify(queue)
    while queue:
        width, state = heapq.heappop(queue)
        if -width < widths[state]:
            continue
        if state in target:
            path = [state]
            while path[-1] in before:
                path.append(before[path[-1]])
            return path[::-1]
        for following, flow in flows.get(state, {}).items():
            wider = min(-width, flow)
            if wider > widths.get(following, 0.0):
                widths[following], before[following] = wider, state
                heapq.heappush(queue, (-wider, following))
    return None


def reactive_flux_of(
    entries: sparse.csr_array, source: Bools, target: Bools, labels: tuple[Any, ...], *, certified: bool
) -> ReactiveFlux:
    """Return the reactive flux of a chain with one closed class, which holds states of both sets.

    The backward committor times the law is a left solution of the same eliminated system as the forward committor.
    """
    check_disjoint(source, target)
    closed = [np.array(one.states) for one in classes_of(entries) if one.is_closed]
    if len(closed) > 1 or not (source[closed[0]].any() and target[closed[0]].any()):
        raise InputError(
            "source", np.flatnonzero(source).tolist(), "with the target in the only closed class"
        )
    states, n = closed[0], entries.shape[0]
    inner = part(entries, states)
    values = _evaluated(_Parts(inner, source[states], target[states]), certified=certified)
    forward, backward = (_placed(values[name], n, states) for name in ("forward", "backward"))
    if n > len(states):  # transient states: only the forward committor is more than 0 there
        forward = committor_values(entries, source, target, certified=certified)
    coordinates = np.column_stack(inner.tocoo().coords)
    return ReactiveFlux(
        tuple(np.flatnonzero(source).tolist()),
        tuple(np.flatnonzero(target).tolist()),
        forward.labelled(labels),
        backward.labelled(labels),
        states[coordinates],
        values["gross"],
        _net(values["gross"], coordinates, len(states)),
        values["total"],
        values["rate"],
        labels,
    )


def _evaluated(found: _Parts, *, certified: bool) -> dict[str, Values]:
    recipes = {
        "forward": found.forward,
        "backward": found.backward,
        "gross": found.gross,
        "total": found.total,
        "rate": found.rate,
    }
    rounding = 8 * found.entries.shape[0] + 16
    return {
        name: evaluate(recipe, certified=certified, rounding=rounding) for name, recipe in recipes.items()
    }


def _placed(values: Values, n: int, states: NDArray[np.int64]) -> Values:
    ends = [np.zeros(n), np.zeros(n), np.zeros(n), np.full(n, -np.inf)]
    for end, found in zip(ends, (values.value, values.low, values.high, values.log10), strict=True):
        end[states] = found
    return Values.of_ends(ends, values.method, is_certified=values.is_certified)


def _net(gross: Values, steps: NDArray[np.int64], n: int) -> Values:
    """Return max(0, f_ij - f_ji) with ends."""
    keys = steps[:, 0] * n + steps[:, 1]
    back = steps[:, 1] * n + steps[:, 0]
    order = np.argsort(keys)
    place = np.searchsorted(keys[order], back).clip(max=keys.size - 1)
    has_back = keys[order][place] == back
    returning = {
        end: np.where(has_back, getattr(gross, end)[order][place], 0.0) for end in ("value", "low", "high")
    }
    value = (gross.value - returning["value"]).clip(0)
    low = (gross.low - returning["high"]).clip(0)
    high = (gross.high - returning["low"]).clip(0)
    with np.errstate(divide="ignore"):
        log10 = np.where(value > 0, np.log10(value), -np.inf)
    return Values(value, low, high, log10, gross.method, gross.is_certified)


@dataclass(frozen=True, eq=False)
class _Parts:
    """The computations, each from the start, on the closed class."""

    entries: sparse.csr_array
    source: Bools
    target: Bools

    def _solved(self, arithmetic: Arithmetic) -> tuple[Array, Array]:
        """Return q+ and pi q-."""
        n = self.entries.shape[0]
        law = class_law(arithmetic, self.entries)
        ends = self.source | self.target
        inside, start, goal = (np.flatnonzero(x) for x in (~ends, self.source, self.target))
        forward = [(goal, arithmetic.of(np.ones(goal.size)))]
        coming = [(start, law[start])]
        if inside.size:
            eliminated = killed(arithmetic, stop_at(self.entries, ends), inside)
            into = total(arithmetic, part(self.entries, inside, goal))
            forward.append((inside, eliminated.solve(into)))
            sent = arithmetic.of(part(self.entries, start, inside).toarray().T) @ _column(law[start])
            coming.append((inside, eliminated.solve_left(sent)[:, 0]))
        return scatter(arithmetic, n, forward), scatter(arithmetic, n, coming)

    def forward(self, arithmetic: Arithmetic) -> Array:
        return self._solved(arithmetic)[0]

    def backward(self, arithmetic: Arithmetic) -> Array:
        return self._solved(arithmetic)[1] / class_law(arithmetic, self.entries)

    def gross(self, arithmetic: Arithmetic) -> Array:
        forward, coming = self._solved(arithmetic)
        found = self.entries.tocoo()
        return coming[found.coords[0]] * arithmetic.of(found.data) * forward[found.coords[1]]

    def total(self, arithmetic: Arithmetic) -> Array:
        from_source = self.source[self.entries.tocoo().coords[0]]
        return self.gross(arithmetic)[from_source].sum()

    def rate(self, arithmetic: Arithmetic) -> Array:
        return self.total(arithmetic) / self._solved(arithmetic)[1].sum()


def _column(values: Any) -> Any:
    from mcpolar.metastability.finite.wide import Wide

    if isinstance(values, Wide):
        return Wide(values.m.reshape(-1, 1), values.k.reshape(-1, 1))
    return type(values)(values.values.reshape(-1, 1))
