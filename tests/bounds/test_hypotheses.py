"""Assumptions as they are named, worded and decided; what a published formula shows of them."""

from fractions import Fraction

import pytest

from mcpolar.balls import working_precision
from mcpolar.bounds import silo_persistence, theorem1, theorem2
from mcpolar.bounds.coupons import chance_of_all
from mcpolar.bounds.hypotheses import read_variant, self_sending, separation
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters

WIDE = ChainParameters(4, 1, "2.0", k=1)  # 1/sigma^2 = 1/4: e^(1/4) < 2


@pytest.mark.parametrize(("split", "holds"), [(0, True), (4, True), (1, False), (2, False)])
def test_reference_separation_is_needed_only_between_two_sides(split, holds):
    assert separation(WIDE, split, Fraction(1, 4)).holds is holds
    assert silo_persistence(WIDE, level=1, steps=3, split=split).holds is (split in (0, 4))


def test_reference_self_sending_says_its_chance():
    assert "1/(k + 1) = 1/2" in self_sending(WIDE).text
    assert "m_s/m" in self_sending(ChainParameters(4, 1, "2.0")).text


def test_rejects_a_form_that_does_not_exist():
    with pytest.raises(InputError, match="^`variant` must be certified; got paper$"):
        read_variant("paper", has_paper_form=False)
    with pytest.raises(InputError, match="^`variant` must be certified or paper; got draft$"):
        read_variant("draft")


def test_reference_formulas_show_who_may_send():
    unrestricted, neighbours, mirrored = (
        theorem1(chain).formula
        for chain in (ChainParameters(4, 1, "2.0"), WIDE, ChainParameters(4, 1, "2.0", mirror="0.5"))
    )
    assert (unrestricted.senders, neighbours.senders, mirrored.senders) == (
        "unrestricted",
        "neighbours",
        "mirror",
    )
    assert neighbours.form == "self-sending"
    assert neighbours() != unrestricted()
    assert "k" not in theorem2(ChainParameters(4, 1, "0.5"), level=1, steps=2).formula_latex


def test_reference_too_few_draws_cannot_fill_the_cells():
    with working_precision(64):
        assert chance_of_all(9, 5, 2).is_zero()
        assert chance_of_all(4, 5, 1).is_zero()
