"""P3 (refuted) and P3': own-side updates clear the memory."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.bounds import proposition3
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from tests.bounds.test_proposition2 import ANY, INNER
from tests.twins.agent import replace_farthest


def in_interval(memory):
    return sum(Fraction(1, 2) <= element <= Fraction(3, 2) for element in memory)


@given(st.lists(ANY, min_size=1, max_size=7), st.lists(INNER, max_size=12))
def test_law_each_inner_update_clears_one_element_from_any_memory(memory, updates):
    chain = ChainParameters(1, len(memory), "0.3")
    for count, update in enumerate(updates, start=1):
        memory = replace_farthest(memory, update)
        assert in_interval(memory) >= proposition3(chain, updates=count).value.fraction


def test_reference_counterexample_to_the_paper():
    """r = 2, memory (0.45, 5), updates 1.5 then 0.6, all in I+: 5 goes, then 1.5 goes, and 0.45 stays."""
    memory = (Fraction("0.45"), Fraction(5))
    memory = replace_farthest(memory, Fraction("1.5"))
    assert memory == (Fraction("0.45"), Fraction("1.5"))
    memory = replace_farthest(memory, Fraction("0.6"))
    assert memory == (Fraction("0.45"), Fraction("0.6"))
    assert in_interval(memory) == 1 < 2


def test_control_a_wider_inner_interval_would_be_refuted():
    """J = [1 - c, 1 + c] needs c <= 1/6: with c = 1/6 + 1/50 a memory of two is not cleared by two updates."""
    wide = Fraction(1, 6) + Fraction(1, 50)
    low, high = 1 - wide, 1 + wide
    memory = (low - Fraction(37, 100), Fraction(5))
    for update in (high, low):
        memory = replace_farthest(memory, update)
    assert in_interval(memory) == 1


@pytest.mark.parametrize(("updates", "elements"), [(0, 0), (3, 3), (5, 5), (9, 5), (None, 5)])
def test_reference_number_of_elements(updates, elements):
    chain = ChainParameters(9, 5, "0.5")
    found = proposition3(chain, updates=updates)
    n = 5 if updates is None else updates
    assert found.value.fraction == elements
    assert (found.statement, found.variant, found.updates) == ("proposition3", "certified", n)
    assert found.parameters == chain.as_dict() | {"updates": n}
    assert found.assumptions == (
        Assumption("updates", "every update lies in J+ = [5/6, 7/6]; the memory is any", True),
    )
    assert (
        found.quantity == f"the number of an agent's elements in I+ after {n} updates in J+, from any memory"
    )
    assert found.formula_latex == r"\min\left(r, u\right)"


def test_reference_the_papers_form_is_refuted_and_worth_nothing():
    found = proposition3(ChainParameters(9, 2, "0.5"), variant="paper")
    assert found.value.is_zero
    assert found.variant == "paper"
    assert found.assumptions == (
        Assumption(
            "refuted",
            "false for r >= 2: memory (0.45, 5) with r = 2 and updates 1.5, then 0.6: 5 goes, then 1.5 goes, and 0.45 "
            "stays outside I+",
            False,
        ),
    )
    assert found.quantity == "the number of an agent's elements in I+ after 2 updates in I+, from any memory"
    assert found.formula_latex == "r"


def test_reference_the_papers_form_is_true_for_one_element():
    found = proposition3(ChainParameters(9, 1, "0.5"), updates=1, variant="paper")
    assert found.value.fraction == 1
    assert found.assumptions == (
        Assumption("refuted", "r = 1: an update replaces the whole memory (false for r >= 2)", True),
    )


def test_rejects_bad_arguments():
    chain = ChainParameters(9, 2, "0.5")
    with pytest.raises(InputError, match="`updates` must be at least r = 2 with variant='paper'; got 1"):
        proposition3(chain, updates=1, variant="paper")
    with pytest.raises(InputError, match="`updates` must be a whole number >= 0; got -1"):
        proposition3(chain, updates=-1)
    with pytest.raises(InputError, match="`variant` must be certified or paper"):
        proposition3(chain, variant="x")
