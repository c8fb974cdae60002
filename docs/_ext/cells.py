"""The code cells of a MyST notebook, as Python sources: tests run them without a build."""

from __future__ import annotations

import re
from pathlib import Path

CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def cells(path: Path) -> list[str]:
    """Return the sources of a page's cells, without their options."""
    found = CELL.findall(path.read_text(encoding="utf-8"))
    return [re.sub(r"\A(?::[\w-]+:.*\n)+", "", cell) for cell in found]
