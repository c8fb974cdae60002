"""L1-paper and L1' sharpened; see test_theorem1 for what L1, L2 and T1 share."""

import pytest

from mcpolar.bounds import lemma1, theorem1
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AnyState, AtEnd, Question


@pytest.mark.parametrize(("r", "sigma"), [(3, "0.2"), (5, "0.7"), (1, "0.4")])
def test_reference_equals_theorem1_where_r_updates_reach_level_one(r, sigma):
    chain = ChainParameters(8, r, sigma)
    assert lemma1(chain).horizon_steps == theorem1(chain).horizon_steps
    assert lemma1(chain).value == theorem1(chain).value


@pytest.mark.parametrize(("variant", "steps"), [("certified", 30), ("paper", None)])
def test_reference_what_the_bound_is_about(variant, steps):
    chain = ChainParameters(8, 3, "0.4")
    bound = lemma1(chain, steps=steps, variant=variant)
    end = AtEnd(steps or 24, None, "all memory is well-behaved at the end")
    assert bound.horizon_steps == end.steps
    assert bound.question == Question(chain, AnyState(), end)
    assert bound.event == (
        f"The probability that after {end.steps} steps, from any state, every memory element of every agent lies "
        "in I- or I+ (W)."
    )


def test_sandwich_one_agent_with_memory_one():
    """m = r = 1: the one draw must land in I- or I+; the bound is P/2, the truth at least P, the ceiling P + P_x."""
    bound = lemma1(ChainParameters(1, 1, "0.3"))
    assert bound.horizon_steps == 1
    assert float(bound.value.fraction) == pytest.approx(0.5 * 0.9044193, rel=1e-6, abs=0)
    assert float(bound.ceiling.value.fraction) == pytest.approx(0.9044193, rel=1e-4, abs=0)
