"""Parameters and start states of the general system: what is refused, and how starts are drawn."""

import json

import numpy as np
import pytest

from mcpolar.errors import InputError
from mcpolar.mixture import Covariances, MixtureParameters, start_state
from tests.calibrated import DiffersError, assert_distribution, assert_proportion

ONE = Covariances.spherical(0.5)


def make(**changed):
    return MixtureParameters(**{"n": 4, "means": [0.0, 1.0, 2.0], "covariances": ONE, "r": 2, **changed})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n": 1}, "`n` must be a whole number from 2"),
        ({"k": 4}, r"`k` must be a whole number from 1 to n - 1 = 3; got 4"),
        ({"k": 0}, "`k` must be"),
        ({"r": 0}, "`r` must be"),
        ({"means": np.empty((3, 0))}, r"`means` must be .*d >= 1; got shape \(3, 0\)"),
        ({"means": np.ones((2, 2, 2))}, r"got shape \(2, 2, 2\)"),
        ({"means": [0.0, np.inf]}, "`means` must be finite"),
        ({"means": "far"}, "`means` must be an array of numbers"),
        ({"mirror": 1.5}, "`mirror` must be a number from 0 to 1; got 1.5"),
        ({"mirror": float("nan")}, "`mirror` must be"),
        ({"mirror": "often"}, "`mirror` must be"),
        ({"mirror": True}, "`mirror` must be"),
        ({"weight_floor": 0.5}, r"`weight_floor` must be 0 \(exact\), or from 1e-100 to 1/c"),
        ({"weight_floor": 1e-200}, "`weight_floor` must be 0"),
        ({"sd_floor": -1.0}, "`sd_floor` must be"),
        ({"ties": "none"}, "`ties` must be one of random, index; got none"),
        ({"schedule": "often"}, "`schedule` must be one of"),
        ({"answers": "none"}, "`answers` must be one of"),
        ({"covariance_update": "none"}, "`covariance_update` must be one of"),
        ({"policy": "none"}, "`policy` must be one of farthest, "),
    ],
)
def test_rejects_parameters(changed, message):
    with pytest.raises(InputError, match=message) as caught:
        make(**changed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.full((4, 3), 0.3), r"sum to 1 for each agent; got a sum of 0.9"),
        (np.tile([1.2, -0.1, -0.1], (4, 1)), "at least 0; got -0.1 for agent 0, component 1"),
        (np.full((4, 3), np.nan), "got nan for agent 0, component 0"),
        (np.full((3, 4), 0.25), r"of shape \(n, c\) = \(4, 3\); got shape \(3, 4\)"),
        ("even", "array of numbers"),
    ],
)
def test_rejects_weights(weights, message):
    with pytest.raises(InputError, match=message):
        start_state(make(), 1, seed=1, weights=weights)


def test_law_records_are_json():
    text = json.dumps(make(mirror=0.25, k=2).as_dict())
    assert json.loads(text)["k"] == 2


def test_law_default_start_is_one_silo_an_agent():
    state = start_state(make(n=3), 1, seed=1)
    np.testing.assert_allclose(state.weights[0], np.eye(3), atol=1e-12)
    assert state.log_weights.max() < 0
    assert (state.history[..., :2] == -1).all()


def test_law_weight_zero_stays_finite():
    weights = np.tile([1.0, 0.0, 0.0], (4, 1))
    assert start_state(make(), 1, seed=1, weights=weights).log_weights.min() == -1e300


def standardised(covariances, means):
    """Components and standard normals behind the memories of a start with weights (0.2, 0.8)."""
    parameters = MixtureParameters(2, means, covariances, 5)
    state = start_state(parameters, 2000, seed=9, weights=[[0.2, 0.8], [0.2, 0.8]])
    memory = state.memory.reshape(-1, parameters.d)
    component = (memory[:, 0] > 500).astype(int)
    root = parameters.roots[0][component]
    centred = memory - np.asarray(parameters.means)[component]
    if covariances.kind == "full":
        return component, np.linalg.solve(root, centred[..., None])[..., 0]
    return component, centred / root[..., 0]


@pytest.mark.parametrize(
    "covariances",
    [
        Covariances.spherical([0.5, 2.0]),
        Covariances.diagonal([[0.5, 1.0], [2.0, 3.0]]),
        Covariances.full([[2.0, 0.9], [0.9, 1.0]]),
        Covariances.spherical([[0.5, 2.0], [0.5, 2.0]]),
    ],
)
def test_statistics_start_memories(covariances):
    from scipy.stats import norm

    component, z = standardised(covariances, [[0.0, 0.0], [1000.0, 0.0]])
    assert_proportion(int(component.sum()), component.size, 0.8, false_alarm=1e-7, resolves=0.03)
    for axis in range(2):
        assert_distribution(z[:, axis], norm.cdf, false_alarm=1e-7, resolves=0.04)


def test_control_start_memories_of_another_width():
    from scipy.stats import norm

    _, z = standardised(Covariances.spherical(0.5), [[0.0], [1000.0]])
    with pytest.raises(DiffersError):
        assert_distribution(1.2 * z[:, 0], norm.cdf, false_alarm=1e-7, resolves=0.04)
