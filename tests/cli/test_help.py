"""Help: examples of each command that it accepts, text that fills the lines, the same options everywhere."""

import itertools
import os
import re
import shlex
import subprocess
import sys

import pytest

from benchmarks.bad_inputs import commands
from mcpolar.cli.application import application
from mcpolar.cli.help import EXAMPLES, unwrapped
from mcpolar.statements import STATEMENTS, probability_statements

KNOWN = commands()
GROUPS = ("", "table", "plot", "metastability", "agents")


def help_of(run, monkeypatch, name, columns=100):
    monkeypatch.setenv("COLUMNS", str(columns))
    result = run(*name.split(), "--help")
    assert result.status == 0
    return result.out


def test_law_every_command_has_examples_of_its_own():
    assert set(EXAMPLES) == {one.name for one in KNOWN} | set(GROUPS)
    assert all(example.startswith(f"mcpolar {name}") for name, lines in EXAMPLES.items() for example in lines)


@pytest.mark.parametrize("example", sorted({line for lines in EXAMPLES.values() for line in lines}))
def test_law_the_parser_takes_every_example(example):
    words = shlex.split(example)[1:]
    _, bound, unused, _ = application().parse_known_args(words)
    assert unused == []
    assert bound is not None


@pytest.mark.parametrize("name", EXAMPLES)
def test_law_help_shows_the_examples(run, monkeypatch, name):
    text = help_of(run, monkeypatch, name, 200)
    assert text.count("Examples:") == 1
    assert all(f"  {example}\n" in text for example in EXAMPLES[name])


@pytest.mark.parametrize("name", ["metastability exit", "validate", "bound"])
def test_law_help_is_as_wide_as_the_terminal_whatever_was_shown_before(run, monkeypatch, name):
    narrow, wide = help_of(run, monkeypatch, name, 60), help_of(run, monkeypatch, name, 200)
    assert max(map(len, narrow.splitlines())) <= 60 < max(map(len, wide.splitlines()))
    assert help_of(run, monkeypatch, name, 60) == narrow


@pytest.mark.parametrize("command", KNOWN, ids=lambda one: one.name)
def test_law_texts_are_not_broken_before_the_line_is_full(run, monkeypatch, command):
    text = help_of(run, monkeypatch, command.name, 2000)
    body = text.partition("Examples:")[0]
    assert not list(broken(body.splitlines()))


def broken(lines):
    """The lines that go on with an entry though the line before was not full."""
    for before, line in itertools.pairwise(lines):
        goes_on = re.match(r"│ {12,}\S", line)
        if goes_on and len(before.rstrip("│ ")) < 0.8 * len(before):
            yield line


def test_control_a_hard_break_is_seen(run, monkeypatch):
    monkeypatch.setattr("mcpolar.cli.help._unwrap", lambda shown, join: None)
    text = help_of(run, monkeypatch, "validate", 2000)
    assert list(broken(text.splitlines()))


def test_reference_paragraphs_are_joined_and_indented_lines_kept():
    assert unwrapped("a\nb\n\nc\n  d\n  e\nf") == "a b\n\nc\n  d\n  e\nf"


def test_reference_bound_lists_the_statements(run, monkeypatch):
    text = help_of(run, monkeypatch, "bound", 2000)
    for one in probability_statements():
        assert f"{one.command} ({one.title})" in text


def test_reference_help_says_more_than_the_list_of_commands(run, monkeypatch):
    assert "interval-arithmetic lower end" in help_of(run, monkeypatch, "bound")
    assert "silo-left: an agent changes its silo" in help_of(run, monkeypatch, "metastability exit", 200)
    assert "interval-arithmetic" not in help_of(run, monkeypatch, "")


WORKING = [one for one in KNOWN if {"--replicas", "--rounds", "--tolerance"} & set(one.options)]


@pytest.mark.parametrize("command", WORKING, ids=lambda one: one.name)
def test_law_progress_is_asked_for_in_the_same_way_everywhere(command):
    assert {"--quiet", "--progress"} <= set(command.options)
    names = {name for argument in command.options.values() for name in argument.names}
    assert "--no-quiet" not in names
    assert command.options["--progress"].field_info.default == "auto"


def test_law_one_option_has_one_help_and_one_kind_of_value():
    """An option that several commands share by a class or an alias says the same; no flag can be negated."""
    for command in KNOWN:
        names = {name for argument in command.options.values() for name in argument.names}
        assert {name for name in names if name.startswith("--no-")} <= {"--no-browser"}


def test_reference_completion_leaves_the_start_file_alone(tmp_path):
    (tmp_path / ".bashrc").write_text("mine\n")
    done = subprocess.run(
        [sys.executable, "-m", "mcpolar", "--install-completion", "--shell", "bash"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / ".bashrc").read_text() == "mine\n"
    assert str(tmp_path) in done.stdout


@pytest.mark.parametrize("name", [one for one in STATEMENTS if STATEMENTS[one].kind == "probability"])
def test_law_what_people_read_is_made_of_whole_sentences(name):
    statement = STATEMENTS[name]
    given = {"steps": 9, "components": 3, "dimension": 2, "distance": "1"}
    given = {key: value for key, value in given.items() if key in statement.arguments}
    for variant in statement.variants:
        for split in (None, 2):
            values = given | ({"split": split} if split and "split" in statement.arguments else {})
            # where the steps may be left out, the paper's form has a horizon of its own
            if variant == "paper" and statement.arguments.get("steps") is False:
                del values["steps"]
            bound = statement.evaluate({"m": 5, "r": 1, "sigma": "0.3"}, values, variant)
            texts = [bound.event, *bound.notes, *(one.text for one in bound.assumptions)]
            assert all(re.fullmatch(r"\S+( \S+)*", text) for text in texts), texts
            assert bound.event.startswith("The probability that ")
            assert bound.event.endswith(".")
    assert statement.event.startswith("the probability that ")
    assert re.fullmatch(r"[^\n.]+", statement.event.replace("...", ""))
    assert not re.search(r"\b\d{2,}\b", statement.event)  # in symbols
