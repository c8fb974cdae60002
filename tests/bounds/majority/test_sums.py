"""Laws of sums, from above, against a list of all values in fractions."""

import itertools
import random
from fractions import Fraction

from mcpolar.bounds.majority.sums import Lumps, lower_tail

BITS = 64


def exact(laws, value):
    """Return P(sum < value): every agent's value is listed."""
    total = {0: Fraction(1)}
    for law in laws:
        tails = [Fraction(law.total), *map(Fraction, law.tails), Fraction(0)]
        masses = list(zip((0, *law.places), (a - b for a, b in itertools.pairwise(tails)), strict=True))
        for _ in range(law.agents):
            following = {}
            for (a, p), (b, q) in itertools.product(total.items(), masses):
                following[a + b] = following.get(a + b, 0) + p * q
            total = following
    return sum((p for a, p in total.items() if a < value), Fraction(0))


def random_laws(rng):
    laws = []
    for _ in range(rng.choice((1, 2))):
        top = rng.randint(1, 6)
        places = (*sorted(rng.randint(0, top) for _ in range(rng.randint(0, 2))), top)
        total = rng.uniform(0.9, 1)
        tails = sorted((rng.uniform(0, total) for _ in places), reverse=True)
        laws.append(Lumps(rng.randint(1, 4), places, tuple(tails), rng.uniform(0, tails[-1]), total))
    return laws


def test_twin_lower_tail_is_just_above_the_exact_one():
    rng = random.Random(5)
    for _ in range(60):
        laws = random_laws(rng)
        found = lower_tail(laws, 60, BITS)
        for value in range(found.top + 1):
            truth = exact(laws, value)
            chance = Fraction(found.chance_below(value), 1 << BITS)
            assert truth <= chance <= truth + Fraction(1, 10**15) or chance == 1
        alive = Fraction(1)
        there = Fraction(1)
        for law in laws:
            alive, there = (
                alive * Fraction(law.total) ** law.agents,
                there * Fraction(law.summit) ** law.agents,
            )
        summit = Fraction(found.chance_below(found.top + 1), 1 << BITS)
        assert alive - there <= summit <= alive - there + Fraction(1, 10**15)


def test_law_largest_is_missed_with_at_most_the_chance():
    rng = random.Random(6)
    for _ in range(60):
        laws = random_laws(rng)
        found = lower_tail(laws, 60, BITS)
        chance = rng.uniform(0, 0.3)
        value = found.largest(chance, -1.0)
        assert exact(laws, value) <= chance
        assert value == found.top or found.chance_below(value + 1) > chance * 2**BITS
        assert found.largest(chance, 1.0) == found.top + 1


def test_control_values_beyond_what_was_kept_are_not_called_rare():
    found = lower_tail([Lumps(3, (4,), (0.5,), 0.1, 1.0)], 2, BITS)
    assert found.chance_below(3) == 1 << BITS
