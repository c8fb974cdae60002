"""Exact draws from a standard normal on an interval, by rejection with counter-based draws.

Attempt a of a draw uses the block whose index is `index * 2^ATTEMPT_BITS + a`: still a function of (key, purpose,
replica, index). Each attempt succeeds with probability above 0.4 except on wide intervals far from 0, where no draw
of ours falls; ATTEMPT_BITS leaves 2^20 attempts, so that running out has no probability to speak of (0.6^(10^6)).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.philox import INLINE, block, box_muller, uniform

ATTEMPT_BITS = 20
_ATTEMPTS = 1 << ATTEMPT_BITS
_NARROW = 2.5  # on an interval around 0 up to about sqrt(2 pi) wide uniform proposals win over normal ones


@njit(**INLINE)
def truncated_normal(
    low: float, high: float, key: NDArray[np.uint64], purpose: int, replica: int, index: int
) -> float:
    """Return a standard normal conditioned on [low, high], low < high; either end may be infinite.

    Around 0: normal proposals, or uniform ones if the interval is narrow. In a tail: exponential proposals (Robert
    1995), or uniform ones if the density falls by less than e over the interval.
    """
    sign = 1.0
    if high < 0.0:  # the left tail is the right one mirrored
        low, high, sign = -high, -low, -1.0
    for attempt in range(_ATTEMPTS):
        c0, c1, c2, c3 = block(key, purpose, replica, index * _ATTEMPTS + attempt)
        u, v = uniform(c0, c1), uniform(c2, c3)
        if low <= 0.0:
            if high - low > _NARROW:
                z, _ = box_muller(c0, c1, c2, c3)
                accepted = low <= z <= high
            else:
                z = low + u * (high - low)
                accepted = math.log(v) <= -0.5 * z * z
        elif 0.5 * (high - low) * (high + low) < 1.0:
            z = low + u * (high - low)
            accepted = math.log(v) <= 0.5 * (low - z) * (low + z)
        else:
            rate = 0.5 * (low + math.sqrt(low * low + 4.0))
            z = low - math.log(u) / rate
            accepted = z <= high and math.log(v) <= -0.5 * (z - rate) * (z - rate)
        if accepted:
            return sign * z
    return math.nan  # not reached; a NaN would be refused by every caller


@njit(cache=True, nogil=True, error_model="numpy")
def fill_truncated_normals(
    out: NDArray[np.float64], low: float, high: float, key: NDArray[np.uint64], purpose: int, replica: int
) -> None:
    """Fill `out` (n,) with independent draws, index 0, 1, …: for tests and starts."""
    for index in range(out.size):
        out[index] = truncated_normal(low, high, key, purpose, replica, index)
