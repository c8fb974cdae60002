"""One backward step for functions of the log-odds and of which agents satisfy E_h (memory size 1).

An agent satisfies its part of E_h or not by its last arrival, so that the state is the log-odds of all agents and the
set S of those that do. Agents are exchangeable: a function that does not tell them apart is known from its values for
S = the first s agents, s = 0..m, as arrays over the points of a line for each agent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator

from mcpolar.chain import ChainState
from mcpolar.exact.kernel import Floats, Increments, apply_along, check_nodes, sender_weights
from mcpolar.exact.line import Line, polarized_breaks
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR_END, NEAR_END

Values = list[Floats]
"""For s = 0..m the values at the points, shape (n,) * m, where the first s agents satisfy E_h."""


@dataclass(frozen=True, eq=False)
class Backward:
    """The transition operator on functions, for one fineness.

    Attributes
    ----------
    line : Line
        The points of every agent.
    good, bad : tuple of ndarray
        For arrivals from +1 and from -1: matrices of an update after which the receiver satisfies E_h, or does not.
    chances : list of tuple of ndarray
        For receiver s the chances of an arrival from +1 and from -1 at all points.
    """

    m: int
    line: Line
    good: tuple[Floats, Floats]
    bad: tuple[Floats, Floats]
    chances: list[tuple[Floats, Floats]]

    @classmethod
    def make(
        cls, chain: ChainParameters, threshold: float, reach: float, order: int, extra: Floats
    ) -> Backward:
        """Return the operator with panels up to the reach; refuse what would not fit."""
        increments = Increments.of(chain)
        m = chain.m
        line = Line.make(increments, polarized_breaks(increments, threshold), reach, order, extra)
        check_nodes(line.points.size, m)
        (good_plus, bad_plus), (good_minus, bad_minus) = (
            line.moves(increments, c, threshold) for c in (1, -1)
        )
        chances = [sender_weights(chain, [line.points] * m, s) for s in range(m)]
        return cls(m, line, (good_plus, good_minus), (bad_plus, bad_minus), chances)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array of one s."""
        return (self.line.points.size,) * self.m

    def constant(self, value: float, top: float) -> Values:
        """Return the function with a value where E_h does not hold, and another (`top`) where it does."""
        return [np.full(self.shape, value) for _ in range(self.m)] + [np.full(self.shape, top)]

    def step(self, values: Values) -> Values:
        """Return E[f(next state)] for each state, of a function f.

        Its update overwrites the receiver's part in S, so that the sum over arrivals is wanted only for receivers
        outside S; one array of it for each s, with the receiver next after S, gives all others by exchanging axes.
        """
        received = [self._received(values, s) for s in range(self.m)]
        after = []
        for s in range(self.m + 1):
            from_outside = [np.swapaxes(received[s], s, i) for i in range(s, self.m)]
            from_inside = [np.swapaxes(received[s - 1], s - 1, i) for i in range(s)]
            after.append(np.asarray(sum(from_outside + from_inside) / self.m))
        return after

    def _received(self, values: Values, s: int) -> Floats:
        """Return the mean of f after an arrival to agent s, the agents before it being S."""
        found = np.zeros(self.shape)
        for c in range(2):
            moved = apply_along(self.bad[c], values[s], s)
            moved += apply_along(self.good[c], values[s + 1], s)
            moved *= self.chances[s][c]
            found += moved
        return found

    def step_transposed(self, masses: Values) -> Values:
        """Return the transposed operator's value: the masses whose integral of f is that of `step(f)` by `masses`."""
        after = [np.zeros(self.shape) for _ in range(self.m + 1)]
        for s in range(self.m):
            outside = [np.swapaxes(masses[s], s, i) for i in range(s, self.m)]
            inside = [np.swapaxes(masses[s + 1], s, i) for i in range(s + 1)]
            received = np.asarray(sum(outside + inside))
            for c in range(2):
                flow = self.chances[s][c] * received / self.m
                after[s] += apply_along(self.bad[c].T, flow, s)
                after[s + 1] += apply_along(self.good[c].T, flow, s)
        return after

    def unpolarized(self, step: Callable[[Values], Values]) -> LinearOperator:
        """Return `step` or `step_transposed` on the states without E_h, as an operator on flat arrays."""
        size = int(np.prod(self.shape))

        def apply(flat: Floats) -> Floats:
            values = [*np.reshape(flat, (self.m, *self.shape)), np.zeros(self.shape)]
            return np.concatenate([array.ravel() for array in step(values)[: self.m]])

        return LinearOperator((self.m * size, self.m * size), apply, dtype=np.float64)

    def place(self, state: ChainState, threshold: float) -> tuple[int, ...]:
        """Return where in the arrays a state is whose log-odds are extra points: agents in S come first."""
        good = [is_good(state, agent, threshold) for agent in range(self.m)]
        order = sorted(range(self.m), key=lambda agent: not good[agent])
        return tuple(self.line.index(float(state.log_odds[0, agent])) for agent in order)

    def at(self, values: Values, state: ChainState, threshold: float) -> float:
        """Return a function's value at a state whose log-odds are extra points."""
        n_good = sum(is_good(state, agent, threshold) for agent in range(self.m))
        return float(values[n_good][self.place(state, threshold)])


def is_good(state: ChainState, agent: int, threshold: float) -> bool:
    """Return whether an agent satisfies its part of E_h."""
    log_odds = float(state.log_odds[0, agent])
    own = np.sign(log_odds) * state.memory[0, agent, 0]
    return bool(abs(log_odds) >= threshold and NEAR_END <= own <= FAR_END)
