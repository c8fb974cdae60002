"""A study: every sentence has its record, numbers are rounded so that claims stay true, and words come explained."""

import json
import math
import re
from dataclasses import replace

import pytest

from mcpolar.answers import study
from mcpolar.answers.evidence import Evidence, Proofs, Setting
from mcpolar.answers.sentences.numbers import at_least, chance, plain, span
from mcpolar.bounds import silo_persistence, theorem2
from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.report.study import study_text
from mcpolar.results import Estimate

CHAIN = ChainParameters(m=6, r=1, sigma="0.4", k=2)


@pytest.fixture(scope="module")
def bipolar():
    return study(CHAIN, "bipolar", level=2, steps=120, replicas=100, seed=3)


@pytest.fixture(scope="module")
def undecided():
    return study(ChainParameters(m=6, r=1, sigma="0.4"), "undecided", steps=240, replicas=100, seed=3)


def words(found):
    return " ".join(one.text for section in found.sections for one in section.findings)


def test_law_every_status_has_its_record(bipolar, undecided):
    for found in (bipolar, undecided):
        bounds = {bound.statement for bound in found.bounds}
        for section in found.sections:
            for one in section.findings:
                if one.status in ("proved", "certified"):
                    assert one.source in bounds, one
                if one.status == "estimated":
                    assert one.source in ("passages", "growth"), one
                    assert found.status_text(one) == "estimated at 99.9 %"


def test_reference_the_numbers_in_sentences_are_those_of_the_records(bipolar):
    permanent = next(bound for bound in bipolar.bounds if bound.statement == "permanence")
    assert permanent.log10 < 0
    assert f"no agent ever changes its silo is at least {at_least(permanent)}:" in words(bipolar)
    assert float(at_least(permanent)) <= float(permanent.lower(20))
    estimate = bipolar.passages.chance("silo-left")
    assert f"changes its silo is {span(estimate)}" in words(bipolar)


def test_reference_what_is_polarized_already_is_said_so(bipolar, undecided):
    assert "This start is polarized already" in words(bipolar)
    assert "This start is polarized already" not in words(undecided)
    assert "Half of all runs are polarized, for the first time, by step" in words(undecided)


def test_law_agents_that_begin_undecided_are_no_consensus(undecided):
    assert not undecided.passages.times("consensus").any()  # they count as on one side, at step 0
    text = words(undecided)
    assert "all agents are on one side at some time" not in text
    one, two = undecided.passages.chance_of_one(), undecided.passages.chance_of_two()
    assert f"At step 240 all agents are on one side (a consensus) with a chance of {span(one)}." in text
    assert one.diagnostics["hits"] + two.diagnostics["hits"] == undecided.passages.replicas


TERMS = (
    "log-odds",
    "silo",
    "round",
    "polarized",
    "consensus",
    "certified",
    "estimated",
    "sigma",
    "opinion",
    "memory",
)


@pytest.mark.parametrize("term", TERMS)
def test_law_terms_come_with_their_explanation(bipolar, term):
    page = " ".join(study_text(bipolar).split())
    first = page.find(term)
    assert first >= 0
    explained = {
        "log-odds": "log-odds, log(w/(1 - w)): 0 is undecided",
        "silo": "two silos (groups that lean to the same view)",
        "round": "A round is 6 steps",
        "polarized": "polarized (every agent is firmly on one of two sides)",
        "consensus": "on one side at some time (a consensus)",
        "certified": "certified: a number that follows from a proof",
        "estimated": "estimated: from simulated runs",
        "sigma": "noise of standard deviation sigma = 0.4",
        "opinion": "an opinion: the weight w between 0 and 1",
        "memory": "a memory of one number",
    }[term]
    assert explained in page
    # the words beside the first sentences are explained below them, and these have other meanings or come in passing
    if term not in ("estimated", "certified", "sigma", "memory", "round"):
        assert page.find(explained) + explained.find(term) <= first


def test_law_the_record_is_strict_json_and_names_its_seed(undecided):
    record = json.loads(json.dumps(undecided.to_dict(), allow_nan=False))
    assert record["kind"] == "study"
    assert record["provenance"]["seed"] == 3
    assert {one["statement"] for one in record["bounds"]} == {
        "theorem1",
        "theorem2",
        "permanence",
        "silo-persistence",
    }
    assert record["estimates"]["polarized"]["replicas"] == 100
    assert len(record["sections"]) == 5


def test_law_the_same_seed_gives_the_same_sentences(bipolar):
    again = study(CHAIN, "bipolar", level=2, steps=120, replicas=100, seed=3)
    same = [section for section in again.sections if "trust" not in section.title]
    assert same == [section for section in bipolar.sections if "trust" not in section.title]
    other = study(CHAIN, "bipolar", level=2, steps=120, replicas=100, seed=4)
    assert other.sections[2] != again.sections[2]


def test_control_a_simulation_that_loses_silos_contradicts_permanence(bipolar):
    asked = Setting.of(CHAIN, Start("bipolar", level=2), 2, 120)
    proofs = Proofs(*(bipolar.bounds[0], None, None, *bipolar.bounds[1:]))
    honest = Evidence(asked, proofs, bipolar.passages, bipolar.growth, 1.0)
    assert honest.verdict == "consistent"
    rounds = []
    for one in bipolar.passages.rounds:
        times = one.times.copy()
        times[:, 1] = 5  # every run loses a silo at step 5
        rounds.append(replace(one, times=times))
    faulty = replace(honest, passages=replace(bipolar.passages, rounds=tuple(rounds)))
    assert faulty.verdict == "violated"


def test_reference_a_failed_assumption_is_told_and_promises_nothing():
    asked = Setting.of(ChainParameters(m=6, r=1, sigma="0.4"), Start("bipolar", level=2), 2, 120)
    assert asked.split == 3
    proofs = Proofs.of(asked)
    assert proofs.permanent.value.is_zero
    found = study(ChainParameters(m=6, r=1, sigma="0.4"), "bipolar", level=2, steps=60, replicas=64)
    assert (
        "There is no proof here that the silos last for ever: it needs that both sides are occupied"
        in words(found)
    )


def test_law_roundings_keep_claims_true():
    for log10 in (-0.0001, -0.3, -1.7, -3.3, -5.99, -7.2, -400.5):
        low, high = chance(log10, "down"), chance(log10, "up")
        assert logarithm(low) <= log10 <= logarithm(high)
    assert float(plain(0.99999412, "down")) <= 0.99999412 < 1
    assert float(plain(0.99999412, "up")) >= 0.99999412


def logarithm(text):
    return float(text.removeprefix("10^")) if text.startswith("10^") else math.log10(float(text))


def test_law_certified_numbers_are_rounded_down():
    chain = ChainParameters(m=30, r=5, sigma="0.3")
    for steps in (1, 10, 300, 3000, 10**5):
        for bound in (silo_persistence(chain, level=1, steps=steps), theorem2(chain, level=1, steps=steps)):
            text = at_least(bound)
            assert logarithm(text) <= bound.log10 + 1e-12
            assert logarithm(text) >= bound.log10 - 1


def test_reference_the_span_of_rare_and_sure_events():
    rare = Estimate(-math.inf, -math.inf, math.log(0.0051), 0.999, "crude", 1000, 1)
    assert re.fullmatch(r"at most 0\.0051\d* \(it was never seen\)", span(rare))
    sure = Estimate(0.0, math.log(0.9942), 0.0, 0.999, "crude", 1000, 1)
    assert re.fullmatch(r"at least 0\.994\d* \(it was seen every time\)", span(sure))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"level": 0}, "`level` must be a whole number from 1"),
        ({"steps": 0}, "`steps` must be a whole number >= 1"),
        ({"steps": "x"}, "`steps` must be"),
        ({"replicas": 0}, "`replicas` must be"),
        ({"budget": 0}, "`budget` must be a number of seconds above 0"),
        ({"budget": "soon"}, "`budget` must be a number"),
        ({"confidence": 1}, "`confidence` must be"),
        ({"start": "north"}, "`start` must be one of"),
        ({"seed": -1}, "`seed` must be"),
    ],
)
def test_rejects_bad_questions(changed, message):
    with pytest.raises(InputError, match=message):
        study(CHAIN, **{"start": "bipolar", "steps": 9, "replicas": 9, **changed})


def test_law_sections_of_an_undecided_start_say_what_is_meant(undecided):
    titles = [section.title for section in undecided.sections]
    assert titles[1:4] == [
        "Will it polarize, and when?",
        "What stays, and for how long?",
        "Consensus, or two silos?",
    ]
    assert "Once it is polarized, with all on one side," in words(undecided)
