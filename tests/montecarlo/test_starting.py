"""A bound and an estimate are about the same starts: all statements, all starts, all splits."""

from dataclasses import replace
from fractions import Fraction
from typing import get_args

import numpy as np
import pytest

from mcpolar.bounds import permanence, theorem1, theorem2
from mcpolar.chain import ChainState, Start
from mcpolar.choices import StartKind
from mcpolar.errors import InputError
from mcpolar.events import is_polarized, is_well_behaved, sides
from mcpolar.montecarlo import compare, consensus_met, crude, level_met, validate
from mcpolar.montecarlo.starting import default_start, split_of
from mcpolar.montecarlo.targets import require_start
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AnyState, AtSomeStep, HardStart, Polarized, Question, WellBehaved
from mcpolar.statements import probability_statements

CHAIN = ChainParameters(5, 1, "0.4", k=1)
AT = {"level": 1, "steps": 3}
SPLITS = (None, *range(CHAIN.m + 1))
DECIDED = ("polarized", "bipolar", "boundary")


def states(split):
    """Starts of every kind, and states: deep ones, one of E_1 with its memory outside, one with two splits."""
    for kind in get_args(StartKind):
        at = {"level": 1} if kind in DECIDED else {}
        yield Start(kind, **at, **({"split": split} if kind in ("polarized", "boundary") else {}))
    for plus in range(CHAIN.m + 1):
        side = np.where(np.arange(CHAIN.m) < plus, 1.0, -1.0)
        for place in (1.0, 0.2, -1.0):
            yield ChainState.from_arrays(9 * side, place * side[:, np.newaxis])
    mixed = np.repeat([[1.0] * CHAIN.m, [-1.0] * CHAIN.m], 20, axis=0)
    yield ChainState.from_arrays(9 * mixed, mixed[:, :, np.newaxis])


def is_allowed(bound, state):
    """Whether the bound speaks of the state, by the words of theory.md and the bound's own record."""
    if bound.statement == "one-sided":
        above = state.log_odds >= float(CHAIN.precision)
        return bool(above.all() and (state.memory >= 0).all())
    if "split" not in bound.parameters:
        needs_memory = bound.statement == "lemma2"
        return bool(is_well_behaved(state).all()) if needs_memory else True
    plus, _ = sides(state.log_odds)
    if not (plus == bound.parameters["split"]).all():
        return False
    own = np.where(state.log_odds >= 0, 1.0, -1.0)[:, :, np.newaxis] * state.memory
    threshold = float(CHAIN.precision)
    if bound.statement in ("theorem2", "theorem2-ascent"):
        return bool(is_polarized(state, CHAIN, 1).all())
    if bound.statement == "silo-persistence":
        return bool((np.abs(state.log_odds) >= threshold).all() and (own >= 0).all())
    return bool((np.abs(state.log_odds) >= threshold).all())  # permanence, r = 1: any memory


@pytest.mark.parametrize("name", [s.name for s in probability_statements() if s.takes_chain])
def test_law_a_start_is_the_bounds_own_or_sets_the_split_or_is_refused(name):
    statement = next(s for s in probability_statements() if s.name == name)
    at = {key: value for key, value in AT.items() if key in statement.arguments}
    refused = taken = 0
    for split in SPLITS if "split" in statement.arguments else (None,):
        for start in states(split):
            given = at if split is None else {**at, "split": split}
            try:
                found = validate(statement, CHAIN, start=start, replicas=40, seed=1, method="crude", **given)
            except InputError as error:
                assert error.name in ("start", "split")
                refused += 1
                continue
            state = start if isinstance(start, ChainState) else start.state(CHAIN, seed=1, replicas=40)
            assert is_allowed(found.bound, state), (start, given)
            assert found.verdict != "violated"
            assert found.verdict == "consistent" or found.bound.log10 > -np.inf
            taken += 1
    assert taken >= (5 if name != "one_sided" else 4)  # one side only: there are fewer such starts
    assert refused > 0 or name in ("lemma1", "theorem1", "consensus")


def test_law_what_the_bound_allows_is_taken():
    # the other direction: no start is refused that the bound speaks of
    for statement in probability_statements():
        if not statement.takes_chain:
            continue
        at = {key: value for key, value in AT.items() if key in statement.arguments}
        for start in states(None):
            state = start if isinstance(start, ChainState) else start.state(CHAIN, seed=1, replicas=40)
            plus, _ = sides(state.log_odds)
            split = {"split": int(plus[0])} if "split" in statement.arguments else {}
            bound = statement.function(CHAIN, **at, **split)
            if is_allowed(bound, state):
                compare(bound, start=start, replicas=40, seed=1, method="crude")
            else:
                with pytest.raises(InputError):
                    compare(bound, start=start, replicas=40, seed=1, method="crude")


def test_control_a_start_of_another_split_would_be_called_violated_without_the_check():
    # two silos and no neighbourhood, beside the bound for one silo
    chain = ChainParameters(4, 1, "0.3")
    bound = theorem2(chain, level=1, steps=10)
    with pytest.raises(
        InputError, match=r"`start` must be a state in which .* \(split 4\); got a state outside"
    ):
        compare(bound, start=Start("bipolar"), replicas=50)
    anywhere = replace(bound.question, starts=replace(bound.question.starts, split=None))
    assert (
        compare(replace(bound, question=anywhere), start=Start("bipolar"), replicas=50).verdict == "violated"
    )


def test_reference_a_start_sets_the_split_that_the_user_leaves_open():
    chain = ChainParameters(6, 1, "0.3", k=2)
    assert (
        validate("theorem2", chain, start=Start("bipolar"), replicas=50, **AT).bound.parameters["split"] == 3
    )
    assert (
        validate("theorem2", chain, start=Start("polarized", split=0), replicas=50, **AT).bound.parameters[
            "split"
        ]
        == 0
    )
    assert validate("theorem2", chain, replicas=50, **AT).bound.parameters["split"] == 6


def test_reference_a_start_by_name_takes_the_statements_level_and_split():
    chain = ChainParameters(6, 1, "0.3", k=2)
    halved = validate("theorem2", chain, start="bipolar", level=2, steps=3, replicas=50)
    assert (halved.bound.parameters["split"], halved.parameters["start"]) == (3, "bipolar, level 2")
    told = validate(
        "silo_persistence", chain, start="polarized", log_odds="9.5", steps=3, split=3, replicas=50
    )
    assert told.parameters["start"] == "polarized, log_odds 9.5, split 3"
    assert (
        validate("theorem1", chain, start="random", replicas=50, method="crude").parameters["start"]
        == "random"
    )
    with pytest.raises(InputError, match="`start` must be a state in which"):
        validate("theorem2", chain, start="random", replicas=50, **AT)
    with pytest.raises(InputError, match="`start` must be one of random"):
        validate("theorem2", chain, start="edge", replicas=50, **AT)


def test_reference_a_bound_of_zero_and_one_for_all_time_are_not_validated():
    chain = ChainParameters(4, 1, "0.3")
    zero = validate("theorem2", chain, start=Start("bipolar"), replicas=50, **AT)
    assert (zero.bound.lower(), zero.verdict) == ("0", "consistent")
    always = validate("permanence", chain, level=3, replicas=500)
    assert always.bound.horizon_steps is None
    assert always.verdict == "consistent"


def test_reference_the_split_of_a_start():
    assert [split_of(Start(kind), CHAIN) for kind in get_args(StartKind)] == [None, None, 5, 2, 5]
    with pytest.raises(InputError, match="`start` must be states that all have as many agents on the"):
        split_of(ChainState.from_arrays([[1.0] * 5, [-1.0] * 5], np.ones((2, 5, 1))), CHAIN)


def test_reference_hard_starts_that_a_statement_names():
    question = theorem2(CHAIN, level=2, steps=3, split=3).question
    assert default_start(question) == Start("boundary", level=2, split=3)
    deep = replace(question, hard=(HardStart("polarized", log_odds="1e6"),))
    assert default_start(deep) == Start("polarized", log_odds="1e6", split=3)
    own = permanence(ChainParameters(4, 1, "0.3"), log_odds="12.50").question
    assert default_start(own) == Start("boundary", log_odds="12.5")


@pytest.mark.parametrize(("level", "same"), [(None, consensus_met(20)), (1, level_met(1, 20))])
def test_reference_an_event_at_some_step_is_estimated_as_the_same_event_named_by_hand(level, same):
    chain = ChainParameters(4, 1, "0.5")
    question = Question(chain, AnyState(), AtSomeStep(20, level, "it comes"))
    asked, start = replace(theorem1(chain), question=question), Start("random")
    found = compare(asked, start=start, method="crude", replicas=300, seed=2)
    by_hand = crude(chain, start, same, replicas=300, seed=2)
    assert 0 < found.estimate.diagnostics["hits"] == by_hand.diagnostics["hits"] < 300
    assert found.parameters["event"] == "it comes"


def test_law_the_ends_of_a_set_of_starts_are_in_it():
    threshold = Fraction(1, 3)  # no double: the nearest one below counts
    state = ChainState.from_arrays([[float(threshold)] * 2], [[[0.5], [1.5]]])
    require_start(Polarized(threshold, 2), state)
    require_start(WellBehaved(), state)
    for outside in (
        Polarized(Fraction(34, 100), 2),
        Polarized(threshold, 1),
        Polarized(threshold, 2, low=Fraction(1)),
    ):
        with pytest.raises(InputError, match="`start` must be a state in which"):
            require_start(outside, state)
