"""exp, expm1, log, sine and cosine from IEEE operations only: the same bits in every loop, on every machine.

Why they are written out. A loop over replicas vectorises only if all that it calls is plain arithmetic. And
library versions differ in the last bit between systems, and between scalar and vector code; these do not:
with no fused multiply-add and no reordering (numba's fastmath stays off) every operation is correctly
rounded, so that all loops of this package give identical paths. No conversion between integers and doubles
is used, which only the newest vector units have: adding `_ROUNDER` leaves a whole number in the low bits of
a double.

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
_52, _12, _1, _2 = np.uint64(52), np.uint64(12), np.uint64(1), np.uint64(2)
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


@njit(**INLINE)
def _reduced_expm1(x: float) -> tuple[float, float]:
    """Return (2^n, exp(y) - 1) with x = n log 2 + y and |y| <= log(2)/2; |x| <= 700."""
    rounded = x * _LOG2_E + _ROUNDER
    n = rounded - _ROUNDER
    y = (x - n * _LN2_HIGH) - n * _LN2_LOW
    # Taylor's series, written out: y^13/13! is below 2^-52 of the sum
    p = 1.6059043836821613e-10
    p = p * y + 2.08767569878681e-09
    p = p * y + 2.505210838544172e-08
    p = p * y + 2.755731922398589e-07
    p = p * y + 2.7557319223985893e-06
    p = p * y + 2.48015873015873e-05
    p = p * y + 1.984126984126984e-04
    p = p * y + 1.388888888888889e-03
    p = p * y + 8.333333333333333e-03
    p = p * y + 4.1666666666666664e-02
    p = p * y + 1.6666666666666666e-01
    p = p * y + 0.5
    return double_of((bits_of(rounded) << _52) + _ONE_BITS), y + y * y * p


@njit(**INLINE)
def exp(x: float) -> float:
    """Return e^x for |x| <= 700."""
    scale, rest = _reduced_expm1(x)
    return scale + scale * rest


@njit(**INLINE)
def expm1(x: float) -> float:
    """Return e^x - 1 for |x| <= 700, without cancellation at small x."""
    scale, rest = _reduced_expm1(x)
    return (scale - 1.0) + scale * rest


@njit(**INLINE)
def log(x: float) -> float:
    """Return the natural logarithm of a normal double x > 0, by fdlibm's scheme."""
    bits = bits_of(x)
    # x = 2^n (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2); 2^10 is added to n so that it is never negative
    n_shifted = (bits - np.uint64(0x3FE6A09E667F3BCD) + np.uint64(1024 << 52)) >> _52
    f = double_of(bits - ((n_shifted - np.uint64(1024)) << _52)) - 1.0
    n = double_of(_ROUNDER_BITS + n_shifted) - (_ROUNDER + 1024.0)
    s = f / (2.0 + f)
    half_square = 0.5 * f * f
    return n * _LN2_HIGH - ((half_square - (s * (half_square + _atanh_rest(s)) + n * _LN2_LOW)) - f)


@njit(**INLINE)
def two_atanh(s: float) -> float:
    """Return log((1 + s)/(1 - s)) for |s| <= 3 - 2 sqrt 2, with no cancellation at small s."""
    return s * (2.0 + _atanh_rest(s))


@njit(**INLINE)
def _atanh_rest(s: float) -> float:
    """Return 2 atanh(s)/s - 2 for |s| <= 3 - 2 sqrt 2 = 0.1715 (fdlibm's polynomial)."""
    z = s * s
    p = 1.479819860511658591e-01
    p = p * z + 1.531383769920937332e-01
    p = p * z + 1.818357216161805012e-01
    p = p * z + 2.222219843214978396e-01
    p = p * z + 2.857142874366239149e-01
    p = p * z + 3.999999999940941908e-01
    p = p * z + 6.666666666666735130e-01
    return p * z


@njit(**INLINE)
def cos_sin_turns(u: float) -> tuple[float, float]:
    """Return the cosine and sine of 2 pi u, 0 <= u <= 1."""
    rounded = u * 4.0 + _ROUNDER
    quarter = bits_of(rounded)
    x = (u - 0.25 * (rounded - _ROUNDER)) * (2.0 * math.pi)  # |x| <= pi/4; the difference is exact
    z = x * x
    p = -7.6471637318198164759e-13
    p = p * z + 1.6059043836821614599e-10
    p = p * z - 2.5052108385441718775e-08
    p = p * z + 2.7557319223985890653e-06
    p = p * z - 1.9841269841269841270e-04
    p = p * z + 8.3333333333333333333e-03
    p = p * z - 1.6666666666666666667e-01
    q = 4.7794773323873852974e-14
    q = q * z - 1.1470745597729724714e-11
    q = q * z + 2.0876756987868098979e-09
    q = q * z - 2.7557319223985890653e-07
    q = q * z + 2.4801587301587301587e-05
    q = q * z - 1.3888888888888888889e-03
    q = q * z + 4.1666666666666666667e-02
    q = q * z - 0.5
    sine, cosine = x + x * z * p, 1.0 + z * q
    swapped = (quarter & _1) != 0
    a, b = (sine, cosine) if swapped else (cosine, sine)
    return (-a if ((quarter + _1) & _2) != 0 else a), (-b if (quarter & _2) != 0 else b)
