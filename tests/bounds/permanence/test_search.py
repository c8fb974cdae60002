"""The search for a shape: its floats agree with the certified numbers, and it finds what was published or better."""

from __future__ import annotations

import math
from dataclasses import astuple
from fractions import Fraction

import pytest

from mcpolar.bounds.permanence.search import Target, find_shape, log_failure
from mcpolar.bounds.permanence.suprema import suprema
from tests.bounds.shapes import PUBLISHED


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row.sigma}, {row.level}")
def test_reference_published_shapes_have_their_published_bounds(row):
    s = 1 / float(row.sigma) ** 2
    found = log_failure(Target(s=s, log_odds=row.level * s), tuple(map(float, astuple(row.shape))))
    # published with suprema from coarser cells
    assert row.log10_failure - 0.05 < (found + math.log(30)) / math.log(10) < row.log10_failure + 0.01


def test_reference_the_search_beats_the_published_bound():
    row = PUBLISHED[3]
    s = 1 / float(row.sigma) ** 2
    target = Target(s=s, log_odds=row.level * s)
    shape = find_shape(target)
    found = (log_failure(target, tuple(map(float, astuple(shape)))) + math.log(30)) / math.log(10)
    assert row.log10_failure - 0.2 < found < row.log10_failure - 0.05
    assert suprema(1 / Fraction(row.sigma) ** 2, shape).rho.upper.fraction < 1


def test_law_a_shorter_horizon_fails_less():
    row = PUBLISHED[2]
    s, shape = 1 / float(row.sigma) ** 2, tuple(map(float, astuple(row.shape)))
    values = [log_failure(Target(s=s, log_odds=s, rounds=rounds), shape) for rounds in (0.1, 1, 5, math.inf)]
    assert values == sorted(values)
    assert values[0] + 2 < values[-1]


def test_reference_no_contraction_is_a_penalty():
    shape = tuple(map(float, astuple(PUBLISHED[2].shape)))
    far, near = (log_failure(Target(s=1 / sigma**2, log_odds=5.0), shape) for sigma in (3.0, 1.0))
    assert far > 1000
    assert near > 1000
