"""The experiments against figures of the paper's public code (its index ties; they matter below k = 5 only)."""

import numpy as np
import pytest
from scipy import stats

from mcpolar.experiments import run_experiment, summarise

# replicates of 30 with at most this many silos at T = 80, by k
PUBLISHED_FIG3 = {5: (3, 18), 15: (1, 25), 29: (1, 30)}

# distance: mean t* of 50 replicates, a censored one counted as T = 200, and its standard error
PUBLISHED_LINE = {
    1.0: (95.34, 4.089),
    1.5: (54.14, 2.048),
    2.0: (46.58, 1.433),
    2.5: (41.82, 1.665),
    3.0: (38.12, 1.16),
    3.5: (39.14, 1.438),
    4.0: (36.5, 1.094),
    4.5: (37.22, 1.037),
    5.0: (36.14, 1.207),
}

# step: mean silos of 20 replicates
PUBLISHED_FIG2 = {25: 13.3, 50: 5.9, 75: 2.2, 100: 1.2}

FALSE_ALARM = 1e-6


def fig3_pvalue(k, **changed):
    """Fisher's exact test of the share of replicates with few silos; smallest over the rates it is asked at."""
    few, count = PUBLISHED_FIG3[k]
    table = run_experiment("fig3", seed=12, neighbours=[k], replicas=200, **changed).table
    ours = int((table["silos"] <= few).sum())
    return stats.fisher_exact([[count, 30 - count], [ours, 200 - ours]]).pvalue


@pytest.mark.parametrize("k", PUBLISHED_FIG3)
def test_reference_fig3(k):
    assert fig3_pvalue(k) > FALSE_ALARM / 3


@pytest.mark.parametrize("fault", [{"weight_floor": 0.0}, {"mirror": 0.5}])
def test_control_fig3_of_another_system(fault):
    assert fig3_pvalue(15, **fault) < FALSE_ALARM / 3


def test_reference_fig3_falls_from_many_silos_to_one():
    table = run_experiment("fig3", seed=1).table
    means = table.groupby("k")["silos"].mean()
    assert len(table) == 500
    assert list(means.index) == [1, 2, 5, 10, 15, 20, 25, 27, 28, 29]
    assert means[1] > 8
    assert (means.diff().dropna() <= 0.1).all()
    assert means[29] == 1


def line_statistics(replicas=100, **changed):
    """Differences to the published means in standard errors of both, one a distance."""
    result = run_experiment("fig7-line", seed=13, distance=list(PUBLISHED_LINE), replicas=replicas, **changed)
    ours = summarise("fig7-line", result.table, result.settings)
    published = np.array(list(PUBLISHED_LINE.values()))
    errors = np.hypot(ours["standard_error"], published[:, 1])
    return ((ours["restricted_mean"] - published[:, 0]) / errors).to_numpy()


def line_differs(differences):
    """Two tests at half the rate each: a common shift, and the largest difference.

    Means of 50 are nearly normal; for the largest, Student's law of their 49 degrees of freedom is taken.
    """
    shift = abs(differences.sum()) / np.sqrt(differences.size)
    largest = np.abs(differences).max()
    return bool(
        shift > stats.norm.isf(FALSE_ALARM / 4)
        or largest > stats.t.isf(FALSE_ALARM / 4 / differences.size, 49)
    )


def test_reference_fig7_line():
    assert not line_differs(line_statistics())


@pytest.mark.parametrize("fault", [{"memory": 8}, {"mirror": 0.2}, {"sigma": 1.3}])
def test_control_fig7_line_of_another_system(fault):
    assert line_differs(line_statistics(replicas=24, **fault))


def fig2_differs(**changed):
    """Whether any mean of 20 published replicates is unlikely, the means nearly normal with our variance."""
    table = run_experiment("fig2", seed=14, replicas=300, **changed).table
    silos = table.groupby(["replicate", "step"])["silo"].nunique().unstack()[list(PUBLISHED_FIG2)]
    errors = silos.std() * np.sqrt(1 / 20 + 1 / len(silos))
    differences = (silos.mean() - np.array(list(PUBLISHED_FIG2.values()))) / errors
    return bool(differences.abs().max() > stats.norm.isf(FALSE_ALARM / 2 / len(PUBLISHED_FIG2)))


def test_reference_fig2():
    assert not fig2_differs()


@pytest.mark.parametrize("fault", [{"mirror": 0.0}, {"memory": 10}])
def test_control_fig2_of_another_system(fault):
    assert fig2_differs(**fault)


def test_reference_fig6_ends_in_one_silo():
    table = run_experiment("fig6", seed=15).table
    assert len(table) == 50 * 201
    final = table[table["step"] == 200]["silos"]
    assert stats.binomtest(int((final == 1).sum()), 50, 0.9, alternative="less").pvalue > FALSE_ALARM
