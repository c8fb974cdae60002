"""The draws of several steps made ahead of them, 32 replicas or 32 steps at once.

An entry of the tables belongs to one lane at one step: the receiver and the sender as flat agent numbers, the uniform
that draws the component, and the standard normal. Where the sender depends on the state, its rank among the
receiver's neighbours stands in its place (0: itself).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE
from mcpolar.compiled.base.philox import box_muller, lane_below, lane_block, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.base.simd import LANES, is_below, lanes, load, select_word, spread, store
from mcpolar.compiled.chain.law import Law

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

AHEAD = 16  # steps whose draws are made together; even

_0, _1 = np.uint64(0), np.uint64(1)


class Draws(NamedTuple):
    """Tables of draws, entry [(step groups + group) LANES + lane]."""

    receivers: Words
    senders: Words
    uniforms: Floats
    normals: Floats


@njit(**INLINE)
def room_for_draws(n_entries: int) -> Draws:
    """Return tables to be filled."""
    return Draws(
        np.empty(n_entries, np.uint64),
        np.empty(n_entries, np.uint64),
        np.empty(n_entries),
        np.empty(n_entries),
    )


@njit(error_model="numpy")
def draw_for_replicas(
    law: Law, first_replica: int, first_step: int, n_steps: int, groups: int, draws: Draws
) -> None:
    """Fill the tables for an even number of steps from an even one on, and `groups` times LANES replicas."""
    m, candidates = np.uint64(law.m), np.uint64(law.m if law.k == 0 else law.k + 1)
    if law.mirror >= 0.0:
        candidates -= _1
    row = groups * LANES
    for group in range(groups):
        first = group * LANES
        base = (lanes() + np.uint64(first)) * m
        replicas = lanes() + np.uint64(first_replica + first)
        for t in range(n_steps):
            c0, c1, c2, c3 = lane_block(law.key, Purpose.STEP, replicas, spread(np.uint64(first_step + t)))
            at = np.uint64(t * row + first)
            store(draws.receivers, at, base + lane_below(c0, m))
            store(draws.senders, at, lane_below(c1, candidates))
            store(draws.uniforms, at, uniform(c2, c3))
        for t in range(0, n_steps, 2):
            at, after = np.uint64(t * row + first), np.uint64((t + 1) * row + first)
            pair = spread(np.uint64((first_step + t) >> 1))
            even, odd = box_muller(*lane_block(law.key, Purpose.NORMAL, replicas, pair))
            store(draws.normals, at, even)
            store(draws.normals, after, odd)
            if law.mirror >= 0.0:
                c0, c1, c2, c3 = lane_block(law.key, Purpose.MIRROR, replicas, pair)
                _mirror(law, uniform(c0, c1), base, at, draws)
                _mirror(law, uniform(c2, c3), base, after, draws)
            elif law.k == 0:
                store(draws.senders, at, base + load(draws.senders, at))
                store(draws.senders, after, base + load(draws.senders, after))


@njit(error_model="numpy")
def draw_for_steps(
    law: Law, replica: int, first_step: int, n_steps: int, draws: Draws, spare: Floats
) -> None:
    """Fill the tables for steps of one replica without a neighbourhood, from an even one on.

    `n_steps` is a multiple of 2 LANES; `spare` (4, n_steps / 2) is scratch.
    """
    m, candidates = np.uint64(law.m), np.uint64(law.m if law.mirror < 0.0 else law.m - 1)
    replicas, pairs = spread(np.uint64(replica)), spare.reshape(-1)
    half = n_steps // 2
    for t in range(0, n_steps, LANES):
        c0, c1, c2, c3 = lane_block(law.key, Purpose.STEP, replicas, lanes() + np.uint64(first_step + t))
        at = np.uint64(t)
        store(draws.receivers, at, lane_below(c0, m))
        store(draws.senders, at, lane_below(c1, candidates))
        store(draws.uniforms, at, uniform(c2, c3))
    for t in range(0, half, LANES):
        indices = lanes() + np.uint64((first_step >> 1) + t)
        even, odd = box_muller(*lane_block(law.key, Purpose.NORMAL, replicas, indices))
        store(pairs, np.uint64(t), even)
        store(pairs, np.uint64(half + t), odd)
        if law.mirror >= 0.0:
            c0, c1, c2, c3 = lane_block(law.key, Purpose.MIRROR, replicas, indices)
            store(pairs, np.uint64(2 * half + t), uniform(c0, c1))
            store(pairs, np.uint64(3 * half + t), uniform(c2, c3))
    if law.mirror >= 0.0:
        for t in range(half):
            draws.normals[2 * t], draws.normals[2 * t + 1] = pairs[2 * half + t], pairs[3 * half + t]
        for t in range(0, n_steps, LANES):
            at = np.uint64(t)
            _mirror(law, load(draws.normals, at), spread(_0), at, draws)
    for t in range(half):
        draws.normals[2 * t], draws.normals[2 * t + 1] = pairs[t], pairs[half + t]


@njit(**INLINE)
def _mirror(law: Law, u: Floats, base: Words, at: np.uint64, draws: Draws) -> None:
    """Make the receiver its own sender where u says so; else the sender is another agent, or of a rank above 0."""
    other, is_own = load(draws.senders, at), u < law.mirror
    if law.k > 0:
        store(draws.senders, at, select_word(is_own, _0, other + _1))
        return
    receiver = load(draws.receivers, at)
    passed_over = base + select_word(is_below(base + other, receiver), other, other + _1)
    is_own = is_own if law.m > 1 else u < 2.0
    store(draws.senders, at, select_word(is_own, receiver, passed_over))
