"""Figures of the experiments: every one is drawn, says what its bands are, and is the same file again."""

import json
import sys

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from mcpolar.errors import InputError, ResourceError
from mcpolar.experiments import EXPERIMENTS, run_experiment
from mcpolar.report.plots.experiments import draw_experiment, write_experiment
from mcpolar.report.plots.style import COLUMN, PAGE, STYLE
from tests.experiments.test_run import SMALL


def texts(figure):
    """All words of a figure."""
    found = [text.get_text() for axes in figure.axes for text in (axes.xaxis.label, axes.yaxis.label)]
    for axes in figure.axes:
        legend = axes.get_legend()
        found += [text.get_text() for text in legend.get_texts()] if legend else []
        found += [axes.get_title(), axes.get_title(loc="right")]
    return " | ".join(found)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_law_every_figure_is_written(name, tmp_path):
    result = run_experiment(name, seed=5, **SMALL[name])
    paths = write_experiment(result, tmp_path)
    assert sorted(path.name for path in paths) == sorted(p.name for p in tmp_path.iterdir())
    assert (tmp_path / f"{name}.csv").read_text() == result.csv
    record = json.loads((tmp_path / f"{name}.json").read_text())
    assert record["seed"] == 5
    assert set(record["versions"]) >= {"mcpolar", "numpy", "numba", "python"}
    assert record["parameters"].keys() == result.settings.keys()
    assert bool(record["summary"]) == (name in {"fig3", "fig6"} or name.startswith("fig7"))
    assert (tmp_path / f"{name}.png").read_bytes()[:4] == b"\x89PNG"
    before = {path: path.read_bytes() for path in paths}
    write_experiment(result, tmp_path)
    assert {path: path.read_bytes() for path in paths} == before
    assert draw_experiment(result).get_figwidth() in {COLUMN, PAGE}


def test_law_error_bars_and_bands_say_what_they_are():
    assert "mean ± 5 s.e., 3 replicates" in texts(draw_experiment(run_experiment("fig3", **SMALL["fig3"])))
    assert "99.9 % interval (Clopper–Pearson), each step" in texts(
        draw_experiment(run_experiment("fig6", **SMALL["fig6"]))
    )


def test_law_censored_replicates_are_shown():
    settings = {**SMALL["fig7-line"], "distance": [0.2, 6.0], "steps": 30, "memory": 1}
    result = run_experiment("fig7-line", seed=1, **settings)
    assert not result.table["converged"].all()
    words = texts(draw_experiment(result))
    assert "some censored" in words
    assert "censored\nof 3" in words


def test_law_several_replicates_of_a_trajectory_say_which_is_drawn():
    result = run_experiment("fig2", seed=1, **{**SMALL["fig2"], "replicas": 2, "schedule": "single"})
    words = texts(draw_experiment(result))
    assert "replicate 0 of 2" in words
    assert "n updates of one agent" in words


def test_law_figure_of_one_cell_and_no_floor():
    for name, more in (("fig7-line", {"distance": 2.0}), ("fig10", {"sd_floor": 0.0})):
        assert draw_experiment(run_experiment(name, seed=1, **{**SMALL[name], **more}))


def test_rejects_a_broken_install(monkeypatch, tmp_path):
    result = run_experiment("fig1", points=5)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ResourceError, match="need matplotlib, .*pip install matplotlib"):
        write_experiment(result, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if name != "fig4"])
def test_law_a_result_draws_the_main_panel_of_its_figure(name):
    result = run_experiment(name, seed=5, **SMALL[name])
    panel = draw_experiment(result).axes[0]
    with mpl.rc_context(STYLE):
        axes = result.plot(Figure().subplots())
    assert axes.get_ylabel() == panel.get_ylabel()
    assert axes.get_xlabel()
    assert len(axes.lines) == len(panel.lines) > 0
    for ours, theirs in zip(axes.lines, panel.lines, strict=True):
        assert ours.get_xydata().tolist() == theirs.get_xydata().tolist()


def test_rejects_a_grid_of_panels_on_one():
    result = run_experiment("fig4", seed=5, **SMALL["fig4"])
    with pytest.raises(InputError, match="draw_experiment"):
        result.plot(Figure().subplots())
