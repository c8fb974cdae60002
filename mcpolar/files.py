"""Files that are either whole or not there: written beside their place, then moved onto it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mcpolar.errors import ResourceError


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path (a file or folder to be made) that replaces `path` when the block ends well.

    Whatever happens inside, `path` is either what it was or the finished result.

    Raises
    ------
    ResourceError
        If the folder does not exist or the disk refuses, with one line that says which file and why.
    """
    final = Path(path)
    if not final.parent.is_dir():
        raise ResourceError(f"cannot write {final}: the folder {final.parent} does not exist")
    if final.is_dir() and final.suffix != ".zarr":
        raise ResourceError(f"cannot write {final}: it is a folder")
    is_device = (
        final.exists() and not final.is_file() and not final.is_dir()
    )  # such as /dev/stdout: never replaced
    draft = final if is_device else final.with_name(f".{final.stem}.{uuid.uuid4().hex[:8]}{final.suffix}")
    try:
        yield draft
        if draft.is_dir() and final.is_dir():
            shutil.rmtree(final)
        if not is_device:
            draft.replace(final)
    except OSError as error:
        raise ResourceError(f"cannot write {final}: {error.strerror or error}") from error
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        elif not is_device:
            draft.unlink(missing_ok=True)
