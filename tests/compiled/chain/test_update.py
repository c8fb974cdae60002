"""One update against the definition in mpmath, wherever the log-odds and elements lie."""

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numba import njit

from mcpolar.compiled.chain.update import farthest, is_plus, updated_log_odds

sigmas = st.sampled_from([0.02, 0.05, 0.2, 0.5, 1.0, 3.0])
log_odds_values = (
    st.floats(-30, 30).map(lambda x: round(x, 30))
    | st.floats(-1e6, 1e6).map(lambda x: round(x, 30))
    | st.sampled_from([0.0, 40.0, -40.0])
)
elements = st.floats(-2, 2).map(lambda x: round(x, 30)) | st.sampled_from([1.0, -1.0, 0.9, -1.1])
memories = st.lists(elements, min_size=1, max_size=12)


@njit
def compiled_update(log_odds, memory, doubled_precision):
    return updated_log_odds(log_odds, memory, 0, memory.size, doubled_precision, np.log(float(memory.size)))


def exact_update(log_odds, memory, doubled_precision):
    """log(A/B) with A the sum of logistic(z) and B that of logistic(-z)."""
    exact = [mpmath.mpf(log_odds) + mpmath.mpf(doubled_precision) * mpmath.mpf(x) for x in memory]
    plus = mpmath.fsum(1 / (1 + mpmath.exp(-z)) for z in exact)
    minus = mpmath.fsum(1 / (1 + mpmath.exp(z)) for z in exact)
    return mpmath.log(plus / minus)


@settings(max_examples=60)
@given(log_odds_values, memories, sigmas)
@example(1e6, [1.0, -1.0, 0.9], 0.02)
@example(0.0, [1.0, -1.0], 0.02)
@example(0.0, [1.0, -0.9], 0.2)  # comes out at 5e-20: neither 0 nor lost in rounding
def test_reference_update(log_odds, memory, sigma):
    doubled_precision = 2 / (sigma * sigma)
    with mpmath.workdps(120):
        exact = exact_update(log_odds, memory, doubled_precision)
        # z itself is rounded once: no double is nearer to it
        rounding = max(abs(log_odds + doubled_precision * x) for x in memory) if abs(exact) < 50 else 0.0
        got = float(compiled_update(log_odds, np.array(memory), doubled_precision))
        assert abs(got - exact) <= 1e-14 * abs(exact) + 2e-16 * rounding + 1e-320


@given(st.floats(0.5, 2), st.integers(1, 5), st.floats(-1e-12, 1e-12))
def test_reference_update_near_balance_keeps_relative_accuracy(scale, half, tilt):
    """Elements in pairs x, -x: the new log-odds are tiny, and right to 14 digits all the same."""
    memory = [sign * scale * (1 + 0.1 * h) for h in range(half) for sign in (1.0, -1.0)]
    doubled_precision = 32.0
    assume(tilt != 0.0)
    with mpmath.workdps(80):
        exact = exact_update(tilt, memory, doubled_precision)
        got = mpmath.mpf(float(compiled_update(tilt, np.array(memory), doubled_precision)))
        # z = tilt + 32 x is rounded at the size of 32 x; its effect on the result is that of the same error in tilt
        slack = 2e-16 * 32 * max(map(abs, memory)) * mpmath.exp(-doubled_precision * scale) * 2
        assert abs(got - exact) <= 1e-13 * abs(exact) + slack


@given(st.integers(0, 2**52 - 1), log_odds_values)
def test_reference_is_plus(n, log_odds):
    u = (n + 0.5) * 2.0**-52
    with mpmath.workdps(60):
        difference = mpmath.log(u) - mpmath.log1p(-mpmath.mpf(u)) - mpmath.mpf(log_odds)
    assume(abs(difference) > 1e-13 * (1 + abs(log_odds)))
    assert is_plus(u, log_odds) == (difference < 0)


@pytest.mark.parametrize(
    ("memory", "y", "expected"),
    [([0.0], 5.0, 0), ([0.0, 2.0], 1.0, 0), ([1.5, 0.0, 2.0, 0.0], 1.0, 1), ([1.0, -3.0, 3.0], 0.5, 1)],
)
def test_reference_farthest_and_its_ties(memory, y, expected):
    assert farthest(np.array([9.0, *memory, 9.0]), 1, len(memory), y) == expected
