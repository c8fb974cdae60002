"""The exact probability that no agent changes its silo, for memory size 1 and a few agents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.exact.kernel import (
    Floats,
    Increments,
    apply_along,
    check_nodes,
    check_tolerance,
    reach_of_walk,
    refined,
    sender_weights,
)
from mcpolar.exact.line import Line
from mcpolar.parameters import ChainParameters
from mcpolar.results import Drawn


@dataclass(frozen=True, eq=False)
class SiloSurvival(Drawn):
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
    """

    steps: np.ndarray
    survival: Floats
    left_by: Floats
    error: Floats


def silo_survival(
    chain: ChainParameters, log_odds: ArrayLike, steps: int, *, tolerance: float = 1e-8
) -> SiloSurvival:
    """Return the law of the first change of a silo, by backward quadrature (r = 1).

    u_t(l), the probability of no change in t steps from l, is smooth on the orthant of the start's signs and
    satisfies u_{t+1} = K u_t with the part K of the transition operator that stays there, on the panels of a
    :class:`~mcpolar.exact.line.Line`. With m = 2 and one agent on each side the first change is consensus, on the
    side of the agent that stayed.

    Parameters
    ----------
    chain : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    log_odds : array_like, shape (m,)
        The start, no entry 0.
    steps : int
        T.
    tolerance : float
        Panels are refined until the estimated error is below it, as far as they fit into memory.

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
    increments = Increments.of(chain)
    start = np.asarray(log_odds, dtype=np.float64)
    if start.shape != (chain.m,) or not np.isfinite(start).all() or (start == 0).any():
        raise InputError("log_odds", log_odds, f"{chain.m} finite numbers, none of them 0")
    reach = float(np.abs(start).max()) + reach_of_walk(increments, chain.m, horizon)

    def solve(order: int, factor: float) -> Floats:
        return _curves(chain, Line.make(increments, [], factor * reach, order, start), start, horizon)

    found, error = refined(solve, goal, chain.m)
    return SiloSurvival(np.arange(horizon + 1), found[:, 0], found[:, 1:], error.max(axis=1))


def _curves(chain: ChainParameters, line: Line, start: Floats, horizon: int) -> Floats:
    """Return survival and who left first, from the start, for 0..T: shape (T + 1, 1 + m)."""
    m, increments = chain.m, Increments.of(chain)
    own = [np.flatnonzero(line.points * value > 0) for value in start]  # the points on each agent's side
    points = [line.points[places] for places in own]
    check_nodes(max(places.size for places in own), m)
    whole = [line.moves(increments, component)[1] for component in (1, -1)]
    chances = [sender_weights(chain, points, i) for i in range(m)]
    moves = [[matrix[np.ix_(places, places)] for matrix in whole] for places in own]
    losses = [_out(increments, points[i], chances[i], float(np.sign(start[i])), i) / m for i in range(m)]
    here = tuple(int(np.searchsorted(own[i], line.index(float(start[i])))) for i in range(m))

    def one_step(value: Floats) -> Floats:
        terms = (chances[i][c] * apply_along(moves[i][c], value, i) for i in range(m) for c in range(2))
        return np.asarray(sum(terms) / m)

    values = [np.ones([places.size for places in own]), *(0 * loss for loss in losses)]
    found = np.empty((horizon + 1, m + 1))
    for step in range(horizon + 1):
        if step:
            values = [one_step(values[0]), *(one_step(values[1 + i]) + losses[i] for i in range(m))]
        found[step] = [value[here] for value in values]
    return found


def _out(
    increments: Increments, points: Floats, chances: tuple[Floats, Floats], side: float, agent: int
) -> Floats:
    """Return the chance that an update of the agent takes it to the other side: a tail, to all its digits."""
    shape = tuple(-1 if j == agent else 1 for j in range(chances[0].ndim))
    tails = (ndtr(-side * (points + c * increments.mean) / increments.sd) for c in (1, -1))
    return np.asarray(sum(chance * tail.reshape(shape) for chance, tail in zip(chances, tails, strict=True)))
