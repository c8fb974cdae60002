"""Algebra of U0 to U4."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import Ball, ball, working_precision
from proofs.exact import (
    BITS,
    HALF,
    agrees,
    fractions_between,
    logistic,
    logit,
    replace_any_farthest,
    run_checks,
    updated_log_odds,
)

WORKED = "9.611e-01"


def check_references_stay_below() -> None:
    """U0, r >= 2: along random rings with R anywhere above rho the reference's counts and log-odds stay below."""
    rng = random.Random(3)
    met = set()
    for _ in range(60):
        r, sigma = rng.randint(2, 4), rng.choice([Fraction(1, 4), Fraction(1, 5)])
        c0, c1 = Fraction(9, 10) / sigma, Fraction(11, 20) / sigma
        c2 = c1 + Fraction(rng.randint(2, 7), 20) / sigma
        k = rng.randint(0, r)
        ends = fractions_between(rng, -c0, c1, r, 7)
        memory = tuple((1 if i < k else -1) + sigma * z for i, z in enumerate(ends))
        h = 0
        with working_precision(BITS):
            odds = reference_odds = ball(rng.choice([-60, -5, 0, 5, 60]))
            for _ in range(12):
                z = fractions_between(rng, -c0, c2, 1, 997)[0]
                up = rng.random() < HALF
                sign = 1 if up or rng.random() < HALF else -1
                memory = rng.choice(sorted(set(replace_any_farthest(memory, sign + sigma * z))))
                odds = updated_log_odds(odds, memory, sigma)
                met.add((up, sign, h))
                k, h, reference_odds = reference(r, sigma, (c0, c1, c2), (k, h, reference_odds), (up, z))
                if h > 2:
                    break
                assert sum(x > 0 for x in memory) >= k
                assert sum(x - (1 if x > 0 else -1) > sigma * c1 for x in memory) <= h
                assert reference_odds.is_finite()
                assert not odds < reference_odds
    assert len(met) == 9


def reference(
    r: int,
    sigma: Fraction,
    c: tuple[Fraction, ...],
    state: tuple[int, int, Ball],
    ring: tuple[bool, Fraction],
) -> tuple[int, int, Ball]:
    """Return the reference's state after a ring, as the statement writes it."""
    (c0, c1, c2), (k, h, odds), (up, z) = c, state, ring
    gain, loss = 2 * (1 - sigma * c0) / sigma**2, 2 * (1 + sigma * c0) / sigma**2
    cz = (1 / sigma - c1, 1 / sigma - (c1 + c2) / 2, 1 / sigma - c2)
    if up:
        after = min(k + 1, r) if z >= -cz[h] else k
        others, new = max(after - 1, 0), 2 * (1 + sigma * z) / sigma**2
    else:
        after = max(k - 1, 0)
        others, new = after, -2 * (1 - sigma * z) / sigma**2
    weight = logistic(odds + ball(new)) + others * logistic(odds + ball(gain))
    weight += (r - 1 - others) * logistic(odds - ball(loss))
    cleared = k == r and z < (c1 - c0) / 2 and h > 0
    return after, h - cleared + (z > c1), logit(weight / r)


def check_which_element_leaves() -> None:
    """(i): z = -cz gives 2y = sigma (c_a + c_b); (iv): z = zc gives y = (2 - sigma c0 + sigma c1)/2."""
    sigma, c0, c1, ca, cb = sp.symbols("sigma c_0 c_1 c_a c_b", positive=True)
    z = -(1 / sigma - (ca + cb) / 2)
    assert sp.simplify(2 * (1 + sigma * z) - sigma * (ca + cb)) == 0
    assert sp.simplify(1 + sigma * (c1 - c0) / 2 - (2 - sigma * c0 + sigma * c1) / 2) == 0


def check_memories_are_not_monotone() -> None:
    """{-10, 1} <= {0, 1.1}, and y = 0 gives {0, 1} and {0, 0}."""
    low = set(replace_any_farthest((Fraction(-10), Fraction(1)), Fraction(0)))
    high = set(replace_any_farthest((Fraction(0), Fraction(11, 10)), Fraction(0)))
    assert low == {(Fraction(0), Fraction(1))}
    assert high == {(Fraction(0), Fraction(0))}


def check_growth() -> None:
    """U2: E e^{-theta (e + sigma z)} with chance rho for e = 1 is G(theta)."""
    theta, sigma, rho, z = sp.symbols("theta sigma rho z", positive=True)
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    moment = sp.integrate(sp.exp(-theta * sigma * z) * density, (z, -sp.oo, sp.oo))
    total = rho * sp.exp(-theta) * moment + (1 - rho) * sp.exp(theta) * moment
    growth = sp.exp(theta**2 * sigma**2 / 2) * (rho * sp.exp(-theta) + (1 - rho) * sp.exp(theta))
    assert sp.simplify(total - growth) == 0


def check_clock() -> None:
    """E growth^rings over Poisson(t) rings is e^{-t (1 - growth)}."""
    t, growth = sp.symbols("t g", positive=True)
    n = sp.symbols("n", integer=True, nonnegative=True)
    mean = sp.summation(sp.exp(-t) * t**n / sp.factorial(n) * growth**n, (n, 0, sp.oo))
    assert sp.simplify(mean - sp.exp(-t * (1 - growth))) == 0


def check_growth_of_the_barrier() -> None:
    """U3 (d): with u = kappa/sqrt(2+k) and k >= 4/kappa^2, (1+u) sqrt((2+k)/(3+k)) >= (1+u)(1-u/4) >= 1 + u/2."""
    u = sp.symbols("u", positive=True)
    assert sp.factor(sp.expand((1 + u) * (1 - u / 4) - (1 + u / 2))) == -u * (u - 1) / 4
    for kappa in (Fraction(1, 2), Fraction(1, 4), Fraction(1, 10)):
        first = math.ceil(4 / kappa**2)
        for k in (first, first + 1, 10 * first):
            with working_precision(BITS):
                step = ball(kappa) / ball(2 + k).sqrt()
                assert bool((ball(2 + k) / (3 + k)).sqrt() >= 1 - step / 4)
                assert bool(step <= 1)


def check_spread_without_feedback() -> None:
    """U4b: a step without feedback has variance 1 + sigma^2, and E cosh(x S) grows by cosh x e^{x^2 sigma^2/2}."""
    x, s, sigma, z = sp.symbols("x s sigma z", real=True)
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)

    def mean(f: sp.Expr) -> sp.Expr:
        both = (f.subs(s, s + 1 + sigma * z) + f.subs(s, s - 1 + sigma * z)) / 2
        return sp.integrate(sp.expand(both.rewrite(sp.exp) * density), (z, -sp.oo, sp.oo))

    assert sp.simplify(mean(s**2) - s**2 - 1 - sigma**2) == 0
    expected = sp.cosh(x * s) * sp.cosh(x) * sp.exp(x**2 * sigma**2 / 2)
    assert sp.simplify((mean(sp.cosh(x * s)) - expected).rewrite(sp.exp)) == 0


def check_updates_are_negatively_associated() -> None:
    """U4c: P(g given cells of m are hit in n draws) <= (1 - (1 - 1/m)^n)^g, by listing the draws."""
    for m, n in ((2, 3), (3, 4), (3, 6), (4, 5)):
        for g in range(1, m + 1):
            hit = sum(set(range(g)) <= set(draws) for draws in itertools.product(range(m), repeat=n))
            product = (1 - Fraction(m - 1, m) ** n) ** g
            assert Fraction(hit, m**n) <= product
            assert g > 1 or Fraction(hit, m**n) == product


def check_median() -> None:
    """U4c: at n = m log m - m log log 2 the product bound tends to 1/2."""
    m = sp.symbols("m", positive=True)
    missed = sp.exp(-(sp.log(m) - sp.log(sp.log(2))))
    assert sp.simplify(missed - sp.log(2) / m) == 0
    assert sp.limit((1 - sp.log(2) / m) ** m, m, sp.oo) == HALF


def check_worked_number() -> None:
    """U2 at m = 10, term by term; P(Poisson(800) > 1000) by its terms."""

    def value() -> Ball:
        sigma2, rho, decay, rise = Fraction(1, 25), Fraction(7, 10), Fraction(4, 5), Fraction(2, 5)

        def growth(theta: Fraction) -> Ball:
            both = ball(rho) * ball(-theta).exp() + ball(1 - rho) * ball(theta).exp()
            return ball(theta**2 * sigma2 / 2).exp() * both

        assert bool(growth(decay) <= 1)
        fall = ball(-decay * Fraction(59, 10)).exp()
        needed = 10 * ball(rho) * (1 + ball(-2 * Fraction(1, 10) / sigma2).exp())
        assert bool(needed > 7) and bool(needed < 8)
        kept = sum((math.comb(9, j) * (1 - fall) ** j * fall ** (9 - j) for j in (8, 9)), ball(0))
        missed = 10 * (ball(2 * rise) - 80 * (1 - growth(rise))).exp()
        late = 1 - sum((ball(-800).exp() * ball(800) ** n / math.factorial(n) for n in range(1001)), ball(0))
        return kept - missed - late

    assert agrees(value, WORKED, 4)


if __name__ == "__main__":
    run_checks(globals())
