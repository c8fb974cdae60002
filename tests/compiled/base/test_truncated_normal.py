"""Truncated normal draws against SciPy's law; each Kolmogorov-Smirnov test has false-alarm rate 1e-7."""

import math

import numpy as np
import pytest
from scipy import stats

from mcpolar.compiled.base.truncated_normal import fill_truncated_normals
from mcpolar.rng import Purpose, philox_key
from tests.calibrated import DiffersError, assert_mean
from tests.twins import philox

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


def draws(low: float, high: float, n: int = N) -> np.ndarray:
    out = np.empty(n)
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


# Beyond 2 the proposals are exponential with a rate near `low`, and the acceptance exp(-(z - rate)^2 / 2) bends their
# law a little: by a hundredth at 5. A sup-distance does not see that; the mean of an indicator of the bend's sign does.
def bend(low: float, high: float, exponent: float = 0.5):
    """Return a set's upper end q, and the chance of z <= q where acceptance has this exponent in place of 1/2."""
    rate = 0.5 * (low + math.sqrt(low * low + 4.0))
    z = np.linspace(low, min(high, low + 40 / rate), 400_001)
    density = np.exp(-rate * (z - low) - exponent * (z - rate) ** 2)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    q = low + 1.3 / rate
    return q, float(np.interp(q, z, area / area[-1]))


@pytest.mark.parametrize(("low", "high", "n"), [(2.0, np.inf, 400_000), (5.0, 25.0, 8_000_000)])
def test_statistics_the_bend_of_a_far_tail(low, high, n):
    q, chance = bend(low, high)
    assert chance == pytest.approx(stats.truncnorm(low, high).cdf(q), rel=1e-6)
    inside = draws(low, high, n) <= q
    apart = abs(bend(low, high, 0.3)[1] - chance)  # exponent 0.3 is seen
    assert_mean(inside, chance, false_alarm=1e-7, resolves=apart, bounds=(0, 1))
    with pytest.raises(DiffersError):
        assert_mean(inside, bend(low, high, 0.3)[1], false_alarm=1e-7, resolves=apart, bounds=(0, 1))


def slowly(low: float, high: float, index: int, exponent: float = 0.5) -> tuple[float, int]:
    """Return the draw of this index in a tail, and the attempt that gave it, from the documented words."""
    key = tuple(int(word) for word in philox_key(5))
    rate = 0.5 * (low + math.sqrt(low * low + 4.0))
    for attempt in range(50):
        words = philox.block(key, int(Purpose.CONDITIONAL), 3, index * 2**20 + attempt)
        z = low - math.log(philox.uniform(*words[:2])) / rate
        if z <= high and math.log(philox.uniform(*words[2:])) <= -exponent * (z - rate) ** 2:
            return z, attempt
    raise AssertionError("no attempt was accepted")


@pytest.mark.parametrize(
    ("low", "high", "n", "flips"), [(5.0, 25.0, 4000, 10), (30.0, 50.0, 24_000, 1), (2.0, np.inf, 2000, 40)]
)
def test_twin_far_tails(low, high, n, flips):
    # at 30 the bend is 1e-3: no sample of a size that can be drawn shows it, but a few decisions turn
    found = draws(low, high, n)
    twin = np.array([slowly(low, high, index)[0] for index in range(n)])
    np.testing.assert_allclose(found, twin, rtol=1e-12)
    other = np.array([slowly(low, high, index, 0.3)[0] for index in range(n)])
    assert (other != twin).sum() >= flips  # control: this many draws tell the exponents apart
