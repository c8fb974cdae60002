"""Loops over a twist: a guess of the chance that an agent leaves its silo, in its log-odds, memory and what it hears.

The guess of one agent, in own-side coordinates with its memory x_1 <= ... <= x_r, is the exponential of

    sum_h [ A_h(L, x_h) + B_h(S, x_h) ] + C(L, S),        0 where L <= 0,

A_h, B_h and C bilinear between knots, L the log-odds and S the logarithm of the stray share: the chance that a sender
other than the agent itself draws the other component. It needs not be right: importance sampling by it is unbiased
whatever it is, and the better it is the less the weights vary.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mcpolar.compiled.base.elementary import INLINE, exp, log
from mcpolar.compiled.base.philox import block, uniform
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.compiled.caching import loop
from mcpolar.compiled.chain.update import updated_log_odds
from mcpolar.compiled.memory.sorted import replace_sorted

Floats = NDArray[np.float64]

SMALLEST = -690.0  # e^-690 is nothing beside 1
_FADING = 0.5  # between two updates of an agent others' stray draws become about half as likely
_OPEN = 1e-9


class Twist(NamedTuple):
    """The knots and the values at them.

    Attributes
    ----------
    log_odds : ndarray, shape (n_l,)
        Knots of the log-odds, from 0; linear beyond the last.
    log_stray : ndarray, shape (n_s,)
        Knots of the log of the stray share; constant outside.
    low, spacing : float
        The first knot of an element and the distance of two; constant outside.
    by_log_odds, by_stray, joint : ndarray, shapes (r, n_l, n_x), (r, n_s, n_x), (n_l, n_s)
        A, B and C.
    """

    log_odds: Floats
    log_stray: Floats
    low: float
    spacing: float
    by_log_odds: Floats
    by_stray: Floats
    joint: Floats


class Cells(NamedTuple):
    """The real line cut into cells: in each an arrival is weighted as a whole.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
        From -inf to inf.
    middles : ndarray, shape (n,)
        Where the twist is asked.
    own, other : ndarray, shape (n,)
        Masses of N(1, sigma^2) and N(-1, sigma^2).
    """

    edges: Floats
    middles: Floats
    own: Floats
    other: Floats


@njit(nogil=True, error_model="numpy")
def interval_of(x: float, knots: Floats) -> tuple[int, float]:
    """Return the interval of x and its place in it, below 0 or above 1 outside the knots."""
    i = 0
    while i < knots.size - 2 and x >= knots[i + 1]:
        i += 1
    return i, (x - knots[i]) / (knots[i + 1] - knots[i])


@loop
def stray_interval(log_stray: float, knots: Floats) -> tuple[int, float]:
    """Return the interval of the stray share and the place in it."""
    return interval_of(min(max(log_stray, knots[0]), knots[-1]), knots)


@njit(nogil=True, error_model="numpy")
def element_interval(x: float, twist: Twist) -> tuple[int, float]:
    """Return the interval of an element and the place in it."""
    last = twist.by_log_odds.shape[2] - 1
    steps = min(max((x - twist.low) / twist.spacing, 0.0), last - _OPEN)
    return int(steps), steps - int(steps)


@loop
def log_guess(twist: Twist, log_odds: float, memory: Floats, stray_at: int, stray_part: float) -> float:
    """Return the log of the guess, at most 0; the interval of the stray share comes from `stray_interval`."""
    if log_odds <= 0.0:
        return 0.0
    i, t = interval_of(log_odds, twist.log_odds)
    g, z = stray_at, stray_part
    a, b, c = twist.by_log_odds, twist.by_stray, twist.joint
    total = (1.0 - t) * ((1.0 - z) * c[i, g] + z * c[i, g + 1]) + t * (
        (1.0 - z) * c[i + 1, g] + z * c[i + 1, g + 1]
    )
    for h in range(memory.size):
        j, u = element_interval(memory[h], twist)
        low = (1.0 - t) * a[h, i, j] + t * a[h, i + 1, j] + (1.0 - z) * b[h, g, j] + z * b[h, g + 1, j]
        j += 1
        high = (1.0 - t) * a[h, i, j] + t * a[h, i + 1, j] + (1.0 - z) * b[h, g, j] + z * b[h, g + 1, j]
        total += (1.0 - u) * low + u * high
    return min(total, 0.0)


@njit(nogil=True, error_model="numpy")
def look_ahead(
    twist: Twist,
    cells: Cells,
    log_odds: float,
    threshold: float,
    memory: Floats,
    stray: float,
    doubled_precision: float,
    log_r: float,
    spare: Floats,
    guesses: Floats,
) -> None:
    """Fill `guesses` with the logs of the guesses after an arrival in the middle of each cell.

    `log_odds` are counted from `threshold`.
    """
    at, part = stray_interval(log(max(stray, 1e-300)), twist.log_stray)
    for cell in range(guesses.size):
        spare[:] = memory
        replace_sorted(spare, 0, spare.size, cells.middles[cell])
        after = updated_log_odds(threshold + log_odds, spare, 0, memory.size, doubled_precision, log_r)
        guesses[cell] = log_guess(twist, after - threshold, spare, at, part)


@njit(**INLINE)
def other_weight(own_log_odds: float) -> float:
    """Return the weight of the other side's component."""
    return 1.0 / (1.0 + exp(min(max(own_log_odds, SMALLEST), -SMALLEST)))


@loop
def draw_cell(
    cells: Cells, guesses: Floats, stray: float, plain: float, u: float
) -> tuple[int, bool, float, float]:
    """Return a cell, whether its arrival is of the own component, and logs of the tilt and of the mean guess.

    An arrival of the chain, own with 1 - stray, is tilted by (1 - plain) guess / mean guess + plain, constant in a
    cell: at least `plain`, so that no single arrival multiplies the weight by more than 1 / plain. `guesses` is
    overwritten.
    """
    largest, mean = guesses.max(), 0.0
    for cell in range(guesses.size):
        guesses[cell] = exp(max(guesses[cell] - largest, SMALLEST))
        mean += ((1.0 - stray) * cells.own[cell] + stray * cells.other[cell]) * guesses[cell]
    passed, found, is_own = 0.0, -1, True
    while passed <= u and found < guesses.size - 1:
        found += 1
        tilt = (1.0 - plain) * guesses[found] / mean + plain
        passed += (1.0 - stray) * cells.own[found] * tilt
        is_own = passed > u or cells.other[found] == 0.0
        if not is_own:
            passed += stray * cells.other[found] * tilt
    return found, is_own, log((1.0 - plain) * guesses[found] / mean + plain), largest + log(mean)


@loop
def explore(
    twist: Twist,
    cells: Cells,
    sigma: float,
    self_share: float,
    threshold: float,
    log_odds: Floats,
    memory: Floats,
    stray: Floats,
    key: NDArray[np.uint64],
    first_replica: int,
    plain: float,
    most_updates: int,
    far: float,
    states: Floats,
) -> int:
    """Run single agents by the twist until they leave; note their states and one step's mean guess from each.

    Log-odds are counted from `threshold`, below which an agent has left. An agent hears itself with chance
    `self_share`; the stray share of the others halves between two updates, as their log-odds grow. A row of `states`
    (n, r + 4) becomes log-odds, log of the stray share, the logs of the guess and of the mean guess after one
    update, and the memory. The arrival of a cell is anywhere in it. Returns the number of rows filled.
    """
    r, rows = memory.shape[1], 0
    doubled_precision, log_r = 2.0 / (sigma * sigma), log(float(r))
    spare, guesses = np.empty(r), np.empty(cells.middles.size)
    for path in range(log_odds.size):
        for update in range(most_updates):
            at, part = stray_interval(log(max(stray[path], 1e-300)), twist.log_stray)
            guess = log_guess(twist, log_odds[path], memory[path], at, part)
            stray[path] *= _FADING
            look_ahead(
                twist,
                cells,
                log_odds[path],
                threshold,
                memory[path],
                stray[path],
                doubled_precision,
                log_r,
                spare,
                guesses,
            )
            c0, c1, c2, c3 = block(key, Purpose.TWIST, first_replica + path, update)
            heard = (1.0 - self_share) * stray[path] + self_share * other_weight(threshold + log_odds[path])
            cell, _, _, mean = draw_cell(cells, guesses, heard, plain, uniform(c0, c1))
            states[rows, 0], states[rows, 1] = log_odds[path], log(max(stray[path], 1e-300)) - log(_FADING)
            states[rows, 2], states[rows, 3], states[rows, 4:] = guess, mean, memory[path]
            rows += 1
            if rows == states.shape[0]:
                return rows
            y = cells.middles[cell]
            if 0 < cell < guesses.size - 1:
                y = cells.edges[cell] + uniform(c2, c3) * (cells.edges[cell + 1] - cells.edges[cell])
            replace_sorted(memory[path], 0, r, y)
            before = threshold + log_odds[path]
            log_odds[path] = (
                updated_log_odds(before, memory[path], 0, r, doubled_precision, log_r) - threshold
            )
            if not 0.0 < log_odds[path] < far:
                break
    return rows


@loop
def add_equations(twist: Twist, states: Floats, matrix: Floats, right: Floats) -> None:
    """Add the normal equations of the change of all values that makes the guesses the mean guesses, at `states`."""
    r, n_l, n_x = twist.by_log_odds.shape
    n_s = twist.log_stray.size
    count = 8 * r + 4
    index, weight = np.empty(count, np.int64), np.empty(count)
    second, third = r * n_l * n_x, r * (n_l + n_s) * n_x
    for row in range(states.shape[0]):
        i, t = interval_of(states[row, 0], twist.log_odds)
        g, z = stray_interval(states[row, 1], twist.log_stray)
        for corner in range(4):
            up, right_side = corner >> 1, corner & 1
            in_l, in_s = (t if up else 1.0 - t), (z if up else 1.0 - z)
            for h in range(r):
                j, u = element_interval(states[row, 4 + h], twist)
                in_x = u if right_side else 1.0 - u
                index[8 * h + corner] = (h * n_l + i + up) * n_x + j + right_side
                weight[8 * h + corner] = in_l * in_x
                index[8 * h + 4 + corner] = second + (h * n_s + g + up) * n_x + j + right_side
                weight[8 * h + 4 + corner] = in_s * in_x
            index[8 * r + corner] = third + (i + up) * n_s + g + right_side
            weight[8 * r + corner] = in_l * (z if right_side else 1.0 - z)
        missing = states[row, 3] - states[row, 2]
        for e in range(count):
            right[index[e]] += weight[e] * missing
            for f in range(count):
                matrix[index[e], index[f]] += weight[e] * weight[f]
