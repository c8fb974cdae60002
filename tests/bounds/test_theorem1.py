"""L1, L2 and T1 share their structure; what is common is tested here, for all three."""

from fractions import Fraction

import pytest

from mcpolar.balls import lower_end
from mcpolar.bounds import chances, lemma1, lemma2, theorem1
from mcpolar.bounds.polarization.bipolar_ceiling import bipolar_ceiling
from mcpolar.bounds.polarization.clearing import clearing_chance
from mcpolar.bounds.proposition2 import smallest_own_side_weight
from mcpolar.bounds.rounds import log_rounds
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from tests.bounds.exact import as_mpf, assert_sandwiched, formula_value, own_side_weight
from tests.bounds.polarization import independent

POINTS = [
    (7, 1, "0.5", 3),
    (2, 2, "0.1", 1),
    (1, 3, "0.7", 2),
    (3, 4, "5", 1),
    (5, 2, "1.1", 2),
    (400, 5, "0.2", 1),
]
SENDERS = [
    ({}, "unrestricted"),
    ({"k": 1}, "neighbours"),
    ({"mirror": "0.4"}, "mirror"),
    ({"k": 1, "mirror": "0.25"}, "mirror"),
]


def evaluate(function, chain, level, **options):
    return function(chain, **options) if function is lemma1 else function(chain, level=level, **options)


@pytest.mark.parametrize(("options", "senders"), SENDERS)
@pytest.mark.parametrize(("m", "r", "sigma", "level"), POINTS)
@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_law_larger_than_before_and_below_the_ceiling(function, m, r, sigma, level, options, senders):
    """L1', L2' and T1': every agent exactly n times, with the least own-side weight and J for I from any memory."""
    if m == 1:
        options, senders = {}, "unrestricted"
    elif m == 2 and senders == "neighbours":  # k = 1 is all the others
        senders = "unrestricted"
    chain = ChainParameters(m, r, sigma, **options)
    n, bound = (
        (r if function is lemma1 else own_side_weight(chain, level)[0]),
        evaluate(function, chain, level),
    )
    interval = chances.own_interval if function is lemma2 else chances.inner_interval
    before = lower_end(
        lambda: log_rounds(chain, n, smallest_own_side_weight(chain) * interval(chain.sigma)).exp()
    )
    assert before.log10 <= bound.log10 <= 0
    assert bound.holds
    if senders == "unrestricted":
        assert bound.log10 < bound.ceiling.log10 <= 0
    elif function is not lemma1:
        assert bound.ceiling is None
    forms = [latex(function.__name__, form, senders) for form in ("T1A", "T1A0", "T1g", "self-sending")]
    assert (
        bound.formula_latex
        == forms[("T1A", "T1A0", "T1g", "self-sending").index(bound.notes[0].split(",")[0])]
    )


def latex(name, form, senders):
    from mcpolar.bounds import formulas

    return formulas.latex(name, form, senders=senders)


def test_twin_formula_of_the_geometric_mean():
    """T1g, given where T1A would take long: the SymPy formula at 120 digits."""
    chain = ChainParameters(1000, 5, "0.2")
    bound = theorem1(chain)
    assert bound.notes[0] == "T1g, least for 500 of 1000 agents on the + side"
    assert bound.notes[1] == "T1A would be larger, but take more than about 30 seconds"
    weights = independent.own_weights(5, "0.2", Fraction(0), 5)
    draws = as_mpf(clearing_chance(chain.sigma, 5)) ** 1000
    assert_sandwiched(bound, independent.geometric(1000, 5, weights, draws))


@pytest.mark.parametrize(("m", "r", "sigma"), [(30, 5, "0.2"), (3, 1, "0.5"), (4, 2, "2")])
@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_twin_formula_of_the_paper(function, m, r, sigma):
    bound = function(ChainParameters(m, r, sigma), variant="paper")
    assert_sandwiched(bound, formula_value(function.__name__, "paper", {"m": m, "r": r, "sigma": sigma}))
    assert (
        bound.horizon_steps
        == {"lemma1": r, "lemma2": 4 * r + 2, "theorem1": 5 * r + 2}[function.__name__] * m
    )


@pytest.mark.parametrize(
    ("m", "r", "sigma", "steps", "log10", "ceiling"),
    [
        (2, 1, "0.5", 2, -1.54, -1.23),
        (5, 2, "0.3", 12, -6.25, -4.68),
        (10, 5, "0.2", 57, -26.82, -19.75),
        (30, 5, "0.2", 168, -83.38, -61.67),
    ],
)
def test_reference_default_call(m, r, sigma, steps, log10, ceiling):
    bound = theorem1(ChainParameters(m, r, sigma))
    assert bound.horizon_steps == steps
    assert bound.log10 == pytest.approx(log10, abs=0.005)
    assert bound.ceiling.log10 == pytest.approx(ceiling, abs=0.05)


def test_reference_hundreds_of_orders_of_magnitude():
    chain = ChainParameters(30, 5, "0.2")
    at_first, paper = theorem1(chain, steps="5*m"), theorem1(chain, variant="paper")
    assert (at_first.horizon_steps, round(at_first.log10, 2)) == (150, -89.1)
    assert (paper.horizon_steps, round(paper.log10, 3)) == (810, -670.899)
    assert paper.ceiling is None


@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_reference_too_few_steps(function):
    bound = function(ChainParameters(4, 3, "0.2"), steps=11)
    assert bound.value.is_zero
    assert bound.horizon_steps == 11
    assert bound.ceiling is None
    assert [(a.name, a.holds) for a in bound.assumptions] == [("self-sending", True), ("horizon", False)]
    assert bound.assumptions[1].text == (
        "every agent needs n = 3 updates, so that the horizon must be at least n m = 12: 11 steps"
    )


def test_law_what_holds_at_one_horizon_holds_at_every_later_one():
    chain = ChainParameters(5, 2, "0.3")
    bounds = [theorem1(chain, steps=steps) for steps in (10, 11, 12, 13, 30, 10**6)]
    values = [bound.log10 for bound in bounds]
    assert values == sorted(values)
    assert values[2] == values[-1] == theorem1(chain).log10
    assert bounds[-1].notes[0].endswith("; found at 12 steps, it holds at every later one")


def test_law_the_lemma_from_well_behaved_memory_is_about_its_own_horizon():
    """Later than its best horizon the bound falls to that from any state, which is kept."""
    chain = ChainParameters(4, 3, "0.25")
    values = [lemma2(chain, steps=steps).log10 for steps in (15, 30, 1000)]
    assert values[0] > values[1] >= values[2] == theorem1(chain).log10
    assert lemma2(chain).log10 > values[2]


def test_rejects_steps_of_the_papers_form():
    for function, horizon in ((lemma1, "r m"), (lemma2, r"\(4r \+ 2\) m"), (theorem1, r"\(5r \+ 2\) m")):
        with pytest.raises(
            InputError, match=f"`steps` must be absent with variant='paper': its horizon is {horizon}; got 9"
        ):
            function(ChainParameters(6, 2, "0.4"), steps=9, variant="paper")


def test_sandwich_the_theorem_is_at_most_its_lemmas():
    chain = ChainParameters(4, 3, "0.25")
    theorem = theorem1(chain).value.fraction
    assert theorem < lemma2(chain).value.fraction
    assert theorem <= lemma1(chain).value.fraction


@pytest.mark.parametrize("function", [lemma2, theorem1])
def test_law_a_higher_level_takes_longer_and_is_rarer(function):
    chain = ChainParameters(6, 2, "0.4")
    bounds = [function(chain, level=level) for level in range(1, 5)]
    horizons = [bound.horizon_steps for bound in bounds]
    assert horizons == sorted(horizons)
    assert [bound.log10 for bound in bounds] == sorted((bound.log10 for bound in bounds), reverse=True)


UNIFORM = Assumption(
    "self-sending", "the sender is uniform on all agents: a side of m_s agents sends with chance m_s/m", True
)
UNRESTRICTED = "the sender is uniform on all agents: no k below m - 1 and no mirror"
CLEARING = (
    "the proof rests on P3, which is false for r >= 2: "
    "r updates in an interval of width 1 need not clear the memory"
)
HALF = (
    "the proof takes the sender's own-side weight as >= 1/2 throughout, but opposite memory can pull it below 1/2 for "
    "up to r updates"
)


@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_reference_assumptions_of_the_certified_form(function):
    assert function(ChainParameters(6, 2, "0.4")).assumptions[:-1] == (UNIFORM,)
    assert function(ChainParameters(6, 2, "0.4", k=3)).assumptions[:-1] == (
        Assumption("self-sending", "every agent is its own sender with chance 1/(k + 1) = 1/4", True),
    )
    text = "every agent is its own sender with chance mirror = {}, which must be positive"
    assert function(ChainParameters(6, 2, "0.4", mirror="0.1")).assumptions[:-1] == (
        Assumption("self-sending", text.format("0.1"), True),
    )
    never = function(ChainParameters(6, 2, "0.4", mirror=0))
    assert never.assumptions[:-1] == (Assumption("self-sending", text.format("0"), False),)
    assert never.value.is_zero
    assert not never.holds


def agents(m):
    text = f"m >= 3, so that the factor 1/2 - 1/m is positive: m = {m}; the formula is vacuous for m <= 2"
    return Assumption("three-agents", text, m >= 3)


@pytest.mark.parametrize("m", [1, 2, 3, 30])
def test_reference_the_papers_form_has_a_proof_gap_and_is_vacuous_below_three_agents(m):
    chain = ChainParameters(m, 2, "0.4")
    first, second, both = (function(chain, variant="paper") for function in (lemma1, lemma2, theorem1))
    free = Assumption("unrestricted", UNRESTRICTED, True)
    assert first.assumptions == (free, agents(m), Assumption("proof-gap", CLEARING, False))
    assert second.assumptions == (free, Assumption("proof-gap", HALF, False))
    assert both.assumptions == (free, agents(m), Assumption("proof-gap", f"{CLEARING}; and {HALF}", False))
    assert first.value.is_zero is both.value.is_zero is (m <= 2)
    assert not second.value.is_zero
    assert not second.holds


@pytest.mark.parametrize("options", [{"k": 3}, {"mirror": "0.5"}])
@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_reference_the_papers_form_is_about_the_unrestricted_chain(function, options):
    bound = function(ChainParameters(6, 2, "0.4", **options), variant="paper")
    assert bound.assumptions[0] == Assumption("unrestricted", UNRESTRICTED, False)
    assert bound.value.is_zero
    assert bound.formula_latex == _latex_of_the_paper(function.__name__)
    full = function(ChainParameters(6, 2, "0.4", k=5), variant="paper")
    assert full.assumptions[0].holds
    assert not full.value.is_zero


def _latex_of_the_paper(name):
    from mcpolar.bounds import formulas

    return formulas.latex(name, "paper")


def test_reference_records():
    chain = ChainParameters(6, 2, "0.4")
    first, second, both = lemma1(chain), lemma2(chain, level=2), theorem1(chain, level=3, steps="8*m")
    assert (first.statement, second.statement, both.statement) == ("lemma1", "lemma2", "theorem1")
    assert first.parameters == chain.as_dict() | {"steps": None}
    assert second.parameters == chain.as_dict() | {"level": 2, "steps": None}
    assert both.parameters == chain.as_dict() | {"level": 3, "steps": "8*m"}
    assert both.horizon_steps == 48
    assert {bound.variant for bound in (first, second, both)} == {"certified"}
    assert lemma1(chain, variant="paper").variant == "paper"
    assert {bound.failure for bound in (first, second, both)} == {None}
    assert first.event == (
        f"The probability that after {first.horizon_steps} steps, from any state, every memory element of every agent "
        "lies in I- or I+ (W)."
    )
    assert second.event == (
        f"The probability that the population is level-2 polarized (E_2) after {second.horizon_steps} steps, from any "
        "state whose memory lies in I- u I+ (W)."
    )
    assert both.event == (
        "The probability that the population is level-3 polarized (E_3) after 48 steps, from any state."
    )


@pytest.mark.parametrize("function", [lemma2, theorem1])
def test_rejects_the_papers_form_of_higher_levels(function):
    with pytest.raises(InputError) as caught:
        function(ChainParameters(6, 2, "0.4"), level=2, variant="paper")
    assert (
        str(caught.value)
        == "`level` must be 1 with variant='paper': the paper states it for level 1 only; got 2"
    )
    with pytest.raises(InputError, match="`level` must be a whole number from 1 to 1000000; got 0"):
        function(ChainParameters(6, 2, "0.4"), level=0)


@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_rejects_unknown_variants(function):
    with pytest.raises(InputError, match="`variant` must be certified or paper; got both"):
        function(ChainParameters(6, 2, "0.4"), variant="both")


@pytest.mark.parametrize("function", [theorem1, lemma2])
def test_law_the_ceiling_and_the_hard_start_share_one_evaluation(function):
    bipolar_ceiling.cache_clear()
    function(ChainParameters(6, 2, "0.4"), steps=30)
    assert bipolar_ceiling.cache_info().misses == 1
