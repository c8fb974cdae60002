"""T1B: the ceiling against exact quadrature at r = 1, published values, and what must hold of it."""

from decimal import Decimal

import pytest

from mcpolar.bounds.polarization.bipolar_ceiling import bipolar_ceiling
from mcpolar.bounds.polarization.lower import best
from mcpolar.bounds.polarization.plan import plan_from_any_memory
from mcpolar.chain import ChainState
from mcpolar.exact import polarized_probabilities
from mcpolar.parameters import ChainParameters


@pytest.mark.parametrize(
    ("m", "r", "sigma", "steps", "log10"),
    [
        (2, 1, "0.5", 2, -1.23),
        (5, 2, "0.3", 10, -5.75),
        (10, 5, "0.2", 50, -25.1),
        (30, 5, "0.2", 150, -77.6),
        (30, 10, "0.3", 300, -173.5),
    ],
)
def test_reference_values_at_the_first_horizon(m, r, sigma, steps, log10):
    assert bipolar_ceiling(m, r, Decimal(sigma), steps).at.log10_up == pytest.approx(log10, abs=0.06)


@pytest.mark.parametrize(
    ("m", "r", "sigma", "log10"), [(2, 1, "0.5", -0.93), (10, 5, "0.2", -7.99), (30, 5, "0.2", -23.97)]
)
def test_reference_values_at_every_horizon(m, r, sigma, log10):
    """The published ones are for other cells and other numbers of draws; any are valid."""
    assert log10 - 0.3 < bipolar_ceiling(m, r, Decimal(sigma), 2 * r * m).ever.log10_up < log10 + 0.1


@pytest.mark.parametrize(("m", "sigma"), [(1, "0.5"), (2, "0.5"), (2, "0.3"), (3, "0.5")])
def test_sandwich_the_exact_chance_of_the_deep_bipolar_start(m, sigma):
    """With memory size 1 the ceiling is the limit itself; a log-odds of 10^4 is near it."""
    steps = 2 * m + 1
    found = bipolar_ceiling(m, 1, Decimal(sigma), steps)
    side = [1.0] * found.split + [-1.0] * (m - found.split)
    state = ChainState.from_arrays([1e4 * s for s in side], [[0.4 * s] for s in side])
    curve = polarized_probabilities(ChainParameters(m, 1, sigma), state, steps, tolerance=1e-7)
    assert float(found.at.fraction) == pytest.approx(curve.probability[steps], rel=1e-4)
    assert (
        best(plan_from_any_memory(ChainParameters(m, 1, sigma), 1), steps).value.fraction
        < curve.probability[steps]
    )


def test_law_nothing_is_possible_below_r_m_steps_and_ever_is_above_all():
    assert bipolar_ceiling(4, 2, Decimal("0.3"), 7).at.is_zero
    values = [bipolar_ceiling(4, 2, Decimal("0.3"), steps) for steps in (8, 12, 20, 60)]
    sizes = [value.at.fraction for value in values]
    assert sizes == sorted(sizes)
    assert all(value.at.fraction <= value.ever.fraction for value in values)


@pytest.mark.parametrize("r", [1, 2, 4, 8, 15, 50, 150])
def test_law_every_memory_size_has_a_ceiling_above_the_bound(r):
    chain = ChainParameters(3, r, "0.25")
    found = bipolar_ceiling(3, r, chain.sigma, 3 * r + 2)
    bound = best(plan_from_any_memory(chain, 1), 3 * r + 2)
    assert 0 < bound.value.fraction < found.at.fraction <= 1
