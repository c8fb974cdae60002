"""Through which modules a command goes: python -m benchmarks.walks prints the walks of three commands.

A stay is a run of calls within one module, seen by `sys.setprofile` in the thread of the command; entering a module
that was entered before is a return. Each command runs once before, so that imports and compilation are no part of it.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

COMMANDS = {
    "bound theorem2": "bound theorem2 --agents 30 --memory 5 --sigma 0.3 --level 1 --steps 10*m*log(m)",
    "validate theorem2": "validate theorem2 --sigma 0.3 --level 1 --steps 100 --replicas 64 --quiet",
    "bound permanence": "bound permanence --agents 30 --memory 5 --sigma 0.3 --level 1",
}


def modules_entered(work: Callable[[], object], package: Path) -> list[str]:
    """Return the modules of a package in the order in which calls entered them."""
    walk: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and (name := frame.f_code.co_filename).startswith(str(package)):
            module = Path(name).relative_to(package).with_suffix("").as_posix()
            if not walk or walk[-1] != module:
                walk.append(module)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return walk


def first_entries(walk: list[str]) -> list[str]:
    """Return each module once, in the order of its first entry."""
    return list(dict.fromkeys(walk))


def summary(walk: list[str]) -> dict[str, int]:
    """Return stays, modules, packages, and returns: entries of a module that was entered before."""
    modules = first_entries(walk)
    return {
        "stays": len(walk),
        "modules": len(modules),
        "folders": len({Path(name).parent for name in modules}),
        "returns": len(walk) - len(modules),
    }


def run(words: str) -> None:
    """Run a command and keep what it prints."""
    from mcpolar.cli import main as command

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        command(words.split())


def main() -> None:
    """Print the walks."""
    import mcpolar

    package = Path(mcpolar.__file__).parent
    print("| command | stays | modules | folders | returns |\n|---|---|---|---|---|")
    entered = {}
    for name, words in COMMANDS.items():
        run(words)
        walk = modules_entered(lambda words=words: run(words), package)  # type: ignore[misc]
        entered[name] = first_entries(walk)
        print(f"| `{name}` | " + " | ".join(map(str, summary(walk).values())) + " |")
    for name, modules in entered.items():
        print(f"\n`{name}`: " + " → ".join(modules))


if __name__ == "__main__":
    main()
