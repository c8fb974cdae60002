"""A file of SQLite that belongs to one kind of run: opened only if it is sound, locked while it is open.

Nothing is written to a file before it has been found to be a sound store of the same run.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import mcpolar
from mcpolar.entries import digest_of, identity_of
from mcpolar.errors import InputError, ResourceError
from mcpolar.versions import versions

SCHEMA = 2
_APPLICATION = 0x6D63706F  # "mcpo"
_STATEMENTS = f"""
CREATE TABLE header (kind TEXT NOT NULL, identity TEXT NOT NULL, version TEXT NOT NULL, digest BLOB NOT NULL);
CREATE TABLE session (id INTEGER PRIMARY KEY, began TEXT NOT NULL, versions TEXT NOT NULL, host TEXT NOT NULL);
CREATE TABLE cell (id INTEGER PRIMARY KEY, identity TEXT NOT NULL);
CREATE TABLE block (
  id INTEGER PRIMARY KEY, cell INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
  reach INTEGER NOT NULL, session INTEGER NOT NULL, finished TEXT NOT NULL, seconds REAL NOT NULL,
  content BLOB NOT NULL, digest BLOB NOT NULL
);
CREATE TABLE state (block INTEGER PRIMARY KEY, content BLOB NOT NULL, digest BLOB NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {SCHEMA}
"""
_MAGIC, _HEAD = b"SQLite format 3\0", 100


class Database(ABC):
    """An open file of a run: its header, its sessions, and transactions that say in one line what went wrong."""

    def __init__(
        self,
        path: str | Path,
        kind: str | None = None,
        identity: Mapping[str, Any] | None = None,
        *,
        resume: bool = False,
    ) -> None:
        self.path, self.kind = Path(path), kind
        self.is_new = False
        self._was_there = self.path.exists()
        fresh = self._require_place(may_be_new=identity is not None)
        with self._speaking():
            self._connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            try:
                if identity is None:
                    self._require_sound()
                    self._look()
                else:
                    self._begin(identity_of(identity), fresh, resume)
            except BaseException:
                self._discard_if_new()
                self._connection.close()
                raise

    def _require_place(self, *, may_be_new: bool) -> bool:
        """Return whether a new store is to be made; raise if the file is none of ours, without touching it."""
        if not self.path.parent.is_dir():
            raise ResourceError(f"cannot open {self.path}: the folder {self.path.parent} does not exist")
        try:
            mode = self.path.stat().st_mode
            if not stat.S_ISREG(mode):
                raise IsADirectoryError(
                    0, "Is a directory" if stat.S_ISDIR(mode) else "it is a device or a pipe, not a file"
                )
            head = _head(self.path)
        except FileNotFoundError:
            head = b""
        except OSError as error:
            raise ResourceError(f"cannot open {self.path}: {error.strerror}") from error
        if not head and not may_be_new:
            raise ResourceError(f"cannot open {self.path}: no such store")
        # the application is at byte 68 of SQLite's header: a file of another one is not even opened
        if head and (head[:16] != _MAGIC or head[68:72] != _APPLICATION.to_bytes(4, "big")):
            raise ResourceError(f"cannot open {self.path}: it is no store of mcpolar; it was left as it is")
        return not head

    def _begin(self, identity: str, fresh: bool, resume: bool) -> None:
        """Take the lock for as long as the store is open, make or check the store, and note the session."""
        execute = self._connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        with self._transaction("BEGIN EXCLUSIVE"):
            # a process killed while it made the store leaves none of its tables
            if fresh or not execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                self._create(identity)
            else:
                self._require_sound()
                self._look()
                self._require_same(identity, resume)
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        began = (datetime.now(UTC).isoformat(), json.dumps(versions()), json.dumps(_host()))
        self._session = execute("INSERT INTO session VALUES (NULL, ?, ?, ?)", began).lastrowid

    def _create(self, identity: str) -> None:
        self.is_new = True
        for statement in _STATEMENTS.split(";"):
            self._connection.execute(statement)
        self._put_header(identity)

    def _put_header(self, identity: str) -> None:
        self._header = (str(self.kind), identity, mcpolar.__version__)
        self._connection.execute("DELETE FROM header")
        self._connection.execute(
            "INSERT INTO header VALUES (?, ?, ?, ?)", (*self._header, digest_of(self._header))
        )

    def _require_sound(self) -> None:
        """Raise ResourceError unless the file is a store that this version reads, and undamaged."""
        schema = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if schema != SCHEMA:
            age = "a newer" if schema > SCHEMA else "an older"
            raise ResourceError(
                f"cannot open {self.path}: it was made by {age} mcpolar (schema {schema}; this one reads {SCHEMA})"
            )
        check = str(self._connection.execute("PRAGMA quick_check").fetchone()[0])
        if check != "ok":
            raise ResourceError(f"cannot open {self.path}: it is damaged ({check.splitlines()[0]})")
        rows = self._connection.execute("SELECT kind, identity, version, digest FROM header").fetchall()
        if len(rows) != 1 or rows[0][3] != digest_of(rows[0][:3]):
            raise ResourceError(f"cannot open {self.path}: it is damaged (its identity)")
        self._header = rows[0][:3]
        if self.kind is not None and self._header[0] != self.kind:
            raise InputError("store", str(self.path), f"of a {self.kind} (it is of a {self._header[0]})")

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing that was finished is there."""

    @abstractmethod
    def _look(self) -> None:
        """Find what is there."""

    @abstractmethod
    def _require_same(self, identity: str, resume: bool) -> None:
        """Refuse another run; make an empty store this one's; drop what is damaged."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._discard_if_new()
        self.close()

    def close(self) -> None:
        """Close the file; what was added is kept."""
        # out of the write-ahead log: a store at rest is one file that can be copied and read anywhere; where that
        # fails the log stays beside the file, and the next to open it reads it
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def _discard_if_new(self) -> None:
        """Remove the file if this opening made it and nothing was finished: a run that failed leaves nothing."""
        if not self.is_new or not self.is_empty:
            return
        self.remove()
        if self._was_there:  # an empty file
            self.path.touch()

    @property
    def identity(self) -> dict[str, Any]:
        """What all blocks have in common."""
        found: dict[str, Any] = json.loads(self._header[1])
        return found

    @property
    def version(self) -> str:
        """The version of mcpolar that made the store."""
        return str(self._header[2])

    def sessions(self) -> list[dict[str, Any]]:
        """Return when, by which versions and on which host the store was worked on."""
        rows = self._rows("SELECT began, versions, host FROM session ORDER BY id")
        try:
            return [
                {"began": row[0], "versions": json.loads(row[1]), "host": json.loads(row[2])} for row in rows
            ]
        except (ValueError, TypeError) as error:
            raise ResourceError(f"cannot read {self.path}: it is damaged (its sessions)") from error

    def remove(self) -> None:
        """Remove the file, once the results that it was for are written elsewhere."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA journal_mode = DELETE")
        with suppress(OSError):
            self.path.unlink()  # still locked: nobody else can have opened it

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._speaking():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        """Commit what is done inside, all or nothing."""
        self._connection.execute(begin)
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn SQLite's errors into one line about this file."""
        try:
            yield
        except (sqlite3.Error, UnicodeError) as error:  # names that are no text come as they are
            raise ResourceError(f"{self.path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    known = {
        sqlite3.SQLITE_BUSY: "in use by another process",
        sqlite3.SQLITE_LOCKED: "in use by another process",
        sqlite3.SQLITE_FULL: "the disk is full; finished blocks are kept",
        sqlite3.SQLITE_CORRUPT: "damaged; it was left as it is",
        sqlite3.SQLITE_NOTADB: "damaged; it was left as it is",
    }
    return known.get(code & 0xFF if code is not None else -1, f"damaged or unreadable ({error})")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _host() -> dict[str, Any]:
    return {
        "node": platform.node(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }
