"""Walks of a newcomer, timed: from a fresh clone to a first bound, plot, validated table and figure of the paper.

`python -m benchmarks.newcomer [SOURCE]` clones SOURCE (this checkout, if absent) into an empty folder, makes an
environment there, installs as the README says, and runs the README's commands. Each walk is timed with nothing compiled
and nothing cached, as if it were the first, and once more with what the first one kept.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTALL = ("python3 -m venv .venv/own", "pip install --quiet .")
WALKS = {
    "first bound": "mcpolar bound theorem1 --agents 30 --memory 5 --sigma 0.2",
    "first plot": (
        "mcpolar plot bound theorem2 --sigma 0.05:0.5:0.01 --level 1:5 --steps 1021 --output out/theorem2.pdf"
    ),
    "first table": "mcpolar table paper --variant both",
    "first bound validated": (
        "mcpolar validate theorem2 --agents 30 --memory 5 --sigma 0.3 --level 1 --steps 1021"
    ),
    "first table validated": "mcpolar validate paper --plot out/checks.pdf",
    "first figure of the paper": "mcpolar experiment fig3 --output-dir out",
}


class Newcomer:
    """Somebody with an empty folder, Python and git; what programs keep goes into a folder beside it."""

    def __init__(self, folder: Path) -> None:
        self.home, self.clone = folder / "home", folder / "mcpolar"

    def timed(self, command: str, place: Path) -> float:
        """Run a command as a shell would in which the environment is active, and return its wall time in seconds."""
        plain = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NUMBA"))
        }
        own = {f"XDG_{name}_HOME": str(self.home / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}
        path = {"PATH": f"{self.clone / '.venv/own/bin'}{os.pathsep}{os.environ['PATH']}"}
        begin = time.perf_counter()
        subprocess.run(
            shlex.split(command), cwd=place, env=plain | own | path, check=True, stdout=subprocess.DEVNULL
        )
        return time.perf_counter() - begin

    def forget(self) -> None:
        """Remove what earlier walks compiled and cached."""
        shutil.rmtree(self.home, ignore_errors=True)
        for kept in self.clone.rglob("loops-*"):
            shutil.rmtree(kept)

    def walk(self, command: str) -> float:
        """Walk once, and return the seconds that it took."""
        shutil.rmtree(self.clone / "out", ignore_errors=True)
        (self.clone / "out").mkdir()
        return self.timed(command, self.clone)


def main(source: str = str(ROOT)) -> None:
    """Print a table of the walks: commands, seconds with nothing compiled, and once more."""
    with tempfile.TemporaryDirectory() as folder:
        newcomer = Newcomer(Path(folder))
        print("| step | command | first time | again |\n|---|---|---|---|")
        cloned = newcomer.timed(f"git clone --quiet {shlex.quote(source)} mcpolar", Path(folder))
        print(f"| clone | `git clone … mcpolar` | {cloned:.1f} s | |")
        for command in INSTALL:
            print(
                f"| install | `{command}` | {newcomer.timed(command, newcomer.clone):.1f} s | |", flush=True
            )
        for name, command in WALKS.items():
            newcomer.forget()
            first = newcomer.walk(command)
            print(f"| {name} | `{command}` | {first:.1f} s | {newcomer.walk(command):.1f} s |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
