"""The state of an ensemble of chains: log-odds and memory of every agent of every replica."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.compiled.chain.keys import WIDEST_RESIDUAL, residual_bits
from mcpolar.compiled.chain.law import fill_keys
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters


@dataclass(frozen=True, eq=False)
class ChainState:
    """States of `n_replicas` chains of m agents with r elements of memory each; both arrays are read-only.

    Attributes
    ----------
    log_odds : ndarray, shape (n_replicas, m)
        Log-odds l = log(w / (1 - w)) of component +1: the state is kept as l, since w rounds to 1 after one
        step at small sigma (theory.md, "Numerics").
    memory : ndarray, shape (n_replicas, m, r)
        Memories.
    weight_keys : ndarray of int64, shape (n_replicas, m), or None
        Of a chain with a neighbourhood: r (2w - 1) = n + d with n whole and the size of d as a logarithm, in one
        word each. At small sigma the log-odds do not hold d, by which equally near agents are told apart; see
        :mod:`mcpolar.compiled.chain.keys`. Absent: the weights are those of the log-odds as given.
    """

    log_odds: NDArray[np.float64]
    memory: NDArray[np.float64]
    weight_keys: NDArray[np.int64] | None = None

    @classmethod
    def from_arrays(
        cls,
        log_odds: ArrayLike,
        memory: ArrayLike,
        chain: ChainParameters | None = None,
        *,
        weight_keys: ArrayLike | None = None,
    ) -> ChainState:
        """Make a state from arrays, which are copied: shapes as above, or (m,) and (m, r) for one replica.

        Raises
        ------
        InputError
            If the shapes do not fit each other or `chain`, a value is NaN or infinite, or keys are those of
            other log-odds.

        Examples
        --------
        >>> ChainState.from_arrays([0.0, 2.0], [[1.0], [-1.0]]).log_odds.shape
        (1, 2)
        """
        odds, x = _numbers("log_odds", log_odds), _numbers("memory", memory)
        if odds.ndim == 1 and x.ndim == 2:
            odds, x = odds[np.newaxis], x[np.newaxis]
        if odds.ndim != 2 or x.ndim != 3 or x.shape[:2] != odds.shape or 0 in x.shape:
            raise InputError(
                "memory",
                f"log_odds of shape {np.shape(log_odds)} and memory of shape {np.shape(memory)}",
                "of shape (n_replicas, m, r) beside log_odds (n_replicas, m), or (m, r) beside (m,)",
            )
        keys = None if weight_keys is None else _keys(weight_keys, odds, x.shape[2])
        for array in (odds, x, keys):
            if array is not None:
                array.setflags(write=False)
        state = cls(odds, x, keys)
        if chain is not None:
            state.require(chain)
        return state

    @property
    def n_replicas(self) -> int:
        """Number of replicas."""
        return int(self.log_odds.shape[0])

    @property
    def m(self) -> int:
        """Number of agents."""
        return int(self.log_odds.shape[1])

    @property
    def r(self) -> int:
        """Memory size."""
        return int(self.memory.shape[2])

    def require(self, chain: ChainParameters) -> None:
        """Raise InputError unless the state has the agents and the memory size of `chain`."""
        if (self.m, self.r) != (chain.m, chain.r):
            raise InputError(
                "state",
                f"m = {self.m} and r = {self.r}",
                f"of m = {chain.m} agents with memory r = {chain.r}, as the parameters say",
            )

    def replicas(self, first: int, count: int) -> ChainState:
        """Return `count` replicas from `first` on, as a view; a state of one replica serves as every one."""
        keys = self.weight_keys
        if self.n_replicas == 1:
            return ChainState(
                np.broadcast_to(self.log_odds, (count, self.m)),
                np.broadcast_to(self.memory, (count, self.m, self.r)),
                None if keys is None else np.broadcast_to(keys, (count, self.m)),
            )
        if first + count > self.n_replicas:
            raise InputError(
                "state", f"{self.n_replicas} replicas", f"of 1 or at least {first + count} replicas"
            )
        rows = slice(first, first + count)
        return ChainState(self.log_odds[rows], self.memory[rows], None if keys is None else keys[rows])


def weight_keys(log_odds: NDArray[np.float64], r: int) -> NDArray[np.int64]:
    """Return the keys of weights that are given by their log-odds (n_replicas, m)."""
    keys = np.empty(log_odds.shape, np.int64)
    fill_keys(np.ascontiguousarray(log_odds), r, residual_bits(r), keys)
    return keys


def loses_residuals(log_odds: NDArray[np.float64], r: int) -> bool:
    """Return whether some weight stands on a multiple of 1/(2r) other than 0, 1/2 and 1 to the last digits.

    An update at small sigma leaves it there but for a term that the log-odds do not hold.
    """
    slope = r * np.tanh(log_odds / 2)
    nearest = np.rint(slope)
    inside = (nearest != 0) & (np.abs(nearest) < r)
    return bool((inside & (np.abs(slope - nearest) < 1e-9)).any())


def _keys(values: ArrayLike, log_odds: NDArray[np.float64], r: int) -> NDArray[np.int64]:
    """Return keys that were checked against the log-odds: as far as both tell, r tanh(l/2) is the same."""
    keys = np.array(values, order="C")
    keys = keys.reshape(log_odds.shape) if keys.size == log_odds.size else keys
    if keys.dtype != np.int64 or keys.shape != log_odds.shape:
        raise InputError(
            "weight_keys", f"{keys.dtype} of shape {keys.shape}", "int64 of the shape of the log-odds"
        )
    if (np.abs(_slopes(keys, r) - r * np.tanh(log_odds / 2)) > 1e-9 * r).any():
        raise InputError("weight_keys", "keys of other weights", "those of a state with these log-odds")
    return keys


def _slopes(keys: NDArray[np.int64], r: int) -> NDArray[np.float64]:
    """Return r tanh(l/2) = n + d of keys, as far as doubles hold it."""
    width = residual_bits(r)
    whole = (keys + (np.int64(1) << np.int64(width - 1))) >> np.int64(width)
    code = keys - (whole << np.int64(width))
    size = np.abs(code) << np.int64(WIDEST_RESIDUAL - width)
    mu = (
        (((np.int64(1) << np.int64(57)) - 1 - size) << np.int64(1)) + (np.int64(1023) << np.int64(52))
    ).view(np.float64)
    power = np.floor(-np.minimum(mu, 1000.0))
    return whole + np.sign(code) * (1.0 - np.minimum(mu, 1000.0) - power) * np.exp2(power)


def _numbers(name: str, values: Any) -> NDArray[np.float64]:
    """Return a fresh C-contiguous copy of finite numbers."""
    try:
        array = np.array(values, dtype=np.float64, order="C")
    except (TypeError, ValueError):
        raise InputError(name, values, "an array of numbers") from None
    if not np.isfinite(array).all():
        where = tuple(int(index) for index in np.argwhere(~np.isfinite(array))[0])
        raise InputError(name, f"{array[where]} at index {where}", "finite everywhere (no NaN, no infinity)")
    return array
