"""The exact probability that E_h holds at step t, for memory size 1 and a few agents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy import optimize, stats

from mcpolar.chain import ChainState, level_log_odds
from mcpolar.errors import InputError
from mcpolar.events import FAR_END, NEAR_END
from mcpolar.exact.kernel import (
    Floats,
    Increments,
    apply_along,
    check_nodes,
    check_tolerance,
    gauss_panels,
    sender_weights,
    weight_spacing,
)
from mcpolar.parameters import ChainParameters, whole_number

_MOST_REFINEMENTS = 3
_COARSER, _REFINED = 100.0, 1e-2
_SINC_BLOCK = 200


@dataclass(frozen=True, eq=False)
class ExactCurve:
    """Probabilities of an event at the steps 0..T.

    Attributes
    ----------
    steps : ndarray of int64, shape (T + 1,)
        0, 1, ..., T.
    probability : ndarray, shape (T + 1,)
        On the finest grid.
    error : ndarray, shape (T + 1,)
        The change by the last refinement plus the mass that left the grid: an estimate, not a certificate.
    nodes : int
        Grid points of an agent.
    """

    steps: np.ndarray
    probability: Floats
    error: Floats
    nodes: int


def polarized_probabilities(
    parameters: ChainParameters,
    state: ChainState,
    steps: int,
    *,
    level: Decimal | str | float = 1,
    tolerance: float = 1e-8,
) -> ExactCurve:
    """Return P(E_h at t) for t = 0..steps, by quadrature of the transition operator (r = 1).

    An agent's log-odds change only when it is updated, so that whether it satisfies E_h is decided by its
    last arrival: the density of the log-odds is carried together with that flag. Agents not updated yet are
    atoms, kept apart. Smooth densities live on an even grid, where sums and sinc interpolation converge
    exponentially; those of agents that satisfy E_h, cut off at h/sigma^2, on Gauss-Legendre panels.

    Parameters
    ----------
    parameters : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    state : ChainState
        One replica: where the chain starts.
    steps : int
        T; cost and grids grow with T, and like the number of nodes to the power m (m <= 3 in practice).
    level : Decimal, str, int or float
        h > 0.
    tolerance : float
        Grids are refined until the estimated error is below it, at most three times.

    Returns
    -------
    ExactCurve

    Raises
    ------
    InputError
        If an argument is not allowed or the grids would not fit into memory.

    Examples
    --------
    >>> chain = ChainParameters(m=1, r=1, sigma="1")
    >>> found = polarized_probabilities(chain, ChainState.from_arrays([0.0], [[1.0]]), 3)
    >>> found.probability.round(7)
    array([0.       , 0.4435225, 0.370355 , 0.3746185])
    """
    horizon = whole_number("steps", steps, 0, 10**5)
    goal = check_tolerance(tolerance)
    state.require(parameters)
    if state.n_replicas != 1:
        raise InputError("state", f"{state.n_replicas} replicas", "of one replica")
    increments = Increments.of(parameters)
    threshold = level_log_odds(parameters, level, "down")
    problem = _Problem(parameters, increments, state, threshold, horizon)
    coarse = goal * _COARSER
    fine = coarse * _REFINED
    before, _, _ = problem.solve(coarse)
    for _ in range(_MOST_REFINEMENTS):
        found, lost, nodes = problem.solve(fine)
        error = np.abs(found - before) + lost
        if error.max() <= goal:
            break
        before, fine = found, fine * _REFINED
    return ExactCurve(np.arange(horizon + 1), found, error, nodes)


@dataclass(frozen=True, eq=False)
class _Problem:
    """The chain, its start and the horizon; `solve` does the work at one fineness."""

    parameters: ChainParameters
    increments: Increments
    state: ChainState
    threshold: float
    horizon: int

    def solve(self, fineness: float) -> tuple[Floats, Floats, int]:
        """Return (probability of E_h, mass lost, nodes of an agent) at the steps 0..T."""
        grids = _Grids.make(self, fineness)
        m = self.parameters.m
        parts: dict[str, Floats] = {"s" * m: np.ones((1,) * m)}
        probability, lost = np.empty(self.horizon + 1), np.empty(self.horizon + 1)
        for step in range(self.horizon + 1):
            if step:
                parts = self._advanced(parts, grids, step)
            probability[step] = math.fsum(
                grids.mass(kinds, part) for kinds, part in parts.items() if self._is_polarized(kinds)
            )
            lost[step] = abs(
                1 - math.fsum(grids.mass(kinds, part) for kinds, part in parts.items() if "g" not in kinds)
            )
        return probability, lost, len(grids.nodes[0]["u"])

    def _is_polarized(self, kinds: str) -> bool:
        return all(kind == "g" or (kind == "s" and self.is_good(i)) for i, kind in enumerate(kinds))

    def is_good(self, agent: int) -> bool:
        """Return whether the agent satisfies E_h at the start."""
        log_odds = self.state.log_odds[0, agent]
        own = math.copysign(1, log_odds) * self.state.memory[0, agent, 0]
        return bool(abs(log_odds) >= self.threshold and NEAR_END <= own <= FAR_END)

    def _advanced(self, parts: dict[str, Floats], grids: _Grids, step: int) -> dict[str, Floats]:
        """Return the densities at `step` from those one step before.

        A part is named by a letter an agent: s not updated yet; u updated; g updated and satisfying E_h (a part
        of u). An update overwrites its receiver's flag, so that parts with s or u there are its sources.
        """
        m = self.parameters.m
        after: dict[str, Floats] = {}
        for kinds, part in parts.items():
            axes = [grids.nodes[j][kinds[j]][: part.shape[j]] for j in range(m)]
            for i in range(m):
                if kinds[i] == "g":
                    continue
                plus, minus = sender_weights(self.parameters, axes, i)
                flows = (plus * part, minus * part)
                for kind in "ug":
                    name = kinds[:i] + kind + kinds[i + 1 :]
                    moved = grids.moved((i, kinds[i], kind), flows, step)
                    sum_ = after.setdefault(name, np.zeros(grids.shape(name, step)))
                    sum_[tuple(slice(n) for n in moved.shape)] += moved / m
        return after


@dataclass(frozen=True, eq=False)
class _Grids:
    """Nodes, weights and matrices of every agent and kind.

    Nodes are in the order of their size, so that those within reach of t steps are the first ones.
    """

    nodes: tuple[dict[str, Floats], ...]
    weights: tuple[dict[str, Floats], ...]
    matrices: dict[tuple[int, str, str, int], Floats]
    reach: Floats

    @classmethod
    def make(cls, problem: _Problem, fineness: float) -> _Grids:
        reach = np.abs(problem.state.log_odds).max() + _reach(problem, fineness)
        even, spacing = _even_grid(problem, fineness, reach[-1])
        nodes, weights, matrices = [], [], {}
        smooth = {c: spacing * problem.increments.density(even[:, None] - even, c) for c in (1, -1)}
        shared: dict[bytes, dict[int, Floats]] = {}
        for i, start in enumerate(problem.state.log_odds[0]):
            good, good_weights = _good_panels(problem, float(start), float(even[-1]), fineness)
            check_nodes(max(even.size, good.size), problem.parameters.m)
            nodes.append({"s": np.array([start]), "u": even, "g": good})
            weights.append({"s": np.ones(1), "u": np.full(even.size, spacing), "g": good_weights})
            key = good.tobytes()  # agents that start alike share their matrices
            if key not in shared:
                shared[key] = dict(_good_matrices(problem, even, spacing, good, fineness))
            for c in (1, -1):
                matrices[i, "u", "u", c], matrices[i, "u", "g", c] = smooth[c], shared[key][c]
                matrices[i, "s", "u", c] = problem.increments.density(even[:, None] - start, c)
                matrices[i, "s", "g", c] = _good_density(problem, good, float(start), c)
        return cls(tuple(nodes), tuple(weights), matrices, reach)

    def shape(self, kinds: str, step: int) -> tuple[int, ...]:
        """Return the shape of a part at `step`: the nodes within reach."""
        return tuple(
            int(np.searchsorted(np.abs(self.nodes[i][kind]), self.reach[step], side="right"))
            for i, kind in enumerate(kinds)
        )

    def moved(self, change: tuple[int, str, str], flows: tuple[Floats, Floats], step: int) -> Floats:
        """Return a part after an update of (agent, from kind, to kind), given its parts by component."""
        agent, _, kind = change
        n = int(np.searchsorted(np.abs(self.nodes[agent][kind]), self.reach[step], side="right"))
        plus, minus = (
            apply_along(self.matrices[*change, component][:n, : flow.shape[agent]], flow, agent)
            for component, flow in zip((1, -1), flows, strict=True)
        )
        return plus + minus

    def mass(self, kinds: str, part: Floats) -> float:
        """Return the integral of a part."""
        for i in reversed(range(len(kinds))):
            part = part @ self.weights[i][kinds[i]][: part.shape[i]]
        return float(part)


def _by_size(nodes: Floats, weights: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(np.abs(nodes), kind="stable")
    return nodes[order], weights[order]


def _even_grid(problem: _Problem, fineness: float, reach: float) -> tuple[Floats, float]:
    """Return a grid about 0 on which densities and weights are resolved to `fineness`, and its spacing."""
    sd = problem.increments.sd
    spacing = min(weight_spacing(fineness), math.pi * sd / math.sqrt(-2 * math.log(fineness)))
    half = math.ceil(reach / spacing) + 4
    nodes = spacing * np.arange(-half, half + 1, dtype=np.float64)
    return _by_size(nodes, nodes)[0], spacing


def _reach(problem: _Problem, fineness: float) -> Floats:
    """Return how far log-odds come in 0..T steps but with probability `fineness`, were all arrivals from +1."""
    increments, m = problem.increments, problem.parameters.m

    def quantile(step: int) -> float:
        n_updates = np.arange(1, step + 1)
        chance = stats.binom.pmf(n_updates, step, 1 / m)
        mean, sd = increments.mean * n_updates, increments.sd * np.sqrt(n_updates)

        def excess(reach: float) -> float:
            return float((chance * stats.norm.sf((reach - mean) / sd)).sum()) - fineness / (
                10 * m * problem.horizon
            )

        return float(optimize.brentq(excess, 0.0, mean[-1] + 40 * sd[-1]))

    return np.array([0.0, *(quantile(step) for step in range(1, problem.horizon + 1))])


def _good_panels(problem: _Problem, start: float, reach: float, fineness: float) -> tuple[Floats, Floats]:
    """Return Gauss-Legendre nodes on [h/sigma^2, reach] and its mirror image, broken where a first update jumps."""
    mean, low = problem.increments.mean, problem.threshold
    jumps = [start + sign * mean * end for sign in (1, -1) for end in (NEAR_END, FAR_END)]
    top = max(reach, low + 1.0)
    order = max(8, math.ceil(-math.log(fineness) / 2.4))  # panels of width 4, singularities at distance pi
    sides = [
        gauss_panels([low, top, *(abs(x) for x in jumps if low < sign * x < top)], 4.0, order)
        for sign in (1, -1)
    ]
    nodes = np.concatenate([sides[0][0], -sides[1][0]])
    return _by_size(nodes, np.concatenate([sides[0][1], sides[1][1]]))


def _good_density(problem: _Problem, good: Floats, start: float, component: int) -> Floats:
    """Return the density at `good` after a first update by an arrival in the interval of the new side."""
    arrival = np.sign(good) * (good - start) / problem.increments.mean
    inside = (arrival >= NEAR_END) & (arrival <= FAR_END)
    density = np.where(inside, problem.increments.density(good - start, component), 0.0)
    return np.asarray(density[:, np.newaxis])


def _good_matrices(
    problem: _Problem, even: Floats, spacing: float, good: Floats, fineness: float
) -> Iterator[tuple[int, Floats]]:
    """Yield (component, matrix) from densities on the even grid to those after an update in the new side's interval.

    The integral over arrivals y in the interval, of the density at l' - 2 y/sigma^2, by Gauss-Legendre in y
    and sinc interpolation on the grid.
    """
    order = max(16, math.ceil(-math.log(fineness)), math.ceil(1.5 * problem.increments.mean / spacing))
    y, w = gauss_panels([NEAR_END, FAR_END], FAR_END - NEAR_END, order)
    for component in (1, -1):
        matrix = np.empty((good.size, even.size))
        for rows in _blocks(good.size):
            jump = np.sign(good[rows])[:, np.newaxis] * problem.increments.mean * y
            density = problem.increments.mean * w * problem.increments.density(jump, component)
            places = (good[rows][:, np.newaxis] - jump)[:, :, np.newaxis]
            matrix[rows] = np.einsum("aq,aqb->ab", density, np.sinc((places - even) / spacing))
        yield component, matrix


def _blocks(n: int) -> Iterator[slice]:
    """Yield slices of rows, so that tables of sinc stay small."""
    yield from (slice(first, first + _SINC_BLOCK) for first in range(0, n, _SINC_BLOCK))
