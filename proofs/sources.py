"""What may stand in a Coq source: a list of commands, so that what is not on it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

# commands that may begin a sentence; tactics begin with a small letter
COMMANDS = frozenset(
    {
        "From", "Import", "Export", "Open", "Local", "Section", "End", "Module",
        "Definition", "Fixpoint", "Record", "Inductive", "Program", "Next", "Notation", "Arguments", "Ltac",
        "Lemma", "Theorem", "Corollary", "Proof", "Qed", "Defined",
        "Variable", "Variables", "Hypothesis", "Context",
    }
)  # fmt: skip
# what a section discharges; outside of one they are axioms
ASSUMING = frozenset({"Variable", "Variables", "Hypothesis", "Context"})
LIBRARIES = frozenset({"Coq", "Coquelicot", "Interval", "Mcpolar"})
# inside proofs: what leaves a goal open, or leaves a check to something other than the kernel's own reduction
FORBIDDEN = re.compile(
    r"\b(admit|give_up|shelve|shelve_unifiable|native_compute|native_cast_no_check|unshelve)\b"
)
LOCAL = re.compile(r"Local (Open Scope|Notation)\b")
ATTRIBUTE = re.compile(r"#\[local\] (Obligation Tactic|Program|Instance)\b")


def without_comments(source: str) -> str:
    """Return Coq source with its (nested) comments removed and its strings emptied."""
    kept, depth, place = [], 0, 0
    for mark in re.finditer(r'\(\*|\*\)|"[^"]*"', source):
        if mark.group().startswith('"'):
            if depth == 0:
                kept.append(source[place : mark.start()] + '""')
                place = mark.end()
            continue
        if depth == 0:
            kept.append(source[place : mark.start()])
        depth += 1 if mark.group() == "(*" else -1
        place = mark.end()
    return "".join([*kept, source[place:]])


def sentences(source: str) -> Iterator[str]:
    """Yield the sentences of a Coq source, without comments, bullets and braces."""
    for sentence in re.split(r"\.(?=\s|$)", without_comments(source)):
        words = re.sub(r"^(?:[\s{}+*-]|\d+:\s*\{|all:)+", "", sentence)
        if words.strip():
            yield re.sub(r"\s+", " ", words).strip()


def faults(source: str) -> list[str]:
    """Return what a Coq source holds that could leave something unproved or change what words mean."""
    found, depth = [], 0
    for sentence in sentences(source):
        word = re.match(r"[\w']+|\S", sentence).group()  # type: ignore[union-attr]
        if word in ASSUMING and depth == 0:
            found.append(f"{word} outside a section")
        depth += (word == "Section") - (word == "End")
        found += _faults(word, sentence)
    return found


def _faults(word: str, sentence: str) -> list[str]:
    """Return what is wrong with one sentence."""
    found = FORBIDDEN.findall(sentence)
    is_command = word[0].isupper() or word == "#"
    if word == "#" and not ATTRIBUTE.match(sentence):
        found.append(sentence.partition("]")[0] + "]")
    elif is_command and word != "#" and word not in COMMANDS:
        found.append(word)
    if word == "Local" and not LOCAL.match(sentence):
        found.append(" ".join(sentence.split()[:2]))
    if "Notation" in sentence.split()[:2] and '"' in sentence:
        found.append("notation of symbols")
    if word == "From" and sentence.split()[1] not in LIBRARIES:
        found.append(" ".join(sentence.split()[:2]))
    if word == "Module" and ":=" not in sentence:
        found.append("Module")
    return found


def is_proved(source: str, name: str) -> bool:
    """Return whether the source holds a theorem of this name whose proof ends in Qed."""
    pattern = rf"^(?:Theorem|Lemma|Corollary) {re.escape(name)}\b"
    open_theorem = False
    for sentence in sentences(source):
        if open_theorem and sentence in ("Qed", "Defined", "Admitted", "Abort"):
            return sentence == "Qed"
        open_theorem = open_theorem or re.match(pattern, sentence) is not None
    return False


def theorems(source: str) -> dict[str, str]:
    """Return the theorems of a source, name -> the sentence that states it, proofs left out."""
    pattern = r"(?:Theorem|Lemma|Corollary) ([\w']+)"
    stated = ((re.match(pattern, sentence), sentence) for sentence in sentences(source))
    return {found.group(1): sentence for found, sentence in stated if found}
