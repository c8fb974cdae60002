"""Run an experiment block by block; finished blocks are kept on disk, so that an interrupted run can go on."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpolar.compiled.compiling import Stopwatch
from mcpolar.entries import identity_of
from mcpolar.errors import InputError
from mcpolar.experiments.distances import FIG7_CIRCLE, FIG7_LINE, FIG7_SIMPLEX
from mcpolar.experiments.experiment import Cell, Experiment, Settings
from mcpolar.experiments.posterior import FIG1, posterior_table
from mcpolar.experiments.silos import FIG2, FIG3, FIG4, FIG6, FIG10
from mcpolar.mixture import simulate
from mcpolar.results import Drawn
from mcpolar.rng import Seed, read_seed
from mcpolar.store import Place, Store
from mcpolar.versions import versions

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (FIG1, FIG2, FIG3, FIG4, FIG6, FIG7_LINE, FIG7_CIRCLE, FIG7_SIMPLEX, FIG10)
}

Progress = Callable[[int], object]

BLOCK = 64
"""Replicas that are computed and kept together."""


@dataclass(frozen=True, eq=False)
class ExperimentResult(Drawn):
    """A finished experiment.

    Attributes
    ----------
    experiment : Experiment
        Which.
    settings : dict
        All settings.
    seed : int
        With the settings, it gives the same text again, byte by byte.
    csv : str
        One row per replicate and cell, and per step or agent where the figure shows them.
    """

    experiment: Experiment
    settings: Settings
    seed: int
    csv: str

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows of `csv`."""
        return read_table(self.csv)


def find_experiment(name: str) -> Experiment:
    """Return the experiment of this name.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> find_experiment("fig3").title
    'Number of silos against the neighbourhood'
    """
    if name not in EXPERIMENTS:
        raise InputError("name", name, f"one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def run_experiment(
    name: str,
    *,
    seed: Seed = 1,
    workers: int | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    **given: Any,
) -> ExperimentResult:
    """Run one of the paper's experiments.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    seed : int, SeedSequence or Generator
        From 0 to 2^128 - 1.
    workers : int, optional
        Threads; default the number of processors. The table does not depend on it.
    store : Store, optional
        From :func:`experiment_store`: what is finished there is taken, and what is not is kept there.
    progress : callable, optional
        Called with the number of replicas done since its last call.
    **given
        Settings in place of the paper's; see `EXPERIMENTS[name].defaults`.

    Raises
    ------
    InputError
        If a setting is not allowed.
    ResourceError
        If the disk refuses.

    Examples
    --------
    >>> run_experiment("fig3", seed=7, neighbours=[29], replicas=2).table
        k  replicate  silos  stability
    0  29          0      1        0.0
    1  29          1      1        0.0
    """
    experiment = find_experiment(name)
    settings = experiment.settings(given)
    number = read_seed(seed)
    if name == FIG1.name:
        return ExperimentResult(experiment, settings, number, _csv(posterior_table(settings)))
    texts = []
    for cell in experiment.cells(settings):
        for first in range(0, settings["replicas"], BLOCK):
            count = min(BLOCK, settings["replicas"] - first)
            block = _Block(experiment, cell, settings, first, count)
            texts.append(block.kept(store, seed=number, workers=workers, progress=progress))
    bodies = [text.partition("\n")[2] for text in texts[1:]]
    return ExperimentResult(experiment, settings, number, "".join([texts[0], *bodies]))


def experiment_store(path: str | Path, name: str, *, seed: Seed = 1, resume: bool = False) -> Store:
    """Open the store of an experiment; it holds the blocks of any settings.

    Parameters
    ----------
    path : str or Path
        The file; made if it does not exist.
    name : str
        One of `EXPERIMENTS`.
    seed : int, SeedSequence or Generator
        Of every draw.
    resume : bool
        Whether finished blocks may be there already, of the same seed and versions.

    Raises
    ------
    InputError
        If finished blocks are there and `resume` is false, or they are of another seed or version.
    ResourceError
        If the file is in use, no store, or damaged, or the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "fig3.sqlite"
    >>> with experiment_store(path, "fig3", seed=7) as store:
    ...     first = run_experiment("fig3", seed=7, store=store, neighbours=[29], replicas=2)
    >>> with experiment_store(path, "fig3", seed=7, resume=True) as store:
    ...     again = run_experiment("fig3", seed=7, store=store, neighbours=[29], replicas=2)
    >>> first.csv == again.csv
    True
    """
    experiment = find_experiment(name)
    identity = {"experiment": experiment.name, "seed": str(read_seed(seed)), "versions": versions()}
    return Store(path, f"experiment {experiment.name}", identity, resume=resume)


def n_replicas(name: str, **given: Any) -> int:
    """Return how many replicas all cells of an experiment have together.

    Examples
    --------
    >>> n_replicas("fig3", neighbours=[1, 29], replicas=50)
    100
    """
    experiment = find_experiment(name)
    settings = experiment.settings(given)
    return len(experiment.cells(settings)) * int(settings.get("replicas", 0))


def read_table(text: str) -> pd.DataFrame:
    """Return a table from its CSV text."""
    import pandas as pd

    table = pd.read_csv(io.StringIO(text))
    return table.astype({"t_star": "Int64"}) if "t_star" in table else table


@dataclass(frozen=True, eq=False)
class _Block:
    """Replicas first .. first + count - 1 of a cell."""

    experiment: Experiment
    cell: Cell
    settings: Settings
    first: int
    count: int

    @property
    def place(self) -> Place:
        """Where it belongs: all settings but the lists that cells are made of, and how many replicas."""
        common = {
            name: value
            for name, value in self.settings.items()
            if name != "replicas" and not isinstance(value, tuple)
        }
        identity = identity_of({"settings": common, "cell": dict(self.cell.values)})
        return Place(identity, self.first, self.count, self.cell.steps)

    def kept(self, store: Store | None, *, seed: int, workers: int | None, progress: Progress | None) -> str:
        """Return the block's rows as CSV, from the store where they are there."""
        found = None if store is None else store.find(self.place)
        if store is not None and found is not None:
            if progress is not None:
                progress(self.count)
            return store.read(found).decode()
        watch = Stopwatch()
        text = self._run(seed=seed, workers=workers, progress=progress)
        if store is not None:
            store.add(self.place, text.encode(), watch.seconds)
        return text

    def _run(self, *, seed: int, workers: int | None, progress: Progress | None) -> str:
        cell = self.cell
        trajectory = simulate(
            cell.parameters,
            cell.steps * cell.updates_a_step,
            seed=seed,
            replicas=self.count,
            first_replica=self.first,
            every=cell.updates_a_step,
            cell=(self.experiment.number, *cell.key),
            workers=workers,
            progress=progress,
        )
        table = self.experiment.rows(cell, trajectory)
        table["replicate"] += self.first
        return _csv(table)


def _csv(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, lineterminator="\n"))
