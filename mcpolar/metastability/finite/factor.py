"""Linear systems of Markov chains by subtraction-free elimination (Grassmann, Taksar and Heyman 1985).

A chain is given by its off-diagonal entries alone: probabilities a step, or rates. What stays on the diagonal
is minus their sum, which is never formed, so that no difference of nearly equal numbers occurs: every step
adds, multiplies or divides numbers that are not negative, and these have exponents of their own. So each result has
a small relative error however small the entries are (O'Cinneide 1993), and the error has a bound beforehand.

The bound. Elimination of state k with r later neighbours rounds each new entry by at most (r + 3) u, u = 2^-53: it
is the exact elimination of a chain whose entries among those r states are off by that much. By the matrix-tree theorem
every result is a quotient of two sums of products of entries, with at most one entry out of each state; so it
is off by at most 2 r (r + 3) u. These add up over k.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mcpolar.compiled.finite import elimination as loops
from mcpolar.metastability.finite.core import eliminate, solve_triangles
from mcpolar.metastability.finite.ordering import sparse_order
from mcpolar.metastability.finite.wide import Wide, is_safe

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNIT = 2.0**-53


@dataclass(frozen=True, eq=False)
class Factor:
    """The eliminated chain of (D - A) x = b, with D_i = e_i + sum_j A_ij.

    Attributes
    ----------
    order : ndarray of int64, shape (n,)
        The states in the order of their elimination.
    error : float
        A bound on the relative error of every entry of a solution for an exact right-hand side.
    """

    order: Ints
    starts: Ints
    rows: Ints
    upper: Wide
    lower: Wide
    core: Wide
    pivots: Wide
    ordinary_core: Floats | None
    error: float
    has_kept: bool

    @property
    def n_first(self) -> int:
        """How many states were eliminated in sparse rows."""
        return self.starts.size - 1

    def solve(self, sources: Wide) -> Wide:
        """Return x of (D - A) x = b, for b >= 0 of shape (n,) or (n, q)."""
        return self._solved(sources, left=False)

    def solve_left(self, sources: Wide) -> Wide:
        """Return y of y (D - A) = b, for b >= 0 of shape (n,) or (n, q): one left-hand side a column."""
        return self._solved(sources, left=True)

    def _solved(self, sources: Wide, *, left: bool) -> Wide:
        n = self.order.size
        q = math.prod(sources.shape[1:])
        b = Wide(sources.m.reshape(n, q)[self.order], sources.k.reshape(n, q)[self.order]).copy()
        c = self.n_first
        upper, lower, p = self.upper, self.lower, self.pivots
        if left:
            loops.left_forward_first(self.starts, self.rows, upper.m, upper.k, p.m[:c], p.k[:c], b.m, b.k)
            self._solve_core(b, left=True)
            loops.left_backward_first(self.starts, self.rows, lower.m, lower.k, b.m, b.k)
        else:
            loops.forward_first(self.starts, self.rows, lower.m, lower.k, b.m, b.k)
            self._solve_core(b, left=False)
            loops.backward_first(self.starts, self.rows, upper.m, upper.k, p.m[:c], p.k[:c], b.m, b.k)
        out = Wide.zeros(b.shape)
        out.m[self.order], out.k[self.order] = b.m, b.k
        return Wide(out.m.reshape(sources.shape), out.k.reshape(sources.shape))

    def _solve_core(self, b: Wide, *, left: bool) -> None:
        """Solve with the core in place; many ordinary columns at once go through BLAS, whose sums are the same."""
        c = self.n_first
        if c == self.order.size:
            return
        block = b[c:]
        if self.ordinary_core is not None and b.shape[1] >= 8 and block.is_ordinary():
            found = solve_triangles(self.ordinary_core, block.m, left=left)
            if is_safe(self.ordinary_core, block.m, found):
                settled = Wide(found, np.zeros(found.shape, dtype=np.int64)).settled()
                b.m[c:], b.k[c:] = settled.m, settled.k
                return
        run = loops.solve_core_left if left else loops.solve_core
        run(self.core.m, self.core.k, self.pivots.m[c:], self.pivots.k[c:], b.m[c:], b.k[c:])

    def stationary(self) -> Wide:
        """Return the stationary law of an irreducible chain of which one state was kept, not normalised."""
        n, c = self.order.size, self.n_first
        law = Wide.zeros((n, 1))
        law.m[n - 1] = 1.0
        core = n - c
        for k in range(core - 2, -1, -1):
            column = Wide(self.core.m[k + 1 :, k], self.core.k[k + 1 :, k]) * Wide(
                law.m[c + k + 1 :, 0], law.k[c + k + 1 :, 0]
            )
            total = column.sum()
            law.m[c + k], law.k[c + k] = total.m, total.k
        loops.left_backward_first(self.starts, self.rows, self.lower.m, self.lower.k, law.m, law.k)
        out = Wide.zeros(n)
        out.m[self.order], out.k[self.order] = law.m[:, 0], law.k[:, 0]
        return out


def factor(rates: sparse.csr_array, exits: Wide, *, kept: int = -1) -> Factor:
    """Eliminate the states of a chain.

    Parameters
    ----------
    rates : sparse array, shape (n, n)
        Entries > 0 off the diagonal, none on it.
    exits : Wide, shape (n,)
        Killing rates >= 0; the killing, or the kept state, must be reachable from every state.
    kept : int
        A state that stays last and is not eliminated; -1 for none.
    """
    n = rates.shape[0]
    order, n_first, starts, neighbours = sparse_order(rates, kept)
    position = np.empty(n, dtype=np.int64)
    position[order] = np.arange(n)
    rows = position[neighbours]
    counts = np.diff(starts)
    owner = np.repeat(np.arange(n_first), counts)
    rows = rows[np.lexsort((rows, owner))]
    entries = rates.tocoo()
    i, j = position[entries.coords[0]], position[entries.coords[1]]
    keys = owner * n + rows
    upper, lower = (_at_first(keys, n, pair, entries.data, n_first) for pair in ((i, j), (j, i)))
    core = Wide.zeros((n - n_first, n - n_first))
    inside = (i >= n_first) & (j >= n_first)
    settled = Wide.of(entries.data[inside])
    core.m[i[inside] - n_first, j[inside] - n_first] = settled.m
    core.k[i[inside] - n_first, j[inside] - n_first] = settled.k
    e, pivots = exits[order].copy(), Wide.zeros(n)
    pivots.m[:] = 1.0
    loops.eliminate_first(
        starts, rows, upper.m, upper.k, lower.m, lower.k, e.m, e.k, pivots.m, pivots.k, core.m, core.k
    )
    n_out = n - n_first - (kept >= 0)
    core_pivots = pivots[n_first:].copy()
    core, ordinary = eliminate(core, e[n_first:].copy(), core_pivots, n_out)
    pivots.m[n_first:], pivots.k[n_first:] = core_pivots.m, core_pivots.k
    error = _bound(counts, n - n_first, rates)
    return Factor(order, starts, rows, upper, lower, core, pivots, ordinary, error, kept >= 0)


def _at_first(keys: Ints, n: int, pair: tuple[Ints, Ints], values: Floats, n_first: int) -> Wide:
    """Return the entries (i, j) with i < j at their places among the sparse rows, whose keys are i n + j."""
    found = Wide.zeros(keys.size)
    i, j = pair
    chosen = (i < n_first) & (i < j)
    places = np.searchsorted(keys, i[chosen] * n + j[chosen])
    settled = Wide.of(values[chosen])
    found.m[places], found.k[places] = settled.m, settled.k
    return found


def _bound(counts: Ints, n_core: int, rates: sparse.csr_array) -> float:
    r = np.concatenate([counts, np.arange(n_core)]).astype(np.float64)
    entries = np.diff(rates.indptr).astype(np.float64)
    return float((2 * r * (r + 3) + 4 * (r + 3)).sum() + 2 * entries.sum() + 8 * r.size) * UNIT
