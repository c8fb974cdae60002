"""PM: certificates kept on disk, so that a search is made once.

An entry is a small JSON file named by a hash of the exact inputs and of the code that made it. It holds the shape as
decimals and the certified ends as dyadic numbers, with a checksum; one that is damaged, cut short or from other
inputs is not used, and replaced.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import platformdirs

import mcpolar
from mcpolar.balls import Dyadic
from mcpolar.bounds.permanence_own_side import Certificate
from mcpolar.bounds.permanence_shape import Shape
from mcpolar.bounds.permanence_suprema import Enclosure, Suprema
from mcpolar.errors import ResourceError
from mcpolar.files import replacing

_SOURCES = ("permanence_shape.py", "permanence_search.py", "permanence_suprema.py")


def default_folder() -> Path:
    """Return the user's cache folder for certificates."""
    return platformdirs.user_cache_path("mcpolar") / "permanence"


def cached(
    folder: Path, inputs: Mapping[str, str | None], compute: Callable[[], Certificate], *, must_write: bool
) -> Certificate:
    """Return the certificate kept for `inputs`, or compute and keep it.

    Parameters
    ----------
    folder : Path
        Where entries are kept; made if needed.
    inputs : mapping of str to str
        What the certificate depends on, exactly.
    compute : callable
        Makes it.
    must_write : bool
        Whether a folder that cannot be written is an error (ResourceError) or is passed over.
    """
    key = {"inputs": dict(inputs), "version": mcpolar.__version__, "sources": _sources()}
    path = folder / f"{_digest(key)[:32]}.json"
    kept = _load(path, key)
    if kept is not None:
        return kept
    found = compute()
    try:
        _store(path, key, found)
    except OSError as error:
        if must_write:
            raise ResourceError(f"cannot keep certificates in {folder}: {error}") from error
    return found


@functools.cache
def _sources() -> str:
    """Return a hash of the code that makes certificates: entries of other code are not used."""
    folder = Path(__file__).parent
    return hashlib.sha256(b"\0".join((folder / name).read_bytes() for name in _SOURCES)).hexdigest()


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _load(path: Path, key: Mapping[str, Any]) -> Certificate | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        content = record["content"]
        if record["checksum"] != _digest(content) or content["key"] != key:
            return None
        ends = {name: tuple(map(_read_dyadic, pair)) for name, pair in content["suprema"].items()}
        suprema = Suprema(rho=Enclosure(*ends["rho"]), rho_hat=Enclosure(*ends["rho_hat"]))
        return Certificate(Shape.read(content["shape"]), suprema)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _store(path: Path, key: Mapping[str, Any], certificate: Certificate) -> None:
    suprema = certificate.suprema
    content = {
        "key": key,
        "shape": certificate.shape.as_dict(),
        "suprema": {
            name: [_write_dyadic(end) for end in (enclosure.lower, enclosure.upper)]
            for name, enclosure in (("rho", suprema.rho), ("rho_hat", suprema.rho_hat))
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_text(
            json.dumps({"content": content, "checksum": _digest(content)}, indent=1), encoding="utf-8"
        )


def _write_dyadic(number: Dyadic) -> list[str]:
    return [hex(number.mantissa), hex(number.exponent)]


def _read_dyadic(pair: list[str]) -> Dyadic:
    return Dyadic(*(int(text, 16) for text in pair))
