"""Where a bound reaches a value: certified on both sides, by arithmetic that shares nothing with the search."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from mcpolar.answers import Direction, Solution, solve
from mcpolar.answers.inverse import Search
from mcpolar.answers.solution import is_at_least, is_less
from mcpolar.answers.unknown import Case, Unknown
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.statements import find

CHAIN = ChainParameters(m=30, r=5, sigma="0.3")
QUESTIONS = {
    "theorem2 sigma": ("theorem2", CHAIN, "sigma", "0.95", {"level": 1, "steps": "10*m*log(m)"}),
    "theorem2 level": ("theorem2", ChainParameters(30, 5, "0.6"), "level", "0.07", {"steps": 5}),
    "silo-persistence steps": ("silo-persistence", CHAIN, "steps", "0.9", {"level": 1}),
    "silo-persistence log-odds": ("silo-persistence", CHAIN, "log-odds", "0.99", {"steps": 20}),
    "theorem2-ascent sigma": ("theorem2-ascent", CHAIN, "sigma", "1e-9", {"level": 1, "steps": 300}),
    "general-theorem2 distance": (
        "general-theorem2",
        CHAIN,
        "distance",
        "0.5",
        {"level": 1, "steps": 100, "components": 3, "dimension": 2},
    ),
}


def asked(name, **changed):
    statement, chain, option, p, at = QUESTIONS[name]
    return solve(statement, chain, option, at_least=p, **at, **changed)


def is_between(found: Solution) -> bool:
    """Whether mpmath, with no ball and no search, puts p between the formula at the answer and one unit beyond."""
    p = Fraction(found.at_least)
    inside, outside = (Fraction(str(bound.evalf(60))) for bound in (found.bound, found.failure))
    return inside >= p > outside


@pytest.mark.parametrize("name", QUESTIONS)
def test_reference_both_sides_by_other_arithmetic(name):
    found = asked(name)
    assert found.status == "found"
    assert is_between(found)
    assert found.is_certified_beyond
    unknown = Unknown.of(found.option, found.digits)
    assert abs(unknown.place(found.beyond) - unknown.place(found.answer)) == 1
    assert Fraction(found.lower()) >= Fraction(found.at_least) > Fraction(found.upper())


@pytest.mark.parametrize("name", ["theorem2 sigma", "silo-persistence steps"])
def test_control_an_answer_that_is_one_unit_off_is_caught(name):
    found = asked(name)
    assert not is_between(replace(found, bound=found.failure))
    assert not is_between(replace(found, failure=found.bound))
    assert not replace(found, failure=found.bound).is_certified_beyond


def test_reference_the_answers_that_are_published():
    assert asked("theorem2 sigma").answer == "0.1233191"
    assert asked("silo-persistence steps").answer == 237


@pytest.mark.parametrize("digits", [1, 3, 12])
def test_law_more_digits_refine_the_same_answer(digits):
    found, fine = asked("theorem2 sigma", digits=digits), asked("theorem2 sigma", digits=15)
    assert Decimal(found.answer) <= Decimal(fine.answer) < Decimal(found.beyond)
    assert is_between(found)


def test_law_what_the_search_begins_with_does_not_matter():
    answers = {
        solve("theorem2", ChainParameters(30, 5, sigma), "sigma", at_least="0.95", level=1, steps=1021).answer
        for sigma in ("0.001", "0.1233191", "0.5", "900000")
    }
    assert answers == {"0.1233191"}


def test_reference_an_assumption_that_fails_ends_the_range():
    chain = ChainParameters(30, 5, "0.1", 3)
    found = solve("theorem2", chain, "neighbours", at_least="0.5", level=1, steps=10, split=15)
    assert (found.answer, found.beyond) == (14, 15)
    assert [one.name for one in found.failure.assumptions if not one.holds] == ["neighbourhood"]
    assert found.is_certified_beyond


def test_reference_at_every_value_and_at_none():
    every = solve("theorem2", ChainParameters(30, 5, "0.1"), "neighbours", at_least="0.5", level=1, steps=10)
    assert (every.status, every.answer, every.beyond) == ("everywhere", 29, None)
    none = solve("silo-persistence", CHAIN, "log-odds", at_least="0.9", steps=1021)
    assert (none.status, none.answer, none.failure.lower(3)) == ("nowhere", None, "6.45e-01")
    assert none.is_certified_beyond


def test_reference_a_ceiling_below_p_says_that_no_bound_could():
    found = asked("theorem2 sigma")
    assert found.is_truth_beyond
    assert found.failure.ceiling.value.fraction < Fraction("0.95")
    assert not asked("silo-persistence steps").is_truth_beyond


def test_reference_closed_permanence_for_memory_one():
    chain = ChainParameters(m=30, r=1, sigma="0.3")
    found = solve("permanence", chain, "level", at_least="0.9999999", theta="0.5")
    below = find("permanence").function(chain, level=found.answer - 1, theta="0.5")
    assert found.answer > 1
    assert is_at_least(found.bound, Fraction("0.9999999"))
    assert is_less(below, Fraction("0.9999999"))
    assert found.failure == below
    assert found.is_searched


def test_reference_a_direction_that_is_not_proved_is_checked():
    chain = ChainParameters(m=6, r=1, sigma="0.1")
    found = solve("theorem2-ascent", chain, "agents", at_least="0.5", level=1, steps=60)
    assert found.direction.status == "checked"
    assert "it crosses once" in found.direction.reason
    assert is_between(found)
    assert asked("theorem2 sigma").direction.status == "proved"


def test_control_a_crossing_that_only_the_search_sees_is_refused():
    found = Search(case_of("theorem2", CHAIN, "sigma", level=1, steps=1021), Fraction("0.95"))
    places = [found.case.unknown.place(sigma) for sigma in ("0.1", "0.11", "0.2")]
    assert [found.reaches(place) for place in places] == [True, True, False]
    assert (
        found.confirmed(Direction(False, "checked", "")).reason
        == "at 3 values from 0.1 to 0.2 it crosses once"
    )
    found.known[places[1]] = found.known[places[2]]  # a bound that falls and rises again
    found.known[places[2]] = found.known[places[0]]
    with pytest.raises(InputError, match=r"it is reached at 0\.1, 0\.11 not, 0\.2"):
        found.confirmed(Direction(False, "checked", ""))


def case_of(name, chain, option, **at):
    return Case.of(find(name), chain, option, at, 7)


def test_rejects_a_bound_that_rises_and_falls():
    with pytest.raises(InputError, match=r"crosses 0\.1 once; it is reached at .*, .* not"):
        solve("theorem2-ascent", ChainParameters(30, 5, "0.15"), "steps", at_least="0.1", level=1)


@pytest.mark.parametrize(
    ("option", "p", "at", "message"),
    [
        (
            "colour",
            "0.5",
            {},
            "`option` must be one of agents, memory, sigma, .* level, steps, split for theorem2",
        ),
        ("log-odds", "0.5", {}, "`option` must be one of"),
        ("steps", "0.5", {"level": 1, "steps": 3}, "`steps` must be absent: it is what is solved for; got 3"),
        ("sigma", "0.5", {"level": 1}, "`steps` must be given for theorem2"),
        ("sigma", "1", {"level": 1, "steps": 3}, "`at_least` must be a number from 1e-10000 to 0.9999"),
        ("sigma", "0", {"level": 1, "steps": 3}, "`at_least` must be a number"),
        ("sigma", "p", {"level": 1, "steps": 3}, "`at_least` must be a number"),
        ("sigma", "0.5", {"level": 1, "steps": 3, "ascent": 1}, "`ascent` must be absent: theorem2 does not"),
    ],
)
def test_rejects_bad_questions(option, p, at, message):
    with pytest.raises(InputError, match=message):
        solve("theorem2", CHAIN, option, at_least=p, **at)


def test_rejects_digits_and_neighbours_of_nobody():
    with pytest.raises(InputError, match="`digits` must be a whole number from 1 to 25; got 0"):
        asked("theorem2 sigma", digits=0)
    with pytest.raises(InputError, match="a single agent has no neighbours"):
        solve("theorem2", ChainParameters(1, 1, "0.3"), "k", at_least="0.5", level=1, steps=3)


def test_law_the_record_is_strict_json():
    import json

    record = json.loads(json.dumps(asked("theorem2 sigma").to_dict(), allow_nan=False))
    assert record["kind"] == "solution"
    assert record["answer"] == "0.1233191"
    assert record["beyond"]["certified"] is True
    assert record["provenance"]["versions"]["mcpolar"]
    assert "sigma" not in record["parameters"]
