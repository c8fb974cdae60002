"""The right panels of the paper's figures: their numbers by hand, on files in the published runs' format made here."""

import csv
from itertools import pairwise

import numpy as np
import pytest

from mcpolar.agents import Condition, Keywords, Trace, measure, read_trace
from mcpolar.agents.figures import trace_figure
from mcpolar.errors import InputError

NAMES = ("rose", "iris", "lily", "tulip")
FLOWERS = Keywords(NAMES)
HALF = 5


def published(folder, mirror, k, replicate, silos):
    """Two files of one run, each with steps 0 .. 4, as the published ones."""
    paths = []
    for ending, rows in (("", silos[:HALF]), ("_2nd", silos[HALF:])):
        paths.append(folder / f"output{mirror}_{k}_{replicate}{ending}.csv")
        with paths[-1].open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["", *range(len(NAMES))])
            for step, row in enumerate(rows):
                said = [[f" The prettiest flower is the {NAMES[silo]}, isn't it?"] for silo in row]
                lines.writerow([step, *map(repr, said)])
    return paths


def runs_of(seed, n_runs):
    """Silos of runs: each step a random agent takes another's; shape (n_runs, 2 HALF, 4)."""
    draws = np.random.default_rng(seed)
    silos = np.empty((n_runs, 2 * HALF, 4), dtype=int)
    silos[:, 0] = np.arange(4)
    for step in range(1, 2 * HALF):
        silos[:, step] = silos[:, step - 1]
        for run in range(n_runs):
            agent, other = draws.integers(4, size=2)
            silos[run, step, agent] = silos[run, step - 1, other]
    return silos


def make_grid(folder):
    """Files of 2 x 2 conditions with three runs each, and their silos."""
    paths, silos = [], {}
    for at, (mirror, k) in enumerate([(2, 1), (2, 3), (5, 1), (5, 3)]):
        for replicate, run in enumerate(runs_of(at, 3)):
            paths += published(folder, mirror, k, replicate, run)
            silos[mirror / 10, k, replicate] = run
    return paths, silos


@pytest.fixture
def grid(tmp_path):
    return make_grid(tmp_path)


def test_reference_two_halves_are_one_run(grid):
    paths, silos = grid
    for given in (paths, paths[::-1]):
        trace = read_trace(given, FLOWERS)
        assert trace.steps.tolist() == list(range(2 * HALF))
        assert sorted(trace.runs) == sorted({path.stem for path in paths if "2nd" not in path.stem})
        for run, condition, found in zip(trace.runs, trace.conditions, trace.silos, strict=True):
            replicate = int(run.split("_")[2])
            assert (found == silos[condition.mirror, condition.k, replicate]).all()


def test_law_a_second_half_alone_is_a_run_of_its_own(tmp_path):
    silos = runs_of(1, 1)[0]
    _, second = published(tmp_path, 2, 3, 0, silos)
    trace = read_trace(second, FLOWERS)
    assert (trace.silos[0] == silos[HALF:]).all()
    assert trace.conditions == (Condition(0.2, 3),)


def test_reference_figure_3_is_the_mean_number_of_silos_at_the_end(grid):
    paths, silos = grid
    found = trace_figure("fig3", read_trace(paths, FLOWERS))
    assert len(found.table) == 12
    for row in found.summary.itertuples():
        ends = [len(set(silos[row.mirror, row.k, replicate][-1])) for replicate in range(3)]
        assert row.mean_silos == pytest.approx(np.mean(ends), rel=1e-12, abs=0)
        assert row.standard_error == pytest.approx(np.std(ends, ddof=1) / 3**0.5, rel=1e-12, abs=1e-15)
        assert row.replicates == 3


def test_reference_figure_6_counts_runs_with_one_silo(grid):
    paths, silos = grid
    chosen = [path for path in paths if path.stem.startswith("output5_3_")]
    found = trace_figure("fig6", read_trace(chosen, FLOWERS))
    for row in found.summary.itertuples():
        hits = sum(len(set(silos[0.5, 3, replicate][int(row.step)])) == 1 for replicate in range(3))
        assert row.share == hits / 3
        assert row.low <= row.share <= row.high


def test_reference_figures_2_and_5_show_every_agent(grid):
    paths, silos = grid
    trace = read_trace(paths, FLOWERS)
    first = trace_figure("fig2", trace).table
    index = {name: at for at, name in enumerate(NAMES)}
    assert [index[name] for name in first["silo"]] == silos[0.2, 1, 0].ravel().tolist()
    grid_table = trace_figure("fig5", trace).table
    for (mirror, k), cell in grid_table.groupby(["mirror", "k"]):
        assert [index[name] for name in cell["silo"]] == silos[mirror, k, 0].ravel().tolist()
    assert len(grid_table) == 4 * 2 * HALF * 4


def test_reference_statistics_are_those_of_the_published_table(grid):
    """The columns that a table of the published runs has: distinct, changed, the window's kind, largest share."""
    paths, silos = grid
    found = measure(read_trace(paths, FLOWERS))
    for number, condition in enumerate(found.trace.conditions):
        run = silos[condition.mirror, condition.k, int(found.trace.runs[number].split("_")[2])]
        assert found.n_silos[number].tolist() == [len(set(row)) for row in run]
        assert found.changed[number].tolist() == [np.mean(b != a) for a, b in pairwise(run)]
        assert found.largest_share[number, -1] == max(np.bincount(run[-1])) / 4
        frozen = all((row == run[-4]).all() for row in run[-4:])
        assert (found.windows(3)[number, -1] == 1) == frozen


def test_control_a_wrong_half_is_seen(tmp_path):
    silos = runs_of(2, 1)[0]
    first, second = published(tmp_path, 2, 3, 0, silos)
    (tmp_path / "other").mkdir()
    moved = second.rename(tmp_path / "other" / second.name)  # elsewhere it is no half of this run
    trace = read_trace([first, moved], FLOWERS)
    assert len(trace.runs) == 2
    assert trace.steps.size == HALF


def test_rejects_figures_without_what_they_show(grid):
    with pytest.raises(InputError, match="`name` must be one of fig2, fig3, fig5, fig6"):
        trace_figure("fig4", Trace.of_labels([[["a", "b"]]]))
    for name in ("fig3", "fig5"):
        with pytest.raises(InputError, match="mirror probability and neighbourhood are not known"):
            trace_figure(name, Trace.of_labels([[["a", "b"]]]))
    with pytest.raises(InputError, match="runs of one mirror probability and neighbourhood size"):
        trace_figure("fig6", read_trace(grid[0], FLOWERS))
