"""How results change with single rates: derivatives of passage times, committors and timescales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.finite.arithmetic import WideArithmetic
from mcpolar.metastability.finite.classes import reversibility_of
from mcpolar.metastability.finite.entries import Bools
from mcpolar.metastability.finite.factor import UNIT
from mcpolar.metastability.finite.passage import class_law, committor_of, inside_of, killed, stop_at
from mcpolar.metastability.finite.reversible import reversible_spectrum
from mcpolar.metastability.finite.values import doubles
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Derivatives of one number by the rates of the chain; the diagonal follows the rates.

    Attributes
    ----------
    steps : ndarray of int, shape (n_edges, 2)
        The transitions i -> j.
    derivative : ndarray, shape (n_edges,)
        By a_ij.
    elasticity : ndarray, shape (n_edges,)
        a_ij / value times the derivative: the relative change for a relative change of the rate.
    error : ndarray, shape (n_edges,)
        A bound on the error of the elasticities (an estimate for timescales).
    value : float
        The number itself.
    labels : tuple
        Names of the states.
    """

    steps: NDArray[np.int64]
    derivative: Floats
    elasticity: Floats
    error: Floats
    value: float
    labels: tuple[Any, ...]

    def largest(self, count: int = 10) -> list[tuple[Any, Any, float]]:
        """Return the transitions (from, to, elasticity) that matter most."""
        order = np.argsort(-np.abs(self.elasticity), kind="stable")[:count]
        return [
            (self.labels[i], self.labels[j], float(self.elasticity[at]))
            for at, (i, j) in zip(order, self.steps[order].tolist(), strict=True)
        ]


def passage_sensitivity(
    entries: sparse.csr_array, start: int, goal: Bools, source: Bools | None, labels: tuple[Any, ...]
) -> Sensitivity:
    """Return the sensitivity of a mean hitting time, or with `source` of a committor, seen from one state.

    With N the inverse on the states inside and x the result, dx_s / da_ij = N_si (x_j - x_i).
    """
    n = entries.shape[0]
    arithmetic = WideArithmetic()
    if source is None:
        inside, _ = inside_of(entries, goal)
        stopped = stop_at(entries, goal)
        eliminated = killed(arithmetic, entries, inside)
        x = np.full(n, np.inf)
        x[goal] = 0.0
        x[inside] = doubles(eliminated.solve(Wide.of(np.ones(inside.size))))
    else:
        stopped = stop_at(entries, goal | source)
        x = doubles(committor_of(arithmetic, entries, source, goal))
        inside = np.flatnonzero(~(goal | source) & (x > 0))
        eliminated = killed(arithmetic, stopped, inside)
    if start not in inside:
        raise InputError("start", start, "a state outside the sets, from which the target is reached")
    unit = np.zeros(inside.size)
    unit[np.searchsorted(inside, start)] = 1.0
    spent = np.zeros(n)
    spent[inside] = doubles(eliminated.solve_left(Wide.of(unit)))
    found = stopped.tocoo()
    i, j = found.coords
    used = spent[i] > 0
    i, j, rates = i[used], j[used], found.data[used]
    change = spent[i] * (x[j] - x[i])
    size = spent[i] * (x[j] + x[i])
    error = (4 * arithmetic.error + 8 * UNIT) * size * rates / x[start]
    return Sensitivity(
        np.column_stack([i, j]), change, rates * change / x[start], error, float(x[start]), labels
    )


def timescale_sensitivity(
    entries: sparse.csr_array, number: int, labels: tuple[Any, ...], *, is_discrete: bool
) -> Sensitivity:
    """Return the sensitivity of an implied timescale of an irreducible chain (0 the longest).

    With right and left eigenvectors x and y of minus the generator, y x = 1, dmu / da_ij = y_i (x_i - x_j).
    """
    n = entries.shape[0]
    law = class_law(WideArithmetic(), entries).double()
    if not 0 <= number < n - 1:
        raise InputError("number", number, f"from 0 to n - 2 = {n - 2}")
    if reversibility_of(entries).is_reversible:
        spectrum = reversible_spectrum(entries)
        at = _ordered(spectrum.rates.double(), is_discrete=is_discrete)[number]
        mu, off = float(spectrum.rates[at].double()), spectrum.error
        vector = spectrum.vectors[:, at]
        x, y = vector / np.sqrt(law), vector * np.sqrt(law)
    else:
        mu, x, y, off = _simple(entries, number, is_discrete=is_discrete)
    found = entries.tocoo()
    i, j = found.coords
    slope = y[i] * (x[i] - x[j])
    value = float(_times(np.array(mu), is_discrete=is_discrete))
    factor = -(value**2) / (1 - mu) if is_discrete else -(value**2)
    size = np.abs(y[i]) * (np.abs(x[i]) + np.abs(x[j]))
    error = np.abs(factor) * size * found.data / value * (off + n * UNIT)
    return Sensitivity(
        np.column_stack([i, j]), factor * slope, found.data * factor * slope / value, error, value, labels
    )


def _times(mu: NDArray[Any], *, is_discrete: bool) -> Floats:
    """Return the timescales of eigenvalues of minus the generator."""
    if not is_discrete:
        return np.asarray(1 / mu.real)
    with np.errstate(divide="ignore"):
        slow = -0.5 * np.log1p(-np.minimum(2 * mu.real - np.abs(mu) ** 2, 0.9))
        return np.asarray(1 / np.where(np.abs(mu) < 0.25, slow, -np.log(np.abs(1 - mu))))


def _ordered(mu: NDArray[Any], *, is_discrete: bool) -> NDArray[np.int64]:
    return np.argsort(-_times(mu, is_discrete=is_discrete), kind="stable")


def _simple(
    entries: sparse.csr_array, number: int, *, is_discrete: bool
) -> tuple[float, Floats, Floats, float]:
    a = entries.toarray()
    values, left, right = linalg.eig(np.diag(a.sum(axis=1)) - a, left=True, right=True)
    others = np.argsort(np.abs(values))[1:]
    at = others[_ordered(values[others], is_discrete=is_discrete)[number]]
    if abs(values[at].imag) > 0:
        raise InputError("number", number, "of a real eigenvalue")
    x, y = right[:, at].real, left[:, at].real
    angle = float(y @ x)
    off = 4 * len(a) * UNIT * float(np.linalg.norm(a)) / (abs(angle) * abs(values[at]))
    if off > 1e-3:
        raise PrecisionError(f"the eigenvector is not determined: an estimated error of {off:.2g}")
    return float(values[at].real), x, y / angle, off
