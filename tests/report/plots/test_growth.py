"""The picture of the growth of log-odds holds the numbers of its records."""

from decimal import Decimal

import numpy as np
import pytest
from matplotlib.figure import Figure

from mcpolar.exponents import DecayExponent, Growth
from mcpolar.report.plots.growth import draw_growth


def growth(r: int, sigma: str, rate: float) -> Growth:
    return Growth(r, Decimal(sigma), rate, (rate - 0.5, rate + 0.5), 0.99, 0.0, 2, 2, 0, 0)


FOUND = [growth(10, "0.5", 6.0), growth(1, "0.5", 8.0), growth(1, "2", 0.5)]


def test_reference_one_line_for_each_sigma():
    (axes,) = draw_growth(FOUND).axes
    fine, coarse = (container.lines[0] for container in axes.containers)
    np.testing.assert_allclose(fine.get_xydata(), [[1, 2.0], [10, 1.5]])
    (x, y), *others = coarse.get_xydata()
    assert (y, others) == (2.0, [])
    assert 1 < x < 1.05  # beside the other line, so that their error bars do not overlap
    bars = axes.containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(bars[0][:, 1], [2 - 0.125, 2 + 0.125])
    assert "99% intervals" in axes.get_title()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["σ = 0.5", "σ = 2"]


@pytest.mark.parametrize("sigma", ["0.5", "2"])
def test_reference_exponents_beside_it_in_the_same_colour(sigma):
    figure = draw_growth(FOUND, [DecayExponent(1, Decimal(sigma), 0.7, 0.1, "grid")])
    left, right = figure.axes
    (drawn,) = right.containers
    np.testing.assert_allclose(drawn.lines[0].get_xydata(), [[1, 0.7]], rtol=0.05)
    assert drawn.lines[0].get_ydata().tolist() == [0.7]
    np.testing.assert_allclose(drawn.lines[2][0].get_segments()[0][:, 1], [0.6, 0.8])
    assert drawn.lines[0].get_color() == left.containers[int(sigma == "2")].lines[0].get_color()


def test_reference_one_estimate_draws_itself():
    axes = FOUND[1].plot(Figure().subplots())
    (drawn,) = axes.containers
    assert drawn.lines[0].get_xydata().tolist() == [[1, 2.0]]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1"]
