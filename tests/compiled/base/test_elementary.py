"""The elementary functions against mpmath, in units in the last place."""

import mpmath
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.compiled.base import elementary

exponents = st.floats(-700, 700)
magnitudes = st.floats(2.0**-1022, 2.0**1023)
small = st.floats(1e-300, 1.0).flatmap(lambda x: st.sampled_from([x, -x]))


def units_off(got, exact):
    """Return |got - exact| in units in the last place of the double nearest to `exact`."""
    return float(abs(mpmath.mpf(float(got)) - exact) / mpmath.mpf(float(np.spacing(abs(float(exact))))))


@given(exponents | small)
def test_reference_exp(x):
    with mpmath.workdps(60):
        assert units_off(elementary.exp(x), mpmath.exp(x)) < 1
        assert units_off(elementary.expm1(x), mpmath.expm1(x)) < 2 or x == 0 == elementary.expm1(x)


@given(magnitudes | st.floats(0.5, 2.0))
def test_reference_log(x):
    with mpmath.workdps(60):
        assert units_off(elementary.log(x), mpmath.log(x)) < 1 or x == 1 == 1 + elementary.log(x)


@given(st.integers(0, 2**53).map(lambda n: n / 2**53))
def test_reference_cos_sin(u):
    with mpmath.workdps(60):
        exact = mpmath.cospi(2 * mpmath.mpf(u)), mpmath.sinpi(2 * mpmath.mpf(u))
        for got, want in zip(elementary.cos_sin_turns(u), exact, strict=True):
            assert units_off(got, want) < 2 if want else got == 0


@given(magnitudes.map(lambda x: min(max(x, 2.0**-500), 2.0**500)) | st.floats(0.5, 2.0), st.floats(0.5, 2.0))
def test_reference_log_of_ratio(a, b):
    with mpmath.workdps(60):
        exact = mpmath.log(mpmath.mpf(a) / mpmath.mpf(b))
        got = elementary.log_of_ratio(a, b, a - b)
        assert got == exact == 0 or units_off(got, exact) < 2


@given(st.floats(-1e-3, 1e-3))
def test_reference_log_of_ratio_near_one_from_the_difference(tilt):
    """However small a - b is beside a, the logarithm is right to the last digits of the difference given."""
    tilt *= 2.0**-60
    with mpmath.workdps(60):
        exact = mpmath.log1p(mpmath.mpf(tilt) / 7)
        assert tilt == 0 or units_off(elementary.log_of_ratio(7.0, 7.0, tilt), exact) < 2
