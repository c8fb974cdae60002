"""The figure of bounds and estimates."""

import builtins
import json

import numpy as np
import pytest
from PIL import Image

from mcpolar.errors import InputError, ResourceError
from mcpolar.report.plots.validation import _panel, plot_checks

ROW = {"table": "1", "m": 30, "r": 5, "sigma": "0.3", "level": 1, "verdict": "validated"}
LOGS = {"bound_log10": -45.0, "low_log10": -44.9, "estimate_log10": -44.8, "high_log10": -44.7}
ROWS = [
    {**ROW, **LOGS},
    {**ROW, **LOGS, "table": "T1", "low_log10": None, "estimate_log10": None, "verdict": "consistent"},
    {**ROW, **LOGS, "table": "T1", "bound_log10": -200.0, "high_log10": -3.0},
]


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg"])
def test_reference_a_figure_is_written(tmp_path, ending):
    path = tmp_path / f"checks{ending}"
    plot_checks(ROWS, path)
    assert path.stat().st_size > 4000


def test_reference_a_panel_shows_bound_estimate_and_interval():
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    _panel(axes, ROWS[1:], "T1")
    ends = [line.get_xdata() for line in axes.get_lines()]
    left = (
        -0.1 * 197.0
    )  # the interval that reaches 0 goes to the edge: a tenth of the widest beyond the bound
    expected = [(left, 0.3), (155.1, 197.0), (155.2,), (0, 0)]
    for found, wanted in zip(ends, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    assert [text.get_text() for text in axes.get_yticklabels()] == ["m=30 r=5 $\\sigma$=0.3"] * 2


def test_law_the_file_says_what_it_was_made_from(tmp_path):
    path = tmp_path / "checks.png"
    plot_checks(ROWS, path, {"replicas": 12, "seed": 7})
    with Image.open(path) as picture:
        record = json.loads(picture.text["Description"])
    assert (record["parameters"]["replicas"], record["seed"]) == (12, 7)
    assert "mcpolar" in record["versions"]


def test_rejects_other_endings_and_a_missing_library(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="`plot` must be a file that ends in .pdf"):
        plot_checks(ROWS, tmp_path / "checks.txt")
    real = builtins.__import__

    def without(name, *args, **options):
        if name.startswith("matplotlib"):
            raise ImportError("No module named 'matplotlib'")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ResourceError, match="need matplotlib, .*pip install matplotlib"):
        plot_checks(ROWS, tmp_path / "checks.png")
    assert not list(tmp_path.iterdir())
