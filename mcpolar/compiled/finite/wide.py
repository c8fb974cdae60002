"""Numbers that are not negative, with the precision of doubles and exponents without end.

A wide number is a pair (m, k) for m 2^(512 k), with m = 0 or 2^-256 <= m < 2^256. Products and quotients of two
such m stay within the doubles, so that a comparison and a multiplication by a power of two restore the form, and
no rounding is added to that of the doubles.
"""

from __future__ import annotations

import numba
import numpy as np

UP, DOWN = 2.0**512, 2.0**-512
HIGH, LOW = 2.0**256, 2.0**-256
BELOW = -(2**60)  # the exponent of 0 beside any other

INLINE = {"error_model": "numpy", "forceinline": True}


@numba.njit(**INLINE)
def settle(m: float, k: int) -> tuple[float, int]:
    """Return the form in which 2^-256 <= m < 2^256, for m within 2^+-512."""
    if m >= HIGH:
        return m * DOWN, k + 1
    if m < LOW and m > 0.0:
        return m * UP, k - 1
    return m, k


@numba.njit(**INLINE)
def add(am: float, ak: int, bm: float, bk: int) -> tuple[float, int]:
    """Return a + b."""
    if bm == 0.0:
        return am, ak
    if am == 0.0:
        return bm, bk
    if ak == bk:
        m = am + bm
        if m >= HIGH:
            return m * DOWN, ak + 1
        return m, ak
    if ak == bk + 1:
        return settle(am + bm * DOWN, ak)
    if bk == ak + 1:
        return settle(bm + am * DOWN, bk)
    if ak > bk:
        return am, ak
    return bm, bk


@numba.njit(**INLINE)
def multiply(am: float, ak: int, bm: float, bk: int) -> tuple[float, int]:
    """Return a b."""
    return settle(am * bm, ak + bk)


@numba.njit(**INLINE)
def divide(am: float, ak: int, bm: float, bk: int) -> tuple[float, int]:
    """Return a / b for b > 0."""
    return settle(am / bm, ak - bk)


@numba.njit(**INLINE)
def add_product(am: float, ak: int, bm: float, bk: int, cm: float, ck: int) -> tuple[float, int]:
    """Return a + b c."""
    m, k = settle(bm * cm, bk + ck)
    return add(am, ak, m, k)


@numba.njit(**INLINE)
def add_products(am: np.ndarray, ak: np.ndarray, bm: float, bk: int, cm: np.ndarray, ck: np.ndarray) -> None:
    """Add b c to the vector a, in place: the bits of :func:`add_product`, without a branch that stops vectors."""
    for j in range(am.size):
        m = bm * cm[j]
        large, small = m >= HIGH, m < LOW
        m *= DOWN if large else (UP if small else 1.0)
        k = bk + ck[j] + (1 if large else (-1 if small else 0))
        k = k if m > 0.0 else BELOW
        own = ak[j] if am[j] > 0.0 else BELOW
        top = max(own, k)
        m *= 1.0 if k == top else (DOWN if k == top - 1 else 0.0)
        m += am[j] * (1.0 if own == top else (DOWN if own == top - 1 else 0.0))
        large = m >= HIGH
        am[j] = m * (DOWN if large else 1.0)
        ak[j] = top + (1 if large else 0) if m > 0.0 else 0


@numba.njit(**INLINE)
def ratio(am: float, ak: int, bm: float, bk: int) -> float:
    """Return a / b as a double, 0 or infinite where it is out of their range."""
    m, k = divide(am, ak, bm, bk)
    if k == 0:
        return m
    if k < -3:
        return 0.0
    if k > 3:
        return np.inf
    while k > 0:
        m, k = m * UP, k - 1
    while k < 0:
        m, k = m * DOWN, k + 1
    return m
