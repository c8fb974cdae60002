"""How an undecided population decides: exact exit of the box |l_i| < h/sigma^2, memory size 1, a few agents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.linalg import LinearOperator, eigs, gmres
from scipy.special import ndtr

from mcpolar.chain import level_log_odds
from mcpolar.chain.levels import LARGEST_LEVEL
from mcpolar.checks import exact_decimal
from mcpolar.errors import InputError, PrecisionError
from mcpolar.exact.kernel import (
    Floats,
    Increments,
    apply_along,
    check_nodes,
    check_tolerance,
    gauss_panels,
    sender_weights,
)
from mcpolar.parameters import ChainParameters

_MOST_REFINEMENTS = 4
_PANEL = 2.0


@dataclass(frozen=True, eq=False)
class UndecidedExit:
    """The exit of the box in which every agent is undecided, |l_i| < h/sigma^2.

    Attributes
    ----------
    mean_time : float
        Mean number of steps until the first agent is decided.
    plus_probability : float
        Committor: the probability that this agent is decided for component +1.
    decay_rate : float
        Quasi-stationary: the probability a step that the box is left, given that it was not for long.
    log_odds, distribution : ndarray, shape (n,)
        Nodes for one agent's log-odds, and the quasi-stationary density of agent 0 at them.
    errors : tuple of float
        Changes of mean_time, plus_probability and decay_rate by the last refinement: estimates.
    """

    mean_time: float
    plus_probability: float
    decay_rate: float
    log_odds: Floats
    distribution: Floats
    errors: tuple[float, float, float]


def undecided_exit(
    chain: ChainParameters,
    log_odds: ArrayLike,
    *,
    level: Decimal | str | float = 1,
    tolerance: float = 1e-9,
) -> UndecidedExit:
    """Return mean time, committor and quasi-stationary law of the exit of the undecided box (r = 1).

    Nystrom's method: with K the transition operator inside the box, on Gauss-Legendre panels, the mean time
    solves (1 - K) T = 1 and the committor (1 - K) q = P(out on the + side); the quasi-stationary density is
    the left eigenvector of K for its largest eigenvalue 1 - decay_rate.

    Parameters
    ----------
    chain : ChainParameters
        With r = 1 and no k-restriction (`mirror` is allowed).
    log_odds : array_like, shape (m,)
        The start, inside the box.
    level : Decimal, str, int or float
        h > 0.
    tolerance : float
        Panels are refined until the relative changes are below it, at most four times.

    Returns
    -------
    UndecidedExit

    Raises
    ------
    InputError
        If an argument is not allowed or the grids would not fit into memory.
    PrecisionError
        If a linear solver does not converge.

    Examples
    --------
    >>> found = undecided_exit(ChainParameters(m=2, r=1, sigma="1"), [0.0, 0.0], level=3)
    >>> round(found.plus_probability, 9)
    0.5
    """
    goal = check_tolerance(tolerance)
    increments = Increments.of(chain)
    exact_decimal("level", level, Decimal("1e-9"), LARGEST_LEVEL)
    edge = level_log_odds(chain, level, "down")
    start = np.asarray(log_odds, dtype=np.float64)
    if start.shape != (chain.m,) or not (np.abs(start) < edge).all():
        raise InputError("log_odds", log_odds, f"{chain.m} numbers in size below h/sigma^2 = {edge:.6g}")
    order = 6
    before = _Box.make(chain, increments, start, edge, order).solve()
    for _ in range(_MOST_REFINEMENTS):
        order += 2
        box = _Box.make(chain, increments, start, edge, order)
        found = box.solve()
        errors = [abs(new - old) for new, old in zip(found[:3], before[:3], strict=True)]
        if all(error <= goal * abs(value) for error, value in zip(errors, found[:3], strict=True)):
            break
        before = found
    nodes = box.axes[0][:-1]
    return UndecidedExit(*found[:3], nodes, found[3], (errors[0], errors[1], errors[2]))


@dataclass(frozen=True, eq=False)
class _Box:
    """The transition operator inside the box on a product grid; the start is the last node of each axis."""

    axes: list[Floats]
    weights: list[Floats]
    moves: list[list[Floats]]
    chances: list[tuple[Floats, Floats]]
    out_plus: Floats

    @classmethod
    def make(
        cls, chain: ChainParameters, increments: Increments, start: Floats, edge: float, order: int
    ) -> _Box:
        nodes, w = gauss_panels([-edge, edge], _PANEL, order)
        m = chain.m
        check_nodes(nodes.size + 1, m)
        axes = [np.append(nodes, value) for value in start]
        weights = [np.append(w, 0.0) for _ in start]
        moves = [
            [weight * increments.density(axis - axis[:, np.newaxis], component) for component in (1, -1)]
            for axis, weight in zip(axes, weights, strict=True)
        ]
        chances = [sender_weights(chain, axes, i) for i in range(m)]
        out_plus = np.zeros([axis.size for axis in axes])
        for i, axis in enumerate(axes):
            shape = [-1 if j == i else 1 for j in range(m)]
            for c, component in enumerate((1, -1)):
                beyond = ndtr((axis + component * increments.mean - edge) / increments.sd)
                out_plus += chances[i][c] * beyond.reshape(shape) / m
        return cls(axes, weights, moves, chances, out_plus)

    def solve(self) -> tuple[float, float, float, Floats]:
        """Return mean time, committor and decay rate, and the quasi-stationary density of agent 0."""
        here = (-1,) * len(self.axes)
        mean_time = self._resolvent(np.ones(self.out_plus.shape))[here]
        plus = self._resolvent(self.out_plus)[here]
        survival, density = self._quasi_stationary()
        return float(mean_time), float(plus), 1 - survival, density

    def _apply(self, values: Floats) -> Floats:
        """Return K values."""
        m = len(self.axes)
        parts = (
            self.chances[i][c] * apply_along(self.moves[i][c], values, i) for i in range(m) for c in range(2)
        )
        return np.asarray(sum(parts) / m)

    def _apply_transposed(self, values: Floats) -> Floats:
        m = len(self.axes)
        parts = (
            apply_along(self.moves[i][c].T, self.chances[i][c] * values, i)
            for i in range(m)
            for c in range(2)
        )
        return np.asarray(sum(parts) / m)

    def _resolvent(self, right: Floats) -> Floats:
        """Return (1 - K)^-1 right."""
        shape, n = right.shape, right.size
        operator = LinearOperator(
            (n, n), lambda v: v - self._apply(v.reshape(shape)).ravel(), dtype=np.float64
        )
        found, status = gmres(operator, right.ravel(), rtol=1e-13, atol=0.0, restart=50, maxiter=200)
        if status != 0:
            raise PrecisionError("the mean exit time did not converge: take a smaller level")
        return np.asarray(found.reshape(shape))

    def _quasi_stationary(self) -> tuple[float, Floats]:
        """Return the largest eigenvalue of K, and the marginal density of agent 0 in its left eigenvector."""
        shape, n = self.out_plus.shape, self.out_plus.size
        operator = LinearOperator(
            (n, n), lambda v: self._apply_transposed(v.reshape(shape)).ravel(), dtype=np.float64
        )
        values, vectors = eigs(operator, k=1, which="LR", v0=np.ones(n), tol=1e-13)
        mass = np.abs(vectors[:, 0].real).reshape(shape)  # nu times the quadrature weights: sums to its mass
        marginal = mass.sum(axis=tuple(range(1, len(shape))))[:-1]
        density = marginal / marginal.sum() / self.weights[0][:-1]
        return float(values[0].real), np.asarray(density)
