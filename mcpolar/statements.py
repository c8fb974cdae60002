"""The registry of statements: one name for the theorem, its proof, its code, its test, its example and its command."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from mcpolar.errors import InputError
from mcpolar.results import Variant

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Statement:
    """A statement of theory.md and where it lives.

    Attributes
    ----------
    name : str
        Python name, also of the module, the proof's folder, the test and the example: "theorem2_ascent".
    theory : str
        Names in theory.md: "T2ii-paper, T2ii'".
    title : str
        The statement in a few words.
    kind : {"probability", "deterministic"}
        Whether it bounds a probability (and has a command `mcpolar bound`) or is about every path.
    variants : tuple
        The forms that exist, the default first.
    """

    name: str
    theory: str
    title: str
    kind: Literal["probability", "deterministic"]
    variants: tuple[Variant, ...]

    @property
    def command(self) -> str:
        """The name on the command line: "theorem2-ascent"."""
        return self.name.replace("_", "-")

    @property
    def function(self) -> Callable[..., Any]:
        """The function that evaluates it."""
        function: Callable[..., Any] = getattr(
            importlib.import_module(f"mcpolar.bounds.{self.name}"), self.name
        )
        return function

    @property
    def arguments(self) -> dict[str, bool]:
        """The function's arguments beside the chain and the variant: name -> whether it must be given."""
        parameters = inspect.signature(self.function).parameters
        return {
            name: parameter.default is parameter.empty
            for name, parameter in parameters.items()
            if name not in ("chain", "variant")
        }

    def require(self, given: Container[str]) -> None:
        """Raise InputError for the first argument that must be given and is not."""
        for name, is_needed in self.arguments.items():
            if is_needed and name not in given:
                raise InputError(name, "nothing", f"given for {self.command}{_HINTS.get(name, '')}")


_HINTS = {"steps": ": a whole number or an expression in m such as 10*m*log(m)"}
_CERTIFIED: tuple[Variant, ...] = ("certified",)
_BOTH: tuple[Variant, ...] = ("certified", "paper")

# The table is data, so that a list of names costs no import of the bounds.
STATEMENTS: dict[str, Statement] = {
    statement.name: statement
    for statement in (
        Statement(
            "proposition1", "P1", "one update moves the log-odds by at most 3/sigma^2", "deterministic", _BOTH
        ),
        Statement("proposition2", "P2, P2'", "own-side updates polarize one agent", "deterministic", _BOTH),
        Statement(
            "proposition3", "P3 (refuted), P3'", "own-side updates clear the memory", "deterministic", _BOTH
        ),
        Statement(
            "lemma1", "L1-paper, L1'", "the memory becomes well-behaved from any state", "probability", _BOTH
        ),
        Statement("lemma2", "L2-paper, L2'", "a well-behaved population polarizes", "probability", _BOTH),
        Statement("theorem1", "T1-paper, T1'", "any population polarizes", "probability", _BOTH),
        Statement("theorem2", "T2-paper, T2'", "level h is kept at every step", "probability", _BOTH),
        Statement(
            "theorem2_ascent", "T2ii-paper, T2ii'", "the level rises from h to h + n", "probability", _BOTH
        ),
        Statement(
            "silo_persistence", "SP", "no agent changes its silo for T steps", "probability", _CERTIFIED
        ),
        Statement(
            "permanence",
            "PM1 (r = 1), PM, PMr (r <= 10)",
            "no agent ever changes its silo",
            "probability",
            _CERTIFIED,
        ),
        Statement(
            "general_theorem2", "GT2", "level h is kept in a general mixture", "probability", _CERTIFIED
        ),
    )
}


def statement(name: str) -> Callable[[Function], Function]:
    """Mark a function as the code of the statement `name`; refuse a name that the table lacks."""

    def mark(function: Function) -> Function:
        if name not in STATEMENTS or function.__name__ != name:
            raise KeyError(
                f"{function.__name__} is marked as statement {name!r}, which the table does not hold"
            )
        function.__statement__ = STATEMENTS[name]  # type: ignore[attr-defined]
        return function

    return mark


def find(name: str) -> Statement:
    """Return the statement of a Python or command-line name.

    Raises
    ------
    InputError
        If there is none; the message lists the names.
    """
    key = re.sub("-", "_", name)
    if key not in STATEMENTS:
        raise InputError("statement", name, "one of " + ", ".join(s.command for s in STATEMENTS.values()))
    return STATEMENTS[key]
