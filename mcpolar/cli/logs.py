"""What --verbose says: the log of this package on standard error, a line for each thing done, with the time."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mcpolar.cli.messages import printable


class _Line(logging.Formatter):
    """One line, of printable characters."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(" ".join(super().format(record).split()))


@contextmanager
def logged(*, is_verbose: bool) -> Iterator[None]:
    """Write what the package logs to standard error while the block runs, where that is asked for."""
    if not is_verbose or sys.stderr is None:
        yield
        return
    package = logging.getLogger("mcpolar")
    handler, before = logging.StreamHandler(sys.stderr), package.level
    handler.setFormatter(_Line("mcpolar: %(asctime)s %(message)s", "%H:%M:%S"))
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    try:
        yield
    finally:
        package.removeHandler(handler)
        package.setLevel(before)
