"""The compiled parts of the general system: elementary functions, draws of components, and who is near."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from mcpolar.compiled.mixture import neighbours as mixture_neighbours
from mcpolar.compiled.mixture import points as mixture_points
from mcpolar.compiled.mixture import state as mixture_state
from mcpolar.mixture import Covariances, MixtureParameters

ULP = 2.0**-52


@given(st.floats(-321.9, 0))
def test_law_exponential_is_within_one_ulp(x):
    assert mixture_points.exp_nonpositive(x) == pytest.approx(math.exp(x), rel=1.01 * ULP)


def test_law_exponential_is_zero_where_it_is_negligible():
    assert mixture_points.exp_nonpositive(-322.1) == 0
    assert mixture_points.exp_nonpositive(-math.inf) == 0
    assert mixture_points.exp_nonpositive(0.0) == 1


@given(st.floats(1e-300, 1e300))
def test_law_logarithm_is_within_one_ulp(x):
    assert mixture_points.log_positive(x) == pytest.approx(math.log(x), rel=1.01 * ULP, abs=1e-17)


@given(st.integers(0, 3), st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_law_a_component_is_drawn_where_the_uniform_falls(first, u):
    weights = np.array([0.5, 0.0, 0.3, 0.2])
    order = [first] + [a for a in range(4) if a != first]
    edges = np.cumsum(weights[order])
    found = mixture_points.draw_component(weights, 4, first, u)
    assert weights[found] > 0 or u >= edges[-1] - 1e-12
    assert abs(u - edges[order.index(found)]) < 1e-12 or u < edges[order.index(found)]


def nearness_keys(log_weights, i):
    """Keys of all agents as seen from i; in the interpreter where compiling would take longer."""
    n, c = log_weights.shape
    parameters = MixtureParameters(n, np.arange(float(c)), Covariances.spherical(1.0), 1, 1)
    options, gaussians, _ = parameters.compiled()
    agents = mixture_state.new_agents.py_func(n, 1, 1, gaussians.log_scale.shape[1])
    agents.log_weights[:, :c] = log_weights
    agents.weights[:, :c] = np.where(log_weights > mixture_points.LOG_NEGLIGIBLE, np.exp(log_weights), 0)
    for j in range(n):
        mixture_state.describe_agent(options, j, agents)
    keys, far = np.zeros(8), np.zeros(8)
    mixture_neighbours.nearness.py_func(options, i, agents, keys, far)
    return keys[:n]


log_odds = st.lists(st.lists(st.floats(-900, 0), min_size=3, max_size=3), min_size=4, max_size=4)


@settings(max_examples=100)
@given(log_odds, st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_twin_keys_order_agents_as_exact_distances_do(rows, silos):
    """From plain weights to e^-900: within a silo, across, and between."""
    with mp.workdps(900):
        logs, exact = [], []
        for row, silo in zip(rows, silos, strict=True):
            row[silo] = 0.0
            total = mp.log(sum(mp.exp(mpf(v)) for v in row))
            logs.append([float(v - total) for v in row])
            # the doubles, and what they lack of 1 for the silo
            top = int(np.argmax(logs[-1]))
            weights = [mpf(0) if a == top else mp.exp(mpf(v)) for a, v in enumerate(logs[-1])]
            weights[top] = 1 - sum(weights)
            exact.append(weights)
        distance = [sum((a - b) ** 2 for a, b in zip(exact[0], row, strict=True)) for row in exact]
        most = 1 + sum(w**2 for w in exact[0])
        keys = nearness_keys(np.array(logs), 0)
        outside = [1 - max(row) for row in exact]
        for j in range(1, 4):
            for q in range(1, 4):
                # of what orders them: the distance where it is small, else what it lacks of its largest value
                unit = min(distance[q], most - distance[j])
                # weights below 1e-140 of the others count as 0
                seen = 1e-138 * max(outside[0], outside[j], outside[q])
                if distance[q] - distance[j] > 1e-9 * unit and distance[q] > (1e10 * seen) ** 2:
                    assert keys[j] < keys[q]
