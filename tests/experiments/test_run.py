"""Running experiments: settings, tables, bytes, and what an interruption leaves."""

import sqlite3
import sys

import numpy as np
import pytest

from mcpolar.errors import InputError, ResourceError
from mcpolar.experiments import EXPERIMENTS, experiment_store, n_replicas, run_experiment
from mcpolar.store import Store

SMALL = {
    "fig1": {"points": 5},
    "fig2": {"agents": 4, "steps": 6},
    "fig3": {"agents": 4, "steps": 6, "neighbours": [1, 3], "replicas": 3},
    "fig4": {"agents": 4, "steps": 6, "neighbours": [1, 3], "mirror": [0.2, 0.5]},
    "fig6": {"agents": 4, "steps": 40, "replicas": 3},
    "fig7-line": {"agents": 4, "steps": 60, "distance": [1.0, 4.0], "replicas": 3},
    "fig7-circle": {"agents": 4, "steps": 60, "distance": [1.0, 4.0], "replicas": 3},
    "fig7-simplex": {"agents": 4, "steps": 60, "distance": [1.0, 4.0], "replicas": 3},
    "fig10": {"agents": 4, "steps": 6},
}
COLUMNS = {
    "fig1": "sigma,x,posterior",
    "fig2": "replicate,step,agent,silo",
    "fig3": "k,replicate,silos,stability",
    "fig4": "mirror,k,replicate,step,agent,silo",
    "fig6": "replicate,step,silos",
    "fig7-line": "distance,replicate,converged,t_star",
    "fig7-circle": "distance,replicate,converged,t_star",
    "fig7-simplex": "distance,replicate,converged,t_star",
    "fig10": "replicate,step,agent,silo,smallest_sd,largest_sd",
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_law_columns_and_bytes(name, tmp_path):
    result = run_experiment(name, seed=5, workers=1, **SMALL[name])
    assert result.csv.partition("\n")[0] == COLUMNS[name]
    with experiment_store(tmp_path / "cells.sqlite", name, seed=5) as store:
        again = run_experiment(name, seed=5, workers=3, store=store, **SMALL[name])
    assert again.csv == result.csv
    assert len(result.table) == result.csv.count("\n") - 1
    other = run_experiment(name, seed=6, **SMALL[name])
    assert (other.csv == result.csv) == (name == "fig1")


def test_law_defaults_are_the_papers():
    expected = {
        "fig2": (30, 5, 0.2, 0.4, 29, 100),
        "fig3": (30, 5, 0.2, 0.0, (1, 2, 5, 10, 15, 20, 25, 27, 28, 29), 80),
        "fig4": (30, 5, 0.2, (0.2, 0.5, 0.7), (1, 5, 15, 25), 200),
        "fig6": (30, 10, 0.2, 0.2, 29, 200),
        "fig7-line": (30, 5, 1.0, 0.0, 29, 200),
        "fig7-circle": (30, 5, 1.0, 0.0, 29, 400),
        "fig7-simplex": (30, 5, 1.0, 0.0, 29, 400),
        "fig10": (30, 5, 0.2, 0.4, 29, 100),
    }
    names = ("agents", "memory", "sigma", "mirror", "neighbours", "steps")
    for name, values in expected.items():
        settings = EXPERIMENTS[name].settings({})
        assert tuple(settings[key] for key in names) == values
        assert settings["weight_floor"] == 1e-12
    assert n_replicas("fig3") == 500
    assert n_replicas("fig1") == 0
    np.testing.assert_allclose(EXPERIMENTS["fig7-line"].defaults["distance"], np.arange(0.5, 6.01, 0.25))


@pytest.mark.parametrize(
    ("name", "distance"), [("fig7-line", 1.5), ("fig7-circle", 0.7), ("fig7-simplex", 3.0)]
)
def test_law_neighbouring_means_are_at_the_distance(name, distance):
    experiment = EXPERIMENTS[name]
    (cell,) = experiment.cells(experiment.settings({"distance": [distance]}))
    means = np.asarray(cell.parameters.means)
    gaps = np.linalg.norm(np.diff(means, axis=0), axis=1)
    np.testing.assert_allclose(gaps, distance, rtol=1e-12)
    every = np.linalg.norm(means[:, None] - means, axis=2)[~np.eye(30, dtype=bool)]
    assert every.min() == pytest.approx(distance)
    assert (every.max() == pytest.approx(distance)) == (name == "fig7-simplex")


def test_law_a_cell_does_not_depend_on_the_others():
    both = run_experiment("fig3", seed=5, **SMALL["fig3"]).table
    one = run_experiment("fig3", seed=5, **{**SMALL["fig3"], "neighbours": 3}).table
    assert both[both["k"] == 3].reset_index(drop=True).equals(one)


def test_law_one_agent_at_a_time_counts_steps_of_n_updates():
    table = run_experiment("fig6", seed=5, schedule="single", **SMALL["fig6"]).table
    assert table["step"].max() == 40
    assert len(table) == 3 * 41


class StopError(Exception):
    pass


def run_kept(path, *, resume=False, seed=5, **given):
    with experiment_store(path, "fig3", seed=seed, resume=resume) as store:
        return run_experiment("fig3", seed=seed, store=store, **{**SMALL["fig3"], **given})


def test_law_finished_blocks_survive_an_interruption(tmp_path):
    path, whole = tmp_path / "cells.sqlite", run_experiment("fig3", seed=5, **SMALL["fig3"])
    seen = []

    def stop(done):
        seen.append(done)
        if sum(seen) == 5:
            raise StopError

    with pytest.raises(StopError):
        run_kept(path, workers=1, progress=stop)
    with Store(path) as kept:
        assert len(kept.kept()) == 1
    with pytest.raises(InputError, match="unless the run in it is to be resumed"):
        run_kept(path)
    with pytest.raises(InputError, match="its seed differ"):
        run_kept(path, resume=True, seed=6)
    done = []
    assert run_kept(path, resume=True, progress=done.append).csv == whole.csv
    assert sum(done) == 6
    with Store(path) as kept:
        assert len(kept.kept()) == 2
        assert len(kept.sessions()) == 2


@pytest.mark.parametrize("larger", [{"replicas": 5}, {"neighbours": [1, 2, 3]}, {"steps": 7}])
def test_law_an_extended_experiment_is_the_larger_one(larger, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["mcpolar.experiments.run"], "BLOCK", 2)
    run_kept(tmp_path / "cells.sqlite")
    done = []
    extended = run_kept(tmp_path / "cells.sqlite", resume=True, progress=done.append, **larger)
    assert extended.csv == run_experiment("fig3", seed=5, **{**SMALL["fig3"], **larger}).csv
    assert run_kept(tmp_path / "cells.sqlite", resume=True).csv == run_kept(tmp_path / "fresh.sqlite").csv


def test_law_a_damaged_block_is_run_again(tmp_path):
    path, whole = tmp_path / "cells.sqlite", run_kept(tmp_path / "cells.sqlite")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE block SET content = replace(CAST(content AS TEXT), ',0,', ',7,') WHERE id = 1")
    connection.close()
    assert run_kept(path, resume=True).csv == whole.csv


def test_rejects_a_store_in_use_and_a_folder_that_is_not_there(tmp_path):
    with (
        experiment_store(tmp_path / "cells.sqlite", "fig3", seed=5),
        pytest.raises(ResourceError, match="in use by another process"),
    ):
        experiment_store(tmp_path / "cells.sqlite", "fig3", seed=5, resume=True)
    with pytest.raises(ResourceError, match="does not exist"):
        experiment_store(tmp_path / "no" / "cells.sqlite", "fig3", seed=5)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("fig5", {}, "`name` must be one of fig1, "),
        ("fig1", {"neighbours": 3}, "`neighbours` must be left out: fig1 has sigma, points; got 3"),
        ("fig2", {"neighbours": [1, 2]}, "`neighbours` must be one value"),
        ("fig2", {"neighbours": 30}, "`neighbours` must be a whole number from 1 to agents - 1 = 29; got 30"),
        ("fig3", {"neighbours": []}, "`neighbours` must be 1 to 10000 values"),
        ("fig3", {"neighbours": [2, 2]}, "`neighbours` must be values that differ"),
        ("fig3", {"agents": 1}, "`agents` must be a whole number from 2"),
        ("fig3", {"mirror": 1.5}, "`mirror` must be a number from 0 to 1; got 1.5"),
        ("fig3", {"sigma": "wide"}, "`sigma` must be a positive number"),
        ("fig3", {"ties": "none"}, "`ties` must be one of"),
        ("fig3", {"weight_floor": 0.5}, "`weight_floor` must be 0"),
        ("fig7-line", {"distance": [0.0]}, "`distance` must be a positive number; got 0.0"),
        ("fig6", {"steps": 0}, "`steps` must be a whole number from 1"),
        ("fig6", {"replicas": 2.5}, "`replicas` must be a whole number"),
        ("fig6", {"seed": -1}, "`seed` must be"),
    ],
)
def test_rejects_settings(name, given, message):
    with pytest.raises(InputError, match=message):
        run_experiment(name, **given)
