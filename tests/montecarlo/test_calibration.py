"""A short form of the coverage study in benchmarks/calibration.py; the long one is reported in docs/calibration.md."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks.calibration import Coverage, cases, coverage, main, markdown
from mcpolar.confidence import nonnegative_mean
from mcpolar.rng import Purpose, generator

CASES = cases()
REPETITIONS = 250


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=() if case.guaranteed else pytest.mark.slow) for case in CASES],
    ids=lambda case: f"{case.name}, 1e{case.log_exact / math.log(10):.0f}",
)
def test_statistics_intervals_cover(case):
    # a share of misses of 1 % (3 % without proof) gives a false alarm with probability 1e-6 at most
    found = coverage(case, REPETITIONS)
    assert found.is_allowed
    assert found.log_width < 8


@pytest.mark.parametrize(("guaranteed", "misses"), [(True, 0.1), (False, 0.15)])
def test_law_so_many_repetitions_see_misses_of_ten_percent(guaranteed, misses):
    case = replace(CASES[0], guaranteed=guaranteed)
    most = max(n for n in range(100) if Coverage(case, REPETITIONS, n, 0, 1.0).is_allowed)
    assert stats.binom(REPETITIONS, misses).sf(most) > 0.99


def test_control_an_interval_that_misses_every_eighth_time_is_noticed():
    def shifted(seed):
        return [
            replace(found, log_low=found.log_low + 5 * (seed % 8 == 0), log_high=0.0, log_probability=0.0)
            for found in CASES[0].estimate(seed)
        ]

    assert not coverage(replace(CASES[0], estimate=shifted), REPETITIONS).is_allowed


@pytest.mark.parametrize("number", [0, 3, 7, 9, 11, 13])
def test_control_a_wrong_answer_is_noticed(number):
    case = CASES[number]
    for factor in (0.05, 20.0):
        wrong = replace(case, log_exact=min(case.log_exact + math.log(factor), -1e-12))
        assert not coverage(wrong, 24).is_allowed


def test_reference_the_study_writes_a_table(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.calibration.cases", lambda: CASES[:1])
    path = tmp_path / "study.md"
    assert main(5, str(path)) == 0
    assert path.read_text().startswith("| estimator and interval |")
    assert main(5) == 0
    assert capsys.readouterr().out.startswith("| estimator")
    monkeypatch.setattr("benchmarks.calibration.cases", lambda: [replace(CASES[0], log_exact=-9.0)])
    assert main(30, str(path)) == 1
    assert "| 0.0% | 30 | 0 |" in markdown([coverage(replace(CASES[0], log_exact=-9.0), 30)], 1.0)


@pytest.mark.parametrize(("deviation", "zeros"), [(0.3, 0.0), (1.0, 0.0), (0.5, 0.3)])
def test_statistics_the_log_normal_upper_end_covers_log_normal_means(deviation, zeros):
    # its own law: misses above must keep to half of 10 %; below, the betting end covers whatever the law
    random = generator(6, Purpose.BOOTSTRAP)
    exact = math.log1p(-zeros) + deviation**2 / 2
    above = below = 0
    for _ in range(300):
        logs = random.normal(0.0, deviation, 16)
        logs[random.random(16) < zeros] = -math.inf
        _, low, high = nonnegative_mean(logs, 0.9)
        above, below = above + (high < exact), below + (low > exact)
    most = stats.binom(300, 0.05).isf(1e-7)
    assert above <= most
    assert below <= most


def test_control_the_normal_interval_of_the_logs_misses_the_mean():
    random = generator(6, Purpose.BOOTSTRAP)
    missed = 0
    for _ in range(300):
        logs = random.normal(0.0, 1.0, 16)
        missed += (
            logs.mean() + 1.75 * logs.std(ddof=1) / 4 < 0.5
        )  # the mean of logs is not the log of the mean
    assert missed > 30


def test_reference_nonnegative_mean_by_hand():
    log_mean, low, high = nonnegative_mean(np.log([1.0, 3.0]), 0.9)
    assert log_mean == pytest.approx(math.log(2))
    assert low < log_mean < high
    assert nonnegative_mean(np.array([-math.inf] * 4), 0.9) == (-math.inf, -math.inf, math.inf)
    _, low, high = nonnegative_mean(np.zeros(50), 0.9)
    assert low < 0.0 == high
    _, _, high = nonnegative_mean(np.array([0.0, 0.0, -math.inf]), 0.9)
    assert -1.0 < high < 0.0
