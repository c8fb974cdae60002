"""Deep starts: single memories in place of a rare event."""

import math

import pytest

from mcpolar.bounds import lemma2, theorem1
from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.montecarlo import compare, crude
from mcpolar.montecarlo.estimators.independent import Independent
from mcpolar.montecarlo.targets import Reached
from mcpolar.parameters import ChainParameters

CHAIN = ChainParameters(3, 2, "0.3")
DEEP = Start("boundary", log_odds=3000, split=1, placement="outside")
EVENT = Reached(9, 1, "level 1 holds at the end")


def estimate(replicas, seed=1, **options):
    found = Independent.of(CHAIN, DEEP, EVENT, seed)
    found.extend(replicas, **options)
    return found.estimate(0.999)


def test_statistics_the_same_as_counting():
    """Two intervals of one probability, at 1 - 1e-8 together, overlap."""
    counted = crude(CHAIN, DEEP, EVENT, replicas=200_000, seed=4, confidence=1 - 5e-9)
    sampler = Independent.of(CHAIN, DEEP, EVENT, 4)
    sampler.extend(100_000)
    found = sampler.estimate(1 - 5e-9)
    assert max(counted.log_low, found.log_low) <= min(counted.log_high, found.log_high)
    assert found.log_high - found.log_low < 0.5


def test_law_the_numbers_depend_on_the_number_of_replicas_alone():
    whole, parts = Independent.of(CHAIN, DEEP, EVENT, 2), Independent.of(CHAIN, DEEP, EVENT, 2)
    whole.extend(500)
    for count in (1, 199, 300):
        parts.extend(count)
    assert whole.estimate(0.99) == parts.estimate(0.99)
    assert estimate(400, seed=3) != estimate(400, seed=4)


@pytest.mark.parametrize(("m", "r", "steps"), [(30, 5, 168), (100, 5, 500)])
def test_reference_validation_needs_no_splitting(m, r, steps):
    comparison = compare(theorem1(ChainParameters(m, r, "0.2"), steps=steps), replicas=5000)
    assert comparison.estimate.method.startswith("independent memories")
    assert comparison.verdict == "validated"
    low, high = (end / math.log(10) for end in (comparison.estimate.log_low, comparison.estimate.log_high))
    assert comparison.bound.log10 < low < high
    assert low < comparison.bound.ceiling.log10


def test_reference_the_start_of_the_lemma_is_well_behaved():
    comparison = compare(lemma2(ChainParameters(6, 2, "0.3")), replicas=3000)
    assert comparison.verdict == "validated"
    assert "opposite" in comparison.parameters["start"]


@pytest.mark.parametrize(
    ("start", "event"),
    [
        (Start("undecided"), EVENT),
        (Start("boundary", level=1, split=1), EVENT),
        (Start("boundary", log_odds=3000, split=1, placement="alternating"), EVENT),
        (DEEP, Reached(9, None, "all memory is well-behaved at the end")),
    ],
)
def test_reference_other_starts_and_events_are_not_its(start, event):
    assert Independent.of(CHAIN, start, event, 1) is None


def test_rejects_what_is_not_deep():
    with pytest.raises(InputError, match="`method` must be another: this one is for a level at the end"):
        compare(theorem1(CHAIN), start=Start("undecided"), method="independent", replicas=10)
