"""Horizons: integers and expressions in m."""

import math
import pickle
import time
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.balls import working_precision
from mcpolar.errors import InputError
from mcpolar.steps import MOST_STEPS, Steps

ALLOWED = "a whole number from 0 to 2^53 or an expression in m with + - * / ^ log sqrt exp, e.g. 10*m*log(m)"


@pytest.mark.parametrize(
    ("given", "m", "whole", "is_whole"),
    [
        (0, 30, 0, True),
        ("1021", 30, 1021, True),
        (" 7 ", 30, 7, True),
        ("10*m*log(m)", 30, 1021, False),
        ("2*m*log(m)", 30, 205, False),
        ("m", 30, 30, True),
        ("m/4", 30, 8, False),
        ("m/5", 30, 6, True),
        ("m^2", 30, 900, True),
        ("m**2 - 1", 30, 899, True),
        ("-m + 40", 30, 10, True),
        ("+m", 30, 30, True),
        ("2^(-1)", 30, 1, False),
        ("0.1*10", 30, 1, True),
        ("0.1 + 0.2", 30, 1, False),
        ("1e3", 30, 1000, True),
        ("sqrt(m)", 30, 6, False),
        ("sqrt(m)", 36, 6, True),
        ("exp(1)", 30, 3, False),
        ("m^0.5", 30, 6, False),
        ("2^53", 30, 2**53, True),
        (2**53, 30, 2**53, True),
        ("3^64*3^(-64)", 30, 1, True),
        ("log(m)", 1, 0, True),
    ],
)
def test_reference_values(given, m, whole, is_whole):
    steps = Steps.read(given, m)
    assert (steps.whole, steps.is_whole, steps.m) == (whole, is_whole, m)
    assert steps.expression == str(given).strip()
    assert whole - 1 < steps.real <= whole


def test_reference_an_integer_that_balls_cannot_see_is_rounded_up_validly():
    steps = Steps.read("exp(log(m))", 30)
    assert steps.whole in (30, 31)
    assert not steps.is_whole


@pytest.mark.parametrize(
    "given",
    [
        "n", "m + x", "__import__('os')", "m.real", "m()", "abs(m)", "log(m, 2)", "log(x=m)", "log()",
        "m if m else 1", "[m]",
        "'m'", "True", "m % 2", "m // 2", "m << 2", "~m", "not m", "m == 1", "m, m", "lambda: 1", "m := 3", "",
        "   ", "1 +", "*", "1j", "log",
        "f'{m}'", "None", "m\x00", "1_0 m", "(" * 100 + "m", "m" + "+m" * 100, "log(*m)", "sqrt(log)",
    ],
)  # fmt: skip
def test_rejects_names_calls_and_whatever_is_no_arithmetic(given):
    with pytest.raises(InputError) as caught:
        Steps.read(given, 30)
    assert str(caught.value).startswith(f"`steps` must be {ALLOWED}; got ")


@pytest.mark.parametrize(
    "given",
    [
        -1, "-1", "m - 31", 2**53 + 1, "2^53 + 1", "2^53 + 0.5", "m^m", "1/0", "m/(m - m)", "log(0)", "log(-1)",
        "sqrt(-1)", "1e400", "0^(-1)",
        "exp(exp(exp(9)))", "9^9^9^9^9", "((((9^64)^64)^64)^64)^64", "(-8)^(1/3)", True, False, 2.5, None, b"7", [7],
    ],
)  # fmt: skip
def test_rejects_values_out_of_range_and_other_types_quickly(given):
    before = time.process_time()
    with pytest.raises(InputError) as caught:
        Steps.read(given, 30)
    assert caught.value.name == "steps"
    assert time.process_time() - before < 2


@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(1, 50))
def test_law_rationals_are_rounded_up_exactly(a, b, m):
    steps = Steps.read(f"{a}*m/{b}", m)
    assert steps.whole == math.ceil(Fraction(a * m, b))
    assert steps.is_whole is (a * m % b == 0)


@given(st.integers(1, 1000), st.integers(2, 10**6))
def test_law_the_whole_value_is_the_ceiling_of_the_real_one(a, m):
    steps = Steps.read(f"{a}*m*log(m)", m)
    with mpmath.workdps(50):
        exact = a * m * mpmath.log(m)
        assert steps.whole == int(mpmath.ceil(exact))
    with working_precision(200):
        enclosed = steps.ball()
        assert bool(enclosed > steps.whole - 1)
        assert bool(enclosed < steps.whole)
    assert steps.real == pytest.approx(float(exact), rel=1e-15, abs=0)


def test_law_reading_twice_changes_nothing_and_another_m_reads_again():
    steps = Steps.read("10*m*log(m)", 30)
    assert Steps.read(steps, 30) is steps
    assert Steps.read(steps, 2) == Steps.read("10*m*log(m)", 2)
    assert pickle.loads(pickle.dumps(steps)) == steps


@pytest.mark.parametrize("expression", ["10*m*log(m)", "m^2/7 - sqrt(m)", "exp(m/10)", "0.1*m", "-(-m)"])
def test_twin_sympy_expression(expression):
    steps = Steps.read(expression, 30)
    symbol = sympy.Symbol("m", integer=True, positive=True)
    assert float(steps.symbolic().subs(symbol, 30)) == pytest.approx(steps.real, rel=1e-14, abs=0)


def test_reference_limit():
    assert MOST_STEPS == 2**53


@given(
    root=st.integers(1, 40),
    factor=st.decimals("0.001", "50", places=3),
    shift=st.integers(0, 9),
    divisor=st.sampled_from([1, 2, 3, 7]),
)
def test_law_whole_is_the_ceiling_and_is_whole_says_whether_it_is_the_value(root, factor, shift, divisor):
    # roots of squares are exact in balls, so the values are rational ones that the parser does not see as such
    steps = Steps.read(f"sqrt(m)*{factor}/{divisor} + {shift}", root**2)
    exact = root * Fraction(factor) / divisor + shift
    assert steps.whole == math.ceil(exact) or (
        divisor > 2 and steps.whole == exact + 1
    )  # 1/3 is no exact ball
    assert not steps.is_whole or exact == steps.whole
    assert steps.is_whole or steps.whole > exact or divisor > 2
    assert Steps.read("sqrt(m)*7.5", 9).is_whole is False
