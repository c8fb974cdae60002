"""PM and PMr: what was searched for or computed is kept on disk, and certified anew when it is read.

An entry (:func:`mcpolar.entries.write_entry`) is a small file named by a hash of the exact inputs and of the code that
made it, with its identity and a checksum. It holds what is long to find and short to check: the shape of a Lyapunov
function, whose suprema are enclosed again, and the table of a risk, whose inequality is evaluated again everywhere.
So nothing that is printed rests on a file alone; an entry that is damaged, or does not certify, is made anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import flint
import platformdirs

import mcpolar
from mcpolar.bounds.permanence.own_side import Certificate
from mcpolar.bounds.permanence.shape import Shape
from mcpolar.entries import identity_of, read_entry, write_entry
from mcpolar.errors import ResourceError

_SOURCES = (
    "balls.py",
    "bounds/polarized_start.py",
    "bounds/permanence/*.py",
    "compiled/memory/risk.py",
    "compiled/chain/update.py",
    "compiled/base/elementary.py",
)
_UNSOUND = (
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    EOFError,
    RecursionError,
    MemoryError,
    zlib.error,
)
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Form(Generic[Kept]):
    """How something certified is kept.

    Attributes
    ----------
    write : callable
        To bytes.
    read : callable
        Back, and certified anew; raises where it does not certify.
    """

    write: Callable[[Kept], bytes]
    read: Callable[[bytes], Kept]


def default_folder() -> Path:
    """Return the user's cache folder for certificates."""
    return platformdirs.user_cache_path("mcpolar") / "permanence"


def cached(
    folder: Path,
    inputs: Mapping[str, Any],
    form: Form[Kept],
    compute: Callable[[], Kept],
    *,
    must_write: bool,
) -> Kept:
    """Return what is kept for `inputs`, certified anew, or compute and keep it.

    Parameters
    ----------
    folder : Path
        Where entries are kept; made if needed.
    inputs : mapping
        What the entry depends on, exactly.
    form : Form
        How it is written, and certified when it is read.
    compute : callable
        Makes it.
    must_write : bool
        Whether a folder that cannot be written is an error (ResourceError) or is passed over.
    """
    versions = {"mcpolar": mcpolar.__version__, "python-flint": flint.__version__}
    key = {"inputs": dict(inputs), "versions": versions, "sources": _sources()}
    path = folder / f"{hashlib.sha256(identity_of(key).encode()).hexdigest()[:32]}.entry"
    content = read_entry(path, key)
    if content is not None:
        with suppress(*_UNSOUND):
            return form.read(content)
    found = compute()
    try:
        write_entry(path, key, form.write(found))
    except OSError as error:
        if must_write:
            raise ResourceError(f"cannot keep certificates in {folder}: {error}") from error
    return found


@functools.cache
def _sources() -> str:
    """Return a hash of the code that makes certificates: entries of other code are not used."""
    package = Path(__file__).parents[2]
    files = (path for pattern in _SOURCES for path in sorted(package.glob(pattern)))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def certificate_form(certify: Callable[[Shape], Certificate]) -> Form[Certificate]:
    """Return how certificates of PM are kept: their shape alone, whose suprema are enclosed again."""

    def read(content: bytes) -> Certificate:
        return certify(Shape.read(json.loads(content)))

    return Form(lambda certificate: json.dumps(certificate.shape.as_dict()).encode(), read)
