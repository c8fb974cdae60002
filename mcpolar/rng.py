"""The only place that makes random draws: keyed by (seed, cell, purpose, replica, index), nothing global.

A seed and a cell (a tuple of whole numbers, such as the indices of a grid of parameters) give a key; a key, a
purpose, a replica and an index give a draw (:mod:`mcpolar.compiled.base.philox`). So results do not depend on the
number of threads, on blocks or on their order, and any replica can be made alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.checks import whole_number
from mcpolar.compiled.base.philox import fill_normals, fill_uniforms
from mcpolar.compiled.base.purposes import Purpose
from mcpolar.steps import MOST_STEPS

__all__ = [
    "LARGEST_SEED",
    "MOST_REPLICAS",
    "Purpose",
    "Reserved",
    "Seed",
    "generator",
    "normals",
    "philox_key",
    "read_seed",
    "uniforms",
]

Seed: TypeAlias = int | np.random.SeedSequence | np.random.Generator
"""What a user may give for a seed (:func:`read_seed`)."""

LARGEST_SEED = 2**128 - 1
MOST_REPLICAS = 2**32
_LARGEST_WORD = 2**32 - 1


class Reserved(IntEnum):
    """Cells whose draws no estimate may share: what chooses a method or a start has draws of its own."""

    PILOT = 2**32 - 1
    """The pilot run that tells whether an event is rare."""
    SEARCH = 2**32 - 2
    """The search for the worst start."""
    START = 2**32 - 3
    """The pilot runs that choose among hard starts."""
    TRIAL = 2**32 - 4
    """The trial that tells whether an estimator is sound."""


def read_seed(seed: Seed) -> int:
    """Return the whole number that a seed stands for: what results record, and what gives the same draws again.

    Parameters
    ----------
    seed : int, SeedSequence or Generator
        A whole number from 0 to 2^128 - 1 stands for itself. A `numpy.random.SeedSequence` gives the same number each
        time: its entropy if that is such a number and nothing was spawned, else 128 bits of its state. A
        `numpy.random.Generator` draws 128 bits, so that it moves on, and a second use gives another number.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> read_seed(7), read_seed(np.random.SeedSequence(7)), read_seed(np.random.SeedSequence(7).spawn(1)[0])
    (7, 7, 324289905890094268442556697251035986006)
    >>> read_seed(np.random.default_rng(7))
    305306035828058950234920800629272431243
    """
    if isinstance(seed, np.random.Generator):
        return int.from_bytes(seed.bytes(16), "little")
    if not isinstance(seed, np.random.SeedSequence):
        return whole_number("seed", seed, 0, LARGEST_SEED)
    entropy, is_untouched = seed.entropy, not seed.spawn_key and seed.pool_size == 4
    if is_untouched and isinstance(entropy, int) and 0 <= entropy <= LARGEST_SEED:
        return int(entropy)
    return int.from_bytes(seed.generate_state(4, np.uint32).astype("<u4").tobytes(), "little")


def philox_key(seed: int, cell: Sequence[int] = ()) -> NDArray[np.uint64]:
    """Return the Philox key of a seed and a cell.

    Parameters
    ----------
    seed : int
        From 0 to 2^128 - 1.
    cell : sequence of int, optional
        Whole numbers from 0 to 2^32 - 1 that name one of several independent runs under the same seed.

    Returns
    -------
    ndarray of uint64, shape (2,)
        The first two 32-bit words of `numpy.random.SeedSequence(seed, spawn_key=cell)`.

    Raises
    ------
    InputError
        If the seed or an entry of the cell is not allowed.

    Examples
    --------
    >>> philox_key(7), philox_key(7, cell=(0, 1))
    (array([2083679832, 3939563265], dtype=uint64), array([1834709978, 3615694991], dtype=uint64))
    """
    return _seed_sequence(seed, cell).generate_state(2).astype(np.uint64)


def generator(seed: int, purpose: Purpose, replica: int = 0, cell: Sequence[int] = ()) -> np.random.Generator:
    """Return a NumPy generator for uses outside the compiled loops, one per (seed, cell, purpose, replica).

    Raises
    ------
    InputError
        If the seed, the replica or an entry of the cell is not allowed.

    Examples
    --------
    >>> generator(7, Purpose.BOOTSTRAP).integers(100, size=3)
    array([75, 96, 89])
    """
    last = whole_number("replica", replica, 0, MOST_REPLICAS - 1)
    # one 32-bit word an entry, so that different (cell, purpose, replica) cannot run into one another
    return np.random.Generator(np.random.Philox(_seed_sequence(seed, (*_cell(cell), int(purpose), last))))


def uniforms(
    key: NDArray[np.uint64],
    purpose: Purpose,
    n_replicas: int,
    n: int,
    *,
    first_replica: int = 0,
    first_index: int = 0,
) -> NDArray[np.float64]:
    """Return uniforms on (0, 1), shape (n_replicas, n): element [R, t] belongs to replica first_replica + R.

    Parameters
    ----------
    key : ndarray of uint64, shape (2,)
        From :func:`philox_key`.
    purpose : Purpose
        What they are for; another purpose gives independent draws.
    n_replicas, n : int
        How many replicas, and draws of each.
    first_replica, first_index : int
        The replica of row 0 and the index of column 0.

    Raises
    ------
    InputError
        If a count or a first value is out of range.

    Examples
    --------
    >>> key = philox_key(7)
    >>> block = uniforms(key, Purpose.START_WEIGHT, 20, 3)
    >>> bool((uniforms(key, Purpose.START_WEIGHT, 1, 3, first_replica=17) == block[17]).all())
    True
    """
    out, first_replica, first_index = _empty(n_replicas, n, first_replica, first_index)
    fill_uniforms(out, key, int(purpose), first_replica, first_index)
    return out


def normals(
    key: NDArray[np.uint64],
    purpose: Purpose,
    n_replicas: int,
    n: int,
    *,
    first_replica: int = 0,
    first_index: int = 0,
) -> NDArray[np.float64]:
    """Return standard normals, shape (n_replicas, n); arguments as in :func:`uniforms`."""
    out, first_replica, first_index = _empty(n_replicas, n, first_replica, first_index)
    fill_normals(out, key, int(purpose), first_replica, first_index)
    return out


def _seed_sequence(seed: int, cell: Sequence[int]) -> np.random.SeedSequence:
    # SeedSequence pads the seed to four words before it appends the spawn key, so with at most four words of
    # seed and one word a cell entry no two (seed, cell) mean the same
    return np.random.SeedSequence(whole_number("seed", seed, 0, LARGEST_SEED), spawn_key=_cell(cell))


def _cell(cell: Sequence[int]) -> tuple[int, ...]:
    return tuple(whole_number("cell", entry, 0, _LARGEST_WORD) for entry in cell)


def _empty(
    n_replicas: int, n: int, first_replica: int, first_index: int
) -> tuple[NDArray[np.float64], int, int]:
    replica = whole_number("first_replica", first_replica, 0, MOST_REPLICAS - 1)
    index = whole_number("first_index", first_index, 0, MOST_STEPS)
    rows = whole_number("n_replicas", n_replicas, 0, MOST_REPLICAS - replica)
    return np.empty((rows, whole_number("n", n, 0, MOST_STEPS - index))), replica, index
