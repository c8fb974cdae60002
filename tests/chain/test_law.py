"""The law of the chain: moments and shares of the loops against a slow twin with random numbers of its own.

Each figure is the mean over independent replicas of a number in [0, 1]; the means of both are compared by empirical
Bernstein bounds (Maurer and Pontil 2009), which hold for every sample size. Each comparison has a false-alarm rate of
10^-6, all of a cell together one of 2.8 10^-5.
"""

import math

import numpy as np
import pytest
from scipy.special import expit

from mcpolar.chain import Ensemble
from mcpolar.chain.state import weight_keys
from mcpolar.parameters import ChainParameters
from tests.calibrated import DiffersError, TooSmallError
from tests.twins.population import Population

FALSE_ALARM = 1e-6
ROUNDS = (0.5, 2, 5, 10)
REPLICAS, FEWEST_SLOW, SLOW_AGENTS = 16_384, 3000, 60_000
# m, r, sigma, k, mirror, start
CELLS = [
    (30, 5, "0.3", None, None, "random"),
    (30, 5, "0.05", None, None, "random"),
    (30, 1, "0.5", None, None, "undecided"),
    (10, 10, "1.0", None, None, "undecided"),
    (2, 1, "0.7", None, None, "random"),
    (1, 4, "0.4", None, None, "random"),
    (12, 2, "0.5", None, "0.3", "random"),
    (30, 5, "0.3", 5, None, "random"),
    (30, 5, "0.7", 2, None, "undecided"),
    (12, 3, "0.5", 3, "0.3", "random"),
]


def figures(log_odds, memory, sigma):
    """Return for each replica shares and moments, each in [0, 1]: (7, replicas)."""
    weight, plus = expit(log_odds), (log_odds > 0).mean(axis=1)
    return np.array([
        plus,
        np.abs(2 * plus - 1),
        (np.abs(log_odds) >= 1 / sigma**2).mean(axis=1),
        np.minimum(np.abs(log_odds) * sigma**2 / 8, 1).mean(axis=1),
        4 * (weight * expit(-log_odds)).mean(axis=1),
        (2 * weight.mean(axis=1) - 1) ** 2,
        np.minimum(memory**2 / 4, 1).mean(axis=(1, 2)),
    ])  # fmt: skip


def radius(sample, false_alarm):
    """Return how far the mean may be from its expectation, of a sample in [0, 1]."""
    part = math.log(4 / false_alarm)
    return math.sqrt(2 * sample.var(ddof=1) * part / sample.size) + 7 * part / (3 * (sample.size - 1))


def assert_alike(sample, other, *, resolves):
    """Claim: both are samples in [0, 1] of laws with one mean; `resolves` is the difference that must be seen."""
    allowed = radius(sample, FALSE_ALARM / 2) + radius(other, FALSE_ALARM / 2)
    if allowed > resolves:
        raise TooSmallError(f"{other.size} values resolve {allowed:.3g}, not {resolves:.3g}")
    if abs(sample.mean() - other.mean()) > allowed:
        raise DiffersError(f"{sample.mean():.4f} and {other.mean():.4f} are more than {allowed:.3g} apart")


def compare(cell, broken=""):
    """Run both and compare all figures at all times."""
    m, r, sigma, k, mirror, start = cell
    chain = ChainParameters(m, r, sigma, k=k, mirror=mirror)
    ensemble = Ensemble.of(chain, start, 5)
    state = ensemble.arrays(0, REPLICAS)
    share = None if mirror is None else float(mirror)
    twin = Population(m, r, float(sigma), k, share, start, max(FEWEST_SLOW, SLOW_AGENTS // m), 6, broken)
    now = 0
    for time in ROUNDS:
        step = max(1, round(time * m))
        ensemble.advance(state, 0, now, step - now)
        for _ in range(step - now):
            twin.step()
        now = step
        ours = figures(state.log_odds, state.memory, float(sigma))
        theirs = figures(twin.log_odds, twin.memory, float(sigma))
        for sample, other in zip(ours, theirs, strict=True):
            assert_alike(sample, other, resolves=0.08)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(map(str, cell)))
def test_statistics_moments_and_shares_are_those_of_the_slow_twin(cell):
    compare(cell)


@pytest.mark.parametrize(
    ("broken", "cell"),
    [
        ("nearest goes", CELLS[0]),
        ("hears itself", CELLS[6]),
        ("never itself", CELLS[4]),
        ("loud", CELLS[3]),
        ("forgets nothing", CELLS[5]),
        ("everyone is near", CELLS[8]),
        ("half a step", CELLS[2]),
    ],
)
def test_control_a_mistake_of_the_twin_is_seen(broken, cell):
    with pytest.raises(DiffersError):
        compare(cell, broken)


def share_of_extreme(*, by_log_odds):
    """Return the share of |l| > 100 in (30, 5, .05, k 7) from a random start at step 120, and its standard error."""
    ensemble = Ensemble.of(ChainParameters(30, 5, "0.05", k=7), "random", 7)
    state = ensemble.arrays(0, 20_000)
    for step in range(120):
        if by_log_odds:
            state.keys[:] = weight_keys(state.log_odds, 5)
        ensemble.advance(state, 0, step, 1)
    shares = (np.abs(state.log_odds) > 100).mean(axis=1)
    return shares.mean(), shares.std() / math.sqrt(shares.size)


# from paths in thousands of bits: 0.8561 with a standard error of 0.0023
@pytest.mark.parametrize("by_log_odds", [False, True])
def test_reference_share_of_extreme_agents_at_small_sigma(by_log_odds):
    share, error = share_of_extreme(by_log_odds=by_log_odds)
    is_alike = abs(share - 0.8561) < 4.9 * math.hypot(error, 0.0023)  # false alarms 10^-6
    assert is_alike != by_log_odds
