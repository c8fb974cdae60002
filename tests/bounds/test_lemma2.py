"""L2-paper and L2' sharpened; see test_theorem1 for what L1, L2 and T1 share."""

import pytest

from mcpolar.bounds import lemma2, theorem1
from mcpolar.parameters import ChainParameters


def test_reference_one_agent_with_memory_one():
    """m = r = 1: one own-side draw in I; the bound is P/2 = erf(1/(2 sqrt2 sigma))/2."""
    bound = lemma2(ChainParameters(1, 1, "0.3"))
    assert bound.horizon_steps == 1
    assert float(bound.value.fraction) == pytest.approx(0.5 * 0.9044193, rel=1e-6, abs=0)


def test_reference_memory_two_takes_two_updates_with_a_hair_less_of_the_interval():
    """r = 2: lambda_2 = 1/sigma^2 + lambda_1 is just below 1/sigma^2; theorem 1's first draws keep off the ends."""
    chain = ChainParameters(7, 2, "0.1")
    assert lemma2(chain, steps=14).value == theorem1(chain, steps=14).value
    assert not lemma2(chain, steps=14).value.is_zero
    other = ChainParameters(4, 3, "0.25")
    assert lemma2(other, steps=14).log10 > theorem1(other, steps=14).log10
