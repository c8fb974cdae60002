"""Pictures of exact answers show the numbers that they are given."""

import numpy as np

from mcpolar.report.plots.exact import draw_exact


def test_reference_curves_and_law():
    law = (np.array([-np.inf, -1.0, 0.0, 2.0, np.inf]), np.array([0.0, 0.4, 0.3, 0.0]))
    figure = draw_exact(np.arange(3), {"a": np.array([0.1, 0.2, 0.4]), "b": np.zeros(3)}, law)
    left, right = figure.axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), [0.1, 0.2, 0.4])
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["a", "b"]
    stairs = right.patches[0].get_data()
    np.testing.assert_array_equal(stairs.values, [0.4, 0.3])
    np.testing.assert_array_equal(stairs.edges, [-1.0, 0.0, 2.0])


def test_reference_one_of_them_alone():
    assert len(draw_exact(np.arange(100), {"a": np.ones(100)}).axes) == 1
    (only,) = draw_exact(np.empty(0), {}, (np.array([0.0, 1.0]), np.array([1.0]))).axes
    assert only.get_ylabel() == "density"
