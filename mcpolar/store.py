"""The store of what was finished: a SQLite file of blocks, verified whenever it is read.

A store belongs to one kind of run with one identity (such as its seed). Each block names its cell by all that
determines its numbers, and carries a checksum over its identity, its place and its content: a block that was
changed, cut short or put there from elsewhere is found, and computed anew. A transaction a block, on a write-ahead
log that is synced at every commit: whatever kills the process, the finished blocks are there. The file is locked
while it is open, so that two processes cannot write to one run. Nothing is written to a file before it has been
found to be a sound store of the same run.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

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


@dataclass(frozen=True)
class Place:
    """Where a block belongs: replicas first .. first + count - 1 of a cell, up to a number of steps.

    Attributes
    ----------
    cell : str
        JSON of all that determines the cell's numbers, but how many replicas and how far; from :func:`identity_of`.
    first, count : int
        The replicas.
    reach : int
        The steps.
    """

    cell: str
    first: int = 0
    count: int = 1
    reach: int = 0


@dataclass(frozen=True)
class Kept:
    """A block that was found sound.

    Attributes
    ----------
    place : Place
        What it belongs to.
    row : int
        Its row in the store.
    """

    place: Place
    row: int


class Store:
    """An open store; use it in a `with` block.

    Parameters
    ----------
    path : str or Path
        The file; made if it does not exist and `identity` is given.
    kind : str, optional
        What the store is of, such as "run"; absent, for reading only: of anything.
    identity : mapping, optional
        What all of its blocks have in common; without it the store is opened for reading only.
    resume : bool
        Whether a store of this kind and identity with finished blocks may be there already.

    Raises
    ------
    InputError
        If there is a store with finished blocks already and `resume` is false, or one of another kind, identity or
        version of mcpolar.
    ResourceError
        If the file is missing, in use, no store, damaged, of another schema, or the disk refuses.

    Attributes
    ----------
    path : Path
        The file.
    is_new : bool
        Whether this opening made the store.
    damaged : int
        How many blocks were found damaged when it was opened; opened for writing, they are dropped, to be computed
        anew.
    """

    def __init__(
        self,
        path: str | Path,
        kind: str | None = None,
        identity: Mapping[str, Any] | None = None,
        *,
        resume: bool = False,
    ) -> None:
        self.path, self.kind = Path(path), kind
        self.is_new, self.damaged = False, 0
        self._was_there = self.path.exists()
        fresh = self._require_place(may_be_new=identity is not None)
        self._cells: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._found: dict[Place, int] = {}
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

    def _look(self) -> None:
        """Find the sound blocks, and count the damaged ones."""
        self._cells = dict(self._connection.execute("SELECT id, identity FROM cell"))
        self._numbers = {identity: number for number, identity in self._cells.items()}
        self._bad: list[int] = []
        columns = "id, cell, first, count, reach, session, finished, seconds, content, digest"
        for row, cell, *rest in self._connection.execute(f"SELECT {columns} FROM block ORDER BY id"):
            *place, content, digest = rest
            if self._digest(self._cells.get(cell), place, content) == digest:
                self._found[Place(self._cells[cell], *place[:3])] = row
            else:
                self._bad.append(row)
        self.damaged = len(self._bad)

    def _require_same(self, identity: str, resume: bool) -> None:
        """Refuse another run; make an empty store this one's; drop what is damaged."""
        if not self._found and not self._bad:
            self._put_header(identity)
            return
        if not resume:
            raise InputError("store", str(self.path), "a new file, unless the run in it is to be resumed")
        _, stored, version = self._header
        if stored != identity:
            mine, theirs = json.loads(identity), json.loads(stored)
            different = sorted(key for key in {*mine, *theirs} if mine.get(key) != theirs.get(key))
            raise InputError(
                "store", str(self.path), f"the store of this run (its {' and '.join(different)} differ)"
            )
        if version != mcpolar.__version__:
            raise InputError(
                "store",
                str(self.path),
                f"made by mcpolar {mcpolar.__version__} to be resumed (made by {version})",
            )
        for table in ("block WHERE id", "state WHERE block"):
            self._connection.executemany(f"DELETE FROM {table} = ?", ((row,) for row in self._bad))

    def __enter__(self) -> Store:
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
        if not self.is_new or self._found:
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

    @property
    def cells(self) -> list[str]:
        """The cells, as JSON, in the order in which they came."""
        return list(dict.fromkeys(self._cells.values()))

    def sessions(self) -> list[dict[str, Any]]:
        """Return when, by which versions and on which host the store was worked on."""
        rows = self._rows("SELECT began, versions, host FROM session ORDER BY id")
        try:
            return [
                {"began": row[0], "versions": json.loads(row[1]), "host": json.loads(row[2])} for row in rows
            ]
        except (ValueError, TypeError) as error:
            raise ResourceError(f"cannot read {self.path}: it is damaged (its sessions)") from error

    def kept(self) -> list[Kept]:
        """Return the sound blocks, in the order in which they came."""
        return [Kept(place, row) for place, row in self._found.items()]

    def find(self, place: Place) -> Kept | None:
        """Return the block of exactly this place, if it is there."""
        row = self._found.get(place)
        return None if row is None else Kept(place, row)

    def register(self, cells: Iterable[str]) -> None:
        """Give cells their order, before blocks of them come in any order."""
        new = [cell for cell in dict.fromkeys(cells) if cell not in self._numbers]
        with self._speaking(), self._transaction("BEGIN IMMEDIATE"):
            for cell in new:
                row = self._connection.execute("INSERT INTO cell VALUES (NULL, ?)", (cell,)).lastrowid
                self._cells[int(row or 0)] = cell
        self._numbers = {identity: number for number, identity in self._cells.items()}

    def with_state(self) -> set[int]:
        """Return the rows of the blocks whose state is kept."""
        return {row for (row,) in self._rows("SELECT block FROM state")}

    def read(self, kept: Kept) -> bytes:
        """Return the content of a block, its checksum verified once more.

        Raises
        ------
        ResourceError
            If it was changed since the store was opened.
        """
        columns = "first, count, reach, session, finished, seconds, content, digest"
        rows = self._rows(f"SELECT {columns} FROM block WHERE id = ?", kept.row)
        for *place, content, digest in rows:
            if self._digest(kept.place.cell, place, content) == digest:
                return bytes(content)
        raise ResourceError(f"cannot read {self.path}: it is damaged (block {kept.row})")

    def state(self, kept: Kept) -> bytes | None:
        """Return the state at the end of a block, to go on from; None where none is kept, or it is damaged."""
        query = "SELECT s.content, s.digest, b.digest FROM state s JOIN block b ON b.id = s.block WHERE s.block = ?"
        for content, digest, of_block in self._rows(query, kept.row):
            if digest == digest_of((of_block.hex(),), content):
                return bytes(content)
        return None

    def add(self, place: Place, content: bytes, seconds: float = 0.0, state: bytes | None = None) -> None:
        """Add a block in one transaction; when this returns it is on the disk.

        Parameters
        ----------
        place : Place
            What it belongs to.
        content : bytes
            Its results.
        seconds : float
            What it took.
        state : bytes, optional
            What a longer run goes on from; those of the same replicas at fewer steps give way.

        Raises
        ------
        ResourceError
            If the disk refuses; then nothing of the block is there.
        """
        stamp = (self._session, datetime.now(UTC).isoformat(), seconds)
        values = (place.first, place.count, place.reach, *stamp)
        digest = self._digest(place.cell, values, content)
        if place.cell not in self._numbers:
            self.register([place.cell])
        cell = self._numbers[place.cell]
        with self._speaking(), self._transaction("BEGIN IMMEDIATE"):
            execute = self._connection.execute
            row = execute(
                "INSERT INTO block VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (cell, *values, content, digest)
            ).lastrowid
            if state is not None:
                same = "SELECT id FROM block WHERE cell = ? AND first = ? AND count = ?"
                execute(f"DELETE FROM state WHERE block IN ({same})", (cell, place.first, place.count))
                execute("INSERT INTO state VALUES (?, ?, ?)", (row, state, digest_of((digest.hex(),), state)))
        self._found[place] = int(row or 0)

    def remove(self) -> None:
        """Remove the file, once the results that it was for are written elsewhere."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA journal_mode = DELETE")
        with suppress(OSError):
            self.path.unlink()  # still locked: nobody else can have opened it

    def require_whole(self) -> None:
        """Raise ResourceError if a block was found damaged: for readers, who cannot compute it anew."""
        if self.damaged:
            raise ResourceError(
                f"cannot read {self.path}: {self.damaged} of its blocks are damaged; "
                "to resume the run computes them anew"
            )

    def _digest(self, cell: str | None, values: Any, content: Any) -> bytes:
        return digest_of((*self._header, cell, *values), content)

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
