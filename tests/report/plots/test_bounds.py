"""Pictures of bounds hold the certified values and nothing between them; what is 0 is marked, nothing underflows."""

import dataclasses
import math

import numpy as np
import pytest
from matplotlib.figure import Figure

import mcpolar as mp
from mcpolar.bounds.tables import BoundTable
from mcpolar.errors import InputError
from mcpolar.results import Estimate


@pytest.fixture
def axes():
    return Figure().subplots()


def table(**given):
    return mp.table("theorem2", **({"m": 30, "r": 5, "sigma": "0.3", "level": 1, "steps": 1021} | given))


def curves(axes):
    """The lines but the ceilings, which are dotted."""
    return [line for line in axes.lines if line.get_linestyle() != ":"]


def test_reference_curves_are_the_certified_logarithms(axes):
    found = table(sigma=["0.2", "0.3", "1"], level=[1, 2])
    found.plot(axes)
    drawn = {line.get_label(): line.get_xydata().T for line in curves(axes)}
    assert list(drawn) == ["level h = 1", "level h = 2"]
    np.testing.assert_array_equal(drawn["level h = 1"][0], [0.2, 0.3, 1.0])
    expected = [bound.log10 for bound in found if bound.parameters["level"] == 1]
    np.testing.assert_array_equal(drawn["level h = 1"][1], expected)
    assert expected[-1] < -500  # no float holds the probability itself
    assert axes.get_ylabel() == "log10 of the probability"
    assert axes.get_xlabel() == "component standard deviation σ"


def test_reference_likely_events_are_drawn_as_probabilities(axes):
    found = table(sigma=["0.05", "0.1"])
    found.plot(axes)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [float(bound.lower(17)) for bound in found])
    assert axes.get_ylabel() == "probability"


def test_law_a_bound_of_zero_has_no_point_and_a_mark(axes):
    found = mp.table("theorem2", m=30, r=5, sigma="0.2", k=[14, 20], split=15, level=1, steps=100)
    assert [bound.value.is_zero for bound in found] == [False, True]
    found.plot(axes)
    points, zeros = curves(axes)
    assert np.isnan(points.get_ydata()).tolist() == [False, True]
    assert zeros.get_xdata() == [20.0]
    assert "assumption" in zeros.get_label()


def test_reference_a_heat_map_has_a_cell_for_each_bound(axes):
    found = table(sigma=["0.2", "0.3", "0.4"], level=[1, 2])
    found.plot(axes, heat=True)
    values = axes.images[0].get_array()
    assert values.shape == (2, 3)
    logs = {(b.parameters["level"], str(b.parameters["sigma"])): b.log10 for b in found}
    assert values[1, 2] == logs[2, "0.4"]
    assert values[0, 1] == logs[1, "0.3"]


@pytest.mark.parametrize("n_levels", [2, 8, 9, 10, 17])
def test_law_a_heat_map_names_cells_at_equal_distances(axes, n_levels):
    table(sigma=["0.2", "0.3"], level=list(range(1, n_levels + 1))).plot(axes, heat=True)
    ticks = axes.get_xticks()
    assert 2 <= len(ticks) <= 8
    assert ticks[0] == 0
    assert len(set(np.diff(ticks))) == 1


def test_law_the_legend_says_a_thing_once(axes):
    zeros = mp.table("theorem2", m=30, r=5, sigma=["0.2", "0.3"], k=[14, 20], split=15, level=1, steps=10)
    one = Estimate(-1.0, -2.0, -0.5, 0.99, "given", 1, 1)
    zeros.plot(axes, estimates=[one] * 4)
    labels = axes.get_legend_handles_labels()[1]
    # two curves, their ceilings, the mark of 0, the intervals
    assert len(labels) == len(set(labels)) == 5


def test_law_many_curves_become_a_heat_map_of_themselves(axes):
    table(sigma=[f"0.{i}" for i in range(10, 20)], level=list(range(1, 10))).plot(axes)
    assert axes.images


def test_law_what_follows_from_the_parameters_is_no_axis(axes):
    found = table(sigma=["0.05", "0.1"], level=[1, 2])
    more = [
        dataclasses.replace(bound, parameters={**bound.parameters, "log_odds": str(n), "theta": n})
        for n, bound in enumerate(found)
    ]
    BoundTable(tuple(more)).plot(axes)
    assert axes.get_xlabel() == "component standard deviation σ"
    assert [line.get_label() for line in curves(axes)] == ["level h = 1", "level h = 2"]


def test_reference_estimates_are_drawn_with_their_intervals(axes):
    found = table(sigma=["0.2", "0.3"], steps=10)
    seen = [Estimate(-1.0, -2.0, -0.5, 0.99, "given", 1, 1), Estimate(-9.0, -10.0, -8.0, 0.99, "given", 1, 1)]
    found.plot(axes, estimates=seen)
    (container,) = axes.containers
    scale = math.log(10) if axes.get_ylabel().startswith("log10") else None
    ends = np.array([segment[:, 1] for segment in container.lines[2][0].get_segments()])
    expected = np.array([[-2.0, -0.5], [-10.0, -8.0]])
    np.testing.assert_allclose(ends, expected / scale if scale else np.exp(expected))


@pytest.mark.parametrize(
    ("given", "said"),
    [({}, "0 parameters"), ({"sigma": ["0.2", "0.3"], "level": [1, 2], "steps": [5, 6]}, "3 parameters")],
)
def test_rejects_tables_that_no_picture_shows(axes, given, said):
    with pytest.raises(InputError, match=f"{said} with several values"):
        table(**given).plot(axes)


def test_reference_a_comparison(axes):
    found = mp.validate(
        "theorem2", mp.ChainParameters(m=6, r=2, sigma="0.3"), level=1, steps=20, replicas=200, seed=1
    )
    found.plot(axes)
    assert found.verdict in axes.get_title()
    assert any("certified" in line.get_label() for line in axes.lines)
