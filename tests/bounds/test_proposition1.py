"""P1: the log-odds move by at most 3/sigma^2."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.bounds import proposition1
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from tests.bounds.exact import as_mpf
from tests.twins.agent import step

INTERVAL = st.one_of(
    st.sampled_from([Fraction(1, 2), Fraction(3, 2), Fraction(1)]),
    st.fractions(Fraction(1, 2), Fraction(3, 2), max_denominator=10**6),
)
BOTH = st.builds(lambda x, sign: sign * x, INTERVAL, st.sampled_from([-1, 1]))


@given(
    st.lists(BOTH, min_size=1, max_size=6),
    BOTH,
    st.decimals(-60, 60, places=3),
    st.sampled_from(["0.05", "0.3", "1.7"]),
)
def test_law_one_update_stays_between_the_ends(memory, update, log_odds, sigma):
    found = proposition1(ChainParameters(3, len(memory), sigma), log_odds=log_odds)
    with mpmath.workdps(80):
        after, _ = step(as_mpf(log_odds), memory, update, Fraction(sigma))
        slack = mpmath.mpf(10) ** -20 * (1 + abs(after))
        assert as_mpf(found.value) - slack <= after <= as_mpf(found.upper) + slack


@pytest.mark.parametrize("sign", [1, -1])
def test_reference_the_ends_are_reached(sign):
    """All memory at +-3/2 moves the log-odds by exactly 3/sigma^2."""
    found = proposition1(ChainParameters(3, 2, "0.3"), log_odds="-2.5")
    after, _ = step(as_mpf("-2.5"), [Fraction(3 * sign, 2)] * 2, Fraction(3 * sign, 2), Fraction("0.3"))
    assert abs(as_mpf(found.upper if sign > 0 else found.value) - after) < mpmath.mpf(10) ** -25


def test_reference_directions_and_record():
    chain = ChainParameters(3, 2, "0.3")
    found = proposition1(chain, log_odds="-2.5")
    exact = Fraction(300, 9)
    assert found.value.fraction < Fraction(-5, 2) - exact
    assert found.upper.fraction > Fraction(-5, 2) + exact
    assert (found.statement, found.variant, found.updates) == ("proposition1", "certified", 1)
    assert found.parameters == chain.as_dict() | {"log_odds": "-2.5"}
    assert found.quantity == "the agent's log-odds of component +1 after one update"
    assert found.assumptions == (
        Assumption("memory", "before the update all memory lies in I- u I+", True),
        Assumption("update", "the update lies in I- u I+", True),
    )
    assert found.formula_latex == r"l - \frac{3}{\sigma^{2}}"
    paper = proposition1(chain, log_odds="-2.5", variant="paper")
    assert (paper.variant, paper.value, paper.upper) == ("paper", found.value, found.upper)
    assert paper.formula_latex == found.formula_latex


def test_rejects_bad_arguments():
    chain = ChainParameters(3, 2, "0.3")
    with pytest.raises(InputError, match="`log_odds` must be a number from -1e18 to 1e18; got 2e18"):
        proposition1(chain, log_odds="2e18")
    with pytest.raises(InputError, match="`variant` must be certified or paper; got x"):
        proposition1(chain, log_odds=1, variant="x")
