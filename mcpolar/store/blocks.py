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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mcpolar
from mcpolar.entries import digest_of
from mcpolar.errors import InputError, ResourceError
from mcpolar.store.database import Database


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


class Store(Database):
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
        self.damaged = 0
        self._cells: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._found: dict[Place, int] = {}
        super().__init__(path, kind, identity, resume=resume)

    @property
    def is_empty(self) -> bool:
        """Whether no sound block is there."""
        return not self._found

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

    @property
    def cells(self) -> list[str]:
        """The cells, as JSON, in the order in which they came."""
        return list(dict.fromkeys(self._cells.values()))

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

    def require_whole(self) -> None:
        """Raise ResourceError if a block was found damaged: for readers, who cannot compute it anew."""
        if self.damaged:
            raise ResourceError(
                f"cannot read {self.path}: {self.damaged} of its blocks are damaged; "
                "to resume the run computes them anew"
            )

    def _digest(self, cell: str | None, values: Any, content: Any) -> bytes:
        return digest_of((*self._header, cell, *values), content)
