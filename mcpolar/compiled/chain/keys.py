"""Weights as sortable 64-bit keys: who is nearer is decided without a wrong choice, at any sigma.

At small sigma an update leaves r tanh(l/2) = r (2w - 1) on a whole number but for terms of size e^-|z|, which the
log-odds in doubles cannot hold: they store log(3/2) where the chain has log(3/2) + e^-700. Two agents at distances
1/5 and 1/5 + e^-700 would be told apart by the rounding of the logarithm. So each agent keeps, beside its log-odds,

    r tanh(l/2) = n + d,   n whole,   |d| <= 1/2,

with d as a sign and a binary logarithm of its own, which the update makes from its small terms (:func:`key_of`) and
which nothing afterwards rounds away. Both stand in one signed word: n in the highest bits, then d, so that words are
ordered as weights are, and -w + 1 has the word with the sign changed. Distances are compared whole parts first;
where those tie, the d are scaled by the largest of them (:func:`excess`). No logarithm or exponential is needed.

For |d| = F 2^E, 1 <= F < 2, the logarithm kept is mu = -(E + F - 1), linear between powers of 2: d comes back with
the relative error of e^-z itself, about one unit in the last place of z. A continuous event of probability about
1e-12 is misjudged; ties that the chain has by structure (equal weights, the start w = 1/2) are exact.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import (
    INLINE,
    LN2_HIGH,
    LN2_LOW,
    LOG2_E,
    ONE_BITS,
    ROUNDER,
    ROUNDER_BITS,
    exp,
    expm1,
    expm1_rest,
)
from mcpolar.compiled.base.simd import (
    bits_of,
    double_of,
    floor,
    fma,
    is_equal,
    is_negative,
    is_same,
    larger,
    select,
    select_word,
    signed_shift,
    size,
    smaller,
)

Keys = NDArray[np.int64]
Word: TypeAlias = Any  # uint64 or 32 of them
Real: TypeAlias = Any  # a double or 32 of them

WIDEST_RESIDUAL = (
    58  # bits of the residual with its sign, for r up to 31: mu below 2^62, at a precision of 2^-51
)
LARGEST_EXACT_MEMORY = 1023  # beyond, the residual has fewer than 53 bits
FAR = 2.0**50  # where a logarithm is so large, what is added to it is below its last place
SMALLEST = -200.0  # terms below 2^-200 of the largest decide nothing
NEVER = 2.0**62  # the logarithm of nothing

_SIGN, _FRACTION = np.uint64(1 << 63), np.uint64((1 << 52) - 1)
_0, _1, _52, _1023 = np.uint64(0), np.uint64(1), np.uint64(52), np.uint64(1023)
_TOP, _WIDEST = np.uint64((1 << 57) - 1), np.uint64(WIDEST_RESIDUAL)


def residual_bits(r: int) -> int:
    """Return how many bits the residual has, with its sign: what n from -r to r leaves of 64.

    Examples
    --------
    >>> [residual_bits(r) for r in (1, 16, 31, 32, 1023)]
    [58, 58, 58, 57, 53]
    """
    return min(WIDEST_RESIDUAL, 63 - r.bit_length())


@njit(**INLINE)
def key_of(balance: Real, nearest: Real, correction: Real, width: np.uint64) -> Word:
    """Return the key of n + d = balance + 2 correction e^-nearest, for a residual of `width` bits.

    `balance` is whole and `nearest` >= 0: what an update knows before it takes any logarithm.
    """
    is_far = nearest > FAR
    rounded = fma(smaller(nearest, FAR), -LOG2_E, ROUNDER)
    whole_power = rounded - ROUNDER  # e^-nearest = 2^power (1 + rest)
    rest = expm1_rest(fma(whole_power, -LN2_LOW, fma(whole_power, -LN2_HIGH, -smaller(nearest, FAR))))
    power = select(is_far, nearest * -LOG2_E, whole_power)
    part = 2.0 * select(is_far, correction, fma(correction, rest, correction))
    moved = part * _power_of_two(larger(power, -60.0))
    moved = select(power > -60.0, moved, 0.0)
    whole = (moved + ROUNDER) - ROUNDER
    is_small = is_equal(whole, 0.0)
    return pack(balance + whole, select(is_small, part, moved - whole), select(is_small, power, 0.0), width)


@njit(**INLINE)
def _power_of_two(n: Real) -> Real:
    """Return 2^n for a whole n from -1000 to 1000."""
    return double_of(bits_of(n + (ROUNDER + 1023.0)) << _52)


@njit(**INLINE)
def pack(whole: Real, residual: Real, power: Real, width: np.uint64) -> Word:
    """Return the key of whole + residual 2^power."""
    bits = bits_of(residual)
    magnitude = bits & (_SIGN - _1)
    exponent = double_of(((magnitude >> _52) - _1023) + ROUNDER_BITS) - ROUNDER + power
    fraction = double_of((magnitude & _FRACTION) | ONE_BITS) - 1.0
    mu = smaller(larger(-exponent - fraction, 1.0), NEVER)
    distance = (_TOP - ((bits_of(mu) - ONE_BITS) >> _1)) >> (_WIDEST - width)
    distance = select_word(is_same(magnitude, _0), _0, distance)
    return (bits_of(whole + ROUNDER) << width) + select_word(is_negative(bits), _0 - distance, distance)


@njit(**INLINE)
def key_at(log_odds: float, r: int, width: np.uint64) -> np.uint64:
    """Return the key of a weight given by its log-odds alone: a start, or any weight with r = 1."""
    distance = size(log_odds)
    decayed = exp(-smaller(distance, 300.0))
    slope = float(r) * -expm1(-smaller(distance, 300.0)) / (1.0 + decayed)  # r tanh(|l|/2)
    if slope < 0.5:
        key = pack(0.0, slope, 0.0, width)
    else:
        key = key_of(float(r), distance, -float(r) / (1.0 + decayed), width)
    return key if log_odds >= 0.0 else _0 - key


@njit(**INLINE)
def whole_of(key: Word, width: np.uint64) -> Word:
    """Return n of a key."""
    return signed_shift(key + (_1 << (width - _1)), width)


@njit(**INLINE)
def logarithm_of(key: Word, whole: Word, width: np.uint64) -> tuple[Real, Real]:
    """Return mu and the sign of d; (2^62, 0) for d = 0."""
    code = key - (whole << width)
    below = is_negative(code)
    distance = select_word(below, _0 - code, code) << (_WIDEST - width)
    mu = double_of(((_TOP - distance) << _1) + ONE_BITS)
    nothing = is_same(code, _0)
    return select(nothing, NEVER, mu), select(nothing, 0.0, select(below, -1.0, 1.0))


@njit(**INLINE)
def scaled(mu: Real, sign: Real, scale: Real) -> Real:
    """Return d 2^scale, in size at least 2^-200 unless d = 0."""
    power = floor(-mu)
    fraction = 1.0 + (-mu - power)
    return sign * (fraction * _power_of_two(larger(power + scale, SMALLEST)))


@njit(**INLINE)
def excess(centre: Word, lower: Word, upper: Word, width: np.uint64) -> Real:
    """Return a number with the sign of (w - w_lower) - (w_upper - w), 0 for a tie; keys lower <= centre <= upper."""
    n = whole_of(centre, width)
    return excess_over(centre, n, *logarithm_of(centre, n, width), lower, upper, width)


@njit(**INLINE)
def excess_over(
    centre: Word, n: Word, mu: Real, sign: Real, lower: Word, upper: Word, width: np.uint64
) -> Real:
    """Return :func:`excess`, given what the centre's key says."""
    n_lower, n_upper = whole_of(lower, width), whole_of(upper, width)
    mu_lower, sign_lower = logarithm_of(lower, n_lower, width)
    mu_upper, sign_upper = logarithm_of(upper, n_upper, width)
    wholes = double_of(((n + n) - n_lower - n_upper) + ROUNDER_BITS) - ROUNDER
    scale = select(is_equal(wholes, 0.0), floor(smaller(mu, smaller(mu_lower, mu_upper))), 0.0)
    return wholes + (
        2.0 * scaled(mu, sign, scale)
        - (scaled(mu_lower, sign_lower, scale) + scaled(mu_upper, sign_upper, scale))
    )
