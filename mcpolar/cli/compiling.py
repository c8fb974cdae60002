"""A word on standard error before loops are compiled, so that nobody wonders why the first run takes seconds."""

from __future__ import annotations

import sys


def say_if_compiling(loop: str, *, quiet: bool = False) -> None:
    """Say that loops are about to be compiled, if the code of `loop` (module.function) is not kept on disk."""
    from mcpolar.compiled.warming import COMPILING, is_kept

    if not quiet and not is_kept(loop):
        print(f"mcpolar: {COMPILING}", file=sys.stderr)
