"""The search for the worst start."""

import math

import numpy as np
import pytest

from mcpolar.bounds import theorem2
from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.events import is_polarized, is_well_behaved, sides
from mcpolar.montecarlo import validate
from mcpolar.montecarlo.worst_start import worst_start
from mcpolar.parameters import ChainParameters

CHAIN = ChainParameters(6, 2, "0.7", k=2)
AT = {"level": 1, "steps": 12}


def test_reference_the_worst_start_is_in_the_event_and_no_better_than_the_usual_one():
    seen: list[int] = []
    found = worst_start("theorem2", CHAIN, seed=1, tries=60, progress=seen.append, **AT)
    assert is_polarized(found.state, CHAIN, 1).all()
    assert found.tried == len(seen) + 1 >= 60
    plus, minus = sides(found.state.log_odds)
    assert minus[0] == 0 or min(plus[0], minus[0]) >= 3
    at_worst, at_high = (
        validate("theorem2", CHAIN, start=start, replicas=4000, **AT).estimate
        for start in (found.state, Start("polarized", level=4))
    )
    assert at_worst.log_high < at_high.log_low  # the search has found something
    assert validate("theorem2", CHAIN, start=found.state, **AT).verdict == "validated"


def test_law_the_search_does_not_depend_on_workers():
    found = [worst_start("theorem2", CHAIN, seed=1, tries=20, workers=w, **AT) for w in (1, 2)]
    assert found[0].log_probability == found[1].log_probability
    assert (found[0].state.log_odds == found[1].state.log_odds).all()
    assert (found[0].state.memory == found[1].state.memory).all()


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("theorem2_ascent", {"level": 2, "steps": 12, "split": 3}),
        ("silo_persistence", {"log_odds": "2.5", "steps": 12}),
        ("silo_persistence", {"level": 1, "steps": 12}),
    ],
)
def test_reference_other_statements_about_decided_agents(name, at):
    found = worst_start(name, CHAIN, seed=2, tries=20, **at)
    least = float(at.get("log_odds", 0)) or at["level"] * float(CHAIN.precision)
    assert np.abs(found.state.log_odds).min() == pytest.approx(least, rel=1e-15)
    if "split" in at:
        assert sides(found.state.log_odds)[0][0] == at["split"]
    verdict = validate(name, CHAIN, start=found.state, replicas=1000, **at).verdict
    assert verdict in ("validated", "consistent")


@pytest.mark.parametrize("name", ["theorem1", "lemma2"])
def test_reference_statements_about_any_state(name):
    chain = ChainParameters(3, 2, "0.4")
    found = worst_start(name, chain, seed=2, tries=40)
    if name == "lemma2":
        assert is_well_behaved(found.state).all()
    assert found.log_probability < math.log(0.15)
    result = validate(name, chain, start=found.state, replicas=4000)
    assert result.verdict == "validated"


def test_reference_where_nothing_is_worse_the_usual_start_is_returned():
    # from the boundary one step has the same chance whatever the rest: nothing lies below it
    chain, at = ChainParameters(1, 1, "0.5"), {"level": 1, "steps": 1}
    found = worst_start("theorem2", chain, seed=1, tries=20, **at)
    assert found.log_probability == pytest.approx(theorem2(chain, **at).log10 * math.log(10), rel=1e-9)


def test_rejects_few_tries():
    with pytest.raises(InputError, match="`tries` must be a whole number >= 20|from 20"):
        worst_start("theorem2", CHAIN, seed=1, tries=3, **AT)
