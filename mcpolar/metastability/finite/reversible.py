"""Eigenvalues of reversible chains to full relative accuracy, over all scales of the rates.

Minus the generator, symmetrised by the stationary law, is S with off-diagonal entries -sqrt(a_ij a_ji). Elimination
with the largest pivot first gives S = L D L^T without subtraction, with L well conditioned and D over all scales
(Demmel and Koev 2004); one-sided Jacobi rotations of L D^(1/2) then find all eigenvalues with a relative error of
about n u kappa(L), whatever D (Demmel et al. 1999). A general solver has that error relative to the largest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.compiled.finite import jacobi as loops
from mcpolar.errors import PrecisionError
from mcpolar.metastability.finite.factor import UNIT
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]
_MOST_SWEEPS = 60


@dataclass(frozen=True, eq=False)
class ReversibleSpectrum:
    """The relaxation rates of a reversible class.

    Attributes
    ----------
    rates : Wide, shape (q,)
        The eigenvalues of minus the generator but for 0, smallest first.
    vectors : ndarray, shape (n, q)
        Eigenvectors of the symmetrised generator, of length 1.
    error : float
        Relative error of the rates: rounding times the condition of the factor L.
    """

    rates: Wide
    vectors: Floats
    error: float


def reversible_spectrum(entries: sparse.csr_array, exits: Floats | None = None) -> ReversibleSpectrum:
    """Return the relaxation rates of a class that is reversible.

    Parameters
    ----------
    entries : sparse array, shape (n, n)
        Off-diagonal entries of an irreducible reversible chain.
    exits : ndarray, shape (n,), optional
        Rates out of the class; none if it is closed, and then its eigenvalue 0 is left out.

    Raises
    ------
    PrecisionError
        If the rotations do not converge.
    """
    n = entries.shape[0]
    a = Wide.of(entries.toarray())
    e = Wide.of(np.zeros(n) if exits is None else exits)
    q = n - 1 if exits is None else n
    pivots, order = Wide.zeros(n), np.empty(n, dtype=np.int64)
    loops.eliminate_pivoted(a.m, a.k, e.m, e.k, pivots.m, pivots.k, order)
    down, up = a[order][:, order], a[order][:, order].transposed  # [k, i]: k to i and i to k
    shares = (
        (down * up).sqrt() / Wide(np.where(pivots.m > 0, pivots.m, 1.0), pivots.k)[:, np.newaxis]
    ).double()
    columns = -np.triu(shares, 1)[:q]
    columns[np.arange(q), np.arange(q)] = 1.0
    size = np.linalg.norm(columns, axis=1)
    columns = np.ascontiguousarray(columns / size[:, np.newaxis])
    condition = _condition(columns)
    scale = pivots[:q].sqrt() * Wide.of(size)
    sweeps = loops.rotate(columns, scale.m, scale.k, _MOST_SWEEPS, n * 2 * UNIT)
    if sweeps < 0:
        raise PrecisionError(f"Jacobi's rotations did not converge in {_MOST_SWEEPS} sweeps")
    rates = scale * scale
    increasing = np.lexsort((rates.m, rates.k))
    vectors = np.empty((n, q))
    vectors[order] = columns[increasing].T
    return ReversibleSpectrum(rates[increasing], vectors, (8 * n + 4 * sweeps) * UNIT * condition)


def _condition(columns: Floats) -> float:
    """Return the condition number of the matrix of unit columns."""
    sizes = np.linalg.svd(columns, compute_uv=False)
    return float(sizes[0] / sizes[-1]) if sizes.size else 1.0
