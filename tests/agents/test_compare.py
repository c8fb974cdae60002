"""Runs beside mixtures: what is the mixture is found to be it, what is not is found not to be."""

import sys

import numpy as np
import pytest

from mcpolar.agents import Trace, compare_with_mixture, fit_mixture
from mcpolar.agents.compare import SearchSpace
from mcpolar.agents.posterior import sample_posterior
from mcpolar.agents.sketch import silo_difference, sketch_agents
from mcpolar.errors import InputError, ResourceError
from mcpolar.mixture import Covariances, MixtureParameters, simulate

N = 12


def mixture(sigma=0.2, r=2, **changed):
    return MixtureParameters(n=N, means=range(N), covariances=Covariances.spherical(sigma), r=r, **changed)


def trace_of(parameters, runs, seed, steps=40):
    found = simulate(parameters, steps, seed=seed, replicas=runs)
    names = tuple(map(str, range(N)))
    return Trace(
        found.silos.astype(np.int64), names, np.arange(steps + 1), names, tuple(map(str, range(runs)))
    )


def test_law_runs_of_the_mixture_itself_are_not_unusual():
    found = compare_with_mixture(trace_of(mixture(), 8, seed=5), mixture(), replicas=400, seed=9)
    assert found.p_value > 1e-3
    assert found.interval[0] <= found.p_value <= found.interval[1]
    assert found.to_frame()["step"].tolist() == [0, 5, 10, 15, 20, 25, 30, 35, 40]


def test_control_runs_of_another_mixture_are_unusual():
    found = compare_with_mixture(trace_of(mixture(mirror=0.9), 8, seed=5), mixture(), replicas=400, seed=9)
    assert found.interval[1] < 0.01
    assert found.distance > 0.2


def test_law_a_fit_finds_what_made_the_runs():
    runs = trace_of(mixture(mirror=0.8), 16, seed=2)
    space = SearchSpace(sigma=(0.19, 0.21), r=(2,), mirror=(0.0, 0.4, 0.8))
    found = fit_mixture(runs, space, designs=16, replicas=60, bootstraps=50, seed=4)
    assert found.parameters["mirror"] == 0.8
    assert found.errors["mirror"] > 0.5
    assert found.comparison.interval[1] > 0.01
    assert found.evaluations == 16


def test_law_equal_seeds_give_equal_fits():
    runs = trace_of(mixture(), 4, seed=2)
    fits = [fit_mixture(runs, designs=4, replicas=10, bootstraps=5, seed=4) for _ in range(2)]
    assert fits[0].parameters == fits[1].parameters
    assert fits[0].comparison.distance == fits[1].comparison.distance


def test_rejects_what_does_not_fit():
    runs = trace_of(mixture(), 2, seed=2)
    with pytest.raises(InputError, match="`mixture` must be of 12 agents, as the runs; got 3 agents"):
        compare_with_mixture(
            runs, MixtureParameters(n=3, means=range(3), covariances=Covariances.spherical(1), r=1)
        )
    with pytest.raises(InputError, match="`steps` must be recorded steps"):
        compare_with_mixture(runs, mixture(), steps=[3, 99])
    with pytest.raises(InputError, match="`designs` must be a power of two; got 12"):
        fit_mixture(runs, designs=12)
    with pytest.raises(InputError, match="`sigma` must be a range"):
        fit_mixture(runs, SearchSpace(sigma=(1.0, 0.5)), designs=2)


def test_rejects_abc_without_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    with pytest.raises(ResourceError, match=r"ABC needs the extra `fit`: pip install 'mcpolar\[fit\]'"):
        sample_posterior(trace_of(mixture(), 2, seed=2))


def test_rejects_what_abc_does_not_allow():
    runs = trace_of(mixture(), 2, seed=2)
    for name, value in (("particles", 9), ("populations", 0), ("simulations", 0)):
        with pytest.raises(InputError, match=f"`{name}` must be a whole number"):
            sample_posterior(runs, **{name: value})
    with pytest.raises(InputError, match="`sigma` must be a range"):
        sample_posterior(runs, SearchSpace(sigma=(1.0, 0.5)))


def test_law_abc_finds_what_made_the_runs_and_leaves_the_global_generator():
    pytest.importorskip("pyabc")
    runs = trace_of(mixture(mirror=0.8), 16, seed=2)
    space = SearchSpace(sigma=(0.15, 0.25), r=(2,), mirror=(0.0, 0.8))
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    options = {"particles": 16, "populations": 3, "simulations": 200, "replicas": 20, "seed": 4}
    found = sample_posterior(runs, space, **options)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert found.fit.parameters["mirror"] == 0.8
    assert found.fit.errors["mirror"] > 0.9
    assert list(found.tolerances) == sorted(found.tolerances, reverse=True)
    assert found.particles["weight"].sum() == pytest.approx(1.0, rel=1e-9)
    assert found.particles["sigma"].between(0.15, 0.25).all()
    assert sample_posterior(runs, space, **options).particles.equals(found.particles)
    other = trace_of(mixture(mirror=0.0), 16, seed=2)
    assert sample_posterior(other, space, **options).fit.parameters["mirror"] == 0.0


def sketched(shift, seed=1):
    pytest.importorskip("sklearn")
    draws = np.random.default_rng(seed)
    points = draws.standard_normal((10, 40, 6))
    points[5:, :, 0] += shift
    return sketch_agents(points)


def test_law_silos_that_answer_differently_are_told_apart():
    silos = [0] * 5 + [1] * 5
    apart = silo_difference(sketched(6.0).parameters, silos, permutations=999)
    # 252 relabellings of 10 agents into two groups of 5, of which 2 keep the groups: the p-value is near 1/126
    assert apart.p_value < 0.03
    assert silo_difference(sketched(6.0).parameters, [0, 1] * 5, permutations=999).p_value > 0.05


def test_law_the_permutation_p_value_is_uniform_without_a_difference():
    draws = np.random.default_rng(3)
    values = [
        silo_difference(
            draws.standard_normal((8, 3)), [0, 0, 0, 0, 1, 1, 1, 1], permutations=99, seed=seed
        ).p_value
        for seed in range(200)
    ]
    # valid: P(p <= 0.1) <= 0.1; 200 tests, so more than 46 (six standard deviations) has a chance below 1e-8
    assert sum(value <= 0.1 for value in values) <= 46
    assert sum(value <= 0.5 for value in values) >= 58


def test_reference_a_sketch_has_ordered_components_and_shares():
    found = sketched(0.0)
    assert found.plane.shape == (10, 40, 2)
    assert found.parameters.shape == (10, 2 + 4 + 4)
    assert np.allclose(found.parameters[:, :2].sum(axis=1), 1, rtol=1e-9, atol=0)
    assert (found.parameters[:, 2] <= found.parameters[:, 4]).all()
    assert 0 < found.explained.sum() <= 1


def test_rejects_sketches_without_points():
    with pytest.raises(InputError, match="`points`"):
        sketch_agents(np.zeros((3, 2, 4)))
    with pytest.raises(InputError, match="`silos` must be of at least two kinds"):
        silo_difference(np.zeros((3, 2)), [1, 1, 1])


def test_reference_memory_of_one_and_direct_answers_come_nearest_to_the_published_runs():
    """The published means are in the example; what is compared is a ratio of two to one and more."""
    from examples.published_runs import distance

    assert distance(0.1, 1, "direct", "synchronous", 10) < 0.25
    assert distance(0.15, 2, "query", "synchronous", 10) > 0.5
