"""The store of a run: one SQLite file, in which every block is either whole or absent.

A transaction a block, on a write-ahead log that is synced at every commit: whatever kills the process, the
finished blocks are there. The file is held exclusively while it is open, so that two processes cannot write
to one run. Nothing is written to a file before it has been found to be a sound store of the same plan.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mcpolar
from mcpolar.errors import InputError, ResourceError
from mcpolar.runs.observe import NEVER, OBSERVABLES, BlockResult
from mcpolar.runs.plan import Block, RunPlan
from mcpolar.versions import versions

SCHEMA = 1
_APPLICATION = 0x6D63706F  # "mcpo"
_STATEMENTS = f"""
CREATE TABLE plan (identity TEXT NOT NULL, block INTEGER NOT NULL, version TEXT NOT NULL);
CREATE TABLE session (id INTEGER PRIMARY KEY, began TEXT NOT NULL, versions TEXT NOT NULL, host TEXT NOT
NULL); CREATE TABLE block (
  cell INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL, session INTEGER NOT NULL,
  finished TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (cell, first)
) WITHOUT ROWID;
CREATE TABLE result (
  cell INTEGER NOT NULL, replica INTEGER NOT NULL, {", ".join(OBSERVABLES)}, PRIMARY KEY (cell, replica)
) WITHOUT ROWID;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {SCHEMA}
"""


class Store:
    """An open store; use it in a `with` block.

    Parameters
    ----------
    path : str or Path
        The file; made if it does not exist and `plan` is given.
    plan : RunPlan, optional
        The plan to be stored or gone on with; without it the store is opened for reading only.
    resume : bool
        Whether a store with this plan may be there already.

    Raises
    ------
    InputError
        If there is a store already and `resume` is false, or one of another plan or another version of
        mcpolar.
    ResourceError
        If the file is missing, in use, no store, damaged, of a newer schema, or the disk refuses.

    Attributes
    ----------
    path : Path
        The file.
    is_new : bool
        Whether this opening made the store.
    """

    def __init__(self, path: str | Path, plan: RunPlan | None = None, *, resume: bool = False) -> None:
        self.path = Path(path)
        fresh = self._require_place(may_be_new=plan is not None)
        self.is_new = False
        with self._speaking():
            self._connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            try:
                if plan is None:
                    self._require_sound()
                else:
                    self._begin(plan, fresh, resume)
            except BaseException:
                self._connection.close()
                raise

    def _require_place(self, *, may_be_new: bool) -> bool:
        """Return whether a new store is to be made; raise if the file is none of ours, without touching it."""
        if not self.path.parent.is_dir():
            raise ResourceError(f"cannot open {self.path}: the folder {self.path.parent} does not exist")
        try:
            head = _head(self.path)
        except FileNotFoundError:
            head = b""
        except OSError as error:
            raise ResourceError(f"cannot open {self.path}: {error.strerror}") from error
        if head not in (b"", b"SQLite format 3\0"):
            raise ResourceError(f"cannot open {self.path}: it is no store of a run")
        if not head and not may_be_new:
            raise ResourceError(f"cannot open {self.path}: no such store")
        return not head

    def _begin(self, plan: RunPlan, fresh: bool, resume: bool) -> None:
        """Take the lock for as long as the store is open, make or check the store, and note the session."""
        execute = self._connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        with self._transaction("BEGIN EXCLUSIVE"):
            # a process killed while it made the store leaves none of its tables
            if fresh or not execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                self._create(plan)
            else:
                self._require_sound()
                self._require_same(plan, resume)
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = FULL")
        began = (datetime.now(UTC).isoformat(), json.dumps(versions()), json.dumps(_host()))
        self._session = execute("INSERT INTO session VALUES (NULL, ?, ?, ?)", began).lastrowid

    def _create(self, plan: RunPlan) -> None:
        self.is_new = True
        for statement in _STATEMENTS.split(";"):
            self._connection.execute(statement)
        row = (plan.identity(), plan.block, mcpolar.__version__)
        self._connection.execute("INSERT INTO plan VALUES (?, ?, ?)", row)

    def _require_sound(self) -> None:
        """Raise ResourceError unless the file is a store that this version reads, and undamaged."""
        application, schema, check = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version", "quick_check")
        )
        if application != _APPLICATION:
            raise ResourceError(f"cannot open {self.path}: it is no store of a run")
        if schema > SCHEMA:
            raise ResourceError(
                f"cannot open {self.path}: it was made by a newer mcpolar (schema {schema}; this one reads {SCHEMA})"
            )
        if check != "ok":
            raise ResourceError(f"cannot open {self.path}: it is damaged ({check.splitlines()[0]})")

    def _require_same(self, plan: RunPlan, resume: bool) -> None:
        if not resume:
            raise InputError("store", str(self.path), "a new file, unless the run in it is to be resumed")
        stored, version = self.identity, self.version
        if stored != json.loads(plan.identity()):
            different = [
                key for key, value in json.loads(plan.identity()).items() if stored.get(key) != value
            ]
            raise InputError(
                "store", str(self.path), f"the store of this plan (its {' and '.join(different)} differ)"
            )
        if version != mcpolar.__version__:
            raise InputError(
                "store",
                str(self.path),
                f"made by mcpolar {mcpolar.__version__} to be resumed (made by {version})",
            )

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was added is kept."""
        # out of the write-ahead log: a store at rest is one file that can be copied and read anywhere; where that
        # fails the log stays beside the file, and the next to open it reads it
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    @property
    def identity(self) -> dict[str, Any]:
        """What the plan is: seed, replicas and cells."""
        found: dict[str, Any] = json.loads(self._rows("SELECT identity FROM plan")[0][0])
        return found

    @property
    def version(self) -> str:
        """The version of mcpolar that made the store."""
        return str(self._rows("SELECT version FROM plan")[0][0])

    @property
    def block(self) -> int:
        """Replicas of a block."""
        return int(self._rows("SELECT block FROM plan")[0][0])

    def sessions(self) -> list[dict[str, Any]]:
        """Return when, by which versions and on which host the store was worked on."""
        rows = self._rows("SELECT began, versions, host FROM session ORDER BY id")
        return [{"began": row[0], "versions": json.loads(row[1]), "host": json.loads(row[2])} for row in rows]

    def finished(self) -> set[Block]:
        """Return the blocks that are there."""
        return {Block(*row) for row in self._rows("SELECT cell, first, count FROM block")}

    def results(self) -> list[tuple[Any, ...]]:
        """Return (cell, replica, observables...) of all finished blocks, in order; None for times not reached."""
        return self._rows(
            f"SELECT cell, replica, {', '.join(OBSERVABLES)} FROM result ORDER BY cell, replica"
        )

    def add(self, result: BlockResult) -> None:
        """Add a block and its rows in one transaction; one that is there already gives way to the same rows.

        Raises
        ------
        ResourceError
            If the disk refuses; then nothing of the block is there.
        """
        block = result.block
        holes = ", ".join("?" * (2 + len(OBSERVABLES)))
        stamp = (self._session, datetime.now(UTC).isoformat(), result.seconds)
        with self._speaking(), self._transaction("BEGIN IMMEDIATE"):
            execute = self._connection
            execute.executemany(f"INSERT OR REPLACE INTO result VALUES ({holes})", _result_rows(result))
            execute.execute(
                "INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?, ?)",
                (block.cell, block.first, block.count, *stamp),
            )

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._speaking():
            return self._connection.execute(query).fetchall()

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
        except sqlite3.Error as error:
            raise ResourceError(f"{self.path}: {_reason(error)}") from error


def _reason(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    known = {
        sqlite3.SQLITE_BUSY: "in use by another process",
        sqlite3.SQLITE_LOCKED: "in use by another process",
        sqlite3.SQLITE_FULL: "the disk is full; finished blocks are kept",
        sqlite3.SQLITE_CORRUPT: "damaged; it was left as it is",
        sqlite3.SQLITE_NOTADB: "no store of a run",
    }
    return known.get(code & 0xFF if code is not None else -1, str(error))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _result_rows(result: BlockResult) -> Iterator[tuple[Any, ...]]:
    """Yield one row a replica, with None for a time that did not come."""
    block = result.block
    columns = [
        [None if value == NEVER else value for value in result.columns[name].tolist()]
        if name.endswith("_time")
        else result.columns[name].tolist()
        for name in OBSERVABLES
    ]
    for row, values in enumerate(zip(*columns, strict=True)):
        yield (block.cell, block.first + row, *values)


def _host() -> dict[str, Any]:
    return {
        "node": platform.node(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }
