"""What is wrong with a command line: one line in the words of the command that was called.

Only options of that command are named. A value that nobody typed is called a default, and characters that a terminal
would obey are shown as escapes.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from cyclopts import App, CycloptsError
from cyclopts.exceptions import (
    CoercionError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from mcpolar.cli.configuration import ConfigurationError, place_of
from mcpolar.errors import InputError

# The option that gives an argument, where its name is another one.
OPTIONS = {
    "m": "agents",
    "n": "agents",
    "r": "memory",
    "k": "neighbours",
    "n_agents": "agents",
    "first_replica": "replica",
    "path": "output",
    "state": "start",
    "option": "for",
}
LONGEST_VALUE = 80


@dataclass(frozen=True)
class Called:
    """The command that was called: its options by their Python names, and what was typed.

    Attributes
    ----------
    names : mapping
        Python name of an option -> the words that stand for it, the first one as it is shown.
    words : sequence of str
        The command line.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Sequence[str] = ()

    @classmethod
    def of(cls, app: App, words: Sequence[str]) -> Called:
        """Find the command among the words; without one there are no options."""
        try:
            called = app.parse_commands(words)[1][-1]
            arguments = called.assemble_argument_collection()
        except Exception:  # whatever is wrong with the words was said by the parser already
            return cls({}, tuple(words))
        names = {}
        for argument in arguments:
            shown = shown_name(argument)
            if shown.startswith("*") or shown == "--*":
                continue
            names[argument.names[0].lstrip("-").replace("-", "_")] = (shown, *argument.names)
        return cls(names, tuple(words))

    def option(self, argument: str) -> str | None:
        """Return how the user writes the argument on this command line; None if it has no option here."""
        for name in (argument, OPTIONS.get(argument, argument)):
            if name in self.names:
                return self.names[name][0]
        return None

    def is_typed(self, argument: str) -> bool:
        """Return whether the user gave the argument."""
        for name in (argument, OPTIONS.get(argument, argument)):
            if name in self.names:
                shown, *words = self.names[name]
                return not shown.startswith("-") or any(_stands_for(word, words) for word in self.words)
        return True

    def input_message(self, error: InputError) -> str:
        """Say what must hold, what came, and which option to change."""
        if isinstance(error, ConfigurationError):
            return printable(error.said)
        shown = self.option(error.name) or "the " + error.name.replace("_", " ")
        place = place_of(self.words, shown) if shown.startswith("--") else None
        if place is not None:
            return (
                f"{place}: {shown.removeprefix('--')} must be {error.allowed}; got {value_text(error.value)}"
            )
        if error.value is None or error.value == "nothing":
            return f"{shown} must be {error.allowed}"
        default = "" if self.is_typed(error.name) else ", its default"
        return f"{shown} must be {error.allowed}; got {value_text(error.value)}{default}"


def _stands_for(word: str, names: Sequence[str]) -> bool:
    """Return whether a word of the command line gives an option: --sigma, --sigma=1, -m, -m5."""
    if word.startswith("--"):
        return word.partition("=")[0] in names
    return word[:2] in names and word[:1] == "-"


def shown_name(argument: Any) -> str:
    """Return how an argument is written in messages: an option, or a place in capitals."""
    is_place = argument.field_info.kind in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    )
    name: str = argument.names[0]
    return name.lstrip("-").replace("-", "_").upper() if is_place and len(argument.keys) == 0 else name


def parsing_message(error: CycloptsError) -> str:
    """Say what the parser refused: which option, what value, what is allowed."""
    match error:
        case CoercionError(token=token) if token is not None:
            name = token.keyword or (shown_name(error.argument) if error.argument else "the argument")
            if token.source not in ("", "cli"):  # a file's option, with its line
                name = f"{token.source}: {name.removeprefix('--')}"
            return f"{name} must be {_allowed(error)}; got {value_text(token.value)}"
        case MissingArgumentError(argument=argument, keyword=keyword) if argument is not None:
            name = shown_name(argument)
            return f"{keyword or name} needs a value" if keyword else f"{name} must be given (see --help)"
        case UnknownOptionError(token=token) if token is not None:
            return f"{value_text(token.keyword or token.value)} is no option of this command (see --help)"
        case RepeatArgumentError(token=token):
            return f"{token.keyword} must be given once; got it twice"
        case UnusedCliTokensError(unused_tokens=[word, *_]):
            return f"{value_text(word)} is no argument of this command (see --help)"
        case UnknownCommandError(unused_tokens=[word, *_]):
            commands = ", ".join(_commands(error.app)) if error.app else "a command (see --help)"
            return f"COMMAND must be one of {commands}; got {value_text(word)}"
    return str(error)


def machine_message(error: Exception) -> str:
    """Say what the machine refused: which file, and why."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"cannot use {value_text(error.filename)}: {error.strerror}"
    if type(error) is OSError and error.strerror:  # of standard output, such as a full disk
        return error.strerror
    return str(error) or ("out of memory" if isinstance(error, MemoryError) else type(error).__name__)


def _commands(app: App) -> list[str]:
    return [name for name in app if not name.startswith("-")]


def _allowed(error: CoercionError) -> str:
    """Return what an option may be: its choices, or what kind of value it takes."""
    kind: Any = error.argument.hint if error.argument is not None else error.target_type
    if choices := choices_of(kind):
        return "one of " + ", ".join(map(str, choices))
    kinds = {int: "a whole number", float: "a number", bool: "given without a value"}
    for one in (kind, *get_args(kind), error.target_type):
        if one in kinds:
            return kinds[one]
    return "of another form (see --help)"


def choices_of(kind: Any) -> tuple[Any, ...]:
    """Return the choices of a type such as Literal["a", "b"] | None; none for another type."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(choice for part in get_args(kind) for choice in choices_of(part))


def value_text(value: object) -> str:
    r"""Return a value on one line of printable characters, cut to a readable length.

    Examples
    --------
    >>> print(value_text(f"a{chr(27)}[31m  b"), value_text("x" * 100)[-2:])
    a\x1b[31m b x…
    """
    try:
        text = printable(" ".join(str(value).split()))
    except ValueError:  # Python writes no whole number of more than some thousand digits
        text = f"a {type(value).__name__} that is too long to be written"
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def printable(text: str) -> str:
    """Return the text with escapes for the characters that a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
