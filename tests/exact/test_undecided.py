"""How an undecided population decides: dense twins, a martingale, the simulator."""

import math

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from mcpolar.chain import ChainState, simulate
from mcpolar.errors import InputError, PrecisionError
from mcpolar.exact import undecided_exit
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, assert_mean, assert_proportion

REPLICAS = 60_000


def even_grid(sigma: float, start: float, edge: float, n: int = 1200):
    """Mean time, committor and decay rate of one agent by the midpoint rule, in dense matrices."""
    mean, sd = 2 / sigma**2, 2 / sigma
    width = 2 * edge / n
    x = -edge + width * (np.arange(n) + 0.5)

    def rows(origin):
        w, jump = expit(origin)[:, None], x - origin[:, None]
        up, down = (np.exp(-0.5 * ((jump - s * mean) / sd) ** 2) for s in (1, -1))
        return width * (w * up + (1 - w) * down) / (sd * math.sqrt(2 * math.pi))

    inside = rows(x)

    def out_plus(origin):
        w = expit(origin)
        return w * norm.sf((edge - origin - mean) / sd) + (1 - w) * norm.sf((edge - origin + mean) / sd)

    both = np.linalg.solve(np.eye(n) - inside, np.column_stack([np.ones(n), out_plus(x)]))
    here = np.array([start])
    time, plus = (rows(here) @ both)[0]
    rate = 1 - np.abs(np.linalg.eigvals(inside[::4, ::4] * 4)).max()
    return 1 + time, out_plus(here)[0] + plus, rate


def test_twin_one_agent_on_a_fine_even_grid():
    found = undecided_exit(ChainParameters(1, 1, "0.9"), [0.6], level=4)
    time, plus, rate = even_grid(0.9, 0.6, 4 / 0.81)
    assert found.mean_time == pytest.approx(time, rel=1e-5)
    assert found.plus_probability == pytest.approx(plus, rel=1e-5)
    assert found.decay_rate == pytest.approx(rate, rel=1e-4)
    assert max(found.errors) < 1e-8


@pytest.fixture(scope="module")
def three_agents():
    parameters, start = ChainParameters(3, 1, "1"), np.array([0.7, -0.2, 0.0])
    path = simulate(
        parameters, ChainState.from_arrays(start, np.ones((3, 1))), 150, seed=3, every=1, replicas=REPLICAS
    )
    out = (np.abs(path.log_odds) >= 2).any(axis=2)
    time = out.argmax(axis=1)
    at_exit = path.log_odds[np.arange(REPLICAS), time]
    assert out.any(axis=1).all()
    return undecided_exit(parameters, start, level=2, tolerance=1e-8), time, (at_exit >= 2).any(axis=1)


def test_sandwich_three_agents(three_agents):
    exact, time, plus = three_agents
    claims = {"false_alarm": 1e-7, "resolves": 0.02}
    assert_proportion(int(plus.sum()), REPLICAS, exact.plus_probability, **claims)
    assert_mean(np.minimum(time, 150), exact.mean_time, bounds=(0, 150), false_alarm=1e-7, resolves=3)
    # after a few steps the exit comes at the decay rate
    late = time > 4
    assert_proportion(
        int((time == 5).sum()), int(late.sum()), exact.decay_rate, false_alarm=1e-7, resolves=0.1
    )


def test_control_the_other_committor_is_refused(three_agents):
    exact, _, plus = three_agents
    with pytest.raises(DiffersError):
        assert_proportion(
            int(plus.sum()), REPLICAS, 1 - exact.plus_probability, false_alarm=1e-7, resolves=0.02
        )


def test_law_mirror_images():
    parameters = ChainParameters(2, 1, "0.8", mirror="0.2")
    one = undecided_exit(parameters, [0.5, -0.1], level=2)
    other = undecided_exit(parameters, [-0.5, 0.1], level=2)
    assert one.plus_probability == pytest.approx(1 - other.plus_probability, rel=1e-9)
    assert one.mean_time == pytest.approx(other.mean_time, rel=1e-9)
    np.testing.assert_allclose(one.distribution, one.distribution[::-1].copy(), rtol=1e-6)


def test_law_the_density_has_mass_one():
    found = undecided_exit(ChainParameters(2, 1, "1"), [0.0, 0.0], level=2)
    order = np.argsort(found.log_odds)
    assert np.trapezoid(found.distribution[order], found.log_odds[order]) == pytest.approx(1, abs=0.05)


def test_rejects_starts_outside_the_box():
    with pytest.raises(InputError, match="2 numbers in size below h/sigma"):
        undecided_exit(ChainParameters(2, 1, "1"), [0.0, 1.0])
    with pytest.raises(InputError, match="`level`"):
        undecided_exit(ChainParameters(1, 1, "1"), [0.0], level=0)


def test_rejects_a_solver_that_stops_early(monkeypatch):
    monkeypatch.setattr("mcpolar.exact.undecided.gmres", lambda *_a, **_k: (np.zeros(1), 7))
    with pytest.raises(PrecisionError, match="did not converge"):
        undecided_exit(ChainParameters(1, 1, "1"), [0.0])
