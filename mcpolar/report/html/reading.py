"""Results of our commands, as they lie in files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcpolar.errors import InputError, ResourceError
from mcpolar.files import require_readable

LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class Result:
    """What a file holds.

    Attributes
    ----------
    name : str
        The file's name, without its folder.
    record : object
        What it says, as Python's lists, dictionaries and numbers.
    sha256 : str
        The file's hash.
    size : int
        Its bytes.
    """

    name: str
    record: Any
    sha256: str
    size: int


def read_results(paths: Sequence[Path]) -> list[Result]:
    """Read files of results.

    Parameters
    ----------
    paths : sequence of paths
        JSON as our commands write it, or one record a line (.jsonl).

    Raises
    ------
    InputError
        If there is none, or one holds something else.
    ResourceError
        If one cannot be read.
    """
    if not paths:
        raise InputError("results", "nothing", "at least one file of results")
    return [_read(path) for path in paths]


def _read(path: Path) -> Result:
    require_readable(path)
    if path.is_dir():
        raise InputError("results", path.name, "a file of results, not a folder")
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error
    if size > LARGEST:
        raise InputError("results", path.name, f"a file of at most {LARGEST >> 20} MB")
    return Result(path.name, _parsed(path, data), hashlib.sha256(data).hexdigest(), size)


def _parsed(path: Path, data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
        if path.suffix == ".jsonl":
            record: Any = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            record = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("results", path.name, "JSON as mcpolar writes it with --format json") from None
    is_ours = isinstance(record, Mapping) or (
        isinstance(record, list) and record and all(isinstance(row, Mapping) for row in record)
    )
    if not is_ours or not record:
        raise InputError("results", path.name, "a record, or a list of records, as mcpolar writes them")
    return record
