"""`mcpolar experiment` as a function; the command itself is the application's."""

import json

import pytest
from cyclopts import App

from mcpolar.cli import experiment as command
from mcpolar.errors import InputError, ResourceError
from mcpolar.experiments import run_experiment
from mcpolar.store import Store


@pytest.fixture
def run(tmp_path):
    app = App(result_action="return_value", suppress_keyboard_interrupt=False)
    app.command(command.experiment, name="experiment")

    def call(text):
        return app(
            ["experiment", *text.split(), "--output-dir", str(tmp_path), "--quiet"],
            exit_on_error=False,
            print_error=False,
        )

    return call


def test_law_files_and_settings(run, tmp_path):
    run(
        "fig3 --agents 5 --memory 2 --sigma 0.3 -k 1:3:2,4 --mirror 0.1 --steps 4 "
        "--replicas 2 --seed 9 --weight-floor 0"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fig3.csv",
        "fig3.json",
        "fig3.pdf",
        "fig3.png",
    ]
    record = json.loads((tmp_path / "fig3.json").read_text())
    expected = {"agents": 5, "memory": 2, "sigma": 0.3, "mirror": 0.1, "neighbours": [1, 3, 4], "steps": 4}
    assert expected.items() <= record["parameters"].items()
    given = {**expected, "replicas": 2, "weight_floor": 0.0}
    assert (tmp_path / "fig3.csv").read_text() == run_experiment("fig3", seed=9, **given).csv


def test_law_options_of_single_figures(run, tmp_path):
    run(
        "fig10 --agents 3 --steps 2 --sd-floor 0.05 --covariance-update volume --schedule single --ties index"
    )
    record = json.loads((tmp_path / "fig10.json").read_text())["parameters"]
    assert (record["sd_floor"], record["covariance_update"]) == (0.05, "volume")
    run("fig7-circle --agents 3 --steps 20 --distance 1:2:0.5 --replicas 2 --policy importance")
    assert len((tmp_path / "fig7-circle.csv").read_text().splitlines()) == 1 + 3 * 2
    run("fig1 --points 3 --sigma 0.5,1")
    assert len((tmp_path / "fig1.csv").read_text().splitlines()) == 1 + 2 * 3


def test_law_an_interrupted_run_goes_on(run, tmp_path, monkeypatch):
    line = "fig3 --agents 4 -k 1,2 --steps 3 --replicas 2"
    with monkeypatch.context() as patch:
        patch.setattr("mcpolar.report.plots.experiments.write_experiment", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(line)
    assert [path.name for path in tmp_path.iterdir()] == [".fig3.sqlite"]
    with Store(tmp_path / ".fig3.sqlite") as kept:
        assert len(kept.kept()) == 2
    with pytest.raises(InputError, match="`output_dir` must be a folder without an unfinished run"):
        run(line)
    with pytest.raises(InputError, match="its seed differ"):
        run(line + " --seed 2 --resume")
    with monkeypatch.context() as patch:
        patch.setattr("mcpolar.report.plots.experiments.write_experiment", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(line.replace("1,2", "1:3") + " --resume")
    with Store(tmp_path / ".fig3.sqlite") as kept:
        assert len(kept.kept()) == 3
    run(line + " --resume")
    assert not (tmp_path / ".fig3.sqlite").exists()
    assert len((tmp_path / "fig3.csv").read_text().splitlines()) == 1 + 2 * 2


def test_rejects_files_that_are_none_of_ours(run, tmp_path):
    (tmp_path / "fig3.pdf").write_text("my thesis")
    with pytest.raises(ResourceError, match="is left as it is"):
        run("fig3 --agents 4 -k 1 --steps 3 --replicas 2")
    (tmp_path / "fig3.pdf").unlink()
    (tmp_path / ".fig3.sqlite").write_text("my notes")
    with pytest.raises(ResourceError, match="it is no store of mcpolar; it was left as it is"):
        run("fig3 --agents 4 -k 1 --steps 3 --replicas 2")
    assert (tmp_path / ".fig3.sqlite").read_text() == "my notes"


def _interrupt(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("fig3 -k 30", "`neighbours` must be a whole number from 1 to agents - 1"),
        ("fig3 -k few", "`neighbours` must be a list"),
        ("fig1 --agents 3", "`agents` must be left out"),
        ("fig3 --weight-floor 0,1", "`weight_floor` must be a number; got 0,1"),
        ("fig3 --policy none", "`policy` must be one of"),
        ("fig5", "`name` must be one of fig1, fig2"),
        ("fig3 --seed -1", "`seed` must be"),
        ("fig10 --sd-floor low", "`sd_floor` must be a number; got low"),
    ],
)
def test_rejects_options_and_writes_nothing(run, tmp_path, line, message):
    with pytest.raises(InputError, match=message):
        run(line)
    assert not list(tmp_path.iterdir())


def test_rejects_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot write"):
        command.experiment("fig1", output_dir=tmp_path / "file" / "more", quiet=True)
