"""Compiling the loops before they are needed, for programs that want to say that it takes a while."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mcpolar.compiled.caching import cache_folder
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.compiled.chain.lane_draws import LANES

COMPILING = "compiling the simulation loops (once; some seconds)"


def is_kept(loop: str = "lanes.advance_lanes") -> bool:
    """Return whether the compiled code of a loop, `module.function`, is kept on disk for these sources."""
    return any(cache_folder().rglob(f"{loop}*.nbi"))


def warm_up(announce: Callable[[str], None] | None = None, *, in_order: bool = False) -> None:
    """Compile the loops of :func:`mcpolar.compiled.chain.ensemble.advance`, or load them from disk.

    Parameters
    ----------
    announce : callable, optional
        Called with one line of text before compilation, and not at all when the loops are kept already.
    in_order : bool
        Also those for a neighbourhood or a mirror.
    """
    if announce is not None and not is_kept():
        announce(COMPILING)
    key = np.zeros(2, np.uint64)
    for n_replicas in (LANES, 1):
        for mirror in (-1.0, 0.5) if in_order else (-1.0,):
            advance(np.zeros((n_replicas, 2)), np.ones((n_replicas, 2, 1)), 1.0, 0, mirror, key, 0, 0, 1)
