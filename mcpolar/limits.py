"""How much a request asks for, checked before memory is touched."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mcpolar.errors import InputError, ResourceError

MOST_CELLS = 10**7
_GROUP = Path("/sys/fs/cgroup")


def require_cells(name: str, sizes: Iterable[int]) -> int:
    """Return how many cells lists of these lengths span; refuse more than can be of use.

    Parameters
    ----------
    name : str
        The argument that asks for them.
    sizes : iterable of int
        Number of values of each parameter.

    Raises
    ------
    InputError
        If there are more than :data:`MOST_CELLS`; the message has the count.

    Examples
    --------
    >>> require_cells("sigma", [3, 2])
    6
    """
    count = math.prod(sizes)
    if count > MOST_CELLS:
        raise InputError(name, f"{count} cells", f"lists that span at most {MOST_CELLS} cells together")
    return count


def require_memory(n_bytes: int, hint: str) -> None:
    """Refuse what would not fit into the memory that is free.

    Parameters
    ----------
    n_bytes : int
        What is asked for.
    hint : str
        What to ask for instead, as the end of the sentence.

    Raises
    ------
    ResourceError
        If it is more than is free; the message has both numbers.
    """
    free = free_memory()
    if n_bytes > free:
        raise ResourceError(
            f"this would take {n_bytes / 2**30:.3g} GiB of memory, and {free / 2**30:.3g} GiB are free: {hint}"
        )


def free_memory() -> int:
    """Return the bytes that this process can still take: of the machine, and of the group that it is confined to."""
    import psutil

    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):  # a group without a limit says "max"; other systems have no groups
        limit, used = (int((_GROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        inactive = dict(line.split() for line in (_GROUP / "memory.stat").read_text().splitlines())
        free = min(free, limit - used + int(inactive.get("inactive_file", 0)))
    return max(free, 0)
