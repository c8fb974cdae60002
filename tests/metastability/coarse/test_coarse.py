"""Counts, the coarse-grained chain, its error bars, timescales against the lag and Chapman-Kolmogorov."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from mcpolar.chain import simulate
from mcpolar.errors import InputError, ResourceError
from mcpolar.metastability import (
    Macrostates,
    TransitionCounts,
    analyse,
    committor,
    count_transitions,
    estimate_chain,
    hitting_times,
    implied_timescales,
    quasi_stationary_distribution,
    scan_lags,
)
from mcpolar.parameters import ChainParameters

PARAMETERS = ChainParameters(4, 2, "0.9")


def markov_counts(
    p: np.ndarray, n_steps: int, n_replicas: int, lags=(1, 2, 4), hidden=False
) -> TransitionCounts:
    """Simulate a finite chain itself as if its states were macrostates; `hidden` merges 2 into 1."""
    rng = np.random.default_rng(3)
    n = len(p)
    path = np.empty((n_replicas, n_steps + 1), dtype=int)
    path[:, 0] = rng.integers(n, size=n_replicas)
    edges = p.cumsum(axis=1)
    for t in range(n_steps):
        path[:, t + 1] = (rng.random(n_replicas)[:, None] > edges[path[:, t]]).sum(axis=1)
    if hidden:
        path = np.where(path == 2, 1, path)
    counts = np.zeros((len(lags), 40, n, n), dtype=np.uint32)
    batch = (np.arange(n_replicas) % 40)[:, None]
    for i, lag in enumerate(lags):
        np.add.at(counts[i], (batch, path[:, :-lag], path[:, lag:]), 1)
    return TransitionCounts(Macrostates(n - 1), 1, tuple(lags), counts, n_replicas, n_steps, 1)


CHAIN = np.array([[0.95, 0.05, 0, 0], [0.1, 0.6, 0.3, 0], [0, 0.3, 0.6, 0.1], [0, 0, 0.02, 0.98]])
OFF = CHAIN - np.diag(np.diag(CHAIN))


@pytest.fixture(scope="module")
def counts():
    return markov_counts(CHAIN, 200, 400)


def test_twin_counts_are_those_of_the_trajectory():
    found = count_transitions(
        PARAMETERS, "random", 20, replicas=30, seed=2, every=2, lags=(1, 3), kind="undecided", batches=7
    )
    path = simulate(PARAMETERS, "random", 20, seed=2, every=2, replicas=30)
    h = 1 / 0.81
    plus, rest = (path.log_odds >= h).sum(axis=2), (np.abs(path.log_odds) < h).sum(axis=2)
    labels = found.macrostates.labels()
    expected = np.zeros((2, 7, len(labels), len(labels)), dtype=int)
    for replica in range(30):
        names = [labels.index(f"+{a} ?{b}") for a, b in zip(plus[replica], rest[replica], strict=True)]
        for index, lag in enumerate((1, 3)):
            for look in range(11 - lag):
                expected[index, replica % 7, names[look], names[look + lag]] += 1
    np.testing.assert_array_equal(found.counts, expected)
    assert found.lags == (2, 6)


def test_law_counts_are_the_same_for_any_workers():
    one, two = (
        count_transitions(PARAMETERS, "random", 12, replicas=200, seed=2, lags=(1, 2), workers=w).counts
        for w in (1, 2)
    )
    np.testing.assert_array_equal(one, two)


def test_statistics_error_bars_hold_the_truth(counts):
    found = analyse(counts, 1, confidence=0.999, draws=200)
    mixed = OFF.copy()
    mixed[[0, 3]] = 0
    truth = quasi_stationary_distribution(mixed, [0, 3])
    expected = {
        "committor_plus": committor(OFF, [0], [3]),
        "consensus_time": hitting_times(OFF, [0, 3]),
        "quasi_stationary": truth.distribution,
        "decay_rate": -np.log1p(-truth.rate),
        "timescales": implied_timescales(OFF, count=3),
    }
    for name, value in expected.items():
        spread = getattr(found, name)
        # a percentile interval of 0.999 widened by half: 200 draws do not resolve its ends
        slack = 0.5 * (spread.high - spread.low)
        assert (spread.low - slack <= value + 1e-12).all(), name
        assert (value <= spread.high + slack + 1e-12).all(), name
        assert (spread.low <= spread.value).all(), name
        assert (spread.value <= spread.high).all(), name


@pytest.mark.parametrize("seen", [(0,), (3,), (1,), (1, 2), (0, 1), (1, 2, 3), (0, 3), (0, 1, 2, 3)])
def test_law_what_was_not_seen_is_undefined(seen):
    inside = list(seen)
    shares = CHAIN[np.ix_(inside, inside)]
    full = np.eye(4)
    full[np.ix_(inside, inside)] = shares / shares.sum(axis=1, keepdims=True)
    whole = markov_counts(full, 60, 80)
    table = whole.counts.copy()
    outside = [state for state in range(4) if state not in seen]
    table[:, :, outside, :] = 0  # as if those were never begun from
    found = analyse(replace(whole, counts=table), 1, draws=20)
    assert found.chain.states.tolist() == inside
    ends, mixed = {0, 3} & set(seen), {1, 2} & set(seen)
    expected = {
        "committor_plus": ends == {0, 3},
        "consensus_time": bool(ends),
        "quasi_stationary": bool(ends and mixed),
        "decay_rate": bool(ends and mixed),
    }
    assert {name: name not in found.undefined for name in expected} == expected
    for name, is_defined in expected.items():
        spread = getattr(found, name)
        assert np.isnan(spread.value).any() != is_defined
        assert is_defined or (np.isnan(spread.low).all() and np.isnan(spread.high).all())


def test_law_a_macrostate_without_counts_at_a_lag_is_not_called_staying():
    whole = markov_counts(CHAIN, 60, 80)
    table = whole.counts.copy()
    table[2, :, 3, :] = 0  # never begun from early enough for the longest lag
    scan = scan_lags(replace(whole, counts=table), draws=20)
    assert np.isnan(scan.observed.value).tolist() == [[False] * 4, [False] * 4, [False, False, False, True]]
    assert not scan.is_contradicted[2, 3]


def test_statistics_posterior_and_bootstrap_agree_for_a_markov_chain(counts):
    widths = [
        np.ptp([spread.low, spread.high])
        for spread in (analyse(counts, 1, resampling=how).decay_rate for how in ("bootstrap", "dirichlet"))
    ]
    assert 0.6 < widths[0] / widths[1] < 1.6


def test_reference_reversible_estimates_keep_detailed_balance(counts):
    chain = estimate_chain(counts, 2, reversible=True)
    balance = (
        chain.rates
        * np.linalg.solve(
            np.vstack([(np.eye(4) - chain.rates - np.diag(1 - chain.rates.sum(1))).T[:3], np.ones(4)]),
            [0, 0, 0, 1],
        )[:, None]
    )
    np.testing.assert_allclose(balance, balance.T, rtol=1e-6)
    found = analyse(counts, 2, reversible=True, draws=20)
    assert found.decay_rate.low < found.decay_rate.value < found.decay_rate.high
    # the chain is a birth and death chain, so that imposing balance changes little
    assert found.timescales.value[0] == pytest.approx(
        analyse(counts, 2, draws=10).timescales.value[0], rel=0.05
    )


def test_reference_a_resample_that_falls_apart_is_estimated_in_parts():
    counts = np.zeros((1, 2, 3, 3), dtype=np.uint32)
    counts[0, 0] = [[5, 1, 0], [1, 5, 0], [0, 0, 4]]
    counts[0, 1] = [[5, 0, 1], [0, 4, 0], [1, 0, 5]]
    data = TransitionCounts(Macrostates(2), 1, (1,), counts, 2, 10, 1)
    found = analyse(data, 1, reversible=True, draws=10)
    assert found.chain.states.tolist() == [0, 1, 2]


def test_statistics_chapman_kolmogorov_accepts_a_markov_chain_and_refuses_a_merged_one(counts):
    good = scan_lags(counts, confidence=0.999)
    assert not good.is_contradicted.any()
    assert (good.timescales.low[:, 0] <= good.timescales.high[:, 0].min()).all()
    merged = CHAIN.copy()
    merged[1, 2], merged[1, 1] = 0.02, 0.88  # states 1 and 2 differ, and are slow to mix
    hidden = scan_lags(markov_counts(merged, 300, 400, hidden=True), confidence=0.999)
    assert hidden.is_contradicted[2].any()


def test_reference_lags_that_are_no_multiples_are_left_out(counts):
    found = scan_lags(markov_counts(CHAIN, 50, 80, lags=(2, 3)), draws=10)
    assert np.isnan(found.predicted.value[1]).all()
    assert not found.is_contradicted[1].any()


def test_reference_without_consensus_there_is_no_decay():
    found = count_transitions(
        ChainParameters(6, 3, "0.3", k=2), "bipolar", 60, replicas=20, seed=1, lags=(1,), batches=5
    )
    analysis = analyse(found, 6, draws=10)
    assert analysis.chain.states.tolist() == [3]
    assert np.isnan(analysis.consensus_time.value).all()
    assert np.isnan(analysis.decay_rate.value)
    assert np.isnan(analysis.committor_plus.value).all()
    assert np.isnan(analysis.timescales.value).all()
    assert estimate_chain(found, 6, reversible=True).rates.tolist() == [[0.0]]


def test_rejects_without_deeptime(counts, monkeypatch):
    monkeypatch.setitem(sys.modules, "deeptime.markov.msm", None)
    with pytest.raises(ResourceError, match=r"pip install mcpolar\[metastability\]"):
        estimate_chain(counts, 1, reversible=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lags": ()}, "`lags` must be at least one"),
        ({"lags": (9,)}, "`lags` must be a whole number from 1 to steps / every"),
        ({"kind": "silos"}, "`macrostates` must be plus or undecided; got silos"),
        ({"kind": "undecided", "level": 0}, "`level` must be greater than 0"),
        ({"batches": 1}, "`batches`"),
        ({"replicas": 1}, "`replicas`"),
    ],
)
def test_rejects_bad_arguments_of_the_counts(options, message):
    given = {"replicas": 10, "seed": 1, "lags": (1,)} | options
    with pytest.raises(InputError, match=message):
        count_transitions(PARAMETERS, "random", 20, **given)


def test_rejects_counters_that_do_not_fit():
    with pytest.raises(InputError, match="counters are at most"):
        count_transitions(
            ChainParameters(200, 1, "1"), "random", 200, replicas=10, seed=1, lags=(1,), kind="undecided"
        )


def test_rejects_bad_arguments_of_the_analysis(counts):
    with pytest.raises(InputError, match="`lag` must be one of 1, 2, 4; got 3"):
        analyse(counts, 3)
    with pytest.raises(InputError, match="`resampling` must be bootstrap or dirichlet"):
        analyse(counts, 1, resampling="jackknife")
    with pytest.raises(InputError, match="`resampling` must be bootstrap for reversible chains"):
        analyse(counts, 1, resampling="dirichlet", reversible=True)
    with pytest.raises(InputError, match="`draws`"):
        analyse(counts, 1, draws=1)
