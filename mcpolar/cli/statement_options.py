"""The options of statements, made of their records: what a statement takes is on the command line, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import field, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import Parameter

from mcpolar.cli.destinations import Source
from mcpolar.cli.options import OptionalText, OptionalWhole
from mcpolar.statements import Option, Statement, probability_statements

FEW = 3  # an option of so few statements or less says which


class _Given:
    """What a statement is evaluated at, beside the chain's parameters; statements ignore what they do not use."""

    def given(self) -> dict[str, int | str]:
        """Return what the user gave, by argument name."""
        return {name: value for name, value in vars(self).items() if value is not None}


def all_options() -> Mapping[str, tuple[Option, tuple[str, ...]]]:
    """Return every option of a statement by name, with the commands of the statements that take it."""
    found: dict[str, tuple[Option, tuple[str, ...]]] = {}
    for statement in probability_statements():
        for option in statement.options:
            first, commands = found.get(option.name, (option, ()))
            found[option.name] = (first, (*commands, statement.command))
    return found


def described(option: Option, commands: tuple[str, ...]) -> str:
    """Return the option's help; where few statements take it, with their names."""
    return option.help if len(commands) > FEW else f"{option.help} ({', '.join(commands)})"


def options_class(name: str, *, as_text: bool = False) -> type:
    """Return a class of options with a field for each option of a statement.

    Parameters
    ----------
    name : str
        Of the class.
    as_text : bool
        Take every option as text, as for lists of values.
    """
    fields: list[tuple[str, Any, Any]] = []
    for option, commands in all_options().values():
        kind: Any = OptionalWhole if option.kind == "whole" and not as_text else OptionalText
        shown: Any = Annotated[kind, Parameter(help=described(option, commands))]
        if option.is_read:
            shown = Annotated[shown, Source()]
        fields.append((option.name, shown, field(default=None)))
    where = {"__module__": __name__}
    made = make_dataclass(name, fields, bases=(_Given,), namespace=where, frozen=True, kw_only=True)
    return Parameter(name="*")(made)


# type checkers see what every such class can do; the fields are made of the records
if TYPE_CHECKING:
    StatementOptions = _Given
    StatementLists = _Given
else:
    StatementOptions = options_class("StatementOptions")
    StatementLists = options_class("StatementLists", as_text=True)

STATEMENT = StatementOptions()


def used_options(statement: Statement, at: _Given) -> dict[str, Any]:
    """Return the given options that a statement uses; say on standard error which given ones it does not."""
    given = at.given()
    unused = [name for name in given if name not in statement.arguments]
    if unused:
        names = ", ".join("--" + name.replace("_", "-") for name in unused)
        print(f"mcpolar: {statement.command} does not use {names}", file=sys.stderr)
    return {name: value for name, value in given.items() if name not in unused}


def _listed() -> str:
    """Return the names of the statements about a probability, with their titles."""
    found = probability_statements()
    return "The statement: " + "; ".join(f"{one.command} ({one.title})" for one in found) + "."


StatementName: TypeAlias = Annotated[str, Parameter(help=_listed())]
