"""Where commands write: marked in their signatures, and checked before any of them works.

A parameter of a command, or a field of its groups of options, whose annotation carries :class:`Destination` is a
place to write to; one that carries :class:`Source` is read. :func:`check_destinations` looks at those that a call
was given, so that no command checks by itself, and none forgets to.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from mcpolar.files import require_destination

PICTURES = (".pdf", ".png", ".svg")
STATES = (".npz", ".nc", ".zarr")
FOREIGN = (*PICTURES, *STATES, ".sqlite", ".db", ".py", ".toml", ".zip", ".gz")
"""Endings of files that no table is."""


@dataclass(frozen=True)
class Destination:
    """Marks a parameter that names a file to be written.

    Attributes
    ----------
    endings : tuple of str
        Those that are allowed; empty: those of a table in the format that `--format` names.
    """

    endings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Marks a parameter that names a file to be read, or, like a store, one that is written by another service."""


Output: TypeAlias = Annotated[Path | None, Destination()]
Plot: TypeAlias = Annotated[Path | None, Destination(PICTURES)]
Bibliography: TypeAlias = Annotated[Path | None, Destination((".bib",))]


@dataclass(frozen=True)
class Given:
    """A marked parameter of a call, with the format that was asked for beside it."""

    name: str
    value: Path | str
    mark: Destination | Source
    group: Any


def marked(function: Callable[..., Any]) -> Iterator[tuple[str, Destination | Source]]:
    """Yield the names and marks of a command's parameters, and of the fields of its groups of options."""
    for name, hint in typing.get_type_hints(function, include_extras=True).items():
        yield from _marks(name, hint)


def _marks(name: str, hint: Any) -> Iterator[tuple[str, Destination | Source]]:
    if dataclasses.is_dataclass(hint):
        for inner, of in typing.get_type_hints(hint, include_extras=True).items():
            yield from _marks(inner, of)
    for mark in getattr(hint, "__metadata__", ()):
        if isinstance(mark, Destination | Source):
            yield name, mark


def check_destinations(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Refuse places that cannot be written, are of another format, inputs, or none of ours.

    Parameters
    ----------
    function : callable
        The command.
    arguments : mapping
        What it is called with.

    Raises
    ------
    InputError
        If an ending does not fit, or a place is an input or another place.
    ResourceError
        If a place cannot be written.
    """
    marks, found = dict(marked(function)), []
    for name, value in arguments.items():
        group = value if dataclasses.is_dataclass(value) else None
        values = {name: value} if group is None else vars(group)
        for inner, one in values.items():
            places = one if isinstance(one, tuple) else (one,)
            if inner in marks:
                named = [place for place in places if isinstance(place, Path | str)]
                found += [Given(inner, place, marks[inner], group) for place in named]
    for given in found:
        if isinstance(given.mark, Destination):
            others = [other.value for other in found if other is not given]
            endings = given.mark.endings or _table_endings(given)
            require_destination(given.name, given.value, endings=endings, inputs=others)


def _table_endings(given: Given) -> tuple[str, ...]:
    """Return the endings that a table may have: those that no other kind of file has, in the format asked for."""
    from mcpolar.report.tables import SUFFIXES

    given.group.form()
    return tuple(SUFFIXES) if Path(given.value).suffix in FOREIGN else ()
