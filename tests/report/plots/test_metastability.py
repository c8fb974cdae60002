"""Pictures of metastability hold the numbers of their records."""

import sys

import numpy as np
import pytest

from mcpolar.errors import ResourceError
from mcpolar.metastability import (
    analyse,
    count_transitions,
    mean_field,
    scan_lags,
    survival_curve,
)
from mcpolar.parameters import ChainParameters
from mcpolar.report.plots.metastability import (
    draw_coarse,
    draw_convergence,
    draw_graph,
    draw_mean_weights,
    draw_survival,
)
from mcpolar.report.plots.saving import save


def line(axes, number: int = 0) -> np.ndarray:
    return np.asarray(axes.lines[number].get_ydata())


def test_reference_survival_and_bounds():
    curve = survival_curve([3, 5, 5, 9, 9], [True, True, True, False, False])
    steps = np.array([1.0, 9.0])
    axes = draw_survival(curve, event="not yet", bounds={"SP": (steps, np.array([0.5, 0.1]))}).axes[0]
    np.testing.assert_allclose(line(axes), [1, 0.8, 0.4, 0.4])
    np.testing.assert_allclose(line(axes, 1), [0.5, 0.1])
    assert "95% for the whole curve" in axes.get_legend().get_title().get_text()


@pytest.mark.parametrize("kind", ["plus", "undecided"])
def test_reference_coarse_chain(kind):
    counts = count_transitions(
        ChainParameters(4, 1, "1"), "random", 80, replicas=120, seed=1, lags=(1, 2), kind=kind
    )
    analysis, scan = analyse(counts, 4, draws=10), scan_lags(counts, draws=10)
    figure = draw_coarse(counts, analysis, scan)
    np.testing.assert_array_equal(line(figure.axes[0]), analysis.committor_plus.value)
    np.testing.assert_array_equal(line(figure.axes[1]), analysis.quasi_stationary.value)
    graph = draw_graph(counts, analysis).axes[0]
    assert len(graph.texts) == len(analysis.chain.states)


def test_reference_mean_weights_and_convergence():
    rounds = np.array([0.0, 1.0, 2.0])
    found = mean_field(ChainParameters(2, 1, "1"), [0.5], rounds).mean_weight
    figure = draw_mean_weights({"l = 0.5": (rounds, found)}, dots={"m = 9": (rounds[:2], found[:2])})
    np.testing.assert_array_equal(line(figure.axes[0]), found)
    np.testing.assert_array_equal(line(figure.axes[0], 1), found[:2])
    axes = draw_convergence([10, 1000], np.array([0.1, 0.01]), np.array([0.01, 0.001]), 0.5).axes[0]
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_reference_files(tmp_path):
    figure = draw_convergence([10, 1000], np.array([0.1, 0.01]), np.array([0.01, 0.001]), 0.5)
    save(figure, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_rejects_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ResourceError, match="figures need matplotlib"):
        draw_convergence([10, 1000], np.array([0.1, 0.01]), np.array([0.01, 0.001]), 0.5)
