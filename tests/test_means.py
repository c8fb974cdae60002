"""Sets of means: their distances against their coordinates, files, and what is refused."""

import math
from fractions import Fraction

import numpy as np
import pytest

from mcpolar.balls import START_BITS, working_precision
from mcpolar.errors import InputError
from mcpolar.means import Means

SETS = {
    "line": Means.read("line", components=7, distance="0.3"),
    "line in the plane": Means.read("line", components=4, dimension=2, distance=2),
    "circle": Means.read("circle", components=9, distance=1),
    "even circle": Means.read("circle", components=6, distance="1.5", dimension=5),
    "pair": Means.read("circle", components=2, distance=1),
    "simplex": Means.read("simplex", components=5, distance="0.7"),
    "simplex in more dimensions": Means.read("simplex", components=5, dimension=8, distance=2),
    "points": Means.read([[0, 0], [1, 1], [3, "-0.5"]]),
    "points of a line": Means.read([0, 3, 1, "1.5"]),
}


@pytest.mark.parametrize("name", SETS)
def test_law_profiles_are_the_distances_of_the_coordinates(name):
    means = SETS[name]
    points = np.array(means.coordinates())
    assert points.shape == (means.components, means.dimension)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    for j, profile in enumerate(means.profiles()):
        listed = sorted(float(gap) for gap, count in profile for _ in range(count))
        assert listed == pytest.approx(sorted(np.delete(gaps[j], j)), rel=1e-12)
    smallest = gaps[~np.eye(means.components, dtype=bool)].min()
    assert float(means.nearest) == pytest.approx(smallest, rel=1e-12)


def test_control_a_wrong_distance_is_seen():
    points = np.array(SETS["circle"].coordinates())
    assert math.dist(points[0], points[2]) != pytest.approx(2, rel=1e-3)


def test_law_balls_hold_the_distances():
    gap = SETS["even circle"].profiles()[0][2][0]  # a diameter: twice the edge of a hexagon
    with working_precision(START_BITS):
        assert bool(gap.as_ball().contains(3))
        assert bool(gap.squared_ball().contains(9))
        assert float(gap.as_ball().rad()) < 1e-30
    assert SETS["points"].profiles()[0][0][0].squared == Fraction(2)
    assert SETS["points of a line"].profiles()[0][1][0].length == Fraction(3, 2)


def test_reference_a_file(tmp_path):
    path = tmp_path / "means.txt"
    path.write_text("# three means\n0, 0\n1 2   # the second\n\n-1;4\n")
    means = Means.read(str(path))
    assert (means.layout, means.components, means.dimension, means.label) == ("points", 3, 2, str(path))
    assert [list(map(float, point)) for point in means.points] == [[0, 0], [1, 2], [-1, 4]]
    assert means.as_dict()["distance"] == f"{math.sqrt(5):.10g}"


@pytest.mark.parametrize(
    ("means", "options", "message"),
    [
        ("nothing.txt", {}, "`means` must be line, circle, simplex, or a text file"),
        ([[0, 0], [1]], {}, "`means` must be 2 to 300 means with equally many coordinates"),
        ([[0, 0]], {}, "`means` must be 2 to 300 means"),
        ([[0], [0]], {}, "`means` must be means that differ"),
        ([[0], ["1e-7"]], {}, "`means` must be means at least 1e-6 apart"),
        ([[0], ["x"]], {}, "`means` must be a number from -1000000 to 1000000; got x"),
        ([[0], [1]], {"components": 3}, "`components` must be 2, as listed has, or absent; got 3"),
        ([[0], [1]], {"distance": 1}, "`distance` must be absent with the means of listed; got 1"),
        ([[0, 0], [1, 1]], {"dimension": 1}, "`dimension` must be a whole number from 2 to 10000; got 1"),
    ],
)
def test_rejects_bad_means(means, options, message):
    with pytest.raises(InputError) as caught:
        Means.read(means, **options)
    assert str(caught.value).startswith(message)
