"""Simulation of the general system: against the slow twin, and what must hold whatever the numbers are."""

import numpy as np
import pytest

from mcpolar.errors import InputError
from mcpolar.mixture import (
    Covariances,
    MixtureParameters,
    MixtureState,
    policy_names,
    simulate,
    start_state,
)
from mcpolar.rng import philox_key
from tests.twins import mixture as twin

LINE, PLANE = [0.0, 1.0, 2.0, 3.0], [[0.0, 0.0], [1.5, 0.0], [0.0, 1.5]]
TILTED = Covariances.full([[0.5, 0.2], [0.2, 0.3]])
EACH = Covariances.diagonal([[0.5, 0.7], [0.6, 0.4], [0.8, 0.5]])

SYSTEMS = {
    "all": MixtureParameters(6, LINE, Covariances.spherical(0.4), 3, mirror=0.2),
    "floor": MixtureParameters(6, LINE, Covariances.spherical(0.4), 3, mirror=0.2, weight_floor=1e-12),
    "near": MixtureParameters(7, LINE, Covariances.spherical(0.3), 3, 2),
    "near-floor": MixtureParameters(7, LINE, Covariances.spherical(0.3), 3, 2, weight_floor=1e-12),
    "index": MixtureParameters(7, LINE, Covariances.spherical(0.3), 3, 3, ties="index"),
    "single": MixtureParameters(5, LINE, Covariances.spherical(0.4), 3, 2, schedule="single"),
    "direct": MixtureParameters(5, LINE, Covariances.spherical([0.4, 0.5, 0.6, 0.7]), 3, answers="direct"),
    "diagonal": MixtureParameters(4, PLANE, EACH, 3, 1),
    "full": MixtureParameters(4, PLANE, TILTED, 3),
    "own": MixtureParameters(3, PLANE, Covariances.spherical(np.linspace(0.4, 0.9, 9).reshape(3, 3)), 3),
    "em": MixtureParameters(4, LINE, Covariances.spherical(0.4), 4, covariance_update="em", sd_floor=0.1),
    "em-floor": MixtureParameters(
        4, PLANE, EACH, 4, covariance_update="em", sd_floor=0.1, weight_floor=1e-12
    ),
    "em-full": MixtureParameters(4, PLANE, TILTED, 4, covariance_update="em", sd_floor=0.1),
    **{
        f"published-{floor}": MixtureParameters(
            4, PLANE, EACH, 4, covariance_update="published", sd_floor=0.1, weight_floor=floor
        )
        for floor in (0.0, 1e-12, 1e-3)
    },
    "published-full": MixtureParameters(4, PLANE, TILTED, 4, covariance_update="published", sd_floor=0.1),
    "volume": MixtureParameters(4, PLANE, EACH, 4, covariance_update="volume", sd_floor=0.1),
    "volume-full": MixtureParameters(4, PLANE, TILTED, 4, covariance_update="volume", sd_floor=0.1),
    **{
        name: MixtureParameters(4, PLANE, Covariances.spherical(0.6), 3, policy=name, mirror=0.3)
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


@pytest.mark.parametrize("name", ["near", "single", "em", "importance"])
def test_law_bits_do_not_depend_on_workers_blocks_or_pieces(name):
    parameters = SYSTEMS[name]
    whole = simulate(parameters, 12, seed=3, replicas=9, workers=1)
    seen = []
    threads = simulate(parameters, 12, seed=3, replicas=9, workers=3, progress=seen.append)
    assert sum(seen) == 9
    alone = simulate(parameters, 12, seed=3, replicas=1, first_replica=7, workers=1)
    half = simulate(parameters, 5, seed=3, replicas=9, every=5)
    rest = simulate(parameters, 7, seed=3, replicas=9, start=half.final, first_step=5, every=100)
    assert rest.steps.tolist() == [5, 12]
    for field in ("log_weights", "memory", "history", "roots"):
        end = getattr(whole.final, field)
        if end is None:
            continue
        assert np.array_equal(end, getattr(threads.final, field))
        assert np.array_equal(end[7], getattr(alone.final, field)[0])
        assert np.array_equal(end, getattr(rest.final, field))
    assert np.array_equal(whole.silos, threads.silos)
    assert np.array_equal(whole.silos[:, [5, 12]], rest.silos)


def test_law_a_start_is_not_changed():
    start = start_state(SYSTEMS["em"], 2, seed=3)
    before = start.copy()
    simulate(SYSTEMS["em"], 3, seed=4, replicas=2, start=start)
    assert np.array_equal(start.memory, before.memory)
    assert np.array_equal(start.roots, before.roots)


@pytest.mark.parametrize("name", ["all", "floor", "near", "em"])
def test_law_weights_sum_to_one_and_the_largest_is_the_silo(name):
    found = simulate(SYSTEMS[name], 40, seed=5, replicas=4)
    weights = found.final.weights
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert np.array_equal(weights.argmax(axis=-1), found.silos[:, -1])
    assert found.n_silos[:, 0].tolist() == [4] * 4
    assert found.stability.shape == (4, 40)


def test_law_exact_weights_leave_the_range_of_doubles_and_floored_ones_stay():
    exact = simulate(SYSTEMS["near"], 400, seed=5, replicas=2).final
    assert exact.log_weights.min() < -2000
    assert np.isfinite(exact.log_weights).all()
    floored = simulate(SYSTEMS["near-floor"], 400, seed=5, replicas=2).final
    assert np.exp(floored.log_weights).min() > 0.999e-12


def test_reference_floor_merges_more_silos():
    """theory.md section 5: sigma 0.2, r 5, p 0, T 80, k 15: about 1.9 silos exact, 1.2 with the published floor."""
    means = [
        simulate(
            MixtureParameters(30, range(30), Covariances.spherical(0.2), 5, 15, weight_floor=floor),
            80,
            seed=8,
            replicas=60,
            every=80,
        )
        .n_silos[:, -1]
        .mean()
        for floor in (0.0, 1e-12)
    ]
    assert means[0] - means[1] > 0.4


def test_rejects_bad_runs():
    parameters = SYSTEMS["all"]
    other = start_state(SYSTEMS["near"], 1, seed=1)
    broken = start_state(parameters, 1, seed=1)
    broken.memory[0, 0, 0, 0] = np.nan
    with pytest.raises(
        InputError, match=r"log_weights of shape \(1, 6, 4\); got log_weights of shape \(1, 7, 4\)"
    ):
        simulate(parameters, 1, seed=1, start=other)
    with pytest.raises(InputError, match="finite"):
        simulate(parameters, 1, seed=1, start=broken)
    with pytest.raises(InputError, match="`every` must be a whole number >= 1; got 0"):
        simulate(parameters, 1, seed=1, every=0)
    for name in ("steps", "replicas", "seed", "workers", "first_replica", "first_step"):
        with pytest.raises(InputError, match=f"`{name}` must be"):
            simulate(parameters, **{"steps": 1, "seed": 1, name: -1})


def test_rejects_a_state_without_the_covariances_that_change():
    start = start_state(SYSTEMS["em"], 1, seed=1)
    bare = MixtureState(start.log_weights, start.memory, start.history)
    with pytest.raises(InputError, match="roots of shape"):
        simulate(SYSTEMS["em"], 1, seed=1, start=bare)
