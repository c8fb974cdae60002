"""What is kept on disk and read again: its identity, its checksum, and files of one entry.

The store (:mod:`mcpolar.store`) and the cache of certificates keep what they keep by these.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpolar.files import replacing

if TYPE_CHECKING:  # it takes long to import, and entries without arrays need none of it
    from numpy.typing import NDArray

_LONGEST_HEADER = 1 << 20


def identity_of(values: Mapping[str, Any]) -> str:
    """Return JSON that is equal for two mappings if and only if they are.

    Examples
    --------
    >>> identity_of({"seed": 1, "k": None}) == identity_of({"k": None, "seed": 1})
    True
    """
    return json.dumps(values, sort_keys=True, default=_as_json)


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return named arrays as bytes.

    Examples
    --------
    >>> import numpy as np
    >>> unpack(pack({"silos": np.array([1, 2])}))
    {'silos': array([1, 2])}
    """
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its stubs take no names for arrays
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays that :func:`pack` was given."""
    import numpy as np

    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def write_entry(path: Path, identity: Mapping[str, Any], content: bytes) -> None:
    """Keep something in a file of its own, whole or not at all: a line of identity and checksum, then the content."""
    named = identity_of(identity)
    header = {"identity": named, "bytes": len(content), "sha256": digest_of((named,), content).hex()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, is_ours=True) as draft, draft.open("wb") as file:
        file.write(json.dumps(header).encode() + b"\n")
        file.write(content)


def read_entry(path: Path, identity: Mapping[str, Any]) -> bytes | None:
    """Return what :func:`write_entry` kept; None if it is not there, damaged, or of another identity."""
    named = identity_of(identity)
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            header = json.loads(file.readline(_LONGEST_HEADER))
            size, digest = int(header["bytes"]), header["sha256"]
            if header["identity"] != named or not 0 <= size <= path.stat().st_size:
                return None
            content = file.read(size + 1)
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    return content if len(content) == size and digest == digest_of((named,), content).hex() else None


def digest_of(values: Iterable[Any], content: Any = b"") -> bytes:
    """Return a checksum over values of plain kinds and a content."""
    found = hashlib.sha256(repr(tuple(values)).encode() + b"\0")
    found.update(content if isinstance(content, bytes) else repr(content).encode())
    return found.digest()


def _as_json(value: Any) -> Any:
    import numpy as np

    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
