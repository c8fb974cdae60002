"""Chances and quantiles of first passages: they cover, also when a run is stopped early; rounds share no draws."""

import functools

import numpy as np
import pytest
from scipy import stats

from mcpolar.answers import passages
from mcpolar.answers.passages import Passages, is_decided, run_passages
from mcpolar.chain import Start
from mcpolar.metastability import PassageTimes, passage_times
from mcpolar.parameters import ChainParameters

CHAIN = ChainParameters(m=4, r=1, sigma="0.5")
STEPS = 400


def made(times, confidence, steps=STEPS):
    """Passages with these times of the event polarized; -1 where it did not come."""
    columns = np.column_stack([times, np.full_like(times, -1), np.full_like(times, -1)])
    empty = np.zeros(len(times), dtype=np.int64)
    one = PassageTimes(CHAIN, steps, columns, empty.astype(np.int8), empty, empty.astype(bool), 1)
    return Passages((one,), confidence, "", 0.0)


@pytest.fixture
def kept_intervals(monkeypatch):
    """Keep the intervals of counts: the datasets of a test share them."""
    monkeypatch.setattr(passages, "beta_binomial", functools.cache(passages.beta_binomial))


def missed(interval_of, confidence, datasets=1500, n=150):
    """How many intervals of the median miss it, for geometric times: its law has P(T <= 7) > 1/2 > P(T < 7)."""
    law = stats.geom(0.1)
    median = int(law.median())
    assert law.cdf(median - 1) < 0.5 < law.cdf(median)
    draws = law.rvs((datasets, n), random_state=np.random.default_rng(7))
    found = [interval_of(made(row, confidence)) for row in draws]
    return sum(not (low <= median <= (STEPS if high is None else high)) for low, high in found)


def is_covering(count, confidence, datasets=1500):
    """Whether so many misses are compatible with the confidence: false alarms at most 1e-6."""
    return count <= stats.binom.isf(1e-6, datasets, 1 - confidence)


def test_statistics_the_quantile_interval_covers(kept_intervals):
    def interval(found):
        quantile = found.quantile("polarized")
        return quantile.low, quantile.high

    assert is_covering(missed(interval, 0.9), 0.9)


def test_control_an_interval_of_the_sample_alone_is_caught(kept_intervals):
    def narrow(found):
        step = found.quantile("polarized").step
        return step, step

    assert not is_covering(missed(narrow, 0.9), 0.9)


def test_law_late_events_have_open_ends():
    times = np.array([3, 5, 9] + [-1] * 60)
    found = made(times, 0.99)
    quantile = found.quantile("polarized")
    assert (quantile.step, quantile.high) == (None, None)
    assert quantile.low is None
    half = made(np.array([3, 5, 9, -1, -1]), 0.99).quantile("polarized")
    assert (half.step, half.low, half.high) == (9, 0, None)


def test_law_rounds_are_the_ensembles_of_their_cells_and_add_up():
    found = run_passages(
        CHAIN,
        Start("undecided"),
        60,
        level=1,
        replicas=200,
        budget=1e6,
        until_decided=False,
        confidence=0.999,
        seed=4,
    )
    assert [len(one.times) for one in found.rounds] == [64, 64, 72]
    assert found.replicas == 200
    again = passage_times(CHAIN, "undecided", 60, replicas=72, seed=4, cell=(2,))
    assert np.array_equal(found.rounds[2].times, again.times)
    assert not np.array_equal(found.rounds[0].times, found.rounds[1].times)
    hits = sum((one.times[:, 0] >= 0).sum() for one in found.rounds)
    assert found.chance("polarized").diagnostics["hits"] == hits
    assert found.stopped == "as many as asked for"


def run(**changed):
    given = {
        "level": 1,
        "replicas": 4000,
        "budget": 1e6,
        "until_decided": False,
        "confidence": 0.99,
        "seed": 1,
    }
    return run_passages(CHAIN, Start("undecided"), 300, **(given | changed))


def test_law_a_decided_run_stops_early_and_is_decided():
    found = run(until_decided=True)
    assert found.replicas < 4000
    assert is_decided(found)
    assert found.stopped.startswith("decided after")


def test_law_a_spent_budget_stops():
    found = run(budget=1e-9)
    assert found.replicas == 64
    assert "the budget of 1e-09 s allows no more" in found.stopped


def test_law_workers_do_not_matter():
    one, two = run(replicas=100, workers=1), run(replicas=100, workers=2)
    assert all(np.array_equal(a.times, b.times) for a, b in zip(one.rounds, two.rounds, strict=True))
