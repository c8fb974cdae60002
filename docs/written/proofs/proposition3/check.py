"""Algebra of P3 (refuted) and P3'."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction

from proofs.exact import HALF, fractions_between, grid, replace_any_farthest, replace_farthest, run_checks

WORKED = "(9/20, 3/5)"
SIXTH = Fraction(1, 6)
LOW_J, HIGH_J = 1 - SIXTH, 1 + SIXTH
LOW_I, HIGH_I = HALF, 3 * HALF
TIED = (-LOW_I, -LOW_I)  # updates 3/2 and 1/2 leave one of these, by a tie
FARTHEST = (Fraction(-3), Fraction(4))  # memories from outside I- u I+, on both sides
WELL_BEHAVED = [*grid(-HIGH_I, -LOW_I, 2), *grid(LOW_I, HIGH_I, 2)]


def _in_own(memory: Sequence[Fraction]) -> int:
    return sum(LOW_I <= x <= HIGH_I for x in memory)


def check_paper_form_is_false() -> None:
    """Run the counterexample: no tie occurs, and 9/20 is left."""
    memory: tuple[Fraction, ...] = (Fraction(9, 20), Fraction(5))
    for y in (Fraction(3, 2), Fraction(3, 5)):
        assert LOW_I <= y <= HIGH_I and len(set(replace_any_farthest(memory, y))) == 1
        memory = replace_farthest(memory, y)
    assert f"({', '.join(map(str, memory))})" == WORKED
    assert _in_own(memory) == 1


def check_width_of_j() -> None:
    """J+ widened by its own width is I+, so c = 1/6 is the best half-width."""
    width = HIGH_J - LOW_J
    assert (LOW_J - width, HIGH_J + width) == (LOW_I, HIGH_I)


def check_clearing_from_any_memory() -> None:
    """After u updates in J+, at least min(u, r) elements are in I+, for every tie rule; ends of J+ included."""
    rng = random.Random(3)
    for _ in range(400):
        r = rng.randint(1, 4)
        reached = {tuple(fractions_between(rng, *FARTHEST, r, 42))}
        for u, y in enumerate(fractions_between(rng, LOW_J, HIGH_J, r + 2, 6), 1):
            reached = {after for memory in reached for after in replace_any_farthest(memory, y)}
            assert all(_in_own(memory) >= min(u, r) for memory in reached)
        assert u == r + 2


def check_clearing_of_well_behaved_memory() -> None:
    """From I- u I+, updates in (1/2, 3/2] give min(u, r) elements in I+, for every tie rule: all of a grid."""
    arrivals = grid(LOW_I, HIGH_I, 4)[1:]
    for r in (1, 2, 3):
        for start in itertools.combinations_with_replacement(WELL_BEHAVED, r):
            for ys in itertools.product(arrivals, repeat=r):
                reached = {start}
                for u, y in enumerate(ys, 1):
                    reached = {after for memory in reached for after in replace_any_farthest(memory, y)}
                    assert all(_in_own(memory) >= min(u, r) for memory in reached)


def check_closed_interval_needs_more() -> None:
    """On the closed I+ a tie breaks r and 2r-2 updates at r = 2; 2r-1 suffice on a grid that holds the ties."""
    assert any(
        _in_own(after) < 2
        for memory in replace_any_farthest(TIED, HIGH_I)
        for after in replace_any_farthest(memory, LOW_I)
    )
    for r in (1, 2, 3):
        for start in itertools.combinations_with_replacement(WELL_BEHAVED, r):
            reached = {start}
            for _ in range(2 * r - 1):
                before = reached
                reached = {
                    tuple(sorted(after))
                    for memory in reached
                    for y in grid(LOW_I, HIGH_I, 2)
                    for after in replace_any_farthest(memory, y)
                }
            assert all(_in_own(memory) == r for memory in reached)
            assert r != 2 or start != TIED or any(_in_own(memory) < r for memory in before)


if __name__ == "__main__":
    run_checks(globals())
