"""exp, expm1, log, sine and cosine from IEEE operations only: the same bits in every loop, on every machine.

Why they are written out. A loop over replicas vectorises only if all that it calls is plain arithmetic. And library
versions differ in the last bit between systems, and between scalar and vector code; these do not: numba's fastmath
stays off, so that nothing is reordered or fused behind our back, and the fused multiply-adds are asked for by name
(`fma`, correctly rounded by IEEE 754). So all loops of this package give identical paths. All functions take a double
or 32 of them (:mod:`mcpolar.compiled.base.simd`). Processors without a fused multiply-add (x86 before 2013) emulate
it, slowly. No conversion between integers and doubles is used, which only the newest vector units have: adding
`ROUNDER` to a double leaves the nearest whole number in its low bits.

Errors are below 2 units in the last place; the tests hold them against mpmath.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from mcpolar.compiled.base.simd import bits_of, double_of, fma, is_equal, is_same, larger, select, size

__all__ = [
    "INLINE", "LN2_HIGH", "LN2_LOW", "LOG2_E", "ONE_BITS", "ROUNDER", "ROUNDER_BITS", "bits_of", "cos_sin_turns",
    "double_of", "exp", "expm1", "expm1_rest", "fma", "log", "log_of_ratio", "log_of_split", "split_for_log",
]  # fmt: skip

INLINE: dict[str, Any] = {"error_model": "numpy", "forceinline": True}

ROUNDER = 1.5 * 2.0**52
ROUNDER_BITS = np.uint64(0x4338000000000000)
ONE_BITS = np.uint64(1023 << 52)
_SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
_2_TO_10, _2_TO_10_BITS = np.uint64(1024), np.uint64(1024 << 52)
_RATIO_BITS, _2048_LESS_1023 = np.uint64((2048 << 52) + (1 << 51)), np.uint64(2048 - 1023)
_62, _52, _1, _2 = np.uint64(62), np.uint64(52), np.uint64(1), np.uint64(2)
LOG2_E = 1.0 / math.log(2.0)
# log 2 in two parts (fdlibm's): a whole number below 2^20 times the first is exact
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


@njit(**INLINE)
def _reduced_expm1(x: float) -> tuple[float, float]:
    """Return (2^n, exp(y) - 1) with x = n log 2 + y and |y| <= log(2)/2; |x| <= 700."""
    rounded = fma(x, LOG2_E, ROUNDER)
    n = rounded - ROUNDER
    y = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, x))
    return double_of((bits_of(rounded) << _52) + ONE_BITS), expm1_rest(y)


@njit(**INLINE)
def expm1_rest(y: float) -> float:
    """Return e^y - 1 for |y| <= log(2)/2, by a near-minimax polynomial of degree 11 (its error is 1.6e-17)."""
    p = 2.51003758422237e-08
    p = fma(p, y, 2.7620075892548164e-07)
    p = fma(p, y, 2.7557268480289716e-06)
    p = fma(p, y, 2.480152132234228e-05)
    p = fma(p, y, 1.9841269863040559e-04)
    p = fma(p, y, 1.3888888917196736e-03)
    p = fma(p, y, 8.333333333330065e-03)
    p = fma(p, y, 4.1666666666624164e-02)
    p = fma(p, y, 1.6666666666666669e-01)
    p = fma(p, y, 0.5)
    return fma(p, y * y, y)


@njit(**INLINE)
def exp(x: float) -> float:
    """Return e^x for |x| <= 700."""
    scale, rest = _reduced_expm1(x)
    return fma(scale, rest, scale)


@njit(**INLINE)
def expm1(x: float) -> float:
    """Return e^x - 1 for |x| <= 700, without cancellation at small x."""
    scale, rest = _reduced_expm1(x)
    return fma(scale, rest, scale - 1.0)


@njit(**INLINE)
def log(x: float) -> float:
    """Return the natural logarithm of a normal double x > 0."""
    n, f = split_for_log(x)
    return log_of_split(n, f, f / (2.0 + f))


@njit(**INLINE)
def split_for_log(x: float) -> tuple[float, float]:
    """Return (n, f) with x = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for a normal double x > 0."""
    bits = bits_of(x)
    # 2^10 is added to n so that it is never negative
    n_shifted = (bits - _SQRT_HALF_BITS + _2_TO_10_BITS) >> _52
    fraction = double_of(bits - ((n_shifted - _2_TO_10) << _52))
    return double_of(ROUNDER_BITS + n_shifted) - (ROUNDER + 1024.0), fraction - 1.0


@njit(**INLINE)
def log_of_split(n: float, f: float, s: float) -> float:
    """Return log(2^n (1 + f)), given s = f / (2 + f): fdlibm's scheme."""
    half_square = 0.5 * f * f
    return fma(n, LN2_HIGH, f - (half_square - fma(s, half_square + _atanh_rest(s), n * LN2_LOW)))


@njit(**INLINE)
def _atanh_rest(s: float) -> float:
    """Return 2 atanh(s)/s - 2 for |s| <= 3 - 2 sqrt 2 = 0.1715 (fdlibm's polynomial)."""
    bounded = larger(size(s), 2.0**-100)  # a square that underflows costs a hundred cycles
    z = bounded * bounded
    p = 1.479819860511658591e-01
    p = fma(p, z, 1.531383769920937332e-01)
    p = fma(p, z, 1.818357216161805012e-01)
    p = fma(p, z, 2.222219843214978396e-01)
    p = fma(p, z, 2.857142874366239149e-01)
    p = fma(p, z, 3.999999999940941908e-01)
    p = fma(p, z, 6.666666666666735130e-01)
    return p * z


@njit(**INLINE)
def log_of_ratio(a: float, b: float, difference: float) -> float:
    """Return log(a / b) of normal doubles within 2^600 of one another; near a = b from `difference` = a - b alone.

    With the power of two nearest to a / b taken into b, it is 2 atanh((a - b) / (a + b)): one division, and full
    relative accuracy near a = b if `difference` has it.
    """
    # n is the whole number nearest to log2(a / b), up to 0.09; 2^11 is added so that it is never negative
    n_shifted = (bits_of(a) - bits_of(b) + _RATIO_BITS) >> _52
    n = double_of(ROUNDER_BITS + n_shifted) - (ROUNDER + 2048.0)
    b = b * double_of((n_shifted - _2048_LESS_1023) << _52)
    s = select(is_equal(n, 0.0), difference, a - b) / (a + b)
    bounded = larger(size(s), 2.0**-100)  # a square that underflows costs a hundred cycles
    z = bounded * bounded
    p = 1.3751961445946545e-01
    p = fma(p, z, 1.3190435859292918e-01)
    p = fma(p, z, 1.538988292237956e-01)
    p = fma(p, z, 1.8181711291123198e-01)
    p = fma(p, z, 2.2222223396233404e-01)
    p = fma(p, z, 2.8571428565109264e-01)
    p = fma(p, z, 4.0000000000012936e-01)
    p = fma(p, z, 6.666666666666666e-01)
    return fma(n, LN2_HIGH, fma(n, LN2_LOW, s * fma(p, z, 2.0)))


@njit(**INLINE)
def cos_sin_turns(u: float) -> tuple[float, float]:
    """Return the cosine and sine of 2 pi u, 0 <= u <= 1."""
    rounded = fma(u, 4.0, ROUNDER)
    quarter = bits_of(rounded)
    x = fma(rounded - ROUNDER, -0.25, u) * (2.0 * math.pi)  # at most pi/4 in size
    z = x * x
    p = -7.6471637318198164759e-13
    p = fma(p, z, 1.6059043836821614599e-10)
    p = fma(p, z, -2.5052108385441718775e-08)
    p = fma(p, z, 2.7557319223985890653e-06)
    p = fma(p, z, -1.9841269841269841270e-04)
    p = fma(p, z, 8.3333333333333333333e-03)
    p = fma(p, z, -1.6666666666666666667e-01)
    q = 4.7794773323873852974e-14
    q = fma(q, z, -1.1470745597729724714e-11)
    q = fma(q, z, 2.0876756987868098979e-09)
    q = fma(q, z, -2.7557319223985890653e-07)
    q = fma(q, z, 2.4801587301587301587e-05)
    q = fma(q, z, -1.3888888888888888889e-03)
    q = fma(q, z, 4.1666666666666666667e-02)
    q = fma(q, z, -0.5)
    sine, cosine = fma(x * z, p, x), fma(z, q, 1.0)
    swapped = is_same(quarter & _1, _1)
    a, b = select(swapped, sine, cosine), select(swapped, cosine, sine)
    # -a is a with its highest bit flipped
    flip_a, flip_b = ((quarter + _1) & _2) << _62, (quarter & _2) << _62
    return double_of(bits_of(a) ^ flip_a), double_of(bits_of(b) ^ flip_b)
