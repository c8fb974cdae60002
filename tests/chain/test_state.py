import numpy as np
import pytest

from mcpolar.chain import ChainState
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters


def test_one_replica_and_many():
    one = ChainState.from_arrays([0.0, 1.0], [[1.0], [2.0]])
    many = ChainState.from_arrays(np.zeros((3, 2)), np.zeros((3, 2, 4)))
    assert (one.n_replicas, one.m, one.r) == (1, 2, 1)
    assert (many.n_replicas, many.m, many.r) == (3, 2, 4)


def test_arrays_are_copied_and_read_only():
    log_odds = np.zeros((3, 2))
    state = ChainState.from_arrays(log_odds, np.zeros((3, 2, 4)))
    log_odds[0, 0] = 5
    assert state.log_odds[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        state.memory[0, 0, 0] = 1


def test_replicas_are_rows_or_one_row_for_all():
    many = ChainState.from_arrays(np.arange(6.0).reshape(3, 2), -np.arange(6.0).reshape(3, 2, 1))
    assert many.replicas(1, 2).log_odds.tolist() == [[2, 3], [4, 5]]
    assert many.replicas(1, 2).memory.tolist() == [[[-2], [-3]], [[-4], [-5]]]
    one = many.replicas(2, 1)
    assert one.replicas(7, 3).log_odds.tolist() == [[4, 5]] * 3
    with pytest.raises(InputError, match="of 1 or at least 4 replicas; got 3 replicas"):
        many.replicas(1, 3)


@pytest.mark.parametrize(
    ("log_odds", "memory", "message"),
    [
        ([0.0, np.nan], [[1.0], [1.0]], r"`log_odds` must be finite everywhere.*got nan at index \(1,\)"),
        ([0.0, 1.0], [[1.0], [-np.inf]], r"`memory` must be finite everywhere.*got -inf at index \(1, 0\)"),
        ([0.0, 1.0], [[1.0]], r"got log_odds of shape \(2,\) and memory of shape \(1, 1\)"),
        ([[0.0, 1.0]], [[1.0], [1.0]], r"got log_odds of shape \(1, 2\) and memory of shape \(2, 1\)"),
        ([], [], r"got log_odds of shape \(0,\)"),
        ([0.0], [[]], r"memory of shape \(1, 0\)"),
        (["x"], [[1.0]], "`log_odds` must be an array of numbers"),
        ([0.0, 1.0], [[1.0], [1.0, 2.0]], "`memory` must be an array of numbers"),
    ],
)
def test_rejects(log_odds, memory, message):
    with pytest.raises(InputError, match=message) as caught:
        ChainState.from_arrays(log_odds, memory)
    assert "\n" not in str(caught.value)


def test_rejects_other_parameters():
    chain = ChainParameters(m=3, r=2, sigma=1)
    with pytest.raises(InputError, match=r"of m = 3 agents with memory r = 2.*got m = 2 and r = 1"):
        ChainState.from_arrays([0.0, 1.0], [[1.0], [2.0]], chain)
