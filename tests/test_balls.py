"""Ball arithmetic and the exact numbers that leave it."""

import math
import pickle
import threading
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from fractions import Fraction

import flint
import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mcpolar import balls
from mcpolar.balls import (
    Dyadic,
    ball,
    certainly_less,
    decide,
    enclosure,
    guard_bits,
    lower_end,
    upper_end,
    working_precision,
)
from mcpolar.errors import InputError, PrecisionError

MANTISSAS = st.one_of(
    st.integers(1, 2**200), st.integers(1, 2**20), st.sampled_from([1, 10, 10**30, 999_999_999])
)
EXPONENTS = st.one_of(st.integers(-300, 300), st.integers(-(10**5), 10**5))
MODES = {"down": ROUND_DOWN, "up": ROUND_UP, "nearest": ROUND_HALF_UP}


@given(MANTISSAS, st.integers(-300, 300), st.integers(1, 40), st.sampled_from(list(MODES)))
def test_twin_decimals_against_the_decimal_module(mantissa, exponent, digits, rounding):
    number = Dyadic(mantissa, exponent)
    with_all_digits = Context(prec=1000)
    exact = with_all_digits.multiply(Decimal(mantissa), with_all_digits.power(Decimal(2), exponent))
    expected = Context(prec=digits, rounding=MODES[rounding]).plus(exact)
    assert Decimal(number.decimal(digits, rounding)) == expected
    assert Decimal(Dyadic(-mantissa, exponent).decimal(digits, rounding)) == expected.copy_negate()


@given(MANTISSAS, EXPONENTS, st.integers(1, 12))
def test_law_decimals_down_and_up_bracket_within_one_unit(mantissa, exponent, digits):
    number = Dyadic(mantissa, exponent)
    down, up, nearest = (
        Fraction(Decimal(number.decimal(digits, mode))) for mode in ("down", "up", "nearest")
    )
    unit = Fraction(10) ** (int(number.decimal(digits, "down").split("e")[1]) - digits + 1)
    assert down <= number.fraction <= up
    assert down <= nearest <= up
    assert abs(number.fraction - nearest) <= unit / 2
    assert up - down in (0, unit)
    assert (up == down) is (down == number.fraction)


@given(MANTISSAS, st.integers(-(10**30), 10**30), st.integers(2, 9))
def test_law_decimals_of_huge_exponents(mantissa, exponent, digits):
    number = Dyadic(mantissa, exponent)
    body, power = number.decimal(digits, "down").split("e")
    with mpmath.workdps(80):
        log10 = (mpmath.log(mantissa) + exponent * mpmath.log(2)) / mpmath.log(10)
        printed = mpmath.log10(mpmath.mpf(body)) + int(power)
        assert printed <= log10 + mpmath.mpf(10) ** -40
        assert log10 <= mpmath.log10(mpmath.mpf(body) + mpmath.mpf(10) ** (1 - digits)) + int(power)
    assert 1 <= Decimal(body) < 10


@given(MANTISSAS, EXPONENTS)
def test_law_log10_down_and_up_bracket_within_one_unit(mantissa, exponent):
    number = Dyadic(mantissa, exponent)
    low, high = number.log10, number.log10_up
    with mpmath.workdps(60):
        exact = (mpmath.log(mantissa) + exponent * mpmath.log(2)) / mpmath.log(10)
        assert mpmath.mpf(low) <= exact + mpmath.mpf(10) ** -50
        assert mpmath.mpf(high) >= exact - mpmath.mpf(10) ** -50
    assert low <= high
    assert high <= math.nextafter(math.nextafter(low, math.inf), math.inf)


@pytest.mark.parametrize(
    ("number", "digits", "rounding", "text"),
    [
        (Dyadic(0, 0), 7, "down", "0"),
        (Dyadic(1, 0), 1, "down", "1e+00"),
        (Dyadic(1000, 0), 3, "down", "1.00e+03"),
        (Dyadic(9995, 0), 3, "nearest", "1.00e+04"),
        (Dyadic(9994, 0), 3, "nearest", "9.99e+03"),
        (Dyadic(9991, 0), 3, "up", "1.00e+04"),
        (Dyadic(-5, -1), 1, "nearest", "-3e+00"),
        (Dyadic(5, -1), 1, "down", "2e+00"),
        (Dyadic(1, -3000), 4, "down", "8.128e-904"),
        (Dyadic(1, -(10**20)), 3, "down", "4.22e-30102999566398119522"),
    ],
)
def test_reference_decimals(number, digits, rounding, text):
    assert number.decimal(digits, rounding) == text


def test_reference_default_decimal_is_seven_digits_down():
    assert Dyadic(2, 0).decimal() == "2.000000e+00"
    assert Dyadic(0x3FFFFFFF, -30).decimal() == "9.999999e-01"


@pytest.mark.parametrize("digits", [0, -1, 1001, 2.0, True, "7"])
def test_rejects_digits(digits):
    with pytest.raises(InputError, match="`digits` must be a whole number from 1 to 1000"):
        Dyadic(1, 0).decimal(digits)


def test_reference_dyadic_edges():
    assert Dyadic(3, 2).fraction == 12
    assert Dyadic(3, -2).fraction == Fraction(3, 4)
    assert Dyadic(0, 5).is_zero
    assert not Dyadic(1, -5).is_zero
    assert Dyadic(0, 0).log10 == Dyadic(0, 0).log10_up == -math.inf
    assert Dyadic(100, 0).log10 <= 2 <= Dyadic(100, 0).log10_up
    with pytest.raises(ValueError, match="log10 of a negative number"):
        _ = Dyadic(-1, 0).log10
    assert repr(Dyadic(255, -3)) == "Dyadic(0xff, -3)"
    assert eval(repr(Dyadic(3**10000, -3))) == Dyadic(3**10000, -3)


def test_reference_a_near_one_log10_is_below_zero():
    assert Dyadic((1 << 400) - 1, -400).log10 < 0
    assert Dyadic((1 << 400) - 1, -400).log10_up <= 0


@given(st.fractions(), st.integers(10, 200))
def test_law_a_ball_contains_what_it_was_made_from(exact, bits):
    with working_precision(bits):
        made = ball(exact)
        low, high = made.lower().man_exp(), made.upper().man_exp()
    low, high = (Fraction(int(m)) * Fraction(2) ** int(e) for m, e in (low, high))
    assert low <= exact <= high


def test_reference_balls_are_made_exactly():
    with working_precision(200):
        assert ball(Decimal("0.5")).is_exact()
        assert ball(7) == 7
        assert not ball(Decimal("0.1")).is_exact()
        existing = ball(3)
        assert ball(existing) is existing


@pytest.mark.parametrize("value", [0.1, True, 1.0])
def test_rejects_floats_and_booleans(value):
    with (
        pytest.raises(TypeError, match="made from an int, Fraction or Decimal, not from"),
        working_precision(64),
    ):
        ball(value)


def test_rejects_balls_made_outside_the_working_precision():
    """The trap: `lower_end(ball(2).sqrt)` evaluates at 53 bits what `lower_end(lambda: ball(2).sqrt())` resolves."""
    with pytest.raises(RuntimeError, match="a ball is made inside working_precision"):
        lower_end(ball(2).sqrt)
    with pytest.raises(RuntimeError, match="a ball is made inside working_precision"):
        Dyadic(1, 0).ball()
    with working_precision(64), working_precision(80):
        assert ball(1) == 1
    with pytest.raises(RuntimeError):
        ball(1)


def test_control_flint_comparisons_are_false_both_ways_where_balls_overlap():
    """The trap: `not (a < b)` does not mean `a >= b`."""
    with working_precision(64):
        a, b = ball(2).sqrt() ** 2, ball(2)
        assert not a < b
        assert not a >= b
        assert certainly_less(a, b) is None
        assert certainly_less(ball(1), b) is True
        assert certainly_less(b, ball(1)) is False
        assert certainly_less(b, ball(2)) is False


def test_control_flint_balls_cannot_be_pickled_and_dyadics_can():
    with pytest.raises(TypeError):
        pickle.dumps(flint.arb(1))
    assert pickle.loads(pickle.dumps(Dyadic(3, -7))) == Dyadic(3, -7)
    assert hash(Dyadic(3, -7)) == hash(Dyadic(3, -7))


def test_law_decide_raises_precision_until_the_balls_part():
    tiny = Fraction(1, 2**3000)
    assert decide(lambda: certainly_less(ball(2).sqrt(), ball(2).sqrt() + ball(tiny))) is True
    assert decide(lambda: certainly_less(ball(2).sqrt() + ball(tiny), ball(2).sqrt())) is False
    with pytest.raises(PrecisionError, match="could not be decided at 16384 bits"):
        decide(lambda: certainly_less(ball(2).sqrt() ** 2, ball(2)))


@given(st.fractions(Fraction(1, 1000), 1000), st.integers(-50, 50))
def test_law_ends_bracket_a_value_and_are_sharp(exact, power):
    def value_ball():  # a function: its balls must be made at the precision that `enclosure` sets
        return (ball(exact) * ball(power)).exp()

    low, high = enclosure(value_ball)
    with mpmath.workdps(60):
        value = mpmath.exp(mpmath.mpf(exact.numerator) / exact.denominator * power)
        assert mpmath.mpf(low.mantissa) * mpmath.mpf(2) ** low.exponent <= value * (1 + mpmath.mpf(10) ** -50)
        assert mpmath.mpf(high.mantissa) * mpmath.mpf(2) ** high.exponent >= value * (
            1 - mpmath.mpf(10) ** -50
        )
    assert high.fraction - low.fraction <= low.fraction / 2**95
    assert lower_end(value_ball) == low
    assert upper_end(value_ball) == high


def test_law_accuracy_is_had_through_cancellation():
    tiny = Fraction(1, 2**2000)
    found = lower_end(lambda: (ball(2).sqrt() + ball(tiny)) - ball(2).sqrt(), 60)
    assert tiny * (1 - Fraction(1, 2**59)) <= found.fraction <= tiny


def test_reference_ends_of_negative_values():
    low, high = enclosure(lambda: -ball(2).sqrt())
    assert low.fraction < high.fraction < 0
    assert high.fraction - low.fraction < Fraction(1, 2**90)
    assert lower_end(lambda: -ball(2).sqrt()) == upper_end(lambda: -ball(2).sqrt()) == Dyadic(0, 0)
    assert enclosure(lambda: ball(-3)) == (Dyadic(-3, 0), Dyadic(-3, 0))


def test_reference_a_value_that_cannot_be_resolved_keeps_valid_ends():
    """sqrt(2)^2 - 2 is 0, but no precision shows it: the ends shrink to 0 and stay on their sides."""
    low, high = enclosure(lambda: ball(2).sqrt() ** 2 - 2)
    assert low.fraction <= 0 <= high.fraction
    assert high.fraction < Fraction(1, 2**16000)
    assert lower_end(lambda: ball(2).sqrt() ** 2 - 2).is_zero


def test_rejects_values_without_an_enclosure():
    with pytest.raises(PrecisionError, match="no finite enclosure at 16384 bits"):
        lower_end(lambda: ball(0).log())


def test_law_precision_is_restored_also_after_an_error():
    before = flint.ctx.prec
    with pytest.raises(ZeroDivisionError), working_precision(777):
        assert flint.ctx.prec == 777
        with guard_bits(23):
            assert flint.ctx.prec == 800
        assert flint.ctx.prec == 777
        raise ZeroDivisionError
    assert flint.ctx.prec == before


def test_law_threads_wait_for_the_precision():
    """While one thread computes at 1000 bits another one's 64 bits must not reach it."""
    seen, start = [], threading.Barrier(2)

    def work(bits):
        start.wait()
        for _ in range(300):
            with working_precision(bits):
                seen.append((bits, flint.ctx.prec, ball(2).sqrt().rel_accuracy_bits() >= bits - 4))

    threads = [threading.Thread(target=work, args=(bits,)) for bits in (64, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 600
    assert all(asked == had and sharp for asked, had, sharp in seen)


def test_rejects_digits_that_no_precision_settles(monkeypatch):
    monkeypatch.setattr(balls, "LARGEST_BITS", 1)
    with pytest.raises(PrecisionError, match="decimal digits could not be settled at 1 bits"):
        Dyadic(1, -(10**6)).decimal()


@given(st.integers(1, 2**64), st.integers(-5000, 5000))
def test_law_a_dyadic_becomes_the_ball_of_its_value(mantissa, exponent):
    assume(mantissa % 2)
    with working_precision(128):
        again = Dyadic(mantissa, exponent).ball().man_exp()
    assert (int(again[0]), int(again[1])) == (mantissa, exponent)
