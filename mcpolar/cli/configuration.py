"""Options from a file: `--config FILE`, TOML, checked against the options of the command that is called.

The file has a table for each command, and one, `population`, for the chain's options of all of them. What is typed on
the command line goes before what the file says. The words of a message name the line that is wrong.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import Parameter, Token

from mcpolar.cli.destinations import Source
from mcpolar.errors import InputError, ResourceError
from mcpolar.files import require_readable

if TYPE_CHECKING:
    from cyclopts import App, ArgumentCollection

POPULATION = "population"
CHAIN = ("agents", "memory", "sigma", "neighbours", "mirror")
TABLES = (POPULATION, "study", "run")
FLAG = "--config"
LARGEST = 1 << 20
_HEADER = re.compile(r"\s*\[\s*([\w-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")

Config: TypeAlias = Annotated[
    Path | None,
    Source(),
    Parameter(help="TOML file with options, such as `mcpolar init` writes; what is typed goes before it."),
]


class ConfigurationError(InputError):
    """A file of options that is wrong; `said` is the whole message, with the file and the line."""

    def __init__(self, path: Path, said: str) -> None:
        super().__init__("config", str(path), said)
        self.said = said


@dataclass(frozen=True)
class Entry:
    """An option in a file.

    Attributes
    ----------
    table, key : str
        Where it is.
    value : Any
        As TOML reads it.
    line : int
        The line, from 1.
    """

    table: str
    key: str
    value: Any
    line: int


@dataclass(frozen=True)
class Configuration:
    """A file of options.

    Attributes
    ----------
    path : Path
        The file.
    entries : tuple of Entry
        All of its options, in their order.
    """

    path: Path
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, path: Path) -> Configuration:
        """Read a file.

        Raises
        ------
        InputError
            If it is no TOML, or has a table or a key outside the tables; the message names the line.
        ResourceError
            If it cannot be read.
        """
        require_readable(path)
        try:
            content = path.read_bytes()[: LARGEST + 1]
        except OSError as error:
            raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error
        if len(content) > LARGEST:
            raise InputError("config", str(path), "a file of at most a megabyte")
        try:
            text = content.decode("utf-8")
            tables = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # of TOML, with its line, and of UTF-8
            raise ConfigurationError(path, f"{path}: this is no TOML: {error}") from None
        lines = _lines(text)
        entries = []
        for table, content_of in tables.items():
            if table not in TABLES or not isinstance(content_of, dict):
                _refuse(path, lines.get((table, ""), lines.get(("", table), 1)), table, TABLES, "table")
            entries += [
                Entry(table, key, value, lines.get((table, key), 1)) for key, value in content_of.items()
            ]
        return cls(path, tuple(entries))

    def of(self, command: str) -> Iterator[Entry]:
        """Yield what concerns a command: the population, then its own table, which goes before it."""
        own = {entry.key.replace("_", "-") for entry in self.entries if entry.table == command}
        for entry in self.entries:
            if entry.table == command or (entry.table == POPULATION and entry.key not in own):
                yield entry

    def where(self, line: int) -> str:
        """Return a place for a message."""
        return f"{self.path}, line {line}"


def from_file(app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Give the options of a file to the command that is called: a configuration source, as cyclopts takes it."""
    chosen = next((one for one in arguments if FLAG in one.names), None)
    if chosen is None or not chosen.tokens:
        return
    found = Configuration.read(Path(chosen.tokens[0].value))
    options = {
        name.removeprefix("--"): one for one in arguments for name in one.names if name.startswith("--")
    }
    own = [name for name in options if name != FLAG.removeprefix("--")]
    for entry in found.of(commands[0]):
        key = entry.key.replace("_", "-")  # what a file may hold is what may be typed
        allowed = [name for name in CHAIN if name in own] if entry.table == POPULATION else own
        if key not in allowed:
            _refuse(found.path, entry.line, entry.key, allowed, f"option of [{entry.table}]")
        argument = options[key]
        if not argument.tokens and entry.value is not False:
            value = _text(found, entry)
            argument.append(Token(keyword=f"--{key}", value=value, source=found.where(entry.line)))


def place_of(words: Sequence[str], option: str) -> str | None:
    """Return the file and line that gave an option to a command line; None where it was typed, or is a default."""
    name = option.removeprefix("--")
    path = _named(words)
    if path is None or any(word.partition("=")[0] == option for word in words):
        return None
    try:
        found = Configuration.read(path)
    except (InputError, ResourceError):
        return None
    for entry in found.of(words[0]):
        if entry.key.replace("_", "-") == name:
            return found.where(entry.line)
    return None


def _named(words: Sequence[str]) -> Path | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == FLAG and following:
            return Path(following)
        if word.startswith(FLAG + "="):
            return Path(word.partition("=")[2])
    return None


def _text(found: Configuration, entry: Entry) -> str:
    """Return a value as it would be typed; lists are written a,b,c."""
    parts = entry.value if isinstance(entry.value, list) else [entry.value]
    if not parts or not all(isinstance(part, int | float | str) for part in parts):
        kinds = "a number, a text, true, false, or a list of them"
        raise ConfigurationError(found.path, f"{found.where(entry.line)}: {entry.key} must be {kinds}")
    return ",".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts)


def _refuse(path: Path, line: int, name: str, allowed: Sequence[str], what: str) -> None:
    """Raise InputError for a name that is none; name the nearest one."""
    near = difflib.get_close_matches(name.replace("_", "-"), allowed, 1)
    hint = f"did you mean {near[0]}?" if near else "there are " + ", ".join(allowed)
    raise ConfigurationError(path, f"{path}, line {line}: {name} is no {what}; {hint}")


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Return the line of each table (with the key "") and of each key in it; what multi-line texts hold is harmless."""
    found: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header.group(1)
            found.setdefault((table, ""), number)
        elif key := _KEY.match(line):
            found.setdefault((table, key.group(1)), number)
    return found
