"""Summaries: means, shares and restricted means, against what they are by definition."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.experiments import restricted_mean, summarise
from mcpolar.experiments.distances import merging_times
from mcpolar.experiments.summaries import median_time

HORIZON = 200


@given(st.lists(st.integers(0, HORIZON), min_size=2, max_size=40), st.integers(0, 10))
def test_twin_restricted_mean_with_censoring_at_the_horizon(times, n_censored):
    """Then the Kaplan-Meier mean is the mean of min(t*, T), and Greenwood's error that of a plain mean."""
    values = np.array(times + [HORIZON] * n_censored, dtype=float)
    observed = np.arange(values.size) < len(times)
    mean, error = restricted_mean(values, observed, HORIZON)
    assert mean == pytest.approx(values.mean(), rel=1e-12)
    assert error == pytest.approx(values.std() / math.sqrt(values.size), rel=1e-9, abs=1e-9)


def test_reference_restricted_mean_with_early_censoring():
    """By hand: S is 3/4 on [1, 3), 3/8 on [3, 5)."""
    mean, _ = restricted_mean(np.array([1.0, 2.0, 3.0, 5.0]), np.array([True, False, True, False]), 5)
    assert mean == pytest.approx(1 + 2 * 0.75 + 2 * 0.375)


def test_law_all_censored_says_so():
    times, observed = np.full(4, 50.0), np.zeros(4, dtype=bool)
    assert restricted_mean(times, observed, 50) == (50.0, 0.0)
    assert math.isnan(median_time(times, observed))


def test_law_a_mean_that_ignores_censoring_is_not_given():
    table = pd.DataFrame(
        {
            "distance": [1.0] * 4,
            "replicate": range(4),
            "converged": [True, True, False, False],
            "t_star": pd.array([10, 20, None, None], dtype="Int64"),
        }
    )
    row = summarise("fig7-line", table, {"steps": 100}).iloc[0]
    assert row["restricted_mean"] == pytest.approx(57.5)
    assert (row["censored"], row["replicates"]) == (2, 4)
    assert row["median"] == 20


def test_law_fig6_counts_replicates_with_one_silo():
    table = pd.DataFrame({"replicate": [0, 1, 2, 3], "step": 5, "silos": [1, 2, 1, 3]})
    row = summarise("fig6", table, {}).iloc[0]
    assert row["share"] == 0.5
    assert 0 < row["low"] < 0.5 < row["high"] < 1


def test_law_fig3_means():
    table = pd.DataFrame({"k": [1, 1, 2], "silos": [2, 4, 3]})
    summary = summarise("fig3", table, {})
    assert summary["mean_silos"].tolist() == [3, 3]
    assert summary["standard_error"].iloc[0] == pytest.approx(1)
    assert math.isnan(summary["standard_error"].iloc[1])
    assert summarise("fig2", table, {}).empty


@given(st.lists(st.integers(1, 3), min_size=1, max_size=12))
def test_twin_merging_times(counts):
    counts = [2, *counts]
    last = max(step for step, count in enumerate(counts) if count > 1)
    expected = -1 if counts[-1] > 1 else last
    assert merging_times(np.array([counts]), np.arange(len(counts)))[0] == expected
