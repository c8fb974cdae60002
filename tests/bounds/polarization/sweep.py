"""Random parameters through every form, against the evaluation of `independent`: none above, none far below.

python -m tests.bounds.polarization.sweep --sets 10000 --seed 1
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import mpmath
from mpmath import mpf

from mcpolar.balls import Ball, ball
from mcpolar.bounds.polarization import bipolar_ceiling as ceilings
from mcpolar.bounds.polarization import one_sided_start as one_sided
from mcpolar.bounds.polarization.both_sides import BothSides
from mcpolar.bounds.polarization.clearing import clearing_chance
from mcpolar.bounds.polarization.lower import alone, geometric
from mcpolar.bounds.polarization.plan import plan_from_any_memory
from mcpolar.parameters import ChainParameters
from tests.bounds.exact import as_mpf
from tests.bounds.polarization import independent
from tests.bounds.sets import each_set

SHARPNESS = mpf(10) ** -7
"""How far the certified value may lie below: the roots of T1A and the doubles of T1A0 are rounded by 1e-9."""


class Comparison(NamedTuple):
    form: str
    parameters: str
    certified: mpf
    independent: mpf

    @property
    def excess(self) -> mpf:
        """By what share the certified value exceeds the other: never above 0 (a ceiling: never below)."""
        if self.independent == 0:
            return mpf(0) if self.certified == 0 else mpf("inf")
        return self.certified / self.independent - 1


def sigma_of(rng: random.Random) -> str:
    return f"{rng.choice((rng.uniform(0.05, 0.6), rng.uniform(0.1, 0.35), rng.uniform(0.3, 2)))}"[:6]


def plan_of(
    rng: random.Random, most_agents: int, most_memory: int, **options: object
) -> tuple[object, list[mpf], mpf]:
    """Return a random plan, its own-side weights and c^m P^-rm, the last two from `independent`."""
    while True:
        m, r = rng.randint(1, most_agents), rng.randint(1, most_memory)
        chain = ChainParameters(m, r, sigma_of(rng), **({} if m == 1 else options))  # type: ignore[arg-type]
        log_odds = Fraction(rng.choice((0, 0, rng.randint(1, 2000)))) / 100
        plan = plan_from_any_memory(chain, rng.choice((1, 1, 2, 3)), log_odds)
        if plan.needed <= 2 * r + 3:
            break
    weights = independent.own_weights(r, str(chain.sigma), log_odds, plan.needed)
    return plan, weights, (as_mpf(plan.clear) / independent.own_interval(str(chain.sigma)) ** r) ** m


def t1g(rng: random.Random) -> Comparison:
    plan, weights, draws = plan_of(rng, 200, 12)
    chain = plan.chain
    sides = [side for side in (chain.m // 2, chain.m - chain.m // 2) if side]
    draws *= independent.own_interval(str(chain.sigma)) ** plan.fewest
    value = independent.geometric(chain.m, plan.needed, weights, draws)
    return Comparison("T1g", str(plan), as_mpf(geometric(plan, sides).value), value)


def self_sending(rng: random.Random) -> Comparison:
    mirror = f"{rng.uniform(0.01, 1):.3f}"
    plan, weights, draws = plan_of(rng, 8, 4, mirror=mirror)
    own = Fraction(1) if plan.chain.mirror is None else Fraction(plan.chain.mirror)
    found = alone(plan, plan.fewest + rng.randint(0, 6), lambda a: [ball(own) * b for b in a], "self-sending")
    factors = [as_mpf(own) * a for a in weights]
    return Comparison(
        "self-sending", str(plan), as_mpf(found.value), _alone(plan, found.steps, factors, draws)
    )


def t1c2_of_neighbours(rng: random.Random) -> Comparison:
    mirror = f"{rng.uniform(0.01, 1):.3f}"
    plan, weights, draws = plan_of(rng, 8, 4, mirror=mirror)
    own = Fraction(1) if plan.chain.mirror is None else Fraction(plan.chain.mirror)

    def factors(balls: list[Ball]) -> list[Ball]:
        return [ball(own) * a + ball(1 - own) * one_sided.smallest(balls) for a in balls]

    found = alone(plan, plan.fewest + rng.randint(0, 6), factors, "T1C2")
    other = [as_mpf(own) * a + as_mpf(1 - own) * min(weights) for a in weights]
    return Comparison(
        "T1C2 of neighbours", str(plan), as_mpf(found.value), _alone(plan, found.steps, other, draws)
    )


def _alone(plan: object, steps: int, factors: list[mpf], draws: mpf) -> mpf:
    draws *= independent.own_interval(str(plan.chain.sigma)) ** steps
    return independent.alone(plan.chain.m, plan.needed, steps, factors, draws)


def both_sides(rng: random.Random, most_steps: int) -> tuple[object, list[mpf], mpf, Fraction, int]:
    while True:
        plan, weights, draws = plan_of(rng, 5, 3)
        if plan.fewest <= most_steps:
            break
    m = plan.chain.m
    alpha = Fraction(0) if m == 1 or rng.random() < 0.6 else Fraction(rng.randint(0, 100), 100)
    return plan, weights, draws, alpha, plan.fewest + rng.randint(0, max(0, min(5, most_steps - plan.fewest)))


def t1a0(rng: random.Random) -> Comparison:
    plan, weights, draws, alpha, steps = both_sides(rng, 16)
    found = BothSides(plan, alpha, steps).of_game(steps)
    values = [
        independent.game(plan.chain.m, p, found.steps, plan.needed, weights, as_mpf(alpha))
        for p in range(plan.chain.m + 1)
    ]
    value = min(values) * draws * independent.own_interval(str(plan.chain.sigma)) ** found.steps
    return Comparison("T1A0", f"{plan} alpha {alpha}", as_mpf(found.value), value)


def t1a(rng: random.Random) -> Comparison:
    plan, weights, draws, alpha, steps = both_sides(rng, 11)
    found = BothSides(plan, alpha, steps).of_sums(steps)
    values = [
        independent.closed_form(plan.chain.m, p, steps, plan.needed, weights, as_mpf(alpha))
        for p in range(plan.chain.m // 2 + 1)
    ]
    value = min(values) * draws * independent.own_interval(str(plan.chain.sigma)) ** steps
    return Comparison("T1A", f"{plan} alpha {alpha} steps {steps}", as_mpf(found.value), value)


def t1c2(rng: random.Random) -> Comparison:
    plan, weights, draws = plan_of(rng, 4, 3)
    while plan.fewest > 11:
        plan, weights, draws = plan_of(rng, 4, 3)
    chain, steps = plan.chain, plan.fewest + rng.randint(0, 2)
    level = _level_of(plan)
    found = one_sided.from_any_memory(chain, level, plan.log_odds, steps)
    value = independent.closed_form(chain.m, chain.m, found.steps, plan.needed, weights, mpf(0))
    value *= draws * independent.own_interval(str(chain.sigma)) ** found.steps
    return Comparison("T1C2", f"{plan} steps {found.steps}", as_mpf(found.value), value)


def _level_of(plan: object) -> int:
    return next(h for h in range(1, 5) if plan_from_any_memory(plan.chain, h, plan.log_odds) == plan)


ENDS = tuple(map(Fraction, ("0", "0.5", "0.9", "1.1", "1.5")))


def t1c1(rng: random.Random) -> Comparison:
    chain = ChainParameters(rng.randint(1, 8), rng.randint(1, 2), sigma_of(rng))
    level, log_odds = rng.choice((1, 1, 2, 4)), Fraction(rng.randint(1, 3000), 100)
    steps = rng.randint(chain.m, 4 * chain.m)
    found = one_sided.from_own_half_line(chain, level, log_odds, steps)
    ends = next(ends for most, ends in one_sided.CELLS.items() if chain.r <= most)
    inside = [min(chances.values()) for chances in _half_line(chain.r, str(chain.sigma), ends, steps)]
    more = max(1, -((-level + log_odds / chain.precision) // 1)) - 1
    good = independent.own_interval(str(chain.sigma)) ** more
    q = [good * inside[u - more] if u > more else mpf(0) for u in range(steps + 1)]
    own = (1 + mpmath.exp(-as_mpf(log_odds))) ** -steps
    value = own * independent.multinomial(chain.m, steps, [(chain.m, q)])
    return Comparison("T1C1", f"{chain} {level} {log_odds} {steps}", as_mpf(found.value), value)


def _half_line(
    r: int, sigma: str, ends: tuple[Fraction, ...], steps: int
) -> list[dict[tuple[int, ...], mpf]]:
    return independent.inside_cells(r, sigma, Fraction(1), ends, steps, half_line=True, up=False)


def t1b(rng: random.Random) -> Comparison:
    """The ceiling against the chance of the same start by coarse cells from below (exact for r = 1)."""
    m, r = rng.randint(1, 8), rng.randint(1, 3)
    chain = ChainParameters(m, r, sigma_of(rng))
    steps = r * m + rng.randint(0, m)
    found = ceilings.bipolar_ceiling(m, r, chain.sigma, steps)
    p, ends = found.split, (ceilings.POSITION, Fraction(1, 2), Fraction(1), Fraction(3, 2))

    def chances(own: int) -> list[mpf]:
        values = independent.inside_cells(
            r, str(chain.sigma), Fraction(own, m), ends, steps, half_line=False, up=False
        )
        return [value[(1,) * r] for value in values]

    sides = [(own, chances(own)) for own in (p, m - p) if own]
    value = independent.multinomial(m, steps, sides)
    return Comparison("T1B", f"{chain} {steps}", as_mpf(found.at), value)


def clearing(rng: random.Random) -> Comparison:
    """c_r against its exact value from the memory just below 1/2."""
    r, sigma = rng.randint(1, 4), f"{rng.uniform(0.15, 1.5):.4f}"  # the quadrature needs a narrow interval
    shrink = Fraction(rng.choice((0, rng.randint(1, 20))), 1000)
    certified = clearing_chance(ChainParameters(1, 1, sigma).sigma, r, shrink)
    return Comparison(
        "CL", f"{r} {sigma} {shrink}", as_mpf(certified), independent.one_sided_clearing(r, sigma, shrink)
    )


class Kind(NamedTuple):
    """How a form is compared, its share of the sets, and how far it may lie below."""

    compare: Callable[[random.Random], Comparison]
    share: float
    slack: mpf | None


KINDS = (
    Kind(t1g, 0.24, SHARPNESS),
    Kind(self_sending, 0.2, SHARPNESS),
    Kind(t1c2_of_neighbours, 0.2, SHARPNESS),
    Kind(t1a0, 0.12, SHARPNESS),
    Kind(t1a, 0.03, None),  # a partial sum over n_+
    Kind(t1c2, 0.03, SHARPNESS),
    Kind(t1c1, 0.12, SHARPNESS),
    Kind(t1b, 0.05, None),
    Kind(clearing, 0.01, None),
)


def comparisons(kind: Kind, sets: int, seed: int) -> Iterator[Comparison]:
    found = each_set(kind.compare, sets, seed, independent.DIGITS)
    return (seen for seen in found if seen is not None)


def is_right(kind: Kind, seen: Comparison) -> bool:
    """Whether the certified value is on its side of the other and, where it must be, near it."""
    if kind.compare is t1b:
        return seen.independent == 0 or seen.certified >= seen.independent * (1 - mpf(10) ** -50)
    is_below = seen.certified <= seen.independent * (1 + mpf(10) ** -50)
    return bool(is_below and (kind.slack is None or seen.excess >= -kind.slack))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="of processor time, for one set at most")
    given = parser.parse_args()
    total: Counter[tuple[str, str]] = Counter()
    for kind in KINDS:
        name, sets = kind.compare.__name__, round(given.sets * kind.share)
        worst = {"above": mpf("-inf"), "below": mpf("inf")}
        for seen in each_set(kind.compare, sets, given.seed, independent.DIGITS, given.seconds):
            if seen is None:
                total["skipped", name] += 1
                continue
            total["compared", name] += 1
            if not is_right(kind, seen):
                total["wrong", name] += 1
                print("WRONG", seen, flush=True)
            worst = {"above": max(worst["above"], seen.excess), "below": min(worst["below"], seen.excess)}
        counts = " ".join(f"{total[what, name]} {what}" for what in ("compared", "wrong", "skipped"))
        ends = " ".join(f"{side} {mpmath.nstr(value, 3)}" for side, value in worst.items())
        print(name, counts, ends, flush=True)
    sums = {
        what: sum(n for (w, _), n in total.items() if w == what) for what in ("compared", "wrong", "skipped")
    }
    print(sums)


if __name__ == "__main__":
    main()
