"""Events of states and recorded trajectories: polarized, well-behaved, silos, stability (theory.md, section 2).

Everything is decided on log-odds, never on weights. Functions take anything with arrays `log_odds` (..., m)
and `memory` (..., m, r): a :class:`~mcpolar.chain.ChainState` gives one answer a replica, a trajectory with
memories one a replica and record.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.chain.levels import level_log_odds
from mcpolar.chain.update import neighbours
from mcpolar.checks import whole_number
from mcpolar.compiled.chain.polarized import find_polarized
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR_END, NEAR_END

Booleans = NDArray[np.bool_]


class States(Protocol):
    """What has log-odds (..., m) and, unless they were not recorded, memories (..., m, r)."""

    @property
    def log_odds(self) -> NDArray[np.float64]:
        """Log-odds of component +1."""

    @property
    def memory(self) -> NDArray[np.float64] | None:
        """Memories."""


class SiloSystem(IntEnum):
    """Definition 2 of the paper: what a window of steps is."""

    NEITHER = 0
    """The number of non-empty silos changed."""
    STABLE = 1
    """No agent changed its silo."""
    UNSTABLE = 2
    """Agents changed their silos, the number of non-empty silos did not."""


def is_polarized(states: States, chain: ChainParameters, level: Decimal | str | float = 1) -> Booleans:
    """Return whether E_h holds: every |l_i| >= h/sigma^2, and all memory in the interval of its agent's side.

    The intervals are closed. h/sigma^2 is taken of the exact decimals and rounded down to a double, so that
    every state truly in E_h counts, that on the boundary too; beyond it only log-odds less than one spacing
    of doubles below the level count.

    Parameters
    ----------
    states : ChainState or Trajectory
        With memories.
    chain : ChainParameters
        Gives sigma.
    level : Decimal, str, int or float
        h > 0.

    Returns
    -------
    ndarray of bool, shape (...)
        One answer for each state.

    Raises
    ------
    InputError
        If the level is not positive or the memories were not recorded.

    Examples
    --------
    >>> from mcpolar.chain import ChainState
    >>> state = ChainState.from_arrays([4.0, -5.0], [[1.0], [-0.9]])
    >>> from mcpolar.parameters import ChainParameters
    >>> chain = ChainParameters(m=2, r=1, sigma="0.5")
    >>> is_polarized(state, chain, 1).tolist(), is_polarized(state, chain, 2).tolist()
    ([True], [False])
    """
    threshold = level_log_odds(chain, level, "down")
    if threshold <= 0:
        raise InputError("level", level, "greater than 0")
    return is_polarized_beyond(states, threshold)


def is_polarized_beyond(states: States, log_odds_threshold: float) -> Booleans:
    """Return whether every |l_i| >= a threshold > 0 and all memory is in its agent's side's interval, shape (...).

    The event of :func:`is_polarized` by its log-odds, for those who look often.

    Examples
    --------
    >>> from mcpolar.chain import ChainState
    >>> state = ChainState.from_arrays([4.0, -5.0], [[1.0], [-0.9]])
    >>> is_polarized_beyond(state, 4.0).tolist(), is_polarized_beyond(state, 4.5).tolist()
    ([True], [False])
    """
    log_odds, memory = np.ascontiguousarray(states.log_odds), np.ascontiguousarray(_memory(states))
    *leading, m, r = memory.shape
    answer = np.empty(leading, dtype=np.bool_)
    rows = (log_odds.reshape(-1, m), memory.reshape(-1, m, r))
    find_polarized(*rows, log_odds_threshold, NEAR_END, FAR_END, answer.reshape(-1))
    return answer


def is_well_behaved(states: States) -> Booleans:
    """Return whether W holds, shape (...): all memory of all agents in I- or I+ (one agent may have both).

    Examples
    --------
    >>> from mcpolar.chain import ChainState
    >>> state = ChainState.from_arrays([4.0, -5.0], [[1.0], [-0.9]])
    >>> is_well_behaved(state).tolist()
    [True]
    >>> is_well_behaved(ChainState.from_arrays([4.0, -5.0], [[1.0], [0.2]])).tolist()
    [False]
    """
    size = np.abs(_memory(states))
    return np.asarray(((size >= NEAR_END) & (size <= FAR_END)).all(axis=(-2, -1)))


def smallest_log_odds(log_odds: ArrayLike) -> NDArray[np.float64]:
    """Return min_i |l_i|, shape (...): the own-side log-odds of the least decided agent.

    Examples
    --------
    >>> smallest_log_odds([[4.0, -1.5], [0.0, 3.0]]).tolist()
    [1.5, 0.0]
    """
    return np.asarray(np.abs(_agents(log_odds)).min(axis=-1))


def silos(log_odds: ArrayLike) -> NDArray[np.int8]:
    """Return each agent's silo, shape (..., m): 0 (component -1) where l <= 0, 1 (component +1) where l > 0.

    Examples
    --------
    >>> silos([4.0, -1.5, 0.0]).tolist()
    [1, 0, 0]
    """
    return (_agents(log_odds) > 0).astype(np.int8)


def sides(log_odds: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (m+, m-), each of shape (...): the numbers of agents with l >= 0 and with l < 0.

    Examples
    --------
    >>> plus, minus = sides([4.0, -1.5, 0.0])
    >>> int(plus), int(minus)
    (2, 1)
    """
    values = _agents(log_odds)
    positive = np.asarray((values >= 0).sum(axis=-1))
    return positive, values.shape[-1] - positive


def is_neighbourhood_closed(log_odds: ArrayLike, k: int | None = None) -> Booleans:
    """Return whether no agent can have a sender of the other side, shape (...).

    That is: all agents on one side (l >= 0 or l < 0), or a neighbourhood size k is given and the k nearest
    of every agent are on its own side.

    Raises
    ------
    InputError
        If k is not from 1 to m - 1, or the log-odds are no finite array of at least one agent.

    Examples
    --------
    >>> log_odds = [6.0, 5.0, -5.0, -6.0]
    >>> bool(is_neighbourhood_closed(log_odds, k=1)), bool(is_neighbourhood_closed(log_odds, k=2))
    (True, False)
    >>> bool(is_neighbourhood_closed([6.0, 5.0]))
    True
    """
    values = _agents(log_odds)
    if k is not None:
        whole_number("k", k, 1, values.shape[-1] - 1, "m - 1")
    rows = values.reshape(-1, values.shape[-1])
    return np.array([_is_closed(row, k) for row in rows], dtype=np.bool_).reshape(values.shape[:-1])


def n_silos(silo: ArrayLike) -> NDArray[np.int64]:
    """Return the number of non-empty silos, shape (...), of silo indices (..., m).

    Examples
    --------
    >>> n_silos([[0, 1, 1], [2, 2, 2]]).tolist()
    [2, 1]
    """
    ordered = np.sort(_indices(silo), axis=-1)
    return np.asarray(1 + (np.diff(ordered, axis=-1) != 0).sum(axis=-1))


def stability(silo: ArrayLike) -> NDArray[np.float64]:
    """Return S(t), shape (..., n_records - 1): the share of agents whose silo changed since the record before.

    Parameters
    ----------
    silo : array_like of int, shape (..., n_records, m)
        Silo of each agent at each record; of the paper's S only if every step is recorded.

    Examples
    --------
    >>> stability([[0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 1]]).tolist()
    [0.25, 0.0]
    """
    indices = _indices(silo, records=2)
    return np.asarray((indices[..., 1:, :] != indices[..., :-1, :]).mean(axis=-1))


def silo_systems(silo: ArrayLike, length: int) -> NDArray[np.int8]:
    """Classify every window of `length` steps by Definition 2, shape (..., n_records - length).

    Entry t is about the steps t -> t + 1, ..., t + length - 1 -> t + length; values are those of
    :class:`SiloSystem`.

    Parameters
    ----------
    silo : array_like of int, shape (..., n_records, m)
        Silo of each agent at each record.
    length : int
        Steps of a window, from 1 to n_records - 1.

    Raises
    ------
    InputError
        If the shape or the length is not allowed.

    Examples
    --------
    >>> silo_systems([[0, 1], [0, 1], [1, 0], [1, 1]], 1).tolist()
    [1, 2, 0]
    """
    indices = _indices(silo, records=2)
    n = whole_number("length", length, 1, indices.shape[-2] - 1, "n_records - 1")
    moved = _in_window(stability(indices) > 0, n)
    changed = _in_window(np.diff(n_silos(indices), axis=-1) != 0, n)
    quiet = np.where(moved, SiloSystem.UNSTABLE, SiloSystem.STABLE)
    return np.where(changed, SiloSystem.NEITHER, quiet).astype(np.int8)


def hitting_time(holds: ArrayLike, steps: ArrayLike) -> NDArray[np.int64]:
    """Return the first recorded step at which an event holds, shape (...); -1 where it holds at none (censored).

    Parameters
    ----------
    holds : array_like of bool, shape (..., n_records)
        The event at each record; of its complement this is the exit time.
    steps : array_like of int, shape (n_records,)
        The recorded steps.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Examples
    --------
    >>> hitting_time([[False, True, True], [False, False, False]], [0, 10, 20]).tolist()
    [10, -1]
    """
    event, recorded = np.asarray(holds, dtype=np.bool_), np.asarray(steps, dtype=np.int64)
    if recorded.ndim != 1 or event.ndim < 1 or event.shape[-1] != recorded.size or recorded.size == 0:
        shapes = f"holds of shape {event.shape} and steps of shape {recorded.shape}"
        raise InputError("holds", shapes, "of shape (..., n_records) beside steps (n_records,)")
    return np.where(event.any(axis=-1), recorded[event.argmax(axis=-1)], -1)


def _is_closed(log_odds: NDArray[np.float64], k: int | None) -> bool:
    positive = log_odds >= 0
    if positive.all() or not positive.any():
        return True
    if k is None:
        return False
    return all((positive[neighbours(log_odds, i, k)] == positive[i]).all() for i in range(log_odds.size))


def _in_window(happened: Booleans, length: int) -> Booleans:
    """Return whether it happened at any of the `length` steps from each one on."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(happened, length, axis=-1).any(axis=-1))


def _memory(states: States) -> NDArray[np.float64]:
    if states.memory is None:
        raise InputError("states", "a trajectory without memories", "recorded with memory=True")
    return states.memory


def _agents(log_odds: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(log_odds, dtype=np.float64)
    if values.ndim < 1 or values.shape[-1] == 0 or np.isnan(values).any():
        raise InputError(
            "log_odds", f"shape {values.shape}", "of shape (..., m) with at least one agent and no NaN"
        )
    return values


def _indices(silo: ArrayLike, records: int = 0) -> NDArray[np.int64]:
    values = np.asarray(silo)
    if not np.issubdtype(values.dtype, np.integer) or values.ndim < 1 + (records > 0) or 0 in values.shape:
        raise InputError(
            "silo", f"{values.dtype} of shape {values.shape}", "whole numbers, the last axis agents"
        )
    if records and values.shape[-2] < records:
        raise InputError(
            "silo", f"shape {values.shape}", f"of shape (..., n_records, m), n_records >= {records}"
        )
    return values.astype(np.int64)
