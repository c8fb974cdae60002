"""The update of one agent: which memory element goes, and the EM weight step in log-odds.

The small functions are shared by the loop over single replicas and the one over replicas in lock-step, so
that both do the same operations in the same order, and their paths agree bit for bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, fma, log_of_split, split_for_log, two_atanh

# where every z_h is above this, 1 + e^-z rounds to 1: e^-40 < 2^-57
SATURATED = 40.0
# exp is made for arguments down to -700, and e^-700 adds nothing to a sum that holds a term of at least e^-40
LARGEST_EXPONENT = 700.0
# below this 2 atanh(s) has its polynomial
NEAR_BALANCE = 0.17
# elements after which the fraction of `add_element` is reduced: its scale is at most 2^512 then
REDUCED_EVERY = 512


@njit(**INLINE)
def is_plus(u: float, sender_log_odds: float) -> bool:
    """Return whether u < w: whether the uniform u draws component +1 from the sender.

    u and 1 - u are exact, and both are at least 2^-53 > e^-37: log-odds beyond 60 leave no doubt. Below 2^-100
    e^l is 1 to the last bit, and its series would underflow, which costs a hundred cycles.
    """
    size = min(max(abs(sender_log_odds), 2.0**-100), 60.0)
    return u * exp(-size if sender_log_odds > 0.0 else size) < 1.0 - u


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
    """Return the log-odds after one EM weight step on the r elements from `start` on.

    With z_h = l + (2/sigma^2) x_h the new odds are A / B, where A is the sum of logistic(z_h) and B that of
    logistic(-z_h). Where all z_h > 40, A = r and B is a sum of e^-z_h, taken out of which is e^-min z, the
    shift; where all z_h < -40 the mirror image; else the shift is 0 (see :func:`add_element`).
    """
    lowest, highest = memory[start], memory[start]
    for h in range(1, r):
        lowest, highest = min(lowest, memory[start + h]), max(highest, memory[start + h])
    shift = shift_of(fma(doubled_precision, lowest, log_odds), fma(doubled_precision, highest, log_odds))
    if r == 1:
        return fma(doubled_precision, lowest, log_odds)
    balance, correction, scale = 0.0, 0.0, 1.0
    for h in range(r):
        z = fma(doubled_precision, memory[start + h], log_odds)
        balance, correction, scale = add_element(z, shift, balance, correction, scale)
        if h % REDUCED_EVERY == REDUCED_EVERY - 1:
            correction, scale = correction / scale, 1.0
    return log_ratio(float(r), log_r, shift, balance, correction, scale)


@njit(**INLINE)
def shift_of(smallest: float, largest: float) -> float:
    """Return what is subtracted from every z_h: 0 unless all are above 40 or all below -40."""
    return smallest if smallest > SATURATED else (largest if largest < -SATURATED else 0.0)


@njit(**INLINE)
def add_element(
    z: float, shift: float, balance: float, correction: float, scale: float
) -> tuple[float, float, float]:
    """Return the three sums with one more element.

    `balance` is the number of z_h > 0 less that of the others. With e_h = e^-|z_h - shift|, correction/scale
    is the sum of e_h/(1 + e_h) = logistic(-|z_h|), or of e_h if there is a shift, with the sign minus for z_h
    > 0. One fraction for the whole sum spares a division an element.
    """
    small = exp(max(-abs(z - shift), -LARGEST_EXPONENT))
    growth = small if shift == 0.0 else 0.0
    term = -scale if z > 0.0 else scale
    return (
        balance + (1.0 if z > 0.0 else -1.0),
        fma(term, small, fma(correction, growth, correction)),
        fma(scale, growth, scale),
    )


@njit(**INLINE)
def log_ratio(r: float, log_r: float, shift: float, balance: float, correction: float, scale: float) -> float:
    """Return the new log-odds log(A / B) from the sums of :func:`add_element`.

    Unshifted, A + B = r and A - B = balance + 2 correction/scale. So neither A, nor B, nor A - B loses
    digits, though all may be close to a whole number; and near A = B the logarithm is 2 atanh((A - B)/r),
    which keeps full relative accuracy. Shifted, log(A/B) is shift + log(r / |correction|), or its mirror
    image.

    The branches are conditional expressions that share their divisions, since the lock-step loop pays for
    both.
    """
    plus = fma(0.5 * (r + balance), scale, correction)
    minus = fma(0.5 * (r - balance), scale, -correction)
    tilt, whole = fma(balance, scale, 2.0 * correction), r * scale
    is_shifted = shift != 0.0
    is_near = (shift == 0.0) & (abs(tilt) < NEAR_BALANCE * whole)
    n, f = split_for_log((abs(correction) if is_shifted else plus) / (1.0 if is_shifted else minus))
    s = (tilt if is_near else f) / (whole if is_near else 2.0 + f)
    logarithm, near = log_of_split(n, f, s), two_atanh(s)
    ordinary = near if is_near else logarithm
    above, below = shift + (log_r - logarithm), shift - (log_r - logarithm)
    shifted = above if shift > 0.0 else below
    return shifted if is_shifted else ordinary
