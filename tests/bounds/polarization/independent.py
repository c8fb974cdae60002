"""T1g, T1A0, T1A, self-sending, T1C1, T1C2 and T1B a second time: mpmath at 60 digits, straight from the statements.

No balls, no power series, no convolutions: sums over counts as proofs/theorem1 and proofs/one_sided write them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import mpmath
import numpy as np
from mpmath import mpf

from tests.bounds.exact import as_mpf

DIGITS = 60


def own_weights(r: int, sigma: str, log_odds: Fraction, most: int) -> list[mpf]:
    """Return a_0, …, a_most of P2' from own-side log-odds >= H, by logistic and logit."""
    unit, odds = 1 / as_mpf(Fraction(sigma)) ** 2, as_mpf(log_odds)
    found = [1 / (1 + mpmath.exp(-odds))]
    for u in range(1, most + 1):
        grown = odds + unit
        if u >= r:
            odds = grown
            found.append(1 / (1 + mpmath.exp(-odds)))
        else:
            weight = mpf(u) / r / (1 + mpmath.exp(-grown))
            odds = mpmath.log(weight / (1 - weight))
            found.append(weight)
    return found


def own_interval(sigma: str) -> mpf:
    return mpmath.erf(1 / (2 * mpmath.sqrt(2) * as_mpf(Fraction(sigma))))


def below(x: mpf) -> mpf:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def one_sided_clearing(r: int, sigma: str, shrink: Fraction = Fraction(0), nodes: int = 40) -> mpf:
    """Return the integral of V_{r-1} over the own interval: the chance when all old elements lie just below it.

    V_n(M) = V_{n-1}(M) (Phi(M) - Phi(-(h-M)/2)) + int_M^h V_{n-1} phi, on Gauss-Legendre nodes of [M, h].
    """
    h = (as_mpf(Fraction(1, 2) - shrink)) / as_mpf(Fraction(sigma))
    chebyshev = [h * mpmath.cos(mpmath.pi * k / (nodes - 1)) for k in range(nodes)]
    weights, abscissae = _gauss(24)
    values = [mpf(1)] * nodes

    def at(x: mpf) -> mpf:
        total, scale = mpf(0), mpf(0)
        for k, (node, value) in enumerate(zip(chebyshev, values, strict=True)):
            if x == node:
                return value
            weight = (-1) ** k * (mpf(1) / 2 if k in (0, nodes - 1) else 1) / (x - node)
            total, scale = total + weight * value, scale + weight
        return total / scale

    def integral(low: mpf) -> mpf:
        half = (h - low) / 2
        return half * sum(
            w * at(low + half * (1 + x)) * mpmath.npdf(low + half * (1 + x))
            for x, w in zip(abscissae, weights, strict=True)
        )

    for _ in range(r - 1):
        values = [at(M) * (below(M) - below(-(h - M) / 2)) + integral(M) for M in chebyshev]
    return integral(-h)


@lru_cache
def _gauss(n: int) -> tuple[list[mpf], list[mpf]]:
    near = np.polynomial.legendre.leggauss(n)[0]
    abscissae = [mpmath.findroot(lambda x: mpmath.legendre(n, x), mpf(float(x))) for x in near]
    weights = []
    for x in abscissae:
        slope = n * (x * mpmath.legendre(n, x) - mpmath.legendre(n - 1, x)) / (x * x - 1)
        weights.append(2 / ((1 - x * x) * slope**2))
    return weights, abscissae


def geometric(m: int, n: int, weights: Sequence[mpf], draws: mpf) -> mpf:
    """T1g: the least over one and two sides; `draws` = c^m P^(nm - rm)."""
    first = sum(mpmath.log(a) for a in weights[:n]) / n
    second = sum(mpmath.log(a) for a in weights[: n + 1]) / (n + 1)
    orders = mpmath.factorial(n * m) / mpmath.factorial(n) ** m / mpf(m) ** (n * m)
    found = []
    for sides in ([m], [m // 2, m - m // 2]):
        if 0 not in sides:
            split = mpmath.fprod((mpf(side) / m) ** (n * side) for side in sides)
            exponent = n * (len(sides) * first + (m - len(sides)) * second)
            found.append(orders * split * mpmath.exp(exponent) * draws)
    return min(found)


def series_power(terms: Sequence[mpf], exponent: int, degree: int) -> mpf:
    """Return [z^degree] of a power, by repeated multiplication."""
    found = [mpf(1)] + [mpf(0)] * degree
    for _ in range(exponent):
        found = [
            mpmath.fsum(found[k - u] * terms[u] for u in range(min(k + 1, len(terms))))
            for k in range(degree + 1)
        ]
    return found[degree]


def alone(m: int, n: int, steps: int, factors: Sequence[mpf], draws: mpf) -> mpf:
    """N! m^-N [z^N] (sum_{u >= n} b_0 … b_{u-1} z^u/u!)^m times `draws`; b_u = b_n beyond n."""
    terms, product = [], mpf(1)
    for u in range(steps + 1):
        terms.append(product / mpmath.factorial(u) if u >= n else mpf(0))
        product *= factors[min(u, n)]
    return mpmath.factorial(steps) / mpf(m) ** steps * series_power(terms, m, steps) * draws


def game(m: int, split: int, steps: int, n: int, weights: Sequence[mpf], alpha: mpf) -> mpf:
    """T1A0 on occupation numbers, V_N(0)."""
    known: dict[tuple[tuple[int, ...], tuple[int, ...], int], mpf] = {}

    def moved(side: tuple[int, ...], u: int) -> tuple[int, ...]:
        after = list(side)
        after[u] -= 1
        after[min(u + 1, n)] += 1
        return tuple(after)

    def value(plus: tuple[int, ...], minus: tuple[int, ...], left: int) -> mpf:
        missing = sum(count * (n - u) for side in (plus, minus) for u, count in enumerate(side))
        if missing > left:
            return mpf(0)
        if left == 0:
            return mpf(1)
        key = (plus, minus, left)
        if key not in known:
            up = [(c, weights[u], value(moved(plus, u), minus, left - 1)) for u, c in enumerate(plus) if c]
            down = [(c, weights[u], value(plus, moved(minus, u), left - 1)) for u, c in enumerate(minus) if c]
            low = mpmath.fsum(c * weights[u] for u, c in enumerate(plus)) / m
            high = 1 - mpmath.fsum(c * weights[u] for u, c in enumerate(minus)) / m
            known[key] = (
                min(
                    mpmath.fsum(c * (alpha * a + (1 - alpha) * R) * v for c, a, v in up)
                    + mpmath.fsum(c * (alpha * a + (1 - alpha) * (1 - R)) * v for c, a, v in down)
                    for R in (low, high)
                )
                / m
            )
        return known[key]

    start = lambda agents: (agents, *[0] * n)  # noqa: E731
    return value(start(split), start(m - split), steps)


def closed_form(m: int, split: int, steps: int, n: int, weights: Sequence[mpf], alpha: mpf) -> mpf:
    """T1A without its draws, all n_+ summed; weights beyond n count as a_n."""
    a = lambda u: weights[min(u, n)]  # noqa: E731
    products = [mpf(1)]
    for u in range(steps + 1):
        products.append(products[-1] * a(u) ** alpha)
    fact = [mpmath.factorial(u) for u in range(steps + 1)]
    term = [products[u] / fact[u] if u >= n else mpf(0) for u in range(steps + 1)]
    powers = [[mpf(1)] + [mpf(0)] * steps]
    for _ in range(m):
        last = powers[-1]
        powers.append([mpmath.fsum(last[k - u] * term[u] for u in range(n, k + 1)) for k in range(steps + 1)])
    least = min(weights[: n + 1])
    gam = lambda y: mpf(1) / 2 if abs(y) < mpf(10) ** -25 else (y - mpmath.log1p(y)) / y**2  # noqa: E731

    def moments(agents: int, updates: int) -> list[tuple[mpf, mpf]]:
        if agents == 0:
            return [(mpf(0), mpf(0))]
        whole = powers[agents][updates] * fact[updates]
        found = []
        for i in range(updates + 1):
            one = [  # of one agent: I updates before, J after; the number of ways of its own
                (before, after, products[before + after] / (fact[before] * fact[after]))
                for before in range(i + 1)
                for after in range(max(0, n - before), updates - i + 1)
            ]

            def others(agents_left: int, before: int, after: int, i: int = i) -> mpf:
                if before > i or after > updates - i:
                    return mpf(0)
                left = updates - before - after
                return (
                    powers[agents_left][left]
                    * fact[left]
                    * fact[i]
                    * fact[updates - i]
                    / (fact[i - before] * fact[updates - i - after])
                )

            mean = agents * mpmath.fsum(w * a(i1) * others(agents - 1, i1, j1) for i1, j1, w in one) / whole
            square = (
                agents * mpmath.fsum(w * a(i1) ** 2 * others(agents - 1, i1, j1) for i1, j1, w in one) / whole
            )
            if agents > 1:
                pairs = mpmath.fsum(
                    w * x * a(i1) * a(i2) * others(agents - 2, i1 + i2, j1 + j2)
                    for (i1, j1, w), (i2, j2, x) in itertools.product(one, repeat=2)
                )
                square += agents * (agents - 1) * pairs / whole
            found.append((mean, max(mpf(0), square - mean**2)))
        return found

    q, total = m - split, mpf(0)
    choices = range(n * split, steps - n * q + 1) if 0 < split < m else [steps if split else 0]
    for first in choices:
        rest, exponent = steps - first, mpf(0)
        plus, minus = moments(split, first), moments(q, rest)
        for i, j in itertools.product(range(first + 1), range(rest + 1)):
            if i + j == steps:
                continue
            f = mpf(first - i) / (steps - i - j)
            (s, v), (t, w) = plus[i], minus[j]

            def both(x: mpf, y: mpf, f: mpf = f) -> mpf:
                return (f * x if f else 0) + ((1 - f) * y if f < 1 else 0)

            log = lambda x: mpmath.log(x) if x > 0 else mpf("-inf")  # noqa: E731
            div = lambda x, y: x / y if y else mpf("inf")  # noqa: E731
            X, Y = both(log(s / m), log(1 - s / m)), both(log(1 - t / m), log(t / m))
            if split and v:
                x = both(div(1, s), -div(1, m - s))
                C = both(gam(split * least / s - 1) / s**2, gam((s - split) / (m - s)) / (m - s) ** 2)
            else:
                x, C = mpf(0), mpf(0)
            if q and w:
                y = both(-div(1, m - t), div(1, t))
                D = both(gam((t - q) / (m - t)) / (m - t) ** 2, gam(q * least / t - 1) / t**2)
            else:
                y, D = mpf(0), mpf(0)
            if q == 0:
                psi = X - C * v
            elif split == 0:
                psi = Y - D * w
            else:
                psi = (X + Y) / 2 - mpmath.sqrt((X - Y) ** 2 + x**2 * v + y**2 * w) / 2 - C * v - D * w
            visits = mpmath.binomial(first, i) * mpmath.binomial(rest, j) / mpmath.binomial(steps, i + j)
            exponent += visits * psi
        orders = fact[steps] / mpf(m) ** steps * powers[split][first] * powers[q][rest]
        total += orders * mpmath.exp((1 - alpha) * exponent)
    return total


def inside_cells(
    r: int, sigma: str, share: Fraction, ends: Sequence[Fraction], most: int, *, half_line: bool, up: bool
) -> list[dict[tuple[int, ...], mpf]]:
    """The cell programme on dictionaries of multisets: chances of memory in I after u = 0, …, most draws."""
    edges = [*([] if half_line else [None]), *ends, None]
    cells = list(itertools.pairwise(edges))
    scale = as_mpf(Fraction(sigma))

    def cdf(x: Fraction | None, mean: int, beyond: int) -> mpf:
        return mpf(beyond) if x is None else below((as_mpf(x) - mean) / scale)

    chances = [
        as_mpf(share) * (cdf(b, 1, 1) - cdf(a, 1, 0)) + as_mpf(1 - share) * (cdf(b, -1, 1) - cdf(a, -1, 0))
        for a, b in cells
    ]
    infinity = Fraction(10**9)
    low = [(-infinity if a is None else a) for a, _ in cells]
    high = [(infinity if b is None else b) for _, b in cells]
    good = [a is not None and b is not None and a >= Fraction(1, 2) and b <= Fraction(3, 2) for a, b in cells]
    states = list(itertools.combinations_with_replacement(range(len(cells)), r))
    value = {state: mpf(all(good[c] for c in state)) for state in states}
    found = [value]
    for _ in range(most):
        after = {}
        for state in states:
            total = mpf(0)
            first, last = state[0], state[-1]
            for y, chance in enumerate(chances):
                least_gone = value[tuple(sorted((*state[1:], y)))]
                largest_gone = value[tuple(sorted((*state[:-1], y)))]
                if 2 * low[y] >= high[first] + high[last]:
                    result = least_gone
                elif 2 * high[y] <= low[first] + low[last]:
                    result = largest_gone
                else:
                    result = (max if up else min)(least_gone, largest_gone)
                total += chance * result
            after[state] = total
        value = after
        found.append(value)
    return found


def multinomial(m: int, steps: int, sides: Sequence[tuple[int, Sequence[mpf]]]) -> mpf:
    """N!/m^N [z^N] of the product over sides of (sum_u q_u z^u/u!)^agents."""
    found = [mpf(1)] + [mpf(0)] * steps
    for agents, chances in sides:
        terms = [chances[u] / mpmath.factorial(u) for u in range(steps + 1)]
        for _ in range(agents):
            found = [mpmath.fsum(found[k - u] * terms[u] for u in range(k + 1)) for k in range(steps + 1)]
    return mpmath.factorial(steps) / mpf(m) ** steps * found[steps]
