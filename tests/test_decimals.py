"""Decimals of logarithms and doubles, against exact arithmetic of another kind (mpmath, fractions)."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.decimals import is_number, scientific, significant


def exact(log_value: float) -> mpmath.mpf:
    with mpmath.workdps(60):
        return mpmath.exp(mpmath.mpf(log_value))


@pytest.mark.parametrize(
    ("log_value", "digits", "rounding", "text"),
    [
        # mpmath, 60 digits: e^-1 = 0.367879441..., e^2.5 = 12.1824939607..., e^-1000 = 5.0759588975e-435
        (-1.0, 4, "nearest", "3.679e-01"),
        (-1.0, 4, "down", "3.678e-01"),
        (-1.0, 4, "up", "3.679e-01"),
        (-1.0, 1, "nearest", "4e-01"),
        (-1.0, 1, "down", "3e-01"),
        (2.5, 5, "nearest", "1.2182e+01"),
        (2.5, 5, "up", "1.2183e+01"),
        (-1000.0, 9, "nearest", "5.07595890e-435"),
        (-1000.0, 9, "down", "5.07595889e-435"),
        (-1000.0, 9, "up", "5.07595890e-435"),
        (math.log(0.99996), 4, "nearest", "1.000e+00"),  # carries into the next power
        (math.log(99.996), 4, "nearest", "1.000e+02"),
        (-1e-17, 7, "up", "1.000000e+00"),
        (-1e-17, 7, "down", "9.999999e-01"),
        (0.0, 3, "up", "1.00e+00"),
        (0.0, 3, "nearest", "1.00e+00"),
        (0.0, 3, "down", "9.99e-01"),
        (-math.inf, 3, "up", "0"),
        (-math.inf, 3, "nearest", "0"),
        (math.nan, 3, "nearest", "nan"),
        (math.log(5), 7, "up", "5.000001e+00"),
    ],
)
def test_reference_scientific(log_value, digits, rounding, text):
    assert scientific(log_value, digits, rounding) == text


@pytest.mark.parametrize("log_value", [-1.0, -1000.0, -1e5, 40.0])
def test_reference_the_directions_leave_room_for_the_rounding_of_the_logarithm(log_value):
    with mpmath.workdps(60):
        low, high = (mpmath.mpf(scientific(log_value, 30, way)) for way in ("down", "up"))
        width = (high - low) / exact(log_value) / (1 + abs(log_value))
        assert abs(width - mpmath.mpf("8e-16")) < mpmath.mpf("1e-17")


def test_reference_the_nearest_decimal_is_that_of_the_logarithm_as_it_is():
    # mpmath: e^-1 = 0.3678794411714423215955238
    assert scientific(-1.0, 22) == "3.678794411714423215955e-01"


def test_reference_seven_digits_to_nearest_are_the_default():
    assert scientific(-1.0) == "3.678794e-01"
    assert significant(1 / 3) == "0.333333"


@given(st.floats(-1e5, 50), st.integers(2, 9))
def test_sandwich_the_directions_enclose_the_value(log_value, digits):
    with mpmath.workdps(60):
        value = exact(log_value)
        low, near, high = (
            mpmath.mpf(scientific(log_value, digits, way)) for way in ("down", "nearest", "up")
        )
        assert low <= value
        assert value <= high
        # and are no further apart than two units of the last digit and the double's own rounding
        assert high - low <= value * (mpmath.mpf(22) / 10**digits + 4e-15 * (1 + abs(log_value)))
        assert low <= near <= high


@given(st.floats(-1e300, 1e300), st.integers(1, 12))
def test_sandwich_significant_digits_are_rounded_in_their_direction(value, digits):
    low, near, high = (Fraction(significant(value, digits, way)) for way in ("down", "nearest", "up"))
    # a text is read back as the double next to it: it is that which is compared
    assert float(low) <= value <= float(high)
    assert low <= near <= high
    unit = abs(Fraction(value)) * Fraction(10, 10**digits)
    assert high - low <= unit * Fraction(11, 10)


@pytest.mark.parametrize(
    ("value", "digits", "rounding", "text"),
    [
        (-1.0036431, 6, "down", "-1.00365"),
        (-1.0036431, 6, "up", "-1.00364"),
        (-1.0036439, 6, "up", "-1.00364"),
        (-1.0036439, 6, "nearest", "-1.00364"),
        (2.5, 6, "down", "2.5"),
        (2.5, 6, "up", "2.5"),
        (1234567.0, 3, "up", "1.24e+06"),
        (1234567.0, 3, "down", "1.23e+06"),
        (math.inf, 6, "down", "inf"),
        (-math.inf, 6, "up", "-inf"),
        (math.nan, 6, "up", "nan"),
        (0.0, 6, "down", "0"),
    ],
)
def test_reference_significant(value, digits, rounding, text):
    assert significant(value, digits, rounding) == text


@pytest.mark.parametrize("text", ["1", "-1.5e-400", "inf", "-inf", " 7 "])
def test_reference_numbers(text):
    assert is_number(text)
    assert Decimal(text.strip()) is not None


@pytest.mark.parametrize("text", ["", "nan", "x", "1,5", "0x10", "1e"])
def test_reference_no_numbers(text):
    assert not is_number(text)
