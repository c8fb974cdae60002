"""When loops are compiled: how long it took, and who is told; imports nothing compiled."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

COMPILING = "compiling the simulation loops (once; some seconds)"


def _print(line: str) -> None:
    if sys.stderr is not None:
        print(f"mcpolar: {line}", file=sys.stderr)


@dataclass(eq=False)
class Compiling:
    """Wall time that this process spent compiling, over all threads, and the lines that it says.

    Attributes
    ----------
    announce : callable or None
        Told once that loops are being compiled; None: nobody.
    warn : callable
        Told, once for each reason, why compiled loops are not kept or not found.
    """

    announce: Callable[[str], object] | None = None
    warn: Callable[[str], object] = _print
    _spent: float = 0.0
    _depth: int = 0
    _began: float = 0.0
    _said: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seconds(self) -> float:
        """Wall time during which something was compiled, what is under way included."""
        with self._lock:
            return self._spent + (time.perf_counter() - self._began if self._depth else 0.0)

    def begin(self) -> None:
        """Note that a loop is being compiled; it may be within another's."""
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                self._began = time.perf_counter()
        if self.announce is not None:
            announce, self.announce = self.announce, None
            announce(COMPILING)

    def end(self) -> None:
        """Note that a loop is compiled."""
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._spent += time.perf_counter() - self._began

    def complain(self, line: str) -> None:
        """Say why compiled loops are not kept or not found, each reason once."""
        if line not in self._said:
            self._said.add(line)
            self.warn(line)


compiling = Compiling()
"""Of this process, since numba's compiler is one for the process."""


class Stopwatch:
    """Wall time without the time spent compiling.

    Examples
    --------
    >>> Stopwatch().seconds < 1
    True
    """

    def __init__(self) -> None:
        self._began, self._compiled = time.perf_counter(), compiling.seconds

    @property
    def seconds(self) -> float:
        """Seconds since it was made, but for compilation."""
        return time.perf_counter() - self._began - (compiling.seconds - self._compiled)
