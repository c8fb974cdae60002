"""L1, L2 and T1 share their structure; what is common is tested here, for all three."""

import pytest

from mcpolar.bounds import lemma1, lemma2, theorem1
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from tests.bounds.exact import assert_sandwiched, formula_value, own_side_weight

POINTS = [
    (30, 5, "0.2", 1),
    (7, 1, "0.5", 3),
    (2, 2, "0.1", 1),
    (1, 3, "0.7", 2),
    (3, 4, "5", 1),
    (5, 2, "1.1", 4),
]
SENDERS = [
    ({}, "unrestricted", {}),
    ({"k": 1}, "neighbours", {"k": 1}),
    ({"mirror": "0.4"}, "mirror", {"mu": "0.4"}),
    ({"k": 1, "mirror": "0.25"}, "mirror", {"mu": "0.25"}),
]


def evaluate(function, chain, level, **options):
    return function(chain, **options) if function is lemma1 else function(chain, level=level, **options)


@pytest.mark.parametrize(("options", "senders", "symbols"), SENDERS)
@pytest.mark.parametrize(("m", "r", "sigma", "level"), POINTS)
@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_twin_formula(function, m, r, sigma, level, options, senders, symbols):
    if m == 1:
        options, senders, symbols = {}, "unrestricted", {}
    elif m == 2 and senders == "neighbours":  # k = 1 is all the others
        senders = "unrestricted"
    chain = ChainParameters(m, r, sigma, **options)
    n, a = own_side_weight(chain, level)
    bound = evaluate(function, chain, level)
    values = {"m": m, "r": r, "sigma": sigma, "n": n, "a": a} | symbols
    assert_sandwiched(bound, formula_value(function.__name__, "certified", values, senders=senders))
    assert bound.horizon_steps == (r * m if function is lemma1 else n * m)
    assert bound.formula_latex == _latex(function.__name__, senders)


def _latex(name, senders):
    from mcpolar.bounds import formulas

    return formulas.latex(name, "certified", senders=senders)


@pytest.mark.parametrize(("m", "r", "sigma"), [(30, 5, "0.2"), (3, 1, "0.5"), (4, 2, "2")])
@pytest.mark.parametrize("function", [lemma1, lemma2, theorem1])
def test_twin_formula_of_the_paper(function, m, r, sigma):
    bound = function(ChainParameters(m, r, sigma), variant="paper")
    assert_sandwiched(bound, formula_value(function.__name__, "paper", {"m": m, "r": r, "sigma": sigma}))
    assert (
        bound.horizon_steps
        == {"lemma1": r, "lemma2": 4 * r + 2, "theorem1": 5 * r + 2}[function.__name__] * m
    )


def test_reference_hundreds_of_orders_of_magnitude():
    chain = ChainParameters(30, 5, "0.2")
    certified, paper = theorem1(chain), theorem1(chain, variant="paper")
    assert (certified.horizon_steps, round(certified.log10, 2)) == (150, -204.97)
    assert (paper.horizon_steps, round(paper.log10, 3)) == (810, -670.899)


def test_sandwich_the_theorem_is_at_most_its_lemmas():
    chain = ChainParameters(6, 2, "0.4")
    theorem = theorem1(chain).value.fraction
    assert theorem < lemma2(chain).value.fraction
    assert theorem <= lemma1(chain).value.fraction


@pytest.mark.parametrize("function", [lemma2, theorem1])
def test_law_a_higher_level_takes_longer_and_is_rarer(function):
    chain = ChainParameters(6, 2, "0.4")
    bounds = [function(chain, level=level) for level in range(1, 5)]
    horizons = [bound.horizon_steps for bound in bounds]
    assert horizons == sorted(set(horizons))
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
    assert function(ChainParameters(6, 2, "0.4")).assumptions == (UNIFORM,)
    assert function(ChainParameters(6, 2, "0.4", k=3)).assumptions == (
        Assumption("self-sending", "every agent is its own sender with chance 1/(k + 1) = 1/4", True),
    )
    text = "every agent is its own sender with chance mirror = {}, which must be positive"
    assert function(ChainParameters(6, 2, "0.4", mirror="0.1")).assumptions == (
        Assumption("self-sending", text.format("0.1"), True),
    )
    never = function(ChainParameters(6, 2, "0.4", mirror=0))
    assert never.assumptions == (Assumption("self-sending", text.format("0"), False),)
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
    first, second, both = lemma1(chain), lemma2(chain, level=2), theorem1(chain, level=3)
    assert (first.statement, second.statement, both.statement) == ("lemma1", "lemma2", "theorem1")
    assert first.parameters == chain.as_dict()
    assert second.parameters == chain.as_dict() | {"level": 2}
    assert both.parameters == chain.as_dict() | {"level": 3}
    assert {bound.variant for bound in (first, second, both)} == {"certified"}
    assert lemma1(chain, variant="paper").variant == "paper"
    assert {bound.failure for bound in (first, second, both)} == {None}
    assert first.event == (
        "The probability that after 12 steps, from any state, every memory element of every agent lies in I- or I+ (W)."
    )
    assert second.event == (
        f"The probability that the population is level-2 polarized (E_2) after {second.horizon_steps} steps, from any "
        "state whose memory lies in I- u I+ (W)."
    )
    assert both.event == (
        f"The probability that the population is level-3 polarized (E_3) after {both.horizon_steps} "
        f"steps, from any state."
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
