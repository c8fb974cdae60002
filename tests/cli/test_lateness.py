"""A value that no option can take is refused, and before the work: every option of every command."""

import contextlib
import importlib
import pkgutil
import time

import pytest

import mcpolar.cli
from benchmarks.bad_inputs import OF_OTHERS, READABLE, SMALL, WITH_ANY_OPTION, bad_values, commands, readable
from mcpolar.cli.progress import progress_bar

REFUSED = ("1e999", "-1", "9" * 50, "x", "no-such", "1/0", "3:1")
SECONDS = 2.0
EVERY = {command.name: command for command in commands()}


def without(words, names):
    """Return the words without an option and its value."""
    kept = list(words)
    for name in names:
        if name in kept:
            at = kept.index(name)
            del kept[at : at + 2]
    return kept


@pytest.fixture
def bars(monkeypatch, tmp_path):
    """Return the list of bars that a command moved: something was done."""
    moved = []

    @contextlib.contextmanager
    def noted(what, *given, **options):
        with progress_bar(what, *given, **options) as advance:

            def noting(units):
                moved.append(what)
                advance(units)

            yield noting

    for found in pkgutil.walk_packages(mcpolar.cli.__path__, "mcpolar.cli."):
        module = importlib.import_module(found.name)
        if hasattr(module, "progress_bar") and module.__name__ != "mcpolar.cli.progress":
            monkeypatch.setattr(module, "progress_bar", noted)
    monkeypatch.chdir(tmp_path)
    for name, content in readable().items():
        (tmp_path / name).write_bytes(content)
    return moved


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"agents run", "agents doctor"}))
def test_law_every_option_refuses_what_it_cannot_take_and_before_the_work(run, bars, name):
    command, late, taken, tried = EVERY[name], [], [], 0
    for option, argument in command.options.items():
        is_of_others = option.lstrip("-").replace("-", "_") in OF_OTHERS and name in WITH_ANY_OPTION
        if not option.startswith("-") or is_of_others:
            continue
        for value in [word for word in bad_values(option, argument) if word in REFUSED]:
            bars.clear()
            began = time.process_time()
            result = run(
                *command.words, *without(READABLE.get(name, SMALL[name]), argument.names), f"{option}={value}"
            )
            seconds = time.process_time() - began
            tried += 1
            if result.status not in (2, 3):
                taken.append((option, value[:20], result.status))
            elif bars or seconds > SECONDS:
                late.append((option, value[:20], seconds, list(bars), result.err[-100:]))
    assert not late
    assert not taken
    assert tried or name in ("statement", "cite", "init", "report")  # what they take has no bad value


def test_control_an_option_that_is_checked_late_is_seen(run, bars, monkeypatch):
    words = ("metastability", "exit", *SMALL["metastability exit"], "--after=-1")
    with monkeypatch.context() as patch:
        patch.setattr("mcpolar.cli.metastability.exit._require", lambda *_: None)
        assert (run(*words).status, bool(bars)) == (2, True)
    bars.clear()
    assert (run(*words).status, bars) == (2, [])


@pytest.mark.parametrize(
    "words",
    [
        ("exit", "--agents", 3, "--steps", 9, "--replicas", 3, "--after", 9),
        ("coarse", "--agents", 3, "--steps", 30, "--replicas", 3, "--lag", 3, "--lags", "1,2"),
        (
            "coarse",
            "--agents",
            3,
            "--steps",
            30,
            "--replicas",
            3,
            "--reversible",
            "--resampling",
            "dirichlet",
        ),
    ],
)
def test_rejects_what_does_not_fit_the_other_options_before_the_work(run, bars, words):
    assert (run("metastability", *words).status, bars) == (2, [])


def test_reference_a_tail_after_the_last_event_is_absent_and_the_rest_is_kept(run):
    words = (
        "--agents",
        3,
        "--memory",
        1,
        "--sigma",
        3,
        "--steps",
        400,
        "--replicas",
        20,
        "--event",
        "silo-left",
    )
    result = run("metastability", "exit", *words, "--after", 399, "--format", "json", "--start", "undecided")
    assert result.status == 0
    assert '"exponential_tail": null' in result.out
