"""Fewer states: lumping of states that behave alike, the chain watched on a subset, and metastable sets by PCCA+."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from mcpolar.errors import InputError
from mcpolar.metastability.finite.arithmetic import WideArithmetic
from mcpolar.metastability.finite.classes import can_reach, reversibility_of
from mcpolar.metastability.finite.core import eliminate_in_place
from mcpolar.metastability.finite.entries import Bools
from mcpolar.metastability.finite.factor import UNIT, factor
from mcpolar.metastability.finite.passage import class_law
from mcpolar.metastability.finite.reversible import reversible_spectrum
from mcpolar.metastability.finite.wide import Wide

Floats = NDArray[np.float64]


def read_partition(partition: Sequence[Sequence[int]], n: int) -> NDArray[np.int64]:
    """Return the block of each state; refuse what is no partition of all n states."""
    block = np.full(n, -1)
    for number, states in enumerate(partition):
        for state in states:
            if not 0 <= state < n or block[state] >= 0:
                raise InputError("partition", state, "sets that hold each state once")
            block[state] = number
    if (block < 0).any():
        raise InputError(
            "partition", f"state {int(np.argmin(block))} missing", "sets that hold each state once"
        )
    return block


def block_sums(entries: sparse.csr_array, block: NDArray[np.int64]) -> Floats:
    """Return the rate from each state into each block, 0 into its own, shape (n, n_blocks)."""
    marks = sparse.csr_array((np.ones(block.size), (np.arange(block.size), block)))
    found = np.asarray((entries @ marks).toarray())
    found[np.arange(block.size), block] = 0.0
    return found


def lumpability(entries: sparse.csr_array, block: NDArray[np.int64]) -> float:
    """Return the largest relative difference of rates into a block within a block: 0 where the chain can be lumped."""
    sums = block_sums(entries, block)
    worst = 0.0
    for number in range(block.max() + 1):
        inside = sums[block == number]
        high, low = inside.max(axis=0), inside.min(axis=0)
        with np.errstate(invalid="ignore"):
            gap = np.where(high > 0, (high - low) / high, 0.0)
        worst = max(worst, float(gap.max()))
    return worst


def lumped(entries: sparse.csr_array, block: NDArray[np.int64]) -> Floats:
    """Return the rates between blocks of a chain that can be lumped.

    Raises
    ------
    InputError
        If states of one block differ in their rates into another.
    """
    gap, tolerance = lumpability(entries, block), 8 * UNIT * (int(np.diff(entries.indptr).max(initial=0)) + 2)
    if gap > tolerance:
        raise InputError(
            "partition",
            f"rates that differ by {gap:.3g} within a block",
            "lumpable; use weights='stationary'",
        )
    sums = block_sums(entries, block)
    return np.array([sums[block == number].mean(axis=0) for number in range(block.max() + 1)])


def aggregated(entries: sparse.csr_array, block: NDArray[np.int64]) -> Floats:
    """Return the rates between blocks in the stationary chain: the mean of the states' rates by the law."""
    law = class_law(WideArithmetic(), entries)
    sums = Wide.of(block_sums(entries, block))
    count = int(block.max()) + 1
    out = np.zeros((count, count))
    for number in range(count):
        inside = np.flatnonzero(block == number)
        share = law[inside] / law[inside].sum()
        out[number] = (Wide(share.m.reshape(1, -1), share.k.reshape(1, -1)) @ sums[inside])[0].double()
    return out


def censored(entries: sparse.csr_array, kept: Bools) -> Floats:
    """Return the rates of the chain watched only while it is in the states `kept`.

    Raises
    ------
    InputError
        If the chain may leave them for ever.
    """
    if not can_reach(entries, kept).all():
        raise InputError("states", np.flatnonzero(kept).tolist(), "reachable from all states")
    order = np.concatenate([np.flatnonzero(~kept), np.flatnonzero(kept)])
    n, n_out = order.size, int((~kept).sum())
    a = Wide.of(entries.toarray())[np.ix_(order, order)].copy()
    exits, pivots = Wide.zeros(n), Wide.zeros(n)
    eliminate_in_place(a, exits, pivots, n_out)
    found = a[n_out:, n_out:].double()
    np.fill_diagonal(found, 0.0)
    return found


@dataclass(frozen=True, eq=False)
class Metastable:
    """Metastable sets of a chain, by PCCA+ (Roeblitz and Weber 2013; for chains without detailed balance GPCCA).

    Attributes
    ----------
    memberships : ndarray, shape (n, n_sets)
        Degrees that sum to 1 over the sets.
    assignment : ndarray of int, shape (n,)
        The set of the largest membership.
    crispness : float
        Between 0 and 1; 1 if every state belongs to one set alone.
    rates : ndarray, shape (n_sets, n_sets)
        Rates between the sets of `assignment` in the stationary chain: sums without subtraction, exact at any scale.
    """

    memberships: Floats
    assignment: NDArray[np.int64]
    crispness: float
    rates: Floats


def metastable(entries: sparse.csr_array, count: int) -> Metastable:
    """Return `count` metastable sets of an irreducible chain.

    Eigenvectors come from :func:`reversible_spectrum` where there is detailed balance: they stay right where slow
    rates are below 1e-16; otherwise Schur vectors of the inverse made without subtraction.
    """
    n = entries.shape[0]
    if not 2 <= count < n:
        raise InputError("n_sets", count, f"from 2 to n - 1 = {n - 1}")
    law = class_law(WideArithmetic(), entries).double()
    vectors = _slow_functions(entries, law, count)
    start = _inner_simplex(vectors)
    memberships, crispness = _crisp(vectors, start)
    assignment = memberships.argmax(axis=1)
    used = np.unique(assignment)
    if used.size < count:
        raise InputError("n_sets", count, f"smaller: only {used.size} sets hold a state")
    return Metastable(memberships, assignment, crispness, aggregated(entries, assignment))


def _slow_functions(entries: sparse.csr_array, law: Floats, count: int) -> Floats:
    """Return functions that span the slow dynamics, the first of them 1."""
    n = law.size
    if (law <= 0).any():
        raise InputError(
            "rates", "a stationary law below the range of doubles", "of a chain with a law within it"
        )
    if reversibility_of(entries).is_reversible:
        slow = reversible_spectrum(entries).vectors[:, : count - 1] / np.sqrt(law)[:, np.newaxis]
        return np.column_stack([np.ones(n), slow])
    reference = int(law.argmax())
    rest = np.delete(np.arange(n), reference)
    a = entries.toarray()
    inner = sparse.csr_array(a[np.ix_(rest, rest)])
    times = factor(inner, Wide.of(a[rest, reference])).solve(Wide.of(np.eye(n - 1))).double()
    inverse = np.zeros((n, n))
    inverse[np.ix_(rest, rest)] = times - np.outer(times.sum(axis=1), law[rest])
    inverse[reference] = 0.0
    inverse -= law @ inverse
    root = np.sqrt(law)
    scaled = root[:, np.newaxis] * inverse / root
    sizes = np.sort(np.abs(linalg.eigvals(scaled)))[::-1]
    if sizes[count - 2] <= sizes[count - 1] * (1 + 1e-10):
        raise InputError("n_sets", count, "such that no conjugate pair is split: one more or one less")
    border = (sizes[count - 2] * sizes[count - 1]) ** 0.5 if sizes[count - 1] > 0 else sizes[count - 2] / 2
    _, schur, _ = linalg.schur(scaled, sort=lambda real, imag: bool(np.hypot(real, imag) > border))
    slow = schur[:, : count - 1] / root[:, np.newaxis]
    return np.column_stack([np.ones(n), slow - law @ slow])


def _inner_simplex(vectors: Floats) -> Floats:
    """Return the transformation that makes the most distant rows the corners of the simplex."""
    rest = vectors - vectors[np.argmax(np.linalg.norm(vectors, axis=1))]
    chosen = [int(np.argmax(np.linalg.norm(vectors, axis=1)))]
    for _ in range(vectors.shape[1] - 1):
        sizes = np.linalg.norm(rest, axis=1)
        sizes[chosen] = -1
        corner = int(sizes.argmax())
        chosen.append(corner)
        along = rest[corner] / np.linalg.norm(rest[corner])
        rest = rest - np.outer(rest @ along, along)
    return np.asarray(np.linalg.inv(vectors[chosen]), dtype=np.float64)


def _crisp(vectors: Floats, start: Floats) -> tuple[Floats, float]:
    """Return the memberships of largest crispness."""
    from scipy import optimize  # takes long to import

    count = vectors.shape[1]

    def filled(inner: Floats) -> Floats:
        change = start.copy()
        change[1:, 1:] = inner.reshape(count - 1, count - 1)
        change[1:, 0] = -change[1:, 1:].sum(axis=1)
        change[0] = -(vectors[:, 1:] @ change[1:]).min(axis=0)
        return np.asarray(change / change[0].sum(), dtype=np.float64)

    def lost(inner: Floats) -> float:
        change = filled(inner)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(-((change**2 / change[0]).sum()) if (change[0] > 0).all() else np.inf)

    found = optimize.minimize(
        lost,
        start[1:, 1:].ravel(),
        method="Nelder-Mead",
        options={"maxiter": 2000, "xatol": 1e-10, "fatol": 1e-12},
    )
    memberships = vectors @ filled(found.x)
    memberships = memberships.clip(0)
    memberships /= memberships.sum(axis=1, keepdims=True)
    return memberships, float((memberships**2).sum() / memberships.sum())
