"""The state of an ensemble of chains: log-odds and memory of every agent of every replica."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    """

    log_odds: NDArray[np.float64]
    memory: NDArray[np.float64]

    @classmethod
    def from_arrays(
        cls, log_odds: ArrayLike, memory: ArrayLike, parameters: ChainParameters | None = None
    ) -> ChainState:
        """Make a state from arrays, which are copied: shapes as above, or (m,) and (m, r) for one replica.

        Raises
        ------
        InputError
            If the shapes do not fit each other or `parameters`, or a value is NaN or infinite.

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
        for array in (odds, x):
            array.setflags(write=False)
        state = cls(odds, x)
        if parameters is not None:
            state.require(parameters)
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

    def require(self, parameters: ChainParameters) -> None:
        """Raise InputError unless the state has the agents and the memory size of `parameters`."""
        if (self.m, self.r) != (parameters.m, parameters.r):
            raise InputError(
                "state",
                f"m = {self.m} and r = {self.r}",
                f"of m = {parameters.m} agents with memory r = {parameters.r}, as the parameters say",
            )

    def replicas(self, first: int, count: int) -> ChainState:
        """Return `count` replicas from `first` on, as a view; a state of one replica serves as every one."""
        if self.n_replicas == 1:
            return ChainState(
                np.broadcast_to(self.log_odds, (count, self.m)),
                np.broadcast_to(self.memory, (count, self.m, self.r)),
            )
        if first + count > self.n_replicas:
            raise InputError(
                "state", f"{self.n_replicas} replicas", f"of 1 or at least {first + count} replicas"
            )
        return ChainState(self.log_odds[first : first + count], self.memory[first : first + count])


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
