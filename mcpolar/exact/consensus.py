"""The exact probability that all agents come to share one silo, and on which side, for memory size 1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

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
class ConsensusCurve(Drawn):
    """How likely all agents have shared one silo by each step.

    Attributes
    ----------
    steps : ndarray of int64, shape (T + 1,)
        0, 1, ..., T.
    plus, minus : ndarray, shape (T + 1,)
        P(the agents have all been in one silo at a step up to t, first in that of +1, or of -1).
    none : ndarray, shape (T + 1,)
        P(they have not), computed by itself.
    error : ndarray, shape (T + 1,)
        The largest change of the three by the last refinement: an estimate, not a certificate.
    """

    steps: np.ndarray
    plus: Floats
    minus: Floats
    none: Floats
    error: Floats


def consensus_probabilities(
    chain: ChainParameters, log_odds: ArrayLike, steps: int, *, tolerance: float = 1e-8
) -> ConsensusCurve:
    """Return the law of the first consensus, by backward quadrature (r = 1).

    The committor of consensus on either side, on a horizon, which matters: two agents that disagree have no drift,
    without a mirror, so that P(no consensus by t) falls like 1/t and the mean time is infinite; with a mirror
    above 1/2 they drift apart, and consensus may never come.

    Parameters
    ----------
    chain : ChainParameters
        With r = 1, m >= 2 and no k-restriction (`mirror` is allowed).
    log_odds : array_like, shape (m,)
        The start; an agent at 0 is in the silo of -1.
    steps : int
        T.
    tolerance : float
        Panels are refined until the estimated error is below it, as far as they fit into memory.

    Returns
    -------
    ConsensusCurve

    Raises
    ------
    InputError
        If an argument is not allowed or the panels would not fit into memory.

    Examples
    --------
    >>> found = consensus_probabilities(ChainParameters(m=2, r=1, sigma="1"), [0.0, 1.0], 4)
    >>> found.plus.round(4), found.minus.round(4)
    (array([0.    , 0.2894, 0.4253, 0.4975, 0.5391]), array([0.    , 0.1535, 0.2225, 0.2603, 0.2833]))
    """
    horizon = whole_number("steps", steps, 0, 10**6)
    goal = check_tolerance(tolerance)
    increments = Increments.of(chain)
    start = np.asarray(log_odds, dtype=np.float64)
    if start.shape != (chain.m,) or not np.isfinite(start).all():
        raise InputError("log_odds", log_odds, f"{chain.m} finite numbers")
    reach = float(np.abs(start).max()) + reach_of_walk(increments, chain.m, horizon)

    def solve(order: int, factor: float) -> Floats:
        return _curves(chain, Line.make(increments, [], factor * reach, order, start), start, horizon)

    found, error = refined(solve, goal, chain.m)
    return ConsensusCurve(np.arange(horizon + 1), found[0], found[1], found[2], error.max(axis=0))


def _curves(chain: ChainParameters, line: Line, start: Floats, horizon: int) -> Floats:
    """Return P(first consensus is + by t), - and none, shape (3, T + 1)."""
    m, increments = chain.m, Increments.of(chain)
    check_nodes(line.points.size, m)
    moves = [line.moves(increments, component)[1] for component in (1, -1)]
    chances = [sender_weights(chain, [line.points] * m, i) for i in range(m)]
    plus, minus = (
        reduce(np.multiply.outer, [holds.astype(np.float64)] * m)
        for holds in (line.points > 0, line.points <= 0)
    )
    is_open = plus + minus == 0
    values = np.stack([plus, minus, is_open.astype(np.float64)])
    here = tuple(line.index(float(value)) for value in start)
    found = np.empty((3, horizon + 1))
    for step in range(horizon + 1):
        if step:
            for value in values:
                terms = (chances[i][c] * apply_along(moves[c], value, i) for i in range(m) for c in range(2))
                np.copyto(value, sum(terms) / m, where=is_open)
        found[:, step] = [value[here] for value in values]
    return found
