"""Algebra of PM1, PM and PMr."""

from __future__ import annotations

import random
from fractions import Fraction

import flint
import sympy as sp

from mcpolar.balls import ball, working_precision
from proofs.exact import BITS, agrees, fractions_between, normal_cdf, replace_any_farthest, run_checks
from proofs.permanence.table import Grid, middles

WORKED = "3.504780e-07"
WORKED_TABLE = "2.061069e-03"
SECOND = "2.515017"  # the other branch of the maximum

theta, s, y, x0, alpha, p = sp.symbols("theta s y x_0 alpha p", positive=True)


def check_lemma0_concavity() -> None:
    """t(z) = z/(1+z): t'' < 0 on z > 0, and t^{-1}(u) = u/(1-u)."""
    z, u = sp.symbols("z u", positive=True)
    t = z / (1 + z)
    assert sp.simplify(sp.diff(t, z, 2) + 2 / (1 + z) ** 3) == 0
    assert sp.solve(sp.Eq(t, u), z) == [-u / (u - 1)]


def check_lemma0_on_fractions() -> None:
    """Show p' <= p M(X') with e^{-2 s x} any positive fractions; equality for one element."""
    rng = random.Random(7)
    for _ in range(200):
        odds = Fraction(rng.randint(1, 50), 50)
        factors = [Fraction(rng.randint(1, 400), 40) for _ in range(rng.randint(1, 5))]
        for given in (factors, factors[:1] * len(factors)):
            other = sum(odds * e / (1 + odds * e) for e in given) / len(given)
            after, bound = other / (1 - other), odds * sum(given) / len(given)
            assert after <= bound
            assert after == bound or len(set(given)) > 1


def _nearest(rng: random.Random, u: list[Fraction], k: int) -> list[list[int]]:
    """Return the k nearest of every agent of a silo, ties by a random order of its own."""
    found = []
    for i in range(len(u)):
        bias = [rng.random() for _ in u]
        others = sorted((j for j in range(len(u)) if j != i), key=lambda j: (abs(u[i] - u[j]), bias[j]))
        found.append(others[:k])
    return found


def check_lemma1_constant() -> None:
    """Senders' mean u add up to c sum u at most: two silos, many ties, hostile tie rules, any mirror."""
    rng = random.Random(8)
    for _ in range(400):
        sizes = rng.randint(2, 9), rng.randint(2, 9)
        k = rng.randint(1, min(sizes) - 1)
        listed = min(2 * k, max(sizes) - 1)
        mirror = Fraction(rng.randint(0, 4), 4)
        own, near = Fraction(0), Fraction(0)
        for size in sizes:
            u = fractions_between(rng, Fraction(0), Fraction(1, 3), size, rng.choice((2, 5, 1000)))
            own += sum(u)
            near += sum(sum(u[j] for j in nearest) for nearest in _nearest(rng, u, k))
        assert (own + near) / (k + 1) <= Fraction(listed + 1, k + 1) * own
        assert mirror * own + (1 - mirror) * near / k <= (mirror + (1 - mirror) * Fraction(listed, k)) * own


def check_lemma1_thresholds() -> None:
    """Count n agents above a threshold on a silo's lists: 2 k n at most; k agents below it list any."""
    rng = random.Random(10)
    for _ in range(400):
        size = rng.randint(2, 12)
        k = rng.randint(1, size - 1)
        u = fractions_between(rng, Fraction(0), Fraction(1, 3), size, rng.choice((2, 5, 1000)))
        near = _nearest(rng, u, k)
        for threshold in {*u}:
            high = {j for j in range(size) if u[j] > threshold}
            assert max(u) == threshold or u.index(max(u)) in high
            from_below = [i for i in range(size) if i not in high and high.intersection(near[i])]
            assert len(from_below) <= k
            assert sum(len(high.intersection(nearest)) for nearest in near) <= 2 * k * len(high)


def check_lemma2_farthest_is_an_extreme() -> None:
    """Below the midpoint the maximum goes, above it the minimum; the rest is >= min(a, y), resp. >= a."""
    rng = random.Random(9)
    for _ in range(300):
        memory = tuple(fractions_between(rng, Fraction(-2), Fraction(2), rng.randint(1, 5), 8))
        arrival = Fraction(rng.randint(-40, 40), 16)
        low, high = min(memory), max(memory)
        for after in replace_any_farthest(memory, arrival):
            removed = (sum(memory) + arrival) - sum(after)
            if 2 * arrival < low + high:
                assert removed == high and min(after) >= min(low, arrival)
            elif 2 * arrival > low + high:
                assert removed == low and min(after) >= low
            else:
                assert removed in (low, high)


def check_table_cell_of_the_midpoint() -> None:
    """PMr: a draw in a cell below v removes the largest, above v the smallest, and in v one of them; v is counted."""
    rng = random.Random(11)
    for _ in range(300):
        ends = sorted(
            {Fraction(rng.randint(-30, 40), 20) for _ in range(rng.randint(2, 9))}
            | {Fraction(-2), Fraction(3)}
        )
        cells = range(len(ends) - 1)
        memory = [rng.choice((*ends, Fraction(rng.randint(-40, 60), 20))) for _ in range(rng.randint(1, 5))]
        # an end is counted in either cell, the same for all elements at it
        side = {end: rng.random() < 0.5 for end in ends}
        cell = {
            x: max(k for k in cells if ends[k] < x or (ends[k] == x and (k == 0 or side.get(x, True))))
            for x in memory
        }
        counted = sorted(cell[x] for x in memory)
        midpoint = (min(memory) + max(memory)) / 2
        top = (ends[counted[0] + 1] + ends[counted[-1] + 1]) / 2
        v = max(k for k in cells if ends[k] <= midpoint and ends[k] < top)
        assert v in middles(ends, counted[0], counted[-1]) and ends[v] <= midpoint <= ends[v + 1]
        for k in cells:
            low, high = sorted((*counted[:-1], k)), sorted((*counted[1:], k))
            draw = ends[k] + (ends[k + 1] - ends[k]) * Fraction(rng.randint(1, 9), 10)
            allowed = [low] if k < v else [high] if k > v else [low, high]
            for after in replace_any_farthest(memory, draw):
                assert sorted(cell.get(x, k) for x in after) in allowed


def check_exponential_moment() -> None:
    """-2 theta s y - s (y-1)^2/2 = -s (y - 1 + 2 theta)^2/2 - 2 theta (1-theta) s: K e^{-2 theta s y} = rho_1."""
    left = -2 * theta * s * y - s * (y - 1) ** 2 / 2
    right = -s * (y - 1 + 2 * theta) ** 2 / 2 - 2 * theta * (1 - theta) * s
    assert sp.expand(left - right) == 0


def check_delta() -> None:
    """Complete the square in -2 theta s y + alpha s (x0 - y) - s (y-1)^2/2, kappa = 2 theta + alpha."""
    kappa = 2 * theta + alpha
    left = -2 * theta * s * y + alpha * s * (x0 - y) - s * (y - 1) ** 2 / 2
    right = -s * (y - 1 + kappa) ** 2 / 2 + alpha * s * x0 - kappa * s + kappa**2 * s / 2
    assert sp.expand(left - right) == 0


def check_drift() -> None:
    """u~ (1-U) - (1-u~) D = -D + u~ (1 - U + D)."""
    mean, level, drop = sp.symbols("mean U D", real=True)
    assert sp.expand(mean * (1 - level) - (1 - mean) * drop - (-drop + mean * (1 - level + drop))) == 0


def check_weight_is_increasing() -> None:
    """p^{1-theta}/(1+p) increases while p <= (1-theta)/theta."""
    slope = sp.diff(p ** (1 - theta) / (1 + p), p)
    assert sp.simplify(slope * (1 + p) ** 2 * p**theta - ((1 - theta) - theta * p)) == 0


def check_stage_one_pays_two_p() -> None:
    """2 zeta p/(1-zeta) + A (eps rho^ + delta) p^theta = U - 2p with eps = delta/(1-rho^)."""
    zeta, a, rho, delta, power = sp.symbols("zeta A rho delta power", positive=True)
    eps = delta / (1 - rho)
    before = 2 * p / (1 - zeta) + a * eps * power
    after = 2 * zeta * p / (1 - zeta) + a * (eps * rho + delta) * power
    assert sp.simplify(before - after - 2 * p) == 0


def check_closed_bound_tilts() -> None:
    """Expand the tilt by alpha, and the exponents of part 1 with a = 2v - b."""
    v, b = sp.symbols("v b", real=True)
    left = alpha * s * (x0 - y) - s * (y - 1) ** 2 / 2
    right = s * (alpha * (x0 - 1) + alpha**2 / 2) - s * (y + alpha - 1) ** 2 / 2
    assert sp.expand(left - right) == 0
    assert sp.expand(-2 * theta * s * (2 * v - b) - (-4 * theta * s * (v - 1) + 2 * theta * s * (b - 2))) == 0


def check_hazard_at_zero() -> None:
    """phi(0)/Phi(0) = 2/sqrt(2 pi) < 0.8; and Phi(-t) <= e^{-t^2/2}/2 on a grid of t >= 0."""
    with working_precision(BITS):
        assert bool(2 / (2 * flint.arb.pi()).sqrt() < ball(Fraction(4, 5)))
        for n in range(1, 60):
            t = ball(Fraction(n, 10))
            assert bool(normal_cdf(-t) < (-(t**2) / 2).exp() / 2)


def check_worked_number() -> None:
    """PM1 at m = 30, sigma = 0.3, h = 2, theta = 19/20, p* = 1/20."""
    power, top, precision = Fraction(19, 20), Fraction(1, 20), 1 / Fraction(3, 10) ** 2
    assert top <= min(Fraction(1, 2), (1 - power) / power)

    def second() -> flint.arb:
        rho = (-ball(2 * power * (1 - power) * precision)).exp()
        return 2 * ball(top) ** ball(1 - power) / (ball(1 + top) * (1 - rho))

    def failure() -> flint.arb:
        first = ball(top) ** -ball(power)
        larger = first if bool(first > second()) else second()
        return 30 * larger * (-ball(power * 2 * precision)).exp()

    assert agrees(second, SECOND, 7, "nearest")
    assert agrees(failure, WORKED, 7, "up")


def check_worked_table() -> None:
    """PMr at m = 30, r = 2, sigma = 1/4, h = 3 (H = 48), c = 1, on a coarse grid: three sweeps in balls."""
    nodes = (Fraction(7, 10), *map(Fraction, range(6, 48, 6)), *map(Fraction, range(48, 109, 12)))
    ends = tuple(Fraction(n, 4) for n in range(-2, 9))

    def failure() -> flint.arb:
        grid = Grid(
            r=2,
            sigma=Fraction(1, 4),
            c=Fraction(1),
            theta=Fraction(3, 20),
            alpha=Fraction(3, 10),
            x0=Fraction(2, 5),
            beta=Fraction(31, 100),
            x1=Fraction(9, 10),
            nodes=nodes,
            ends=ends,
        )
        table = grid.product_form()
        for _ in range(3):
            grid.sweep(table)
        return 30 * grid.start(table, Fraction(48))

    assert agrees(failure, WORKED_TABLE, 7, "up")


if __name__ == "__main__":
    run_checks(globals())
