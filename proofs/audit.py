"""Audit what is claimed of the Coq files, once they are compiled.

The audit trusts Coq's kernel and reads everything else: the commands of the sources, the statements with every
definition that they reach as Coq prints them, all that `Print Assumptions` says, and the independent checker.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from proofs.claims import (
    ALLOWED_AXIOMS,
    FOLDERS,
    MEANING_SHA256,
    PREMISES,
    ROOT,
    SETTING,
    STATED,
    TEXT_SHA256,
    Theorem,
    coq_files,
    read,
    text_sha256,
)  # fmt: skip
from proofs.sources import faults, is_proved, theorems

# enclosures, coq-interval behind them and what uses them: the independent checker replays these for very long
UNCHECKED = ("Enclose", "Numbers", "Statements")
WARNINGS = ("-w", "-ambiguous-paths,-notation-overridden")
NAME = r"[A-Za-z_][\w']*(?:\.[A-Za-z_][\w']*)*"


@dataclass(frozen=True)
class Pinned:
    """Digests that the statements must have."""

    text: str = TEXT_SHA256
    meaning: str = MEANING_SHA256


def audit(root: Path = ROOT, folders: Sequence[str] = FOLDERS, pinned: Pinned | None = None) -> list[str]:
    """Return what is wrong with the claims; the files must be compiled."""
    expected = pinned or Pinned()
    claimed = [theorem for folder in folders for theorem in read(folder, root).theorems]
    wrong = [*_sources(root), *_claims(root, claimed)]
    if text_sha256(root) != expected.text:
        wrong.append("the statements are not the pinned ones")
    if wrong:
        return wrong  # what Coq would say of other statements is no answer
    answers = Answers.ask(root)
    if answers.meaning_sha256 != expected.meaning:
        wrong.append("the statements do not mean what the pinned ones do")
    for theorem in claimed:
        wrong += premise_faults(theorem, answers)
    return wrong + assumption_faults(answers.assumptions)


def _sources(root: Path) -> list[str]:
    """Return what is wrong with the Coq files and the options that they are compiled with."""
    files = coq_files(root)
    there = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.v"))
    wrong = [f"{file}: compiled by nobody" for file in there if file not in files]
    wrong += [f"{file}: {word}" for file in files for word in faults((root / file).read_text())]
    lines = [line for line in (root / "_CoqProject").read_text().splitlines() if line not in files]
    options = {f"-arg {word}" for word in WARNINGS}
    return wrong + [
        f"_CoqProject: {line}"
        for line in lines
        if line not in options and not re.fullmatch(r"-Q \w+ Mcpolar", line)
    ]


def _claims(root: Path, claimed: Sequence[Theorem]) -> list[str]:
    """Return where claims and statements differ."""
    stated, names = theorems((root / STATED).read_text()), [theorem.name for theorem in claimed]
    wrong = [f"{name}: claimed twice" for name in sorted({name for name in names if names.count(name) > 1})]
    wrong += [f"{name}: claimed, not stated" for name in sorted(set(names) - set(stated))]
    wrong += [f"{name}: stated, not claimed" for name in sorted(set(stated) - set(names))]
    source = (root / STATED).read_text()
    wrong += [f"{STATED}: {name} is not closed by Qed" for name in stated if not is_proved(source, name)]
    files = coq_files(root)
    return wrong + [
        f"{theorem.name}: no file {theorem.file}" for theorem in claimed if theorem.file not in files
    ]


SEPARATOR = "----\n"
MARK = 'Goal True. idtac "----". Abort.'
EVERYTHING = ("Set Printing All.", "Set Printing Depth 1000000.", "Set Printing Width 200.")


@dataclass(frozen=True)
class Answers:
    """What Coq says of the statements.

    Attributes
    ----------
    types : mapping of str to str
        Every statement as one reads it.
    full_types, definitions : mapping of str to str
        The same, and every definition of the project, with nothing abbreviated.
    assumptions : str
        The axioms under all claims together.
    """

    types: Mapping[str, str]
    full_types: Mapping[str, str]
    definitions: Mapping[str, str]
    assumptions: str

    @classmethod
    def ask(cls, root: Path) -> Answers:
        """Ask Coq; the files must be compiled."""
        files = coq_files(root)
        names = [f"@Statements.{name}" for name in theorems((root / STATED).read_text())]
        defined = [name for file in files for name in _defined(root / file)]
        lines = ["From Mcpolar Require " + " ".join(sorted(Path(file).stem for file in files)) + "."]
        lines += [line for name in names for line in (f"Check {name}.", MARK)] + list(EVERYTHING)
        lines += [line for name in names for line in (f"Check {name}.", MARK)]
        lines += [line for name in defined for line in (f"Print {name}.", MARK)]
        lines += [f"Definition claims := ({', '.join(names)}).", "Print Assumptions claims."]
        raw = _coq(root, lines).split(SEPARATOR)
        printed, count = [re.sub(r"\s+", " ", answer).strip() for answer in raw], len(names)
        return cls(
            dict(zip(names, printed, strict=False)),
            dict(zip(names, printed[count:], strict=False)),
            dict(zip(defined, printed[2 * count :], strict=False)),
            raw[-1],
        )

    @property
    def meaning_sha256(self) -> str:
        """Return the digest of all statements with every definition that they reach."""
        reached = self.reach(" ".join(self.full_types.values()))
        parts = [f"{name} {text}" for name, text in sorted({**self.full_types, **reached}.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def reach(self, text: str) -> dict[str, str]:
        """Return the project's definitions that a text names, directly or through others."""
        by_name: dict[str, list[str]] = defaultdict(list)
        for name in self.definitions:
            by_name[_last(name)].append(name)
        reached: dict[str, str] = {}
        ahead = [text]
        while ahead:
            words = {_last(word) for word in re.findall(NAME, ahead.pop())}
            for name in (name for word in sorted(words) for name in by_name[word] if name not in reached):
                reached[name] = self.definitions[name]
                ahead.append(self.definitions[name])
        return reached

    @property
    def predicates(self) -> set[str]:
        """Return the definitions that are predicates."""
        heads = {
            name: text.partition(":=" if text.startswith(("Inductive", "Record")) else " Arguments ")[0]
            for name, text in self.definitions.items()
        }
        return {_last(name) for name, head in heads.items() if head.rstrip().endswith("Prop")}


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _defined(file: Path) -> list[str]:
    """Return what a compiled file defines, with its module."""
    lines = file.with_suffix(".glob").read_text().splitlines()
    found = (re.match(r"(?:def|ind|rec) \d+:\d+ \S+ (\S+)", line) for line in lines)
    return [f"{file.stem}.{name.group(1)}" for name in found if name]


def premise_faults(theorem: Theorem, answers: Answers) -> list[str]:
    """Return predicates among a statement's hypotheses that its claim does not name, or the other way round."""
    hypotheses, _, _ = answers.types[f"@Statements.{theorem.name}"].rpartition("->")
    words = {_last(word) for word in re.findall(NAME, hypotheses)}
    said = set(re.findall(r"\w+", " ".join(theorem.premises)))
    wrong = [f"{theorem.name}: premise {name} hidden" for name in sorted((words & PREMISES) - said)]
    wrong += [f"{theorem.name}: premise {name} not there" for name in sorted((said & PREMISES) - words)]
    unknown = (words & answers.predicates) - PREMISES - SETTING
    return wrong + [f"{theorem.name}: {name} is neither premise nor setting" for name in sorted(unknown)]


def assumption_faults(printed: str) -> list[str]:
    """Return every line of `Print Assumptions` that is not an allowed axiom (its type is indented)."""
    lines = [line for line in printed.splitlines() if line.strip() and not line.startswith(" ")]
    if lines == ["Closed under the global context"]:
        return []
    wrong = [] if lines[:1] == ["Axioms:"] else [f"no list of axioms: {lines[:1]}"]
    for line in lines[1:]:
        name, _, rest = line.partition(" ")
        if name not in ALLOWED_AXIOMS or rest[:1] not in ("", ":"):
            wrong.append(f"the claims rest on {line}")
    return wrong


def check(root: Path = ROOT) -> list[str]:
    """Return what the independent checker, which replays every proof and the libraries', finds."""
    modules = [f"Mcpolar.{Path(file).stem}" for file in coq_files(root) if Path(file).stem not in UNCHECKED]
    command = ["coqchk", "-o", *_paths(root), *modules]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"coqchk: {done.stderr.strip()[-300:]}"]
    return checker_faults(done.stdout + done.stderr)


def checker_faults(printed: str) -> list[str]:
    """Return what the checker's summary lists beside the allowed axioms."""
    parts = dict(re.findall(r"^\* ([^:\n]+):(.*?)(?=^\* |\Z)", printed, flags=re.DOTALL | re.MULTILINE))
    axioms = {line.strip() for line in parts.pop("Axioms", "").splitlines() if line.strip()} - {"<none>"}
    wrong = [
        f"coqchk: axiom {axiom}" for axiom in sorted(axioms) if not axiom.endswith(tuple(ALLOWED_AXIOMS))
    ]
    wrong += [
        f"coqchk: {what}: {text.strip()}"
        for what, text in parts.items()
        if ("relying" in what or "assumed" in what) and "<none>" not in text
    ]
    return wrong if "CONTEXT SUMMARY" in printed else [f"coqchk says no summary: {printed[:200]}"]


def _paths(root: Path) -> list[str]:
    lines = (root / "_CoqProject").read_text().splitlines()
    return [word for line in lines if line.startswith("-Q") for word in line.split()]


def _coq(root: Path, lines: Sequence[str]) -> str:
    """Return what Coq prints at these commands."""
    file = root / "Audit.v"
    file.write_text("\n".join(lines) + "\n")
    try:
        done = subprocess.run(
            ["coqc", *_paths(root), *WARNINGS, file.name],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for leftover in (*root.glob("Audit.*"), *root.glob(".Audit.*")):
            leftover.unlink()
    if done.returncode:
        raise RuntimeError(f"the audit's questions failed:\n{done.stderr[-2000:]}")
    return done.stdout
