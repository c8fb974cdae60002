"""PMr: what own draws, senders and the product form amount to on cells and at nodes: upper ends, as floats."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import Ball, ball
from mcpolar.bounds.permanence.problem import RiskProblem

Floats = NDArray[np.float64]

SMALLEST, SMALLEST_MASS = 1e-300, 1e-60


@dataclass(frozen=True)
class UpperEnds:
    """Of a problem and the ends of its cells."""

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
