"""Elimination of states without subtraction, in wide numbers: rows of little fill first, then a dense core.

The equations are (D - A) x = b with A >= 0 off the diagonal and D_i = e_i + sum_j A_ij; D is never formed. Entry (i, k)
of `lower` is A_ik / pivot_k at k's elimination (the left factor), and row k of `upper` is what
k's row has become. All operations add, multiply or divide numbers that are not negative.
"""

from __future__ import annotations

import numba
import numpy as np

from mcpolar.compiled.caching import loop
from mcpolar.compiled.finite.wide import add, add_product, add_products, divide, multiply, settle


@loop
def eliminate_first(
    starts: np.ndarray,
    rows: np.ndarray,
    upper_m: np.ndarray,
    upper_k: np.ndarray,
    lower_m: np.ndarray,
    lower_k: np.ndarray,
    exit_m: np.ndarray,
    exit_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    core_m: np.ndarray,
    core_k: np.ndarray,
) -> None:
    """Eliminate the states 0, 1, ... of sparse rows in place, and add what they send on to the core.

    States are numbered by the order of elimination; `rows[starts[k]:starts[k + 1]]` are k's later neighbours,
    increasing, for `upper` (k to them) and `lower` (they to k) alike.
    """
    n_first = starts.size - 1
    n = exit_m.size
    place = np.empty(n, dtype=np.int64)
    for k in range(n_first):
        sm, sk = exit_m[k], exit_k[k]
        for p in range(starts[k], starts[k + 1]):
            sm, sk = add(sm, sk, upper_m[p], upper_k[p])
        pivot_m[k], pivot_k[k] = sm, sk
        for p in range(starts[k], starts[k + 1]):
            lower_m[p], lower_k[p] = divide(lower_m[p], lower_k[p], sm, sk)
            i = rows[p]
            exit_m[i], exit_k[i] = add_product(
                exit_m[i], exit_k[i], lower_m[p], lower_k[p], exit_m[k], exit_k[k]
            )
        for p in range(starts[k], starts[k + 1]):
            i = rows[p]
            lm, lk, um, uk = lower_m[p], lower_k[p], upper_m[p], upper_k[p]
            if i < n_first:
                for q in range(starts[i], starts[i + 1]):
                    place[rows[q]] = q
                for q in range(p + 1, starts[k + 1]):
                    to = place[rows[q]]
                    upper_m[to], upper_k[to] = add_product(
                        upper_m[to], upper_k[to], lm, lk, upper_m[q], upper_k[q]
                    )
                    lower_m[to], lower_k[to] = add_product(
                        lower_m[to], lower_k[to], lower_m[q], lower_k[q], um, uk
                    )
            else:
                row = i - n_first
                for q in range(starts[k], starts[k + 1]):
                    column = rows[q] - n_first
                    if column >= 0 and column != row:
                        core_m[row, column], core_k[row, column] = add_product(
                            core_m[row, column], core_k[row, column], lm, lk, upper_m[q], upper_k[q]
                        )


@loop
def eliminate_core(
    a_m: np.ndarray,
    a_k: np.ndarray,
    exit_m: np.ndarray,
    exit_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    first: int,
    last: int,
    reach: int,
) -> None:
    """Eliminate the states `first` to `last` - 1 of a dense chain in place: below the diagonal come the left factors.

    Rows from `last` on take up the columns before `reach` only: all that those states send on, or their share alone.
    """
    n = exit_m.size
    for k in range(first, last):
        sm, sk = exit_m[k], exit_k[k]
        for j in range(k + 1, n):
            sm, sk = add(sm, sk, a_m[k, j], a_k[k, j])
        pivot_m[k], pivot_k[k] = sm, sk
        for i in range(k + 1, last):
            _take_up(a_m, a_k, exit_m, exit_k, sm, sk, k, i, n)
    for i in range(last, n):
        for k in range(first, last):
            _take_up(a_m, a_k, exit_m, exit_k, pivot_m[k], pivot_k[k], k, i, reach)


@numba.njit(error_model="numpy")
def _take_up(
    a_m: np.ndarray,
    a_k: np.ndarray,
    exit_m: np.ndarray,
    exit_k: np.ndarray,
    pivot_m: float,
    pivot_k: int,
    k: int,
    i: int,
    end: int,
) -> None:
    """Add what state i sends through state k to i's row, up to a column."""
    if a_m[i, k] != 0.0:
        lm, lk = divide(a_m[i, k], a_k[i, k], pivot_m, pivot_k)
        a_m[i, k], a_k[i, k] = lm, lk
        exit_m[i], exit_k[i] = add_product(exit_m[i], exit_k[i], lm, lk, exit_m[k], exit_k[k])
        add_products(
            a_m[i, k + 1 : end], a_k[i, k + 1 : end], lm, lk, a_m[k, k + 1 : end], a_k[k, k + 1 : end]
        )


@loop
def forward_first(
    starts: np.ndarray,
    rows: np.ndarray,
    lower_m: np.ndarray,
    lower_k: np.ndarray,
    b_m: np.ndarray,
    b_k: np.ndarray,
) -> None:
    """Hand the sources of the sparse rows on to the later states, in place; b has shape (n, q)."""
    for k in range(starts.size - 1):
        for p in range(starts[k], starts[k + 1]):
            i = rows[p]
            for c in range(b_m.shape[1]):
                b_m[i, c], b_k[i, c] = add_product(
                    b_m[i, c], b_k[i, c], lower_m[p], lower_k[p], b_m[k, c], b_k[k, c]
                )


@loop
def backward_first(
    starts: np.ndarray,
    rows: np.ndarray,
    upper_m: np.ndarray,
    upper_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    b_m: np.ndarray,
    b_k: np.ndarray,
) -> None:
    """Put the states of the sparse rows back, from the last to the first, in place."""
    for k in range(starts.size - 2, -1, -1):
        for p in range(starts[k], starts[k + 1]):
            j = rows[p]
            for c in range(b_m.shape[1]):
                b_m[k, c], b_k[k, c] = add_product(
                    b_m[k, c], b_k[k, c], upper_m[p], upper_k[p], b_m[j, c], b_k[j, c]
                )
        for c in range(b_m.shape[1]):
            b_m[k, c], b_k[k, c] = divide(b_m[k, c], b_k[k, c], pivot_m[k], pivot_k[k])


@loop
def left_forward_first(
    starts: np.ndarray,
    rows: np.ndarray,
    upper_m: np.ndarray,
    upper_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    b_m: np.ndarray,
    b_k: np.ndarray,
) -> None:
    """Divide by the pivots and hand on along the rows, for y (D - A) = b: the mirror of :func:`backward_first`."""
    for k in range(starts.size - 1):
        for c in range(b_m.shape[1]):
            b_m[k, c], b_k[k, c] = divide(b_m[k, c], b_k[k, c], pivot_m[k], pivot_k[k])
        for p in range(starts[k], starts[k + 1]):
            j = rows[p]
            for c in range(b_m.shape[1]):
                b_m[j, c], b_k[j, c] = add_product(
                    b_m[j, c], b_k[j, c], upper_m[p], upper_k[p], b_m[k, c], b_k[k, c]
                )


@loop
def left_backward_first(
    starts: np.ndarray,
    rows: np.ndarray,
    lower_m: np.ndarray,
    lower_k: np.ndarray,
    b_m: np.ndarray,
    b_k: np.ndarray,
) -> None:
    """Put the states back from the last to the first, for y (D - A) = b: the mirror of :func:`forward_first`."""
    for k in range(starts.size - 2, -1, -1):
        for p in range(starts[k], starts[k + 1]):
            i = rows[p]
            for c in range(b_m.shape[1]):
                b_m[k, c], b_k[k, c] = add_product(
                    b_m[k, c], b_k[k, c], lower_m[p], lower_k[p], b_m[i, c], b_k[i, c]
                )


@loop
def solve_core(
    a_m: np.ndarray,
    a_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    b_m: np.ndarray,
    b_k: np.ndarray,
) -> None:
    """Solve with the eliminated core, in place; b has shape (n, q)."""
    n, q = b_m.shape
    for k in range(n):
        for i in range(k + 1, n):
            if a_m[i, k] != 0.0:
                for c in range(q):
                    b_m[i, c], b_k[i, c] = add_product(
                        b_m[i, c], b_k[i, c], a_m[i, k], a_k[i, k], b_m[k, c], b_k[k, c]
                    )
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            if a_m[k, j] != 0.0:
                for c in range(q):
                    b_m[k, c], b_k[k, c] = add_product(
                        b_m[k, c], b_k[k, c], a_m[k, j], a_k[k, j], b_m[j, c], b_k[j, c]
                    )
        for c in range(q):
            b_m[k, c], b_k[k, c] = divide(b_m[k, c], b_k[k, c], pivot_m[k], pivot_k[k])


@loop
def solve_core_left(
    a_m: np.ndarray,
    a_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    b_m: np.ndarray,
    b_k: np.ndarray,
) -> None:
    """Solve y (D - A) = b with the eliminated core, in place; b has shape (n, q), a column a left-hand side."""
    n, q = b_m.shape
    for k in range(n):
        for c in range(q):
            b_m[k, c], b_k[k, c] = divide(b_m[k, c], b_k[k, c], pivot_m[k], pivot_k[k])
        for j in range(k + 1, n):
            if a_m[k, j] != 0.0:
                for c in range(q):
                    b_m[j, c], b_k[j, c] = add_product(
                        b_m[j, c], b_k[j, c], a_m[k, j], a_k[k, j], b_m[k, c], b_k[k, c]
                    )
    for k in range(n - 1, -1, -1):
        for i in range(k + 1, n):
            if a_m[i, k] != 0.0:
                for c in range(q):
                    b_m[k, c], b_k[k, c] = add_product(
                        b_m[k, c], b_k[k, c], a_m[i, k], a_k[i, k], b_m[i, c], b_k[i, c]
                    )


@loop
def product(
    a_m: np.ndarray, a_k: np.ndarray, b_m: np.ndarray, b_k: np.ndarray, c_m: np.ndarray, c_k: np.ndarray
) -> None:
    """Add the product of two matrices to a third, in place."""
    for i in range(a_m.shape[0]):
        for k in range(a_m.shape[1]):
            if a_m[i, k] != 0.0:
                for j in range(b_m.shape[1]):
                    c_m[i, j], c_k[i, j] = add_product(
                        c_m[i, j], c_k[i, j], a_m[i, k], a_k[i, k], b_m[k, j], b_k[k, j]
                    )


@loop
def add_level(a_m: np.ndarray, a_k: np.ndarray, b: np.ndarray, level: int) -> None:
    """Add the numbers b 2^(512 level), for b = 0 or 2^-512 <= b < 2^768, to a matrix, in place."""
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            m, k = settle(b[i, j], level)
            a_m[i, j], a_k[i, j] = add(a_m[i, j], a_k[i, j], m, k)


@loop
def sum_rows(a_m: np.ndarray, a_k: np.ndarray, out_m: np.ndarray, out_k: np.ndarray) -> None:
    """Add the entries of each row of a matrix to a vector, in place."""
    for i in range(a_m.shape[0]):
        for j in range(a_m.shape[1]):
            out_m[i], out_k[i] = add(out_m[i], out_k[i], a_m[i, j], a_k[i, j])


@loop
def multiply_all(
    a_m: np.ndarray, a_k: np.ndarray, b_m: np.ndarray, b_k: np.ndarray, out_m: np.ndarray, out_k: np.ndarray
) -> None:
    """Multiply two vectors entry by entry."""
    for i in range(a_m.size):
        out_m[i], out_k[i] = multiply(a_m[i], a_k[i], b_m[i], b_k[i])


@loop
def hand_on(a_m: np.ndarray, a_k: np.ndarray, c_m: np.ndarray, c_k: np.ndarray, n_out: int) -> None:
    """Hand the sources of the eliminated states of a dense chain on to the later ones, in place."""
    for k in range(n_out):
        for i in range(k + 1, c_m.size):
            if a_m[i, k] != 0.0:
                c_m[i], c_k[i] = add_product(c_m[i], c_k[i], a_m[i, k], a_k[i, k], c_m[k], c_k[k])


@loop
def put_back(
    a_m: np.ndarray,
    a_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    c_m: np.ndarray,
    c_k: np.ndarray,
    n_out: int,
    out_m: np.ndarray,
    out_k: np.ndarray,
) -> None:
    """Put the eliminated states back: rows 0 to n_out - 1 of `out` from those below, one column a target."""
    n, q = out_m.shape
    for k in range(n_out - 1, -1, -1):
        for t in range(q):
            out_m[k, t], out_k[k, t] = c_m[k], c_k[k]
        for j in range(k + 1, n):
            if a_m[k, j] != 0.0:
                for t in range(q):
                    out_m[k, t], out_k[k, t] = add_product(
                        out_m[k, t], out_k[k, t], a_m[k, j], a_k[k, j], out_m[j, t], out_k[j, t]
                    )
        for t in range(q):
            out_m[k, t], out_k[k, t] = divide(out_m[k, t], out_k[k, t], pivot_m[k], pivot_k[k])
