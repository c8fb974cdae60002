"""Points of the general system: log-likelihoods under every component, likelihoods, and draws of components.

Components are padded to a multiple of eight with components that nothing can come from (log-likelihood -1e300, so
likelihood 0), so that loops over them have no remainder. A row of log-likelihoods is shifted to a maximum of 0: only
ratios matter to expectation and maximisation.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOOP: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""Without reference counts: these functions only look at arrays, and counting every view of a row costs three times
the work (atomic increments). They cannot make arrays; scratch rows come from outside."""
LEAF: dict[str, Any] = {**LOOP, "forceinline": True}
SPLICED: dict[str, Any] = {**LOOP, "inline": "always"}
"""Put into the caller before types are inferred: one compilation for all, where nested inlining repeats it."""

LANES = 8
PADDING = -1e300
LOG_NEGLIGIBLE = -322.0
"""e^-322 = 1e-140: likelihoods and weights below it are 0 in linear form, and all that needs them is done in logs."""

SPHERICAL, DIAGONAL, FULL = 0, 1, 2

_LOG2_E = 1 / math.log(2.0)
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


class Gaussians(NamedTuple):
    """Components for the loops: A = 1 (common) or n (one set an agent); C the padded number of components."""

    means: Floats
    """(c, d)."""
    means_by_axis: Floats
    """(d, C)."""
    root: Floats
    """(A, c, p, q): a draw is mean + root z. (p, q) is (1, 1) spherical, (d, 1) diagonal, (d, d) lower full."""
    inverse_root: Floats
    """(A, p, q, C): the inverse of root, component last."""
    log_scale: Floats
    """(A, C): -log det root; PADDING for components that pad."""


@njit(**LEAF)
def exp_nonpositive(x: float) -> float:
    """Return e^x for x <= 0, within 1 ulp, and 0 below LOG_NEGLIGIBLE; in a form that LLVM vectorises."""
    y = max(x, -700.0)
    k = math.floor(y * _LOG2_E + 0.5)
    y = (y - k * _LN2_HIGH) - k * _LN2_LOW
    p = 1.6059043836821613e-10 * y + 2.08767569878681e-09
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
    p = p * y + 1.0
    p = p * y + 1.0
    power = np.int64((np.int64(k) + 1023) << 52).view(np.float64)
    return p * power if x > LOG_NEGLIGIBLE else 0.0


@njit(**LOOP, fastmath={"nnan", "nsz"})
def largest(row: Floats) -> float:
    """Return the largest entry; the flags only let LLVM vectorise, as no entry is NaN."""
    most = row[0]
    for a in range(1, row.size):
        most = max(most, row[a])
    return most


@njit(**SPLICED)
def log_likelihoods(
    x: Floats, owner: int, kind: int, gaussians: Gaussians, work: Floats, out: Floats
) -> None:
    """Write log N(x; mean_a, covariance_a) + constant for every component a, shifted to a maximum of 0."""
    means, inverse, scale = gaussians.means_by_axis, gaussians.inverse_root[owner], gaussians.log_scale[owner]
    out[:] = 0.0
    for s in range(x.size):
        if kind == FULL:
            _add_full_axis(x, s, means, inverse, work, out)
        else:
            row, mean, point = inverse[s if kind == DIAGONAL else 0, 0], means[s], x[s]
            for a in range(out.size):
                z = (point - mean[a]) * row[a]
                out[a] += z * z
    for a in range(out.size):
        out[a] = scale[a] - 0.5 * out[a]
    top = largest(out)
    for a in range(out.size):
        out[a] -= top


@njit(**LOOP)
def _add_full_axis(x: Floats, s: int, means: Floats, inverse: Floats, z: Floats, out: Floats) -> None:
    z[:] = 0.0
    for t in range(s + 1):
        row, mean = inverse[s, t], means[t]
        for a in range(out.size):
            z[a] += (x[t] - mean[a]) * row[a]
    for a in range(out.size):
        out[a] += z[a] * z[a]


@njit(**LEAF)
def log_positive(x: float) -> float:
    """Return log x for a normal x > 0, within 1 ulp (fdlibm's scheme), in a form that LLVM vectorises."""
    bits = np.float64(x).view(np.int64)
    k = (bits - 0x3FE6A09E667F3BCD) >> 52
    f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 1.531383769920937332e-01 + z * 1.479819860511658591e-01
    p = 1.818357216161805012e-01 + z * p
    p = 2.222219843214978396e-01 + z * p
    p = 2.857142874366239149e-01 + z * p
    p = 3.999999999940941908e-01 + z * p
    p = 6.666666666666735130e-01 + z * p
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + z * p) + k * _LN2_LOW)) - f)


@njit(**SPLICED)
def exponentials(logs: Floats, out: Floats) -> None:
    """Write e^logs; logs <= 0."""
    for a in range(out.size):
        out[a] = exp_nonpositive(logs[a])


@njit(**LEAF)
def draw_component(weights: Floats, n: int, first: int, u: float) -> int:
    """Return a component drawn by weight; the inverse distribution function with `first` before the others."""
    rest = u - weights[first]
    if rest < 0.0:
        return first
    for a in range(n):
        if a != first:
            rest -= weights[a]
            if rest < 0.0:
                return a
    # the weights add up to 1 but for rounding
    return first


@njit(**LEAF)
def copy_row(row: Floats, out: Floats) -> None:
    """Copy a row; a slice assignment would need reference counts."""
    for a in range(out.size):
        out[a] = row[a]


@njit(**SPLICED)
def place_point(
    owner: int, component: int, kind: int, gaussians: Gaussians, normals: Floats, out: Floats
) -> None:
    """Write mean + root z for one component; `normals` z has shape (d,)."""
    mean, root = gaussians.means[component], gaussians.root[owner, component]
    for s in range(out.size):
        if kind == FULL:
            out[s] = mean[s]
            for t in range(s + 1):
                out[s] += root[s, t] * normals[t]
        else:
            out[s] = mean[s] + root[s if kind == DIAGONAL else 0, 0] * normals[s]
