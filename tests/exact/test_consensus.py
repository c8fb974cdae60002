"""The first consensus: against the first change of a silo, the simulator, and what is known at once."""

import numpy as np
import pytest

from mcpolar.chain import ChainState
from mcpolar.errors import InputError
from mcpolar.exact import consensus_probabilities, silo_survival
from mcpolar.metastability import passage_times
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, assert_proportion

REPLICAS = 20_000


def test_twin_two_agents_on_either_side():
    parameters = ChainParameters(2, 1, "0.9", mirror="0.4")
    found = consensus_probabilities(parameters, [3.0, -1.0], 40, tolerance=1e-7)
    first = silo_survival(parameters, [3.0, -1.0], 40, tolerance=1e-7)
    np.testing.assert_allclose(found.none, first.survival, atol=1e-7)
    np.testing.assert_allclose(found.plus, first.left_by[:, 1], atol=1e-7)
    np.testing.assert_allclose(found.plus + found.minus + found.none, 1, rtol=1e-9)
    assert found.error.max() <= 1e-7


def test_sandwich_three_agents():
    parameters, start = ChainParameters(3, 1, "0.8"), [0.0, 0.5, -1.5]
    exact = consensus_probabilities(parameters, start, 15, tolerance=1e-3)
    assert exact.error.max() < 1e-3
    state = ChainState.from_arrays(start, np.ones((3, 1)))
    found = passage_times(parameters, state, 15, replicas=REPLICAS, seed=9)
    times, observed = found.of("consensus")
    claims = {"false_alarm": 1e-7, "resolves": 0.03}
    for t in (1, 5, 15):
        for side, curve in ((1, exact.plus), (-1, exact.minus)):
            count = int((observed & (times <= t) & (found.consensus_side == side)).sum())
            assert_proportion(count, REPLICAS, curve[t], **claims)
    with pytest.raises(DiffersError):  # control: the sides are told apart
        assert_proportion(count, REPLICAS, exact.plus[15], **claims)


def test_law_without_drift_both_agents_return_and_with_a_mirror_they_do_not():
    # two agents that disagree are walks without drift that must both stay on their sides: P(none by t) falls like 1/t
    found = consensus_probabilities(ChainParameters(2, 1, "1"), [1.0, -1.0], 200, tolerance=1e-3)
    assert found.none[50] / found.none[200] == pytest.approx(4, abs=0.3)
    mirrored = ChainParameters(2, 1, "0.7", mirror="0.8")
    kept = consensus_probabilities(mirrored, [8.0, -8.0], 100, tolerance=1e-3).none
    assert kept[100] == pytest.approx(kept[50], rel=1e-3)
    assert kept[100] > 0.75


def test_reference_a_start_in_consensus():
    found = consensus_probabilities(ChainParameters(2, 1, "1"), [0.0, -1.0], 1)
    assert found.minus.tolist() == [1, 1]
    assert found.none.tolist() == [0, 0]


@pytest.mark.parametrize("log_odds", [[0.0], [np.inf, 1.0]])
def test_rejects_bad_starts(log_odds):
    with pytest.raises(InputError, match="2 finite numbers"):
        consensus_probabilities(ChainParameters(2, 1, "1"), log_odds, 3)
