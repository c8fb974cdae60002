"""Numbers on the pages are those of the package as it is: when its source changes, what it computed is forgotten.

The caches of notebooks and of the gallery know their own text only.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path


def digest(folder: Path) -> str:
    """Return a digest of every Python file below a folder, by name and content."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def forget_what_is_old(source: Path, mark: Path, computed: list[Path]) -> bool:
    """Remove what was computed from another source than the present one; return whether there was any.

    Parameters
    ----------
    source : Path
        The package's folder.
    mark : Path
        A file that holds the digest of the source that was computed from.
    computed : list of Path
        Files and folders that hold what was computed.
    """
    now = digest(source)
    if mark.is_file() and mark.read_text(encoding="utf-8") == now:
        return False
    old = [path for path in computed if path.exists()]
    for path in old:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_text(now, encoding="utf-8")
    return bool(old)
