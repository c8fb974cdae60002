"""The loop over replicas in lock-step: 32 of them advance together, one a lane of the vector units.

Every phase of a step is a loop over the lanes that LLVM vectorises; what the phases hand on lies in one work
array of a row for each quantity, at constant places, so that LLVM need not fear that arrays overlap. The
memory size is an ordinary number, and so nothing is compiled anew for another one. The operations are those
of :mod:`mcpolar.compiled.chain.update` in the same order: each lane follows the path of the loop over single
replicas bit for bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, fma, log
from mcpolar.compiled.base.vectors import prefer_widest_vectors
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain import lane_order
from mcpolar.compiled.chain.lane_draws import AHEAD, LANES, draw_for_lanes
from mcpolar.compiled.chain.passages import Watch, begin_watch, note_update
from mcpolar.compiled.chain.update import REDUCED_EVERY, add_element, is_plus, log_ratio, shift_of

Floats = NDArray[np.float64]
Words = NDArray[np.uint64]

# rows of the work array, as places of their first lane
_WIDTH = np.uint64(LANES)
(
    _LOG_ODDS,  # the receiver's, before and after
    _SENDER,  # the sender's log-odds
    _ARRIVAL,  # the new memory element
    _FARTHEST,  # offset of the element that it replaces
    _DISTANCE,  # how far that one is
    _LOWEST,  # smallest element of the new memory
    _HIGHEST,  # and largest
    _SHIFT,
    _BALANCE,
    _CORRECTION,
    _SCALE,  # the sums of add_element
    _N_ROWS,
) = (np.uint64(row * LANES) for row in range(12))


@loop
def advance_lanes(
    log_odds: Floats,
    memory: Floats,
    m: int,
    r: int,
    sigma: float,
    k: int,
    mirror: float,
    key: Words,
    first_replica: int,
    first_step: int,
    n_steps: int,
    ordered: Floats | None,
    watch: Watch | None,
) -> None:
    """Advance a multiple of `LANES` replicas in place; the arrays are flat.

    `ordered` is scratch of 2 (m + 1) LANES, or None where the sender does not depend on the order of the
    agents; `watch` is None where no passage is watched. Numba compiles these cases apart, each when it is
    first met.
    """
    work, elements = np.empty(_N_ROWS), np.empty(r * LANES)
    receivers, senders = np.empty(AHEAD * LANES, np.uint64), np.empty(AHEAD * LANES, np.uint64)
    uniforms, normals = np.empty(AHEAD * LANES), np.empty(AHEAD * LANES)
    largest_rank = k if k > 0 else m - 1
    sorting = np.empty(lane_order.N_ROWS)
    for row in range(0, log_odds.size // m, LANES):
        mine, held = log_odds[row * m : (row + LANES) * m], memory[row * m * r : (row + LANES) * m * r]
        if ordered is not None:
            lane_order.fill_order(mine, m, ordered)
        if watch is not None:
            for lane in range(LANES):
                begin_watch(watch, row + lane, *_of_lane(mine, held, m, r, lane), first_step)
        step, last = first_step, first_step + n_steps
        while step < last:
            begin = step - (step & 1)  # a pair of normals belongs to an even step and the next
            end = min(begin + AHEAD, last)
            draw_for_lanes(
                key, first_replica + row, begin, (end - begin + 1) // 2 * 2, m, k, mirror,
                receivers, senders, uniforms, normals,
            )  # fmt: skip
            while step < end:
                entry = np.uint64((step - begin) * LANES)  # no slices: they count references, atomically
                if ordered is not None:
                    lane_order.find_senders(
                        mine, m, largest_rank, receivers, senders, entry, ordered, sorting
                    )
                _step(mine, held, r, sigma, receivers, senders, uniforms, normals, entry, elements, work)
                if ordered is not None:
                    lane_order.keep_order(mine, m, receivers, entry, ordered, sorting)
                step += 1
                if watch is not None:
                    for lane in range(LANES):
                        state = _of_lane(mine, held, m, r, lane)
                        note_update(
                            watch,
                            row + lane,
                            np.int64(receivers[entry + np.uint64(lane)]) - lane * m,
                            *state,
                            step,
                        )


@njit(**INLINE)
def _of_lane(log_odds: Floats, memory: Floats, m: int, r: int, lane: int) -> tuple[Floats, Floats]:
    return log_odds[lane * m : (lane + 1) * m], memory[lane * m * r : (lane + 1) * m * r]


@njit(error_model="numpy")
def _step(
    log_odds: Floats,
    memory: Floats,
    r: int,
    sigma: float,
    receivers: Words,
    senders: Words,
    uniforms: Floats,
    normals: Floats,
    entry: np.uint64,
    elements: Floats,
    work: Floats,
) -> None:
    """Take one step of all lanes, whose draws begin at `entry`; `elements` (r, LANES): receivers' memories."""
    prefer_widest_vectors()
    for lane in range(LANES):
        at = np.uint64(lane)
        work[_LOG_ODDS + at] = log_odds[receivers[entry + np.uint64(lane)]]
        work[_SENDER + at] = log_odds[senders[entry + at]]
    _replace_farthest(memory, r, sigma, receivers, uniforms, normals, entry, elements, work)
    if r == 1:
        for lane in range(LANES):
            at = np.uint64(lane)
            work[_LOG_ODDS + at] = fma(2.0 / (sigma * sigma), work[_ARRIVAL + at], work[_LOG_ODDS + at])
    else:
        _weigh(r, 2.0 / (sigma * sigma), elements, work)
    for lane in range(LANES):
        log_odds[receivers[entry + np.uint64(lane)]] = work[_LOG_ODDS + np.uint64(lane)]


@njit(**INLINE)
def _replace_farthest(
    memory: Floats,
    r: int,
    sigma: float,
    receivers: Words,
    uniforms: Floats,
    normals: Floats,
    entry: np.uint64,
    elements: Floats,
    work: Floats,
) -> None:
    """Draw the arrivals and put them in place of the farthest elements."""
    prefer_widest_vectors()
    size = np.uint64(r)
    for lane in range(LANES):
        at = np.uint64(lane)
        component = 1.0 if is_plus(uniforms[entry + at], work[_SENDER + at]) else -1.0
        work[_ARRIVAL + at] = fma(sigma, normals[entry + at], component)
        work[_FARTHEST + at], work[_DISTANCE + at] = 0.0, -1.0
    if r > 1:
        for h in range(r):
            for lane in range(LANES):
                at = np.uint64(lane)
                elements[_WIDTH * np.uint64(h) + at] = memory[receivers[entry + at] * size + np.uint64(h)]
        for h in range(r):
            offset = float(h)
            for lane in range(LANES):
                at = np.uint64(lane)
                distance = abs(elements[_WIDTH * np.uint64(h) + at] - work[_ARRIVAL + at])
                farthest, largest = work[_FARTHEST + at], work[_DISTANCE + at]
                work[_FARTHEST + at] = offset if distance > largest else farthest
                work[_DISTANCE + at] = distance if distance > largest else largest
    for lane in range(LANES):
        at = np.uint64(lane)
        arrival, replaced = work[_ARRIVAL + at], np.uint64(np.int64(work[_FARTHEST + at]))
        elements[replaced * _WIDTH + at] = arrival
        memory[receivers[entry + at] * size + replaced] = arrival


@njit(**INLINE)
def _weigh(r: int, doubled_precision: float, elements: Floats, work: Floats) -> None:
    """Take the EM weight step of all lanes (:func:`mcpolar.compiled.chain.update.updated_log_odds`)."""
    prefer_widest_vectors()
    for lane in range(LANES):
        at = np.uint64(lane)
        work[_LOWEST + at] = work[_HIGHEST + at] = elements[at]
    for h in range(1, r):
        for lane in range(LANES):
            at = np.uint64(lane)
            element = elements[_WIDTH * np.uint64(h) + at]
            lowest, highest = work[_LOWEST + at], work[_HIGHEST + at]
            work[_LOWEST + at] = element if element < lowest else lowest
            work[_HIGHEST + at] = element if element > highest else highest
    for lane in range(LANES):
        at = np.uint64(lane)
        work[_SHIFT + at] = shift_of(
            fma(doubled_precision, work[_LOWEST + at], work[_LOG_ODDS + at]),
            fma(doubled_precision, work[_HIGHEST + at], work[_LOG_ODDS + at]),
        )
        work[_BALANCE + at], work[_CORRECTION + at], work[_SCALE + at] = 0.0, 0.0, 1.0
    for h in range(r):
        for lane in range(LANES):
            at = np.uint64(lane)
            z = fma(doubled_precision, elements[_WIDTH * np.uint64(h) + at], work[_LOG_ODDS + at])
            balance, correction, scale = work[_BALANCE + at], work[_CORRECTION + at], work[_SCALE + at]
            work[_BALANCE + at], work[_CORRECTION + at], work[_SCALE + at] = add_element(
                z, work[_SHIFT + at], balance, correction, scale
            )
        if h % REDUCED_EVERY == REDUCED_EVERY - 1:
            for lane in range(LANES):
                at = np.uint64(lane)
                work[_CORRECTION + at], work[_SCALE + at] = work[_CORRECTION + at] / work[_SCALE + at], 1.0
    log_r = log(float(r))
    for lane in range(LANES):
        at = np.uint64(lane)
        work[_LOG_ODDS + at] = log_ratio(
            float(r), log_r, work[_SHIFT + at], work[_BALANCE + at], work[_CORRECTION + at], work[_SCALE + at]
        )
