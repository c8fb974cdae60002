"""The update of one agent: which memory element goes, and the EM weight step in log-odds."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.elementary import INLINE, exp, log, two_atanh

# where every z_h is above this, 1 + e^-z rounds to 1: e^-40 < 2^-57
SATURATED = 40.0
# e^-700 adds nothing to a sum that holds a term of at least e^-40, and exp is made for arguments down to -700
FARTHEST_EXPONENT = -700.0
NEAR_BALANCE = 0.17


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

    With z_h = l + (2/sigma^2) x_h the new odds are A / B, A the sum of logistic(z_h) and B that of
    logistic(-z_h). Where all z_h > 40, A = r and B is a sum of e^-z_h, shifted by the smallest z_h; where all
    z_h < -40 the mirror image; else :func:`log_ratio`.
    """
    smallest, largest = np.inf, -np.inf
    for h in range(r):
        z = log_odds + doubled_precision * memory[start + h]
        smallest, largest = min(smallest, z), max(largest, z)
    if r == 1:
        return smallest
    if smallest > SATURATED:
        return smallest + (log_r - log(_sum_of_exp(log_odds, memory, start, r, doubled_precision, smallest)))
    if largest < -SATURATED:
        return largest - (log_r - log(_sum_of_exp(log_odds, memory, start, r, doubled_precision, largest)))
    balance, correction = 0.0, 0.0
    for h in range(r):
        z = log_odds + doubled_precision * memory[start + h]
        small = exp(max(-abs(z), FARTHEST_EXPONENT))
        unlikely = small / (1.0 + small)
        balance += 1.0 if z > 0.0 else -1.0
        correction += -unlikely if z > 0.0 else unlikely
    return log_ratio(float(r), balance, correction)


@njit(**INLINE)
def log_ratio(r: float, balance: float, correction: float) -> float:
    """Return log(A / B) where A - B = balance + 2 correction and A + B = r.

    `balance` is the whole number of z_h > 0 less the others, and `correction` the sum of logistic(-|z_h|),
    with the sign minus for z_h > 0: so neither A, nor B, nor A - B loses digits, though all may be close to a
    whole number; and at A - B close to 0 the logarithm is 2 atanh((A - B)/r), of full relative accuracy.
    """
    plus, minus = 0.5 * (r + balance) + correction, 0.5 * (r - balance) - correction
    tilt = (balance + 2.0 * correction) / r
    return two_atanh(tilt) if abs(tilt) < NEAR_BALANCE else log(plus / minus)


@njit(**INLINE)
def _sum_of_exp(
    log_odds: float, memory: NDArray[np.float64], start: int, r: int, doubled_precision: float, shift: float
) -> float:
    total = 0.0
    for h in range(r):
        z = log_odds + doubled_precision * memory[start + h]
        total += exp(max(-abs(z - shift), FARTHEST_EXPONENT))
    return total
