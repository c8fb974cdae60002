"""U1 and U2 against an evaluation at 60 digits that shares no code; `sweep` does the same for many sets."""

import random

import mpmath
import pytest

from tests.bounds.majority import independent, sweep


@pytest.mark.parametrize(("compare", "sets"), [(sweep.u1_walk, 12), (sweep.u1_agent, 4), (sweep.u2, 25)])
def test_twin_certified_values_are_just_below(compare, sets):
    found = list(sweep.comparisons(compare, sets, 7))
    assert [seen for seen in found if not seen.is_right] == []
    assert any(0.01 < seen.independent < 0.99 for seen in found)


@pytest.mark.parametrize("make", [sweep.small_walk, sweep.small_agent])
def test_control_a_smaller_chance_to_go_up_is_seen(make):
    """The independent evaluation with rho - 1/1000: the certified value is above it."""
    rng = random.Random(11)
    with mpmath.workdps(independent.DIGITS):
        seen = (sweep.barriers(rng, make(rng), tilt=0.001) for _ in range(12))
        assert any(certified > other > 0 for certified, other in seen)
