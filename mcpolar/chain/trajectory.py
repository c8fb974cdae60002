"""The recorded path of an ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain.state import ChainState
from mcpolar.parameters import ChainParameters
from mcpolar.results import Drawn

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, eq=False)
class Trajectory(Drawn):
    """States of an ensemble of chains at recorded steps.

    Attributes
    ----------
    parameters : ChainParameters
        Of every replica.
    seed : int
        With the parameters, the start and the cell, it gives the same bits again.
    cell : tuple of int
        Names one of several independent runs under the same seed.
    first_replica : int
        Number of the replica of row 0.
    start : dict
        What the replicas started from.
    steps : ndarray of int64, shape (n_records,)
        Recorded steps (single-agent updates), increasing; the first and the last of the run are among them.
    log_odds : ndarray, shape (n_replicas, n_records, m)
        Log-odds at the recorded steps.
    memory : ndarray, shape (n_replicas, n_records, m, r), or None
        Memories at the recorded steps, if they were asked for.
    final : ChainState
        State at the last step, from which the run can go on.
    weight_keys : ndarray of int64, shape (n_replicas, n_records, m), or None
        With a neighbourhood and recorded memories, what is left of each weight beside its log-odds.
    """

    parameters: ChainParameters
    seed: int
    cell: tuple[int, ...]
    first_replica: int
    start: dict[str, Any]
    steps: NDArray[np.int64]
    log_odds: NDArray[np.float64]
    memory: NDArray[np.float64] | None
    final: ChainState
    weight_keys: NDArray[np.int64] | None = None

    @property
    def n_replicas(self) -> int:
        """Number of replicas."""
        return self.final.n_replicas

    def state(self, record: int) -> ChainState:
        """Return the state at a record; its memories must have been recorded, except for the last."""
        if record in (-1, len(self.steps) - 1):
            return self.final
        if self.memory is None:
            raise ValueError("memories were not recorded: simulate with memory=True")
        keys = None if self.weight_keys is None else self.weight_keys[:, record]
        return ChainState(self.log_odds[:, record], self.memory[:, record], keys)

    def to_dataset(self) -> xarray.Dataset:
        """Return an xarray dataset over replica, record, agent and element (needs the extra `store`)."""
        from mcpolar.chain.archive import to_dataset

        return to_dataset(self)

    def to_file(self, path: str | Path) -> None:
        """Write to `path` (.npz, .nc or .zarr), whole or not at all, with parameters, seed and versions.

        Raises
        ------
        InputError
            If the ending is another one.
        ResourceError
            If the folder is missing, the disk refuses, or .nc or .zarr lacks the extra `store`.
        """
        from mcpolar.chain.archive import write_trajectory

        write_trajectory(self, path)
