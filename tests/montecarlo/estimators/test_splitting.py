"""Splitting against closed forms, against the conditional estimator and against importance sampling."""

import math
from dataclasses import replace

import numpy as np
import pytest

from mcpolar.chain import Ensemble, Start
from mcpolar.confidence import hedged_betting
from mcpolar.errors import InputError
from mcpolar.montecarlo import (
    Reached,
    conditional,
    consensus_met,
    crude,
    level_kept,
    level_met,
    silo_left,
    silos_kept,
    splitting,
    tilting,
)
from mcpolar.montecarlo.estimators.splitting import Repeating, Splitter, _Paths
from mcpolar.montecarlo.targets import complement, watch_of
from mcpolar.parameters import ChainParameters
from tests.twins.random_walk import chance_to_fall

CONFIDENCE = 1 - 1e-6
ONE, LONE = ChainParameters(1, 1, "1.0"), Start("boundary", level=4)
STEPS = 12


def mean_of_one_agents_fall() -> tuple[float, float, float]:
    """Interval (false alarms 1e-7) of the mean of estimates, each by 10 paths that die and branch again and again.

    Each estimate is of a fall of probability 0.024; the last number is the exact one.
    """
    repeating = Repeating(Splitter.of(ONE, LONE, silo_left(STEPS), seed=11, particles=10))
    repeating.extend(2500)
    sample = np.exp([run.log_probability for run in repeating.runs])
    return *hedged_betting(sample, 1.0, 1 - 1e-7), chance_to_fall(4.0, 0.0, 1.0, STEPS)


def test_statistics_few_paths_are_unbiased():
    low, high, exact = mean_of_one_agents_fall()
    assert low <= exact <= high
    assert high - low < 0.6 * exact


def test_control_a_branch_that_starts_at_its_parents_peak_is_biased(monkeypatch):
    # the first step above the level is a stopping time, the step of the highest score is not
    def branch_at_peak(self, dead, parents, level):
        highest = self.best[parents, -1][:, np.newaxis]
        fresh = self.next_label + np.arange(dead.size)
        self.next_label += dead.size
        is_new = (
            np.arange(self.labels.shape[1]) >= (self.best[parents] >= highest).argmax(axis=1)[:, np.newaxis]
        )
        self.labels[dead] = np.where(is_new, fresh[:, np.newaxis], self.labels[parents])
        self.root[dead] = self.root[parents]
        self._run(dead)

    monkeypatch.setattr(_Paths, "branch", branch_at_peak)
    low, high, exact = mean_of_one_agents_fall()
    assert not low <= exact <= high


@pytest.mark.parametrize(("level", "steps", "least"), [(14, 40, 1e-6), (40, 80, 1e-18)])
def test_sandwich_one_agent_leaves_its_silo(level, steps, least):
    exact = chance_to_fall(float(level), 0.0, 1.0, steps)
    assert least < exact < 10 * least
    found = splitting(
        ONE, Start("boundary", level=level), silo_left(steps), seed=2, confidence=CONFIDENCE, repetitions=30
    )
    assert found.log_low <= math.log(exact) <= found.log_high
    assert found.log_high - found.log_low < 8
    assert found.diagnostics["status"] == "sound"


CHAIN = ChainParameters(6, 3, "0.6", k=2)
SPLIT = Start("boundary", level=1, split=3)


@pytest.mark.parametrize(("steps", "power"), [(27, -6), (60, -14), (120, -27)])
def test_sandwich_two_estimators_agree_on_a_level_that_is_kept(steps, power):
    target = level_kept(CHAIN, 1, steps)
    by_levels = splitting(CHAIN, SPLIT, target, seed=3, particles=150, repetitions=24, confidence=CONFIDENCE)
    by_weight = conditional(CHAIN, SPLIT, target, seed=4, replicas=5000, confidence=CONFIDENCE)
    assert by_levels.log_low <= by_weight.log_high
    assert by_weight.log_low <= by_levels.log_high
    assert by_levels.log_high - by_levels.log_low < 4
    assert math.floor(by_weight.log10) in (power, power - 1)


@pytest.mark.parametrize(("level", "steps", "power"), [(16, 60, -7), (30, 100, -13)])
def test_sandwich_two_estimators_agree_on_a_silo_that_is_left(level, steps, power):
    chain, start = ChainParameters(3, 1, "1.0"), Start("boundary", level=level)
    by_levels = splitting(
        chain, start, silo_left(steps), seed=3, particles=200, repetitions=24, confidence=CONFIDENCE
    )
    by_tilt = tilting(chain, start, silo_left(steps), seed=4, replicas=5000, confidence=CONFIDENCE)
    assert by_levels.log_low <= by_tilt.log_high
    assert by_tilt.log_low <= by_levels.log_high
    assert math.floor(by_tilt.log10) == power


@pytest.mark.parametrize(
    "target",
    [
        Reached(30, 1, "level 1 at the end"),
        Reached(30, None, "good memory at the end"),
        level_met(1, 30),
        consensus_met(30),
        silo_left(30),
        complement(silos_kept(1, 30)),
    ],
)
def test_twin_the_first_paths_are_the_replicas_that_counting_counts(target):
    chain = ChainParameters(5, 2, "0.6", k=2, mirror="0.2")
    start = Start("random") if not hasattr(target, "threshold") or target.level else Start("bipolar", level=2)
    splitter = Splitter.of(chain, start, target, seed=5, coordinate="weakest", particles=400)
    paths = _Paths.first(splitter, replace(splitter.ensemble, cell=(0,)))
    hits = int((paths.outcome == 1).sum())
    assert np.isinf(paths.best[:, -1]).sum() == hits
    from mcpolar.montecarlo.estimators.crude import Counting

    counting = Counting(replace(Ensemble.of(chain, start, 5), cell=(0,)), target)
    counting.extend(400)
    assert 0 < counting.hits == hits < 400


def test_law_scores_of_named_coordinates_are_those_of_functions():
    chain, target = ChainParameters(8, 2, "0.4"), Reached(16, 1, "level 1 at the end")

    def aligned(log_odds, memory):
        weight = 1 / (1 + np.exp(-log_odds))
        inside = [((s * memory >= 0.5) & (s * memory <= 1.5)).mean(axis=(1, 2)) for s in (1, -1)]
        return 0.5 * np.maximum(inside[0] + weight.mean(axis=1), inside[1] + 1 - weight.mean(axis=1))

    def weakest(log_odds, memory):
        return np.abs(log_odds).min(axis=1)

    for name, function in (("aligned", aligned), ("weakest", weakest)):
        by_name, by_function = (
            Splitter.of(chain, Start("random"), target, seed=5, coordinate=c, particles=50)
            for c in (name, function)
        )
        named = _Paths.first(by_name, by_name.ensemble).best
        given = _Paths.first(by_function, by_function.ensemble).best
        looked = list(range(0, 17, 2))  # functions are asked every m/4 steps
        finite = np.isfinite(given[:, 0])
        assert (given[:, looked] <= named[:, looked] + 1e-12).all()
        assert named[finite, 0] == pytest.approx(given[finite, 0], rel=1e-12)


def test_reference_a_users_own_coordinate_gives_the_same_probability():
    chain, target = ChainParameters(6, 2, "0.4"), Reached(18, 1, "level 1 at the end")
    options = {"seed": 3, "particles": 200, "repetitions": 16, "confidence": CONFIDENCE}
    own = splitting(
        chain, "undecided", target, coordinate=lambda log_odds, _: np.abs(log_odds.sum(axis=1)), **options
    )
    named = splitting(chain, "undecided", target, **options)
    counted = crude(chain, "undecided", target, replicas=20_000, seed=9, confidence=CONFIDENCE)
    for one in (own, named):
        assert one.log_low <= counted.log_high
        assert counted.log_low <= one.log_high


def test_reference_a_collapsed_tree_has_no_upper_end():
    # one jump of 4 standard deviations a level: the branches all end on one root and disagree wildly
    chain = ChainParameters(1, 1, "0.5")
    found = splitting(chain, Start("boundary", level=10), silo_left(40), seed=1, particles=60, repetitions=10)
    assert found.diagnostics["status"] == "collapsed"
    assert found.diagnostics["died_out"] == 10
    assert (found.log_probability, found.log_low, found.log_high) == (-math.inf, -math.inf, 0.0)


def test_reference_all_paths_die_out_where_the_event_cannot_come():
    chain = ChainParameters(4, 1, "0.3")
    found = splitting(chain, Start("undecided"), level_met(9, 4), seed=1, particles=20, repetitions=8)
    assert found.diagnostics["died_out"] == 8
    assert found.diagnostics["status"] == "collapsed"


def test_reference_no_steps():
    chain = ChainParameters(4, 1, "0.3")
    found = splitting(chain, Start("polarized"), level_met(1, 0), seed=1, particles=20, repetitions=8)
    assert found.log_probability == 0.0
    held = splitting(chain, Start("polarized"), Reached(0, 1, "now"), seed=1, particles=20, repetitions=8)
    assert held.log_probability == 0.0


def test_law_same_bits_for_any_workers():
    options = {"seed": 3, "particles": 40, "repetitions": 12}
    found = [splitting(CHAIN, SPLIT, level_kept(CHAIN, 1, 20), workers=w, **options) for w in (1, 2, 3)]
    assert found[0] == found[1] == found[2]
    parts = Repeating(Splitter.of(CHAIN, SPLIT, level_kept(CHAIN, 1, 20), seed=3, particles=40))
    parts.extend(5)
    parts.extend(7)
    assert parts.estimate(0.999) == found[0]
    assert parts.running(0.999).log_low == found[0].log_low
    assert parts.running(0.999).log_high == 0.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repetitions": 7}, "`repetitions` must be a whole number from 8"),
        ({"particles": 1}, "`particles` must be a whole number from 2"),
        ({"coordinate": "height"}, "`coordinate` must be one of weakest, share"),
        ({"coordinate": "survived"}, "`coordinate` must be another"),
        ({"coordinate": lambda log_odds, memory: np.zeros(3)}, "returns 20 numbers"),
        ({"coordinate": lambda log_odds, memory: np.full(len(log_odds), np.nan)}, "none NaN"),
    ],
)
def test_rejects_options(options, message):
    chain, given = ChainParameters(3, 1, "0.5"), {"particles": 20, "repetitions": 8, **options}
    with pytest.raises(InputError, match=message):
        splitting(chain, "random", consensus_met(5), seed=1, **given)


def test_rejects_a_coordinate_of_arrivals_and_too_many_draws():
    with pytest.raises(InputError, match="survived for an event"):
        splitting(CHAIN, SPLIT, level_kept(CHAIN, 1, 5), seed=1, coordinate="weakest")
    with pytest.raises(InputError, match="`steps` must be at most 200 with 1000000 paths"):
        splitting(CHAIN, SPLIT, level_kept(CHAIN, 1, 500), seed=1, particles=10**6)
    with pytest.raises(InputError, match="log-odds alone"):
        complement(level_kept(CHAIN, 1, 5))
    assert watch_of(CHAIN, consensus_met(5)).threshold == 0.0
