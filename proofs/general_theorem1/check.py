"""Algebra and counting of GT1."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import sympy as sp

from mcpolar.balls import Ball, ball
from proofs.exact import agrees, logistic, logit, run_checks

WORKED = "9.181110e-07"


def check_posterior_of_an_element_in_the_ball() -> None:
    """Check the posterior: w/(w + (1 - w) e^-g) = logistic(logit w + g), and D_l (D_l - 2z) >= D^2/2 at z = D/4."""
    w, g, d, more = sp.symbols("w g D x", positive=True)
    left = w / (w + (1 - w) * sp.exp(-g))
    right = 1 / (1 + sp.exp(-sp.log(w / (1 - w)) - g))
    assert sp.simplify(left - right) == 0
    far = d + more
    assert sp.expand(far * (far - d / 2) - d**2 / 2 - more * (3 * d / 2 + more)) == 0


def _farthest(memory: list[Fraction], y: Fraction) -> int:
    return max(range(len(memory)), key=lambda h: abs(memory[h] - y))


def _tenths(rng: random.Random, half: int) -> Fraction:
    return Fraction(rng.choice(range(2 * half + 1)) - half, 10)


def check_clearing_on_a_line() -> None:
    """Clear memories by GP3' with D = 12: draws in [-1, 1], then in the ball [-3, 3], on exact grids."""
    rng = random.Random(3)
    starts, near, inside = set(), set(), set()
    for _ in range(4000):
        r = rng.randint(1, 4)
        memory = [_tenths(rng, 60) for _ in range(r)]
        starts.update(memory)
        for u in range(1, r + 1):
            y = _tenths(rng, 10)
            near.add(y)
            memory[_farthest(memory, y)] = y
            assert sum(abs(x) <= 3 for x in memory) >= min(u, r)
        for _ in range(4):
            y = _tenths(rng, 30)
            inside.add(y)
            memory[_farthest(memory, y)] = y
            assert all(abs(x) <= 3 for x in memory)
    for drawn, end in ((starts, 6), (near, 1), (inside, 3)):
        assert max(drawn) == end
        assert min(drawn) == -end


def check_draws_in_the_ball_do_not_clear() -> None:
    """P3 in the ball is false: two draws in [-3, 3] leave an element outside it (r = 2)."""
    memory = [Fraction(16, 5), Fraction(20)]
    for y in (Fraction(-3), Fraction(5, 2)):
        memory[_farthest(memory, y)] = y
    assert memory == [Fraction(16, 5), Fraction(5, 2)]


def _orders(m: int, n: int) -> list[tuple[int, ...]]:
    return sorted(set(itertools.permutations([i for i in range(m) for _ in range(n)])))


def check_mean_over_orders() -> None:
    """Check the mean over all orders of sum_t mean_j f(u_j(t)) is n [Q A1 + (m - Q) A2], for any f: listed."""
    f = [Fraction(7), Fraction(-3), Fraction(5), Fraction(11)]
    for sizes, n in (((1, 1), 2), ((2, 1), 2), ((3,), 2), ((1, 1, 1), 2), ((2,), 3), ((1, 2, 1), 1)):
        m, silo = sum(sizes), [s for s, size in enumerate(sizes) for _ in range(size)]
        total = Fraction(0)
        orders = _orders(m, n)
        for order in orders:
            counts = [0] * m
            for i in order:
                own = [f[counts[j]] for j in range(m) if silo[j] == silo[i]]
                total += sum(own, Fraction(0)) / len(own)
                counts[i] += 1
        first, second = sum(f[:n], Fraction(0)) / n, sum(f[: n + 1], Fraction(0)) / (n + 1)
        parts = len(sizes)
        assert total / len(orders) == n * (parts * first + (m - parts) * second)
        assert len(orders) == math.factorial(n * m) // math.factorial(n) ** m


def check_most_equal_split_is_the_worst() -> None:
    """Check that prod m_s^{m_s} is least at the most equal split of m into min(c, m) silos."""
    for m, c in itertools.product(range(1, 9), range(2, 5)):
        splits = [s for s in itertools.product(range(m + 1), repeat=c) if sum(s) == m]
        least = min(math.prod(size**size for size in split) for split in splits)
        parts = min(c, m)
        size, more = divmod(m, parts)
        assert least == ((size + 1) ** (size + 1)) ** more * (size**size) ** (parts - more)


def check_the_last_weight_is_the_largest() -> None:
    """Check that max over u <= n of a_u is a_n = a_{n(h)}: in doubles, over c, r, gamma, h; so A1 <= A2."""
    for c, r, gain, level in itertools.product((2, 3, 30), (1, 2, 5, 9), (0.1, 1.0, 6.25, 25.0), (1, 3)):
        weights, last, log_odds, u = [1 / c], 0.0, -math.log(c - 1), 0
        while u < r or (log_odds < level * gain if r > 1 else u < level):
            u += 1
            grown = log_odds + gain
            last = min(u, r) / r / (1 + math.exp(-grown))
            weights.append(last)
            log_odds = grown if u >= r else math.log(last / (1 - last))
        assert last >= max(weights) * (1 - 1e-12)


def check_worked_number() -> None:
    """Evaluate GT1g at c = 3, d = 2, D = 2, sigma = 1/5, m = 2, r = 2, h = 1: n = 3."""

    def value() -> Ball:
        first = logistic(-ball(2).log() + 25) / 2
        odds = [logit(first), logit(first) + 25, logit(first) + 50]
        assert bool(odds[1] < 25) and bool(odds[2] > 25)
        logs = [-ball(3).log(), first.log(), logistic(odds[1]).log(), logistic(odds[2]).log()]
        inner, inside = (1 - ball(-Fraction(25 * 4, 2 * q)).exp() for q in (144, 16))
        orders = ball(Fraction(math.factorial(6), math.factorial(3) ** 2 * 2**6))
        split = ball(Fraction(1, 2)) ** 6
        draws = (inner**2 * inside) ** 2
        return orders * draws * split * (2 * (logs[0] + logs[1] + logs[2])).exp()

    assert agrees(value, WORKED, 7)


if __name__ == "__main__":
    run_checks(globals())
