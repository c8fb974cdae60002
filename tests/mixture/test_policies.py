"""Memory policies: what each replaces, and a user's own beside them."""

import numpy as np
import pytest
from numba import cfunc

from mcpolar.errors import InputError
from mcpolar.mixture import SIGNATURE, Covariances, MixtureParameters, policies, register_policy, simulate

MEMORY = np.array([[0.0], [4.0], [1.0]])
NEW = np.array([1.0])
HISTORY = np.array([[2, 9, 0], [5, 7, 9], [0, 8, 3]])


@pytest.mark.parametrize(
    ("name", "replaced"),
    [("farthest", 1), ("first-in-first-out", 2), ("least-recently-matched", 1), ("importance", 0)],
)
def test_law_what_a_policy_replaces(name, replaced):
    # importance: 1/1, 9/10, 0/4
    assert call(policies.find_policy(name).function) == replaced


def call(function):
    from numba import njit

    @njit
    def apply(policy, memory, new, history):
        return policy(memory, new, history, 0.5)

    return apply(function, MEMORY, NEW, HISTORY)


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
