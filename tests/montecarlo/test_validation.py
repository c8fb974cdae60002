"""Verdicts: what is true is validated, and a planted wrong bound is found."""

import functools
import math
from dataclasses import replace

import pytest

from mcpolar.balls import Dyadic, lower_end
from mcpolar.bounds import permanence, theorem2
from mcpolar.bounds.permanence import permanence_at
from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.shape import Shape
from mcpolar.bounds.theorem2 import paper_value
from mcpolar.chain import ChainState, Start
from mcpolar.errors import InputError
from mcpolar.montecarlo import compare, judge, validate
from mcpolar.montecarlo.estimators.twisting import Twisting
from mcpolar.montecarlo.starting import START_PILOT, default_start
from mcpolar.montecarlo.targets import target_of
from mcpolar.montecarlo.worst_start import worst_start
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate
from mcpolar.statements import find
from mcpolar.steps import Steps

CHAIN = ChainParameters(30, 5, "0.3", k=14)
AT = {"level": 1, "steps": 1021, "split": 15}


def estimate(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, 0.999, "by hand", 10, 1)


def watched_for(bound, steps):
    """The bound, of which so many steps are simulated."""
    event = replace(bound.question.event, steps=steps)
    return replace(bound, question=replace(bound.question, event=event))


def bound_of(value: Dyadic):
    return replace(theorem2(CHAIN, **AT), value=value)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.3, 0.4, "validated"), (0.1, 0.3, "consistent"), (0.1, 0.2, "violated"), (0.25, 0.3, "consistent")],
)
def test_reference_three_verdicts_against_a_quarter(low, high, verdict):
    # at exactly 1/4 the double's own rounding decides against "validated"
    assert judge(bound_of(Dyadic(1, -2)), estimate(math.log(low), math.log(high))) == verdict


def test_reference_verdicts_at_the_ends():
    assert judge(bound_of(Dyadic(0, 0)), estimate(-math.inf, -1.0)) == "validated"
    assert judge(bound_of(Dyadic(1, -5000)), estimate(-math.inf, -4000.0)) == "violated"
    assert judge(bound_of(Dyadic(1, -5000)), estimate(-math.inf, -3000.0)) == "consistent"
    assert judge(bound_of(Dyadic(1, -5000)), estimate(-3400.0, -3000.0)) == "validated"
    next_to_one = bound_of(Dyadic(2**100 - 1, -100))
    assert judge(next_to_one, estimate(-1e-29, 0.0)) == "consistent"
    assert judge(next_to_one, estimate(-1e-31, 0.0)) == "validated"
    assert judge(next_to_one, estimate(-3e-29, -2e-29)) == "violated"


@pytest.mark.parametrize(("sigma", "steps"), [("0.2", 205), ("0.3", 1021)])
def test_reference_theorem2_is_validated_down_to_1e_45(sigma, steps):
    chain, at = ChainParameters(30, 5, sigma), {"level": 1, "steps": steps}
    found = validate("theorem2", chain, replicas=2000, **at)
    assert found.verdict == "validated"
    assert found.estimate.log_high - found.estimate.log_low < math.log(1.05)
    assert found.seconds > 0
    assert found.parameters["simulated_steps"] == steps


def test_control_a_bound_multiplied_by_three_is_violated():
    bound = theorem2(CHAIN, **AT)
    wrong = replace(bound, value=Dyadic(3 * bound.value.mantissa, bound.value.exponent))
    assert compare(wrong, replicas=500).verdict == "violated"
    assert compare(bound, replicas=500).verdict == "validated"


def test_control_a_bound_without_its_neighbourhood_is_violated():
    # two silos without neighbourhood: the bound's formula, stripped of the assumption, is false
    open_chain = ChainParameters(30, 5, "0.3")
    closed = theorem2(CHAIN, level=1, steps=50, split=15)
    found = compare(replace(closed, question=replace(closed.question, chain=open_chain)), replicas=500)
    assert found.verdict == "violated"


def test_reference_a_statement_for_all_time_is_at_most_consistent():
    bound = watched_for(permanence(ChainParameters(5, 1, "0.3"), level=2), 20)
    found = compare(bound, method="crude", replicas=20_000)
    assert found.estimate.log_probability == 0.0
    half = replace(bound, value=Dyadic(1, -1))
    assert judge(half, found.estimate) == "validated"
    assert found.verdict == "consistent"
    counted = compare(half, method="crude", replicas=50)
    assert counted.verdict == "consistent"


def test_sandwich_the_failure_of_permanence_is_estimated_where_counting_sees_none():
    bound = watched_for(permanence(ChainParameters(5, 1, "0.3"), level=2), 200)
    found = compare(bound, replicas=5000)
    assert found.estimate.method == "tilting, betting below, Student above, of the failure"
    assert bound.log10 < found.estimate.log_low / math.log(10) < found.estimate.log_high / math.log(10) < 0
    wrong = replace(bound, value=Dyadic(2**60 - 1, -60))  # a bound closer to 1 than the truth
    assert compare(wrong, replicas=5000).verdict == "violated"


PM_CHAIN, PM_AT = ChainParameters(30, 3, "0.5", k=14), {"level": 2, "split": 15}
PM_SHAPE = Shape("0.17785", "0.49643", "0.29489", "0.35591", "1.50012", "0.49988", "0.03435")


@functools.cache
def permanence_for_memory_three():
    return permanence_at(PM_CHAIN, PM_SHAPE, **PM_AT, grid=Grid(10, 5))


def permanence_of(chain, **at):
    """PM without a search for its parameters: the question is the same."""
    return permanence_at(chain, PM_SHAPE, **at)


@pytest.mark.parametrize("placement", ["inner", "outer"])
def test_sandwich_permanence_for_memory_three_lies_below_the_estimate_by_twisting(placement):
    bound = watched_for(permanence_for_memory_three(), 1000)
    start = Start("boundary", **PM_AT, placement=placement)
    options = {"start": start, "replicas": 800, "confidence": 1 - 1e-6}
    found = compare(bound, method="twisting", **options)
    logs = [found.estimate.diagnostics[f"log10_failure_{end}"] for end in ("low", "high")]
    assert found.estimate.method == "twisting, betting below, log-normal above, of the failure"
    assert found.verdict == "consistent"
    assert logs[1] < bound.failure.log10_up < math.log10(0.03)
    assert logs[1] - logs[0] < 0.6


def test_control_a_failure_bound_below_the_estimate_is_violated():
    # "auto" begins where an agent is likelier to leave from, at 3/2; half of what is estimated from there is too small
    wrong = replace(watched_for(permanence_for_memory_three(), 1000), value=Dyadic(4096 - 1, -12))
    options = {"replicas": 800, "confidence": 1 - 1e-6}
    found = compare(wrong, **options)
    assert found.estimate.method.startswith("twisting")
    assert found.parameters["start"].endswith("placement outer")
    assert found.verdict == "violated"


def test_reference_the_start_of_permanence():
    # r = 2: estimates from 1/2 and 3/2 are 0.10 and 0.08 at h = 1, 0.0008 and 0.0016 at h = 2
    def placement(chain, **at):
        start = default_start(permanence_of(chain, **at).question)
        assert (start.kind, start.split) == ("boundary", at.get("split"))
        return start.placement

    assert placement(ChainParameters(30, 2, "0.5", k=14), level=1, split=15) is None
    assert placement(ChainParameters(30, 2, "0.5", k=14), log_odds="8", split=15) == "outer"
    assert placement(ChainParameters(30, 21, "0.5"), level=1) == "outer"
    assert placement(ChainParameters(30, 1, "0.5"), level=1) is None


def test_reference_a_collapsed_twist_gives_way_to_counting(monkeypatch):
    # one step: hardly any weight is ever met
    asked = watched_for(permanence_of(ChainParameters(4, 3, "0.3"), level=3), 2)
    bound = replace(asked, value=Dyadic(1, -1))
    found = compare(bound, method="twisting", replicas=400)
    assert found.estimate.diagnostics["status"] == "collapsed"
    assert found.estimate.log_probability == 0.0  # no failure seen
    assert (found.estimate.log_low, found.verdict) == (-math.inf, "consistent")
    sizes = []
    monkeypatch.setattr(Twisting, "extend", lambda self, n, **o: sizes.append(n) or extend(self, n, **o))
    counted = compare(bound, replicas=400)
    assert counted.estimate.method.startswith("crude")
    assert sizes == [START_PILOT, START_PILOT, 100, 400]  # trials of a quarter, of 400 and of 1600


extend = Twisting.extend


def test_reference_where_no_twist_is_fitted_splitting_is_taken():
    asked = watched_for(permanence_of(ChainParameters(3, 21, "0.5"), level=4), 30)
    bound = replace(asked, value=Dyadic(1, -1))
    found = compare(bound, replicas=800, method="splitting")
    assert found.estimate.method.startswith("splitting")
    auto = compare(bound, replicas=800)
    assert auto.estimate.method.startswith(("splitting", "crude"))
    with pytest.raises(InputError, match="`method` must be splitting: twisting is for r up to 20"):
        compare(bound, method="twisting")


def test_sandwich_silo_persistence_by_twisting():
    # conditionally a smaller event is estimated; twisting estimates the statement's own, which is more probable
    chain, at = ChainParameters(30, 2, "0.2", k=14), {"level": 1, "steps": 200, "split": 15}
    found = validate("silo_persistence", chain, method="twisting", replicas=1000, **at)
    assert found.verdict == "validated"
    assert found.estimate.diagnostics["log10_failure_high"] < math.log10(1e-5)
    with pytest.raises(InputError, match="`method` must be twisting: tilting is for silos that are left"):
        validate("silo_persistence", chain, method="tilting", **at)


def test_reference_the_smaller_event_of_silo_persistence_can_be_estimated_conditionally():
    at = {"log_odds": "3", "steps": 400, "split": 15}
    found = validate("silo_persistence", CHAIN, method="conditional", replicas=500, **at)
    assert found.verdict == "validated"
    assert "every arrival on the own side" in found.parameters["event"]
    counted = validate("silo_persistence", CHAIN, replicas=2000, **at)
    assert counted.estimate.method.startswith("crude")
    assert counted.estimate.log_high > found.estimate.log_low


def test_law_the_paper_form_is_checked_over_the_whole_steps_within_its_horizon():
    bound = theorem2(CHAIN, level=1, steps="10*m*log(m)", split=15, variant="paper")
    assert target_of(bound.question).steps == 1020


@pytest.mark.parametrize(
    "name", ["lemma1", "lemma2", "theorem1", "theorem2", "theorem2_ascent", "silo_persistence"]
)
def test_law_every_statement_about_the_chain_has_an_event_and_a_start_that_it_allows(name):
    chain = ChainParameters(4, 2, "0.2")
    statement = find(name)
    at = {key: value for key, value in {"level": 1, "steps": 40}.items() if key in statement.arguments}
    start = default_start(statement.function(chain, **at).question)
    found = validate(statement, chain, replicas=300, start=start, **at)
    assert found.verdict == "validated"


def test_law_a_named_start_is_used():
    chain, at = ChainParameters(4, 2, "0.2"), {"level": 1, "steps": 5}
    found = validate("theorem2", chain, start=Start("polarized", level=3), replicas=50, **at)
    assert found.parameters["start"] == "polarized, level 3"
    state = Start("polarized", level=3).state(chain, seed=1)
    assert (
        validate("theorem2", chain, start=state, replicas=50, **at).parameters["start"] == "given states (1)"
    )


def test_rejects_methods_and_statements_without_an_event():
    chain, at = ChainParameters(4, 1, "0.2"), {"level": 1, "steps": 5}
    with pytest.raises(
        InputError,
        match="`method` must be one of auto, crude, conditional, splitting, tilting, twisting, independent; got guess",
    ):
        validate("theorem2", chain, method="guess", **at)
    with pytest.raises(InputError, match="crude, splitting or twisting: that no agent changes its silo"):
        validate("permanence", chain, level=1, method="conditional")
    with pytest.raises(InputError, match="crude or splitting: that all memory is well-behaved at the end"):
        validate("lemma1", chain, method="conditional")
    with pytest.raises(
        InputError, match="about a probability .this one holds on every path.; got proposition1"
    ):
        validate("proposition1", chain)
    with pytest.raises(InputError, match="`statement` must be a statement whose event is simulated"):
        compare(replace(theorem2(chain, **at), question=None))
    with pytest.raises(InputError, match="`ascent` must be absent: theorem2 does not use it; got 2"):
        validate("theorem2", chain, ascent=2, **at)
    outside = ChainState.from_arrays([[0.0] * 4], [[[1.0]] * 4])
    with pytest.raises(InputError, match="`start` must be a state in which"):
        validate("theorem2", chain, start=outside, **at)


def paper_formula(chain, level, steps, split):
    """The value of the paper's formula itself, whatever its hypotheses."""
    bound = theorem2(chain, level=level, steps=steps, split=split)
    return replace(bound, value=lower_end(lambda: _paper(chain, level, steps)))


def _paper(chain, level, steps):
    return paper_value(chain, level * chain.precision, Steps.read(steps, chain.m))


@pytest.mark.parametrize(("m", "sigma", "k"), [(4, "0.3", 3), (2, "0.6", None), (10, "0.2", 8)])
def test_reference_the_papers_formula_is_false_without_its_neighbourhood(m, sigma, k):
    # two silos, and senders of the other one within reach: k + 1 > m/2, or no k at all
    chain = ChainParameters(m, 2, sigma, k)
    found = compare(paper_formula(chain, 1, 4, m // 2), replicas=1000)
    assert found.verdict == "violated"
    closed = ChainParameters(m, 2, sigma, max(1, m // 2 - 1)) if m > 2 else chain
    if m > 2:
        assert compare(paper_formula(closed, 1, 4, m // 2), replicas=1000).verdict == "validated"


@pytest.mark.parametrize("sigma", ["1.3", "2.0", "5.0"])
@pytest.mark.parametrize("steps", [1, 10])
def test_reference_the_papers_formula_holds_where_only_the_separation_fails(sigma, steps):
    # e^(h/sigma^2) <= 2: the k nearest may be of the other side, but e^(-e^(-h/sigma^2)) is far below the truth;
    # the worst start that the search finds does not refute it
    chain, at = ChainParameters(8, 1, sigma, 3), {"level": 1, "steps": steps, "split": 4}
    wrong = paper_formula(chain, 1, steps, 4)
    assert not theorem2(chain, **at).holds
    worst = worst_start("theorem2", chain, seed=1, tries=40, **at)
    assert compare(wrong, start=worst.state, replicas=4000).verdict == "validated"
