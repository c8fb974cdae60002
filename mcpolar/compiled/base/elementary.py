"""exp, expm1, log, sine and cosine from IEEE operations only: the same bits in every loop, on every machine.

Why they are written out. A loop over replicas vectorises only if all that it calls is plain arithmetic. And
library versions differ in the last bit between systems, and between scalar and vector code; these do not:
numba's fastmath stays off, so that nothing is reordered or fused behind our back, and the fused multiply-adds
are asked for by name (:func:`fma`, correctly rounded by IEEE 754). So all loops of this package give identical
paths. Processors without a fused multiply-add (x86 before 2013) emulate it, slowly. No conversion between
integers and doubles is used, which only the newest vector units have: adding `_ROUNDER` to a double leaves the
nearest whole number in its low bits.

Errors are below 2 units in the last place; the tests hold them against mpmath.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

INLINE: dict[str, Any] = {"error_model": "numpy", "forceinline": True}

_ROUNDER = 1.5 * 2.0**52
_ROUNDER_BITS = np.uint64(0x4338000000000000)
_ONE_BITS = np.uint64(1023 << 52)
_SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
_2_TO_10, _2_TO_10_BITS = np.uint64(1024), np.uint64(1024 << 52)
_52, _1, _2 = np.uint64(52), np.uint64(1), np.uint64(2)
_LOG2_E = 1.0 / math.log(2.0)
# log 2 in two parts (fdlibm's): a whole number below 2^20 times the first is exact
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


@intrinsic
def bits_of(typing_context: Any, x: Any) -> Any:
    """Return the bits of a double as uint64."""
    word = types.uint64
    return word(types.float64), lambda context, builder, signature, arguments: builder.bitcast(
        arguments[0], context.get_value_type(word)
    )


@intrinsic
def double_of(typing_context: Any, word: Any) -> Any:
    """Return the double that has these bits."""
    double = types.float64
    return double(types.uint64), lambda context, builder, signature, arguments: builder.bitcast(
        arguments[0], context.get_value_type(double)
    )


@intrinsic
def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, rounded once."""
    double = types.float64
    return double(double, double, double), lambda context, builder, signature, arguments: builder.fma(
        *arguments
    )


@njit(**INLINE)
def _reduced_expm1(x: float) -> tuple[float, float]:
    """Return (2^n, exp(y) - 1) with x = n log 2 + y and |y| <= log(2)/2; |x| <= 700."""
    rounded = fma(x, _LOG2_E, _ROUNDER)
    n = rounded - _ROUNDER
    y = fma(n, -_LN2_LOW, fma(n, -_LN2_HIGH, x))
    # Taylor's series, written out: y^13/13! is below 2^-52 of the sum
    p = 1.6059043836821613e-10
    p = fma(p, y, 2.08767569878681e-09)
    p = fma(p, y, 2.505210838544172e-08)
    p = fma(p, y, 2.755731922398589e-07)
    p = fma(p, y, 2.7557319223985893e-06)
    p = fma(p, y, 2.48015873015873e-05)
    p = fma(p, y, 1.984126984126984e-04)
    p = fma(p, y, 1.388888888888889e-03)
    p = fma(p, y, 8.333333333333333e-03)
    p = fma(p, y, 4.1666666666666664e-02)
    p = fma(p, y, 1.6666666666666666e-01)
    p = fma(p, y, 0.5)
    return double_of((bits_of(rounded) << _52) + _ONE_BITS), fma(p, y * y, y)


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
    return double_of(_ROUNDER_BITS + n_shifted) - (_ROUNDER + 1024.0), fraction - 1.0


@njit(**INLINE)
def log_of_split(n: float, f: float, s: float) -> float:
    """Return log(2^n (1 + f)), given s = f / (2 + f): fdlibm's scheme."""
    half_square = 0.5 * f * f
    return fma(n, _LN2_HIGH, f - (half_square - fma(s, half_square + _atanh_rest(s), n * _LN2_LOW)))


@njit(**INLINE)
def two_atanh(s: float) -> float:
    """Return 2 atanh(s) = log((1 + s)/(1 - s)) for |s| <= 3 - 2 sqrt 2, with no cancellation at small s."""
    return s * (2.0 + _atanh_rest(s))


@njit(**INLINE)
def _atanh_rest(s: float) -> float:
    """Return 2 atanh(s)/s - 2 for |s| <= 3 - 2 sqrt 2 = 0.1715 (fdlibm's polynomial)."""
    bounded = max(abs(s), 2.0**-100)  # a square that underflows costs a hundred cycles
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
def cos_sin_turns(u: float) -> tuple[float, float]:
    """Return the cosine and sine of 2 pi u, 0 <= u <= 1."""
    rounded = fma(u, 4.0, _ROUNDER)
    quarter = bits_of(rounded)
    x = fma(rounded - _ROUNDER, -0.25, u) * (2.0 * math.pi)  # at most pi/4 in size
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
    swapped = (quarter & _1) != 0
    a, b = (sine, cosine) if swapped else (cosine, sine)
    return (-a if ((quarter + _1) & _2) != 0 else a), (-b if (quarter & _2) != 0 else b)
