"""First polarization: a dense twin, closed forms, the law of those that wait, the simulator, the certified bound."""

import math

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from mcpolar import events
from mcpolar.bounds import theorem1
from mcpolar.chain import ChainState, simulate
from mcpolar.errors import InputError, PrecisionError
from mcpolar.exact import polarized_hitting, polarized_probabilities, unpolarized_law
from mcpolar.metastability import passage_times
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, assert_mean, assert_proportion

REPLICAS, LAST = 20_000, 200


def state(log_odds, memory=None) -> ChainState:
    odds = np.asarray(log_odds, dtype=float)
    return ChainState.from_arrays(odds, np.zeros((odds.size, 1)) if memory is None else memory)


def even_grid(sigma: float, start: float, level: float, n: int = 1600, reach: float = 60.0):
    """Mean time and committor of one agent, functions being constant on cells; beyond the reach it is lost."""
    mean, sd, edge = 2 / sigma**2, 2 / sigma, level / sigma**2
    ends = np.linspace(-reach, reach, n + 1)
    x = 0.5 * (ends[:-1] + ends[1:])

    def mass(origin, low, high):  # of the cells' parts between low and high
        cut = np.clip(ends, low[:, None], np.maximum(low, high)[:, None]) - origin[:, None]
        w = expit(origin)[:, None]
        return np.diff(w * norm.cdf(cut, mean, sd) + (1 - w) * norm.cdf(cut, -mean, sd), axis=1)

    def rows(origin):
        up = mass(origin, np.maximum(edge, origin + mean / 2), origin + 1.5 * mean)
        down = mass(origin, origin - 1.5 * mean, np.minimum(-edge, origin - mean / 2))
        everywhere = np.full(origin.shape, np.inf)
        return mass(origin, -everywhere, everywhere) - up - down, up + down

    bad, good = rows(x)
    both = np.linalg.solve(np.eye(n) - bad, np.column_stack([np.ones(n), good @ (x > 0)]))
    bad_here, good_here = rows(np.array([start]))
    return (bad_here @ both + np.column_stack([np.ones(1), good_here @ (x > 0)]))[0]


def test_twin_one_agent_on_a_fine_even_grid():
    found = polarized_hitting(ChainParameters(1, 1, "0.9"), state([0.6]), level=2)
    time, plus = even_grid(0.9, 0.6, 2)
    assert found.mean_time == pytest.approx(time, rel=1e-4)
    assert found.consensus_plus == pytest.approx(plus, rel=1e-4)
    assert found.bipolar == pytest.approx(0, abs=1e-12)
    assert max(found.errors) < 1e-5


@pytest.fixture(scope="module")
def two_agents():
    parameters, start = ChainParameters(2, 1, "1"), state([0.8, -0.2])
    exact = polarized_hitting(parameters, start, 30, tolerance=1e-5)
    path = simulate(parameters, start, LAST, seed=4, every=1, replicas=REPLICAS, memory=True)
    holds = events.is_polarized(path, parameters, 1)
    time = np.where(holds.any(axis=1), holds.argmax(axis=1), LAST)
    plus = (path.log_odds[np.arange(REPLICAS), time] > 0).sum(axis=1)
    return exact, time, plus


def test_sandwich_two_agents(two_agents):
    exact, time, plus = two_agents
    assert exact.errors[0] < 1e-4
    assert max(exact.errors[1:]) < 1e-5
    # what is cut at 200 steps is below 1e-6: the decay rate is above 0.07
    assert_mean(time, exact.mean_time, bounds=(0, LAST), false_alarm=1e-7, resolves=7)
    for kind, p in ((2, exact.consensus_plus), (0, exact.consensus_minus), (1, exact.bipolar)):
        assert_proportion(int((plus == kind).sum()), REPLICAS, p, false_alarm=1e-7, resolves=0.03)
    for t in (2, 3, 10, 30):
        count = int((time <= t).sum())
        assert_proportion(count, REPLICAS, exact.reached[t], false_alarm=1e-7, resolves=0.03)


def test_control_sides_exchanged_or_a_step_late_are_refused(two_agents):
    exact, time, plus = two_agents
    claims = {"false_alarm": 1e-7, "resolves": 0.03}
    with pytest.raises(DiffersError):
        assert_proportion(int((plus == 2).sum()), REPLICAS, exact.consensus_minus, **claims)
    with pytest.raises(DiffersError):
        assert_proportion(int((time <= 10).sum()), REPLICAS, exact.reached[9], **claims)


def test_law_forward_and_backward_agree():
    parameters, start = ChainParameters(2, 1, "0.6", mirror="0.3"), state([2.8, -0.5], [[1.0], [0.0]])
    exact = polarized_hitting(parameters, start, 12, level="0.9", tolerance=1e-4)
    law = unpolarized_law(parameters, start, 12, level="0.9", tolerance=1e-4)
    hazard = np.diff(exact.reached) / (1 - exact.reached[:-1])
    np.testing.assert_allclose(law.hazard, hazard, atol=1e-6)
    assert law.mass.sum() == pytest.approx(1, rel=1e-9)
    assert law.satisfying.sum() == pytest.approx(1, rel=1e-9)
    assert law.edges.size == law.mass.size + 1
    now = polarized_probabilities(parameters, start, 12, level="0.9", tolerance=1e-4).probability
    assert exact.reached[1] == pytest.approx(now[1], abs=1e-6)
    assert (now[2:] < exact.reached[2:]).all()


def test_law_mirror_images_and_names():
    parameters = ChainParameters(2, 1, "0.8")
    one = polarized_hitting(parameters, state([2.0, -0.3], [[1.2], [0.0]]), tolerance=1e-3)
    other = polarized_hitting(parameters, state([0.3, -2.0], [[0.0], [-1.2]]), tolerance=1e-3)
    assert one.mean_time == pytest.approx(other.mean_time, rel=1e-6)
    assert one.consensus_plus == pytest.approx(other.consensus_minus, rel=1e-6)
    assert one.bipolar == pytest.approx(other.bipolar, rel=1e-6)


def test_reference_the_first_two_steps_and_a_polarized_start():
    found = polarized_hitting(ChainParameters(2, 1, "1"), state([0, 0]), 2, tolerance=1e-3)
    in_interval = norm.cdf([0.5, 2.5]) - norm.cdf([-0.5, 1.5])
    assert found.reached == pytest.approx([0, 0, 0.5 * in_interval.sum() ** 2], abs=1e-8)
    begun = polarized_hitting(ChainParameters(1, 1, "1"), state([-3.0], [[-1.0]]), 1)
    assert (begun.mean_time, begun.consensus_minus, begun.consensus_plus) == (0, 1, 0)
    assert begun.reached.tolist() == [1, 1]


def test_sandwich_the_certified_bound_lies_below():
    parameters = ChainParameters(2, 1, "0.5")
    bound = theorem1(parameters, level=1)
    found = polarized_hitting(parameters, state([0, 0]), bound.horizon_steps, tolerance=1e-3)
    q = float(bound.lower())
    assert 0 < q <= found.reached[-1]
    assert found.mean_time <= bound.horizon_steps / q


def test_sandwich_three_agents_that_wait():
    parameters, start = ChainParameters(3, 1, "0.8"), state([0.5, 0.0, -1.0])
    law = unpolarized_law(parameters, start, 8, tolerance=1e-3)
    assert law.hazard_error.max() < 1e-3
    times, _ = passage_times(parameters, start, 9, replicas=REPLICAS, seed=6).of("polarized")
    assert law.hazard[0] == pytest.approx(0, abs=1e-12)
    for t in (3, 5, 8):
        waiting = int((times >= t).sum())
        hits = int((times == t).sum())
        assert_proportion(hits, waiting, law.hazard[t - 1], false_alarm=1e-7, resolves=0.03)
        with pytest.raises(DiffersError):  # control
            assert_proportion(hits, waiting, law.hazard[t - 1] + 0.03, false_alarm=1e-7, resolves=0.03)


def test_reference_one_agent_that_waits_drifts_away():
    # far out all that counts is whether its own component's draws land in the interval
    law = unpolarized_law(ChainParameters(1, 1, "1"), state([0.0]), 60, tolerance=1e-9)
    assert law.hazard[-1] == pytest.approx(math.erf(1 / (2 * math.sqrt(2))), abs=1e-10)
    earlier = unpolarized_law(ChainParameters(1, 1, "1"), state([0.0]), 30)
    inside = [float(one.mass[np.abs(one.edges[1:] + one.edges[:-1]) < 60].sum()) for one in (earlier, law)]
    assert inside[1] < inside[0] / 10


def test_rejects_bad_arguments():
    parameters = ChainParameters(2, 1, "1")
    with pytest.raises(InputError, match="`r` must be 1"):
        polarized_hitting(ChainParameters(2, 2, "1"), ChainState.from_arrays([0.0, 0], np.ones((2, 2))))
    with pytest.raises(InputError, match="`level`"):
        polarized_hitting(parameters, state([0, 0]), level=0)
    with pytest.raises(InputError, match="one in which E_h does not hold"):
        unpolarized_law(parameters, state([2, 2], [[1.0], [1.0]]), 3)
    with pytest.raises(InputError, match="`steps`"):
        unpolarized_law(parameters, state([0, 0]), 0)


def test_rejects_a_solver_that_stops_early(monkeypatch):
    monkeypatch.setattr("mcpolar.exact.hitting.bicgstab", lambda *_a, **_k: (np.zeros(1), 7))
    with pytest.raises(PrecisionError, match="did not converge"):
        polarized_hitting(ChainParameters(1, 1, "1"), state([0.0]))
