"""Random parameter sets one after the other, each with its own generator and, if wanted, a limit in seconds of CPU."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import mpmath

Seen = TypeVar("Seen")


class TooLongError(Exception):
    """A set took longer than it may."""


@contextmanager
def at_most(seconds: float | None) -> Iterator[None]:
    """Raise TooLongError in the block after so many seconds of processor time; the main thread alone can be told."""
    if seconds is None:
        yield
        return

    def stop(*_: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def each_set(
    compare: Callable[[random.Random], Seen], sets: int, seed: int, digits: int, seconds: float | None = None
) -> Iterator[Seen | None]:
    """Yield what `compare` makes of each set; None for one that took too long."""
    for number in range(sets):
        rng = random.Random(f"{compare.__name__} {seed} {number}")
        with mpmath.workdps(digits):
            try:
                with at_most(seconds):
                    found = compare(rng)
            except TooLongError:
                yield None
            else:
                yield found
