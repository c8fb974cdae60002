"""The update of one agent: which memory element goes, and the EM weight step in log-odds.

Every loop over the chain makes these operations in this order, for one replica or for 32 in lanes (numbers or
vectors, :mod:`mcpolar.compiled.base.simd`), so that all paths agree bit for bit. All small terms are relative to the
largest of them, e^-min |z|; so neither the log-odds nor the key of the weight (:mod:`mcpolar.compiled.chain.keys`)
loses digits anywhere.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, ONE_BITS, exp, log_of_ratio
from mcpolar.compiled.base.simd import (
    bits_of,
    both,
    double_of,
    fma,
    is_equal,
    larger,
    select,
    size,
    smaller,
)

# where every |z_h| is above this, on one side, 1 + e^-z rounds to 1: e^-40 < 2^-57
SATURATED = 40.0
# e^-300 adds nothing to a sum that holds 1, and its square is a normal double
LARGEST_EXPONENT = 300.0
# elements after which the fraction of `add_element` is reduced: its scale is at most 2^512 then
REDUCED_EVERY = 512
SIGN = np.uint64(1 << 63)


@njit(**INLINE)
def is_plus(u: float, sender_log_odds: float) -> bool:
    """Return whether u < w: whether the uniform u draws component +1 from the sender.

    u and 1 - u are exact, and both are at least 2^-53 > e^-37: log-odds beyond 60 leave no doubt. Below 2^-100
    e^l is 1 to the last bit, and its series would underflow, which costs a hundred cycles.
    """
    bounded = smaller(larger(size(sender_log_odds), 2.0**-100), 60.0)
    return u * exp(select(sender_log_odds > 0.0, -bounded, bounded)) < 1.0 - u


@njit(**INLINE)
def farthest(memory: NDArray[np.float64], start: int, r: int, y: float) -> int:
    """Return which of the r elements from `start` on is farthest from y; ties to the smaller offset."""
    found, largest = 0, abs(memory[start] - y)
    for h in range(1, r):
        distance = abs(memory[start + h] - y)
        if distance > largest:
            found, largest = h, distance
    return found


@njit(**INLINE)
def updated_log_odds(
    log_odds: float, memory: NDArray[np.float64], start: int, r: int, doubled_precision: float, log_r: float
) -> float:
    """Return the log-odds after one EM weight step on the r elements from `start` on."""
    return updated(log_odds, memory, start, r, doubled_precision, log_r, False)[0]


@njit(**INLINE)
def updated(
    log_odds: float,
    memory: NDArray[np.float64],
    start: int,
    r: int,
    doubled_precision: float,
    log_r: float,
    is_keyed: bool,
) -> tuple[float, float, float, float]:
    """Return the log-odds after one EM weight step, and what its key is made of: balance, shift and correction.

    With z_h = l + (2/sigma^2) x_h the new odds are A / B, where A is the sum of logistic(z_h) and B that of
    logistic(-z_h): A + B = r and A - B = r tanh(l'/2) = balance + 2 correction e^-shift (see :func:`add_element`).
    """
    z = fma(doubled_precision, memory[start], log_odds)
    if r == 1:
        return z, 0.0, 0.0, 0.0
    lowest, highest, nearest = z, z, size(z)
    for h in range(1, r):
        z = fma(doubled_precision, memory[start + h], log_odds)
        lowest, highest, nearest = smaller(z, lowest), larger(z, highest), smaller(size(z), nearest)
    shift, decayed = keyed_shift(nearest) if is_keyed else plain_shift(lowest, highest)
    balance, correction, scale = 0.0, 0.0, 1.0
    for h in range(r):
        z = fma(doubled_precision, memory[start + h], log_odds)
        balance, correction, scale = add_element(z, shift, decayed, balance, correction, scale)
        if h % REDUCED_EVERY == REDUCED_EVERY - 1:
            correction, scale = correction / scale, 1.0
    moved = log_ratio(float(r), log_r, shift, decayed, balance, correction, scale)
    return moved, balance, shift, correction / scale


@njit(**INLINE)
def keyed_shift(nearest: float) -> tuple[float, float]:
    """Return the shift and e^-shift where a key is wanted: all terms are relative to the largest, e^-min |z_h|.

    e^-300 stands for what is less: then nothing is lost, since a key and `log_ratio` take the shift itself.
    """
    return nearest, exp(-smaller(nearest, LARGEST_EXPONENT))


@njit(**INLINE)
def plain_shift(lowest: float, highest: float) -> tuple[float, float]:
    """Return the shift and e^-shift where only the log-odds are wanted: none unless all z_h are far on one side.

    There e^-40 < 2^-57 counts for nothing beside 1, and an exponential is spared.
    """
    on_one_side = larger(lowest, -highest)
    is_far = on_one_side > SATURATED
    return select(is_far, on_one_side, 0.0), select(is_far, 0.0, 1.0)


@njit(**INLINE)
def add_element(
    z: float, shift: float, decayed: float, balance: float, correction: float, scale: float
) -> tuple[float, float, float]:
    """Return the three sums with one more element; decayed = e^-shift.

    `balance` is the number of z_h > 0 less that of the others. With e_h = e^(shift - |z_h|), correction/scale is
    the sum of e_h / (1 + decayed e_h) = logistic(-|z_h|) / decayed, with the sign minus for z_h > 0. One fraction
    for the whole sum spares a division an element.
    """
    small = exp(larger(shift - size(z), -LARGEST_EXPONENT))
    growth = decayed * small
    sign = bits_of(z) & SIGN
    term = double_of((sign ^ SIGN) | bits_of(scale))
    return (
        balance + double_of(sign | ONE_BITS),
        fma(term, small, fma(correction, growth, correction)),
        fma(scale, growth, scale),
    )


@njit(**INLINE)
def log_ratio(
    r: float, log_r: float, shift: float, decayed: float, balance: float, correction: float, scale: float
) -> float:
    """Return the new log-odds log(A / B) from the sums of :func:`add_element`.

    A - B is had without cancellation, and so the logarithm keeps full relative accuracy near A = B. Where all z_h
    are above 40, A = r and B = e^-shift |correction|/scale, of which the shift is taken out. Below -40 the mirror
    image.
    """
    part = decayed * correction
    is_saturated = both(shift > SATURATED, is_equal(size(balance), r))
    plus = select(is_saturated, size(correction), fma(0.5 * (balance + r), scale, part))
    minus = select(is_saturated, scale, fma(0.5 * (r - balance), scale, -part))
    tilt = fma(balance, scale, 2.0 * part)
    logarithm = log_of_ratio(plus, minus, select(is_saturated, plus - minus, tilt))
    beyond = shift + (log_r - logarithm)
    return select(is_saturated, select(balance > 0.0, beyond, -beyond), logarithm)
