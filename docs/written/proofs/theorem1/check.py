"""Algebra of T1', T1g, CL, T1A0, T1A, T1B and the times."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import sympy as sp

from mcpolar.balls import ball, working_precision
from mcpolar.bounds.polarization.shared_source import Source, log_chance
from proofs.exact import (
    BITS,
    HALF,
    agrees,
    fractions_between,
    interval_mass,
    own_weight,
    replace_any_farthest,
    run_checks,
    updates_to_level,
    worst_split,
)
from proofs.lemma1.check import bound

WORKED = "1.067533e-205"
WORKED_GEOMETRIC = "2.422e-144"
WORKED_CEILING = "5.849e-02"
WORKED_GAME = "2.912e-02"
ONE_AND_A_HALF = Fraction(3, 2)
VARIED, CERTAIN = [HALF, Fraction(2, 5), Fraction(9, 10)], [Fraction(1)]  # own weights of 0, 1, … updates
PLAYS = ((2, 1, 4), (2, 1, 6), (2, 2, 5), (3, 1, 7), (3, 0, 6), (3, 2, 7))  # m, agents in +, N


def check_split_is_at_least_two_to_minus_nm() -> None:
    """Show b >= 2^-nm: x log x + (1-x) log(1-x) is least at 1/2, where it is -log 2."""
    x = sp.symbols("x", positive=True)
    entropy = x * sp.log(x) + (1 - x) * sp.log(1 - x)
    assert sp.solve(sp.diff(entropy, x), x) == [sp.Rational(1, 2)]
    assert sp.simplify(entropy.subs(x, sp.Rational(1, 2)) + sp.log(2)) == 0
    assert sp.simplify(sp.diff(entropy, x, 2) - 1 / (x * (1 - x))) == 0
    assert all(worst_split(m, 2) >= HALF ** (2 * m) for m in range(1, 12))


def check_waiting_time() -> None:
    """sum_j (1-q)^j = 1/q."""
    q = sp.symbols("q", positive=True)
    j = sp.symbols("j", integer=True, nonnegative=True)
    total = sp.summation((1 - q) ** j, (j, 0, sp.oo))
    assert sp.simplify(total.args[0][0] - 1 / q) == 0


def check_waiting_time_from_below() -> None:
    """sum_{n < 1/U} (1 - (n+1) U)^+ >= 1/(2U) - 1/2."""
    for u in (Fraction(1, n) for n in range(1, 40)):
        assert sum(max(Fraction(0), 1 - (n + 1) * u) for n in range(math.ceil(1 / u))) >= 1 / (2 * u) - HALF
    for u in (Fraction(a, b) for b in range(2, 30) for a in range(1, b)):
        assert sum(max(Fraction(0), 1 - (n + 1) * u) for n in range(math.ceil(1 / u))) >= 1 / (2 * u) - HALF


def check_share_of_own_side_under_k() -> None:
    """Why k needs another b: weights .51, .99 | .49, .48 , k = 2: own-side share 1/3 < 2/4 at .51."""
    weights = [Fraction(n, 100) for n in (51, 99, 49, 48)]
    others = sorted((abs(w - weights[0]), j) for j, w in enumerate(weights) if j)
    candidates = [0, *(j for _, j in others[:2])]
    assert candidates == [0, 2, 3]
    assert Fraction(sum(weights[j] >= HALF for j in candidates), 3) == Fraction(1, 3)


def check_no_failure_clears() -> None:
    """CL: along draws in I that meet the condition, min(u, r) elements are in I after u of them, whatever the ties.

    One kind of bad element: y - 1 >= -(1/2 - (M - 1))/2, M the largest arrived draw (or the mirror image); both: any
    draw.
    """
    rng = random.Random(1)
    seen = 0
    for _ in range(400):
        r = rng.randint(2, 4)
        memory = tuple(fractions_between(rng, Fraction(-2), Fraction(4), r, 24))
        states, arrived = {memory}, []
        for u in range(1, r + 3):
            y = fractions_between(rng, HALF, ONE_AND_A_HALF, 1, 12)[0]
            kept = set()
            for state in states:
                low, high = any(x < HALF for x in state), any(x > ONE_AND_A_HALF for x in state)
                fails_low = low and not high and arrived and y - 1 < -(HALF - (max(arrived) - 1)) / 2
                fails_high = high and not low and arrived and y - 1 > (HALF + (min(arrived) - 1)) / 2
                if not (fails_low or fails_high):
                    kept |= set(replace_any_farthest(state, y))
            states, arrived = kept, [*arrived, y]
            for state in states:
                inside = sum(HALF <= x <= ONE_AND_A_HALF for x in state)
                assert inside >= min(u, r)
                seen += 1
    assert seen > 500


def check_extremes_are_removed() -> None:
    """Remove the element farthest from y: the least or the largest, and the least iff y lies above their midpoint."""
    rng = random.Random(2)
    for _ in range(300):
        memory = tuple(fractions_between(rng, Fraction(-2), Fraction(3), rng.randint(1, 5), 30))
        y = fractions_between(rng, Fraction(-2), Fraction(3), 1, 31)[0]
        middle = (min(memory) + max(memory)) / 2
        for after in replace_any_farthest(memory, y):
            gone = (Counter(memory) - Counter(after)) or Counter([y])
            (element,) = gone
            if min(memory) < max(memory) and y != middle:
                assert element == (min(memory) if y > middle else max(memory)) or element == y


def check_orders_seen_by_an_update() -> None:
    """T1g: before one of i's n updates, another agent has had a number uniform on 0..n, i itself one on 0..n-1."""
    for n in (1, 2, 3):
        counts, own = Counter(), Counter()
        for places in itertools.combinations(range(2 * n), n):
            for place in places:
                counts[place - sum(q < place for q in places)] += 1
                own[sum(q < place for q in places)] += 1
        assert len(set(counts.values())) == 1 and set(counts) == set(range(n + 1))
        assert len(set(own.values())) == 1 and set(own) == set(range(n))


def check_curvature() -> None:
    """gam(y) = int_0^1 (1-v)/(1+vy)^2 dv, which decreases; it is <= 1/(2 (1+y)^2) for -1 < y <= 0."""
    y, v = sp.symbols("y v", positive=True)
    antiderivative = sp.integrate((1 - v) / (1 + v * y) ** 2, v)
    integral = sp.simplify(antiderivative.subs(v, 1) - antiderivative.subs(v, 0))
    assert sp.simplify(sp.expand_log(integral - (y - sp.log(1 + y)) / y**2, force=True)) == 0
    decline = sp.diff((1 - v) / (1 + v * y) ** 2, y)
    assert sp.simplify(decline + 2 * v * (1 - v) / (1 + v * y) ** 3) == 0
    with working_precision(BITS):
        for k in range(1, 20):
            x = -ball(Fraction(k, 20))
            assert (x - x.log1p()) / x**2 <= 1 / (2 * (1 + x) ** 2)


def visits(n: int, rest: int, i: int, j: int) -> Fraction:
    """H(i, j)."""
    return Fraction(math.comb(n, i) * math.comb(rest, j), math.comb(n + rest, i + j))


def check_known_sums() -> None:
    """sum_j H f = 1 for i < n_+, sum_j H (1-f) = n_-/(n_+ + 1), and H is C(i+j,i) C(N-i-j,n_+-i)/C(N,n_+)."""
    for n, rest in itertools.product(range(1, 7), repeat=2):
        for i in range(n + 1):
            total, others = Fraction(0), Fraction(0)
            for j in range(rest + 1):
                left = n + rest - i - j
                if not left:
                    continue
                h = visits(n, rest, i, j)
                assert h == Fraction(math.comb(i + j, i) * math.comb(left, n - i), math.comb(n + rest, n))
                total += h * Fraction(n - i, left)
                others += h * Fraction(rest - j, left)
            assert total == (1 if i < n else 0)
            assert others == Fraction(rest, n + 1)


def served(agents: int, updates: int, needed: int) -> list[tuple[int, ...]]:
    """Return the sequences of receivers in which every agent has at least `needed` updates."""
    return [
        order
        for order in itertools.product(range(agents), repeat=updates)
        if all(order.count(i) >= needed for i in range(agents))
    ]


def ways(agents: int, updates: int, needed: int) -> Fraction:
    """k_p(n) = [z^n] (sum_{u >= needed} z^u/u!)^p."""
    if agents == 0:
        return Fraction(updates == 0)
    return sum(
        (ways(agents - 1, updates - u, needed) / math.factorial(u) for u in range(needed, updates + 1)),
        Fraction(0),
    )


def check_moments() -> None:
    """List all sequences: the chance that one agent has I updates among the first i and J later ones."""
    for agents, updates, needed in ((2, 6, 1), (2, 6, 2), (3, 6, 1), (3, 7, 2)):
        orders = served(agents, updates, needed)
        assert len(orders) == math.factorial(updates) * ways(agents, updates, needed)
        for i in range(updates + 1):
            seen = Counter((order[:i].count(0), order[i:].count(0)) for order in orders)
            for (before, after), count in seen.items():
                others = updates - before - after
                chance = (
                    math.comb(i, before)
                    * math.comb(updates - i, after)
                    * math.factorial(others)
                    * ways(agents - 1, others, needed)
                    / (math.factorial(updates) * ways(agents, updates, needed))
                )
                assert chance == Fraction(count, len(orders))


def enumerated(
    m: int, split: int, steps: int, needed: int, weights: list[Fraction], *, share: Fraction
) -> Fraction:
    """Return the sum over receiver sequences of the product of chances, R at `share` of the way from lo to hi."""
    total = Fraction(0)
    for order in served(m, steps, needed):
        counts, product = [0] * m, Fraction(1)
        for i in order:
            capped = [weights[min(u, len(weights) - 1)] for u in counts]
            low = sum(capped[:split], Fraction(0)) / m
            high = 1 - sum(capped[split:], Fraction(0)) / m
            chance = low + share * (high - low)
            product *= (chance if i < split else 1 - chance) / m
            counts[i] += 1
        total += product
    return total


def game(m: int, split: int, steps: int, needed: int, weights: list[Fraction]) -> Fraction:
    """Return V_N(0) of T1A0 by recursion on the numbers of updates."""
    known: dict[tuple[tuple[int, ...], int], Fraction] = {}

    def value(counts: tuple[int, ...], left: int) -> Fraction:
        if left == 0:
            return Fraction(all(u >= needed for u in counts))
        if (counts, left) not in known:
            capped = [weights[min(u, len(weights) - 1)] for u in counts]
            up, down = Fraction(0), Fraction(0)
            for i in range(m):
                after = value((*counts[:i], counts[i] + 1, *counts[i + 1 :]), left - 1)
                up, down = (up + after, down) if i < split else (up, down + after)
            ends = (sum(capped[:split], Fraction(0)) / m, 1 - sum(capped[split:], Fraction(0)) / m)
            known[counts, left] = min(end * up + (1 - end) * down for end in ends) / m
        return known[counts, left]

    return value((0,) * m, steps)


def check_game_is_below_every_play() -> None:
    """T1A0: V_N(0) is at most the sum over sequences, wherever R lies between lo and hi; it is the sum if lo = hi."""
    for m, split, steps in ((2, 1, 4), (2, 0, 5), (3, 1, 6), (2, 2, 4)):
        lowest, alone = (game(m, split, steps, 2, weights) for weights in (VARIED, CERTAIN))
        for share in (Fraction(0), Fraction(1, 3), HALF, Fraction(1)):
            assert lowest <= enumerated(m, split, steps, 2, VARIED, share=share)
            assert alone == enumerated(m, split, steps, 2, CERTAIN, share=share)


def numbers(m: int, split: int, steps: int, needed: int) -> Sequence[int]:
    """Return the numbers n_+ of updates of the + side that leave every agent its own."""
    return (
        range(needed * split, steps - needed * (m - split) + 1) if 0 < split < m else [steps if split else 0]
    )


def closed_form(m: int, split: int, steps: int, needed: int, weights: list[Fraction]) -> float:
    """Return T1A without its draws, in doubles, straight from its statement (for a few agents)."""

    def moments(agents: int, updates: int) -> list[tuple[float, float]]:
        orders = served(agents, updates, needed) if agents else [()]
        found = []
        for i in range(updates + 1):
            sums = [
                sum(float(weights[min(order[:i].count(a), len(weights) - 1)]) for a in range(agents))
                for order in orders
            ]
            mean = sum(sums) / len(sums)
            found.append((mean, sum((value - mean) ** 2 for value in sums) / len(sums)))
        return found

    def gam(y: float) -> float:
        return 0.5 if abs(y) < 1e-9 else (y - math.log1p(y)) / y**2

    least, q, total = float(min(weights)), m - split, 0.0
    for n in numbers(m, split, steps, needed):
        rest, exponent = steps - n, 0.0
        plus, minus = moments(split, n), moments(q, rest)
        for i, j in itertools.product(range(n + 1), range(rest + 1)):
            if i + j == steps:
                continue
            f = (n - i) / (steps - i - j)
            (s, v), (t, w) = plus[i], minus[j]
            X = (f * math.log(s / m) if f else 0) + ((1 - f) * math.log(1 - s / m) if f < 1 else 0)
            Y = (f * math.log(1 - t / m) if f else 0) + ((1 - f) * math.log(t / m) if f < 1 else 0)
            x = (f / s if f else 0) - ((1 - f) / (m - s) if f < 1 else 0)
            y = ((1 - f) / t if f < 1 else 0) - (f / (m - t) if f else 0)
            C = (f * gam(split * least / s - 1) / s**2 if f else 0) + (
                (1 - f) * gam((s - split) / (m - s)) / (m - s) ** 2 if f < 1 else 0
            )
            D = (f * gam((t - q) / (m - t)) / (m - t) ** 2 if f else 0) + (
                (1 - f) * gam(q * least / t - 1) / t**2 if f < 1 else 0
            )
            psi = (X + Y) / 2 - math.sqrt((X - Y) ** 2 + x * x * v + y * y * w) / 2 - C * v - D * w
            if q == 0:
                psi = X - C * v
            elif split == 0:
                psi = Y - D * w
            exponent += float(visits(n, rest, i, j)) * psi
        orders = math.factorial(steps) * ways(split, n, needed) * ways(q, rest, needed)
        total += float(orders) / m**steps * math.exp(exponent)
    return total


def check_closed_form_is_below_the_game() -> None:
    """T1A <= T1A0 where both can be listed; they are equal where R cannot vary: own weights of 1."""
    for weights, (m, split, steps) in itertools.product((VARIED, CERTAIN), PLAYS):
        lowest = float(game(m, split, steps, 2, weights))
        found = closed_form(m, split, steps, 2, weights)
        assert found <= lowest * (1 + 1e-12)
        assert weights is VARIED or math.isclose(found, lowest, rel_tol=1e-12)


def check_closed_form_is_the_computed_one() -> None:
    """T1A as stated here is what mcpolar.bounds evaluates in balls, by series instead of lists."""
    for m, split, steps in PLAYS:
        with working_precision(BITS):
            source = Source(m, 2, [ball(weight) for weight in VARIED], steps, Fraction(0))
            computed = sum(
                float(log_chance(source, split, n, steps).exp().mid()) for n in numbers(m, split, steps, 2)
            )
        assert math.isclose(computed, closed_form(m, split, steps, 2, VARIED), rel_tol=1e-7)


def check_numbers_of_updates_are_multinomial() -> None:
    """T1B: the sum over sequences of a product of functions of the numbers is N!/m^N [z^N] of a product of series."""
    plus = [Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(2, 5), Fraction(1, 7), Fraction(3, 4)]
    minus = [Fraction(0), Fraction(1, 5), Fraction(3, 5), Fraction(1, 2), Fraction(2, 7), Fraction(1, 4)]
    z = sp.Symbol("z")
    for p, q, steps in ((1, 1, 4), (2, 1, 5), (0, 2, 4), (3, 0, 5)):
        m = p + q
        listed = Fraction(0)
        for order in itertools.product(range(m), repeat=steps):
            product = Fraction(1, m**steps)
            for i in range(m):
                product *= (plus if i < p else minus)[order.count(i)]
            listed += product
        series = [
            sum(sp.Rational(c.numerator, c.denominator) * z**u / sp.factorial(u) for u, c in enumerate(side))
            for side in (plus, minus)
        ]
        coefficient = sp.expand(series[0] ** p * series[1] ** q).coeff(z, steps)
        assert coefficient * sp.factorial(steps) / sp.Integer(m) ** steps == sp.Rational(
            listed.numerator, listed.denominator
        )


def check_other_density_in_the_own_interval() -> None:
    """N(-1, sigma^2) over N(1, sigma^2) at 1 + sigma z is e^(-2z/sigma - 2/sigma^2): at most e^(-1/sigma^2) in I+."""
    z, x = sp.symbols("z x", real=True)
    sigma = sp.symbols("sigma", positive=True)
    exponent = -((x + 1) ** 2) / (2 * sigma**2) + (x - 1) ** 2 / (2 * sigma**2)
    assert sp.simplify(exponent.subs(x, 1 + sigma * z) + 2 * z / sigma + 2 / sigma**2) == 0
    assert sp.simplify(exponent.subs(x, sp.Rational(1, 2)) + 1 / sigma**2) == 0
    assert sp.simplify(sp.diff(exponent, x)) == -2 / sigma**2


def check_worked_number() -> None:
    """Evaluate T1' and T1g (with P_J^r for c_r) at m = 30, r = 5, sigma = 0.2."""
    sigma = Fraction(1, 5)
    with working_precision(BITS):
        assert updates_to_level(5, sigma, 1) == 5
    mass = lambda: interval_mass(Fraction(5, 6), Fraction(7, 6), Fraction(1), sigma)  # noqa: E731
    assert agrees(lambda: bound(30, 5, sigma, 5, mass()), WORKED, 7)

    def geometric():  # type: ignore[no-untyped-def]
        m, n = 30, 5
        logs = [weight.log() for weight in own_weight(5, sigma, n)]
        first, second = sum(logs[:n]) / n, sum(logs) / (n + 1)
        weights = (n * (2 * first + (m - 2) * second)).exp()
        orders = ball(math.factorial(n * m)) / ball(math.factorial(n)) ** m / ball(m) ** (n * m)
        return orders * ball(HALF) ** (n * m) * weights * mass() ** (n * m)

    assert agrees(geometric, WORKED_GEOMETRIC, 4)


def check_worked_number_of_two_agents() -> None:
    """Evaluate T1A0 and T1B at m = 2, r = 1, sigma = 1/2, N = 2: own weights 1/2 and logistic(4), R = 1/2 at first."""
    sigma = HALF
    own = lambda: interval_mass(HALF, ONE_AND_A_HALF, Fraction(1), sigma)  # noqa: E731

    def ceiling():  # type: ignore[no-untyped-def]
        other = interval_mass(HALF, ONE_AND_A_HALF, Fraction(-1), sigma)
        return ball(HALF) * ((own() + other) / 2) ** 2

    def value():  # type: ignore[no-untyped-def]
        # the least split is p = 1. First step: 1/m, whatever R, since both updates are worth the same. Then, after an
        # update of + say, the - agent must come: with (1/m)(1 - hi), 1 - hi = a_0/2
        return ball(HALF) * (ball(HALF * HALF / 2)) * own() ** 2

    assert agrees(ceiling, WORKED_CEILING, 4, "up")
    assert agrees(value, WORKED_GAME, 4)


if __name__ == "__main__":
    run_checks(globals())
