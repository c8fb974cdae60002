"""CL: the chance that r own-side draws clear a memory, whatever it was (proofs/theorem1, lemma 1).

A + agent with any memory receives 1 + sigma z_1, 1 + sigma z_2, …; z_u standard normal. With chance c_r at least
all r arrive in [1/2 + eps, 3/2 - eps], no arrived element is removed while an old one is left outside, and
hence after u of them at least u elements are inside.

In units of sigma, h = (1/2 - eps)/sigma. While old elements lie on one side only (say below), a draw z must not
fall below -(h - M)/2, M the largest z so far:

    V_0 = 1,   V_n(M) = int_{-(h-M)/2}^{h} V_{n-1}(max(M, z)) phi(z) dz.

While l old elements lie below and k above, the draw removes the least element where z exceeds a threshold tau that
the past fixes, and the largest below it; a, M are the least and the largest z so far:

    G_n^{l,k}(a, M) = min over tau of
        int_{z <= tau} G_{n-1}^{l,k-1}(a^z, Mvz) phi + int_{z > tau} G_{n-1}^{l-1,k}(a^z, Mvz) phi,

with G_n^{l,0} = V_n(M) and G_n^{0,k} = V_n(-a). Then c_r is the least, over l + k <= r, of the same integral with
a = M = z and n = r - 1. For large r the pair (a, M) is replaced by A = max |z|:

    B_1 = oo,   B_n(A) = int_{-h}^{h} min(V_{n-1}(max(A, z)), B_{n-1}(max(A, |z|))) phi(z) dz.

All integrals are lower sums: masses of cells are lower ends of balls, and every function takes its least value
in a cell. Sums of nonnegative doubles lose less than SLACK relatively (and where sums are subtracted, absolutely).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import START_BITS, Dyadic, ball, lower_end, working_precision
from mcpolar.bounds import chances
from mcpolar.bounds.polarization.doubles import double_above, double_below

Floats = NDArray[np.float64]

LARGEST_PAIR_MEMORY, LARGEST_MEMORY = 10, 400
"""Up to the first the pair (a, M) is followed, up to the second A; beyond, every draw must lie in J."""
PAIR_CELLS, CELLS = {5: 512, LARGEST_PAIR_MEMORY: 256}, 2048
FARTHEST = 9
"""Draws beyond so many standard deviations count as failures."""
SLACK = 2.0**-37
"""Above the rounding errors of every value here, in units of the largest function summed: at most five sums of at
most CELLS terms are combined, and each loses at most CELLS 2^-53 = 2^-42."""


@dataclass(frozen=True)
class _Grid:
    """K cells of equal width on [-b, b], their masses from below, and what a threshold at the edge x_i allows.

    Attributes
    ----------
    masses : ndarray, shape (K,)
        Chances of the cells, from below or from above.
    shift : int
        With M at x_i, the edge x_k lies above -(h - M)/2 exactly where 2 k >= i + shift.
    missed : float
        Upper end of the chance beyond the grid but within h (of a grid from above).
    """

    masses: Floats
    shift: int
    missed: float = 0.0

    @property
    def size(self) -> int:
        return self.masses.size


@lru_cache(maxsize=64)
def clearing_chance(sigma: Decimal, r: int, shrink: Fraction = Fraction(0)) -> Dyadic:
    """Return a certified lower end of c_r, with draws kept in [1/2 + shrink, 3/2 - shrink].

    Parameters
    ----------
    sigma : Decimal
        The component's standard deviation.
    r : int
        Memory size.
    shrink : Fraction
        eps, from 0 to below 1/6.

    Examples
    --------
    >>> from decimal import Decimal
    >>> round(float(clearing_chance(Decimal("0.2"), 5).fraction), 3)
    0.419
    """
    half = Fraction(1, 2) - shrink
    if r == 1:
        return lower_end(lambda: chances.within(sigma, half))
    inner = lower_end(lambda: chances.within(sigma, half - Fraction(1, 3)) ** r)
    if r > LARGEST_MEMORY:
        return inner
    numerator, denominator = _by_grid(sigma, r, half).as_integer_ratio()
    found = Dyadic(numerator, 1 - denominator.bit_length())
    return found if found.log10 > inner.log10 else inner


@lru_cache(maxsize=64)
def one_sided_clearing_chance(sigma: Decimal, r: int, gap: Fraction = Fraction(0)) -> float:
    """Return an upper end of the chance that r own draws in I clear a memory whose elements all lie at 1/2 - gap.

    That is the integral of V_{r-1} over the own interval, with h + gap/sigma for h in the thresholds.
    """
    grid = _grid(sigma, Fraction(1, 2), CELLS, up=True, gap=gap)
    K, w = grid.size, grid.masses
    i = np.arange(K + 1)
    first = np.clip(-(-(i + grid.shift) // 2) - 1, 0, K)  # least cell that is not wholly too low
    before = np.concatenate(([0.0], np.cumsum(w)))
    value = np.ones(K + 1)
    for _ in range(r - 1):
        above = np.concatenate((_from_end(w * value[:K]), [0.0]))
        # in the cells below i the largest draw stays at x_i or above
        sums = (
            above[np.maximum(i, first)]
            + np.maximum(0.0, before[np.maximum(i, first)] - before[first]) * value
        )
        value = np.minimum(1.0, sums + SLACK + grid.missed)
    return min(1.0, float(np.sum(w * value[:K])) + SLACK + grid.missed)


def _by_grid(sigma: Decimal, r: int, half: Fraction) -> float:
    if r > LARGEST_PAIR_MEMORY:
        return _largest_draw(_grid(sigma, half, CELLS), r)
    cells = next(cells for most, cells in PAIR_CELLS.items() if r <= most)
    return _least_and_largest_draw(_grid(sigma, half, cells), r)


def _grid(
    sigma: Decimal, half: Fraction, cells: int, *, up: bool = False, gap: Fraction = Fraction(0)
) -> _Grid:
    """Return the grid on [-b, b], b the smaller of h and FARTHEST, in units of sigma; chances from above if `up`.

    Old elements lie `gap` below the interval at least.
    """
    end = min(half, FARTHEST * Fraction(sigma))
    with working_precision(START_BITS):
        edges = [
            ball(end * (2 * k - cells) / cells / Fraction(sigma)) / ball(2).sqrt()
            for k in range(cells // 2, cells + 1)
        ]
        tails = [edge.erfc() / 2 for edge in edges]
        right = [double_above(a - b) if up else max(0.0, double_below(a - b)) for a, b in pairwise(tails)]
        missed = 2 * double_above(tails[-1]) if up and end < half else 0.0
    # 2 x_k >= -h + x_i in units of b/K: 2 (2k - K) >= -K h/b + 2i - K; both indices are whole
    shift = math.ceil(cells * (1 - (half + gap) / end) / 2)
    return _Grid(np.array(right[::-1] + right), shift, missed)


def _one_sided(grid: _Grid, most: int) -> list[Floats]:
    """Return V_0, …, V_most at the edges, from below."""
    K, w = grid.size, grid.masses
    i = np.arange(K + 1)
    first = np.clip(-(-(i + grid.shift) // 2), 0, K)  # least allowed cell
    before = np.concatenate(([0.0], np.cumsum(w)))
    found = [np.ones(K + 1)]
    for _ in range(most):
        last = found[-1]
        above = np.concatenate((_from_end(w * last[1:]), [0.0]))
        # the cell i - 1 ends at x_i: from there on the largest draw is the cell's upper edge
        split = np.clip(i - 1, 0, K)
        below = np.maximum(0.0, before[split] - before[first]) * last
        value = above[np.maximum(split, first)] + below
        found.append(_lowered(np.minimum.accumulate(value), last))
    return found


def _from_end(values: Floats, axis: int = -1) -> Floats:
    """Return the sums of `values` from each index on."""
    return np.flip(np.cumsum(np.flip(values, axis), axis), axis)


def _lowered(values: Floats, *summed: Floats) -> Floats:
    """Take off more than the rounding errors of sums and differences of the arrays that were summed."""
    return np.maximum(0.0, values - SLACK * max(float(array.max()) for array in summed))


def _largest_draw(grid: _Grid, r: int) -> float:
    """Return c_r by V and B."""
    K, w = grid.size, grid.masses
    V = _one_sided(grid, r - 1)
    cells = np.arange(K)
    mirrored = np.maximum(cells + 1, K - cells)  # edge above |z| in each cell
    B = np.full(K + 1, np.inf)
    for n in range(2, r):
        B = _two_sided(grid, V[n - 1], B)
    one, two = V[r - 1][1:], B[mirrored]
    return float(_lowered(np.sum(w * np.minimum(one, two)), one))


def _two_sided(grid: _Grid, V: Floats, B: Floats) -> Floats:
    """Return B_n at the edges (used from the middle on), from V_{n-1} and B_{n-1}."""
    K, w = grid.size, grid.masses
    i = np.arange(K // 2, K + 1)
    before = np.concatenate(([0.0], np.cumsum(w)))
    above = np.concatenate((_from_end(w * np.minimum(V, B)[1:]), [0.0]))[i - 1]
    middle = np.maximum(0.0, before[i - 1] - before[K - i]) * np.minimum(V[i], B[i])
    # cells k < K - i: B at the edge K - k, which rises with k, against V at i
    far = B[K - np.arange(K)]
    far_sums = np.concatenate(([0.0], np.cumsum(np.where(np.isinf(far), 0.0, w * far))))
    turn = np.minimum(np.searchsorted(far, V[i]), K - i)
    below = far_sums[turn] + np.maximum(0.0, before[K - i] - before[turn]) * V[i]
    found = np.full(K + 1, np.inf)
    found[i] = np.minimum.accumulate(_lowered(above + middle + below, V))
    return found


def _least_and_largest_draw(grid: _Grid, r: int) -> float:
    """Return c_r by G; by reflection G^{l,k}(a, M) = G^{k,l}(-M, -a)."""
    K, w = grid.size, grid.masses
    V = _one_sided(grid, r - 1)
    pairs: dict[tuple[int, int], Floats] = {}

    def value(below: int, above: int, n: int) -> Floats:
        if above == 0:
            return np.broadcast_to(V[n][np.newaxis, :], (K + 1, K + 1))
        if below == 0:
            return np.broadcast_to(V[n][::-1][:, np.newaxis], (K + 1, K + 1))
        return pairs[below, above]

    for n in range(2, r):
        fresh: dict[tuple[int, int], Floats] = {}
        for above in range(1, n):
            for below in range(1, min(above, n - above) + 1):
                step = _least_over_thresholds(
                    grid, value(below, above - 1, n - 1), value(below - 1, above, n - 1)
                )
                fresh[below, above] = step
                fresh[above, below] = step[::-1, ::-1].T
        pairs = fresh
    cells = np.arange(K)
    least = float(np.sum(w * V[r - 1][1:]))
    for above in range(1, r):
        for below in range(1, min(above, r - above) + 1):
            largest_goes = value(below, above - 1, r - 1)[cells, cells + 1]
            least_goes = value(below - 1, above, r - 1)[cells, cells + 1]
            gain = np.concatenate(([0.0], np.cumsum(w * (largest_goes - least_goes))))
            least = min(least, float(np.sum(w * least_goes) + gain.min()))
    return float(_lowered(np.array(least), V[r - 1]))


def _least_over_thresholds(grid: _Grid, X: Floats, Y: Floats) -> Floats:
    """Return min over tau of sum_{cells <= tau} w X + sum_{cells > tau} w Y, at every (a, M) = (x_i, x_j).

    A draw in cell q takes (a, M) to (min(i, q), max(j, q + 1)): below i only the row moves, from j on only the
    column, between them nothing. The least is at a threshold up to i or from j on, since it is linear between.
    """
    K, w = grid.size, grid.masses
    row, column = np.zeros((1, K + 1)), np.zeros((K + 1, 1))
    X_low = np.vstack((row, np.cumsum(w[:, np.newaxis] * X[:K], 0)))
    Y_low = np.vstack((row, np.cumsum(w[:, np.newaxis] * Y[:K], 0)))
    X_high = np.hstack((_from_end(w * X[:, 1:], 1), column))
    Y_high = np.hstack((_from_end(w * Y[:, 1:], 1), column))
    before = np.concatenate(([0.0], np.cumsum(w)))
    between = np.maximum(0.0, before[np.newaxis, :] - before[:, np.newaxis])
    early = Y_low + np.minimum.accumulate(X_low - Y_low, 0) + between * Y + Y_high
    late = X_low + between * X + X_high + np.flip(np.minimum.accumulate(np.flip(Y_high - X_high, 1), 1), 1)
    return _lowered(np.minimum(early, late), X, Y)
