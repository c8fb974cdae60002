"""Algebra of GPM."""

from __future__ import annotations

import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import Ball, ball
from proofs.exact import agrees, run_checks

WORKED = "0.9991475"


def check_one_update_of_ratios() -> None:
    """p_l' = p_l (sum v_h E_l(x_h))/(sum v_h), v_h = 1/(1 + sum_k p_k E_k(x_h)): r = 2, c = 3, any posteriors."""
    own, first, second = sp.symbols("w_j w_1 w_2", positive=True)
    e = sp.symbols("a1 a2 b1 b2", positive=True)  # E_1, E_2 at the first element, then at the second
    shares = [own + first * e[2 * h] + second * e[2 * h + 1] for h in (0, 1)]
    new_own = sum(own / share for share in shares)
    new_first = sum(first * e[2 * h] / shares[h] for h in (0, 1))
    v = [1 / (1 + first / own * e[2 * h] + second / own * e[2 * h + 1]) for h in (0, 1)]
    formula = first / own * (v[0] * e[0] + v[1] * e[2]) / (v[0] + v[1])
    assert sp.simplify(new_first / new_own - formula) == 0


def check_ratio_is_at_most_the_largest_factor() -> None:
    """p_l' <= p_l maxE_l, and <= p_l M_l (1 + max_h sum_k p_k E_k): on random exact numbers."""
    rng = random.Random(5)
    for _ in range(300):
        r, c = rng.randint(1, 4), rng.randint(1, 4)
        p = [Fraction(rng.randint(1, 9), rng.randint(1, 9)) for _ in range(c)]
        e = [[Fraction(rng.randint(1, 99), rng.randint(1, 9)) for _ in range(c)] for _ in range(r)]
        moved = [sum((p[k] * e[h][k] for k in range(c)), Fraction(0)) for h in range(r)]
        v = [1 / (1 + moved[h]) for h in range(r)]
        new = p[0] * sum(v[h] * e[h][0] for h in range(r)) / sum(v)
        mean = sum((e[h][0] for h in range(r)), Fraction(0)) / r
        assert new <= p[0] * max(e[h][0] for h in range(r))
        assert new <= p[0] * mean * (1 + max(moved))


def check_exponential_moment() -> None:
    """E E_l(y)^theta = e^{-2 theta (1 - theta) gamma} for z ~ N(0, sigma^2), gamma = D^2/(4 sigma^2)."""
    z, theta, d, sigma = sp.symbols("z theta D sigma", positive=True)
    s = 1 / sigma**2
    mean = sp.exp(-s / 2 * theta * d**2) * sp.exp((s * theta * d) ** 2 * sigma**2 / 2)
    assert sp.simplify(sp.log(mean) + 2 * theta * (1 - theta) * d**2 / (4 * sigma**2)) == 0
    assert sp.simplify(sp.diff(theta * (-(s / 2) * d * (d - 2 * z)), z) - s * theta * d) == 0


def check_line_coordinate() -> None:
    """E_l = e^{-2 s_l x~} with x~ = 1 - 2 z/D_l and s_l = D_l^2/(4 sigma^2); own draws have variance 1/s_l in x~."""
    z, d, sigma = sp.symbols("z D_l sigma", positive=True)
    s_l, moved = d**2 / (4 * sigma**2), 1 - 2 * z / d
    assert sp.simplify(-2 * s_l * moved + (d * (d - 2 * z)) / (2 * sigma**2)) == 0
    assert sp.simplify((2 / d) ** 2 * sigma**2 - 1 / s_l) == 0
    assert moved.subs(z, d) == -1 and moved.subs(z, 0) == 1


def check_drift_of_a_step() -> None:
    """-(1 - v) D + v (1 - U) = (-D + v) - v (U - D), at most -D + v for D <= U."""
    v, drop, u = sp.symbols("v D U", nonnegative=True)
    assert sp.expand(-(1 - v) * drop + v * (1 - u) - (-drop + v) + v * (u - drop)) == 0


def check_first_stage_pays_the_senders() -> None:
    """With eps = delta/(1 - rho^) the mean after an own update is U - c_S p."""
    p, zeta, spread, far, delta, rho = sp.symbols("p zeta c_S A delta rho", positive=True)
    eps = delta / (1 - rho)
    before = spread * p / (1 - zeta) + far * eps
    after = spread * zeta * p / (1 - zeta) + far * (eps * rho + delta)
    assert sp.simplify(before - after - spread * p) == 0


def check_thresholds_pay_the_senders() -> None:
    """(1 - rho) A p^theta >= c_S p for p <= q, on random exact exponents 1/2."""
    rng = random.Random(7)
    for _ in range(200):
        root_q, rho = Fraction(rng.randint(2, 9), 10), Fraction(rng.randint(1, 9), 10)
        spread, crossing = Fraction(rng.randint(2, 6), 2), Fraction(rng.randint(1, 9))
        root_p = root_q * Fraction(rng.randint(1, 10), 10)
        factor = max(1 / (root_q * crossing), spread * root_q / (1 - rho))
        paid, crossed = (1 - rho) * factor - spread * root_q, factor * root_q * crossing - 1
        assert min(paid, crossed) == 0
        assert root_p <= root_q
        assert (1 - rho) * factor * root_p - spread * root_p**2 == root_p * (
            paid + spread * (root_q - root_p)
        )


def check_remaining_norm() -> None:
    """Rem = sqrt(x^2 + t^2 - 2 x t k) - t rises in x >= t k and falls in t and in the cosine k."""
    x, t, k = sp.symbols("x t k", positive=True)
    root = sp.sqrt(x**2 + t**2 - 2 * x * t * k)
    assert sp.simplify(sp.diff(root, x) * root - (x - t * k)) == 0
    assert sp.simplify(sp.diff(root, k) * root + x * t) == 0
    slope = sp.diff(root - t, t)  # (t - x k)/root - 1 <= 0 as (t - x k)^2 <= root^2
    assert sp.simplify((slope + 1) * root - (t - x * k)) == 0
    assert sp.expand(root**2 - (t - x * k) ** 2 - x**2 * (1 - k**2)) == 0
    assert sp.expand(root**2 - (x - t * k) ** 2 - t**2 * (1 - k**2)) == 0  # Rem >= x - t k - t
    assert sp.solve(sp.Eq(x**2 - 2 * x * t * k, 0), x) == [2 * k * t]  # Rem = 0 up to here


def check_tail_of_norms() -> None:
    """Check that log of t^{d-1} e^{bt - t^2/2} is concave with slope -(T - b - (d-1)/T) at T."""
    t, b, d = sp.symbols("t b d", positive=True)
    exponent = (d - 1) * sp.log(t) + b * t - t**2 / 2
    assert sp.simplify(sp.diff(exponent, t) + (t - b - (d - 1) / t)) == 0
    assert sp.simplify(sp.diff(exponent, t, 2) + 1 + (d - 1) / t**2) == 0


def check_who_goes_of_two() -> None:
    """|y - x2|^2 - |y - x1|^2 = |x2|^2 - |x1|^2 - 2 <y, x2 - x1>: so x2 goes if <y, x2-x1> is below half of that."""
    y, a, b = (sp.Matrix(sp.symbols(f"{name}:2", real=True)) for name in ("y", "a", "b"))
    left = (y - b).dot(y - b) - (y - a).dot(y - a)
    assert sp.expand(left - (b.dot(b) - a.dot(a) - 2 * y.dot(b - a))) == 0


def check_worked_number() -> None:
    """Evaluate GPM1 at c = 3, D = 2, sigma = 1/2, m = 6, h = 3, theta = 9/10, q = 1/4."""
    theta, q = Fraction(9, 10), Fraction(1, 4)

    def value() -> Ball:
        rho = ball(-2 * theta * (1 - theta) * 4).exp()
        crossing = (-ball(theta) * ball(q).log()).exp()
        drift = (ball(1 - theta) * ball(q).log()).exp() / (1 - rho)
        return 1 - 12 * crossing.max(drift) * ball(-theta * 12).exp()

    assert agrees(value, WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
