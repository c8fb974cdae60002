"""A trace: the silo of every agent at every recorded step, however it came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.silos import OTHER, Silos
from mcpolar.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, order=True)
class Condition:
    """What a run was made with, where that is known.

    Attributes
    ----------
    mirror : float
        Mirror probability.
    k : int
        Neighbourhood size.
    """

    mirror: float
    k: int


@dataclass(frozen=True, eq=False)
class Trace:
    """Silos in time, of one or several runs of equal shape.

    Attributes
    ----------
    silos : ndarray of int64, shape (n_runs, n_records, n_agents)
        Index into `names`; -1: none of them, which counts as one silo.
    names : tuple of str
        Names of the silos.
    steps : ndarray of int64, shape (n_records,)
        Recorded steps, increasing.
    agents, runs : tuple of str
        Names of agents and runs.
    conditions : tuple of Condition or None
        One a run; None where it is not known. Empty: of none.
    """

    silos: Silos
    names: tuple[str, ...]
    steps: NDArray[np.int64]
    agents: tuple[str, ...]
    runs: tuple[str, ...]
    conditions: tuple[Condition | None, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.runs), self.steps.size, len(self.agents))
        if self.silos.shape != shape or 0 in shape:
            raise InputError("silos", f"shape {self.silos.shape}", f"of shape {shape}, with no empty axis")
        if len(self.conditions) not in (0, len(self.runs)):
            raise InputError("conditions", f"{len(self.conditions)} of them", "one a run, or none")
        if (np.diff(self.steps) <= 0).any():
            raise InputError("steps", self.steps.tolist(), "increasing")
        if self.silos.min() < OTHER or self.silos.max() >= len(self.names):
            raise InputError("silos", int(self.silos.max()), f"from -1 to {len(self.names) - 1}")

    @classmethod
    def of_labels(
        cls,
        labels: Sequence[Sequence[Sequence[str | None]]],
        *,
        steps: Sequence[int] | None = None,
        agents: Sequence[str] | None = None,
        runs: Sequence[str] | None = None,
    ) -> Trace:
        """Return the trace of labels [run][record][agent]; None belongs to no silo.

        Examples
        --------
        >>> Trace.of_labels([[["a", "b"], ["a", "a"]]]).silos.tolist()
        [[[0, 1], [0, 0]]]
        """
        names = tuple(dict.fromkeys(x for run in labels for row in run for x in row if x is not None))
        index = {name: at for at, name in enumerate(names)} | {None: OTHER}
        try:
            silos = np.array([[[index[x] for x in row] for row in run] for run in labels], dtype=np.int64)
        except ValueError:
            raise InputError("labels", "rows of different lengths", "one label for every agent") from None
        if silos.ndim != 3:
            raise InputError("labels", f"shape {silos.shape}", "nested as [run][record][agent]")
        n_runs, n_records, n_agents = silos.shape
        return cls(
            silos,
            names,
            np.arange(n_records) if steps is None else np.asarray(steps, dtype=np.int64),
            tuple(map(str, range(n_agents))) if agents is None else tuple(agents),
            tuple(map(str, range(n_runs))) if runs is None else tuple(runs),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the long table: run, step, agent, silo (a name, or missing)."""
        import pandas as pd

        run, record, agent = (axis.ravel() for axis in np.indices(self.silos.shape))
        names = np.array([*self.names, None], dtype=object)
        return pd.DataFrame(
            {
                "run": np.array(self.runs)[run],
                "step": self.steps[record],
                "agent": np.array(self.agents)[agent],
                "silo": names[self.silos.ravel()],
            }
        )
