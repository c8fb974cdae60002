"""Simulation of the general system: against the slow twin, and what must hold whatever the numbers are."""

import numpy as np
import pytest

from mcpolar.errors import InputError
from mcpolar.mixture import Covariances, GeneralParameters, policy_names, simulate, start_state
from mcpolar.rng import philox_key
from tests.twins import mixture as twin

LINE, PLANE = [0.0, 1.0, 2.0, 3.0], [[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]]
TILTED = Covariances.full([[0.5, 0.2], [0.2, 0.3]])
EACH = Covariances.diagonal([[0.5, 0.7], [0.6, 0.4], [0.8, 0.5]])

SYSTEMS = {
    "all": GeneralParameters(6, LINE, Covariances.spherical(0.4), 3, mirror=0.2),
    "floor": GeneralParameters(6, LINE, Covariances.spherical(0.4), 3, mirror=0.2, weight_floor=1e-12),
    "near": GeneralParameters(7, LINE, Covariances.spherical(0.3), 3, 2),
    "near-floor": GeneralParameters(7, LINE, Covariances.spherical(0.3), 3, 2, weight_floor=1e-12),
    "index": GeneralParameters(7, LINE, Covariances.spherical(0.3), 3, 3, ties="index"),
    "single": GeneralParameters(5, LINE, Covariances.spherical(0.4), 3, 2, schedule="single"),
    "direct": GeneralParameters(5, LINE, Covariances.spherical([0.4, 0.5, 0.6, 0.7]), 3, answers="direct"),
    "diagonal": GeneralParameters(4, PLANE, EACH, 3, 1),
    "full": GeneralParameters(4, PLANE, TILTED, 3),
    "own": GeneralParameters(3, PLANE, Covariances.spherical(np.linspace(0.4, 0.9, 9).reshape(3, 3)), 3),
    "em": GeneralParameters(4, LINE, Covariances.spherical(0.4), 4, covariance_update="em", sd_floor=0.1),
    "em-floor": GeneralParameters(
        4, PLANE, EACH, 4, covariance_update="em", sd_floor=0.1, weight_floor=1e-12
    ),
    "em-full": GeneralParameters(4, PLANE, TILTED, 4, covariance_update="em", sd_floor=0.1),
    "volume": GeneralParameters(4, PLANE, EACH, 4, covariance_update="volume", sd_floor=0.1),
    "volume-full": GeneralParameters(4, PLANE, TILTED, 4, covariance_update="volume", sd_floor=0.1),
    **{
        name: GeneralParameters(4, PLANE, Covariances.spherical(0.6), 3, policy=name, mirror=0.3)
        for name in policy_names()
        if name != "farthest"
    },
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_twin_paths(name):
    parameters = SYSTEMS[name]
    steps = 30 if parameters.schedule == "single" else 6
    found = simulate(parameters, steps, seed=11, replicas=2, first_replica=3, cell=(4,), workers=1)
    start = start_state(parameters, 1, seed=11, first_replica=4, cell=(4,))
    silos, logs, memory, covariances = twin.run(parameters, start, philox_key(11, (4,)), 4, steps)
    assert np.array_equal(found.silos[1], silos)
    np.testing.assert_allclose(found.final.log_weights[1], logs, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(found.final.memory[1], memory, rtol=1e-10, atol=1e-12)
    if parameters.is_updating_covariances:
        values = np.sqrt(np.linalg.eigvalsh(covariances))
        np.testing.assert_allclose(found.deviations[1, -1, :, 0], values.min(axis=(1, 2)), rtol=1e-8)
        np.testing.assert_allclose(found.deviations[1, -1, :, 1], values.max(axis=(1, 2)), rtol=1e-8)


def test_control_twin_sees_another_replica():
    parameters = SYSTEMS["all"]
    found = simulate(parameters, 6, seed=11, replicas=1, workers=1)
    start = start_state(parameters, 1, seed=11)
    _, _, memory, _ = twin.run(parameters, start, philox_key(11), 1, 6)
    assert not np.allclose(found.final.memory[0], memory)
