"""Compile the Coq files and audit the claims: `make proofs`, or `python -m proofs.build`.

The audit asks Coq for the type of every claimed theorem and for the axioms under all of a statement's theorems, and
compares them with what claims.toml says. Needs coq, libcoq-interval and make.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from proofs.claims import ALLOWED_AXIOMS, FOLDERS, PREMISES, ROOT, Theorem, coq_files, faults, is_proved, read

TOOLS = ("coqc", "coq_makefile", "make")


def missing_tools() -> list[str]:
    """Return the programs that are not installed."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def compile_all(root: Path = ROOT) -> None:
    """Compile what has changed; raises CalledProcessError with Coq's message if a proof fails."""
    _run(["coq_makefile", "-f", "_CoqProject", "-o", "Makefile.coq"], root)
    _run(["make", "-f", "Makefile.coq", f"-j{os.cpu_count() or 1}"], root)


def audit(root: Path = ROOT) -> list[str]:
    """Return what is wrong with the claims; the files must be compiled."""
    wrong = [f"{file}: {word}" for file in coq_files() for word in faults((root / file).read_text())]
    for folder in FOLDERS:
        wrong += [
            f"{theorem.file}: {theorem.name} is not closed by Qed"
            for theorem in read(folder).theorems
            if not is_proved((root / theorem.file).read_text(), theorem.name)
        ]
    return wrong + _asked(root)


def _asked(root: Path) -> list[str]:
    """Return what Coq says that the claims do not."""
    wrong, answers = [], _answers(root)
    for theorem, answer in zip(_theorems(), answers, strict=False):
        hypotheses = answer.rpartition("->")[0]
        words = set(re.findall(r"\w+", hypotheses))
        said = set(re.findall(r"\w+", " ".join(theorem.premises)))
        wrong += [
            f"{theorem.name}: premise {premise} {'hidden' if premise in words else 'not there'}"
            for premise in PREMISES
            if (premise in words) != (premise in said)
        ]
    axioms = set(re.findall(r"^([A-Za-z_][\w.]*)\s*(?=:|$)", answers[-1], flags=re.MULTILINE)) - {"Axioms"}
    return wrong + [f"the claims rest on {axiom}" for axiom in sorted(axioms - ALLOWED_AXIOMS)]


def _theorems() -> list[Theorem]:
    return [theorem for folder in FOLDERS for theorem in read(folder).theorems]


def _answers(root: Path) -> list[str]:
    """Return Coq's answers: a type per theorem, then the axioms under all of them (one walk, as each is long)."""
    lines = ["From Mcpolar Require " + " ".join(sorted({Path(file).stem for file in coq_files()})) + "."]
    names = [f"@{theorem.module}.{theorem.name}" for theorem in _theorems()]
    for name in names:
        lines += [f"Check {name}.", 'Goal True. idtac "----". Abort.']
    lines += [f"Definition claims := ({', '.join(names)}).", "Print Assumptions claims."]
    file = root / "Audit.v"
    file.write_text("\n".join(lines) + "\n")
    try:
        printed = _run(["coqc", *_options(root), file.name], root)
    finally:
        for leftover in (*root.glob("Audit.*"), *root.glob(".Audit.*")):
            leftover.unlink()
    return printed.split("----\n")


def _options(root: Path) -> list[str]:
    lines = (root / "_CoqProject").read_text().splitlines()
    paths = [word for line in lines if line.startswith("-Q") for word in line.split()]
    return [*paths, "-w", "-ambiguous-paths,-notation-overridden"]


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
        wrong = audit()
    for line in wrong:
        print(line, file=sys.stderr)
    claimed = sum(len(read(folder).theorems) for folder in FOLDERS)
    print(f"{claimed} theorems claimed, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
