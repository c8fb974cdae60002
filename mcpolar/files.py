"""Files that are either whole or not there, and the places for them, checked before the work."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mcpolar.errors import InputError, ResourceError
from mcpolar.written import is_as_left, note

_BEGINNINGS = {
    ".png": (b"\x89PNG",),
    ".pdf": (b"%PDF",),
    ".svg": (b"<?xml", b"<svg"),
    ".nc": (b"\x89HDF", b"CDF"),
    ".npz": (b"PK",),
    ".parquet": (b"PAR1",),
    ".sqlite": (b"SQLite format 3\0",),
    ".html": (b"<!",),
}
"""How files of these kinds begin; a file of any other ending is one of text."""
_LOOKED_AT = 4096
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1b")
"""Bytes that no text has."""
_TRIES = 20
_drafts: set[Path] = set()
"""Half-written files of this process, for :func:`discard_drafts`."""


@contextmanager
def replacing(path: str | Path, *, is_ours: bool = False) -> Iterator[Path]:
    """Give a temporary path (a file or folder to be made) that replaces `path` when the block ends well.

    Whatever happens inside, `path` is either what it was or the finished result. What is there must be what mcpolar
    last wrote there, and unchanged, unless the caller knows that it `is_ours`, such as a damaged entry of a cache.

    Raises
    ------
    ResourceError
        If what is there is none of ours, the folder does not exist or the disk refuses, with one line that says which
        file and why.
    """
    final = _resolved(path)
    if not is_ours:
        _require_replaceable(final)
    if _is_device(final):  # such as /dev/stdout: never replaced
        with _speaking(final):
            yield final
        return
    draft = final.with_name(f".{final.stem}.{uuid.uuid4().hex[:8]}{final.suffix}")
    _drafts.add(draft)
    try:
        with _speaking(final):
            yield draft
            if not is_ours:
                _require_replaceable(final)
            if draft.is_dir() and final.is_dir():
                _remove(final)
            if not is_ours and draft.is_file():
                note(final, draft)
            draft.replace(final)
    finally:
        _remove(draft)
        _drafts.discard(draft)


def discard_drafts() -> None:
    """Remove what is half-written, for a process that is about to end without returning."""
    for draft in list(_drafts):
        _remove(draft)


def require_destination(
    name: str,
    path: str | Path | None,
    *,
    endings: Sequence[str] = (),
    inputs: Iterable[str | Path | None] = (),
) -> None:
    """Refuse a place to write to, before the work whose result would be lost.

    Parameters
    ----------
    name : str
        The argument that names the place.
    path : path or None
        The place; None is none, and allowed.
    endings : sequence of str
        Those that are allowed; empty: all.
    inputs : iterable of paths
        Files that are read, or written to by another argument: it must be none of them.

    Raises
    ------
    InputError
        If the ending is another one, or the place is one of `inputs`.
    ResourceError
        If the folder is not there or cannot be written, or what is there is none of ours.
    """
    if path is None:
        return
    if "\0" in str(path):
        raise InputError(name, str(path), "a file name without null characters")
    final = _resolved(path)
    for other in inputs:
        if other is not None and _is_same(final, _resolved(other)):
            raise InputError(name, str(path), "another file than the others of this command")
    if endings and Path(path).suffix not in endings and not _is_device(final):
        raise InputError(name, str(path), "a file that ends in " + ", ".join(endings))
    _require_replaceable(final)
    _require_writable(final)


def require_folder(path: str | Path, *, is_made: bool = True) -> Path:
    """Make a folder for results if it is not there, and return it; raise ResourceError where it cannot be written to.

    Where it is not to be made yet, since the call may still be refused, the folder to make it in is looked at.
    """
    folder = Path(path)
    try:
        if is_made:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = next(one for one in (folder, *folder.absolute().parents) if one.exists())
            if not folder.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    except OSError as error:
        raise ResourceError(f"cannot write {folder}: {error.strerror or error}") from error
    _require_writable(folder / "results")
    return folder


def require_readable(path: str | Path) -> None:
    """Raise ResourceError unless this is a file or a folder: a device or a pipe may never end."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        raise ResourceError(f"cannot read {path}: no such file") from None
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ResourceError(f"cannot read {path}: it is a device or a pipe, not a file")


def _require_replaceable(final: Path) -> None:
    """Raise ResourceError where something is that we would not have written."""
    if not final.parent.is_dir():
        raise ResourceError(f"cannot write {final}: the folder {final.parent} does not exist")
    if final.is_dir():
        if final.suffix != ".zarr":
            raise ResourceError(f"cannot write {final}: it is a folder")
        if not _is_our_zarr(final):
            raise ResourceError(
                f"cannot write {final}: it is a folder that mcpolar did not write, and is left as it is"
            )
    elif final.is_file() and (final.suffix == ".zarr" or not _is_of_its_kind(final)):
        raise ResourceError(
            f"cannot write {final}: what is there is no {final.suffix or 'text'} file, and is left as it is"
        )
    elif final.is_file() and final.stat().st_size and not is_as_left(final):
        raise ResourceError(
            f"cannot write {final}: what is there was not written by mcpolar, or was changed since, and is left as it"
            " is; move it away or give another file"
        )


def _is_of_its_kind(path: Path) -> bool:
    """Return whether a file is empty, or begins as its ending says: what else is there was not our output."""
    try:
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT)
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}") from error
    if not head:
        return True
    if path.suffix in _BEGINNINGS:
        return head.lstrip().startswith(_BEGINNINGS[path.suffix])
    if not _CONTROL.isdisjoint(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:  # a character that is cut off at the end is none
        return len(head) == _LOOKED_AT and error.start > _LOOKED_AT - 4
    return True


def _is_our_zarr(folder: Path) -> bool:
    """Return whether a folder is a zarr group that names our version, and holds nothing else."""
    try:
        attributes = json.loads((folder / ".zattrs").read_text(encoding="utf-8"))
        if "mcpolar" not in json.loads(attributes["versions"]):
            return False
        return all(_belongs_to_zarr(folder, entry) for entry in folder.rglob("*"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _belongs_to_zarr(folder: Path, entry: Path) -> bool:
    if entry.is_symlink():
        return False
    if entry.is_dir():
        return (entry / ".zarray").exists()
    is_chunk = entry.name.replace(".", "").isdigit() and (entry.parent / ".zarray").exists()
    return is_chunk or entry.name in (".zattrs", ".zarray", ".zgroup", ".zmetadata")


def _require_writable(final: Path) -> None:
    """Raise ResourceError where no file can be made, by making one."""
    if _is_device(final):
        if not os.access(final, os.W_OK):
            raise ResourceError(f"cannot write {final}: Permission denied")
        return
    probe = final.with_name(f".{uuid.uuid4().hex[:8]}{final.suffix}")
    try:
        with probe.open("xb"):
            pass
        probe.unlink()
    except OSError as error:
        raise ResourceError(f"cannot write {final}: {error.strerror or error}") from error


def _resolved(path: str | Path) -> Path:
    """Return the path that is written to: of a link, what it points to, which is replaced in the link's place."""
    given = Path(path)
    with suppress(OSError, RuntimeError):
        if given.is_symlink() and not _is_device(given):
            return given.resolve()
    return given


def _is_device(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()


@contextmanager
def _speaking(final: Path) -> Iterator[None]:
    try:
        yield
    except ResourceError:
        raise
    except OSError as error:
        raise ResourceError(f"cannot write {final}: {error.strerror or error}") from error


def _remove(path: Path) -> None:
    """Remove a file or folder of ours; threads that still write to a folder make it anew, and it is tried again."""
    for _ in range(_TRIES):
        if not path.is_dir():
            break
        shutil.rmtree(path, ignore_errors=True)
        time.sleep(0.1)
    with suppress(OSError):
        path.unlink(missing_ok=True)


def require_room(path: str | Path, n_bytes: int) -> None:
    """Raise OSError unless the disk takes so many bytes at a path where nothing is.

    For libraries that end the process when the disk is full amid a file.
    """
    place = Path(path)
    if not hasattr(os, "posix_fallocate"):  # pragma: no cover - Windows and macOS do not tell
        return
    try:
        with place.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, max(n_bytes, 1))
    finally:
        place.unlink(missing_ok=True)
