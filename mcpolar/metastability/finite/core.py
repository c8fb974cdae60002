"""Elimination of the dense core of a chain, by blocks: the bulk of the work is products of matrices of doubles.

Where all numbers stay within the range of doubles, so is the whole elimination. Elsewhere the numbers are wide, and
the product of two blocks of them is the sum of ordinary products, one for each pair of their exponents.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from mcpolar.compiled.finite import elimination as loops
from mcpolar.metastability.finite.wide import Wide, add_matrix_product, is_safe

Floats = NDArray[np.float64]

_BLOCK = 48
_BLOCKED_FROM = 160


def eliminate(core: Wide, exits: Wide, pivots: Wide, n_out: int) -> tuple[Wide, Floats | None]:
    """Eliminate the first `n_out` states of a core.

    Parameters
    ----------
    core : Wide, shape (n, n)
        Rates; what stands on the diagonal is not read.
    exits : Wide, shape (n,)
        Killing rates.
    pivots : Wide, shape (n,)
        Are filled in.
    n_out : int
        How many states are eliminated.

    Returns
    -------
    core : Wide, shape (n, n)
        The left factors below the diagonal, and above it what the rows have become.
    ordinary : ndarray, shape (n, n), or None
        The same in doubles for :func:`solve_triangles`, if the elimination stayed within their range.
    """
    if len(core) >= _BLOCKED_FROM and core.is_safe() and exits.is_safe():
        with np.errstate(all="ignore"):
            a, e, p = core.double(), exits.double(), np.ones(len(core))
            _eliminate_in_doubles(a, e, p, n_out)
        if is_safe(a, e, p):
            settled, found = Wide.of(a), Wide.of(p)
            pivots.m[:], pivots.k[:] = found.m, found.k
            ordinary = -a
            np.fill_diagonal(ordinary, p)
            return settled, ordinary
    eliminate_in_place(core, exits, pivots, n_out)
    return core, None


def eliminate_in_place(core: Wide, exits: Wide, pivots: Wide, n_out: int) -> None:
    """Eliminate the first `n_out` states in wide numbers: core, exits and pivots become what :func:`eliminate` says."""
    n = len(core)
    block = _BLOCK if n >= _BLOCKED_FROM else max(n_out, 1)
    for first in range(0, n_out, block):
        last = min(first + block, n_out)
        reach = last if n >= _BLOCKED_FROM else n
        loops.eliminate_core(core.m, core.k, exits.m, exits.k, pivots.m, pivots.k, first, last, reach)
        if reach < n:
            add_matrix_product(core[last:, last:], core[last:, first:last], core[first:last, last:])


def _eliminate_in_doubles(a: Floats, e: Floats, pivots: Floats, n_out: int) -> None:
    n = len(e)
    np.fill_diagonal(a, 0.0)
    for first in range(0, n_out, _BLOCK):
        last = min(first + _BLOCK, n_out)
        for k in range(first, last):
            pivots[k] = a[k, k + 1 :].sum() + e[k]
            a[k + 1 : last, k] /= pivots[k]
            share = a[k + 1 : last, k]
            a[k + 1 : last, k + 1 :] += share[:, np.newaxis] * a[k, k + 1 :]
            e[k + 1 : last] += share * e[k]
            np.fill_diagonal(a[k + 1 : last, k + 1 : last], 0.0)
        rest = slice(last, n)
        for k in range(first, last):
            a[rest, k] = (a[rest, k] + a[rest, first:k] @ a[first:k, k]) / pivots[k]
        shares = np.ascontiguousarray(a[rest, first:last])
        a[rest, rest] += shares @ a[first:last, rest]
        e[rest] += shares @ e[first:last]
        np.fill_diagonal(a[rest, rest], 0.0)


def solve_triangles(core: Floats, b: Floats, *, left: bool) -> Floats:
    """Solve with both triangles; the entries off the diagonal are minus the shares, so that nothing is subtracted."""
    with np.errstate(all="ignore"):
        if left:
            middle = solve_triangular(core, b, trans=1, check_finite=False)
            return np.asarray(
                solve_triangular(core, middle, trans=1, lower=True, unit_diagonal=True, check_finite=False)
            )
        middle = solve_triangular(core, b, lower=True, unit_diagonal=True, check_finite=False)
        return np.asarray(solve_triangular(core, middle, check_finite=False))
