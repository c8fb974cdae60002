"""L2-paper and L2'; see test_theorem1 for what L1, L2 and T1 share."""

import pytest

from mcpolar.bounds import lemma2
from mcpolar.parameters import ChainParameters


def test_reference_one_agent_with_memory_one():
    """m = r = 1: one own-side draw in I; the bound is P/2 = erf(1/(2 sqrt2 sigma))/2."""
    bound = lemma2(ChainParameters(1, 1, "0.3"))
    assert bound.horizon_steps == 1
    assert float(bound.value.fraction) == pytest.approx(0.5 * 0.9044193, rel=1e-6, abs=0)


def test_reference_small_sigma_and_memory_two_take_three_updates():
    """r = 2: lambda_2 = 1/sigma^2 + lambda_1 < 1/sigma^2, since lambda_1 < 0."""
    assert lemma2(ChainParameters(7, 2, "0.1")).horizon_steps == 21
