"""The log of a run of language models: settings, then one line an answer, on disk before the answer is used."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from mcpolar.errors import InputError, ResourceError

FORMAT = "mcpolar-agents/1"
LONGEST_LINE = 1_000_000
"""Bytes of a line; a longer one is refused before it is parsed."""
Record = dict[str, Any]


class RunLog:
    """A JSONL file that only grows: a header, and a synced line for each answer.

    Parameters
    ----------
    path : Path
        The file; made if it is absent or empty.
    header : mapping
        Settings, versions and what else the run depends on. A file with other `settings`, or another hash of documents
        or names of silos, is refused.
    resume : bool
        Whether a file with answers may be gone on with.
    format : str
        Name of the format, which a file that is there must have.

    Raises
    ------
    InputError
        If the file is a run with other settings, no log of ours, damaged before its end, or is there and
        `resume` is false.
    ResourceError
        If another process writes it, or the disk refuses.

    Notes
    -----
    After a kill the last line may be cut: it is dropped, and its answer asked for again.
    """

    def __init__(
        self, path: str | Path, header: Mapping[str, Any], *, resume: bool = False, format: str = FORMAT
    ) -> None:
        self.path = Path(path)
        if self.path.is_dir():  # whose lock would be made beside it
            raise InputError("log", str(path), "a file")
        self._format, self._header = format, {"format": format, **header}
        self._lock = FileLock(self.path.with_name(self.path.name + ".lock"))
        self._lock_now()
        try:
            self._whole = self._open_old(resume) if self._has_lines() else self._open_new()
        except BaseException:
            self._unlock()
            raise

    def __enter__(self) -> RunLog:
        """Return the log."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file and let go of the lock."""
        self.close()

    def close(self) -> None:
        """Close the file and let go of the lock."""
        self._file.close()
        self._unlock()

    def kept(self) -> Iterator[Record]:
        """Yield the answers that the file held when it was opened, in order, one at a time."""
        with self.path.open("rb") as file:
            yield from _records(file, self.path, self._whole, skip_header=True)

    def add(self, record: Mapping[str, Any]) -> None:
        """Write an answer; it is on disk when this returns."""
        self._write(record)

    def _unlock(self) -> None:
        # before it is let go of: after it, the file may be another process's
        Path(self._lock.lock_file).unlink(missing_ok=True)
        self._lock.release()

    def _lock_now(self) -> None:
        if not self.path.parent.is_dir():  # the lock would make it
            raise ResourceError(f"cannot write {self.path}: the folder {self.path.parent} does not exist")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ResourceError(f"{self.path} is in use by another process") from None
        except OSError as error:
            raise ResourceError(f"cannot write {self.path}: {error.strerror or error}") from error

    def _has_lines(self) -> bool:
        if self.path.exists() and not self.path.is_file():
            raise InputError("log", str(self.path), "a file")
        return self.path.exists() and self.path.stat().st_size > 0

    def _open_new(self) -> int:
        self._file: IO[bytes] = self._opened("wb")
        self._write(self._header)
        return self._file.tell()

    def _open_old(self, resume: bool) -> int:
        header, whole = read_header(self.path, self._format)
        wanted = json.loads(json.dumps(self._header))
        if header.get("settings") != wanted.get("settings"):
            raise InputError("log", str(self.path), "a run with these settings: it was made with others")
        for key, what in (("documents_sha256", "documents"), ("names", "names of silos")):
            if header.get(key) != wanted.get(key):
                raise InputError("log", str(self.path), f"a run with these {what}: it was made with others")
        if not resume:
            raise InputError("log", str(self.path), "a new file, or resumed: it holds answers already")
        self._file = self._opened("r+b")
        self._file.truncate(whole)  # a line that a kill cut off
        self._file.seek(whole)
        return whole

    def _opened(self, mode: str) -> IO[bytes]:
        try:
            return self.path.open(mode)
        except OSError as error:
            raise ResourceError(f"cannot write {self.path}: {error.strerror or error}") from error

    def _write(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        if len(line) > LONGEST_LINE:
            raise ResourceError(f"an answer of {len(line)} bytes is too long for {self.path}")
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ResourceError(
                f"cannot write {self.path}: {error.strerror or error}; all before is kept"
            ) from error


def read_header(path: Path, format: str = FORMAT) -> tuple[Record, int]:
    """Return the header of a log and how many bytes of whole lines the file has.

    Raises
    ------
    InputError
        If it is no log of ours.
    """
    whole = _whole_bytes(path)
    with path.open("rb") as file:
        header = next(_records(file, path, whole, skip_header=False), None)
    if not isinstance(header, dict) or header.get("format") != format:
        raise InputError("log", str(path), f"a log of format {format}")
    return header, whole


def read_answers(path: Path) -> Iterator[Record]:
    """Yield the answers of a log, one at a time."""
    _, whole = read_header(path)
    with path.open("rb") as file:
        yield from _records(file, path, whole, skip_header=True)


def _whole_bytes(path: Path) -> int:
    """Return the position after the last line break, without reading more than a line."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        back = min(size, LONGEST_LINE)
        file.seek(size - back)
        end = file.read(back).rfind(b"\n")
    return size - back + end + 1 if end >= 0 else 0


def _records(file: IO[bytes], path: Path, whole: int, *, skip_header: bool) -> Iterator[Record]:
    number = 0
    while file.tell() < whole:
        line = file.readline(LONGEST_LINE + 1)
        number += 1
        if len(line) > LONGEST_LINE:
            raise InputError("log", str(path), f"a log: line {number} is longer than {LONGEST_LINE} bytes")
        if skip_header and number == 1:
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise InputError("log", str(path), f"a log: line {number} is not JSON") from None
        if not isinstance(record, dict):
            raise InputError("log", str(path), f"a log: line {number} is not an object")
        yield record
