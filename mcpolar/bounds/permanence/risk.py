"""PMr: a certified risk of every memory of a given size at every level of log-odds (proofs/permanence).

A risk U(L, X), at least 1 on failure, that falls in the mean by the senders' cost at every own draw bounds the chance
of failure by the sum of the agents' risks. Here U is constant on cells of memories and between nodes of log-odds, and
the product form of PM (which needs no grid) bounds it beyond the last node and outside the cells. Each sweep lowers U
to what the inequality requires of it, so that U is valid after any number of sweeps; rounding is upwards throughout.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import Ball, Dyadic, ball, working_precision
from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.multisets import Memories
from mcpolar.bounds.permanence.nodes import check_size, nodes_of
from mcpolar.bounds.permanence.problem import RiskProblem
from mcpolar.compiled.memory.risk import SMALLEST_RISK, UP, nodes_after, requirement
from mcpolar.errors import InputError

Floats = NDArray[np.float64]

BITS = 192
FEWEST_SWEEPS, SETTLED = 8, 0.99
MOST_UPDATES = 8 * 10**8
"""Risks times sweeps: some forty seconds."""
SMALLEST, SMALLEST_MASS = 1e-300, 1e-60


def start_risk(problem: RiskProblem, grid: Grid) -> Dyadic:
    """Return an upper end of one agent's risk at the start: log-odds at least H, all memory in its own interval.

    Raises
    ------
    InputError
        As from :meth:`RiskProblem.require`, or if the grid is too large.
    """
    return certified_risk(problem, grid).at_start


@dataclass(frozen=True, eq=False)
class Risk:
    """A certified risk.

    Attributes
    ----------
    table : ndarray, shape (n_nodes, n_memories)
        Of every memory at every node: what makes the certificate.
    at_start : Dyadic
        Its upper end at the start.
    """

    table: Floats
    at_start: Dyadic

    def as_bytes(self) -> bytes:
        """Return the table, for :func:`kept_risk`."""
        return zlib.compress(self.table.tobytes(), level=1)


def certified_risk(problem: RiskProblem, grid: Grid) -> Risk:
    """Return a risk, from the product form lowered by sweeps; raises as :func:`start_risk`."""
    inequality = _Inequality.of(problem, grid)
    table = inequality.product.copy()
    _settle(inequality.operator, table, inequality.start)
    return inequality.risk(table)


def kept_risk(problem: RiskProblem, grid: Grid, content: bytes) -> Risk:
    """Return the risk that was kept, after the inequality was found to hold at every node and memory.

    Raises
    ------
    ValueError
        If it does not: the table is none of these inputs, or was changed.
    """
    inequality = _Inequality.of(problem, grid)
    product = inequality.product
    unpacked = zlib.decompressobj().decompress(content, product.nbytes + 1)
    table = np.frombuffer(unpacked, np.float64).reshape(product.shape).copy()
    # the product form is a risk by its own proof; where the table is below it, the inequality must hold
    if not (table <= product).all() or (table[-1] != product[-1]).any():
        raise ValueError("a risk above the product form")
    for node, needed in inequality.operator.sweep(table):
        if not ((needed <= table[node]) | (table[node] == product[node])).all():
            raise ValueError("a risk below what an update requires")
    return inequality.risk(table)


@dataclass(frozen=True, eq=False)
class _Inequality:
    """What a risk must satisfy, the risk of the product form, and where the start is."""

    operator: _Operator
    product: Floats
    start: tuple[int, NDArray[np.intp]]

    @classmethod
    def of(cls, problem: RiskProblem, grid: Grid) -> _Inequality:
        problem.require()
        ends = grid.ends(problem.r, 1 / math.sqrt(problem.precision))
        nodes, start = nodes_of(problem, grid)
        check_size(problem.r, ends.size - 1, nodes.size)
        _check_ends(problem, grid.point(ends[0]), grid.point(ends[-1]))
        memories = Memories.of(problem.r, ends)
        operator, product = _Operator.of(problem, grid, nodes, memories, ends)
        own = (ends[:-1] >= 0) & (ends[1:] <= grid.cells_per_unit)  # from 1/2 to 3/2
        return cls(operator, product, (start, np.flatnonzero(own[memories.cells].all(axis=1))))

    def risk(self, table: Floats) -> Risk:
        """Return the risk of a table that satisfies it."""
        mantissa, exponent = math.frexp(float(table[self.start].max()))
        return Risk(table, Dyadic(int(mantissa * 2**53), exponent - 53))


@dataclass(frozen=True, eq=False)
class _Operator:
    """What the draws of one update require of a risk at nodes and memories."""

    after: NDArray[np.int16]
    masses: Floats
    wrong: Floats
    tail: Floats
    rest: tuple[object, ...]

    @classmethod
    def of(
        cls, problem: RiskProblem, grid: Grid, nodes: Floats, memories: Memories, ends: NDArray[np.int64]
    ) -> tuple[_Operator, Floats]:
        """Return the operator, and the product form's risk: a supersolution."""
        with working_precision(BITS):
            upper = _UpperEnds(problem, tuple(grid.point(end) for end in ends))
            masses, wrong, tail = upper.masses(), upper.wrong(nodes[:-1]), upper.tail(nodes)
            below, above, largest = upper.below(), upper.above(memories.rests), upper.largest_f()
        with np.errstate(over="ignore"):  # where the product form is infinite it is no bound, and not used
            growth = np.prod(largest[memories.rests], axis=1) * UP
            product = np.minimum(1.0, np.outer(tail, np.prod(largest[memories.cells], axis=1)) * UP)
        after = np.empty((nodes.size - 1, len(memories.cells)), np.int16)
        low_ends = np.array([float(grid.point(end)) for end in ends[:-1]])
        nodes_after(nodes, low_ends, memories.cells, 2 * float(problem.precision), after)
        rest = (below, above, growth, *memories.for_updates)
        return cls(after, masses, wrong, tail, rest), np.maximum(product, SMALLEST_RISK)

    def sweep(self, risk: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield each node, the last first, with what the risk as it then is requires there."""
        needed = np.empty(risk.shape[1])
        for node in range(len(self.after) - 1, -1, -1):
            after, wrong, tail = self.after[node], float(self.wrong[node]), float(self.tail[node])
            requirement(risk, node, after, self.masses, wrong, tail, *self.rest, needed)
            yield node, needed


def _settle(operator: _Operator, risk: Floats, start: tuple[int, NDArray[np.intp]]) -> None:
    """Lower a supersolution by sweeps until the risk at the start hardly falls."""
    found = [1.0]
    for sweep in range(max(FEWEST_SWEEPS, MOST_UPDATES // risk.size)):
        for node, needed in operator.sweep(risk):
            np.minimum(risk[node], needed, out=risk[node])
        found.append(float(risk[start].max()))
        if sweep >= FEWEST_SWEEPS and found[-1] > SETTLED * found[-3]:
            break


def _check_ends(problem: RiskProblem, lowest: Fraction, highest: Fraction) -> None:
    form = problem.form
    if form.alpha and form.x0 < lowest:
        raise InputError("x0", float(form.x0), f"at least {float(lowest):.6g}, where the cells begin")
    if form.beta and form.x1 > highest:
        raise InputError("x1", float(form.x1), f"at most {float(highest):.6g}, where the cells end")


@dataclass(frozen=True)
class _UpperEnds:
    """What own draws, senders and the product form amount to on cells and at nodes: upper ends, as floats."""

    problem: RiskProblem
    ends: tuple[Fraction, ...]

    def _normal_below(self, x: Fraction) -> Ball:
        """P(Z < x/sigma)."""
        return (ball(-x) * (ball(self.problem.precision) / 2).sqrt()).erfc() / 2

    def masses(self) -> Floats:
        """Return the chance of an own draw in each cell."""
        found = []
        for low, high in itertools.pairwise(self.ends):
            a, b = (low - 1, high - 1) if high <= 1 else (1 - high, 1 - low)
            found.append(max(_up(self._normal_below(b) - self._normal_below(a)), SMALLEST_MASS))
        return np.array(found)

    def largest_f(self) -> Floats:
        """Return the largest f on each cell: at one of its ends, since f falls, is 1 and rises."""
        form, s = self.problem.form, self.problem.precision
        slopes = ((form.alpha * (form.x0 - x), form.beta * (x - form.x1)) for x in self.ends)
        f = [_up(ball(s * max(Fraction(0), left, right)).exp()) for left, right in slopes]
        return np.maximum(f[:-1], f[1:])

    def wrong(self, nodes: Floats) -> Floats:
        """Return c u at each node: what senders' draws from the other component cost."""
        c = ball(self.problem.senders)
        return np.array([_up(c / (1 + ball(Fraction(node)).exp())) for node in nodes.tolist()])

    def tail(self, nodes: Floats) -> Floats:
        """Return A e^{-theta L} at each node, A = max(p*^-theta/f(0), c p*^{1-theta}/((1+p*)(1-rho)))."""
        problem, form = self.problem, self.problem.form
        theta = form.theta
        p = ball(-problem.lowest).exp()
        crossing = ball(theta * problem.lowest - problem.precision * form.alpha * form.x0).exp()
        drift = ball(-(1 - theta) * problem.lowest).exp() * ball(problem.senders)
        factor = crossing.max(drift / ((1 + p) * (1 - form.rho.ball())))
        return np.array([_up(factor * ball(-theta * Fraction(node)).exp()) for node in nodes.tolist()])

    def below(self) -> tuple[float, float]:
        """Return P(y < g) and E[e^{-2 theta s y} f(y); y < g] for the lowest end g <= x0."""
        form, s, end = self.problem.form, self.problem.precision, self.ends[0]
        k = 2 * form.theta + form.alpha
        loss = ball(s * (form.alpha * form.x0 - k + k * k / 2)).exp() * self._normal_below(end - 1 + k)
        return _up(self._normal_below(end - 1)), _up(loss)

    def above(self, rests: NDArray[np.int16]) -> tuple[float, Floats]:
        """Return P(y >= g), and e^{-2 theta s min} E[f(y); y >= g] for each rest, for the highest end g >= x1."""
        form, s, end = self.problem.form, self.problem.precision, self.ends[-1]
        beta = form.beta
        mean = ball(s * (beta - beta * form.x1 + beta * beta / 2)).exp() * self._normal_below(1 + beta - end)
        # of an empty rest the draw itself is the smallest
        gains = np.array([_up(mean * ball(-2 * form.theta * s * x).exp()) for x in self.ends])
        smallest = rests[:, 0] if rests.shape[1] else np.full(len(rests), len(self.ends) - 1)
        return _up(self._normal_below(1 - end)), gains[smallest]


def _up(value: Ball) -> float:
    """Return a float above the ball, and never 0."""
    return max(math.nextafter(float(value.upper()), math.inf), SMALLEST)
