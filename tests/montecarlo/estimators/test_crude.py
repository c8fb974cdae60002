"""Counting against closed forms."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from mcpolar.chain import ChainState, Start, simulate
from mcpolar.chain.state import weight_keys
from mcpolar.compiled.base.simd import LANES
from mcpolar.compiled.chain.law import State, make_law, order_for
from mcpolar.compiled.montecarlo.kept import survive
from mcpolar.errors import InputError
from mcpolar.montecarlo import Reached, crude, level_kept, silos_kept
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Polarized, WellBehaved
from mcpolar.rng import philox_key
from tests.calibrated import DiffersError, assert_proportion

REPLICAS = 40_000


def one_step_survival() -> tuple[int, float]:
    """Hits, and the exact chance, of one agent with r = 1 keeping own-side log-odds >= H = 2 for one step."""
    parameters = ChainParameters(1, 1, "1.0")
    found = crude(parameters, Start("boundary", log_odds=2), silos_kept(2, 1), replicas=REPLICAS, seed=4)
    weight = expit(2.0)
    return int(found.diagnostics["hits"]), weight * stats.norm.sf(-1) + (1 - weight) * stats.norm.sf(1)


def test_statistics_one_step_survival_of_one_agent():
    hits, exact = one_step_survival()
    assert_proportion(hits, REPLICAS, exact, false_alarm=1e-7, resolves=0.02)


def test_control_one_step_survival_without_the_other_component():
    hits, _ = one_step_survival()
    with pytest.raises(DiffersError):
        assert_proportion(hits, REPLICAS, expit(2.0) * stats.norm.sf(-1), false_alarm=1e-7, resolves=0.02)


def test_twin_survival_is_that_of_the_simulated_trajectory():
    # the watching loop and the simulator share their draws: an event recorded at every step must agree
    parameters = ChainParameters(5, 2, "0.7", k=2)
    start, steps = Start("boundary", level=1, split=3), 30
    path = simulate(parameters, start, steps, seed=9, every=1, replicas=300)
    side = np.where(path.log_odds[:, :1] >= 0, 1, -1)
    kept = (side * path.log_odds >= 1 / 0.49).all(axis=(1, 2))
    found = crude(parameters, start, silos_kept(parameters.precision, steps), replicas=300, seed=9)
    assert 0 < found.diagnostics["hits"] == kept.sum() < 300


def test_twin_level_kept_is_that_of_the_simulated_trajectory():
    parameters = ChainParameters(5, 2, "0.45", k=1, mirror="0.25")
    start, steps = Start("boundary", level=1, split=3), 8
    path = simulate(parameters, start, steps, seed=9, every=1, replicas=300, memory=True)
    side = np.where(path.log_odds[:, 0] >= 0, 1, -1)
    own = side[:, None, :, None] * path.memory
    kept = ((own >= 0.5) & (own <= 1.5)).all(axis=(1, 2, 3))
    found = crude(parameters, start, level_kept(parameters, 1, steps), replicas=300, seed=9)
    assert 0 < found.diagnostics["hits"] == kept.sum() < 300


def test_reference_events_at_the_end_are_those_of_the_final_state():
    parameters = ChainParameters(4, 2, "0.6")
    target = Reached(40, 1, "level 1 holds at the end")
    end = simulate(parameters, "undecided", 40, seed=2, replicas=500).final
    inside = (np.abs(end.memory * np.sign(end.log_odds)[:, :, None] - 1) <= 0.5).all(axis=(1, 2))
    expected = (inside & (np.abs(end.log_odds) >= 1 / 0.36).all(axis=1)).sum()
    found = crude(parameters, Start("undecided"), target, replicas=500, seed=2)
    assert 0 < found.diagnostics["hits"] == expected < 500


def test_reference_no_hits_and_all_hits():
    parameters = ChainParameters(4, 2, "0.6")
    none = crude(parameters, Start("undecided"), Reached(0, 1, "level 1"), replicas=10, seed=1)
    assert none.log_probability == none.log_low == -math.inf
    all_of_them = crude(parameters, Start("polarized"), Reached(0, 1, "level 1"), replicas=10, seed=1)
    assert all_of_them.log_probability == all_of_them.log_high == 0.0


def test_law_same_bits_for_any_workers_and_blocks(monkeypatch):
    parameters = ChainParameters(6, 3, "0.6", k=2)
    start, target = Start("boundary", level=1, split=3), silos_kept(1, 200)
    found = [crude(parameters, start, target, replicas=700, seed=5, workers=w) for w in (1, 2, 3)]
    monkeypatch.setattr("mcpolar.parallel._LARGEST_BLOCK", 17)
    found.append(crude(parameters, start, target, replicas=700, seed=5))
    assert all(one == found[0] for one in found)


def test_law_progress_counts_every_replica_once():
    seen: list[int] = []
    parameters = ChainParameters(3, 1, "0.5")
    crude(parameters, Start("boundary"), silos_kept(1, 5), replicas=700, seed=1, progress=seen.append)
    assert sum(seen) == 700
    assert len(seen) > 1


def test_rejects_a_start_that_the_statement_does_not_allow():
    parameters = ChainParameters(3, 1, "0.5")
    wild = ChainState.from_arrays([[9.0, 9.0, 9.0]], [[[1.0], [1.0], [0.1]]])
    with pytest.raises(InputError, match="every own-side log-odds is at least 4"):
        crude(parameters, wild, Reached(5, 2, "level 2", Polarized(Fraction(4), 3)), replicas=5, seed=1)
    with pytest.raises(InputError, match="well-behaved"):
        crude(parameters, wild, Reached(5, 1, "level 1", WellBehaved()), replicas=5, seed=1)


def test_rejects_no_replicas():
    parameters = ChainParameters(3, 1, "0.5")
    with pytest.raises(InputError, match="`replicas` must be a whole number from 1"):
        crude(parameters, Start("undecided"), Reached(1, 1, "level 1"), replicas=0, seed=1)


@pytest.mark.parametrize(("k", "mirror"), [(0, -1.0), (3, 0.2)])
def test_law_lanes_fail_at_the_steps_of_single_replicas(k, mirror):
    generator = np.random.default_rng(3)
    n, m, r = 2 * LANES + 3 * LANES // 4, 7, 3  # two whole groups and a padded one
    side = generator.choice([-1.0, 1.0], (n, m))
    side[::2] = 1.0  # consensus lasts longer
    log_odds = side * generator.uniform(0.5, 400.0, (n, m))
    memory = np.sign(log_odds)[:, :, None] + 0.3 * generator.normal(size=(n, m, r))
    keys = weight_keys(log_odds, r) if k else np.empty((n, 0), np.int64)
    law = make_law(m, r, 0.4, k, mirror, philox_key(12))
    found = np.empty((2, n), np.int64)
    for limits in [(0.4, -np.inf, np.inf), (-np.inf, -0.3, 2.3)]:
        together = State(log_odds.copy(), memory.copy(), keys.copy())
        survive(together, law, order_for(law), 9, *limits, 75, found[0])
        for row in range(n):
            one = State(log_odds, memory, keys).rows(slice(row, row + 1)).copy()
            survive(one, law, order_for(law), 9 + row, *limits, 75, found[1, row : row + 1])
        assert (found[0] == found[1]).all()
        assert (found[0] < 0).any() and len(np.unique(found[0])) > 4
