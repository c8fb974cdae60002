"""A spinner for work of which nobody knows how much there is: the time left is that of the last such work."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import platformdirs
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

LEAST = 2.0
"""Seconds: what took less is not remembered, since it found what it needed in a cache."""


class LeftColumn(ProgressColumn):
    """How much of the time that the last such work took is left.

    Parameters
    ----------
    last : float or None
        Its seconds; None: it was never done here.
    before : float
        Seconds for which the work has gone on already.
    """

    def __init__(self, last: float | None, before: float = 0.0) -> None:
        super().__init__()
        self._last, self._before = last, before

    def render(self, task: Task) -> Text:
        """Return the text for a task."""
        return Text(left(self._last, self._before + (task.elapsed or 0.0)))


def left(last: float | None, elapsed: float) -> str:
    """Return what is said of the time left.

    Examples
    --------
    >>> left(None, 5), left(65.2, 5), left(65.2, 70)
    ('', 'about 0:01:01 left if it takes as long as last time', 'longer than last time')
    """
    if last is None:
        return ""
    seconds = math.ceil(last - elapsed)
    if seconds <= 0:
        return "longer than last time"
    minutes, seconds = divmod(seconds, 60)
    return f"about {minutes // 60}:{minutes % 60:02}:{seconds:02} left if it takes as long as last time"


def spinner(what: str, key: str, before: float = 0.0) -> Progress:
    """Return a spinner for work that has gone on for some seconds; `key` says which work counts as the same."""
    left_column = LeftColumn(last(key), before)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), left_column)
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    shown.add_task(what, total=None)
    return shown


@contextmanager
def remembered(key: str) -> Iterator[None]:
    """Remember how long the block took, where it ended well."""
    began = monotonic()
    yield
    remember(key, monotonic() - began)


def last(key: str) -> float | None:
    """Return how many seconds the last such work took here, if it is known."""
    try:
        seconds = float(_entry(key).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return seconds if LEAST <= seconds < math.inf else None


def remember(key: str, seconds: float) -> None:
    """Keep how long some work took; where nothing can be kept, nothing is."""
    entry = _entry(key)
    if seconds < LEAST or not entry.is_absolute():
        return
    with suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(f"{seconds:.3f}\n", encoding="ascii")


def _entry(key: str) -> Path:
    name = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return platformdirs.user_state_path("mcpolar") / "durations" / name
