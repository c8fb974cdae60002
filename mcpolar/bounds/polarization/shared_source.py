"""T1A: polarization from any state in closed form, by Jensen's inequality (proofs/theorem1).

p agents have log-odds >= 0 at the start, q = m - p below. In N steps n_+ receivers are on the + side and every agent
gets at least n = n(h) updates, all from its own side's component; the first r of an agent clear its memory (chance
c_r), the others fall in I (P each). With f = (n_+ - i)/(N - i - j), the hypergeometric chances H(i, j) that i of the
+ side and j of the - side come first, and S(i), S'(j) the sums of a_u over the agents of a side after so many updates
(means s, t; variances v, w):

    log P >= log N! - N log m + log k_p(n_+) + log k_q(n_-) + m log c_r + (N - r m) log P + sum H Psi(i, j),

k_p(n) = [z^n] (sum_{u >= n(h)} z^u/u!)^p, Psi = (X + Y)/2 - sqrt((X - Y)^2 + x^2 v + y^2 w)/2 - C v - D w. For several
n_+ the events are disjoint and their chances add. With a mirror probability mu >= 1/m on the unrestricted chain,
alpha = (mu m - 1)/(m - 1), the z^u/u! are weighted by (a_0 … a_{u-1})^alpha and the sum counts 1 - alpha.

All terms but the root are linear in f or 1 - f, and their sums over the other side's index are known: sum_j H f = 1
for i < n_+, sum_j H (1 - f) = n_-/(n_+ + 1). The root's sum is taken in doubles, rounded up by more than its error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import flint
import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import Ball, ball

Floats = NDArray[np.float64]

ROOT_SLACK = 1e-9
"""Relative, above the rounding errors of the sum of roots: at most 10^7 terms of 40 operations, 2^-53 each."""
DIFFERENCE_SLACK = 2.0**-49
"""In units of the logarithms that X - Y is made of, above its rounding errors."""


@dataclass(frozen=True)
class Source:
    """What T1A needs of the chain, in balls at the working precision.

    Attributes
    ----------
    m, needed : int
        Agents, and updates that each needs: n(h).
    weights : list of balls
        Own-side weights a_0, …, a_U from below; for more than U updates a_U counts.
    steps : int
        N, or more: coefficients are kept up to it.
    alpha : Fraction
        The receiver's excess chance to send to itself; 0 for the unrestricted chain.
    """

    m: int
    needed: int
    weights: list[Ball]
    steps: int
    alpha: Fraction = Fraction(0)
    _sides: dict[tuple[int, int], Side] = field(default_factory=dict, repr=False)

    def side(self, agents: int, updates: int) -> Side:
        """Return a side's sums, computed once."""
        if (agents, updates) not in self._sides:
            self._sides[agents, updates] = Side(self, agents, updates)
        return self._sides[agents, updates]

    @property
    def capped(self) -> int:
        """U: the number of updates after which weights count as a_U."""
        return len(self.weights) - 1

    @cached_property
    def least_weight(self) -> Ball:
        """a_min."""
        least = self.weights[0]
        for weight in self.weights[1:]:
            least = least.min(weight)
        return least

    @cached_property
    def factorials(self) -> list[Ball]:
        """0! to N!."""
        found = [ball(1)]
        for n in range(1, self.steps + 1):
            found.append(found[-1] * n)
        return found

    @cached_property
    def terms(self) -> list[Ball]:
        """(a_0 … a_{u-1})^alpha / u! for u = 0, …, N."""
        terms = [1 / factorial for factorial in self.factorials]
        if self.alpha:
            weight = ball(1)
            for u in range(self.steps + 1):
                terms[u] *= weight
                weight *= self.weights[min(u, self.capped)] ** ball(self.alpha)
        return terms

    @cached_property
    def powers(self) -> list[list[Ball]]:
        """Coefficients of (sum_{u >= n} terms_u z^(u - n))^p for p = 0, …, m, up to what N leaves room for."""
        base = flint.arb_poly(self.terms[self.needed :])
        found, power = [[ball(1)]], flint.arb_poly([1])
        for _ in range(self.m):
            power = (power * base).truncate(max(1, self.steps + 1 - self.needed * self.m))
            found.append(power.coeffs())
        return found

    @cached_property
    def inverse_factorials(self) -> list[Ball]:
        """1/0! to 1/N!."""
        return [1 / factorial for factorial in self.factorials]

    def ways(self, agents: int, updates: int) -> Ball:
        """k_p(n): over the sequences of `updates` receivers with all agents served, divided by n!."""
        beyond = updates - self.needed * agents
        coefficients = self.powers[agents]
        return coefficients[beyond] if 0 <= beyond < len(coefficients) else ball(0)

    @cached_property
    def missing(self) -> list[Ball]:
        """d_I = a_U - a_I for I < U."""
        return [self.weights[-1] - weight for weight in self.weights[:-1]]

    @cached_property
    def singles(self) -> list[flint.arb_poly]:
        """For I < U: sum over J >= n - I of terms_{I+J} (I+J)!/(I! J!) y^J: one agent, I updates before, J after."""
        most = self.steps - self.needed * (self.m - 1)  # of one agent
        return [
            flint.arb_poly(
                [
                    self.terms[i + j] * self.factorials[i + j] / (self.factorials[i] * self.factorials[j])
                    if i + j >= self.needed
                    else ball(0)
                    for j in range(max(0, most - i) + 1)
                ]
            )
            for i in range(self.capped)
        ]

    @cached_property
    def pairs(self) -> list[flint.arb_poly]:
        """For I <= 2 U - 2: the sum over I_1 + I_2 = I of d_{I_1} d_{I_2} times both agents' singles."""
        found = [flint.arb_poly([0]) for _ in range(max(0, 2 * self.capped - 1))]
        for i, one in enumerate(self.singles):
            for j, other in enumerate(self.singles[: i + 1]):
                product = one * other * (self.missing[i] * self.missing[j])
                found[i + j] += product if i == j else 2 * product
        return found


class Side:
    """One side's agents over its `updates` updates, all served: their number, and the sum S of own-side weights.

    Attributes
    ----------
    mean, variance : list of balls
        E S(i) and an upper end of Var S(i) after the first i updates, i = 0, …, updates.
    """

    def __init__(self, source: Source, agents: int, updates: int) -> None:
        self.source, self.agents, self.updates = source, agents, updates
        if agents == 0:
            self.mean, self.variance = [ball(0)], [ball(0)]
            return
        ones = [ball(0)] * (updates + 1)
        squares = [ball(0)] * (updates + 1)
        for i, (single, missing) in enumerate(zip(source.singles, source.missing, strict=True)):
            for n, share in self._shares(single, i, agents - 1):
                one = share * missing
                ones[n] += one
                squares[n] += one * missing
        pairs = [ball(0)] * (updates + 1)
        for i, pair in enumerate(source.pairs if agents > 1 else []):
            for n, share in self._shares(pair, i, agents - 2):
                pairs[n] += share
        factorials = source.factorials
        whole = agents / (factorials[updates] * source.ways(agents, updates))
        sizes = [whole * factorials[n] * factorials[updates - n] for n in range(updates + 1)]
        ones = [one * size for one, size in zip(ones, sizes, strict=True)]
        all_served = agents * source.weights[-1]
        self.mean = [all_served - one for one in ones]
        self.variance = [
            ((square + (agents - 1) * pair) * size - one * one).upper().max(ball(0))
            for one, square, pair, size in zip(ones, squares, pairs, sizes, strict=True)
        ]
        self.variance[0] = ball(0)  # nobody has an update: exactly known

    def _shares(self, kernel: flint.arb_poly, before: int, others: int) -> Iterator[tuple[int, Ball]]:
        """Yield, for each n, the kernel's sum over J, up to n! L!, L = updates - n.

        The kernel's agents have `before` updates among the first n and J after them, the others n - before and L - J;
        the sum over J is a coefficient of a product, since the others' ways depend on `before` + J only.
        """
        source, factorials, most = self.source, self.source.factorials, self.updates - before
        room = most - source.needed * others  # more draws are not left to the kernel's agents
        others_ways = [
            coefficient * source.ways(others, most - j) * factorials[most - j]
            for j, coefficient in enumerate(kernel.coeffs()[: max(0, room + 1)])
        ]
        inverse = source.inverse_factorials
        sums = (flint.arb_poly(others_ways) * flint.arb_poly(inverse[: most + 1])).truncate(most + 1)
        for rest, total in enumerate(sums.coeffs()):
            yield self.updates - rest, total * inverse[most - rest]


def log_chance(source: Source, agents: int, updates: int, horizon: int) -> Ball:
    """Return log of N! m^-N k_p(n_+) k_q(n_-) e^(sum H Psi): p = `agents`, n_+ = `updates`, N = `horizon`."""
    others, rest = source.m - agents, horizon - updates
    orders = source.factorials[horizon].log() - horizon * ball(source.m).log()
    orders += source.ways(agents, updates).log() + source.ways(others, rest).log()
    plus, minus = source.side(agents, updates), source.side(others, rest)
    if others == 0:
        exponent = _alone(plus)
    elif agents == 0:
        exponent = _alone(minus)
    else:
        exponent = _together(plus, minus)
    return orders + (1 - ball(source.alpha)) * exponent


def _alone(side: Side) -> Ball:
    """Return the exponent when all agents are on one side: every draw must be of its component."""
    m, total = side.source.m, ball(0)
    for n in range(side.updates):
        s, v = side.mean[n], side.variance[n]
        total += (s / m).log()
        if n:
            total -= _curvature(m * side.source.least_weight / s - 1) * v / (s * s)
    return total


def _curvature(y: Ball) -> Ball:
    """Return gamma(y) = (y - log(1 + y))/y^2 or more, for -1 < y <= 0."""
    if abs(float(y.mid())) < 2.0**-20:
        return 1 / (2 * (1 + y) ** 2)
    return (y - y.log1p()) / (y * y)


@dataclass(frozen=True)
class _Terms:
    """One side's logarithms and losses, by the number of its updates so far; `own` for its own draws next.

    Attributes
    ----------
    own, other : list of balls
        log(s/m) and log(1 - s/m).
    own_loss, other_loss : list of balls
        gamma v/s^2 and gamma v/(m - s)^2: the coefficients of f and 1 - f in C v.
    own_spread, other_spread : list of balls
        sqrt(v)/s and sqrt(v)/(m - s).
    """

    own: list[Ball]
    other: list[Ball]
    own_loss: list[Ball]
    other_loss: list[Ball]
    own_spread: list[Ball]
    other_spread: list[Ball]


def _terms(side: Side) -> _Terms:
    m, p, least = side.source.m, side.agents, side.source.least_weight
    found = _Terms([], [], [], [], [], [])
    for s, v in zip(side.mean, side.variance, strict=True):
        rest, root = m - s, v.sqrt().upper()
        found.own.append((s / m).log())
        found.other.append((rest / m).log())
        found.own_loss.append(_curvature(p * least / s - 1) * v / (s * s))
        found.other_loss.append(_curvature((s - p) / rest) * v / (rest * rest))
        found.own_spread.append(root / s)
        found.other_spread.append(root / rest)
    return found


def _together(plus: Side, minus: Side) -> Ball:
    """Return a lower end of sum H Psi when both sides are occupied."""
    up, down = _terms(plus), _terms(minus)
    n, rest = plus.updates, minus.updates
    # sum_j H f = 1 for i < n_+; sum_j H (1 - f) = n_-/(n_+ + 1): the - receivers between two + ones
    between_plus, between_minus = Fraction(rest, n + 1), Fraction(n, rest + 1)

    def over(own: list[Ball], other: list[Ball], last: int, between: Fraction) -> Ball:
        return sum(own[:last], ball(0)) + ball(between) * sum(other, ball(0))

    linear = over(up.own, up.other, n, between_plus) + over(down.own, down.other, rest, between_minus)
    losses = over(up.own_loss, up.other_loss, n, between_plus)
    losses += over(down.own_loss, down.other_loss, rest, between_minus)
    numerator, denominator = _roots(up, down, n, rest).as_integer_ratio()
    return (linear - ball(Fraction(numerator, denominator))) / 2 - losses


def _roots(up: _Terms, down: _Terms, n: int, rest: int) -> float:
    """Return an upper end of sum H sqrt((X - Y)^2 + x^2 v + y^2 w)."""
    i, j = np.arange(n + 1)[:, np.newaxis], np.arange(rest + 1)[np.newaxis, :]
    left = np.maximum(1, n + rest - i - j)
    f, g = (n - i) / left, (rest - j) / left

    def column(values: list[Ball]) -> Floats:
        return _doubles(values)[:, np.newaxis]

    # X = f log(s/m) + g log(1 - s/m), Y = f log(1 - t/m) + g log(t/m)
    x_own, x_other, y_own, y_other = (
        column(up.own),
        column(up.other),
        _doubles(down.own),
        _doubles(down.other),
    )
    difference = np.abs(f * (x_own - y_other) + g * (x_other - y_own))
    difference += DIFFERENCE_SLACK * (np.abs(x_own) + np.abs(x_other) + np.abs(y_own) + np.abs(y_other))
    squares = difference**2
    for own, other, a, b in (
        (column(up.own_spread), column(up.other_spread), f, g),
        (_doubles(down.own_spread), _doubles(down.other_spread), g, f),
    ):
        squares += (np.abs(a * own - b * other) + DIFFERENCE_SLACK * (own + other)) ** 2
    return float(np.sum(_visits(n, rest) * np.sqrt(squares))) * (1 + ROOT_SLACK)


def _doubles(values: list[Ball]) -> Floats:
    return np.array([float(value.mid()) for value in values])


def _visits(n: int, rest: int) -> Floats:
    """Return H(i, j) = C(n, i) C(rest, j) / C(n + rest, i + j), and 0 for (n, rest); no entry underflows to 0."""
    plus, minus, all_ = (_binomials(k) for k in (n, rest, n + rest))
    i, j = np.arange(n + 1)[:, np.newaxis], np.arange(rest + 1)[np.newaxis, :]
    sizes = plus[0][:, np.newaxis] * minus[0][np.newaxis, :] / all_[0][i + j]
    powers = plus[1][:, np.newaxis] + minus[1][np.newaxis, :] - all_[1][i + j]
    found: Floats = np.maximum(np.ldexp(sizes, powers), np.finfo(float).tiny)
    found[n, rest] = 0.0
    return found


def _binomials(n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return C(n, k) for k = 0, …, n as mantissas and exponents of 2, each rounded once."""
    sizes, powers, value = np.empty(n + 1), np.empty(n + 1, dtype=np.int64), 1
    for k in range(n + 1):
        bits = value.bit_length()
        sizes[k], powers[k] = value / (1 << bits), bits  # a quotient of integers is rounded correctly
        value = value * (n - k) // (k + 1)
    return sizes, powers
