"""The draws of several steps made ahead of them, in loops that vectorise: over replicas, or over steps.

A table of draws has one entry a step and lane: the receiver and the sender as flat agent numbers, the uniform
that draws the component, and the standard normal. Where the sender depends on the state, its rank among the
receiver's neighbours stands in its place.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.philox import block, box_muller, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.base.vectors import prefer_widest_vectors

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

LANES = 32  # replicas in lock-step: with 8 LLVM unrolls where it should vectorise, 64 leave the nearest cache
AHEAD = 16  # steps whose draws are made together; even

_WIDTH = np.uint64(LANES)
_32 = np.uint64(32)


@njit(error_model="numpy")
def draw_for_lanes(
    key: Words,
    first_replica: int,
    first_step: int,
    n_steps: int,
    m: int,
    k: int,
    mirror: float,
    receiver: Words,
    sender: Words,
    uniforms: Floats,
    normals: Floats,
) -> None:
    """Fill the table for `n_steps` steps from an even one on and `LANES` replicas: entry [step LANES + lane]."""
    prefer_widest_vectors()
    is_ranked = k > 0 or mirror >= 0.0
    n_others = np.uint64(k if k > 0 else m - 1)
    n_senders = n_others + np.uint64(1)  # with the receiver itself
    sender_base = np.uint64(0 if is_ranked else m)
    for t in range(n_steps):
        row = np.uint64(t) * _WIDTH
        for lane in range(LANES):
            at = np.uint64(lane)
            words = block(key, Purpose.STEP, first_replica + lane, first_step + t)
            receiver[row + at] = at * np.uint64(m) + ((words[0] * np.uint64(m)) >> _32)
            sender[row + at] = at * sender_base + ((words[1] * n_senders) >> _32)
            uniforms[row + at] = uniform(words[2], words[3])
    for t in range(0, n_steps, 2):
        row = np.uint64(t) * _WIDTH
        for lane in range(LANES):
            at = np.uint64(lane)
            words = block(key, Purpose.NORMAL, first_replica + lane, (first_step + t) >> 1)
            normals[row + at], normals[row + _WIDTH + at] = box_muller(*words)
    if mirror >= 0.0:
        for t in range(n_steps):
            row = np.uint64(t) * _WIDTH
            for lane in range(LANES):
                at = np.uint64(lane)
                words = block(key, Purpose.MIRROR, first_replica + lane, first_step + t)
                rank = np.uint64(m > 1) + ((words[2] * n_others) >> _32)
                sender[row + at] = np.uint64(0) if uniform(words[0], words[1]) < mirror else rank
