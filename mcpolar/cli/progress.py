"""Progress on standard error: a bar on a terminal, JSON lines for logs, or nothing.

A command that says nothing for two seconds is given a sign of life.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mcpolar.choices import ProgressForm
from mcpolar.compiled.compiling import compiling

SECONDS_BETWEEN_LINES = 1.0
SECONDS_OF_SILENCE = 2.0


@contextmanager
def progress_bar(
    what: str, total: int | None, *, quiet: bool = False, form: ProgressForm = "auto"
) -> Iterator[Callable[[int], object]]:
    """Show how far a task of `total` units is while the block runs; yields a callback for units done.

    A total of None says that nobody knows how many there are.
    "auto" draws a bar if standard error is a terminal; "json" prints a line about once a second, with the units done,
    their rate and the seconds left; "none", or quiet, prints nothing.
    """
    if quiet:
        compiling.announce = None
    if form == "json" and not quiet:
        lines = _Lines(what, total)
        yield lines.advance
        lines.write()
        return
    from rich.console import Console

    console = Console(stderr=True)
    hidden = quiet or form == "none" or not console.is_terminal
    with (
        _spoken.by_a_bar(quiet or form == "none"),
        _bar(what, total, console, is_hidden=hidden) as bar,
    ):
        task = bar.tasks[0].id

        def advance(units: int) -> None:
            bar.advance(task, units)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.3g}/s" if speed else "")

        yield advance


@contextmanager
def _bar(what: str, total: int | None, console: Any, *, is_hidden: bool) -> Iterator[Any]:
    """Show a bar, or without a total a spinner, with one task."""
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    if total is None and not is_hidden:
        from mcpolar.cli.spinner import remembered, spinner

        with remembered(what), spinner(what, what) as shown:
            yield shown
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=is_hidden, transient=True) as bar:
        bar.add_task(what, total=total, rate="")
        yield bar


@contextmanager
def sign_of_life(command: str) -> Iterator[None]:
    """Show on a terminal that a command works, while it shows no bar, from its third second on.

    The time left is estimated by how long the last call with the same words before its options took.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_spoken.watch, args=(done, command), daemon=True)
    thread.start()
    began = time.monotonic()
    try:
        yield
        if _spoken.has_shown:
            from mcpolar.cli.spinner import remember

            remember(command, time.monotonic() - began)
    finally:
        done.set()
        thread.join()


class _Spoken:
    """Whether something is shown, and the sign of life where nothing is."""

    def __init__(self) -> None:
        self._bars, self._quiet, self._lock = 0, False, threading.Lock()
        self._sign: Any = None
        self.has_shown = False

    @contextmanager
    def by_a_bar(self, quiet: bool) -> Iterator[None]:
        """Show no sign of life beside a bar, and none from here on to those who want quiet."""
        with self._lock:
            self._bars += 1
            self._quiet |= quiet
            self._hide()
        try:
            yield
        finally:
            with self._lock:
                self._bars -= 1

    def watch(self, done: threading.Event, command: str) -> None:
        """Show the sign after two seconds without a bar; until done."""
        self._quiet, self.has_shown = False, False
        began = idle = time.monotonic()
        while not done.wait(0.2):
            with self._lock:
                if self._bars or self._quiet:
                    idle = time.monotonic()
                elif self._sign is None and time.monotonic() - idle > SECONDS_OF_SILENCE:
                    self._show(command, time.monotonic() - began)
        with self._lock:
            self._hide()

    def _show(self, command: str, before: float) -> None:
        from mcpolar.cli.spinner import spinner

        self._sign, self.has_shown = spinner("working", command, before), True
        self._sign.start()

    def _hide(self) -> None:
        if self._sign is not None:
            self._sign.stop()
            self._sign = None


_spoken = _Spoken()


@dataclass
class _Lines:
    """Progress as JSON lines."""

    what: str
    total: int | None
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
            "seconds_left": round((self.total - self.done) / rate, 1) if rate and self.total else None,
        }
        print(json.dumps(record), file=sys.stderr, flush=True)
