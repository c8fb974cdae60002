"""The exact probability that no agent changes its silo, for memory size 1 and a few agents."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from mcpolar.errors import InputError
from mcpolar.exact.kernel import (
    Floats,
    Increments,
    apply_along,
    check_nodes,
    check_tolerance,
    gauss_panels,
    sender_weights,
)
from mcpolar.parameters import ChainParameters, whole_number

_MOST_REFINEMENTS = 4


@dataclass(frozen=True, eq=False)
class SiloSurvival:
    """How long all agents keep their silos, from one state.

    Attributes
    ----------
    steps : ndarray of int64, shape (T + 1,)
        0, 1, ..., T.
    survival : ndarray, shape (T + 1,)
        P(no agent changed its silo at the steps 1..t).
    left_by : ndarray, shape (T + 1, m)
        P(the first change came by step t, and was that of agent i); with the survival the sum is 1.
    error : ndarray, shape (T + 1,)
        The change by the last refinement: an estimate, not a certificate.
    nodes : int
        Quadrature nodes of an agent.
    """

    steps: np.ndarray
    survival: Floats
    left_by: Floats
    error: Floats
    nodes: int


def silo_survival(
    parameters: ChainParameters, log_odds: ArrayLike, steps: int, *, tolerance: float = 1e-8
) -> SiloSurvival:
    """Return the law of the first change of a silo, by backward quadrature (r = 1).

    u_t(l), the probability of no change in t steps from l, is smooth on the orthant of the start's signs and
    satisfies u_{t+1} = K u_t with the part K of the transition operator that stays there: Gauss-Legendre
    panels on (0, R) for each agent's own-side log-odds, beyond which u_t is taken as constant. With m = 2 and
    one agent on each side the first change is consensus, on the side of the agent that stayed.

    Parameters
    ----------
    parameters : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    log_odds : array_like, shape (m,)
        The start, no entry 0.
    steps : int
        T.
    tolerance : float
        Panels are refined until the estimated error is below it, at most four times.

    Returns
    -------
    SiloSurvival

    Raises
    ------
    InputError
        If an argument is not allowed or the grids would not fit into memory.

    Examples
    --------
    >>> found = silo_survival(ChainParameters(m=1, r=1, sigma="1"), [0.5], 2)
    >>> found.survival.round(7)
    array([1.       , 0.6422577, 0.5720133])
    """
    horizon = whole_number("steps", steps, 0, 10**6)
    goal = check_tolerance(tolerance)
    increments = Increments.of(parameters)
    start = np.asarray(log_odds, dtype=np.float64)
    if start.shape != (parameters.m,) or not np.isfinite(start).all() or (start == 0).any():
        raise InputError("log_odds", log_odds, f"{parameters.m} finite numbers, none of them 0")
    problem = _Problem(parameters, increments, start, horizon)
    order, reach = 5, _reach(increments, parameters.m, horizon)
    before, _ = problem.solve(order, reach)
    for _ in range(_MOST_REFINEMENTS):
        order, reach = order + 2, 1.25 * reach
        found, nodes = problem.solve(order, reach)
        error = np.abs(found - before).max(axis=1)  # of the survival and of who left first
        if error.max() <= goal:
            break
        before = found
    return SiloSurvival(np.arange(horizon + 1), found[:, 0], found[:, 1:], error, nodes)


def _reach(increments: Increments, m: int, horizon: int) -> float:
    """Return a distance from 0 that few paths without drift come back from in the time there is."""
    return 6 * math.hypot(increments.mean, increments.sd) * math.sqrt(1 + horizon / m) + 4 * increments.sd


@dataclass(frozen=True, eq=False)
class _Problem:
    """The chain, its start and the horizon; `solve` does the work at one fineness."""

    parameters: ChainParameters
    increments: Increments
    start: Floats
    horizon: int

    def solve(self, order: int, reach: float) -> tuple[Floats, int]:
        """Return (survival and who left first) at the start for 0..T, shape (T + 1, 1 + m), and the nodes."""
        m, side = self.parameters.m, np.sign(self.start)
        own, weights = [], []
        for value in np.abs(self.start):
            x, w = gauss_panels([0.0, max(reach, 1.5 * value)], 4.0, order)
            own.append(np.append(x, value))  # the start is a node of weight 0, so that it is evaluated too
            weights.append(np.append(w, 0.0))
        check_nodes(own[0].size, m)
        chances = [sender_weights(self.parameters, [side[i] * own[i] for i in range(m)], i) for i in range(m)]
        moves = [_moves(self.increments, own[i], weights[i], side[i]) for i in range(m)]
        losses = [_out(self.increments, own[i], chances[i], side[i], i) / m for i in range(m)]

        def one_step(value: Floats) -> Floats:
            terms = (chances[i][c] * apply_along(moves[i][c], value, i) for i in range(m) for c in range(2))
            return np.asarray(sum(terms) / m)

        values = np.zeros((m + 1, *(axis.size for axis in own)))
        values[0] = 1.0
        found = np.empty((self.horizon + 1, m + 1))
        for step in range(self.horizon + 1):
            if step:
                values = np.stack([one_step(value) for value in values])
                for i in range(m):
                    values[1 + i] += losses[i]
            found[step] = values.reshape(m + 1, -1)[:, -1]  # the start is the last node of every axis
        return found, own[0].size


def _moves(increments: Increments, own: Floats, weights: Floats, side: float) -> tuple[Floats, Floats]:
    """Return the matrices of a move on the own side by an arrival from +1 and from -1; rows are where from."""
    found = []
    for component in (1, -1):
        matrix = weights * increments.density(side * (own - own[:, np.newaxis]), component)
        far = int(own[:-1].argmax())
        matrix[:, far] += ndtr((own + side * component * increments.mean - _end(own)) / increments.sd)
        found.append(matrix)
    return found[0], found[1]


def _end(own: Floats) -> float:
    """Return the end of the panels: the nodes are symmetric in the last panel."""
    return float(own[:-1].max() + own[:-1].min())


def _out(
    increments: Increments, own: Floats, chances: tuple[Floats, Floats], side: float, agent: int
) -> Floats:
    """Return the chance that an update of the agent takes it to the other side."""
    shape = tuple(-1 if j == agent else 1 for j in range(chances[0].ndim))
    return np.asarray(
        sum(
            chance * ndtr(-(own + side * component * increments.mean) / increments.sd).reshape(shape)
            for component, chance in zip((1, -1), chances, strict=True)
        )
    )
