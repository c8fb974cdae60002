"""Parameters of the chain."""

import pickle
from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters, standard_deviation


@pytest.mark.parametrize(
    ("sigma", "exact"),
    [
        (0.2, "0.2"),
        ("0.2", "0.2"),
        (Decimal("0.20"), "0.2"),
        (3, "3"),
        (np.float64(0.1), "0.1"),
        ("1e-6", "1e-6"),
        (10**6, "1e6"),
    ],
)
def test_reference_sigma_is_the_decimal_that_was_written(sigma, exact):
    chain = ChainParameters(30, 5, sigma)
    assert chain.sigma == Decimal(exact)
    assert chain.precision == 1 / Fraction(exact) ** 2


def test_reference_unit_of_levels():
    assert ChainParameters(30, 5, 0.2).precision == 25
    assert ChainParameters(30, 5, "0.3").precision == Fraction(100, 9)


@pytest.mark.parametrize(
    ("options", "unrestricted"),
    [
        ({}, True),
        ({"k": 29}, True),
        ({"k": 28}, False),
        ({"mirror": 0}, False),
        ({"k": 29, "mirror": "0.1"}, False),
    ],
)
def test_reference_unrestricted(options, unrestricted):
    assert ChainParameters(30, 5, "0.3", **options).is_unrestricted is unrestricted


def test_reference_dictionary():
    chain = ChainParameters(np.int64(30), 5, "0.30", k=9, mirror=0.5)
    assert chain.as_dict() == {"m": 30, "r": 5, "sigma": "0.3", "k": 9, "mirror": "0.5"}
    assert type(chain.m) is int
    assert ChainParameters(1, 1, 1).as_dict() == {"m": 1, "r": 1, "sigma": "1", "k": None, "mirror": None}


def test_law_frozen_equal_and_picklable():
    chain = ChainParameters(30, 5, 0.2, k=3, mirror="0.1")
    assert chain == ChainParameters(30, 5, "0.2", k=3, mirror=Decimal("0.1"))
    assert hash(chain) == hash(ChainParameters(30, 5, "0.2", k=3, mirror="0.1"))
    assert pickle.loads(pickle.dumps(chain)) == chain
    with pytest.raises(FrozenInstanceError):
        chain.m = 3


NUMBER = "a number from 1e-6 to 1000000"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"m": 0}, "`m` must be a whole number from 1 to 1000000000; got 0"),
        ({"m": 10**9 + 1}, "`m` must be a whole number from 1 to 1000000000; got 1000000001"),
        ({"m": 3.0}, "`m` must be a whole number from 1 to 1000000000; got 3.0"),
        ({"m": True}, "`m` must be a whole number from 1 to 1000000000; got True"),
        ({"m": "3"}, "`m` must be a whole number from 1 to 1000000000; got 3"),
        ({"r": 0}, "`r` must be a whole number from 1 to 1000000; got 0"),
        ({"r": 10**6 + 1}, "`r` must be a whole number from 1 to 1000000; got 1000001"),
        ({"sigma": -0.2}, f"`sigma` must be {NUMBER}; got -0.2"),
        ({"sigma": 0}, f"`sigma` must be {NUMBER}; got 0"),
        ({"sigma": "9e-7"}, f"`sigma` must be {NUMBER}; got 9e-7"),
        ({"sigma": "1000001"}, f"`sigma` must be {NUMBER}; got 1000001"),
        ({"sigma": float("nan")}, f"`sigma` must be {NUMBER}; got nan"),
        ({"sigma": float("inf")}, f"`sigma` must be {NUMBER}; got inf"),
        ({"sigma": "sNaN"}, f"`sigma` must be {NUMBER}; got sNaN"),
        ({"sigma": "abc"}, f"`sigma` must be {NUMBER}; got abc"),
        ({"sigma": None}, f"`sigma` must be {NUMBER}; got None"),
        ({"sigma": True}, f"`sigma` must be {NUMBER}; got True"),
        ({"k": 0}, "`k` must be a whole number from 1 to m - 1 = 29; got 0"),
        ({"k": 30}, "`k` must be a whole number from 1 to m - 1 = 29; got 30"),
        ({"m": 1, "k": 1}, "`k` must be absent when m = 1: a single agent has no neighbours; got 1"),
        (
            {"m": 1, "mirror": 1},
            "`mirror` must be absent when m = 1: a single agent is its own sender always; got 1",
        ),
        ({"mirror": "1.1"}, "`mirror` must be a number from 0 to 1; got 1.1"),
        ({"mirror": -0.1}, "`mirror` must be a number from 0 to 1; got -0.1"),
    ],
)
def test_rejects_bad_values(arguments, message):
    with pytest.raises(InputError) as caught:
        ChainParameters(**{"m": 30, "r": 5, "sigma": "0.3"} | arguments)
    assert str(caught.value) == message


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_law_plain_loses_nothing(number):
    assert Decimal(plain(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0"), ("0.00", "0"), ("-0", "0"), ("30", "30"), ("0.20", "0.2"), ("1E-6", "1e-6"), ("0.0001",
        "0.0001"), ("0.00012", "0.00012"), ("0.00001", "1e-5"),
        ("1.5", "1.5"), ("-2.50", "-2.5"), ("1E+6", "1000000"), ("1E+15", "1000000000000000"), ("1E+16", "1e16"),
        ("1.25E+20", "1.25e20"), ("123456", "123456"),
        ("0.12345678901234567890123456789012345", "0.12345678901234567890123456789012345"), ("NaN", "NaN"),
    ],
)  # fmt: skip
def test_reference_plain(number, text):
    assert plain(Decimal(number)) == text


def test_reference_helpers():
    assert whole_number("n", np.int8(3), 1) == 3
    assert whole_number("n", 10**50, 1) == 10**50
    with pytest.raises(InputError, match="`n` must be a whole number >= 1; got 0"):
        whole_number("n", 0, 1)
    assert exact_decimal("x", "0.10", Decimal(0), Decimal(1)) == Decimal("0.1")
    assert standard_deviation("s", 0.1) == Decimal("0.1")
    with pytest.raises(InputError, match="`s` must be"):
        standard_deviation("s", 0)
