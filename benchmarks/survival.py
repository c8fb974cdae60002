"""Kills at random moments and flipped bits: no wrong byte with status 0.

    python -m benchmarks.survival kills --count 200 --seed 1
    python -m benchmarks.survival flips --count 400 --seed 1 [--only "run store"]

A killed command is started again with --resume until it ends by itself; its results must be those of a command that
was left alone, and no kill may leave results that are not. After a flipped bit in a file that a command kept, the
command must give the same bytes, or refuse in one line.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BATCH = 25  # flips that one process looks at
LONGEST = 3600.0  # seconds, on a machine that does much else
FEW = slice(20, 26)  # of the paper's checks: those that take a fraction of a second
PRELOADED = [
    "mcpolar.cli.run",
    "mcpolar.cli.experiment",
    "mcpolar.cli.validate",
    "mcpolar.cli.simulate",
    "mcpolar.cli.bound",
    "mcpolar.bounds.permanence.risk",
    "mcpolar.montecarlo.paper",
    "mcpolar.experiments",
    "mcpolar.report.plots.experiments",
    "pandas",
    "rich.progress",
    "xarray",
    "h5netcdf",
    "zarr",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(PRELOADED)


@dataclass(frozen=True)
class Command:
    """A command that keeps something.

    Attributes
    ----------
    name : str
        For the report.
    words : str
        The command line, run in a folder of its own.
    results : tuple of str
        The files that it delivers.
    kept : tuple of str
        Patterns of the files that it keeps, for flips.
    again : str
        The command line when it is run again; empty: the same.
    is_cut : bool
        Whether the first run, whose files are flipped, ends before it delivers: where it removes what it kept then.
    """

    name: str
    words: str
    results: tuple[str, ...]
    kept: tuple[str, ...] = ()
    again: str = ""
    is_cut: bool = False


KILLED = (
    Command(
        "run",
        "run s.sqlite -m 8 -r 2 --sigma 0.4,0.5 -k 3 --steps 1000 --replicas 120 --block 10 --output s.csv --quiet "
        "--resume",
        ("s.csv",),
    ),
    Command(
        "validate paper",
        "validate paper -r 1 --replicas 600 --store p.sqlite --output p.csv --quiet --resume",
        ("p.csv",),
    ),
    Command(
        "experiment",
        "experiment fig3 -m 8 -k 1:7 --steps 20 --replicas 12 --quiet --resume",
        ("fig3.csv",),
    ),
    Command(
        "simulate", "simulate -m 8 --steps 5000 --every 10 --replicas 60 --quiet --output t.npz", ("t.npz",)
    ),
)

FLIPPED = (
    Command(
        "run store",
        "run s.sqlite -m 4 --steps 40 --replicas 400 --block 20 --sigma 0.3,0.5 --output s.csv --quiet",
        ("s.csv",),
        ("s.sqlite",),
        "run s.sqlite -m 4 --steps 40 --replicas 400 --sigma 0.3,0.5 --output s.csv --quiet --resume",
    ),
    Command(
        "run store, extended",
        "run s.sqlite -m 4 --steps 40 --replicas 100 --block 20 --output s.csv --quiet",
        ("s.csv",),
        ("s.sqlite",),
        "run s.sqlite -m 4 --steps 60 --replicas 130 --block 20 --output s.csv --quiet --resume",
    ),
    Command(
        "experiment store",
        "experiment fig3 -m 4 -k 1,2 --steps 5 --replicas 9 --quiet",
        ("fig3.csv",),
        (".fig3.sqlite",),
        "experiment fig3 -m 4 -k 1,2 --steps 5 --replicas 9 --quiet --resume",
        is_cut=True,
    ),
    Command(
        "paper store",
        "validate paper -r 1 --replicas 100 --store p.sqlite --output p.csv --quiet",
        ("p.csv",),
        ("p.sqlite",),
        "validate paper -r 1 --replicas 100 --store p.sqlite --output p.csv --quiet --resume",
    ),
    Command(
        "certificates",
        "bound permanence -m 8 -r 2 --sigma 0.5 --level 2 --format json --output b.json",
        ("b.json",),
        ("cache/mcpolar/permanence/*",),
    ),
    *(
        Command(
            f"trajectory {ending}",
            f"simulate -m 4 -r 2 --steps 40 --replicas 9 --quiet --output t{ending}",
            ("u.npz",),
            (f"t{ending}/**/*" if ending == ".zarr" else f"t{ending}",),
            f"simulate -m 4 -r 2 --steps 40 --replicas 9 --quiet --start t{ending} --seed 2 --output u.npz",
        )
        for ending in (".npz", ".nc", ".zarr")
    ),
)


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for, and print what was seen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("kills", "flips"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one of the commands, by its name here")
    given = parser.parse_args(arguments)
    rng = random.Random(given.seed)
    commands = KILLED if given.what == "kills" else FLIPPED
    commands = tuple(one for one in commands if given.only in (None, one.name))
    hit = killed if given.what == "kills" else flipped
    wrong = 0
    for number, command in enumerate(commands):
        share = given.count // len(commands) + (number < given.count % len(commands))
        with tempfile.TemporaryDirectory() as name:
            seen = hit(command, share, rng, Path(name))
        wrong += seen["wrong"]
        print(f"{command.name:20} {share} {given.what}: {dict(sorted(seen.items()))}", flush=True)
    print(f"seed {given.seed}: {wrong} wrong")
    return int(wrong > 0)


def killed(command: Command, count: int, rng: random.Random, folder: Path) -> Counter[str]:
    """Kill a command at `count` random moments, letting it end by itself from time to time; return what was seen."""
    whole = folder / "whole"
    began = time.monotonic()
    ended(started(command, whole))
    seconds, expected = time.monotonic() - began, delivered(command, whole)
    began = time.monotonic()
    ended(started(command, folder / "warm"))  # the first run may have compiled
    seconds, seen = min(seconds, time.monotonic() - began), Counter[str](wrong=0)
    place = folder / "0"
    while seen["killed"] < count:
        process = started(command, place)
        process.join(rng.uniform(0, 1.1 * seconds))
        if process.is_alive():
            process.kill()
            process.join()
            seen["killed"] += 1
            if seen["killed"] % 10 == 0:
                print(f"{command.name}: {dict(sorted(seen.items()))} so far", flush=True)
        elif ended(process) != 0:
            seen["wrong"] += 1
        now = delivered(command, place)
        if any(name in now and now[name] != expected[name] for name in expected):
            seen["wrong"] += 1
        if now == expected:
            seen["ended"] += 1
            shutil.rmtree(place)
    if ended(started(command, place)) != 0 or delivered(command, place) != expected:
        seen["wrong"] += 1
    return seen


def flipped(command: Command, count: int, rng: random.Random, folder: Path) -> Counter[str]:
    """Flip single bits of what a command kept, and run it again; return what was seen."""
    made = folder / "made"
    ended(started(command, made, first=True))
    _copied(command, made, folder / "whole")
    ended(started(command, folder / "whole"))
    expected, seen = delivered(command, folder / "whole"), Counter[str](wrong=0)
    for batch in range(0, count, BATCH):
        places = [folder / str(number) for number in range(batch, min(batch + BATCH, count))]
        where = [_flipped(_copied(command, made, place), rng) for place in places]
        ended(_process(_run_each, _words(command), places))
        for place, bit in zip(places, where, strict=True):
            status = int((place / "status").read_text()) if (place / "status").exists() else None
            lines = (place / "stderr").read_text(errors="replace").splitlines()
            if status == 0 and delivered(command, place) == expected:
                seen["same bytes"] += 1
            elif status in (2, 3) and len(lines) == 1 and not delivered(command, place):
                seen["refused"] += 1
            else:
                seen["wrong"] += 1
                print(f"wrong: {command.name}, {bit}: status {status}, {lines[-1:]}", flush=True)
            shutil.rmtree(place)
    return seen


def _copied(command: Command, made: Path, place: Path) -> list[Path]:
    """Make a copy of what was kept, without the results, and return its files."""
    shutil.copytree(made, place)
    for name in command.results:
        (place / name).unlink(missing_ok=True)
    return sorted(path for pattern in command.kept for path in place.glob(pattern) if path.is_file())


def _flipped(files: list[Path], rng: random.Random) -> str:
    """Flip one bit of one of the files, and say which."""
    return flip(rng.choice([path for path in files if path.stat().st_size]), rng)


def flip(path: Path, rng: random.Random) -> str:
    """Flip one bit of a file, and say which."""
    content = bytearray(path.read_bytes())
    at, bit = rng.randrange(len(content)), rng.randrange(8)
    content[at] ^= 1 << bit
    path.write_bytes(content)
    return f"bit {bit} of byte {at} of {path.name}"


def started(command: Command, place: Path, *, first: bool = False) -> multiprocessing.process.BaseProcess:
    """Start a command in a folder, for the first time or again, in a process that has imported everything."""
    place.mkdir(exist_ok=True)
    return _process(
        _run, command.words.split() if first else _words(command), place, first and command.is_cut
    )


def _words(command: Command) -> list[str]:
    return (command.again or command.words).split()


def _process(target: Callable[..., None], *given: object) -> multiprocessing.process.BaseProcess:
    process = _CONTEXT.Process(target=target, args=given)
    process.start()
    return process


def ended(process: multiprocessing.process.BaseProcess) -> int | None:
    """Wait for a process, and return its exit status; negative for a signal."""
    process.join(LONGEST)
    return process.exitcode


def delivered(command: Command, place: Path) -> dict[str, bytes]:
    """Return the results that are there, without the seconds that a check took."""
    found = {}
    for name in command.results:
        if (place / name).exists():
            content = (place / name).read_bytes()
            found[name] = _timeless(content) if name == "p.csv" else content
    return found


def _timeless(content: bytes) -> bytes:
    return b"\n".join(line.rpartition(b",")[0] for line in content.splitlines())


def _run(words: list[str], place: Path, is_cut: bool = False) -> None:
    """Run a command line in this process, and end it with the command's status."""
    if is_cut:
        from mcpolar.report.plots import experiments

        experiments.write_experiment = _cut
    os._exit(_status(words, place))


def _cut(*_: object) -> None:
    raise KeyboardInterrupt


def _run_each(words: list[str], places: list[Path]) -> None:
    """Run a command line in several folders, one after the other, and note each status."""
    for place in places:
        (place / "stderr").touch()
    for place in places:
        (place / "status").write_text(str(_status(words, place)))
    os._exit(0)


def _status(words: list[str], place: Path) -> int:
    """Run a command line in a folder, with its words on standard error in a file."""
    from mcpolar.cli import main as command_line
    from mcpolar.montecarlo import paper

    os.chdir(place)
    for folder in ("cache", "state"):
        os.environ[f"XDG_{folder.upper()}_HOME"] = str(place / folder)
    every = getattr(paper, "every_check", paper.paper_checks)
    paper.every_check = every
    paper.paper_checks = lambda *given: every(*given)[FEW]
    with (
        Path("stderr").open("w", buffering=1, encoding="utf-8") as errors,
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stderr(errors),
        contextlib.redirect_stdout(nowhere),
    ):
        return command_line(words)


if __name__ == "__main__":
    sys.exit(main())
