"""First passage times: against recorded trajectories, exact curves and each other."""

import math

import numpy as np
import pytest

from mcpolar import events
from mcpolar.chain import ChainState, Start, simulate
from mcpolar.errors import InputError
from mcpolar.exact import silo_survival
from mcpolar.metastability import passage_times, survival_curve
from mcpolar.parameters import ChainParameters


@pytest.mark.parametrize(
    ("parameters", "start"),
    [
        (ChainParameters(5, 2, "0.7", k=2), Start("bipolar")),
        (ChainParameters(4, 1, "1.1"), Start("undecided")),
        (ChainParameters(2, 3, "0.9", mirror="0.5"), Start("random")),
    ],
)
def test_twin_the_recorded_trajectory(parameters, start, monkeypatch):
    # the pieces are made short, so that consensus comes in later ones too
    monkeypatch.setattr("mcpolar.metastability.first_passage._UPDATES_PER_PIECE", 128 * 7)
    steps = 60
    path = simulate(parameters, start, steps, seed=9, every=1, replicas=300, memory=True)
    found = passage_times(parameters, start, steps, replicas=300, seed=9, level=1)
    silo = events.silos(path.log_odds)
    expected = {
        "silo-left": (silo != silo[:, :1]).any(axis=2),
        "consensus": events.n_silos(silo) == 1,
        "polarized": events.is_polarized(path, parameters, 1),
    }
    for event, holds in expected.items():
        first = events.hitting_time(holds, path.steps)
        times, observed = found.of(event)
        assert (observed == (first >= 0)).all()
        np.testing.assert_array_equal(times, np.where(first < 0, steps, first))
        assert observed.any()
    at_consensus = silo[np.arange(300), found.of("consensus")[0], 0]
    side = np.where(found.of("consensus")[1], 2 * at_consensus.astype(int) - 1, 0)
    np.testing.assert_array_equal(found.consensus_side, side)
    np.testing.assert_array_equal(found.agents_plus, silo[:, -1].sum(axis=1))
    decided = (np.abs(path.log_odds[:, -1]) >= 1 / float(parameters.sigma) ** 2 - 1e-12).all(axis=1)
    np.testing.assert_array_equal(found.is_decided, decided)


def test_law_same_times_for_any_workers():
    parameters = ChainParameters(3, 2, "0.8")
    found = [passage_times(parameters, "random", 40, replicas=150, seed=3, workers=w).times for w in (1, 2)]
    np.testing.assert_array_equal(*found)


def band_misses(shift: int) -> bool:
    parameters = ChainParameters(2, 1, "0.9")
    start = ChainState.from_arrays([3.0, -2.0], [[1.0], [-1.0]])
    found = passage_times(parameters, start, 8, replicas=40_000, seed=4)
    curve = survival_curve(*found.of("silo-left"), confidence=1 - 1e-7)
    exact = silo_survival(parameters, [3.0, -2.0], 8, tolerance=1e-3).survival
    steps = np.arange(1, 8)
    half_width = math.sqrt(math.log(2e7) / 80_000)
    return bool((np.abs(curve.at(steps) - exact[steps + shift]) > half_width).any())


def test_sandwich_the_exact_curve_lies_in_the_band():
    assert not band_misses(0)


def test_control_a_curve_one_step_late_does_not():
    assert band_misses(1)


def test_rejects_bad_arguments():
    parameters = ChainParameters(2, 1, "0.9")
    with pytest.raises(InputError, match="`event` must be one of silo-left, consensus, polarized; got never"):
        passage_times(parameters, "random", 2, replicas=2, seed=1).of("never")
    with pytest.raises(InputError, match="`level` must be greater than 0"):
        passage_times(parameters, "random", 2, replicas=2, seed=1, level=0)
    with pytest.raises(InputError, match="`replicas`"):
        passage_times(parameters, "random", 2, replicas=0, seed=1)


def test_reference_no_steps():
    found = passage_times(ChainParameters(3, 1, "0.5"), "polarized", 0, replicas=4, seed=1)
    assert found.times.tolist() == [[0, -1, 0]] * 4
    assert (found.consensus_side == 1).all()
