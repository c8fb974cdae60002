"""Algebra of GT2."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

import flint
import sympy as sp

from mcpolar.balls import ball
from proofs.exact import HALF, agrees, run_checks

WORKED = "8.834788e-05"
WORKED_IN_CELLS = "0.7646108"


def check_difference_of_squared_distances() -> None:
    """|x - mu_l|^2 - |x - mu_j|^2 = d_l^2 + 2 v.(mu_j - mu_l), v = x - mu_j; here in three dimensions."""
    x, mu_j, mu_l = (sp.Matrix(sp.symbols(f"{name}:3", real=True)) for name in ("x", "j", "l"))
    left = (x - mu_l).dot(x - mu_l) - (x - mu_j).dot(x - mu_j)
    across = mu_j - mu_l
    assert sp.expand(left - across.dot(across) - 2 * (x - mu_j).dot(across)) == 0


def check_gain_is_gamma() -> None:
    """D^2 - 2 R D at R = D/4 is D^2/2, over 2 sigma^2 it is gamma; t^2 - 2 R t increases from t = R on."""
    d, r, sigma, t = sp.symbols("D R sigma t", positive=True)
    gain = (d**2 - 2 * r * d) / (2 * sigma**2)
    assert sp.simplify(gain.subs(r, d / 4) - d**2 / (4 * sigma**2)) == 0
    assert sp.diff(t**2 - 2 * r * t, t) == 2 * t - 2 * r


def check_two_components_on_a_line() -> None:
    """Means -1 and 1: gamma = 1/sigma^2 and R = 1/2, as in T2'."""
    distance = Fraction(2)
    assert (distance**2 / 4, distance / 4) == (1, HALF)


def _squared_distance(v: Sequence[Fraction], w: Sequence[Fraction]) -> Fraction:
    return sum(((a - b) ** 2 for a, b in zip(v, w, strict=True)), Fraction(0))


def check_distances_of_weights() -> None:
    """In-silo squared distances are <= 2 alpha^2, cross ones >= 2 (1-2 alpha)^2: on random exact weights."""
    rng = random.Random(6)
    for _ in range(300):
        c, alpha = rng.randint(2, 5), Fraction(rng.randint(1, 32), 100)

        def weights(home: int, c: int = c, alpha: Fraction = alpha) -> list[Fraction]:
            rest = [Fraction(rng.randint(0, 9)) for _ in range(c - 1)]
            total = alpha * Fraction(rng.randint(0, 10), 10)
            scaled = [total * part / (sum(rest) or 1) for part in rest]
            return [*scaled[:home], 1 - sum(scaled), *scaled[home:]]

        assert len(weights(0)) == c
        most, least = 2 * alpha**2, 2 * (1 - 2 * alpha) ** 2
        assert _squared_distance(weights(0), weights(0)) <= most
        assert _squared_distance(weights(0), weights(1)) >= least > most
        one, zero = 1 - alpha, Fraction(0)
        assert _squared_distance((one, alpha, zero), (one, zero, alpha)) == most
        assert _squared_distance((one, alpha), (alpha, one)) == least


def check_corners_of_the_convex_bound() -> None:
    """(e-e')^2 + e^2 + e'^2 has a positive definite Hessian and is <= 2 alpha^2 at the corners of [0, alpha]^2."""
    e, f, alpha = sp.symbols("e f alpha", positive=True)
    value = (e - f) ** 2 + e**2 + f**2
    assert sp.hessian(value, (e, f)).is_positive_definite
    corners = [value.subs({e: a, f: b}) for a, b in itertools.product((0, alpha), repeat=2)]
    assert all((2 * alpha**2 - sp.expand(corner)).is_nonnegative for corner in corners)


def check_least_weight() -> None:
    """1 - w <= E w with E = (c-1)e^{-h gamma} gives w >= 1/(1+E) and 1 - w <= E/(1+E)."""
    big, w = sp.symbols("E w", positive=True)
    assert sp.solve(sp.Eq(1 - w, big * w), w) == [1 / (big + 1)]


def check_cells() -> None:
    """On z <= D_l/4: D_l (D_l - 2z) >= D_l^2/2; and a wedge is what the constraints of a circle leave."""
    far, rest = sp.symbols("D_l r", positive=True)
    assert sp.expand(far * (far - 2 * (far / 4 - rest)) - far**2 / 2 - 2 * far * rest) == 0
    angle, rho, x, y = sp.symbols("phi rho x y", positive=True)
    chord = sp.Matrix([rho * sp.cos(2 * angle) - rho, rho * sp.sin(2 * angle)])
    direction = sp.Matrix([-sp.sin(angle), sp.cos(angle)])
    assert sp.simplify(chord - 2 * rho * sp.sin(angle) * direction) == sp.zeros(2, 1)
    constraint = sp.Matrix([x, y]).dot(direction) - 2 * rho * sp.sin(angle) / 4
    assert sp.simplify(constraint / sp.sin(angle) - (-x + y * sp.cot(angle) - rho / 2)) == 0
    assert sp.simplify(sp.diff(sp.cot(angle), angle) + 1 / sp.sin(angle) ** 2) == 0


def check_cells_of_a_simplex() -> None:
    """<Z, e_jl> = (Z_l - Z_j)/sqrt2, cosines 1/2; and the integral at c = 30, D = 8, sigma = 1 by balls."""
    corners = sp.eye(3) / sp.sqrt(2)
    first, second = (corners.row(i) - corners.row(0) for i in (1, 2))
    assert first.dot(first) == 1 and first.dot(second) == sp.Rational(1, 2)

    def value() -> flint.arb:
        root = flint.acb(2).sqrt()

        def integrand(t: flint.acb, _: bool) -> flint.acb:
            density = (-t * t / 2).exp() / (2 * flint.acb.pi()).sqrt()
            return density * ((-(2 * root - t) / root).erfc() / 2) ** 29

        return flint.acb.integral(integrand, flint.acb(-20), flint.acb(20)).real

    assert agrees(value, WORKED_IN_CELLS, 7)


def check_worked_number() -> None:
    """Evaluate GT2 at c = 3, d = 2, D = 4, sigma = 1, h = 2, T = 10."""
    assert agrees(lambda: ((1 - ball(-HALF).exp()) / (1 + 2 * ball(-8).exp())) ** 10, WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
