"""Compiling the loops before they are needed, for programs that want to say that it takes a while."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mcpolar.compiled.base.simd import LANES
from mcpolar.compiled.caching import cache_folder
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.compiled.chain.law import Span, State, make_law
from mcpolar.compiled.compiling import COMPILING


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
        Also those for a neighbourhood.
    """
    if announce is not None and not is_kept():
        announce(COMPILING)
    for n_replicas in (LANES, 1):
        for k in (0, 1) if in_order else (0,):
            state = State(
                np.zeros((n_replicas, 2)),
                np.ones((n_replicas, 2, 1)),
                np.zeros((n_replicas, 2 if k else 0), np.int64),
            )
            advance(state, make_law(2, 1, 1.0, k, -1.0, np.zeros(2, np.uint64)), Span(0, 0, 1))
