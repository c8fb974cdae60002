"""Finite chains in exact rationals and in 80 digits: what the subtraction-free elimination is held against."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from mpmath import mp, mpf


def four_states(e: float) -> np.ndarray:
    """Off-diagonal entries of a chain of two pairs of states, joined by steps of probability e and 3 e."""
    return np.array([[0, 0.5, 0, 0], [0.5 - e, 0, e, 0], [0, 3 * e, 0, 0.5 - 3 * e], [0, 0, 0.5, 0]])


@st.composite
def rates(draw, lowest: int = -30, largest_n: int = 6, irreducible: bool = True) -> np.ndarray:
    """Draw off-diagonal entries from 10^lowest to 1/n over all scales, some 0; a cycle keeps it irreducible."""
    n = draw(st.integers(2, largest_n))
    entry = st.tuples(st.integers(lowest, 0), st.integers(1, 9))
    a = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if i != j and (draw(st.booleans()) or (irreducible and j == (i + 1) % n)):
                exponent, digit = draw(entry)
                a[i, j] = digit * 10.0**exponent / (10 * n)
    return a


def solve(a: list[list[Fraction]], b: list[Fraction]) -> list[Fraction]:
    """Gauss elimination on fractions."""
    n = len(b)
    rows = [[*row, value] for row, value in zip(a, b, strict=True)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(n):
            if i != k and rows[i][k]:
                rows[i] = [x - rows[i][k] * y for x, y in zip(rows[i], rows[k], strict=True)]
    return [row[n] for row in rows]


def minus_generator(rates_: np.ndarray) -> list[list[Fraction]]:
    """Return the exact matrix with minus the rates off the diagonal and row sums 0."""
    exact = [[Fraction(float(value)) for value in row] for row in rates_]
    return [
        [sum(row) - row[i] if i == j else -row[j] for j in range(len(row))] for i, row in enumerate(exact)
    ]


def hitting_times(rates_: np.ndarray, target: set[int]) -> list[Fraction]:
    q = minus_generator(rates_)
    inside = [i for i in range(len(q)) if i not in target]
    times = solve([[q[i][j] for j in inside] for i in inside], [Fraction(1)] * len(inside))
    found = dict(zip(inside, times, strict=True))
    return [found.get(i, Fraction(0)) for i in range(len(q))]


def committor(rates_: np.ndarray, source: set[int], target: set[int]) -> list[Fraction]:
    q = minus_generator(rates_)
    inside = [i for i in range(len(q)) if i not in target | source]
    values = solve(
        [[q[i][j] for j in inside] for i in inside], [-sum(q[i][j] for j in target) for i in inside]
    )
    found = dict(zip(inside, values, strict=True))
    return [found.get(i, Fraction(int(i in target))) for i in range(len(q))]


def stationary(rates_: np.ndarray) -> list[Fraction]:
    q = minus_generator(rates_)
    n = len(q)
    equations = [[q[j][i] for j in range(n)] for i in range(n - 1)] + [[Fraction(1)] * n]
    return solve(equations, [Fraction(0)] * (n - 1) + [Fraction(1)])


def quasi_stationary(rates_: np.ndarray, killed: set[int]) -> tuple[list[mpf], mpf]:
    """Return the quasi-stationary law and its rate by an eigendecomposition in 80 digits."""
    q = minus_generator(rates_)
    alive = [i for i in range(len(q)) if i not in killed]
    with mp.workdps(80):
        matrix = mp.matrix([[mpf(q[j][i].numerator) / q[j][i].denominator for j in alive] for i in alive])
        values, vectors = mp.eig(matrix)
        slowest = min(range(len(alive)), key=lambda index: mp.re(values[index]))
        law = [abs(vectors[row, slowest]) for row in range(len(alive))]
        total = sum(law)
        found = dict(zip(alive, (value / total for value in law), strict=True))
        return [found.get(i, mpf(0)) for i in range(len(q))], mp.re(values[slowest])


def relaxation_times(rates_: np.ndarray) -> list[float]:
    """Return -1/log|lambda| for all eigenvalues but one eigenvalue 1, longest first, in 80 digits."""
    q = minus_generator(rates_)
    with mp.workdps(80):
        matrix = mp.matrix([[mpf(value.numerator) / value.denominator for value in row] for row in q])
        mu = sorted(mp.eig(matrix, left=False, right=False), key=abs)[1:]
        return sorted((float(-1 / mp.log(abs(1 - value))) for value in mu), reverse=True)
