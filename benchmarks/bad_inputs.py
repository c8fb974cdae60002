"""Generate bad command lines over every command and option, and see that each is refused as the contract says.

    python -m benchmarks.bad_inputs [COUNT] [SEED]

The commands and their options are read from the application itself. A case is a small command that works, with one
thing wrong. Each must end with status 2 or 3 within five seconds of the processor, say one line on standard error that
names an option of that command, and leave the folder that it is run in as it was. Every tenth case runs in a process
of its own.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from cyclopts import App

from mcpolar.cli.application import application, main
from mcpolar.cli.messages import choices_of, shown_name

SECONDS = 5.0
SMALL: dict[str, tuple[str, ...]] = {
    "bound": ("theorem2", "--steps", "5"),
    "study": ("--agents", "3", "--memory", "1", "--steps", "9", "--replicas", "9"),
    "solve": ("theorem2", "--for", "sigma", "--at-least", "0.9", "--steps", "5"),
    "table paper": (),
    "table grid": ("--statement", "theorem2", "--steps", "5"),
    "plot bound": ("theorem2", "--steps", "5", "--sigma", "0.2,0.3"),
    "cite": (),
    "simulate": ("--agents", "3", "--steps", "9", "--replicas", "2"),
    "run": ("s.sqlite", "--agents", "3", "--steps", "9", "--replicas", "2"),
    "experiment": ("fig3", "--neighbours", "2", "--agents", "4", "--steps", "2", "--replicas", "2"),
    "metastability exit": ("--agents", "3", "--steps", "9", "--replicas", "3"),
    "metastability coarse": ("--agents", "3", "--steps", "30", "--replicas", "3", "--draws", "10"),
    "metastability exact": ("--steps", "2"),
    "metastability meanfield": ("--rounds", "1"),
    "metastability phase": (
        *("--agents", "3", "--steps", "9", "--replicas", "3", "--sigma", "0.5"),
        *("--neighbours", "2"),
    ),
    "metastability growth": (
        *("--memory", "1", "--sigma", "1", "--replicas", "3", "--updates", "9"),
        *("--burn-in", "2"),
    ),
    "statement": ("theorem2",),
    "explore": ("--no-browser", "--export", "page.html"),
    "report": ("garbage.npz", "--output", "r.html"),
    "agents run": ("log.jsonl", "--model", "fake", "--agents", "3", "--steps", "2"),
    "agents read": ("garbage.npz",),
    "agents measures": ("garbage.npz",),
    "agents chain": ("garbage.npz",),
    "agents figure": ("fig2", "garbage.npz"),
    "agents sketch": ("garbage.npz", "answers.jsonl", "--model", "fake"),
    "agents doctor": ("--model", "fake"),
    "compare": ("garbage.npz", "--replicas", "3"),
    "validate": ("theorem2", "--agents", "3", "--steps", "5", "--replicas", "9"),
    "validate paper": ("--replicas", "2"),
    "init": (),
    "doctor": (),
}
"""Each command with arguments that it can work with."""

WORDS = (
    "x",
    "",
    "\x1b[31mred",
    "1e",
    "--",
    "∞",
    "nan",
    "1:2:3:4",
    "None",
    "0x10",
    "'; rm -rf /",
    "\u202etxt",
    "a" * 5000,
)
WHOLE = (*WORDS, "2.5", "-1", "9" * 50, "1e3", "inf", "9" * 5000)
REAL = (*WORDS, "-1", "inf", "1e999", "1,5")
EXPRESSIONS = (
    *WORDS,
    "m**m**m**m",
    "__import__('os').system('true')",
    "1/0",
    "log(0)",
    "-5",
    "1e400",
    "m!",
    "(" * 300,
)
LISTS = (*WORDS, "1:2:0", "3:1", "1,,2", "0:1e9", "1:inf", ",", ":", "1e99999999", "-1e-99999999:1")
PLACES = ("no/such/folder/f.csv", "/proc/none/f.csv", ".", "/", "f" * 300 + ".csv")
STARTS = (
    "missing.npz",
    ".",
    "/dev/null",
    "polarised",
    "missing/",
    "x\x1b[2J",
    "",
    "garbage.npz",
    "garbage.nc",
    "garbage.zarr",
)
EXPRESSED = ("steps",)
WITH_ANY_OPTION = {"bound", "validate"}
OF_OTHERS = {"ascent", "log_odds", "start_memory", "components", "dimension", "distance", "smallest_silo"}
"""Options of other statements than that of the small commands: they are said to be unused."""
LISTED = ("lags", "neighbours", "distance")


@dataclass(frozen=True)
class Command:
    """A command with its options, as the application has them."""

    name: str
    options: dict[str, Any]

    @property
    def words(self) -> list[str]:
        """The words that call it."""
        return self.name.split()


@dataclass(frozen=True)
class Outcome:
    """What a bad command line did."""

    words: tuple[str, ...]
    status: int | str
    out: str
    err: str
    seconds: float
    left: tuple[str, ...]


def commands() -> list[Command]:
    """Return every command that works, by a walk over the application."""
    return [Command(name, _options(app)) for name, app in _walk(application(), ())]


def _walk(app: App, path: tuple[str, ...]) -> Iterator[tuple[str, App]]:
    names = [name for name in app if not name.startswith("-")]
    for name in names:
        yield from _walk(app[name], (*path, name))
    if path and (not names or app.default_command is not None):
        yield " ".join(path), app


def _options(app: App) -> dict[str, Any]:
    found = {shown_name(argument): argument for argument in app.assemble_argument_collection()}
    return {name: argument for name, argument in found.items() if not name.lstrip("-").startswith("*")}


def bad_values(name: str, argument: Any) -> tuple[str, ...]:
    """Return values that an option must refuse."""
    kind = argument.hint
    kinds = {kind, *get_args(kind)}
    if choices_of(kind):
        return ("no-such", "", "Certified ", "text,json", "\x1b[0m")
    if int in kinds and bool not in kinds:
        return WHOLE
    if float in kinds:
        return REAL
    if Path in kinds:  # an experiment makes its folder, and takes one that is there
        return ("/proc/none/f", "f" * 300) if name == "--output-dir" else PLACES
    if bool in kinds:
        return ()
    option = name.lstrip("-").replace("-", "_")
    if option == "start":
        return STARTS
    if option in EXPRESSED:
        return EXPRESSIONS
    if option == "scheduler" or (option == "names" and argument.field_info.default == "flowers"):
        return ()
    return LISTS if option in LISTED else WORDS


def bad_lines(rng: random.Random, known: list[Command]) -> Iterator[list[str]]:
    """Yield bad command lines without end."""
    while True:
        command = rng.choice(known)
        base = [*command.words, *SMALL[command.name]]
        options = {name: one for name, one in command.options.items() if name.startswith("-")}
        name, argument = rng.choice(sorted(options.items()))
        if command.name in WITH_ANY_OPTION and argument.names[0].lstrip("-").replace("-", "_") in OF_OTHERS:
            continue
        kind = rng.random()
        if kind < 0.7:
            values = bad_values(name, argument)
            if not values:
                continue
            without = _without(base, argument.names)
            yield [*without, f"{name}={rng.choice(values)}"]
        elif kind < 0.75:
            yield (
                [*_without(base, argument.names), name]
                if bad_values(name, argument)
                else [*base, "--no-such"]
            )
        elif kind < 0.8:
            yield [*base, rng.choice(["--no-such-option", "--Sigma", "-z", "--sigma-", "---"]), "1"]
        elif kind < 0.84:
            yield [*base, "extra", "words"]
        elif kind < 0.88:
            yield [
                *command.words[:-1],
                command.words[-1] + rng.choice(["x", "\x1b", "é", "-"]),
                *SMALL[command.name],
            ]
        elif kind < 0.92 and "--format" in options and "--output" in options:
            yield [*_without(base, ["--format"]), "--format", "json", "--output", "t.csv"]
        elif kind < 0.96 and "--sigma" in options and command.name != "experiment":
            bad = rng.choice(["0", "-0.2", "1e-300", "1e300", "nan", "0.2.3", "1/3", "0,3:"])
            yield [*_without(base, ["--sigma"]), f"--sigma={bad}"]
        elif "--agents" in options and "--neighbours" in options and command.name not in ("experiment",):
            agents, near = rng.choice([("5", "5"), ("5", "9"), ("5", "0"), ("1", "1")])
            trimmed = _without(base, ["--agents", "-m", "--neighbours", "-k"])
            yield [*trimmed, "--agents", agents, "--neighbours", near]


def _without(words: list[str], names: Any) -> list[str]:
    """Return the words without an option and its value."""
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
            continue
        if word in names:
            skip = True
            continue
        found.append(word)
    return found


def attempt(words: list[str], *, is_apart: bool = False) -> Outcome:
    """Run a command line in a folder of its own with two files that are no states."""
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("npz", "nc"):
            (Path(folder) / f"garbage.{ending}").write_bytes(bytes(range(256)))
        before = set(Path(folder).iterdir())
        began = _processor_seconds()
        status, out, err = _apart(words, folder) if is_apart else _inside(words, folder)
        left = tuple(sorted(path.name for path in set(Path(folder).iterdir()) - before))
        return Outcome(tuple(words), status, out, err, _processor_seconds() - began, left)


def _processor_seconds() -> float:
    """Return the processor time of this process and those that it ran: what others take does not count."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _inside(words: list[str], folder: str) -> tuple[int | str, str, str]:
    out, err, here = io.StringIO(), io.StringIO(), Path.cwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status: int | str = main(words)
    except BaseException as error:  # a traceback is what must not be
        status = f"{type(error).__name__}: {error}"
    finally:
        os.chdir(here)
    return status, out.getvalue(), err.getvalue()


def _apart(words: list[str], folder: str) -> tuple[int | str, str, str]:
    if any("\0" in word for word in words):  # no process can be given it
        return _inside(words, folder)
    done = subprocess.run(
        [sys.executable, "-m", "mcpolar", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


NAMED = re.compile(r"(--?[a-zA-Z][\w-]*|[A-Z_]+)(?= (?:must|needs|is no))")
MACHINE = re.compile(
    r"cannot (?:write|read|open)|needs the extra|No such file|folder|too long|null (?:byte|character)"
)
COMPLAINT = re.compile(r"must be|needs a value|must be given|is no (?:option|argument)|cannot|null")


def faults(outcome: Outcome, known: list[Command]) -> list[str]:
    """Return what is wrong with a refusal."""
    found = []
    lines = [line for line in outcome.err.splitlines() if line]
    spoken = [line for line in lines if not re.search(r"does not use --|draws are those|compil", line)]
    if outcome.status not in (2, 3):
        found.append(f"status {outcome.status}")
    if len(spoken) != 1 or not spoken[0].startswith("mcpolar: "):
        found.append(f"{len(spoken)} lines: {outcome.err[-300:]!r}")
    elif not COMPLAINT.search(spoken[0]):
        found.append(f"says nothing of what must hold: {spoken[0]!r}")
    elif not spoken[0].isprintable():
        found.append(f"control characters: {spoken[0]!r}")
    elif len(spoken[0]) > 700:
        found.append(f"{len(spoken[0])} characters: {spoken[0][:200]!r}")
    else:
        command = _called(outcome.words, known)
        for name in NAMED.findall(spoken[0].partition("; got")[0])[:1]:
            if command and name not in command.options and "is no" not in spoken[0]:
                aliases = {alias for one in command.options.values() for alias in one.names}
                if name not in aliases and name != "COMMAND":
                    found.append(f"names {name}, which {command.name} does not have: {spoken[0]!r}")
    if outcome.out:
        found.append(f"wrote to standard output: {outcome.out[:200]!r}")
    if outcome.left:
        found.append(f"left {', '.join(outcome.left)}")
    if outcome.seconds > SECONDS:
        found.append(f"took {outcome.seconds:.1f} s")
    return found


def _called(words: tuple[str, ...], known: list[Command]) -> Command | None:
    fitting = [one for one in known if list(words[: len(one.words)]) == one.words]
    return max(fitting, key=lambda one: len(one.words), default=None)


def study(count: int, seed: int) -> list[tuple[Outcome, list[str]]]:
    """Try so many bad command lines; return the outcomes that break the contract, and how."""
    rng, known = random.Random(seed), commands()
    lines = bad_lines(rng, known)
    broken = []
    for number in range(count):
        outcome = attempt(next(lines), is_apart=number % 10 == 9)
        if wrong := faults(outcome, known):
            broken.append((outcome, wrong))
            print([word[:60] for word in outcome.words], "|", "; ".join(wrong), flush=True)
    return broken


if __name__ == "__main__":
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    found = study(total, chosen)
    print(f"{total} bad command lines (seed {chosen}), {len(found)} not refused as they should be")
    sys.exit(bool(found))
