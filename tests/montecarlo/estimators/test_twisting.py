"""Importance sampling by a twist: against quadrature, counting and splitting, whatever the twist."""

import functools
import math
from dataclasses import replace

import pytest
from scipy import stats

from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.exact import silo_survival
from mcpolar.montecarlo import consensus_met, crude, silo_left, silos_kept, splitting, twisting
from mcpolar.montecarlo.estimators.twist_fit import cells_of, fitted_twist, self_share
from mcpolar.montecarlo.estimators.twisting import Twisting
from mcpolar.montecarlo.targets import complement
from mcpolar.parameters import ChainParameters
from tests.twins.random_walk import chance_to_fall

CONFIDENCE = 1 - 1e-6
ONE = ChainParameters(1, 1, "0.7")
LEVEL, STEPS = 6, 40


@functools.cache
def twist_for(r, sigma, log_odds, share, threshold=0.0):
    return fitted_twist(r, sigma, [log_odds], share, threshold)


def fall_of_one_agent(twist, replicas=4000):
    """Return the estimate for one agent with r = 1, and the exact answer (about 1e-5)."""
    start = Start("boundary", level=LEVEL)
    found = twisting(
        ONE, start, silo_left(STEPS), replicas=replicas, seed=1, twist=twist, confidence=CONFIDENCE
    )
    return found, math.log(chance_to_fall(LEVEL * float(ONE.precision), 0.0, 0.7, STEPS))


def of_one_agent():
    return twist_for(1, 0.7, LEVEL * float(ONE.precision), 1.0)


def test_sandwich_one_agent_by_quadrature():
    found, exact = fall_of_one_agent(of_one_agent())
    assert found.log_low <= exact <= found.log_high
    assert found.log_high - found.log_low < 0.3
    assert exact < math.log(1e-4)
    assert found.diagnostics["status"] == "sound"


def test_sandwich_a_bad_twist_is_not_biased():
    good = of_one_agent()
    flat = replace(
        good,
        twist=good.twist._replace(by_log_odds=0.5 * good.twist.by_log_odds, joint=0.5 * good.twist.joint),
    )
    found, exact = fall_of_one_agent(flat, replicas=3000)
    assert found.log_low <= exact <= found.log_high
    assert found.log_high - found.log_low < 2.0


def test_control_masses_of_cells_that_are_a_little_wrong_are_noticed():
    # draws from the true law in each cell, cells chosen and weighted as for sigma 4 % larger
    good = of_one_agent()
    wrong = cells_of(0.7 * 1.04)
    found, exact = fall_of_one_agent(
        replace(good, cells=good.cells._replace(own=wrong.own, other=wrong.other))
    )
    assert not found.log_low <= exact <= found.log_high


@pytest.mark.parametrize("options", [{}, {"mirror": "0.8"}])
def test_sandwich_two_agents_by_quadrature(options):
    chain, log_odds = ChainParameters(2, 1, "1.0", **options), 7.0
    exact = math.log1p(-float(silo_survival(chain, [log_odds, -log_odds], 12).survival[-1]))
    twist = twist_for(1, 1.0, log_odds, self_share(chain))
    start = Start("boundary", level=7, split=1)
    found = twisting(chain, start, silo_left(12), replicas=2000, seed=1, twist=twist, confidence=CONFIDENCE)
    assert found.log_low <= exact <= found.log_high
    assert found.log_high - found.log_low < 0.7


@pytest.mark.parametrize(
    ("r", "options", "target"),
    [(2, {"k": 2}, silo_left(40)), (3, {"k": 2, "mirror": "0.3"}, complement(silos_kept(1, 40)))],
)
def test_statistics_several_agents_agree_with_counting(r, options, target):
    chain, start = ChainParameters(6, r, "0.9", **options), Start("boundary", level=3, split=3)
    twist = twist_for(
        r, 0.9, 3 * float(chain.precision) - target.threshold, self_share(chain), target.threshold
    )
    counted = crude(chain, start, target, replicas=8000, seed=2, confidence=CONFIDENCE)
    found = twisting(chain, start, target, replicas=2000, seed=1, twist=twist, confidence=CONFIDENCE)
    assert found.log_low <= counted.log_high
    assert counted.log_low <= found.log_high
    assert counted.log_high - counted.log_low < 1.2
    assert found.log_high - found.log_low < 1.0


def test_sandwich_two_estimators_agree_where_nothing_can_be_counted():
    chain, start = ChainParameters(4, 2, "0.7", k=1), Start("boundary", level=4, split=2)
    twist = twist_for(2, 0.7, 4 * float(chain.precision), self_share(chain))
    found = twisting(chain, start, silo_left(80), replicas=2000, seed=1, twist=twist, confidence=CONFIDENCE)
    by_levels = splitting(
        chain, start, silo_left(80), seed=3, particles=200, repetitions=10, confidence=CONFIDENCE
    )
    assert found.log_high < math.log(2e-3)
    assert by_levels.log_low <= found.log_high
    assert found.log_low <= by_levels.log_high
    assert found.log_high - found.log_low < 0.7


def test_sandwich_a_fall_below_the_start_by_closed_form():
    # from l = 100 = H with both elements at 1/2 the log-odds fall if e^-200y > 2 - e^-100: y < -log(2)/200
    chain, start = ChainParameters(1, 2, "0.1"), Start("boundary", level=1)
    target = complement(silos_kept(100, 1))
    found = twisting(chain, start, target, replicas=2000, seed=1, confidence=CONFIDENCE)
    exact = float(stats.norm.logcdf((-math.log(2) / 200 - 1) / 0.1))
    assert found.log_low <= exact <= found.log_high
    assert found.log_high - found.log_low < 0.3


def test_control_a_twist_that_does_not_know_the_threshold_finds_nothing():
    # as if the log-odds were 1 and not 101 when the agent hears itself: it waits for stray draws that never come
    chain, start = ChainParameters(30, 2, "0.1", k=14), Start("boundary", level=1, split=15)
    target = complement(silos_kept(100, 60))
    right = twisting(chain, start, target, replicas=2000, seed=1, confidence=CONFIDENCE)
    blind = replace(fitted_twist(2, 0.1, [1.0], 1 / 15), threshold=100.0)
    wrong = twisting(chain, start, target, replicas=2000, seed=1, twist=blind, confidence=CONFIDENCE)
    assert right.diagnostics["status"] == "sound"
    assert wrong.diagnostics["effective_sample_size"] < 0.1 * right.diagnostics["effective_sample_size"]


def test_law_same_bits_for_any_workers_and_parts():
    start, options = Start("boundary", level=LEVEL), {"seed": 1, "twist": of_one_agent()}
    found = [twisting(ONE, start, silo_left(30), replicas=600, workers=w, **options) for w in (1, 3)]
    parts = Twisting.of(ONE, start, silo_left(30), 1, of_one_agent())
    parts.extend(100)
    few = parts.estimate(0.999)
    parts.extend(500)
    assert found[0] == found[1] == parts.estimate(0.999)
    assert (few.method, few.log_high) == ("twisting, betting below", 0.0)
    running = parts.running(0.999)
    assert (running.log_low, running.log_high) == (found[0].log_low, 0.0)


def test_reference_too_few_effective_weights_give_no_upper_end():
    start = Start("boundary", level=LEVEL)
    found = twisting(ONE, start, silo_left(1), replicas=400, seed=1)  # one arrival can hardly do it
    assert found.diagnostics["status"] == "collapsed"
    assert (found.log_probability, found.log_high) == (-math.inf, 0.0)


def test_rejects_what_it_is_not_for():
    start = Start("boundary", level=3)
    with pytest.raises(InputError, match="`target` must be that some agent falls"):
        twisting(ONE, start, consensus_met(5), replicas=400, seed=1)
    with pytest.raises(InputError, match="`replicas` must be a whole number from 400"):
        twisting(ONE, start, silo_left(5), replicas=399, seed=1)
    with pytest.raises(InputError, match="`start` must be with own-side"):
        target = complement(silos_kept(9, 5))
        twisting(ONE, start, target, replicas=400, seed=1)
    for chain, target, message in (
        (ChainParameters(3, 2, "0.7"), silo_left(5), "for r = 2; got for r = 1"),
        (ChainParameters(3, 1, "0.8"), silo_left(5), "for sigma = 0.8; got for sigma = 0.7"),
        (ONE, complement(silos_kept(1, 5)), "for threshold = 1.0; got for threshold = 0.0"),
    ):
        with pytest.raises(InputError, match="`twist` must be " + message):
            twisting(chain, start, target, replicas=400, seed=1, twist=of_one_agent())
