"""Memory policies: what each replaces, and a user's own beside them."""

from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
from numba import cfunc

from mcpolar.agents.population import Asking, Population
from mcpolar.agents.settings import AgentSettings
from mcpolar.choices import MemoryPolicy
from mcpolar.errors import InputError
from mcpolar.mixture import SIGNATURE, Covariances, MixtureParameters, policies, register_policy, simulate

MEMORY = np.array([[0.0], [4.0], [1.0]])
NEW = np.array([1.0])
HISTORY = np.array([[2, 9, 0], [5, 7, 9], [0, 8, 3]])


@pytest.mark.parametrize(
    ("name", "replaced"),
    [
        ("farthest", 1),
        ("first-in-first-out", 2),
        ("last-in-first-out", 1),
        ("retrieved", 2),
        ("least-recently-matched", 1),
        ("importance", 0),
    ],
)
def test_law_what_a_policy_replaces(name, replaced):
    # importance: 1/1, 9/10, 0/4
    assert call(policies.find_policy(name).function) == replaced


def call(function, memory=MEMORY, new=NEW, history=HISTORY):
    from numba import njit

    @njit
    def apply(policy, memory, new, history):
        return policy(memory, new, history, 0.5)

    return apply(function, memory, new, history)


def test_law_language_models_share_names_with_mixtures():
    assert set(get_args(MemoryPolicy)) <= set(policies.policy_names())


@pytest.mark.parametrize("policy", ["farthest", "first-in-first-out", "last-in-first-out"])
def test_law_a_shared_name_is_one_rule(policy):
    """Language models' memories and mixtures' lose the same element, arrival after arrival."""
    draws = np.random.default_rng(5)
    arrivals = draws.standard_normal((40, 2))
    points = draws.standard_normal((4, 2))
    texts = {repr(point.tolist()): point for point in [*arrivals, *points]} | {"q": np.zeros(2)}
    population = memory_of(policy, [repr(point.tolist()) for point in points], texts)
    memory, history = points.copy(), np.full((4, 3), -1, dtype=np.int64)
    for step, point in enumerate(arrivals):
        out = call(policies.find_policy(policy).function, memory, point, history)
        memory[out], history[out, 0] = point, step
        population._take_in(0, repr(point.tolist()), point)
        assert population.memories[0] == [repr(element.tolist()) for element in memory]


def memory_of(policy, memory, texts):
    """A population whose agents remember points, each by a text of its own."""
    settings = AgentSettings(2, 1, policy=policy, question="q")
    asking = Asking(
        answer=None, log=SimpleNamespace(path=None, kept=lambda: iter(())), concurrency=1, progress=None
    )
    return Population(
        settings,
        [list(memory), list(memory)],
        lambda names: np.array([texts[name] for name in names]),
        asking,
    )


def test_law_retrieved_replaces_what_answers_for_the_point():
    # language models: the document that answers the question; mixtures: the nearest to the point
    texts = {"far": [-9.0, 0.0], "near": [2.0, 0.0], "new": [2.5, 0.0], "q": [1.0, 0.0]}
    population = memory_of(
        "retrieved", ["far", "near"], {name: np.array(point) for name, point in texts.items()}
    )
    population._take_in(0, "new", np.array(texts["new"]))
    assert population.memories[0] == ["far", "new"]
    memory = np.array([texts["far"], texts["near"]])
    assert call(policies.find_policy("retrieved").function, memory, np.array(texts["new"]), HISTORY[:2]) == 1


@pytest.mark.parametrize("policy", policies.policy_names())
def test_law_with_a_memory_of_one_all_policies_are_one(policy):
    def silos(name):
        parameters = MixtureParameters(5, range(5), Covariances.spherical(0.4), 1, policy=name)
        return simulate(parameters, 10, seed=3, replicas=3).silos

    assert np.array_equal(silos(policy), silos("farthest"))


def test_control_with_a_memory_of_three_they_differ():
    def silos(name):
        parameters = MixtureParameters(6, range(6), Covariances.spherical(0.4), 3, policy=name)
        return simulate(parameters, 20, seed=3, replicas=3).silos

    names = get_args(MemoryPolicy)
    found = [silos(name).tobytes() for name in names]
    assert len(set(found)) == len(names)


@pytest.fixture
def nearest():
    @cfunc(SIGNATURE)
    def replace_nearest(memory, new, history, u):
        chosen = 0
        for h in range(len(memory)):
            if abs(memory[h, 0] - new[0]) < abs(memory[chosen, 0] - new[0]):
                chosen = h
        return chosen

    yield register_policy("nearest", replace_nearest)
    del policies._REGISTRY["nearest"]


def test_law_a_users_policy_runs_in_the_compiled_loop(nearest):
    def memory(policy):
        parameters = MixtureParameters(4, [0.0, 1.0], Covariances.spherical(0.5), 2, policy=policy)
        return simulate(parameters, 5, seed=1).final.memory

    assert call(nearest.function) == 2
    assert not np.array_equal(memory("nearest"), memory("farthest"))


def test_rejects_policies(nearest):
    with pytest.raises(InputError, match="a name other than farthest"):
        register_policy("nearest", nearest.function)
    with pytest.raises(InputError, match="compiled by numba.cfunc"):
        register_policy("mine", max)
    with pytest.raises(InputError, match="one of farthest, .*; got none"):
        policies.find_policy("none")
