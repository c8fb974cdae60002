"""The law of populations that have not polarized yet: exact, memory size 1, and its limit, the quasi-stationary law."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from mcpolar.chain import ChainState
from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.exact.backward import Backward, Values, is_good
from mcpolar.exact.kernel import Floats, check_tolerance, reach_of_walk, refined
from mcpolar.exact.polarization import read_problem
from mcpolar.parameters import ChainParameters


@dataclass(frozen=True, eq=False)
class UnpolarizedLaw:
    """The law given that E_h has not held at the steps 0..T.

    Attributes
    ----------
    hazard : ndarray, shape (T,)
        P(E_h holds first at step t | not before), t = 1..T: as t grows, the decay rate of the quasi-stationary law.
    hazard_error : ndarray, shape (T,)
        The change by the last refinement: an estimate, not a certificate.
    edges : ndarray, shape (n + 1,)
        Ends of cells of an agent's log-odds; the first and last cell reach to infinity.
    mass : ndarray, shape (n,)
        Probability of each cell at step T, for an agent taken at random.
    satisfying : ndarray, shape (m,)
        Probability that s = 0..m-1 agents satisfy their part of E_h at step T.
    """

    hazard: Floats
    hazard_error: Floats
    edges: Floats
    mass: Floats
    satisfying: Floats


def unpolarized_law(
    chain: ChainParameters,
    state: ChainState,
    steps: int,
    *,
    level: Decimal | str | float = 1,
    tolerance: float = 1e-6,
) -> UnpolarizedLaw:
    """Return the law of populations without E_h after `steps` steps, and its hazard at each (r = 1).

    The masses at the points go forward by the transposed of the transition operator on states without E_h, and are
    scaled to 1 after every step, so that nothing underflows. The limit for many steps is the quasi-stationary law,
    where there is one. There need not be: the space is unbounded, and one agent that has long missed E_1 has only
    drifted outwards (its hazard tends to P, its log-odds to infinity). Hence the law at a step, from a start,
    which always exists; compare two steps to see whether it has come to its limit.

    Parameters
    ----------
    chain : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    state : ChainState
        One replica, not in E_h.
    steps : int
        T > 0.
    level : Decimal, str, int or float
        h > 0.
    tolerance : float
        Panels are refined until the hazard's changes are below it, as far as they fit into memory.

    Raises
    ------
    InputError
        If an argument is not allowed or the panels would not fit into memory.

    Examples
    --------
    >>> start = ChainState.from_arrays([0.0], [[0.0]])
    >>> found = unpolarized_law(ChainParameters(m=1, r=1, sigma="1"), start, 40)
    >>> round(float(found.hazard[-1]), 5)  # P = erf(1/(2 sqrt 2))
    0.38292
    """
    horizon = whole_number("steps", steps, 1, 10**5)
    goal = check_tolerance(tolerance)
    increments, threshold = read_problem(chain, state, level)
    good = [is_good(state, agent, threshold) for agent in range(chain.m)]
    if all(good):
        raise InputError("state", "a state in E_h", "one in which E_h does not hold")
    farthest = float(np.abs(state.log_odds).max())
    reach = threshold + farthest + reach_of_walk(increments, chain.m, horizon)
    finest: list[tuple[Backward, Values]] = []

    def solve(order: int, factor: float) -> Floats:
        operator = Backward.make(chain, threshold, factor * reach, order, state.log_odds)
        masses = operator.constant(0.0, 0.0)
        masses[sum(good)][operator.place(state, threshold)] = 1.0
        hazard = np.empty(horizon)
        for step in range(horizon):
            masses = operator.step_transposed(masses)
            hazard[step] = masses.pop().sum()
            total = sum(float(mass.sum()) for mass in masses)
            masses = [*(mass / total for mass in masses), np.zeros(operator.shape)]
        finest[:] = [(operator, masses)]
        return hazard

    hazard, error = refined(solve, goal, chain.m)
    return UnpolarizedLaw(hazard, error, *_summary(*finest[0]))


def _summary(operator: Backward, masses: Values) -> tuple[Floats, Floats, Floats]:
    """Return cells, the mass of each for an agent taken at random, and the law of how many satisfy E_h."""
    line = operator.line
    by_axis = [
        sum(mass.sum(axis=tuple(j for j in range(operator.m) if j != i)) for mass in masses)
        for i in range(operator.m)
    ]
    at_points = np.mean(by_axis, axis=0)
    cells = np.add.reduceat(at_points[: line.n_nodes], np.arange(0, line.n_nodes, line.order))
    starts = line.points[line.n_nodes :]  # agents not updated yet are atoms there
    np.add.at(cells, np.searchsorted(line.edges, starts) - 1, at_points[line.n_nodes :])
    edges = line.edges.copy()
    edges[[0, -1]] = -np.inf, np.inf
    return edges, cells, np.array([mass.sum() for mass in masses[:-1]])
