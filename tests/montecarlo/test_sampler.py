"""Runs that stop when they are decided."""

import math
from dataclasses import replace

import pytest

from mcpolar.balls import Dyadic
from mcpolar.bounds import theorem2
from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.montecarlo import compare, validate
from mcpolar.parameters import ChainParameters

CHAIN, AT = ChainParameters(10, 2, "0.4"), {"level": 1, "steps": 60}


def watched(factor: float = 1.0, **options):
    bound = theorem2(CHAIN, **AT)
    planted = Dyadic(math.floor(bound.value.mantissa * factor), bound.value.exponent)
    options = {"budget": 60.0, "seed": 2, **options}
    return compare(replace(bound, value=planted), **options)


def test_reference_a_true_bound_is_decided_early():
    found = watched()
    assert found.verdict == "validated"
    assert found.estimate.method == "conditional, betting confidence sequence"
    assert found.parameters["stopped"] == f"decided after {found.estimate.replicas} replicas"
    assert found.estimate.replicas <= 4096


def test_control_a_planted_wrong_bound_is_decided_early():
    found = watched(3.0)
    assert found.verdict == "violated"
    assert found.estimate.replicas <= 256


def test_law_the_same_seed_decides_with_the_same_bits_for_any_workers():
    found = [watched(workers=w) for w in (1, 2, 3)]
    assert found[0].estimate == found[1].estimate == found[2].estimate


def test_reference_the_budget_ends_an_undecided_run():
    # of one step from the boundary the bound is the probability itself: no sample tells them apart
    found = validate("theorem2", CHAIN, level=1, steps=1, budget=0.5)
    assert found.verdict == "consistent"
    assert found.parameters["stopped"] == "budget of 0.5 s spent undecided"
    assert found.seconds < 10


def test_reference_counting_and_splitting_can_be_watched_too():
    chain = ChainParameters(6, 2, "0.3")
    for method, name in (
        ("crude", "beta-binomial confidence sequence"),
        ("splitting", "betting sequence below"),
    ):
        start = Start("undecided")
        found = validate("theorem1", chain, start=start, method=method, budget=60.0, replicas=2000)
        assert found.verdict == "validated"
        assert found.estimate.method == f"{method}, {name}"
    assert found.estimate.diagnostics["repetitions"] == 8


@pytest.mark.parametrize("budget", [0, -1.0, math.nan, math.inf, "long"])
def test_rejects_budgets(budget):
    with pytest.raises(InputError, match="`budget` must be a number of seconds above 0"):
        watched(budget=budget)
