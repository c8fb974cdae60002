"""Options from a file: what is typed goes first, errors name the line, unknown names get the nearest one."""

import json
import tomllib

import pytest

from mcpolar.cli.application import application
from mcpolar.cli.configuration import TABLES, Configuration, ConfigurationError
from mcpolar.cli.init import template
from mcpolar.cli.messages import shown_name

GIVEN = """\
[population]
agents = 4
memory = 1
sigma = "0.5"

[study]
steps = 100
replicas = 64
until_decided = false
seed = 9

[run]
sigma = ["0.5", "0.6"]
replicas = 5
steps = 20
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "study.toml"
        path.write_text(text)
        return path

    return write


def test_reference_a_study_reads_its_tables(run, file):
    record = json.loads(run("study", "--config", file(GIVEN), "--format", "json").out)
    assert (record["parameters"]["m"], record["parameters"]["sigma"]) == (4, "0.5")
    assert (record["parameters"]["steps"], record["provenance"]["seed"]) == (100, 9)


def test_law_what_is_typed_goes_before_the_file(run, file):
    words = ("study", "--config", file(GIVEN), "--seed", 2, "-m", 5, "--format", "json")
    record = json.loads(run(*words).out)
    assert (record["parameters"]["m"], record["provenance"]["seed"]) == (5, 2)


def test_reference_a_run_takes_lists_of_its_own_table(run, file, tmp_path):
    result = run("run", tmp_path / "a.sqlite", "--config", file(GIVEN), "--quiet")
    assert result.status == 0
    assert "2 cells, 5 replicas each" in result.out


def test_law_the_file_and_the_words_give_the_same(run, file):
    by_file = run("study", "--config", file(GIVEN), "--format", "json").out
    words = ("--agents", 4, "--memory", 1, "--sigma", "0.5", "--steps", 100, "--replicas", 64, "--seed", 9)
    by_words = run("study", *words, "--format", "json").out
    one, two = (json.loads(text) for text in (by_file, by_words))
    for record in (one, two):
        record.pop("seconds")
        record["sections"] = record["sections"][:-1]  # it says how long the runs took
    assert one == two


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[study]\nreplcas = 3\n", "line 2: replcas is no option of [study]; did you mean replicas?"),
        ("[population]\nlevel = 3\n", "line 2: level is no option of [population]; there are agents, memory"),
        ("\n[stdy]\nseed = 3\n", "line 2: stdy is no table; did you mean study?"),
        ("seed = 3\n", "line 1: seed is no table; "),
        ("[study]\n\nseed = x\n", "this is no TOML: Invalid value (at line 3, column 8)"),
        ("[study]\nseed = -1\n", "line 2: seed must be a whole number from 0"),
        ("[study]\nseed = 'many'\n", "line 2: seed must be a whole number; got many"),
        ("[study]\nsteps = 2\n[population]\nsigma = '-1'\n", "line 4: sigma must be a number from 1e-6"),
        (
            "[study]\nseed = {a = 1}\n",
            "line 2: seed must be a number, a text, true, false, or a list of them",
        ),
        ("[study]\nseed = []\n", "line 2: seed must be a number, a text"),
        ("[study]\nconfig = 'b.toml'\n", "line 2: config is no option of [study]"),
        ("[study]\nstart = 'north'\n", "line 2: start must be one of random"),
    ],
)
def test_rejects_wrong_files_with_the_line(run, file, text, message):
    path = file(text)
    result = run("study", "--config", path)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert str(path) in result.err
    assert message in result.err


def test_rejects_what_is_no_text_and_what_is_not_there(run, tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes(b"\xff\xfe")
    assert "this is no TOML" in run("study", "--config", path).err
    missing = run("study", "--config", tmp_path / "none.toml")
    assert (missing.status, missing.err.count("\n")) == (3, 1)
    assert "no such file" in missing.err
    assert run("study", "--config", tmp_path).status in (2, 3)


def test_law_errors_of_typed_options_name_no_line(run, file):
    result = run("study", "--config", file(GIVEN), "--seed", "-1")
    assert result.err.startswith("mcpolar: --seed must be")


def test_control_a_wrong_line_would_be_seen(file):
    entries = {
        entry.key: entry.line for entry in Configuration.read(file(GIVEN)).entries if entry.table == "study"
    }
    text = GIVEN.splitlines()
    assert all(text[line - 1].startswith(key) for key, line in entries.items())
    with pytest.raises(ConfigurationError, match="line 7: repl is no option|repl"):
        raise ConfigurationError(file(""), "line 7: repl is no option")


def test_law_the_template_holds_every_option_and_is_valid(run, file):
    text = template()
    tables = tomllib.loads(text)
    assert list(tables) == list(TABLES)
    assert tables["population"] == {"agents": 30, "memory": 5, "sigma": "0.3"}
    app = application()
    for command in ("study", "run"):
        for argument in app[command].assemble_argument_collection():
            name = shown_name(argument)
            if name.startswith("--") and name not in ("--config", "--output", "--format"):
                assert f"{name.removeprefix('--')} = " in text, name


def test_law_every_line_of_the_template_may_be_used(file):
    body = [line.removeprefix("# ") for line in template().splitlines()]
    options = [
        line for line in body if line.startswith("[") or (" = " in line and line.split(" = ")[0].isascii())
    ]
    options = [
        line for line in options if line.startswith("[") or line.split(" = ")[0].replace("-", "").isalpha()
    ]
    found = Configuration.read(file("\n".join(options)))
    assert len(found.entries) >= 30


def test_reference_init_writes_and_leaves_what_is_there(run, tmp_path):
    path = tmp_path / "study.toml"
    assert run("init", "--output", path).status == 0
    assert path.read_text() == template() == run("init").out
    path.write_text("# mine\n")
    result = run("init", "--output", path)
    assert (result.status, result.err.count("\n")) == (3, 1)
    assert "was not written by mcpolar, or was changed since" in result.err
    assert path.read_text() == "# mine\n"
