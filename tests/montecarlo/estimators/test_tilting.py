"""Importance sampling against quadrature for one agent, and against counting for several."""

import math

import pytest

from mcpolar.chain import Start
from mcpolar.errors import InputError
from mcpolar.montecarlo import consensus_met, crude, silo_left, silos_kept, tilting
from mcpolar.montecarlo.estimators.tilting import Tilting
from mcpolar.montecarlo.targets import complement
from mcpolar.parameters import ChainParameters
from tests.twins.random_walk import chance_to_fall

CONFIDENCE = 1 - 1e-6


@pytest.mark.parametrize(
    ("sigma", "level", "steps"), [("1.0", 3, 20), ("1.0", 40, 80), ("0.5", 17, 40), ("2.0", 3, 1)]
)
def test_sandwich_one_agent_by_quadrature(sigma, level, steps):
    chain = ChainParameters(1, 1, sigma)
    log_odds = level * float(chain.precision)
    exact, coarse = (chance_to_fall(log_odds, 0.0, float(sigma), steps, nodes) for nodes in (600, 400))
    assert exact == pytest.approx(coarse, rel=1e-9)
    start = Start("boundary", level=level)
    found = tilting(chain, start, silo_left(steps), replicas=10_000, seed=1, confidence=CONFIDENCE)
    assert found.log_low <= math.log(exact) <= found.log_high
    assert found.log_high - found.log_low < 0.2
    if steps > 1:
        assert found.log_high - found.log_low < 0.05


def test_control_without_the_other_components_share_the_interval_misses():
    # e^(l_end - l_0) in place of (1 + e^(l_end)) / (1 + e^(l_0))
    found = tilting(
        ChainParameters(1, 1, "1.0"),
        Start("boundary", level=14),
        silo_left(40),
        replicas=10_000,
        seed=1,
        confidence=CONFIDENCE,
    )
    exact = math.log(chance_to_fall(14.0, 0.0, 1.0, 40))
    assert found.log_low <= exact <= found.log_high
    wrong = math.log(math.exp(exact) * (1 + math.exp(14)) - 1) - 14  # of E[1 + e^l_end] the 1 is gone
    assert not found.log_low <= wrong <= found.log_high


@pytest.mark.parametrize(("m", "options"), [(3, {}), (6, {"k": 2, "mirror": "0.3"})])
def test_statistics_several_agents_agree_with_counting(m, options):
    chain = ChainParameters(m, 1, "1.2", **options)
    start = Start("boundary", level=4, split=m // 2)
    for target in (silo_left(25), complement(silos_kept(1, 25))):
        counted = crude(chain, start, target, replicas=40_000, seed=2, confidence=CONFIDENCE)
        found = tilting(chain, start, target, replicas=20_000, seed=1, confidence=CONFIDENCE)
        assert found.log_low <= counted.log_high
        assert counted.log_low <= found.log_high
        assert counted.log_high - counted.log_low < 0.6
        assert found.log_high - found.log_low < 0.6


def test_law_same_bits_for_any_workers_and_parts():
    chain, start = ChainParameters(3, 1, "1.0"), Start("boundary", level=9)
    found = [tilting(chain, start, silo_left(30), replicas=600, seed=1, workers=w) for w in (1, 3)]
    parts = Tilting.of(chain, start, silo_left(30), 1)
    parts.extend(100)
    parts.extend(500)
    assert found[0] == found[1] == parts.estimate(0.999)
    running = parts.running(0.999)
    assert (running.log_low, running.log_high) == (found[0].log_low, 0.0)
    alone = Tilting.of(ChainParameters(1, 1, "1.0"), start, silo_left(30), 1)
    alone.extend(600)
    assert alone.running(0.999).log_low < alone.estimate(0.999).log_probability
    assert alone.estimate(0.999).log_probability < alone.running(0.999).log_high < -7


def test_reference_no_falls():
    found = tilting(
        ChainParameters(3, 1, "0.1"), Start("boundary", level=9), silo_left(2), replicas=50, seed=1
    )
    assert found.log_probability == found.log_low == -math.inf
    assert found.log_high == 0.0
    assert found.diagnostics["effective_sample_size"] == 0.0


def test_reference_too_few_effective_weights_have_no_upper_end():
    # from the threshold itself arrivals near 0 decide, and the tilt hardly draws them: 30 Phi(-5) = 8.6e-6
    chain, start = ChainParameters(30, 1, "0.2", k=14), Start("boundary", level=1, split=15)
    found = tilting(chain, start, complement(silos_kept(25, 1000)), replicas=4000, seed=1)
    assert found.diagnostics["effective_sample_size"] < 20
    assert (found.method, found.log_high) == ("tilting, betting below", 0.0)
    assert found.log_low < math.log(8.6e-6)


def test_rejects_what_it_is_not_for():
    start = Start("boundary", level=3)
    with pytest.raises(InputError, match="`r` must be 1"):
        tilting(ChainParameters(3, 2, "1.0"), start, silo_left(5), replicas=10, seed=1)
    with pytest.raises(InputError, match="`target` must be that some agent falls"):
        tilting(ChainParameters(3, 1, "1.0"), start, consensus_met(5), replicas=10, seed=1)
    with pytest.raises(InputError, match="`start` must be with own-side"):
        target = complement(silos_kept(9, 5))
        tilting(ChainParameters(3, 1, "1.0"), start, target, replicas=10, seed=1)
