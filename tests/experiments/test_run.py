"""Running experiments: settings, tables, bytes, and what an interruption leaves."""

import numpy as np
import pytest

from mcpolar.errors import InputError, ResourceError
from mcpolar.experiments import EXPERIMENTS, n_replicas, run_experiment

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
    partial = tmp_path / "cells"
    again = run_experiment(name, seed=5, workers=3, partial=partial, **SMALL[name])
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


def test_law_finished_cells_survive_an_interruption(tmp_path):
    partial = tmp_path / "cells"
    whole = run_experiment("fig3", seed=5, **SMALL["fig3"])
    seen = []

    def stop(done):
        seen.append(done)
        if sum(seen) == 5:
            raise StopError

    with pytest.raises(StopError):
        run_experiment("fig3", seed=5, partial=partial, workers=1, progress=stop, **SMALL["fig3"])
    assert (partial / "cell-0.csv").exists()
    assert not (partial / "cell-1.csv").exists()
    marked = (partial / "cell-0.csv").read_text().replace(",0,", ",7,", 1)
    (partial / "cell-0.csv").write_text(marked)
    done = []
    resumed = run_experiment(
        "fig3", seed=5, partial=partial, resume=True, progress=done.append, **SMALL["fig3"]
    )
    assert sum(done) == 6
    # the marked cell was taken, not run again
    assert resumed.csv == whole.csv.replace(",0,", ",7,", 1)
    with pytest.raises(InputError, match="`resume` must be of a run with the same settings"):
        run_experiment("fig3", seed=6, partial=partial, resume=True, **SMALL["fig3"])
    assert run_experiment("fig3", seed=5, partial=partial, **SMALL["fig3"]).csv == whole.csv


def test_rejects_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot write"):
        run_experiment("fig3", seed=5, partial=tmp_path / "file" / "cells", **SMALL["fig3"])


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
