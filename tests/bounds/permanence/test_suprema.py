"""Certified suprema of PM: against published values, against quadrature, and against memories of every size."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import ndtr

from mcpolar.bounds.permanence.shape import Shape
from mcpolar.bounds.permanence.suprema import Enclosure, Suprema, suprema
from tests.bounds.shapes import PUBLISHED, Published, Quadrature

BY_SIGMA = {f"{row.sigma}, {row.level}": row for row in PUBLISHED}


def precision(sigma: str) -> Fraction:
    return 1 / Fraction(sigma) ** 2


@pytest.fixture(scope="module")
def found() -> dict[str, Suprema]:
    return {name: suprema(precision(row.sigma), row.shape) for name, row in BY_SIGMA.items()}


def ends(enclosure: Enclosure) -> tuple[float, float]:
    return float(enclosure.lower.fraction), float(enclosure.upper.fraction)


@pytest.mark.parametrize("name", BY_SIGMA)
def test_reference_published_suprema_are_upper_bounds_and_not_far_off(found, name):
    row = BY_SIGMA[name]
    for enclosure, published in ((found[name].rho, row.rho), (found[name].rho_hat, row.rho_hat)):
        lower, upper = ends(enclosure)
        assert lower < published + 0.0005  # printed to three decimals
        assert upper - lower <= 0.0101 * (1 - lower)
        assert published - lower < 0.035  # what cells of width 0.0025 cost


@pytest.mark.parametrize("is_hat", [False, True])
@pytest.mark.parametrize("name", ["0.3, 1", "0.5, 10"])
def test_twin_quadrature_over_the_whole_half_plane(found, name, is_hat):
    row = BY_SIGMA[name]
    quadrature = Quadrature(row.sigma, row.shape, is_hat=is_hat)
    lower, upper = ends(found[name].rho_hat if is_hat else found[name].rho)
    low = quadrature.y0 if is_hat else -2.5
    line = np.unique([*np.linspace(low, 2.5, 41), quadrature.left, quadrature.x1])
    values = [quadrature.g(a, b) for a in line for b in line[line >= a]]
    assert max(values) <= upper * (1 + Quadrature.ERROR)
    assert max(values) > 0.93 * lower  # the grid is coarse


def memories(quadrature: Quadrature, rng: np.random.Generator) -> list[np.ndarray]:
    """Memories of sizes 1 to 60: of own draws, of the other side's, spread wide, and near the worst pair."""
    low = quadrature.floor if quadrature.floor > 0 else -2.0
    line = np.linspace(low, 2.0, 33)
    values = {(a, b): quadrature.g(a, b) for a in line for b in line if b >= a}
    worst = max(values, key=values.__getitem__)
    sizes = (1, 2, 3, 5, 10)
    wide = [rng.uniform(low, 2.5, size) for size in sizes for _ in range(12)]
    own = [
        np.maximum(low, rng.normal(1, 1 / math.sqrt(quadrature.s), size)) for size in sizes for _ in range(4)
    ]
    pairs = [np.array([worst[0]] * (size - 1) + [worst[1]]) for size in (2, 3, 5, 10, 60)]
    return wide + own + pairs


def largest_ratio(row: Published, *, is_hat: bool) -> float:
    quadrature = Quadrature(row.sigma, row.shape, is_hat=is_hat)
    rng = np.random.Generator(np.random.Philox(5))
    return max(quadrature.ratio(memory) for memory in memories(quadrature, rng))


@pytest.mark.parametrize("is_hat", [False, True])
@pytest.mark.parametrize("name", ["0.2, 5", "0.3, 1", "0.4, 5"])
def test_law_no_memory_of_any_size_exceeds_the_supremum(found, name, is_hat):
    largest = largest_ratio(BY_SIGMA[name], is_hat=is_hat)
    upper = ends(found[name].rho_hat if is_hat else found[name].rho)[1]
    assert largest <= upper * (1 + Quadrature.ERROR)


@pytest.mark.parametrize("name", ["0.2, 5", "0.3, 1", "0.4, 5"])
def test_control_a_supremum_lowered_by_a_tenth_is_exceeded(found, name):
    assert largest_ratio(BY_SIGMA[name], is_hat=False) > 0.9 * ends(found[name].rho)[0]


def closed_form(sigma: float, shape: Shape) -> float:
    """Proposition 4 of the proof: a bound of rho with no supremum."""
    s = 1 / sigma**2
    quadrature = Quadrature(str(sigma), shape)
    theta, alpha, x0, beta, x1 = (
        getattr(quadrature, name) for name in ("theta", "alpha", "x0", "beta", "x1")
    )
    k1 = 0.5 * math.exp(8 * theta**2 * s)
    assert 4 * theta / sigma >= 0.8
    kappa = 2 * theta + alpha
    low = math.exp(s * (alpha * (x0 - 1) + alpha**2 / 2)) * ndtr((x0 - 1 + alpha) / sigma)
    high = math.exp(s * (beta * (1 - x1) + beta**2 / 2)) * ndtr((1 + beta - x1) / sigma)
    return (
        math.exp(-2 * theta * s * x0) * (1 + low + high)
        + k1 * math.exp(-2 * theta * s * (2 - x1))
        + k1 * math.exp(s * (alpha * (x0 - 1) + alpha**2 / 2 - 4 * theta * (1 - alpha) + 2 * theta * x1))
        + math.exp(-2 * theta * s * x1) * ndtr(-(x1 - 1) / sigma)
        + math.exp(-2 * theta * (1 - theta) * s)
        + math.exp(s * (alpha * x0 - kappa + kappa**2 / 2)) * ndtr((x0 - 1 + kappa) / sigma)
    )


def test_reference_the_closed_form_is_larger_and_falls_to_0_with_sigma():
    shape = Shape("0.1", "0.2", "0.05", "0.201", "1.5", "0.45", "0.01")
    values = []
    for sigma in ("0.2", "0.1", "0.05"):
        lower, upper = ends(suprema(precision(sigma), shape).rho)
        values.append(upper)
        assert lower <= closed_form(float(sigma), shape)
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.03


def test_reference_no_contraction_where_sigma_is_large():
    found = suprema(precision("3"), PUBLISHED[2].shape)
    assert found.rho.lower.fraction >= 1
    assert found.rho.upper.fraction >= found.rho.lower.fraction


def test_law_a_box_limit_leaves_a_true_upper_end(monkeypatch, found):
    monkeypatch.setattr(sys.modules["mcpolar.bounds.permanence.suprema"], "MOST_BOXES", 200)
    row = BY_SIGMA["0.3, 1"]
    rough = suprema(precision(row.sigma), row.shape)
    assert rough.rho.upper.fraction > found["0.3, 1"].rho.upper.fraction
    assert rough.rho.lower.fraction <= found["0.3, 1"].rho.upper.fraction


def test_law_boxes_are_not_split_below_the_finest(monkeypatch):
    monkeypatch.setattr(sys.modules["mcpolar.bounds.permanence.suprema"], "FINENESS", 3)
    row = BY_SIGMA["0.3, 1"]
    rough = suprema(precision(row.sigma), row.shape)
    assert rough.rho.lower.fraction < Fraction("0.6672") < rough.rho.upper.fraction


@pytest.mark.parametrize(
    ("sigma", "numbers"),
    [("3", "0.3 6 0.4 0.61 5 0.5 0.1"), ("0.3", "0.2 9 0.4 9 5 0.5 0.1"), ("0.3", "0.5 6 0.4 2 4 0.5 0.1")],
)
def test_reference_steep_shapes_do_not_contract(sigma, numbers):
    found = suprema(precision(sigma), Shape(*numbers.split()))
    assert 1 < found.rho.lower.fraction <= found.rho.upper.fraction
    assert 0 < found.rho_hat.lower.fraction <= found.rho_hat.upper.fraction
