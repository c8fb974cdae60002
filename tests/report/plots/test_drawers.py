"""`record.plot`: each kind of record has a drawer, which draws on the axes that it is given and says what it shows."""

import os
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import mcpolar as mp
from mcpolar.chain import ChainState
from mcpolar.errors import ResourceError
from mcpolar.exact import consensus_probabilities, polarized_probabilities, silo_survival
from mcpolar.metastability import mean_field, survival_curve
from mcpolar.report.plots import drawers
from mcpolar.report.plots.metastability import draw_survival
from mcpolar.results import DRAWERS, Drawn

mpl.use("Agg")

PAIR = mp.ChainParameters(m=2, r=1, sigma="1")
STATE = ChainState.from_arrays([0.5, -0.5], [[1.0], [-1.0]])
CURVE = survival_curve([3, 5, 5, 9, 9], [True, True, True, False, False])


@pytest.fixture
def axes():
    return Figure().subplots()


def kinds():
    """Every class of record that can be drawn."""
    found, waiting = [], [Drawn]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return found


def test_law_every_kind_has_a_drawer():
    assert drawers.put_table in DRAWERS.values()
    ours = {kind for kind in kinds() if kind.__module__.startswith("mcpolar")}
    assert [kind for kind in ours if DRAWERS.keys().isdisjoint(kind.__mro__)] == []
    assert ours >= DRAWERS.keys()
    assert len(DRAWERS) >= 15


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (lambda: polarized_probabilities(PAIR, STATE, 4), lambda one: one.probability),
        (lambda: silo_survival(PAIR, [0.5, -0.5], 4), lambda one: one.survival),
        (lambda: consensus_probabilities(PAIR, [0.5, -0.5], 4), lambda one: one.plus),
        (lambda: mean_field(PAIR, [0.5], np.array([0.0, 1.0])), lambda one: one.mean_weight),
    ],
    ids=["polarized", "silos", "consensus", "mean field"],
)
def test_reference_a_curve_is_drawn_as_it_is(axes, make, values):
    record = make()
    assert record.plot(axes) is axes
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), values(record))
    assert axes.get_xlabel()
    assert axes.get_ylabel()


def test_reference_a_trajectory_is_drawn_in_levels(axes):
    chain = mp.ChainParameters(m=3, r=1, sigma="0.5")
    trajectory = mp.simulate(chain, mp.Start("undecided"), 30, seed=1, every=10)
    trajectory.plot(axes)
    drawn = sorted(tuple(line.get_ydata()) for line in axes.lines[:3])
    assert drawn == sorted(map(tuple, (trajectory.log_odds[0] * 0.25).T))


def test_law_the_command_draws_the_same(axes):
    CURVE.plot(axes, event="not yet")
    figure = draw_survival(CURVE, event="not yet")
    for ours, theirs in zip(axes.lines, figure.axes[0].lines, strict=True):
        np.testing.assert_array_equal(ours.get_xydata(), theirs.get_xydata())


def test_reference_censored_replicas_are_marked(axes):
    CURVE.plot(axes)
    marks = axes.lines[-1]
    assert (marks.get_label(), marks.get_xydata().tolist()) == ("2 censored", [[9.0, 0.4]])
    everything = survival_curve([3, 5], [True, True])
    assert all("censored" not in line.get_label() for line in everything.plot(Figure().subplots()).lines)


def test_law_without_axes_a_figure_is_made_in_our_style():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    with mpl.rc_context({"font.size": 31}):
        made = CURVE.plot()
    assert len(plt.get_fignums()) == len(before) + 1
    assert made.xaxis.label.get_size() == 8
    plt.close(made.figure)


BACKEND = """
import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas
from matplotlib.backend_bases import FigureManagerBase as FigureManager
matplotlib.interactive(True)
"""


def test_law_what_a_backend_sets_stays_set(tmp_path):
    # as a notebook's does, without which its cells show the first picture only
    (tmp_path / "ours.py").write_text(BACKEND, encoding="utf-8")
    code = (
        "from mcpolar.metastability import survival_curve; import matplotlib;"
        "survival_curve([3, 5], [True, True]).plot(); assert matplotlib.is_interactive()"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])
    environment = {**os.environ, "MPLBACKEND": "module://ours", "PYTHONPATH": path}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_law_who_only_computes_loads_no_matplotlib():
    code = (
        "import sys, mcpolar as mp; mp.table('theorem2', m=3, r=1, sigma=['0.2', '0.3'], steps=5, level=1);"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_rejects_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ResourceError, match="figures need matplotlib"):
        CURVE.plot()
