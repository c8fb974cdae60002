"""Log-odds of a mean in doubles against 60 digits: their error is far below what they are rounded down by."""

import mpmath
import numpy as np
import pytest

from mcpolar.bounds.majority.many_elements import RELATIVE_SLACK, SLACK, mean_log_odds


def exactly(log_odds, terms, r):
    with mpmath.workdps(60):
        up, down = (
            mpmath.fsum(
                mpmath.mpf(count) / r / (1 + mpmath.exp(-sign * (mpmath.mpf(log_odds) + gain)))
                for count, gain in terms
            )
            for sign in (1, -1)
        )
        return mpmath.log(up / down)


def worst(scale, seed, wrong=0.0):
    """The largest error over 2^-43 (V + 1), of 200 draws of three terms."""
    rng = np.random.default_rng(seed)
    found = 0.0
    for _ in range(200):
        r = int(rng.integers(2, 12))
        plus = int(rng.integers(0, r))
        gain, new, loss = scale * rng.random(3)
        terms = [(1, float(new)), (plus, float(gain)), (r - 1 - plus, -float(loss))]
        place = float(scale * rng.uniform(-1, 1))
        value = mean_log_odds(np.array([place]), terms, r)[0] + wrong * scale
        found = max(found, float(abs(value - exactly(place, terms, r))) / (2.0**-43 * (2 * scale + 1)))
    return found


@pytest.mark.parametrize("scale", [1.0, 40.0, 700.0, 1e5, 1e8])
def test_log_odds_of_a_mean_are_within_their_bound(scale):
    assert worst(scale, seed=1) < 1
    assert 2.0**-43 * (2 * scale + 1) < max(SLACK, RELATIVE_SLACK * scale)


def test_control_a_relative_error_of_1e_11_is_seen():
    assert worst(1e5, seed=1, wrong=1e-11) > 1
