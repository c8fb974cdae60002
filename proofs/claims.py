"""What is claimed to be machine-checked: read from claims.toml, stated in full in statements/Statements.v."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mcpolar.statements import STATEMENTS
from proofs.sources import theorems

ROOT = Path(__file__).parent
# the facts that all use, what is common in Coq, and a folder for each statement
FOLDERS = ("odds", "common", *STATEMENTS)
STATED = "statements/Statements.v"
# the axioms of Coq's real numbers; nothing else may be under a claim
ALLOWED_AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "Classical_Prop.classic",
        "FunctionalExtensionality.functional_extensionality_dep",
    }
)
# The statements as they are written, and as Coq understands them with every definition that they reach. A changed
# statement or definition changes them: read the difference, then put the new values here and in the tests.
TEXT_SHA256 = "0fea9ed033082492de24f387905f6e160c5969c40310d9a8769ed52afebe1211"
MEANING_SHA256 = "06e1f8c6eeeda4c2b63d0f2d8e378434316590fc6e042c63b17dc52cf1a8302e"
# predicates that are premises about the draws or the senders: where a theorem has one, its claim must say so
PREMISES = frozenset(
    {
        "supremum", "restricted_supremum", "falling_form", "cell_masses", "certified_table",
        "senders_in_silos", "same_side_senders", "nearest_senders", "uniform_senders", "same_silo_senders",
        "nearest_in_weight", "mass_at_least", "normal_on_line", "own_moments", "senders_in_own_silos",
    }
)  # fmt: skip
# predicates that say from where a statement starts, or what an update is; any other one is refused until it is named
SETTING = frozenset(
    {
        "Iplus", "Iplus_open", "Ipm", "J", "moved", "moves", "repl", "run", "after", "unitf",
        "memory_of_size", "at_level", "on_side", "nearest", "enough", "memory",
        "in_ball", "at_level_", "all_at_level", "run_", "largest", "enough_",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Theorem:
    """A Coq theorem that a statement claims.

    Attributes
    ----------
    file, name : str
        Where it is proved, from the folder of the proofs; it is stated under this name in `STATED`.
    states : str
        What it says, in a line.
    premises : tuple of str
        What it takes as given.
    """

    file: str
    name: str
    states: str
    premises: tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """What is machine-checked of one statement, in words and theorem by theorem, and what is not."""

    proved: str
    theorems: tuple[Theorem, ...]
    unchecked: tuple[str, ...]


def read(folder: str, root: Path = ROOT) -> Claims:
    """Return the claims of one folder."""
    with (root / folder / "claims.toml").open("rb") as file:
        data = tomllib.load(file)
    claimed = tuple(
        Theorem(entry["file"], entry["name"], entry["states"], tuple(entry["premises"]))
        for entry in data.get("theorem", ())
    )
    return Claims(" ".join(data["proved"].split()), claimed, tuple(data["unchecked"]))


def coq_files(root: Path = ROOT) -> list[str]:
    """Return the Coq files of the project in build order."""
    lines = (root / "_CoqProject").read_text().splitlines()
    return [line for line in lines if line.endswith(".v")]


def text_sha256(root: Path = ROOT) -> str:
    """Return the digest of the statements as they are written, proofs and comments left out."""
    stated = "\n".join(theorems((root / STATED).read_text()).values())
    return hashlib.sha256(stated.encode()).hexdigest()
