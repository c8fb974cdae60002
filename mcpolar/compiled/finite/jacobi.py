"""One-sided Jacobi rotations of a matrix of unit columns times scales that may lie anywhere apart."""

from __future__ import annotations

import math

import numpy as np

from mcpolar.compiled.caching import loop
from mcpolar.compiled.finite.wide import add, add_product, divide, ratio, settle


@loop
def eliminate_pivoted(
    a_m: np.ndarray,
    a_k: np.ndarray,
    exit_m: np.ndarray,
    exit_k: np.ndarray,
    pivot_m: np.ndarray,
    pivot_k: np.ndarray,
    order: np.ndarray,
) -> None:
    """Eliminate the states of a class in place, always the one that is left fastest.

    Afterwards row k of `a`, for k = order[0], order[1], ..., holds k's rates to the states after it at its
    elimination, column k their rates to it; the last pivot is 0 if the class is closed.
    """
    n = order.size
    is_left = np.ones(n, dtype=np.bool_)
    for step in range(n):
        best, bm, bk = -1, 0.0, 0
        for i in range(n):
            if is_left[i]:
                sm, sk = exit_m[i], exit_k[i]
                for j in range(n):
                    if is_left[j] and j != i:
                        sm, sk = add(sm, sk, a_m[i, j], a_k[i, j])
                if best < 0 or (sm > 0.0 and (bm == 0.0 or sk > bk or (sk == bk and sm > bm))):
                    best, bm, bk = i, sm, sk
        order[step] = best
        pivot_m[step], pivot_k[step] = bm, bk
        is_left[best] = False
        if bm == 0.0:
            continue
        for i in range(n):
            if is_left[i] and a_m[i, best] != 0.0:
                lm, lk = divide(a_m[i, best], a_k[i, best], bm, bk)
                exit_m[i], exit_k[i] = add_product(exit_m[i], exit_k[i], lm, lk, exit_m[best], exit_k[best])
                for j in range(n):
                    if is_left[j] and j != i and a_m[best, j] != 0.0:
                        a_m[i, j], a_k[i, j] = add_product(
                            a_m[i, j], a_k[i, j], lm, lk, a_m[best, j], a_k[best, j]
                        )


@loop
def rotate(columns: np.ndarray, scale_m: np.ndarray, scale_k: np.ndarray, most: int, tolerance: float) -> int:
    """Make the columns of G = columns diag(scale) orthogonal by rotations from the right, in place.

    `columns` has a column a row, each of length 1. Where two scales lie far apart the rotation becomes a step of Gram
    and Schmidt: the ratio of the scales enters, never their size. Returns the sweeps done, -1 if not converged.
    """
    q, n = columns.shape
    for sweep in range(most):
        worst = 0.0
        for first in range(q - 1):
            for second in range(first + 1, q):
                i, j = first, second
                r = ratio(scale_m[j], scale_k[j], scale_m[i], scale_k[i])
                if r > 1.0:
                    i, j = second, first
                    r = ratio(scale_m[j], scale_k[j], scale_m[i], scale_k[i])
                c = 0.0
                for p in range(n):
                    c += columns[i, p] * columns[j, p]
                worst = max(worst, abs(c))
                if abs(c) <= tolerance:
                    continue
                # t = r tau is the tangent of the angle
                zeta = (r * r - 1.0) / (2.0 * c)
                tau = 1.0 / (abs(zeta) + math.sqrt(r * r + zeta * zeta))
                if zeta < 0.0 or (zeta == 0.0 and c > 0.0):
                    tau = -tau
                cosine = 1.0 / math.sqrt(1.0 + (r * tau) * (r * tau))
                a2, b2 = 0.0, 0.0
                for p in range(n):
                    x, y = columns[i, p], columns[j, p]
                    columns[i, p] = cosine * (x - r * r * tau * y)
                    columns[j, p] = cosine * (y + tau * x)
                    a2 += columns[i, p] * columns[i, p]
                    b2 += columns[j, p] * columns[j, p]
                a, b = math.sqrt(a2), math.sqrt(b2)
                for p in range(n):
                    columns[i, p] /= a
                    columns[j, p] /= b
                scale_m[i], scale_k[i] = settle(scale_m[i] * a, scale_k[i])
                scale_m[j], scale_k[j] = settle(scale_m[j] * b, scale_k[j])
        if worst <= tolerance:
            return sweep + 1
    return -1
