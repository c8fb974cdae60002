"""PMr's inequality in balls, term by term as the text has it: for small grids, apart from mcpolar's own loops."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import flint

from mcpolar.balls import ball
from proofs.exact import HALF, interval_mass, normal_cdf, updated_log_odds

Cells = tuple[int, ...]
Table = list[dict[Cells, flint.arb]]


@dataclass(frozen=True)
class Grid:
    """Nodes of log-odds, ends of cells, and what PM for any memory needs; c is Lemma 1's constant."""

    r: int
    sigma: Fraction
    c: Fraction
    theta: Fraction
    alpha: Fraction
    x0: Fraction
    beta: Fraction
    x1: Fraction
    nodes: tuple[Fraction, ...]
    ends: tuple[Fraction, ...]

    @property
    def s(self) -> Fraction:
        """1/sigma^2."""
        return 1 / self.sigma**2

    @cached_property
    def memories(self) -> tuple[Cells, ...]:
        """All multisets of r cells, in increasing order."""
        return tuple(itertools.combinations_with_replacement(range(len(self.ends) - 1), self.r))

    @cached_property
    def masses(self) -> tuple[flint.arb, ...]:
        """P_k."""
        pairs = itertools.pairwise(self.ends)
        return tuple(interval_mass(low, high, Fraction(1), self.sigma) for low, high in pairs)

    def f(self, x: Fraction) -> flint.arb:
        """Return f(x)."""
        return ball(self.s * max(Fraction(0), self.alpha * (self.x0 - x), self.beta * (x - self.x1))).exp()

    @cached_property
    def largest_f(self) -> tuple[flint.arb, ...]:
        """f_k, at an end of the cell: f falls, is 1, and rises."""
        return tuple(largest(self.f(low), self.f(high)) for low, high in itertools.pairwise(self.ends))

    def growth(self, cells: Cells) -> flint.arb:
        """Return the product of f_k."""
        found = ball(1)
        for k in cells:
            found *= self.largest_f[k]
        return found

    def below_normal(self, x: Fraction) -> flint.arb:
        """Return Phi(x/sigma)."""
        return normal_cdf(ball(x / self.sigma))

    @cached_property
    def rho(self) -> flint.arb:
        """The closed bound, with k1 <= (1/2) e^{8 theta^2 s}."""
        s, theta, alpha, beta, x0, x1 = self.s, self.theta, self.alpha, self.beta, self.x0, self.x1
        assert 4 * theta / self.sigma >= Fraction(4, 5) and min(alpha, beta) >= 2 * theta
        kappa, k1 = 2 * theta + alpha, ball(8 * theta**2 * s).exp() / 2
        low = ball(s * (alpha * (x0 - 1) + alpha**2 / 2)).exp() * self.below_normal(x0 - 1 + alpha)
        high = ball(s * (beta * (1 - x1) + beta**2 / 2)).exp() * self.below_normal(1 + beta - x1)
        part1 = (
            -2 * theta * s * (2 - x1),
            s * (alpha * (x0 - 1) + alpha**2 / 2 - 4 * theta * (1 - alpha) + 2 * theta * x1),
        )
        tilt = ball(s * (alpha * x0 - kappa + kappa**2 / 2)).exp() * self.below_normal(x0 - 1 + kappa)
        return (
            ball(-2 * theta * s * x0).exp() * (1 + low + high)
            + k1 * sum(ball(power).exp() for power in part1)
            + ball(-2 * theta * s * x1).exp() * self.below_normal(1 - x1)
            + ball(-2 * theta * (1 - theta) * s).exp()
            + tilt
        )

    @cached_property
    def factors(self) -> tuple[flint.arb, ...]:
        """B_q."""
        first = self.nodes[0]
        assert bool(ball(-first).exp() < ball((1 - self.theta) / self.theta)) and bool(self.rho < 1)
        crossing = ball(self.theta * first).exp() / self.f(Fraction(0))
        drift = (
            ball(self.c) * ball(-(1 - self.theta) * first).exp() / ((1 + ball(-first).exp()) * (1 - self.rho))
        )
        return tuple(largest(crossing, drift) * ball(-self.theta * node).exp() for node in self.nodes)

    @cached_property
    def after(self) -> list[dict[Cells, int]]:
        """V for each node and new memory, -1 where the log-odds after the update may be ell_0 or less."""
        return [{cells: self._reached(node, cells) for cells in self.memories} for node in self.nodes[:-1]]

    def _reached(self, node: Fraction, cells: Cells) -> int:
        after = updated_log_odds(ball(node), [self.ends[k] for k in cells], self.sigma)
        return sum(1 for other in self.nodes if bool(ball(other) < after)) - 1

    def inside(self, table: Table, q: int, cells: Cells) -> flint.arb:
        """Return I_q(Z)."""

        def risk(rest: Cells, k: int) -> flint.arb:
            new = tuple(sorted((*rest, k)))
            return self.masses[k] * (table[self.after[q][new]][new] if self.after[q][new] >= 0 else ball(1))

        n, found = len(self.masses), ball(0)
        low = [risk(cells[:-1], k) for k in range(n)]
        high = [risk(cells[1:], k) for k in range(n)]
        for v in middles(self.ends, cells[0], cells[-1]):
            found = largest(found, sum(low[:v]) + largest(low[v], high[v]) + sum(high[v + 1 :]))
        return found

    def outside(self, q: int, cells: Cells) -> flint.arb:
        """Return J_q(Z)."""
        s, theta, bottom, top = self.s, self.theta, self.ends[0], self.ends[-1]
        assert bottom <= self.x0 and self.x1 <= top
        kappa = 2 * theta + self.alpha
        below = ball(s * (self.alpha * self.x0 - kappa + kappa**2 / 2)).exp() * self.below_normal(
            bottom - 1 + kappa
        )
        above = ball(s * (self.beta * (1 - self.x1) + self.beta**2 / 2)).exp() * self.below_normal(
            1 + self.beta - top
        )
        a = self.ends[cells[1]] if self.r > 1 else top
        return smallest(
            self.below_normal(bottom - 1), self.factors[q] * below * self.growth(cells[:-1])
        ) + smallest(
            self.below_normal(1 - top),
            self.factors[q] * ball(-2 * theta * s * a).exp() * above * self.growth(cells[1:]),
        )

    def product_form(self) -> Table:
        """Return min(1, B_q prod f_k)."""
        return [
            {Z: smallest(ball(1), factor * self.growth(Z)) for Z in self.memories} for factor in self.factors
        ]

    def sweep(self, table: Table) -> None:
        """Lower every entry to what its inequality asks, nodes from the last but one down."""
        for q in reversed(range(len(self.nodes) - 1)):
            wrong = ball(self.c) / (1 + ball(self.nodes[q]).exp())
            needed = {Z: wrong + self.inside(table, q, Z) + self.outside(q, Z) for Z in self.memories}
            for Z, least in needed.items():
                table[q][Z] = smallest(table[q][Z], largest(least, table[q + 1][Z]))

    def start(self, table: Table, log_odds: Fraction) -> flint.arb:
        """Return U: the largest entry of the memories in [1/2, 3/2] at the last node that is not above."""
        q = max(q for q, node in enumerate(self.nodes) if node <= log_odds)
        own = [k for k, end in enumerate(self.ends[:-1]) if end >= HALF and self.ends[k + 1] <= 3 * HALF]
        found = ball(0)
        for Z in itertools.combinations_with_replacement(own, self.r):
            found = largest(found, table[q][Z])
        return found


def middles(ends: Sequence[Fraction], i: int, j: int) -> Iterator[int]:
    """Yield the cells v in which the midpoint of elements of the cells i and j may be."""
    low, high = (ends[i] + ends[j]) / 2, (ends[i + 1] + ends[j + 1]) / 2
    return (v for v in range(len(ends) - 1) if ends[v] < high and low < ends[v + 1])


def largest(a: flint.arb, b: flint.arb) -> flint.arb:
    """Return an upper end of both, exact."""
    a, b = a.upper(), b.upper()
    return a if bool(a >= b) else b


def smallest(a: flint.arb, b: flint.arb) -> flint.arb:
    """Return the smaller upper end, exact."""
    a, b = a.upper(), b.upper()
    return a if bool(a <= b) else b
