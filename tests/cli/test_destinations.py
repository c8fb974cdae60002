"""Every place that any command writes to is marked, and refused before the work where it cannot be written."""

import dataclasses
import typing
from pathlib import Path

import pytest

from mcpolar.cli.application import application
from mcpolar.cli.destinations import Destination, Source, marked

FOLDERS = {"output_dir"}  # checked by the commands that have it: their files are several
NEEDED = {
    "bound": ["theorem2", "--steps", "5"],
    "study": ["--start", "{folder}/start.npz"],
    "solve": ["theorem2", "--for", "sigma", "--at-least", "0.9", "--steps", "5"],
    "table paper": [],
    "table grid": ["--statement", "theorem2", "--level", "1", "--steps", "5"],
    "plot bound": ["theorem2", "--sigma", "0.2,0.3", "--steps", "5"],
    "cite": [],
    "simulate": ["--steps", "5", "--replicas", "2"],
    "run": ["{folder}/run.sqlite", "--steps", "5", "--replicas", "2", "--agents", "3"],
    "validate": ["theorem2", "--level", "1", "--steps", "5", "--start", "{folder}/start.npz"],
    "validate paper": ["--store", "{folder}/checks.sqlite"],
    "metastability exit": [],
    "metastability coarse": [],
    "metastability exact": [],
    "metastability meanfield": [],
    "metastability phase": [],
    "metastability growth": [],
    "agents read": ["{folder}/start.npz"],
    "agents measures": ["{folder}/start.npz"],
    "agents chain": ["{folder}/start.npz"],
    "init": [],
    "doctor": [],
    "compare": ["{folder}/start.npz"],
    "explore": [],
    "report": ["{folder}/start.npz"],
}
"""A call of each command that writes; one that is not here fails the test."""


def commands(app=None, words=()):
    """Yield every command with its words and its function."""
    app = application() if app is None else app
    if words and app.default_command is not None:
        yield " ".join(words), app.default_command
    for name in app:
        if not name.startswith("-") and name != "install-completion":
            yield from commands(app[name], (*words, name))


def paths(hint, name=""):
    """Yield the names of what takes a path, in a parameter or the fields of a group."""
    if dataclasses.is_dataclass(hint):
        for inner, of in typing.get_type_hints(hint, include_extras=True).items():
            yield from paths(of, inner)
    elif Path in _types(hint):
        yield name


def _types(hint):
    arguments = typing.get_args(hint)
    return {hint} | {
        found for one in arguments if isinstance(one, type) or typing.get_args(one) for found in _types(one)
    }


EVERY = dict(commands())
WRITING = sorted(
    (words, name, mark)
    for words, function in EVERY.items()
    for name, mark in marked(function)
    if isinstance(mark, Destination)
)


def test_law_the_walk_sees_every_command():
    assert {"bound", "table grid", "run", "validate", "validate paper", "metastability exit"} <= EVERY.keys()
    assert {words for words, _, _ in WRITING} == NEEDED.keys()


@pytest.mark.parametrize("words", EVERY)
def test_law_every_path_is_marked(words):
    function = EVERY[words]
    marks = dict(marked(function))
    hints = typing.get_type_hints(function, include_extras=True)
    for parameter, hint in hints.items():
        for name in paths(hint, parameter):
            assert name in marks or name in FOLDERS, f"{words}: {name} is neither a Destination nor a Source"
    if "start" in hints:
        assert isinstance(marks["start"], Source)


def option(name):
    return "--" + name.replace("_", "-")


@pytest.mark.parametrize(
    ("words", "name", "mark"), WRITING, ids=[f"{words} {name}" for words, name, _ in WRITING]
)
class TestEveryDestination:
    def refused(self, run, folder, words, *given):
        (folder / "start.npz").write_bytes(b"PK start")
        before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        needed = [word.format(folder=folder) for word in NEEDED[words]]
        result = run(*words.split(), *needed, *given)
        assert result.status in (2, 3), result
        assert (result.out, result.err.count("\n")) == ("", 1)
        assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
        return result.err

    def test_rejects_a_missing_folder(self, run, tmp_path, words, name, mark):
        path = tmp_path / "no" / f"a{(mark.endings or ('.csv',))[0]}"
        assert "does not exist" in self.refused(run, tmp_path, words, option(name), path)

    def test_rejects_a_foreign_file_and_folder(self, run, tmp_path, words, name, mark):
        for ending in mark.endings or (".csv", ".json", ".tex"):
            path = tmp_path / f"a{ending}"
            path.write_bytes(b"\0 mine")
            assert "is left as it is" in self.refused(run, tmp_path, words, option(name), path)
            path.unlink()
            path.mkdir()
            (path / "b").write_text("mine")
            assert "folder" in self.refused(run, tmp_path, words, option(name), path)
            (path / "b").unlink()
            path.rmdir()

    def test_rejects_another_ending(self, run, tmp_path, words, name, mark):
        given = ["a.sqlite", "a.py"] + (["a.csv"] if mark.endings and ".csv" not in mark.endings else [])
        for other in given:
            message = self.refused(run, tmp_path, words, option(name), tmp_path / other)
            assert f"{option(name)} must be a file that ends in" in message

    def test_rejects_what_the_command_reads_or_keeps(self, run, tmp_path, words, name, mark):
        sources = [word.format(folder=tmp_path) for word in NEEDED[words] if "{" in word]
        for source in sources:
            link = tmp_path / f"link{(mark.endings or ('.csv',))[0]}"
            Path(source).write_bytes(b"PK start")
            link.symlink_to(source)
            assert "must be another file" in self.refused(run, tmp_path, words, option(name), link)
            link.unlink()
            if source != str(tmp_path / "start.npz"):
                Path(source).unlink()


@pytest.mark.parametrize(
    "words", [words for words, name, mark in WRITING if name == "output" and not mark.endings]
)
def test_law_the_ending_names_the_format(run, tmp_path, words):
    needed = [word.format(folder=tmp_path) for word in NEEDED[words]]
    result = run(*words.split(), *needed, "--output", tmp_path / "a.csv", "--format", "json")
    assert result.status == 2
    assert "--format must be csv, or absent, for the file" in result.err


def test_reference_the_format_is_that_of_the_ending(run, tmp_path):
    for ending, begins in (
        (".csv", "table,statement,"),
        (".json", "{"),
        (".md", "**"),
        (".tex", "%"),
        (".txt", "theorem2"),
    ):
        path = tmp_path / f"a{ending}"
        assert run("bound", "theorem2", "--steps", 5, "--output", path).status == 0
        assert path.read_text().startswith(begins)
    plain = tmp_path / "a.out"
    assert run("bound", "theorem2", "--steps", 5, "--output", plain, "--format", "csv").status == 0
    assert plain.read_text() == (tmp_path / "a.csv").read_text()
    assert run("table", "paper", "--output", tmp_path / "a.parquet").status == 0
    assert (tmp_path / "a.parquet").read_bytes()[:4] == b"PAR1"


def test_rejects_one_file_for_two_results(run, tmp_path):
    path = tmp_path / "a.png"
    result = run("metastability", "exit", "--plot", path, "--output", path)
    assert (result.status, result.out) == (2, "")


def test_control_an_unmarked_path_is_seen():
    def command(*, output: Path | None = None) -> None:
        """Write somewhere."""

    assert list(paths(typing.get_type_hints(command)["output"], "output")) == ["output"]
    assert not dict(marked(command))


def test_law_a_command_run_twice_replaces_its_result_and_not_that_of_an_editor(run, tmp_path):
    path = tmp_path / "a.csv"
    words = ("bound", "theorem2", "--output", path, "--steps")
    assert [run(*words, steps).status for steps in (5, 6, 5)] == [0, 0, 0]
    path.write_text(path.read_text().replace("theorem2", "Theorem 2"))
    edited = path.read_bytes()
    result = run(*words, 7)
    assert (result.status, result.out, result.err.count("\n")) == (3, "", 1)
    assert "was changed since, and is left as it is; move it away" in result.err
    assert path.read_bytes() == edited


def test_law_an_experiment_leaves_what_was_edited_before_any_work(run, tmp_path):
    words = ("experiment", "fig3", "--neighbours", 29, "--replicas", 2, "--output-dir", tmp_path, "--quiet")
    assert [run(*words).status for _ in range(2)] == [0, 0]
    (tmp_path / "fig3.json").write_text("{}\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(*words).status == 3
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
