"""The phase diagram's heat maps hold the numbers of its cells."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from mcpolar.errors import InputError
from mcpolar.metastability import PhaseDiagram, phase_diagram
from mcpolar.parameters import ChainParameters
from mcpolar.report.plots.phases import draw_phases

GRID = [ChainParameters(4, 1, sigma, k=k) for sigma in ("0.5", "1") for k in (1, None)]


@pytest.fixture(scope="module")
def diagram():
    return PhaseDiagram(tuple(phase_diagram(GRID, "random", 40, replicas=20, seed=1)))


def written(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_reference_phases(diagram):
    left, right = (axes for axes in draw_phases(diagram, "sigma", "k").axes if axes.images)
    shares = left.images[0].get_array()
    assert shares.shape == (2, 2)
    assert shares[1, 0] == diagram.cells[1].consensus[0]  # row k = 3, column sigma = 0.5
    assert written(left) == [f"{value:.2f}" for value in shares.ravel()]
    rounds = [diagram.cells[i].consensus_median for i in (0, 2, 1, 3)]
    assert written(right) == [f"> {40 / 4:.3g}" if one is None else f"{one / 4:.3g}" for one in rounds]


@pytest.mark.parametrize("show", ["consensus", "bipolar", "mixed"])
def test_law_the_axes_are_what_varies(diagram, show):
    axes = diagram.plot(Figure().subplots(), show=show)
    drawn = axes.images[0].get_array()
    expected = [[getattr(diagram.cells[i], show)[0] for i in row] for row in ((0, 2), (1, 3))]
    np.testing.assert_array_equal(drawn, expected)
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "component standard deviation σ",
        "neighbourhood size k",
    )


def test_law_a_name_that_is_given_goes_before(diagram):
    axes = diagram.plot(Figure().subplots(), across="k")
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "neighbourhood size k",
        "component standard deviation σ",
    )


def test_law_one_row_can_be_drawn_if_its_axis_is_named(diagram):
    row = replace(diagram, cells=diagram.cells[:1])
    assert row.plot(Figure().subplots(), across="sigma", down="k").images[0].get_array().shape == (1, 1)


def test_law_a_diagram_counts_its_phases(diagram):
    assert len(diagram) == 4
    assert repr(diagram).startswith("<PhaseDiagram: 4 cells, ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"show": "silos"}, "`show` must be one of consensus, bipolar, mixed, rounds"),
        ({"down": "level"}, "`axis` must be one of sigma, k, m, r"),
    ],
)
def test_rejects_what_is_no_axis_or_outcome(diagram, options, said):
    with pytest.raises(InputError, match=said):
        diagram.plot(Figure().subplots(), **options)


def test_rejects_a_line_of_cells(diagram):
    with pytest.raises(InputError, match="two of them"):
        PhaseDiagram(diagram.cells[:2]).plot(Figure().subplots())
