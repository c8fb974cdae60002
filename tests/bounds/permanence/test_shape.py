"""Shapes of PM: what is allowed, and that rounding keeps it."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.bounds.permanence.shape import Shape
from mcpolar.errors import InputError

GOOD = Shape("0.18", "0.44", "0.13", "0.37", "1.5", "0.49", "0.03")


def test_reference_fields_are_exact_decimals():
    assert GOOD.alpha == Decimal("0.44")
    assert Shape.read({**GOOD.as_dict(), "level": 3}) == GOOD
    assert Shape(0.18, 0.44, 0.13, 0.37, 1.5, 0.49, 0.03) == GOOD


@given(
    theta=st.floats(0, 0.9),
    excess=st.floats(0, 2),
    x0=st.floats(0, 0.5),
    share=st.floats(0, 1),
    right=st.floats(1.5, 3),
)
def test_law_rounding_always_gives_an_allowed_shape(theta, excess, x0, share, right):
    alpha = 2 * theta + excess
    given_to = {"theta": theta, "alpha": alpha, "x0": x0, "beta": alpha, "x1": right}
    shape = Shape.rounded(**given_to, xh=x0 + share * (0.5 - x0), y0=share * x0)
    for name, value in given_to.items():
        assert abs(float(getattr(shape, name)) - value) <= 3.01e-5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"theta": "1"}, "`theta` must be below 1; got 1"),
        ({"theta": "0"}, "`theta` must be a number from 1e-18 to 10; got 0"),
        ({"alpha": "0.3599"}, "`alpha` must be at least 2 theta = 0.36; got 0.3599"),
        ({"beta": "0.36"}, "`beta` must be above 2 theta = 0.36; got 0.36"),
        ({"y0": "0.14"}, "`y0` must be at most x0 = 0.13; got 0.14"),
        ({"xh": "0.51"}, "`xh` must be from x0 = 0.13 to 1/2, where I+ begins; got 0.51"),
        ({"xh": "0.12"}, "`xh` must be"),
        ({"x1": "1.49"}, "`x1` must be at least 3/2, where I+ ends; got 1.49"),
        ({"x1": "nan"}, "`x1` must be a number"),
    ],
)
def test_rejects_shapes_that_the_theorem_does_not_allow(change, message):
    with pytest.raises(InputError) as caught:
        dataclasses.replace(GOOD, **change)
    assert str(caught.value).startswith(message)
