"""GT2's event: the bound below, the two-component chain beside, one step exactly."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from mcpolar.bounds import theorem2
from mcpolar.bounds.mixtures.cells import least_chance
from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.means import Means
from mcpolar.montecarlo import conditional, level_kept
from mcpolar.montecarlo.mixture import GeneralMixture, general_kept
from mcpolar.parameters import ChainParameters

CONFIDENCE = 1 - 1e-6


def mixture(c=3, d=2, sigma="0.5", level=1, m=8, r=2, distance="4", **options) -> GeneralMixture:
    return GeneralMixture(c, d, Decimal(distance), Decimal(sigma), level, m, r, **options)


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({}, 100),
        ({"c": 4, "d": 3, "sigma": "0.6"}, 200),
        ({"c": 5, "d": 1, "smallest_silo": 3, "m": 12, "k": 2, "sigma": "0.45", "level": 2}, 150),
        ({"c": 3, "d": 10, "sigma": "0.5"}, 60),
    ],
)
def test_sandwich_the_bound_lies_below(options, steps):
    population = mixture(**options)
    found = general_kept(population, steps, replicas=400, seed=1)
    bound = population.bound(steps)
    assert 0 < bound.value.log10 * -1 < 200
    assert bound.log10 <= found.log_low / math.log(10) + 1e-9  # at level 2 they agree to 12 digits
    hits = steps * math.log10(math.e) * _log_hit(population)
    assert found.log_high / math.log(10) <= hits + 1e-9  # weights of 1 could not do better


def _log_hit(population):
    from scipy.stats import chi

    return chi(population.dimension).logcdf(float(population.distance / (4 * population.sigma)))


def test_statistics_two_components_on_a_line_are_the_chain():
    # means 2 apart: the chain's, but for arrivals drawn by the other component, which is handled by density here
    chain = ChainParameters(6, 3, "0.6", k=2)
    steps = 40
    ours = conditional(
        chain,
        Start("boundary", split=3),
        level_kept(chain, 1, steps),
        replicas=4000,
        seed=1,
        confidence=CONFIDENCE,
    )
    population = mixture(2, 1, "0.6", m=6, r=3, distance="2", smallest_silo=3, k=2)
    general = general_kept(population, steps, replicas=4000, seed=2, confidence=CONFIDENCE)
    assert ours.log_low <= general.log_high
    assert general.log_low <= ours.log_high
    assert general.log_high - general.log_low < 0.1
    bound = theorem2(chain, level=1, steps=steps, split=3)
    assert population.bound(steps).log10 < bound.log10  # GT2 drops the other component's share


def test_control_a_forgotten_component_is_caught():
    # without the density of the sender's other components the estimate is that of an own draw alone
    population = mixture(2, 1, "1.2", m=1, r=1, distance="2")
    found = general_kept(population, 1, replicas=4000, seed=1, confidence=CONFIDENCE)
    chain = ChainParameters(1, 1, "1.2")
    exact = theorem2(chain, level=1, steps=1).log10 * math.log(10)
    assert found.log_low <= exact <= found.log_high
    assert population.bound(1).log10 * math.log(10) < found.log_low


@pytest.mark.parametrize(("c", "d"), [(2, 1), (3, 2), (4, 3), (3, 5), (5, 2)])
def test_law_means_are_at_the_distance_and_the_start_is_at_the_level(c, d):
    population = mixture(c, d, "0.7", level=2, smallest_silo=2, k=1)
    means = population.means()
    gaps = np.linalg.norm(means[:, None] - means, axis=2)[~np.eye(c, dtype=bool)]
    assert gaps.min() == pytest.approx(4, rel=1e-14)
    assert c > d + 1 or gaps.max() == pytest.approx(4, rel=1e-14)
    log_weights, memory = population.state()
    silo = population.silos()
    assert np.exp(log_weights).sum(axis=1) == pytest.approx(1, rel=1e-14)
    others = log_weights[np.arange(c) != silo[:, None]].reshape(8, c - 1)
    gamma = 16 / (4 * 0.49)
    assert (log_weights[np.arange(8), silo][:, None] - others) == pytest.approx(2 * gamma, rel=1e-12)
    assert np.linalg.norm(memory - means[silo][:, None], axis=2) == pytest.approx(1, rel=1e-14)
    assert np.bincount(silo).min() >= 2


def test_law_same_bits_for_any_workers():
    population = mixture(smallest_silo=4, k=3, level=2)
    found = [general_kept(population, 50, replicas=100, seed=3, workers=w) for w in (1, 2, 3)]
    assert found[0] == found[1] == found[2]


def test_rejects_open_neighbourhoods_and_sizes():
    with pytest.raises(InputError, match="`k` must be such that no agent"):
        general_kept(mixture(smallest_silo=3, k=3), 5, replicas=10, seed=1)
    with pytest.raises(InputError, match="`smallest_silo` must be at most"):
        mixture(smallest_silo=9, k=1).silos()
    with pytest.raises(InputError, match="`m` must be"):
        general_kept(mixture(m=0), 5, replicas=10, seed=1)


def test_reference_cells_of_a_simplex():
    """One step from level 40, where other weights are nothing: the chance of an own draw in its cell."""
    means = Means.read("simplex", components=6, distance=4)
    population = GeneralMixture(6, 5, Decimal(4), Decimal(1), 40, 4, 2, cells=means)
    found = general_kept(population, 1, replicas=50, seed=1)
    exact = least_chance(means, 6, 5, means.nearest, Fraction(1))
    assert found.log_probability == pytest.approx(math.log(float(exact.hit.fraction)), rel=1e-9)


@pytest.mark.parametrize("layout", ["line", "circle", "simplex"])
def test_sandwich_the_bound_in_cells_lies_below(layout):
    means = Means.read(layout, components=4, distance=2)
    population = GeneralMixture(4, means.dimension, Decimal(2), Decimal("0.4"), 1, 8, 2, cells=means)
    found = general_kept(population, 60, replicas=300, seed=1)
    bound = population.bound(60)
    assert 0 < -bound.value.log10 < 100
    assert bound.log10 <= found.log_low / math.log(10) + 1e-9


def test_control_cells_without_their_chance_are_caught():
    """Ten steps of m = 1 on a line: by crude simulation of draws in [-D/4, D/4], at the estimate's interval."""
    from scipy.stats import norm

    means = Means.read("line", components=3, distance=2)
    population = GeneralMixture(3, 1, Decimal(2), Decimal("0.5"), 30, 1, 1, cells=means)
    found = general_kept(population, 10, replicas=200, seed=1)
    half, edge = 1 - 2 * norm.sf(1.0), 1 - norm.sf(1.0)
    assert found.log_low - 1e-9 <= 10 * math.log(edge) <= found.log_high + 1e-9
    assert abs(10 * math.log(half) - found.log_probability) > 1
