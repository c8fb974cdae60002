"""Compile the Coq files and audit the claims: `make proofs`, or `python -m proofs.build`.

Needs coq, libcoq-interval and make.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from proofs.audit import audit, check
from proofs.claims import FOLDERS, ROOT, read

TOOLS = ("coqc", "coqchk", "coq_makefile", "make")


def missing_tools() -> list[str]:
    """Return the programs that are not installed."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def compile_all(root: Path = ROOT) -> None:
    """Compile what has changed; raises CalledProcessError with Coq's message if a proof fails."""
    _run(["coq_makefile", "-f", "_CoqProject", "-o", "Makefile.coq"], root)
    _run(["make", "-f", "Makefile.coq", f"-j{os.cpu_count() or 1}"], root)


def _run(command: Sequence[str], folder: Path) -> str:
    """Run a program and return what it printed; its error text goes into the exception."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock, so that several test processes do not build in the same folder."""
    with (ROOT / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build, audit, and say what is wrong."""
    absent = missing_tools()
    if absent:
        print(f"proofs: {', '.join(absent)} not found; install coq and libcoq-interval", file=sys.stderr)
        return 1
    with one_at_a_time():
        compile_all()
        wrong = audit() or check()
    for line in wrong:
        print(line, file=sys.stderr)
    claimed = sum(len(read(folder).theorems) for folder in FOLDERS)
    print(f"{claimed} theorems claimed, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
