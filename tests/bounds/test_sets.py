"""Sets that take too long are skipped, and leave the others as they are."""

import random

from tests.bounds.sets import each_set


def drawn(rng: random.Random) -> float:
    return rng.random()


def sometimes_endless(rng: random.Random) -> float:
    value = rng.random()
    while value < 0.5:
        pass
    return value


sometimes_endless.__name__ = drawn.__name__  # the same generators


def test_law_a_set_without_end_is_skipped_and_changes_no_other():
    whole = list(each_set(drawn, 6, 1, 15))
    found = list(each_set(sometimes_endless, 6, 1, 15, seconds=0.05))
    assert found == [value if value >= 0.5 else None for value in whole]
    assert None in found and any(found)
