"""PM and PMr: what was searched for or certified is kept on disk, so that it is made once.

An entry is a small JSON file named by a hash of the exact inputs and of the code that made it. It holds shapes as
decimals and certified ends as dyadic numbers, with a checksum; one that is damaged, cut short or from other
inputs is not used, and replaced.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import flint
import platformdirs

import mcpolar
from mcpolar.balls import Dyadic
from mcpolar.bounds.permanence.own_side import Certificate
from mcpolar.bounds.permanence.shape import Shape
from mcpolar.bounds.permanence.suprema import Enclosure, Suprema
from mcpolar.errors import ResourceError
from mcpolar.files import replacing

_SOURCES = (
    "balls.py",
    "bounds/polarized_start.py",
    "bounds/permanence/*.py",
    "compiled/memory/risk.py",
    "compiled/chain/update.py",
    "compiled/base/elementary.py",
)
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Form(Generic[Kept]):
    """How something certified is written: to what JSON holds, and back."""

    write: Callable[[Kept], Any]
    read: Callable[[Any], Kept]


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
    """Return what is kept for `inputs`, or compute and keep it.

    Parameters
    ----------
    folder : Path
        Where entries are kept; made if needed.
    inputs : mapping
        What the entry depends on, exactly.
    form : Form
        How it is written: `CERTIFICATE` or `RISK`.
    compute : callable
        Makes it.
    must_write : bool
        Whether a folder that cannot be written is an error (ResourceError) or is passed over.
    """
    versions = {"mcpolar": mcpolar.__version__, "python-flint": flint.__version__}
    key = {"inputs": dict(inputs), "versions": versions, "sources": _sources()}
    path = folder / f"{_digest(key)[:32]}.json"
    kept = _load(path, key, form)
    if kept is not None:
        return kept
    found = compute()
    try:
        _store(path, key, form.write(found))
    except OSError as error:
        if must_write:
            raise ResourceError(f"cannot keep certificates in {folder}: {error}") from error
    return found


@functools.cache
def _sources() -> str:
    """Return a hash of the code that makes certificates: entries of other code are not used."""
    package = Path(__file__).parents[2]
    files = [_matching(package, pattern) for pattern in _SOURCES]
    return hashlib.sha256(b"\0".join(path.read_bytes() for some in files for path in some)).hexdigest()


def _matching(package: Path, pattern: str) -> list[Path]:
    found = sorted(package.glob(pattern))
    if not found:  # a pattern that a move left behind would keep stale certificates in use
        raise RuntimeError(f"no source of the package matches {pattern}")
    return found


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _load(path: Path, key: Mapping[str, Any], form: Form[Kept]) -> Kept | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        content = record["content"]
        if record["checksum"] != _digest(content) or content["key"] != key:
            return None
        return form.read(content["kept"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _store(path: Path, key: Mapping[str, Any], kept: Any) -> None:
    content = {"key": key, "kept": kept}
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_text(
            json.dumps({"content": content, "checksum": _digest(content)}, indent=1), encoding="utf-8"
        )


def _write_certificate(certificate: Certificate) -> dict[str, Any]:
    suprema = {"rho": certificate.suprema.rho, "rho_hat": certificate.suprema.rho_hat}
    ends = {name: [_write_dyadic(end) for end in (of.lower, of.upper)] for name, of in suprema.items()}
    return {"shape": certificate.shape.as_dict(), "suprema": ends}


def _read_certificate(kept: Any) -> Certificate:
    ends = {name: Enclosure(*map(_read_dyadic, pair)) for name, pair in kept["suprema"].items()}
    return Certificate(Shape.read(kept["shape"]), Suprema(rho=ends["rho"], rho_hat=ends["rho_hat"]))


def _write_dyadic(number: Dyadic) -> list[str]:
    return [hex(number.mantissa), hex(number.exponent)]


def _read_dyadic(pair: Any) -> Dyadic:
    return Dyadic(*(int(text, 16) for text in pair))


CERTIFICATE = Form(_write_certificate, _read_certificate)
RISK = Form(_write_dyadic, _read_dyadic)
