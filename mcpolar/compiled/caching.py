"""Compiled loops kept on disk between runs, and compiled anew when any source of this package changes.

Numba keeps a loop as long as the one file that holds it stays the same, and so would go on running old code
after a change in a module that the loop calls. Here the folder of the kept code is named by a hash of all
sources.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_SOURCES = Path(__file__).parent


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
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mcpolar"
    return base / f"loops-{source_hash()}"


def loop(function: Callable[..., Any]) -> Any:
    """Compile a loop that Python calls: without the interpreter lock, kept on disk."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())  # read by numba only while it decorates
    try:
        return numba.njit(function, cache=True, nogil=True, error_model="numpy")
    finally:
        numba.config.CACHE_DIR = before
