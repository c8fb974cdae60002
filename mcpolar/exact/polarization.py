"""The exact probability that E_h holds at step t, for memory size 1 and a few agents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from mcpolar.chain import ChainState, level_log_odds
from mcpolar.chain.levels import LARGEST_LEVEL
from mcpolar.checks import exact_decimal, whole_number
from mcpolar.errors import InputError
from mcpolar.exact.backward import Backward
from mcpolar.exact.kernel import Floats, Increments, check_tolerance, reach_of_walk, refined
from mcpolar.parameters import ChainParameters
from mcpolar.results import Drawn


@dataclass(frozen=True, eq=False)
class ExactCurve(Drawn):
    """Probabilities of an event at the steps 0..T.

    Attributes
    ----------
    steps : ndarray of int64, shape (T + 1,)
        0, 1, ..., T.
    probability : ndarray, shape (T + 1,)
        On the finest panels.
    error : ndarray, shape (T + 1,)
        The change by the last refinement, of panels and reach: an estimate, not a certificate.
    """

    steps: np.ndarray
    probability: Floats
    error: Floats


def polarized_probabilities(
    chain: ChainParameters,
    state: ChainState,
    steps: int,
    *,
    level: Decimal | str | float = 1,
    tolerance: float = 1e-8,
) -> ExactCurve:
    """Return P(E_h at t) for t = 0..steps, by backward quadrature of the transition operator (r = 1).

    u_t(l, S), the probability of E_h in t steps from log-odds l where the agents in S satisfy E_h, is u_0 = 1{S = all}
    and u_{t+1} = K u_t. It is piecewise analytic in each agent's log-odds and flat far out, so that the panels of a
    :class:`~mcpolar.exact.line.Line` resolve it for any T, and their number grows like log T.

    Parameters
    ----------
    chain : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    state : ChainState
        One replica: where the chain starts.
    steps : int
        T; the cost grows with T, and like the number of points to the power m + 1.
    level : Decimal, str, int or float
        h > 0.
    tolerance : float
        Panels are refined until the estimated error is below it, as far as they fit into memory.

    Returns
    -------
    ExactCurve

    Raises
    ------
    InputError
        If an argument is not allowed or the panels would not fit into memory.

    Examples
    --------
    >>> chain = ChainParameters(m=1, r=1, sigma="1")
    >>> found = polarized_probabilities(chain, ChainState.from_arrays([0.0], [[1.0]]), 3)
    >>> found.probability.round(7)
    array([0.       , 0.4435225, 0.370355 , 0.3746185])
    """
    horizon = whole_number("steps", steps, 0, 10**5)
    goal = check_tolerance(tolerance)
    increments, threshold = read_problem(chain, state, level)
    farthest = float(np.abs(state.log_odds).max())
    reach = threshold + farthest + reach_of_walk(increments, chain.m, horizon)

    def solve(order: int, factor: float) -> Floats:
        operator = Backward.make(chain, threshold, factor * reach, order, state.log_odds)
        values = operator.constant(0.0, 1.0)
        found = np.empty(horizon + 1)
        for step in range(horizon + 1):
            if step:
                values = operator.step(values)
            found[step] = operator.at(values, state, threshold)
        return found

    return ExactCurve(np.arange(horizon + 1), *refined(solve, goal, chain.m))


def read_problem(
    chain: ChainParameters, state: ChainState, level: Decimal | str | float
) -> tuple[Increments, float]:
    """Return the increments and h/sigma^2; refuse other than one replica with memory size 1."""
    increments = Increments.of(chain)
    state.require(chain)
    if state.n_replicas != 1:
        raise InputError("state", f"{state.n_replicas} replicas", "of one replica")
    return increments, read_threshold(chain, level)


def read_threshold(chain: ChainParameters, level: Decimal | str | float) -> float:
    """Return h/sigma^2, rounded down as the event is decided; refuse h <= 0."""
    exact_decimal("level", level, Decimal("1e-9"), LARGEST_LEVEL)
    return level_log_odds(chain, level, "down")
