"""Readers of single values: what is taken, what is refused, and by which name."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.checks import check_confidence, exact_decimal, plain, whole_number
from mcpolar.errors import InputError

LOW, HIGH = Decimal("0.001"), Decimal(100)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3)])
def test_law_whole_numbers_of_any_library(value):
    found = whole_number("m", value, 3, 3)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("value", [True, np.True_, 3.0, "3", None, 2, 6, Decimal(3), 10**400])
def test_rejects_what_is_no_whole_number_in_the_range(value):
    with pytest.raises(InputError, match=r"`m` must be a whole number from 3 to 5; got") as caught:
        whole_number("m", value, 3, 5)
    assert caught.value.value is value


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_rejects_truth_values_where_their_numbers_are_allowed(value):
    with pytest.raises(InputError, match="`m` must be a whole number from 0 to 1; got"):
        whole_number("m", value, 0, 1)
    with pytest.raises(InputError, match="`p` must be a number from 0 to 1; got"):
        exact_decimal("p", value, Decimal(0), Decimal(1))


def test_rejects_say_what_is_allowed():
    with pytest.raises(InputError, match=r"`m` must be a whole number >= 3; got 2"):
        whole_number("m", 2, 3)
    with pytest.raises(InputError, match=r"`k` must be a whole number from 1 to m - 1 = 4; got 5"):
        whole_number("k", 5, 1, 4, "m - 1")
    assert whole_number("m", 10**30, 3) == 10**30
    assert (whole_number("k", 1, 1, 4), whole_number("k", 4, 1, 4)) == (1, 4)


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (0.1, "0.1"),
        (np.float64(0.3), "0.3"),
        ("0.30", "0.30"),
        (Decimal("1e-3"), "0.001"),
        (100, "100"),
        (np.int64(7), "7"),
        (100.0, "100"),
    ],
)
def test_reference_exact_decimals(value, exact):
    assert exact_decimal("sigma", value, LOW, HIGH) == Decimal(exact)


@pytest.mark.parametrize(
    "value",
    [
        True,
        "x",
        None,
        [1],
        0.0009,
        100.1,
        "nan",
        "inf",
        float("nan"),
        float("inf"),
        "",
        -1,
        Fraction(1, 3),
        b"1",
    ],
)
def test_rejects_what_is_no_decimal_in_the_range(value):
    with pytest.raises(InputError, match=r"`sigma` must be a number from 0\.001 to 100; got") as caught:
        exact_decimal("sigma", value, LOW, HIGH)
    assert caught.value.value is value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.20", "0.2"),
        ("0.0001", "0.0001"),
        ("0.00012", "0.00012"),
        ("0.00001", "1e-5"),
        ("0.000012", "1.2e-5"),
        ("1e15", "1000000000000000"),
        ("1.5e15", "1500000000000000"),
        ("1e16", "1e16"),
        ("1.25e16", "1.25e16"),
        ("12.50", "12.5"),
        ("-12.50", "-12.5"),
        ("-0.05", "-0.05"),
        ("-1e-7", "-1e-7"),
        ("0", "0"),
        ("-0.00", "0"),
        ("120", "120"),
        ("7", "7"),
        ("1.5", "1.5"),
        ("123", "123"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("NaN", "NaN"),
    ],
)
def test_reference_plain(number, text):
    assert plain(Decimal(number)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value="-1e30", max_value="1e30", places=20))
def test_law_plain_keeps_every_digit(number):
    assert Decimal(plain(number)) == number


def test_law_confidence():
    assert check_confidence(0.5) == 0.5
    assert check_confidence(0.75) == 0.25
    assert check_confidence(np.float64(0.875)) == 0.125
    for value in (0.4999, 1, 1.0, float("nan"), float("inf"), "0.9", None):
        with pytest.raises(
            InputError, match=r"`confidence` must be a number from 0\.5 to below 1.*got"
        ) as caught:
            check_confidence(value)
        assert caught.value.value is value
