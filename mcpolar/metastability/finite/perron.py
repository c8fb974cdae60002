"""The quasi-stationary law of a chain and its rate, enclosed in balls.

Inverse iteration with shifts below the rate keeps the inverse positive and converges quadratically (Noda 1971). The law
is then verified: a positive matrix contracts Hilbert's metric by Birkhoff's coefficient, so that the distance by
which the inverse moves a law bounds how far the law is from the invariant one, entry by entry.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import flint
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.balls import working_precision
from mcpolar.errors import PrecisionError
from mcpolar.metastability.finite.enclosed import down, to_double, up
from mcpolar.metastability.finite.factor import UNIT

Perron: TypeAlias = tuple[NDArray[np.float64], tuple[float, float, float], float]
_START_BITS, _LARGEST_BITS = 256, 1 << 14
_MOST_STEPS = 200
_WANTED = 1e-17


def enclosed_perron(entries: sparse.csr_array, alive: NDArray[np.int64]) -> Perron:
    """Return law, (rate, low, high) and the law's error of the chain on some states, at rising precision.

    Raises
    ------
    PrecisionError
        If the largest precision does not tell them.
    """
    bits = _START_BITS
    while bits <= _LARGEST_BITS:
        with working_precision(bits):
            found = _enclosed_at(_minus_generator(entries, alive), bits)
        if found is not None:
            return found
        bits *= 2
    raise PrecisionError(f"the quasi-stationary law was not decided at {_LARGEST_BITS} bits")


def _minus_generator(entries: sparse.csr_array, alive: NDArray[np.int64]) -> Any:
    n = alive.size
    place = {int(state): i for i, state in enumerate(alive)}
    matrix = flint.arb_mat(n, n)
    for i, state in enumerate(alive.tolist()):
        row = slice(entries.indptr[state], entries.indptr[state + 1])
        total = flint.arb(0)
        for j, value in zip(entries.indices[row].tolist(), entries.data[row].tolist(), strict=True):
            rate = flint.arb(value)
            total += rate
            if j in place:
                matrix[i, place[j]] = -rate
        matrix[i, i] = total
    return matrix


def _enclosed_at(matrix: Any, bits: int) -> Perron | None:
    """Iterate inversely with shifts below the rate (Noda 1971), which keep the inverse positive; then verify."""
    n = matrix.nrows()
    unit = flint.arb_mat([[int(i == j) for j in range(n)] for i in range(n)])
    law, shift = [flint.arb(1) / n for _ in range(n)], flint.arb(0)
    turned = matrix.transpose()
    try:
        for _ in range(_MOST_STEPS):
            column = flint.arb_mat([[value] for value in law])
            moved = [value.mid() for value in (turned - unit * shift).solve(column).entries()]
            if not all(bool(value > 0) for value in moved):
                return None
            ratios = [(old / new).mid() for old, new in zip(law, moved, strict=True)]
            total = sum(moved, flint.arb(0))
            law = [(value / total).mid() for value in moved]
            least, most = min(ratios), max(ratios)
            if bool((most - least) <= (shift + least) * flint.arb(2) ** (-bits // 3)):
                break
            shift = (shift + least * (1 - flint.arb(2) ** -20)).mid()
        inverse = (matrix - unit * shift).inv()
    except ZeroDivisionError:
        return None
    return _verified(law, shift, inverse)


def _verified(law: list[Any], shift: Any, inverse: Any) -> Perron | None:
    """Return the law with its error by Birkhoff's contraction of a positive inverse, if the balls are narrow enough."""
    rows = inverse.tolist()
    if not all(bool(value > 0) for row in rows for value in row):
        return None
    ratios = (flint.arb_mat([law]) * inverse).entries()
    ratios = [new / old for new, old in zip(ratios, law, strict=True)]
    most, least = max(value.upper() for value in ratios), min(value.lower() for value in ratios)
    if not bool(least > 0):
        return None
    gap = (most / least).log().upper()
    contraction = (_diameter(rows) / 4).tanh()
    error = (gap / (1 - contraction)).upper()
    if not bool(error < _WANTED):
        return None
    low, high = shift + 1 / most, shift + 1 / least
    if (high - low).upper() > low.lower() * _WANTED:
        return None
    rate = to_double(((low + high) / 2).mid()), down(low.lower()), up(high.upper())
    return np.array([to_double(one) for one in law]), rate, float(error) + 2 * UNIT


def _diameter(rows: list[list[Any]]) -> Any:
    """Return a bound on the largest Hilbert distance of two rows: twice the largest from the first."""
    found = flint.arb(0)
    for row in rows[1:]:
        quotient = [one / other for one, other in zip(row, rows[0], strict=True)]
        spread = max(q.upper() for q in quotient) / min(q.lower() for q in quotient)
        found = max(found, spread.log().upper())
    return 2 * found
