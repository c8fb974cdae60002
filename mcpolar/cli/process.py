"""What a process of the command line does for itself: interrupts, closed streams, and a bound on its memory."""

from __future__ import annotations

import errno
import io
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from mcpolar.files import discard_drafts

PATIENCE = 1.3
"""Seconds from an interrupt until the process is ended."""
INTERRUPTED = 130
LEAST_MEMORY = 1 << 29


class Process:
    """A process of the command line: made once, in the main thread, and kept to its end.

    Python raises KeyboardInterrupt between two of its own operations, so that a compiled loop is waited for. Here a
    thread is told of the signal at once. It leaves the command time to keep finished work and to end by itself, and
    ends the process if it does not: what was stored is on the disk, and what is half-written is removed.

    Attributes
    ----------
    has_spoken : bool
        Whether the command has said by itself why it ends.
    """

    def __init__(self) -> None:
        self.has_spoken = False
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)

    @classmethod
    def own(cls) -> Process:
        """Take this process for a command's own."""
        _open_streams()
        own = cls()
        if threading.current_thread() is threading.main_thread():
            sys.unraisablehook = _tell_unless_interrupted
            signal.set_wakeup_fd(own._writer.fileno(), warn_on_full_buffer=False)
            threading.Thread(target=own._watch, name="interrupts", daemon=True).start()
        return own

    def _watch(self) -> None:
        while signal.SIGINT not in self._reader.recv(64):
            pass
        time.sleep(PATIENCE)
        discard_drafts()
        if not self.has_spoken:
            os.write(2, b"mcpolar: interrupted\n")
        os._exit(INTERRUPTED)


def _tell_unless_interrupted(found: sys.UnraisableHookArgs) -> None:
    """Say nothing of an interrupt that a compiler's callback loses: the process ends anyway."""
    if not isinstance(found.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(found)


def limit_memory() -> None:
    """Let allocations beyond the memory that is free fail at once, with their size, where the system can.

    Otherwise the memory is promised, and the process is killed once it is touched.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource

        import psutil

        from mcpolar.limits import free_memory

        held = getattr(psutil.Process().memory_info(), "data", 0)
        most = held + max(free_memory(), LEAST_MEMORY)
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        tightest = min(limit for limit in (most, soft, hard) if limit != resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_DATA, (tightest, hard))


def _open_streams() -> None:
    """Give a process whose standard streams were closed streams that say so, and files of its own other numbers."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end of the process


class _Closed(io.TextIOBase):
    """A standard output that was closed."""

    def write(self, _: str) -> int:
        """Fail, as the file would."""
        raise OSError(errno.EBADF, "standard output is closed; --output FILE writes to a file")
