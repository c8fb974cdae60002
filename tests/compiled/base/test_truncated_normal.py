"""Truncated normal draws against SciPy's law; each Kolmogorov-Smirnov test has false-alarm rate 1e-7."""

import numpy as np
import pytest
from scipy import stats

from mcpolar.compiled.base.truncated_normal import fill_truncated_normals
from mcpolar.rng import Purpose, philox_key

FALSE_ALARM = 1e-7
N = 40_000  # resolves a shift of 0.015 in the distribution function with power above 0.99

INTERVALS = [
    (-10, 10),
    (-0.25, 0.25),
    (-1.0, 1.0),
    (-3.0, np.inf),
    (5.0, 25.0),
    (3.0, 3.1),
    (30.0, 50.0),
    (2, np.inf),
]


def draws(low: float, high: float) -> np.ndarray:
    out = np.empty(N)
    fill_truncated_normals(out, low, high, philox_key(5), int(Purpose.CONDITIONAL), 3)
    return out


@pytest.mark.parametrize(("low", "high"), [*INTERVALS, (-50.0, -30.0), (-np.inf, -1.0), (-2.0, 0.5)])
def test_statistics_truncated_normal_has_its_law(low, high):
    sample = draws(low, high)
    assert sample.min() >= low
    assert sample.max() <= high
    assert stats.kstest(sample, stats.truncnorm(low, high).cdf).pvalue > FALSE_ALARM


@pytest.mark.parametrize(("low", "high"), INTERVALS)
def test_control_a_shifted_law_is_caught(low, high):
    sample = draws(low, high)
    shifted = sample + 0.1 * sample.std()
    assert stats.kstest(shifted, stats.truncnorm(low, high).cdf).pvalue < FALSE_ALARM
