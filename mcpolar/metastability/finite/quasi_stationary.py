"""The quasi-stationary law of a killed chain and its decay rate, right however small the rate is."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import linalg as sparse_linalg

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.finite.arithmetic import WideArithmetic
from mcpolar.metastability.finite.classes import can_reach, classes_of
from mcpolar.metastability.finite.entries import Bools, part, read_entries, read_set
from mcpolar.metastability.finite.factor import UNIT, Factor
from mcpolar.metastability.finite.passage import killed as killed_factor
from mcpolar.metastability.finite.perron import enclosed_perron
from mcpolar.metastability.finite.values import doubles
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]
_MOST_SQUARINGS = 60
_CONTRACTS = 0.6
_SQUARED_UP_TO = 300
_ENOUGH = 1e-9  # an error of the law that needs no balls
_LARGEST_EXACT = 150


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
        Collatz and Wielandt's enclosure of the rate.
    error : float
        Of the law: every entry is right to this relative error. It is large where the rate and the next eigenvalue
        nearly agree, even if the rate is sharp.
    method : str
        "squaring" or "balls", whose error is proven, or "Arnoldi", whose error is an estimate.
    """

    distribution: Floats
    rate: float
    rate_low: float
    rate_high: float
    error: float
    method: str

    @property
    def is_certified(self) -> bool:
        """Whether the error and the ends of the rate are proven."""
        return self.method != "Arnoldi"


def quasi_stationary_distribution(
    rates: ArrayLike | sparse.sparray, killed: Collection[int] | int, *, certified: bool = False
) -> QuasiStationary:
    """Return the quasi-stationary law of the chain killed on the states `killed`.

    The inverse M of minus the generator of the surviving states is made without subtraction and has positive
    entries. Its powers, by repeated squaring, tend to a matrix of rank one, whose rows are nu. How near two laws are
    is measured in Hilbert's metric, which M contracts by Birkhoff's coefficient: that gives the error of every
    entry of nu. Where it is not below 1e-9, since two wells are left nearly equally fast, nu is enclosed in balls.
    Of more than 300 states nu is found by Arnoldi's method on M and a few plain steps.

    Parameters
    ----------
    rates : array_like or sparse array, shape (n, n)
        Off-diagonal entries (probabilities a step, or rates); the diagonal is not read.
    killed : collection of int, or int
        At least one state; the others must communicate with each other, and reach it.
    certified : bool
        Enclose in balls in any case; up to 150 surviving states.

    Raises
    ------
    InputError
        If an argument is not allowed.
    PrecisionError
        If the law cannot be told: its error is 1 or more.

    Examples
    --------
    >>> found = quasi_stationary_distribution([[0, 0.5, 0], [0.5, 0, 1e-20], [0, 0, 0]], [2])
    >>> found.distribution, found.rate
    (array([0.5, 0.5, 0. ]), 5e-21)
    """
    entries = read_entries(rates)
    dead = read_set("killed", killed, entries.shape[0])
    return quasi_stationary_of(entries, dead, certified=certified)


def quasi_stationary_of(
    entries: sparse.csr_array, dead: Bools, *, certified: bool = False
) -> QuasiStationary:
    """Return the quasi-stationary law of entries that were read."""
    alive = np.flatnonzero(~dead)
    _require_irreducible(entries, dead, alive)
    found = None if certified and alive.size <= _LARGEST_EXACT else _quick(entries, alive)
    if found is None or (found.error > _ENOUGH and alive.size <= _LARGEST_EXACT):
        found = _enclosed(entries, alive)
    if certified and not found.is_certified:
        raise PrecisionError(
            f"a certified quasi-stationary law takes up to {_SQUARED_UP_TO} surviving states"
        )
    if not found.error < 1:
        raise PrecisionError(
            f"the quasi-stationary law cannot be told: its relative error is {found.error:.2g} in {alive.size} states"
        )
    law = np.zeros(entries.shape[0])
    law[alive] = found.distribution
    return QuasiStationary(law, found.rate, found.rate_low, found.rate_high, found.error, found.method)


def _require_irreducible(entries: sparse.csr_array, dead: Bools, alive: NDArray[np.int64]) -> None:
    if alive.size == 0 or not can_reach(entries, dead).all():
        raise InputError("killed", np.flatnonzero(dead).tolist(), "reachable from the other states")
    found = classes_of(part(entries, alive))
    if len(found) > 1:
        names = [[int(alive[state]) for state in one.states] for one in found]
        raise InputError("killed", f"surviving classes {names}", "such that the others communicate")


def _quick(entries: sparse.csr_array, alive: NDArray[np.int64]) -> QuasiStationary:
    found = killed_factor(WideArithmetic(), entries, alive)
    if alive.size <= _SQUARED_UP_TO:
        return _squared(found, alive.size)
    return _by_arnoldi(found, alive.size)


def _squared(eliminated: Factor, n: int) -> QuasiStationary:
    """Square the inverse until its rows are alike; the law is then one of them."""
    inverse = eliminated.solve(Wide.of(np.eye(n)))
    power, error = inverse / _largest(inverse), eliminated.error
    contraction = math.tanh(_diameter(power) / 4)
    for _ in range(_MOST_SQUARINGS):
        if contraction < _CONTRACTS or error > 1:
            break
        power, error = power @ power, 2 * error + (n + 2) * UNIT
        power = power / _largest(power)
        contraction = math.tanh(_diameter(power) / 4)
    law, gap = _settled(power, inverse, n)
    bound = (gap + 2 * error + 4 * n * UNIT) / (1 - contraction) if contraction < 1 else math.inf
    return _result(law, inverse, math.expm1(min(bound, 700.0)), eliminated.error, "squaring")


def _settled(power: Wide, inverse: Wide, n: int) -> tuple[Wide, float]:
    """Return the law that a power of the inverse moves least, and the distance that it is moved."""
    law, gap = _normalised(power.transposed.row_sums()), math.inf
    for _ in range(_MOST_SQUARINGS):
        moved = _normalised(_times(law, power))
        for _ in range(3):  # a few plain steps restore the relative accuracy of small entries
            moved = _normalised(_times(moved, inverse))
        now = _distance(_times(moved, power), moved)
        if now >= gap:
            break
        law, gap = moved, now
        if gap < 2 * n * UNIT:
            break
    return law, gap


def _result(law: Wide, inverse: Wide, error: float, factor_error: float, method: str) -> QuasiStationary:
    """Return a law with its rate, between the smallest and the largest ratio of Collatz and Wielandt."""
    moved = _times(law, inverse)
    ratios = (law / moved).double()
    slack = factor_error + 4 * len(law) * UNIT
    rate = float((Wide.of(1.0) / moved.sum()).double())
    low, high = float(ratios.min()) * (1 - slack), float(ratios.max()) * (1 + slack)
    return QuasiStationary(doubles(law), rate, min(low, rate), max(high, rate), error, method)


def _times(law: Wide, matrix: Wide) -> Wide:
    return (Wide(law.m.reshape(1, -1), law.k.reshape(1, -1)) @ matrix)[0]


def _normalised(law: Wide) -> Wide:
    return law / law.sum()


def _largest(matrix: Wide) -> Wide:
    flat = np.lexsort(
        (matrix.m.ravel(), np.where(matrix.m.ravel() > 0, matrix.k.ravel(), np.iinfo(np.int64).min))
    )
    return Wide(np.asarray(matrix.m.ravel()[flat[-1]]), np.asarray(matrix.k.ravel()[flat[-1]]))


def _logs(found: Wide) -> Floats:
    return np.asarray(np.log(found.m) + found.k * (512 * math.log(2)))


def _distance(one: Wide, other: Wide) -> float:
    """Return Hilbert's distance of two positive laws: the logarithm of the largest ratio of ratios."""
    ratio = _logs(one / other)
    return float(ratio.max() - ratio.min())


def _diameter(matrix: Wide) -> float:
    """Return a bound on the largest distance of two rows of a positive matrix: twice the largest from the first."""
    ratio = _logs(matrix / Wide(matrix.m[:1], matrix.k[:1]))
    return 2 * float((ratio.max(axis=1) - ratio.min(axis=1)).max()) + 1e-12


def _by_arnoldi(eliminated: Factor, n: int) -> QuasiStationary:
    """Find the law as the dominant left eigenvector of the inverse; the next eigenvalue tells the error."""

    def moved(x: Floats) -> Floats:
        x = np.asarray(x, dtype=np.float64).reshape(-1)
        both = eliminated.solve_left(Wide.of(np.column_stack([x.clip(0), (-x).clip(0)]))).double()
        return np.asarray(both[:, 0] - both[:, 1])

    operator = sparse_linalg.LinearOperator((n, n), matvec=moved, dtype=np.float64)
    try:
        values, vectors = sparse_linalg.eigs(operator, k=2, v0=np.ones(n), tol=1e-12, maxiter=2000)
    except sparse_linalg.ArpackNoConvergence as failure:
        raise PrecisionError("Arnoldi's method did not converge on the quasi-stationary law") from failure
    first = int(np.argmax(np.abs(values)))
    share = min(float(np.abs(values).min() / np.abs(values).max()), 1 - UNIT)
    law = _normalised(Wide.of(np.abs(vectors[:, first]) + 1e-300))
    gap = math.inf
    for _ in range(60):  # plain steps restore the relative accuracy of small entries
        following = _normalised(eliminated.solve_left(law))
        gap, law = _distance(following, law), following
        if gap < 64 * UNIT:
            break
    rounding = 4 * math.sqrt(n) * UNIT
    error = (gap + rounding) / (1 - share)
    moved_law = eliminated.solve_left(law)
    ratios = (law / moved_law).double()
    rate = float((Wide.of(1.0) / moved_law.sum()).double())
    slack = eliminated.error
    low, high = float(ratios.min()) * (1 - slack), float(ratios.max()) * (1 + slack)
    return QuasiStationary(doubles(law), rate, min(low, rate), max(high, rate), error, "Arnoldi")


def _enclosed(entries: sparse.csr_array, alive: NDArray[np.int64]) -> QuasiStationary:
    """Enclose law and rate in balls."""
    law, (rate, low, high), error = enclosed_perron(entries, alive)
    return QuasiStationary(law, rate, low, high, error, "balls")
