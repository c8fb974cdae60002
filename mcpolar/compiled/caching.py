"""Compiled loops kept on disk between runs, and compiled anew when any source of this package changes.

Numba keeps a loop as long as the one file that holds it stays the same, and so would go on running old code
after a change in a module that the loop calls. Here the folder of the kept code is named by a hash of all
sources. Each file carries a checksum: one that is damaged or cut short is not run, but compiled anew and replaced.
Where nothing can be kept, loops are compiled in every process, and one line says so.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core import event
from numba.core.caching import FunctionCache, IndexDataCacheFile

from mcpolar.compiled.compiling import compiling

_SOURCES = Path(__file__).parent
_DIGEST = hashlib.sha256().digest_size


@functools.cache
def source_hash() -> str:
    """Return a hash of all modules of `mcpolar.compiled`, those in folders too."""
    digest = hashlib.sha256()
    for path in sorted(_SOURCES.rglob("*.py")):
        digest.update(path.relative_to(_SOURCES).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def cache_folder() -> Path:
    """Return where compiled code is kept: under NUMBA_CACHE_DIR if set, else here if writable, else the user's."""
    if numba.config.CACHE_DIR:
        base = Path(numba.config.CACHE_DIR)
    elif os.access(_SOURCES, os.W_OK):
        base = _SOURCES / "__pycache__"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "mcpolar"
    return base / f"loops-{source_hash()}"


@functools.cache
def can_keep() -> bool:
    """Return whether compiled code can be kept, and say so, once, where it cannot."""
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:  # a user without a home, too
        compiling.complain(f"compiled loops cannot be kept ({_reason(error)}): every run compiles them anew")
        return False
    return True


def loop(function: Callable[..., Any]) -> Any:
    """Compile a loop that Python calls: without the interpreter lock, kept on disk where that is possible."""
    options = {"nogil": True, "error_model": "numpy"}
    if not can_keep():
        return numba.njit(function, **options)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())  # read by numba only while it decorates
    try:
        dispatcher = numba.njit(function, cache=True, **options)
        dispatcher._cache.__class__ = _Cache
        dispatcher._cache._cache_file.__class__ = _CheckedFile
    except (OSError, RuntimeError) as error:
        compiling.complain(f"compiled loops cannot be kept ({_reason(error)}): every run compiles them anew")
        return numba.njit(function, **options)
    finally:
        numba.config.CACHE_DIR = before
    return dispatcher


class _Cache(FunctionCache):  # type: ignore[misc]  # numba has no types
    """Numba's cache of a loop; one that cannot be written is a line on standard error, and no error."""

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as error:
            compiling.complain(
                f"compiled loops cannot be kept ({_reason(error)}): every run compiles them anew"
            )


class _CheckedFile(IndexDataCacheFile):  # type: ignore[misc]  # numba has no types
    """Numba's files of a loop, each after a checksum of its content: what is damaged counts as absent."""

    def _load_index(self) -> Any:
        try:
            version, stamp, overloads = self._checked(self._index_path)
        except OSError:
            return {}
        return overloads if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: Any) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return self._checked(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, values: Any) -> None:
        content = self._dump(values)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(content).digest() + content)

    def _checked(self, path: str) -> Any:
        """Return what a file holds; FileNotFoundError, which numba takes for an absent file, if it is damaged."""
        content = Path(path).read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            compiling.complain(f"kept loops in {cache_folder()} were damaged and are compiled anew")
            raise FileNotFoundError(path)
        return pickle.loads(content[_DIGEST:])


class _Listener(event.Listener):  # type: ignore[misc]  # numba has no types
    """Tells :mod:`mcpolar.compiled.compiling` when numba compiles, in whichever thread."""

    def on_start(self, event: Any) -> None:
        """Note that a loop is being compiled."""
        compiling.begin()

    def on_end(self, event: Any) -> None:
        """Note that it is compiled."""
        compiling.end()


event.register("numba:compile", _Listener())


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split())
