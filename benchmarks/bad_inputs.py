"""Generate bad command lines over every command and option, and see that each is refused as the contract says.

    python -m benchmarks.bad_inputs [COUNT] [SEED]

The commands and their options are read from the application itself. A case is a small command that works, with one
thing wrong: an option, an argument, a line of its file of options, or what it is given to read. Each must end with
status 2 or 3 within five seconds of the processor, say one line on standard error that names an option or argument of
that command, the one that is wrong, and leave the folder that it is run in as it was. Every tenth case runs in a
process of its own.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from cyclopts import App

from mcpolar.cli.application import application, main
from mcpolar.cli.messages import choices_of, shown_name
from mcpolar.statements import find, probability_statements

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
READABLE: dict[str, tuple[str, ...]] = {
    "report": ("result.json", "--output", "r.html"),
    "agents read": ("log.jsonl", "--output", "t.csv"),
    "agents measures": ("log.jsonl",),
    "agents chain": ("log.jsonl", "--draws", "10"),
    "agents figure": ("fig2", "log.jsonl"),
    "agents sketch": ("log.jsonl", "answers.jsonl", "--model", "fake", "--step", "0", "--permutations", "9"),
    "compare": ("log.jsonl", "--replicas", "3"),
}
"""In place of SMALL's, for commands that read something: what they read is as it should be."""

MADE: dict[str, tuple[str, ...]] = {
    "log.jsonl": (
        *("agents", "run", "log.jsonl", "--model", "fake", "--agents", "4", "--steps", "12"),
        *("--neighbours", "1", "--seed", "2", "--quiet"),
    ),
    "result.json": ("bound", "theorem2", "--steps", "5", "--format", "json", "--output", "result.json"),
}
"""The files that can be read, and the commands that make them."""

CONFIGURED = ("study", "run")
CONFIGURATIONS = (
    "",
    "[",
    "\x00",
    "[study]\nagents = 3\nagents = 4",
    "[population]\nno-such = 1",
    "[population]\nsigma = 'x'",
    "[population]\nsigma = -1",
    "[population]\nagents = 2.5",
    "[population]\nagents = [3, [4]]",
    "[population]\nagents = 99999999999999999999999999",
    "[population]\nsigma = 1979-05-27",
    "[population]\nsigma = inf",
    "[population]\nsigma = {a = 1}",
    "[population]\nmemory = true",
    "[population]\nmemory = ''",
    "[population]\nreplicas = 3",
    "[other]\nsteps = 3",
    "population = 3",
    "[study]\nsteps = '1/0'\n[run]\nsteps = '1/0'",
    "[study]\nreplicas = -1\n[run]\nreplicas = -1",
    "[study]\nquiet = 'perhaps'\n[run]\nquiet = 'perhaps'",
    "[study]\nconfig = 'c.toml'\n[run]\nconfig = 'c.toml'",
    "[study.more]\nsteps = 3\n[run.more]\nsteps = 3",
    '[study]\n"st\\u001beps" = 3\n[run]\n"st\\u001beps" = 3',
    "[" * 2000,
    "x = " + "[" * 2000,
)
"""Files of options; the first, which is empty, stands for bytes that are no text."""

FREE = ("title", "names")
"""Options of any text, but for characters that steer a terminal."""
NEW_FILES = ("LOG", "ANSWERS", "STORE")
"""Arguments that name a file that may be made."""
EXPRESSED = ("steps",)
WITH_ANY_OPTION = {"bound", "validate", "solve", "table grid", "plot bound"}
OF_OTHERS = {argument for one in probability_statements() for argument in one.arguments} - set(
    find("theorem2").arguments
)
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
    if option in FREE:
        return ("", " ", "\x1b[31mred", "\u202etxt", "a\nb")
    if option in EXPRESSED:
        return EXPRESSIONS
    if option == "scheduler":
        return ()
    return LISTS if option in LISTED else WORDS


def bad_lines(rng: random.Random, known: list[Command]) -> Iterator[list[str]]:
    """Yield bad command lines without end."""
    while True:
        command = rng.choice(known)
        base = [*command.words, *READABLE.get(command.name, SMALL[command.name])]
        options = {name: one for name, one in command.options.items() if name.startswith("-")}
        if not options or rng.random() < 0.12:
            yield from _bad_argument(rng, command, base)
            continue
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


def _bad_argument(rng: random.Random, command: Command, base: list[str]) -> Iterator[list[str]]:
    """Yield a line with a bad file of options, or a bad word in place of an argument, or with arguments too few."""
    if command.name in CONFIGURED and rng.random() < 0.5:
        yield [
            *command.words,
            *base[1:2][: command.name == "run"],
            f"--config=bad{rng.randrange(len(CONFIGURATIONS))}.toml",
        ]
        return
    taken = len(command.options) - sum(name.startswith("-") for name in command.options)
    if not taken or command.name == "validate":  # `validate paper` is a command of its own
        return
    first, after = len(command.words), rng.randrange(taken)
    named = [name for name in command.options if not name.startswith("-")][after]
    if named in NEW_FILES and not (command.name == "agents sketch" and named == "LOG"):
        bad = rng.choice([".", "/", "/dev/null/x", "no/such/x", "garbage.npz", "bad1.toml", "f" * 300])
    else:
        words = [word for word in WORDS if not word.startswith("-")]
        bad = rng.choice([*words, *STARTS, "theorem99", "bad1.toml"])
    at = min(first + after, len(base))
    if bad == "" and rng.random() < 0.5 and command.name != "experiment":
        yield [*base[:first], *base[first + taken :]]
    else:
        yield [*base[:at], bad, *base[at + 1 :]]


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
    """Run a command line in a folder of its own with the files that it may be told to read."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in readable().items():
            (Path(folder) / name).write_bytes(content)
        before = set(Path(folder).iterdir())
        began = _processor_seconds()
        status, out, err = _apart(words, folder) if is_apart else _inside(words, folder)
        left = tuple(sorted(path.name for path in set(Path(folder).iterdir()) - before))
        return Outcome(tuple(words), status, out, err, _processor_seconds() - began, left)


@functools.cache
def readable() -> dict[str, bytes]:
    """Return the files that a command line finds: two that are no states, files of options, and what can be read."""
    found = {f"garbage.{ending}": bytes(range(256)) for ending in ("npz", "nc")}
    for number, text in enumerate(CONFIGURATIONS):
        found[f"bad{number}.toml"] = text.encode() or b"\xff\xfe\x00"
    with tempfile.TemporaryDirectory() as folder:
        for name, words in MADE.items():
            status, _, err = _inside(list(words), folder)
            if status != 0:
                raise RuntimeError(f"{words}: {err}")
            found[name] = (Path(folder) / name).read_bytes()
    return found


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
COMPLAINT = re.compile(
    r"must be|no TOML|need the extra|needs a value|must be given|is no (?:option|argument)|cannot|null"
)


def faults(outcome: Outcome, known: list[Command]) -> list[str]:
    """Return what is wrong with a refusal."""
    found = []
    lines = [line for line in outcome.err.splitlines() if line]
    spoken = [line for line in lines if not re.search(r"does not use --|draws are those|compil", line)]
    if outcome.status not in (2, 3):
        found.append(f"status {outcome.status}")
    if len(spoken) != 1 or not spoken[0].startswith("mcpolar: "):
        found.append(f"{len(spoken)} lines: {outcome.err[-300:]!r}")
    else:
        found += _wording(spoken[0], outcome, _called(outcome.words, known))
    if outcome.out:
        found.append(f"wrote to standard output: {outcome.out[:200]!r}")
    if outcome.left:
        found.append(f"left {', '.join(outcome.left)}")
    if outcome.seconds > SECONDS:
        found.append(f"took {outcome.seconds:.1f} s")
    return found


def _wording(said: str, outcome: Outcome, command: Command | None) -> Iterator[str]:
    """Yield what is wrong with the line that a refusal says."""
    if not COMPLAINT.search(said):
        yield f"says nothing of what must hold: {said!r}"
    if not said.isprintable():
        yield f"control characters: {said!r}"
    if len(said) > 700:
        yield f"{len(said)} characters: {said[:200]!r}"
    if command is None:
        return
    aliases = {alias for one in command.options.values() for alias in one.names}
    for name in NAMED.findall(said.partition("; got")[0])[:1]:
        if name not in {*command.options, *aliases, "COMMAND"} and "is no" not in said:
            yield f"names {name}, which {command.name} does not have: {said!r}"
    yield from _misnamed(said, outcome, command)


def _misnamed(said: str, outcome: Outcome, command: Command) -> Iterator[str]:
    """Yield what is wrong where an argument is named that is another than the one that came."""
    found = re.match(r"mcpolar: ([A-Z]+) must be .*; got (\S+)$", said)
    given = list(outcome.words[len(command.words) :])
    given = given[: next((at for at, word in enumerate(given) if word.startswith("-")), len(given))]
    places = [name for name in command.options if not name.startswith("-")]
    if found and given.count(found[2]) == 1:
        named = places[min(given.index(found[2]), len(places) - 1)]
        if named != found[1]:
            yield f"names {found[1]} where {named} is wrong: {said!r}"


def _called(words: tuple[str, ...], known: list[Command]) -> Command | None:
    fitting = [one for one in known if list(words[: len(one.words)]) == one.words]
    return max(fitting, key=lambda one: len(one.words), default=None)


def study(count: int, seed: int) -> list[tuple[Outcome, list[str]]]:
    """Try so many bad command lines; return the outcomes that break the contract, and how."""
    rng, known = random.Random(seed), commands()
    lines = bad_lines(rng, known)
    broken, tried = [], Counter[str]()
    for number in range(count):
        outcome = attempt(next(lines), is_apart=number % 10 == 9)
        called = _called(outcome.words, known)
        tried[called.name if called else "(none)"] += 1
        if wrong := faults(outcome, known):
            broken.append((outcome, wrong))
            print([word[:60] for word in outcome.words], "|", "; ".join(wrong), flush=True)
    print(", ".join(f"{name}: {tried[name]}" for name in sorted(tried)))
    return broken


if __name__ == "__main__":
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chosen = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    found = study(total, chosen)
    print(f"{total} bad command lines (seed {chosen}), {len(found)} not refused as they should be")
    sys.exit(bool(found))
