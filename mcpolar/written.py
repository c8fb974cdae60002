"""Which files mcpolar wrote for this user: one may be replaced as long as it is what mcpolar left there.

For each place, checksums of what was last written there are kept in the user's folder of states (on Linux
`~/.local/state/mcpolar/written`). Where there is none, as for a file from elsewhere or one that was changed since, a
file is not known to be ours, and is left as it is.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import platformdirs

_MOST = 10_000
"""Places that are remembered; the oldest are forgotten, and files there are left as they are from then on."""
_KEPT = 2
"""What is there and what is about to replace it: whichever of the two a killed process leaves is ours."""


def default_folder() -> Path:
    """Return the user's folder of what was written where."""
    return platformdirs.user_state_path("mcpolar") / "written"


def note(final: Path, draft: Path) -> None:
    """Keep that the file `draft` is about to become `final`; where nothing can be kept, nothing is."""
    entry = _entry(final)
    if not entry.is_absolute():  # a user without a home
        return
    digests = [*_digests(entry), _digest_of(draft)][-_KEPT:]
    with suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text("\n".join(digests) + "\n", encoding="ascii")
        if entry.name.startswith("00"):  # now and then: looking at all of them takes long
            _forget(entry.parent)


def is_as_left(path: Path) -> bool:
    """Return whether a file is what was last written to its place."""
    known = _digests(_entry(path))
    try:
        return bool(known) and _digest_of(path) in known
    except OSError:
        return False


def _forget(folder: Path) -> None:
    """Remove the oldest entries beyond the number that is kept."""
    ages = sorted((entry.stat().st_mtime_ns, entry) for entry in folder.iterdir())
    for _, entry in ages[:-_MOST]:
        entry.unlink(missing_ok=True)


def _entry(path: Path) -> Path:
    """Return the file that keeps the checksums of a place."""
    place = path.parent.resolve() / path.name
    return default_folder() / hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _digests(entry: Path) -> list[str]:
    try:
        return entry.read_text(encoding="ascii").split()[-_KEPT:]
    except (OSError, ValueError):
        return []


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
