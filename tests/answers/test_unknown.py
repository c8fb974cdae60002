"""Values in order: neighbouring places are one unit in the last digit apart, across powers of ten too."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.answers.unknown import DECIMAL, WHOLE, Unknown, names_of
from mcpolar.statements import probability_statements


@given(st.integers(1, 12), st.integers(-5, 5), st.integers(0, 10**11))
def test_law_places_and_values_are_inverse_and_in_order(digits, power, leading):
    unknown = Unknown.of("log_odds", digits)
    mantissa = 10 ** (digits - 1) + leading % (9 * 10 ** (digits - 1))
    value = Decimal(mantissa).scaleb(power - digits + 1)
    place = unknown.place(value)
    assert Decimal(unknown.value(place)) == value
    following = Decimal(unknown.value(place + 1))
    assert following - value == Decimal(1).scaleb(power - digits + 1)


def test_reference_steps_over_a_power_of_ten():
    sigma = Unknown.of("sigma", 2)
    place = sigma.place("0.1")
    assert [sigma.value(place + k) for k in (-2, -1, 0, 1)] == ["0.098", "0.099", "0.1", "0.11"]
    assert sigma.place("0.1099") == place


def test_law_every_number_of_a_statement_can_be_solved_for():
    for statement in probability_statements():
        named = set(names_of(statement))
        numbers = {one.name for one in statement.options if one.kind != "text" or one.name == "steps"}
        assert numbers <= named, statement.command
        assert named <= WHOLE.keys() | DECIMAL.keys()


@pytest.mark.parametrize("name", [*WHOLE, *DECIMAL])
def test_law_the_ends_are_values(name):
    unknown = Unknown.of(name, 3)
    for place in (unknown.first, unknown.last):
        assert unknown.place(unknown.value(place)) == place
