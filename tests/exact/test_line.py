"""The matrices of one update against closed forms of normal integrals."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from mcpolar.exact.kernel import Increments
from mcpolar.exact.line import Line, polarized_breaks
from mcpolar.parameters import ChainParameters


@pytest.fixture(scope="module", params=["0.3", "1", "3"])
def line(request):
    increments = Increments.of(ChainParameters(2, 1, request.param))
    threshold = increments.mean / 2  # level 1
    breaks = polarized_breaks(increments, threshold)
    return increments, threshold, Line.make(increments, breaks, 60 * increments.sd, 9, [0.3, -1.0])


def test_reference_the_chance_to_satisfy_the_event(line):
    increments, threshold, grid = line
    here = grid.index(0.3)
    assert grid.points[here] == 0.3
    for component in (1, -1):
        good, bad = grid.moves(increments, component, threshold)
        np.testing.assert_allclose((good + bad).sum(axis=1), 1, rtol=1e-12)
        expected = 0.0
        for side in (1, -1):
            low, high = sorted(0.3 + side * increments.mean * np.array([0.5, 1.5]))
            low, high = (max(low, threshold), high) if side == 1 else (low, min(high, -threshold))
            law = norm(0.3 + component * increments.mean, increments.sd)
            expected += max(0.0, law.cdf(high) - law.cdf(low))
        assert good[here].sum() == pytest.approx(expected, rel=1e-12)


def test_reference_means_of_smooth_functions(line):
    # E[1/2 erfc(-(l' - c)/(sqrt2 s))] is the same function, wider, at the mean
    increments, _, grid = line
    good, bad = grid.moves(increments, 1)
    assert not good.any()
    scale = 3 + increments.sd
    values = norm.cdf(grid.points / scale)
    expected = norm.cdf((grid.points + increments.mean) / math.hypot(scale, increments.sd))
    np.testing.assert_allclose((bad @ values), expected, atol=1e-6)


def test_law_panels_end_at_breaks_and_are_symmetric(line):
    increments, threshold, grid = line
    np.testing.assert_array_equal(grid.edges, -grid.edges[::-1])
    for value in (0.0, threshold, -threshold, *polarized_breaks(increments, threshold)):
        assert np.abs(grid.edges - value).min() < 1e-6
    assert grid.edges.size < 60
    assert grid.n_nodes == grid.points.size - 2 == 9 * (grid.edges.size - 1)
