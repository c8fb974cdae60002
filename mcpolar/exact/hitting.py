"""When and how a few agents polarize first: exact hitting of E_h, memory size 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

import numpy as np
from scipy.sparse.linalg import LinearOperator, bicgstab

from mcpolar.chain import ChainState
from mcpolar.checks import whole_number
from mcpolar.errors import PrecisionError
from mcpolar.exact.backward import Backward, Values
from mcpolar.exact.kernel import Floats, Increments, check_tolerance, refined
from mcpolar.exact.polarization import read_problem
from mcpolar.parameters import ChainParameters

_UPDATES = 40
"""Updates without drift, were they all in one direction, within the first reach; refinement measures what is lost."""


@dataclass(frozen=True, eq=False)
class PolarizedHitting:
    """The first step at which E_h holds, and how the population is then.

    Attributes
    ----------
    mean_time : float
        Mean of the first step with E_h; it comes almost surely (T1').
    consensus_plus, consensus_minus, bipolar : float
        Committors: the probability that E_h first holds with all agents on the side of +1, all on that of -1, or
        agents on both. The last is computed by itself, not as what is left.
    errors : tuple of float
        Of these four: the change by the last refinement and, for the committors, what their sum is off 1:
        estimates, not certificates.
    steps : ndarray of int64, shape (T + 1,)
        0, 1, ..., T.
    reached : ndarray, shape (T + 1,)
        P(E_h held at a step up to t).
    reached_error : ndarray, shape (T + 1,)
        The change by the last refinement.
    """

    mean_time: float
    consensus_plus: float
    consensus_minus: float
    bipolar: float
    errors: tuple[float, float, float, float]
    steps: np.ndarray
    reached: Floats
    reached_error: Floats


def polarized_hitting(
    chain: ChainParameters,
    state: ChainState,
    steps: int = 0,
    *,
    level: Decimal | str | float = 1,
    tolerance: float = 1e-6,
) -> PolarizedHitting:
    """Return mean time, committors and distribution of the first step with E_h, by quadrature (r = 1).

    With K the transition operator on states without E_h, a function of log-odds and of who satisfies E_h, the mean
    time solves (1 - K) T = 1, a committor (1 - K) q = P(the next state is in E_h of that kind); the distribution is
    iterated. Log-odds are not bounded before E_h, since another agent may be undecided; but far out functions are flat
    (weights are within e^-l of 1, and agents rarely come back before E_h), so that they are taken as constant beyond
    a reach that the refinement makes longer, too: what that loses is part of the error estimate.

    Parameters
    ----------
    chain : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    state : ChainState
        One replica: where the chain starts.
    steps : int
        T, for the distribution.
    level : Decimal, str, int or float
        h > 0.
    tolerance : float
        Panels are refined until the changes are below it (relative to times above 1), as far as they fit into memory.

    Returns
    -------
    PolarizedHitting

    Raises
    ------
    InputError
        If an argument is not allowed or the panels would not fit into memory.
    PrecisionError
        If the linear solver does not converge.

    Examples
    --------
    >>> start = ChainState.from_arrays([0.0, 0.0], [[0.0], [0.0]])
    >>> found = polarized_hitting(ChainParameters(m=2, r=1, sigma="1"), start, tolerance=1e-4)
    >>> round(found.mean_time, 3), round(found.bipolar, 4)
    (13.035, 0.1764)
    """
    horizon = whole_number("steps", steps, 0, 10**5)
    goal = check_tolerance(tolerance)
    increments, threshold = read_problem(chain, state, level)
    reach = _reach(increments, threshold) + float(np.abs(state.log_odds).max())

    mirrored = ChainState.from_arrays(-state.log_odds, -state.memory)
    points = np.concatenate([state.log_odds, mirrored.log_odds])

    def solve(order: int, factor: float) -> Floats:
        operator = Backward.make(chain, threshold, factor * reach, order, points)

        def here(values: Values) -> float:
            return operator.at(values, state, threshold)

        plus, both = _ends(operator)
        to_plus = _solved(operator, 0.0, plus, goal)
        found = [here(_solved(operator, 1.0, np.zeros(operator.shape), goal)), here(to_plus)]
        found.append(
            operator.at(to_plus, mirrored, threshold)
        )  # to minus from here is to plus from the mirror image
        found.append(here(_solved(operator, 0.0, both, goal)))
        return np.array(found + _curve(operator, here, horizon))

    return _record(*refined(solve, goal, chain.m), horizon)


def _record(found: Floats, error: Floats, horizon: int) -> PolarizedHitting:
    """Return the record; what the committors lack of 1 together adds to the error of each."""
    lost = float(abs(1 - found[1:4].sum()))
    mean_time, plus, minus, both = (float(value) for value in found[:4])
    time_error, plus_error, minus_error, both_error = (float(one) for one in error[:4])
    errors = (time_error, plus_error + lost, minus_error + lost, both_error + lost)
    return PolarizedHitting(
        mean_time, plus, minus, both, errors, np.arange(horizon + 1), found[4:], error[4:]
    )


def _ends(operator: Backward) -> tuple[Floats, Floats]:
    """Return indicators of all agents on the side of +1, and of agents on both sides: arrays over the points."""
    plus, minus = (_of_all(operator, side * operator.line.points > 0) for side in (1, -1))
    return plus, 1 - plus - minus


def _of_all(operator: Backward, holds: np.ndarray) -> Floats:
    return np.asarray(reduce(np.multiply.outer, [holds.astype(np.float64)] * operator.m))


def _solved(operator: Backward, gain: float, end: Floats, tolerance: float) -> Values:
    """Return the function that is `end` where E_h holds, and elsewhere what it is a step later, plus `gain`."""
    right = operator.step([np.zeros(operator.shape) for _ in range(operator.m)] + [end])[: operator.m]
    flat = np.concatenate([array.ravel() for array in right]) + gain
    moved = operator.unpolarized(operator.step)
    residual = LinearOperator(moved.shape, lambda v: v - moved.matvec(v), dtype=np.float64)
    found, status = bicgstab(residual, flat, rtol=max(1e-2 * tolerance, 1e-13), atol=0.0, maxiter=2000)
    if status != 0:
        raise PrecisionError("the hitting of E_h did not converge: take a smaller level or a larger sigma")
    return [*np.reshape(found, (operator.m, *operator.shape)), end]


def _curve(operator: Backward, here: Callable[[Values], float], horizon: int) -> list[float]:
    """Return P(E_h by t) for t = 0..horizon."""
    values = operator.constant(0.0, 1.0)
    found = [here(values)]
    for _ in range(horizon):
        values = [*operator.step(values)[: operator.m], values[-1]]
        found.append(here(values))
    return found


def _reach(increments: Increments, threshold: float) -> float:
    return threshold + _UPDATES * float(np.hypot(increments.mean, increments.sd))
