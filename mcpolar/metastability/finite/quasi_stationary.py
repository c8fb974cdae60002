"""The quasi-stationary law of a killed chain and its decay rate, right however small the rate is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.finite.classes import can_reach, communicating_classes
from mcpolar.metastability.finite.elimination import Floats, read_rates, read_states, solve

_MOST_SQUARINGS = 60
_CLOSE = 64 * np.finfo(np.float64).eps


@dataclass(frozen=True, eq=False)
class QuasiStationary:
    """The law of a chain that has not been killed for long.

    Attributes
    ----------
    distribution : ndarray, shape (n,)
        The quasi-stationary law nu; 0 on the killing states.
    rate : float
        The killing probability a step (or rate) under nu: the chain started from nu survives t steps with
        probability (1 - rate)^t (in continuous time e^(-rate t)), and its mean time to the killing is 1/rate.
    rate_low, rate_high : float
        Collatz and Wielandt's enclosure of the rate from the law that was found, up to rounding: how far the
        iteration came.
    """

    distribution: Floats
    rate: float
    rate_low: float
    rate_high: float


def quasi_stationary_distribution(rates: ArrayLike, killed: Collection[int]) -> QuasiStationary:
    """Return the quasi-stationary law of the chain killed on the states `killed`.

    The inverse M of minus the generator of the surviving states is made without subtraction and has positive
    entries. Its powers, by repeated squaring, tend to a matrix of rank one, whose rows are nu; squaring needs
    60 products even where the decay rate and the next eigenvalue agree to 15 digits.

    Parameters
    ----------
    rates : array_like, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.
    killed : collection of int
        At least one state; the others must communicate with each other, and reach it.

    Raises
    ------
    InputError
        If an argument is not allowed.
    PrecisionError
        If a product leaves the range of doubles or the iteration does not close its enclosure to 1e-12.

    Examples
    --------
    >>> found = quasi_stationary_distribution([[0, 0.5, 0], [0.5, 0, 1e-20], [0, 0, 0]], [2])
    >>> found.distribution, found.rate
    (array([0.5, 0.5, 0. ]), 5e-21)
    """
    a = read_rates(rates)
    dead = read_states("killed", killed, len(a))
    alive = np.flatnonzero(~dead)
    inner, exits = a[np.ix_(alive, alive)], a[np.ix_(alive, dead)].sum(axis=1)
    _require_irreducible(a, dead, inner)
    inverse = solve(inner, exits, np.eye(len(alive)))
    law, low, high = _left_perron(inverse)
    distribution = np.zeros(len(a))
    distribution[alive] = law
    return QuasiStationary(distribution, 1 / float((law @ inverse).sum()), 1 / high, 1 / low)


def _require_irreducible(a: Floats, dead: np.ndarray, inner: Floats) -> None:
    if len(inner) == 0 or not can_reach(a, dead).all():
        raise InputError("killed", sorted(np.flatnonzero(dead).tolist()), "reachable from the other states")
    found = communicating_classes(inner)
    if len(found) > 1:
        alive = np.flatnonzero(~dead)
        names = [[int(alive[state]) for state in one.states] for one in found]
        raise InputError("killed", f"surviving classes {names}", "such that the others communicate")


def _left_perron(matrix: Floats) -> tuple[Floats, float, float]:
    """Return the left Perron vector of a positive matrix and an enclosure of its eigenvalue."""
    power = matrix / matrix.max()
    for _ in range(_MOST_SQUARINGS):
        law = power.sum(axis=0)
        law /= law.sum()
        for _ in range(3):  # a few plain steps restore the relative accuracy of small entries
            law = law @ matrix
            law /= law.sum()
        ratios = (law @ matrix) / law
        low, high = float(ratios.min()), float(ratios.max())
        if high <= low * (1 + _CLOSE):
            break
        power = power @ power
        power /= power.max()
    if not high <= low * (1 + 1e-12):
        raise PrecisionError("the quasi-stationary law did not converge: its enclosure is not within 1e-12")
    return law, low, high
