"""Particles against the grid's eigenvalue, within their error; and if nothing says where to look."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from mcpolar.compiled.memory.particles import (
    interpolate_others,
    interpolated,
    move_particles,
    place_on_grid,
    resample,
    sort_parts,
)
from mcpolar.compiled.memory.sorted import replace_sorted
from mcpolar.exponents.memory_grid import MemoryGrid, grid_root
from mcpolar.exponents.memory_particles import Particles, particle_root
from mcpolar.rng import philox_key
from tests.exponents.test_memory_grid import states_in_order
from tests.twins.agent import replace_farthest

FEW = {"particles": 200, "steps": 50, "runs": 6, "seed": 0}


@pytest.mark.parametrize(("r", "sigma", "nodes"), [(2, 0.5, 30), (3, 0.5, 20)])
def test_sandwich_particles_find_the_grids_limit(r, sigma, nodes):
    theta, error = grid_root(r, sigma, 50)
    found = particle_root(r, sigma, nodes, **FEW)
    assert abs(found.theta - theta) < found.error + error
    assert found.error < 0.012
    assert found.effective_share > 0.8
    assert abs(found.bias) <= found.error


def test_sandwich_a_coarse_grid_does_where_elements_stay_for_long():
    # sigma 0.2: with Psi at the nearest multiset instead of between, theta* came out 0.0025 too large
    theta, error = grid_root(3, 0.2, 80)
    found = particle_root(3, 0.2, 24, **FEW)
    assert abs(found.theta - theta) < found.error + error < 0.004


def test_law_the_twist_is_interpolated_between_multisets():
    # a sum of linear functions of the elements is interpolated exactly; at the nodes anything is
    grid, generator = MemoryGrid(3, 0.8, 6), np.random.Generator(np.random.Philox(1))
    states = np.array(list(states_in_order(6, 3)))
    for log_twist, between in ((states.sum(axis=1) * 0.7, True), (generator.normal(size=len(states)), False)):
        for left_out in (0, 2):
            memory = np.sort(generator.uniform(0, 5, 3) if between else generator.integers(0, 6, 3))
            y = generator.uniform(0, 5) if between else float(generator.integers(0, 6))
            after = np.sort([*np.delete(memory, left_out), y])
            expected = 0.7 * after.sum() if between else log_twist[(states == after).all(axis=1)][0]
            assert twist_after(grid, memory, left_out, y, log_twist) == pytest.approx(expected, rel=1e-12)


def twist_after(
    grid: MemoryGrid, memory: np.ndarray, left_out: int, y: float, log_twist: np.ndarray
) -> float:
    """The interpolated log twist, in units of nodes, of the memory with y for the element left out."""
    r, nodes = len(memory), len(grid.x)
    places = [place_on_grid.py_func(x, 0.0, 1.0, nodes) for x in memory]
    below, parts = np.array([node for node, _ in places]), np.array([part for _, part in places])
    order, index = np.empty(r, np.int64), np.empty(nodes, np.int64)
    levels, values, sums = np.empty(r + 1), np.empty((r, nodes)), np.empty((r + 1, nodes))
    sort_parts.py_func(parts, order)
    interpolate_others.py_func(
        below, parts, order, left_out, log_twist, grid.counts, index, below.copy(), levels, values, sums
    )
    return interpolated.py_func(*place_on_grid.py_func(y, 0.0, 1.0, nodes), levels, values, sums)


def test_control_particles_that_do_not_know_where_to_look_miss_it():
    theta, _ = grid_root(3, 0.5, 50)
    cloud = Particles(MemoryGrid(3, 0.5, 20), steps=60, seed=0)
    fitting, blind = (
        [cloud.log_growth(twist, theta, 400, run) for run in range(4)]
        for twist in (cloud.log_twist(theta), np.zeros(len(cloud.grid.vector)))
    )
    assert max(abs(value) for value, _ in fitting) < 0.05
    assert max(value for value, _ in blind) < -0.25
    assert max(share for _, share in blind) < 0.6


def test_law_without_weights_nothing_grows():
    # theta = 0 and a constant twist: every weight is the mass of the own draws
    grid = MemoryGrid(4, 0.6, 7)
    memory, log_means, shares = np.ones(4 * 50), np.empty(9), np.empty(9)
    move_particles(
        memory,
        np.empty_like(memory),
        4,
        0.6,
        0.0,
        np.zeros(len(grid.vector)),
        grid.counts,
        float(grid.x[0]),
        float(grid.step),
        philox_key(1),
        0,
        log_means,
        shares,
    )
    np.testing.assert_allclose(log_means, 0, atol=1e-8)
    np.testing.assert_allclose(shares, 1, atol=1e-8)
    assert np.all(np.diff(memory.reshape(50, 4)) >= 0)
    assert len(np.unique(memory)) > 50


@pytest.mark.parametrize("r", [2, 3, 6])
def test_twin_replacing_in_a_sorted_memory(r):
    generator = np.random.Generator(np.random.Philox(r))
    for _ in range(50):
        memory, y = np.sort(generator.normal(size=r)), generator.normal()
        expected = sorted(replace_farthest(tuple(map(Fraction, memory)), Fraction(y)))
        replace_sorted.py_func(memory, 0, r, y)
        assert list(memory) == [float(x) for x in expected]


def test_law_resampling_keeps_each_particle_as_often_as_its_weight_says():
    weights = np.array([0.1, 3.0, 0.0, 0.9, 4.0])
    memory, spare = np.arange(10.0), np.empty(10)
    resample(memory, spare, 2, np.cumsum(weights), philox_key(1), 0)
    assert np.all(memory.reshape(-1, 2)[:, 1] == memory.reshape(-1, 2)[:, 0] + 1)
    counts = np.bincount((memory.reshape(-1, 2)[:, 0] / 2).astype(int), minlength=5)
    for count, weight in zip(counts, weights, strict=True):
        assert math.floor(5 * weight / 8) <= count <= math.ceil(5 * weight / 8)
