"""Progress on standard error: a bar on a terminal, JSON lines for logs, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mcpolar.choices import ProgressForm

SECONDS_BETWEEN_LINES = 1.0


@contextmanager
def progress_bar(
    what: str, total: int, *, quiet: bool = False, form: ProgressForm = "auto"
) -> Iterator[Callable[[int], object]]:
    """Show how far a task of `total` units is while the block runs; yields a callback for units done.

    "auto" draws a bar if standard error is a terminal; "json" prints a line about once a second, with the units done,
    their rate and the seconds left; "none", or quiet, prints nothing.
    """
    if form == "json" and not quiet:
        lines = _Lines(what, total)
        yield lines.advance
        lines.write()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    hidden = quiet or form == "none" or not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task(what, total=total, rate="")

        def advance(units: int) -> None:
            bar.advance(task, units)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.3g}/s" if speed else "")

        yield advance


@dataclass
class _Lines:
    """Progress as JSON lines."""

    what: str
    total: int
    done: int = 0
    calls: int = 0
    began: float = field(default_factory=time.monotonic)
    written: float = 0.0

    def advance(self, units: int) -> None:
        self.done += units
        self.calls += 1
        if time.monotonic() - self.written >= SECONDS_BETWEEN_LINES:
            self.write()

    def write(self) -> None:
        self.written = time.monotonic()
        seconds = self.written - self.began
        rate = self.done / seconds if seconds > 0 else 0.0
        record = {
            "task": self.what,
            "done": self.done,
            "total": self.total,
            "blocks_done": self.calls,
            "per_second": round(rate, 1),
            "seconds": round(seconds, 3),
            "seconds_left": round((self.total - self.done) / rate, 1) if rate else None,
        }
        print(json.dumps(record), file=sys.stderr, flush=True)
