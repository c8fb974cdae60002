"""One EM step of the weights on a memory, with a floor as published or exact.

It takes the memory's rows of likelihoods (each shifted to a maximum of 1) with one row replaced by a new point's, so
that a copy of the memory is never made. Weights and likelihoods are linear, and 0 below 1e-140; a row whose total is
so small that this could matter is done in logs. The logs of the new weights are found without the linear ones.
"""

from __future__ import annotations

import math

from numba import njit

from mcpolar.compiled.mixture.points import (
    LOOP,
    PADDING,
    SPLICED,
    Floats,
    exp_nonpositive,
    largest,
    log_positive,
)

SMALLEST_TOTAL = 1e-100


@njit(**LOOP, fastmath={"reassoc", "nsz"})
def sum_of_products(left: Floats, right: Floats) -> float:
    """Return the sum of products of non-negative numbers; any order of the terms is as exact as another."""
    total = 0.0
    for a in range(left.size):
        total += left[a] * right[a]
    return total


@njit(**LOOP, fastmath={"reassoc", "nsz"})
def sum_of(row: Floats) -> float:
    """Return the sum of non-negative numbers."""
    total = 0.0
    for a in range(row.size):
        total += row[a]
    return total


@njit(**SPLICED)
def clip_weights(weights: Floats, n: int, floor: float, out: Floats) -> None:
    """Clip the first n weights to [floor, 1 - floor] and divide by their sum; padding stays 0."""
    high = 1.0 - floor
    for a in range(out.size):
        out[a] = min(max(weights[a], floor), high)
    for a in range(n, out.size):
        out[a] = 0.0
    inverse = 1.0 / sum_of(out)
    for a in range(out.size):
        out[a] *= inverse


@njit(**SPLICED)
def mean_posterior(
    weights: Floats,
    log_weights: Floats,
    rows: Floats,
    log_rows: Floats,
    replaced: int,
    new: Floats,
    log_new: Floats,
    in_logs: bool,
    evidence: Floats,
    work: Floats,
    out: Floats,
) -> None:
    """Write mean_h w_a L_ha / sum_b w_b L_hb; with `in_logs` also the logs of the sums, the rows' evidence.

    A row's maximum is 1, so its total is at least the smallest weight: with a floor >= 1e-100 logs are never needed.
    """
    r = rows.shape[0]
    out[:] = 0.0
    for h in range(r):
        row = new if h == replaced else rows[h]
        total = sum_of_products(weights, row)
        if in_logs:
            evidence[h] = math.log(max(total, SMALLEST_TOTAL))
        if total >= SMALLEST_TOTAL:
            scale = 1.0 / (total * r)
            for a in range(out.size):
                out[a] += weights[a] * row[a] * scale
        else:
            evidence[h] = _posterior(log_weights, log_new if h == replaced else log_rows[h], work)
            for a in range(out.size):
                out[a] += work[a] / r


@njit(**LOOP)
def _posterior(log_weights: Floats, log_row: Floats, out: Floats) -> float:
    """Write w_a L_a / sum_b w_b L_b from logs; return the log of the sum."""
    for a in range(out.size):
        out[a] = log_weights[a] + log_row[a]
    top = largest(out)
    for a in range(out.size):
        out[a] = exp_nonpositive(out[a] - top)
    total = sum_of(out)
    for a in range(out.size):
        out[a] /= total
    return top + math.log(total)


@njit(**SPLICED)
def log_mean_posterior(
    log_weights: Floats,
    log_rows: Floats,
    replaced: int,
    log_new: Floats,
    evidence: Floats,
    top: Floats,
    work: Floats,
    out: Floats,
    log_out: Floats,
) -> None:
    """Write log w_a + log mean_h (L_ha / evidence_h), whatever its size, and its exponential.

    `mean_posterior` will not do for `out`: from a weight taken as 0 it never finds the way back.
    """
    r = log_rows.shape[0]
    top[:] = -1e308
    for h in range(r):
        log_row = log_new if h == replaced else log_rows[h]
        for a in range(top.size):
            top[a] = max(top[a], log_row[a] - evidence[h])
    work[:] = 0.0
    for h in range(r):
        log_row = log_new if h == replaced else log_rows[h]
        for a in range(work.size):
            work[a] += exp_nonpositive(log_row[a] - evidence[h] - top[a])
    log_r = math.log(r)
    for a in range(log_out.size):
        # components that pad stay at their -1e300
        log_out[a] = max(log_weights[a] + top[a] + (log_positive(work[a]) - log_r), PADDING)
        out[a] = exp_nonpositive(min(log_out[a], 0.0))
