"""What is claimed to be machine-checked: read from claims.toml, found in the Coq files, closed by Qed."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mcpolar.statements import STATEMENTS

ROOT = Path(__file__).parent
FOLDERS = ("odds", *STATEMENTS)
# the axioms of Coq's real numbers; nothing else may be under a claim
ALLOWED_AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
# predicates that are premises about the draws or the senders: where a theorem has one, its claim must say so
PREMISES = (
    "gaussian",
    "exponential_moment",
    "supremum",
    "restricted_supremum",
    "falling_form",
    "cell_masses",
    "certified_table",
    "senders_condition",
    "same_side_senders",
    "ball_mass",
    "same_silo_senders",
)
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture|give_up|vm_cast_no_check)\b"
)


@dataclass(frozen=True)
class Theorem:
    """A Coq theorem that a statement claims.

    Attributes
    ----------
    file, name : str
        Where it is, from the folder of the proofs.
    states : str
        What it says, in a line.
    premises : tuple of str
        What it takes as given.
    """

    file: str
    name: str
    states: str
    premises: tuple[str, ...]

    @property
    def module(self) -> str:
        """The Coq module: the file's stem."""
        return Path(self.file).stem


@dataclass(frozen=True)
class Claims:
    """What is machine-checked of one statement, and what is not."""

    theorems: tuple[Theorem, ...]
    unchecked: tuple[str, ...]


def read(folder: str) -> Claims:
    """Return the claims of one folder."""
    with (ROOT / folder / "claims.toml").open("rb") as file:
        data = tomllib.load(file)
    theorems = tuple(
        Theorem(entry["file"], entry["name"], entry["states"], tuple(entry["premises"]))
        for entry in data.get("theorem", ())
    )
    return Claims(theorems, tuple(data["unchecked"]))


def without_comments(source: str) -> str:
    """Return Coq source with its (nested) comments removed."""
    kept, depth, place = [], 0, 0
    for mark in re.finditer(r"\(\*|\*\)", source):
        if depth == 0:
            kept.append(source[place : mark.start()])
        depth += 1 if mark.group() == "(*" else -1
        place = mark.end()
    return "".join([*kept, source[place:]])


def faults(source: str) -> list[str]:
    """Return the words of a Coq source that would leave something unproved."""
    return FORBIDDEN.findall(without_comments(source))


def is_proved(source: str, name: str) -> bool:
    """Return whether the source holds a theorem of this name whose proof ends in Qed."""
    pattern = rf"\b(?:Theorem|Lemma|Corollary)\s+{re.escape(name)}\b(.*?)\b(Qed|Defined|Admitted|Abort)\."
    found = re.search(pattern, without_comments(source), flags=re.DOTALL)
    return found is not None and found.group(2) == "Qed"


def coq_files() -> list[str]:
    """Return the Coq files of the project in build order."""
    lines = (ROOT / "_CoqProject").read_text().splitlines()
    return [line for line in lines if line.endswith(".v")]
