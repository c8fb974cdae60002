"""One M-step of an agent's covariances about the fixed means (Algorithm 2), floored, and scaled to a volume on request.

The responsibility of component a for element h is w_a L_ha / evidence_h; the weights cancel when it is divided by its
sum over the memory, so components of weight e^-1000 have covariances as exact as the others. The published code adds
1e-12 to that sum: a component that is responsible for far less has a covariance near 0, and goes to the floor.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from mcpolar.compiled.mixture.points import DIAGONAL, FULL, SPHERICAL, Floats, Gaussians
from mcpolar.compiled.mixture.state import PUBLISHED, VOLUME, Agents, Options, Pending, Work

LOG_ADDED = math.log(1e-12)
"""Log of what the published code adds to the total responsibility of a component."""

ARRAYS: dict[str, Any] = {"error_model": "numpy", "_nrt": True}
"""With reference counts, also when called from loops without: these functions make arrays."""

SMALLEST_SD = 1e-100
"""What a standard deviation without a floor is kept above, so that its inverse square is a double."""


@njit(**ARRAYS)
def update_covariances(
    options: Options,
    i: int,
    slot: int,
    agents: Agents,
    gaussians: Gaussians,
    pending: Pending,
    work: Work,
) -> None:
    """Write agent i's new root, inverse root and log scale to row `slot` of `pending`.

    `work.evidence` holds the log-evidence of the rows of the new memory.
    """
    points, replaced, evidence = work.points, pending.replaced[slot], work.evidence
    points[:] = agents.memory[i]
    points[replaced] = pending.point[slot]
    r, d = points.shape
    shares = np.zeros(r)
    for a in range(options.c):
        top = -np.inf
        for h in range(r):
            log_row = pending.log_likelihoods[slot] if h == replaced else agents.log_likelihoods[i, h]
            shares[h] = log_row[a] - evidence[h]
            top = max(top, shares[h])
        for h in range(r):
            shares[h] = math.exp(shares[h] - top)
        total = shares.sum()
        if options.update == PUBLISHED:
            log_weight = math.log(work.clipped[a]) if options.floor > 0.0 else agents.log_weights[i, a]
            total *= 1.0 + math.exp(LOG_ADDED - (log_weight + top + math.log(total)))
        shares /= total
        root, old_log_det = pending.root[slot, a], -gaussians.log_scale[i, a]
        if options.kind == FULL:
            _full_root(options, shares, points, gaussians.means[a], old_log_det, root)
        else:
            _axis_roots(options, shares, points, gaussians.means[a], old_log_det, root)
        pending.log_scale[slot, a] = -_log_det(options.kind, d, root)
        _invert(options.kind, root, a, pending.inverse_root[slot])
    for a in range(options.c, pending.log_scale.shape[1]):
        pending.log_scale[slot, a] = gaussians.log_scale[i, a]


@njit(**ARRAYS)
def _axis_roots(
    options: Options, shares: Floats, points: Floats, mean: Floats, old_log_det: float, root: Floats
) -> None:
    """Write the standard deviation of every axis, or the one of all axes."""
    r, d = points.shape
    root[:] = 0.0
    for h in range(r):
        for s in range(d):
            difference = points[h, s] - mean[s]
            part = shares[h] * difference * difference
            if options.kind == SPHERICAL:
                root[0, 0] += part / d
            else:
                root[s, 0] += part
    floor = max(options.sd_floor, SMALLEST_SD)
    for s in range(root.shape[0]):
        root[s, 0] = max(math.sqrt(root[s, 0]), floor)
    if options.update == VOLUME:
        root *= math.exp((old_log_det - _log_det(options.kind, d, root)) / d)


@njit(**ARRAYS)
def _full_root(
    options: Options, shares: Floats, points: Floats, mean: Floats, old_log_det: float, root: Floats
) -> None:
    """Write the lower Cholesky factor of the scatter matrix, its eigenvalues floored."""
    r, d = points.shape
    scatter = np.zeros((d, d))
    for h in range(r):
        for s in range(d):
            for t in range(d):
                scatter[s, t] += shares[h] * (points[h, s] - mean[s]) * (points[h, t] - mean[t])
    values, vectors = np.linalg.eigh(scatter)
    log_det = 0.0
    for s in range(d):
        values[s] = max(values[s], options.sd_floor * options.sd_floor)
        log_det += 0.5 * math.log(values[s])
    if options.update == VOLUME:
        values *= math.exp(2.0 * (old_log_det - log_det) / d)
    root[:, :] = np.linalg.cholesky((vectors * values) @ vectors.T)


@njit(**ARRAYS)
def _log_det(kind: int, d: int, root: Floats) -> float:
    """Return log det of the root in d dimensions."""
    if kind == SPHERICAL:
        return d * math.log(root[0, 0])
    total = 0.0
    for s in range(d):
        total += math.log(root[s, 0] if kind == DIAGONAL else root[s, s])
    return total


@njit(**ARRAYS)
def _invert(kind: int, root: Floats, a: int, out: Floats) -> None:
    """Write the inverse of one component's root to component a of `out` (p, q, C), by forward substitution."""
    for s in range(root.shape[0]):
        if kind != FULL:
            out[s, 0, a] = 1.0 / root[s, 0]
            continue
        for t in range(s + 1):
            value = 1.0 if s == t else 0.0
            for u in range(t, s):
                value -= root[s, u] * out[u, t, a]
            out[s, t, a] = value / root[s, s]


@njit(**ARRAYS)
def set_covariances(options: Options, roots: Floats, gaussians: Gaussians) -> None:
    """Give the agents the covariances whose roots (n, c, p, q) are given."""
    d = gaussians.means.shape[1]
    gaussians.root[:] = roots
    for i in range(roots.shape[0]):
        for a in range(roots.shape[1]):
            gaussians.log_scale[i, a] = -_log_det(options.kind, d, roots[i, a])
            _invert(options.kind, roots[i, a], a, gaussians.inverse_root[i])


@njit(**ARRAYS)
def keep_covariances(i: int, slot: int, gaussians: Gaussians, pending: Pending) -> None:
    """Bring row `slot` of `pending` into force for agent i."""
    gaussians.root[i] = pending.root[slot]
    gaussians.inverse_root[i] = pending.inverse_root[slot]
    gaussians.log_scale[i] = pending.log_scale[slot]


@njit(**ARRAYS)
def extreme_deviations(kind: int, root: Floats, out: Floats) -> None:
    """Write the smallest and the largest standard deviation, in any direction, of every agent to `out` (n, 2)."""
    for i in range(root.shape[0]):
        out[i, 0], out[i, 1] = np.inf, 0.0
        for a in range(root.shape[1]):
            if kind == FULL:
                values = np.sqrt(np.linalg.eigvalsh(root[i, a] @ root[i, a].T))
            else:
                values = np.ascontiguousarray(root[i, a, :, 0])
            out[i, 0], out[i, 1] = min(out[i, 0], values.min()), max(out[i, 1], values.max())
