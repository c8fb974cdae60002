"""PM: certified enclosures of rho and rho^, by branch and bound over (a, b) in ball arithmetic.

rho is the supremum over a <= b of G(a, b) = N(a, v)/f(b) + B(a) T(v), with the midpoint v = (a + b)/2,
N(a, v) = E[e^{-2 theta s min(a, y)} f(y); y < v], T(v) = E[f(y); y >= v] and B(a) = e^{-2 theta s a}/f(a)
(Lemma 2 of proofs/permanence). N and T are sums of normal distribution functions, since f is exponential piece
by piece, so that no quadrature is needed. Where it suffices to look: on a line of constant v the first
summand rises in b up to x1 and falls after (beta >= 2 theta), B rises in a up to x0 and falls after (alpha >=
2 theta). So the largest value lies between the points a = x0 and b = x1 of the line (or at a = v, or at a = y0,
where these lie outside it): a strip. On a box [v1, v2] x [a1, a2] of it

    G <= N(a1, v2) / min f(b) + max B(a) T(v1),        2 v1 - a2 <= b <= 2 v2 - a1,

since N falls in a and rises in v, and T falls. Outside |v| <= V the tails are bounded by their values at V.
"""

from __future__ import annotations

import functools
import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from mcpolar.balls import Ball, Dyadic, ball, working_precision
from mcpolar.bounds.permanence.shape import Shape

BITS, MOST_BITS = 128, 4096
FINENESS = 20  # boxes are split down to 2^-20
SHARPNESS = Fraction(1, 100)  # the enclosure's width, in units of 1 - rho
MOST_BOXES = 100_000
LARGEST_V = 64

Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True)
class Enclosure:
    """Certified ends of a supremum: `lower` is attained up to rounding, `upper` is never exceeded."""

    lower: Dyadic
    upper: Dyadic


@dataclass(frozen=True)
class Suprema:
    """The two suprema of PM: `rho` over all memories, `rho_hat` over memory and draws from y0 on."""

    rho: Enclosure
    rho_hat: Enclosure


def suprema(precision: Fraction, shape: Shape) -> Suprema:
    """Return certified enclosures of rho and rho^.

    Parameters
    ----------
    precision : Fraction
        s = 1/sigma^2.
    shape : Shape
        The Lyapunov function.

    Returns
    -------
    Suprema
        Each sharp to `SHARPNESS` (1 - rho), unless rho >= 1 or the largest number of boxes was reached: the ends are
        certified in any case.

    Examples
    --------
    >>> shape = Shape("0.18", "0.44", "0.13", "0.37", "1.5", "0.49", "0.03")
    >>> found = suprema(Fraction(100, 9), shape)
    >>> found.rho.lower.decimal(2), found.rho.upper.decimal(2, "up")
    ('7.0e-01', '7.1e-01')
    """
    return Suprema(
        rho=_supremum(precision, shape, Fraction(shape.x0), None),
        rho_hat=_supremum(precision, shape, Fraction(shape.xh), Fraction(shape.y0)),
    )


def _supremum(precision: Fraction, shape: Shape, left: Fraction, floor: Fraction | None) -> Enclosure:
    with working_precision(_bits(precision, shape)):
        found = _Search(_Integrals(precision, shape, left, floor)).run()
        return Enclosure(*(Dyadic(*map(int, end.man_exp())) for end in found))


def _bits(s: Fraction, shape: Shape) -> int:
    """Return a precision that outlasts the cancellation of e^{s k^2/2} between distribution functions near 1."""
    steepest = max(shape.alpha + 2 * shape.theta, shape.beta)
    return min(MOST_BITS, BITS + math.ceil(float(s) * max(0.0, float(steepest) ** 2 / 2 - 0.5) * 1.5))


class _Integrals:
    """The functions N, T, B and f at the points origin + i 2^-FINENESS, kept once they are known."""

    def __init__(self, s: Fraction, shape: Shape, left: Fraction, floor: Fraction | None) -> None:
        self.s, self.left, self.right, self.floor = s, left, Fraction(shape.x1), floor
        self.theta, self.alpha, self.beta = (Fraction(x) for x in (shape.theta, shape.alpha, shape.beta))
        self.origin = Fraction(0) if floor is None else floor
        self.pieces = (
            (self.alpha * left, self.alpha, None, left),
            (Fraction(0), Fraction(0), left, self.right),
            (-self.beta * self.right, -self.beta, self.right, None),
        )
        self.root = (ball(s) / 2).sqrt()
        for name in ("f", "discount", "gain", "mass", "loss", "above", "constants"):
            setattr(self, name, functools.cache(getattr(self, "_" + name)))
        self.whole_mass, self.whole_loss = (self.integral(None, k) for k in (Fraction(0), 2 * self.theta))
        self.largest_gain = ball(-2 * self.theta * s * left).exp()

    f: Callable[[int], Ball]
    discount: Callable[[int], Ball]
    gain: Callable[[int], Ball]
    mass: Callable[[int], Ball]
    loss: Callable[[int], Ball]
    above: Callable[[int], Ball]
    constants: Callable[[int, Fraction, Fraction | None], tuple[Ball, Ball]]

    def point(self, i: int) -> Fraction:
        """Return the number that the index stands for."""
        return self.origin + Fraction(i, 1 << FINENESS)

    def index(self, x: Fraction) -> Fraction:
        """Return the index of a number, not rounded."""
        return (x - self.origin) * (1 << FINENESS)

    def _f(self, i: int) -> Ball:
        x = self.point(i)
        return ball(
            self.s * max(Fraction(0), self.alpha * (self.left - x), self.beta * (x - self.right))
        ).exp()

    def _discount(self, i: int) -> Ball:
        """e^{-2 theta s a}."""
        return ball(-2 * self.theta * self.s * self.point(i)).exp()

    def _gain(self, i: int) -> Ball:
        """B(a) = e^{-2 theta s a}/f(a)."""
        return self.discount(i) / self.f(i)

    def _above(self, i: int) -> Ball:
        """T(v) = E[f(y); y >= v]."""
        return self.whole_mass - self.mass(i)

    def value(self, i: int) -> Ball:
        """G at a = b = v."""
        return self.loss(i) / self.f(i) + self.gain(i) * self.above(i)

    def _mass(self, i: int) -> Ball:
        """E[f(y); y < z], from y0 on where there is a floor."""
        return self.integral(self.point(i), Fraction(0))

    def _loss(self, i: int) -> Ball:
        """E[e^{-2 theta s y} f(y); y < z]."""
        return self.integral(self.point(i), 2 * self.theta)

    def integral(self, end: Fraction | None, tilt: Fraction) -> Ball:
        """E[e^{-s tilt y} f(y); floor <= y < end], by completing the square on each piece of f."""
        total = ball(0)
        for piece, (_, slope, low, high) in enumerate(self.pieces):
            start = low if self.floor is None else max(self.floor, low if low is not None else self.floor)
            stop = high if end is None else min(end, high if high is not None else end)
            if start is not None and stop is not None and stop <= start:
                continue
            weight, below = self.constants(piece, tilt, start)
            total += weight * (self._normal(stop, slope + tilt, 1) - below)
        return total

    def _constants(self, piece: int, tilt: Fraction, start: Fraction | None) -> tuple[Ball, Ball]:
        """Return what does not depend on where the integral ends: the weight of a piece, and P(Z < its start)."""
        constant, slope = self.pieces[piece][:2]
        k = slope + tilt
        return ball(self.s * (constant - k + k * k / 2)).exp(), self._normal(start, k, 0)

    def _normal(self, x: Fraction | None, k: Fraction, at_infinity: int) -> Ball:
        """P(Z < (x - 1 + k)/sigma)."""
        if x is None:
            return ball(at_infinity)
        return (ball(1 - k - x) * self.root).erfc() / 2


class _Search:
    """Best-first branch and bound over boxes (v1, v2, a1, a2) of indices."""

    def __init__(self, integrals: _Integrals) -> None:
        self.at = integrals
        left, right = (integrals.index(x) for x in (integrals.left, integrals.right))
        self.below_left, self.above_left = math.floor(left), math.ceil(left)
        self.below_right, self.above_right = math.floor(right), math.ceil(right)
        self.one, self.sharpness = ball(1), ball(SHARPNESS)
        self.lower = ball(0)
        self.heap: list[tuple[float, int, Ball, Box]] = []
        self.count = 0

    def run(self) -> tuple[Ball, Ball]:
        """Return the exact ends of the enclosure."""
        reach, tail = self._reach()
        lowest = -reach if self.at.floor is None else 0
        self._push((lowest, reach, 3 * lowest, reach))
        while self.heap and self.count < MOST_BOXES:
            _, _, upper, box = self.heap[0]
            if self._is_settled(upper) or _is_smallest(box):
                break
            heapq.heappop(self.heap)
            for half in _halves(box):
                self._push(half)
        upper = functools.reduce(lambda x, y: x.max(y), (entry[2] for entry in self.heap), self.lower)
        return self.lower.lower(), upper.max(tail).upper()

    def _is_settled(self, upper: Ball) -> bool:
        """Whether the enclosure is sharp, or the supremum is known to be at least 1."""
        return bool(self.lower >= 1) or bool(upper - self.lower <= (1 - self.lower) * self.sharpness)

    def _push(self, box: Box) -> None:
        """Bound G on a box that meets the strip, learn its value at a corner, and keep the box."""
        v1, v2, a1, a2 = box
        # on the line of constant v, b = x1 where the index of a is 2 v less that of x1
        ends_below = a2 < min(2 * v1 - self.above_right, self.below_left)
        if a1 > v2 or ends_below or a1 > max(2 * v2 - self.below_right, self.above_left):
            return
        at = self.at
        first = at.discount(a1) * (at.mass(v2) - at.mass(a1)) + at.loss(a1)
        corner = first / at.f(2 * v2 - a1) + at.gain(a1) * at.above(v2)
        self.lower = self.lower.max(corner.lower())
        least_f = self._least_f(2 * v1 - a2, 2 * v2 - a1)
        upper = (first / least_f + self._largest_gain(a1, a2) * at.above(v1)).upper()
        self.count += 1
        heapq.heappush(self.heap, (-float(upper), self.count, upper, box))

    def _least_f(self, low: int, high: int) -> Ball:
        if high <= self.below_left:
            return self.at.f(high)
        return self.at.f(low) if low >= self.above_right else self.one

    def _largest_gain(self, low: int, high: int) -> Ball:
        if high <= self.below_left:
            return self.at.gain(high)
        return self.at.gain(low) if low >= self.above_left else self.at.largest_gain

    def _reach(self) -> tuple[int, Ball]:
        """Return V, as an index, and a bound of G outside |v| <= V, if possible below a value of G inside."""
        unit, reach = 1 << FINENESS, 2
        # values at a = v: any value of G is below the supremum
        inside = max((self.at.value(v * unit // 4) for v in range(9)), key=float)
        while True:
            tail = self._tail(reach * unit)
            if reach >= LARGEST_V or (tail is not None and bool(tail <= inside)):
                return reach * unit, tail if tail is not None else ball(math.inf)
            reach *= 2

    def _tail(self, reach: int) -> Ball | None:
        """Bound G for v >= V and v <= -V by functions that fall with V; None where V is too small for that."""
        at = self.at
        if reach < self.above_right:
            return None
        over = at.largest_gain * at.whole_mass + at.whole_loss
        right = over / at.f(reach) + at.largest_gain * at.above(reach)
        if at.floor is not None:
            return right
        # e^{-4 theta s v} P(v) rises with v as long as 1 - alpha - v >= 4 theta (Mills' ratio)
        if at.point(-reach) > min(1 - at.alpha - 4 * at.theta, at.left):
            return None
        corner = ball(-2 * at.theta * at.s * (2 * at.point(-reach) - at.right)).exp()
        first = corner * at.mass(-reach) + at.integral(2 * at.point(-reach) - at.right, 2 * at.theta)
        return right.max(first + at.gain(-reach) * at.whole_mass)


def _is_smallest(box: Box) -> bool:
    v1, v2, a1, a2 = box
    return max(v2 - v1, a2 - a1) == 1


def _halves(box: Box) -> tuple[Box, Box]:
    """Split the side that matters more: b moves twice as much with v as with a."""
    v1, v2, a1, a2 = box
    if v2 - v1 > 1 and (a2 - a1 == 1 or 2 * (v2 - v1) >= a2 - a1):
        middle = (v1 + v2) // 2
        return (v1, middle, a1, a2), (middle, v2, a1, a2)
    middle = (a1 + a2) // 2
    return (v1, v2, a1, middle), (v1, v2, middle, a2)
