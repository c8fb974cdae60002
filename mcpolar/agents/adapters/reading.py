"""What the readers of files share: rows, limits, and text and JSON that are read within them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from mcpolar.agents.log import LONGEST_LINE
from mcpolar.errors import InputError, ResourceError

LARGEST_FILE = 2 * 2**30


LARGEST_ENTRY = 64 * 2**20
"""Bytes of one JSON document or one entry of an archive."""


LONGEST_TEXT = 100_000


MOST_ROWS = 50_000_000


@dataclass(frozen=True)
class Row:
    """One answer of a run: whose, when, and its text or its silo."""

    run: str
    step: int
    agent: str
    text: str


Rows: TypeAlias = Iterator[Row]


@dataclass(frozen=True)
class Columns:
    """Names of a table's columns; `run` may be missing from the table."""

    run: str = "run"
    step: str = "step"
    agent: str = "agent"
    text: str = "text"


Reader: TypeAlias = Callable[[Path, Columns], Rows]


def step_of(value: Any, path: Path, place: str) -> int:
    """Return a step, or raise InputError unless it is a whole number from 0 on."""
    try:
        step = int(str(value)) if not isinstance(value, float) else int(value) if value.is_integer() else -1
    except ValueError:
        step = -1
    if isinstance(value, bool) or not 0 <= step < 2**62:
        raise InputError(
            "paths", str(path), f"a run with a whole number >= 0 in {place}; found {str(value)[:40]!r}"
        )
    return step


def require_file(path: Path) -> None:
    """Raise InputError unless this is a regular file that is not too large."""
    if not path.exists():
        raise InputError("paths", str(path), "a file that exists")
    if not path.is_file():
        raise InputError("paths", str(path), "a regular file")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError("paths", str(path), f"a file of at most {LARGEST_FILE} bytes")


def opened(path: Path) -> Any:
    """Open a file for its bytes, or raise ResourceError."""
    try:
        return path.open("rb")
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error


class OpenText:
    """A text file of UTF-8; bytes that are not are an error that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Iterator[str]:
        csv.field_size_limit(LONGEST_LINE)
        self._file = io.TextIOWrapper(opened(self._path), encoding="utf-8-sig", newline="")
        return self._lines()

    def _lines(self) -> Iterator[str]:
        """Yield the lines; iterating over the file would read one of any length."""
        while line := self._file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise csv.Error(f"a line is longer than {LONGEST_LINE} characters")
            yield line

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        self._file.close()
        if isinstance(error, UnicodeDecodeError | csv.Error):
            raise InputError("paths", str(self._path), f"a CSV in UTF-8 ({error})") from None


def json_document(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds."""
    with opened(path) as file:
        data = file.read(LARGEST_ENTRY + 1)
    if len(data) > LARGEST_ENTRY:
        raise InputError("paths", str(path), f"a JSON document of at most {LARGEST_ENTRY} bytes")
    found = loads(data, path, "the document")
    if not isinstance(found, dict):
        raise InputError("paths", str(path), "a JSON object")
    return found


def loads(data: bytes, path: Path, what: str) -> Any:
    """Return what JSON says, or raise InputError that names the part."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InputError("paths", str(path), f"JSON: {what} is not") from None


def entries_of(document: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    """Return the list of objects under a key of a document."""
    entries = document.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError("paths", str(path), f"a document whose {key} is a list of objects")
    return entries
