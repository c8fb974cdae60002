"""What is wrong is said in one line, in words of the command that was called."""

import ast
import inspect
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import mcpolar
from benchmarks.bad_inputs import READABLE, SMALL, Outcome, attempt, bad_lines, commands, faults
from mcpolar.chain import ChainState
from mcpolar.chain.archive import write_state
from mcpolar.cli.application import application
from mcpolar.cli.messages import OPTIONS, Called, choices_of, value_text
from mcpolar.errors import InputError

KNOWN = commands()


def raised_names(folder="."):
    """The names in every `InputError(name, …)` of a folder of the package that are written out."""
    for path in (Path(mcpolar.__file__).parent / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InputError" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(path.name), node.lineno, first.value


def test_law_every_error_that_a_command_raises_itself_names_an_option():
    options = {name for one in KNOWN for name in Called.of(application(), one.words).names}
    unknown = {
        (file, line, name)
        for file, line, name in raised_names("cli")
        if OPTIONS.get(name, name) not in options
    }
    assert unknown == set()


def test_law_every_synonym_stands_for_an_option():
    options = {name for one in KNOWN for name in Called.of(application(), one.words).names}
    assert set(OPTIONS.values()) <= options


@pytest.mark.parametrize("command", KNOWN, ids=lambda one: one.name)
def test_law_an_error_of_any_name_names_an_option_of_the_command_or_none(command):
    called = Called.of(application(), [*command.words, "--output", "x"])
    assert called.names
    for name in {name for _, _, name in raised_names()}:
        message = called.input_message(InputError(name, 3, "from 1 to 2"))
        shown = message.partition(" must be")[0]
        assert shown in command.options or (shown.startswith("the ") and "--" not in shown)
        assert "from 1 to 2" in message
        assert message.partition("got ")[2] in ("3", "3, its default")


@pytest.mark.parametrize("seed", range(4))
def test_law_bad_command_lines_are_refused_in_one_line(seed):
    lines = bad_lines(random.Random(1000 + seed), KNOWN)
    for _ in range(20):
        outcome = attempt(next(lines))
        assert faults(outcome, KNOWN) == [], outcome.words


ARGUMENTS = [
    (command.name, at)
    for command in KNOWN
    for at in range(sum(not name.startswith("-") for name in command.options))
    if command.name != "validate"
]


@pytest.mark.parametrize("given", ["/", ".", "a" * 300])
@pytest.mark.parametrize(("name", "at"), ARGUMENTS)
def test_law_an_argument_that_is_a_folder_or_no_name_is_refused(name, at, given):
    base = list(READABLE.get(name, SMALL[name]))
    base[at] = given
    outcome = attempt([*name.split(), *base])
    assert faults(outcome, KNOWN) == [], outcome.words


@pytest.mark.parametrize(
    ("err", "status", "wrong"),
    [
        ("mcpolar: --agents must be a whole number; got x", 2, None),
        ("mcpolar: --ascent must be a whole number; got x", 2, "names --ascent"),
        ("mcpolar: something else", 2, "says nothing"),
        ("mcpolar: --agents must be 1\nand more", 2, "2 lines"),
        ("mcpolar: --agents must be 1; got \x1b[31m", 2, "control characters"),
        ("mcpolar: --agents must be 1; got 0", 1, "status 1"),
        ("Traceback: must be", 2, "1 lines"),
    ],
)
def test_control_the_check_sees_bad_refusals(err, status, wrong):
    found = faults(Outcome(("simulate", "--agents", "x"), status, "", err + "\n", 0.1, ()), KNOWN)
    assert (found == []) == (wrong is None)
    assert wrong is None or wrong in found[0]
    assert faults(Outcome(("simulate",), 2, "", "mcpolar: --agents must be 1\n", 9.0, ("x.nc",)), KNOWN) == [
        "left x.nc",
        "took 9.0 s",
    ]
    sketch = ("agents", "sketch", "log.jsonl", "other.jsonl", "--model", "fake")
    for name, wrong in (("LOG", 1), ("ANSWERS", 0)):
        outcome = Outcome(sketch, 2, "", f"mcpolar: {name} must be a log; got other.jsonl\n", 0.1, ())
        assert len(faults(outcome, KNOWN)) == wrong


def test_law_choices_are_listed(run):
    seen, places = 0, defaultdict(tuple, {"bound": ("x",), "validate": ("x",), "experiment": ("x",)})
    places |= {"run": ("x",), "statement": ("x",), "agents run": ("x",), "table grid": ("--statement", "x")}
    places |= {
        "solve": ("x", "--for", "x", "--at-least", "0.5"),
        "plot bound": ("x",),
        "agents figure": ("x", "x"),
    }
    places |= {"agents sketch": ("x", "y"), "agents chain": ("x",), "report": ("x",)}
    for command in KNOWN:
        for name, argument in command.options.items():
            if not (choices := choices_of(argument.hint)):
                continue
            seen += 1
            words = [*command.words, *places[command.name], f"{name}=no-such"]
            result = run(*words)
            assert result.status == 2
            assert result.err.startswith(f"mcpolar: {name} must be one of ")
            assert all(str(choice) in result.err for choice in choices)
    assert seen >= 15


def test_reference_a_default_is_not_blamed_on_the_user(run):
    words = ("metastability", "coarse", "--agents", 3, "--replicas", 3, "--draws", 10, "--quiet")
    assert run(*words, "--steps", 6, "--every", 3).status == 0  # the usual lags, as far as the steps allow
    result = run("simulate", "--agents", 3, "--steps", 2, "--start", "boundary", "--split", 4)
    assert result.err == "mcpolar: --split must be a whole number from 0 to m = 3; got 4\n"
    result = run("table", "grid", "--statement", "theorem2", "--level", "1", "--steps", "5", "--agents", "1")
    assert result.status == 0
    result = run("metastability", "meanfield", "-r", 2, "--agents", 1, "--mirror", "0.5")
    assert "--mirror must be absent when m = 1" in result.err
    called = Called.of(application(), ["run", "s.sqlite", "-m5"])
    assert called.input_message(InputError("sigma", "0.3", "1")) == "--sigma must be 1; got 0.3, its default"
    assert called.input_message(InputError("m", 5, "1")) == "--agents must be 1; got 5"
    assert called.input_message(InputError("store", "s", "new")) == "STORE must be new; got s"


def test_reference_faults_of_a_state_file_are_said_of_the_start(run, tmp_path):
    path = tmp_path / "s.npz"
    write_state(ChainState.from_arrays(np.zeros((2, 4)), np.ones((2, 4, 3))), path)
    small = ("simulate", "--steps", 2, "--quiet")
    for words, wrong in (
        (("-m", 5, "-r", 3), "of m = 5 agents with memory r = 3"),
        (("-m", 4, "-r", 2), "of m = 4 agents with memory r = 2"),
    ):
        err = run(*small, *words, "--start", path).err.splitlines()[-1]
        assert err.startswith("mcpolar: --start must be ")
        assert wrong in err
    err = run(*small, "-m", 4, "-r", 3, "--start", tmp_path / "none.npz").err
    assert "or a file of states that is there" in err
    np.savez(path, log_odds=np.zeros((2, 4)), memory=np.full((2, 4, 3), np.nan))
    err = run(*small, "-m", 4, "-r", 3, "--start", path).err
    assert err.startswith("mcpolar: --start must be a file of states whose memory is finite everywhere")


def test_reference_one_replica_alone_is_named_by_its_option(run):
    result = run("simulate", "--agents", 3, "--steps", 2, "--replica", -1)
    assert "--replica must be" in result.err
    assert "first" not in result.err


def test_law_values_are_shown_on_one_line_without_control_characters():
    for code in [*range(32), 127, 0x9B, 0x202E, 0x2028]:
        assert value_text(f"a{chr(code)}b").isprintable()
    assert value_text("\n\t x \n") == "x"
    assert inspect.signature(value_text).return_annotation == "str"
