"""The two-component chain for an ensemble of replicas: `advance` moves the state in place.

Observables need no stored trajectory: advance in pieces as short as they are to be seen often (a piece costs
microseconds of its own, and no bit changes) and look at the state between; first passage times are kept in
the loops (:func:`advance_watching`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.compiled.chain.lane_draws import LANES
from mcpolar.compiled.chain.lanes import advance_lanes
from mcpolar.compiled.chain.passages import Watch
from mcpolar.compiled.chain.singles import advance_singly

FEWEST_IN_LANES = 8  # so many replicas cost as much one by one as 32 do in lock-step
MOST_ORDERED_IN_LANES = 512  # passing over all agents costs more than shifting few, beyond
LARGEST_PADDED = 2**20  # numbers of a replica's memory; beyond, 32 copies would need much memory

Floats = NDArray[np.float64]


def advance(
    log_odds: Floats,
    memory: Floats,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    first_step: int,
    n_steps: int,
) -> None:
    """Advance every replica by `n_steps` steps of the chain (theory.md, section 1), in place.

    Parameters
    ----------
    log_odds : ndarray, shape (n_replicas, m), C-contiguous
        Log-odds of component +1.
    memory : ndarray, shape (n_replicas, m, r), C-contiguous
        Memories.
    sigma : float
        Component standard deviation.
    k : int
        Neighbourhood size, 0 for the unrestricted chain.
    mirror : float
        Probability that the receiver is its own sender; negative: absent.
    key : ndarray of uint64, shape (2,)
        The Philox key.
    first_replica, first_step : int
        The numbers of row 0 and of the first step: draws are a function of (key, replica, step).
    n_steps : int
        How many steps.

    Notes
    -----
    The result does not depend on how replicas are split into blocks, on their order, or on how steps are
    split into calls: bit for bit. The interpreter lock is released.
    """
    _advance(
        (log_odds, memory),
        (float(sigma), int(k), float(mirror), key),
        first_replica,
        (first_step, n_steps),
        None,
    )


def advance_watching(
    log_odds: Floats,
    memory: Floats,
    sigma: float,
    k: int,
    mirror: float,
    key: NDArray[np.uint64],
    first_replica: int,
    first_step: int,
    n_steps: int,
    watch: Watch,
) -> None:
    """Do as :func:`advance`, and put the first passage times into `watch.times`.

    The state at `first_step` is looked at too; times that are set already stay, so that a run may go on in
    pieces. The path is that of :func:`advance` bit for bit.
    """
    _advance(
        (log_odds, memory),
        (float(sigma), int(k), float(mirror), key),
        first_replica,
        (first_step, n_steps),
        watch,
    )


State = tuple[Floats, Floats]
Law = tuple[float, int, float, NDArray[np.uint64]]


def _advance(state: State, law: Law, first_replica: int, steps: tuple[int, int], watch: Watch | None) -> None:
    """Choose the loop: whole blocks of lanes, a padded one for many of the rest, single replicas for few."""
    if not all(array.flags.c_contiguous for array in state):
        raise ValueError("log_odds and memory must be C-contiguous: they are changed in place")
    n_replicas, m, r = state[1].shape
    suits_lanes = _is_unrestricted(law) or m <= MOST_ORDERED_IN_LANES
    whole = n_replicas - n_replicas % LANES if suits_lanes else 0
    rest = n_replicas - whole
    if whole:
        _run_lanes(_rows(state, 0, whole), law, first_replica, steps, _watched_rows(watch, 0, whole))
    if not rest:
        return
    remaining, watched = _rows(state, whole, n_replicas), _watched_rows(watch, whole, n_replicas)
    if not (suits_lanes and rest >= FEWEST_IN_LANES and m * r <= LARGEST_PADDED):
        flat = (array.reshape(-1) for array in remaining)
        advance_singly(*flat, m, r, *law, first_replica + whole, *steps, watched)
        return
    padded = (_padded(remaining[0]), _padded(remaining[1]))
    padded_watch = None if watched is None else watched.with_rows(_padded)
    _run_lanes(padded, law, first_replica + whole, steps, padded_watch)
    remaining[0][:], remaining[1][:] = padded[0][:rest], padded[1][:rest]
    if watched is not None and padded_watch is not None:
        watched.times[:] = padded_watch.times[:rest]


def _run_lanes(
    state: State, law: Law, first_replica: int, steps: tuple[int, int], watch: Watch | None
) -> None:
    _, m, r = state[1].shape
    ordered = None if _is_unrestricted(law) else np.empty(2 * (m + 1) * LANES)
    flat = (array.reshape(-1) for array in state)
    advance_lanes(*flat, m, r, *law, first_replica, *steps, ordered, watch)


def _is_unrestricted(law: Law) -> bool:
    return law[1] == 0 and law[2] < 0.0


def _rows(state: State, first: int, last: int) -> State:
    return state[0][first:last], state[1][first:last]


def _watched_rows(watch: Watch | None, first: int, last: int) -> Watch | None:
    return None if watch is None else watch.with_rows(lambda array: array[first:last])


def _padded(array: Any) -> Any:
    """Return a copy with rows repeated up to `LANES`."""
    return np.resize(array, (LANES, *array.shape[1:]))
