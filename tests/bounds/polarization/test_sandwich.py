"""Lower bound <= truth <= ceiling from adversarial starts, and random parameters against a second evaluation; in small.

In full: `python -m tests.bounds.polarization.brute_force` and `python -m tests.bounds.polarization.sweep`.
"""

import pytest

from tests.bounds.polarization import brute_force, sweep

SETS = 100


@pytest.mark.parametrize("case", [brute_force.CASES[n] for n in (8, 16, 24, 33, 44)], ids=str)
def test_sandwich_counts_from_adversarial_starts(case):
    seen = brute_force.found(case, starts=6, replicas=20_000, seed=5, confidence=1 - 1e-9)
    assert 0 < seen.lower <= seen.least_high
    assert seen.bipolar_low <= seen.ceiling


def test_control_a_bound_above_the_ceiling_is_refuted():
    """The counts do resolve the gap: the truth is seen below twice the ceiling, and above half the bound."""
    seen = brute_force.found(
        brute_force.Case(2, 1, "0.5", 3), starts=6, replicas=20_000, seed=5, confidence=1 - 1e-9
    )
    assert seen.least_high < 2 * seen.ceiling
    assert seen.bipolar_low > seen.lower


@pytest.mark.parametrize("kind", sweep.KINDS, ids=lambda kind: kind.compare.__name__)
def test_twin_random_parameters(kind):
    wrong = [
        seen
        for seen in sweep.comparisons(kind, max(2, round(SETS * kind.share)), 7)
        if not sweep.is_right(kind, seen)
    ]
    assert wrong == []


def test_control_a_value_a_millionth_too_large_is_seen():
    kind = sweep.KINDS[0]
    (seen,) = sweep.comparisons(kind, 1, 7)
    assert not sweep.is_right(kind, seen._replace(certified=seen.certified * (1 + sweep.SHARPNESS)))
    assert not sweep.is_right(kind, seen._replace(certified=seen.certified * (1 - 10 * sweep.SHARPNESS)))
