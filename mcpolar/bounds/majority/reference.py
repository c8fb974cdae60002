"""Reference agents (U0) as finite chains: two sub-stochastic matrices, and the log-odds that each state stands for.

A reference agent's draw is "up" with chance rho, the barrier's value, whatever the population does. All roundings of
its law are downward: cells to their lower ends, chances of draws to doubles below them; what is lost counts as dead.
Sums of products of non-negative doubles err by a relative 2^-53 for each rounding on the way, so that a law of this
module is at most (1 + 2^-53)^roundings times the exact one of the chain with the matrices' doubles.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.balls import START_BITS, Ball, ball, working_precision
from mcpolar.bounds.polarization.doubles import double_above, double_below

Floats = NDArray[np.float64]
UNIT = 2.0**-53
TINY, SLIVER = 1e-290, 1e-280
"""Masses below TINY are dropped; all of them, and what underflow can add, are less than SLIVER."""
TAIL = 1e-10
"""Chance of more rings in an interval than are followed; it counts as lost."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A finite chain below one reference agent.

    Attributes
    ----------
    matrix : csr_array
        Pattern of a step: column from, row to.
    up, down : ndarray
        Its entries for an up and for a down draw.
    log_odds : ndarray, shape (n_states,)
        A lower bound on the agent's log-odds in each state.
    is_full : ndarray of bool, shape (n_states,)
        Whether all memory is in the class of component +1.
    most_rings : int
        Products that one entry of a step sums at most, and the roundings of its factors.
    """

    matrix: sparse.csr_array
    up: Floats
    down: Floats
    log_odds: Floats
    is_full: NDArray[np.bool_]
    most_terms: int

    @classmethod
    def of(
        cls, up: sparse.coo_array, down: sparse.coo_array, log_odds: Floats, is_full: NDArray[np.bool_]
    ) -> Reference:
        """Join the two matrices on one pattern."""
        both = sparse.csr_array(up + 1j * down)
        pattern = sparse.csr_array((both.data.real.copy(), both.indices, both.indptr), shape=both.shape)
        most = int(np.diff(both.indptr).max()) + 8
        return cls(pattern, both.data.real.copy(), both.data.imag.copy(), log_odds, is_full, most)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return self.log_odds.size

    def evolve(self, laws: Floats, mask: Floats, rho: float, rings: Rings) -> Floats:
        """Return the laws at the end of an interval, of the paths that stay where `mask` is 1.

        `rho` and 1 - rho must be doubles exactly.
        """
        np.multiply(self.up, rho, out=self.matrix.data)
        self.matrix.data += (1.0 - rho) * self.down
        current = np.where(laws < TINY, 0.0, laws) * mask
        found = rings.chances[0] * current
        part = np.empty_like(found)
        for chance in rings.chances[1:]:
            current = self.matrix @ current
            current *= mask
            found += np.multiply(current, chance, out=part)
        return found

    def roundings(self, rings: Rings) -> int:
        """Return how many roundings an interval adds at most."""
        return len(rings.chances) * (self.most_terms + 3)


@dataclass(frozen=True)
class Rings:
    """The chances of 0, 1, 2, … rings of an agent's clock in an interval, from below, and the rest from above."""

    length: float
    chances: tuple[float, ...]
    rest: float

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, length: float) -> Rings:
        """Follow so many rings that the rest is below :data:`TAIL`."""
        with working_precision(START_BITS):
            exact = ball(Fraction(length))
            term, rest = (-exact).exp(), ball(1)
            chances: list[float] = []
            while True:
                chances.append(double_below(term))
                rest -= ball(Fraction(chances[-1]))
                if bool(rest < ball(Fraction(TAIL))):
                    return cls(length, tuple(chances), double_above(rest))
                term *= exact / len(chances)


def normal_between(low: Fraction | None, high: Fraction | None) -> Ball:
    """P(low < Z < high) of a standard normal, as a ball; None is no end."""
    root = ball(2).sqrt()

    def above(end: Fraction) -> Ball:
        return (ball(end) / root).erfc() / 2

    def below(end: Fraction) -> Ball:
        return (-ball(end) / root).erfc() / 2

    if low is None:
        return ball(1) if high is None else below(high)
    if high is None:
        return above(low)
    return above(low) - above(high) if low > 0 else below(high) - below(low)
