"""Run an experiment cell by cell; finished cells are kept on disk, so that an interrupted run can go on."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcpolar.errors import InputError, ResourceError
from mcpolar.experiments.distances import FIG7_CIRCLE, FIG7_LINE, FIG7_SIMPLEX
from mcpolar.experiments.experiment import Cell, Experiment, Settings
from mcpolar.experiments.posterior import FIG1, posterior_table
from mcpolar.experiments.silos import FIG2, FIG3, FIG4, FIG6, FIG10
from mcpolar.files import replacing
from mcpolar.mixture import simulate
from mcpolar.rng import philox_key
from mcpolar.versions import versions

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (FIG1, FIG2, FIG3, FIG4, FIG6, FIG7_LINE, FIG7_CIRCLE, FIG7_SIMPLEX, FIG10)
}

Progress = Callable[[int], object]


@dataclass(frozen=True, eq=False)
class ExperimentResult:
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
    """
    if name not in EXPERIMENTS:
        raise InputError("name", name, f"one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def run_experiment(
    name: str,
    *,
    seed: int = 1,
    workers: int | None = None,
    partial: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    **given: Any,
) -> ExperimentResult:
    """Run one of the paper's experiments.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    seed : int
        From 0 to 2^128 - 1.
    workers : int, optional
        Threads; default the number of processors. The table does not depend on it.
    partial : Path, optional
        Folder for finished cells while the experiment runs; :func:`discard_partial` removes it.
    resume : bool
        Take the finished cells of `partial`, made with the same settings, seed and versions.
    progress : callable, optional
        Called with the number of replicas done since its last call.
    **given
        Settings in place of the paper's; see `EXPERIMENTS[name].defaults`.

    Raises
    ------
    InputError
        If a setting is not allowed, or `partial` was made with others.
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
    philox_key(seed)
    if name == FIG1.name:
        return ExperimentResult(experiment, settings, seed, _csv(posterior_table(settings)))
    cells = experiment.cells(settings)
    store = None if partial is None else _Partial(partial, _identity(experiment, settings, seed), resume)
    texts = []
    for index, cell in enumerate(cells):
        text = None if store is None else store.read(index)
        if text is None:
            text = _run_cell(
                experiment, cell, settings["replicas"], seed=seed, workers=workers, progress=progress
            )
            if store is not None:
                store.write(index, text)
        elif progress is not None:
            progress(settings["replicas"])
        texts.append(text)
    bodies = [text.partition("\n")[2] for text in texts[1:]]
    return ExperimentResult(experiment, settings, seed, "".join([texts[0], *bodies]))


def n_replicas(name: str, **given: Any) -> int:
    """Return how many replicas all cells of an experiment have together."""
    experiment = find_experiment(name)
    settings = experiment.settings(given)
    return len(experiment.cells(settings)) * int(settings.get("replicas", 0))


def read_table(text: str) -> pd.DataFrame:
    """Return a table from its CSV text."""
    import pandas as pd

    table = pd.read_csv(io.StringIO(text))
    return table.astype({"t_star": "Int64"}) if "t_star" in table else table


def discard_partial(partial: Path) -> None:
    """Remove the folder of finished cells, once the result is written."""
    shutil.rmtree(partial, ignore_errors=True)


def _run_cell(
    experiment: Experiment,
    cell: Cell,
    replicas: int,
    *,
    seed: int,
    workers: int | None,
    progress: Progress | None,
) -> str:
    trajectory = simulate(
        cell.parameters,
        cell.steps * cell.updates_a_step,
        seed=seed,
        replicas=replicas,
        every=cell.updates_a_step,
        cell=(experiment.number, *cell.key),
        workers=workers,
        progress=progress,
    )
    return _csv(experiment.rows(cell, trajectory))


def _csv(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False, lineterminator="\n"))


def _identity(experiment: Experiment, settings: Settings, seed: int) -> str:
    record = {"experiment": experiment.name, "settings": settings, "seed": seed, "versions": versions()}
    return json.dumps(record, default=np.ndarray.tolist, sort_keys=True)


class _Partial:
    """A folder with what is being run and one CSV file for each finished cell."""

    def __init__(self, folder: Path, identity: str, resume: bool) -> None:
        self.folder, mark = folder, folder / "identity.json"
        try:
            if resume and mark.exists():
                if mark.read_text(encoding="utf-8") != identity:
                    raise InputError(
                        "resume", str(folder), "of a run with the same settings, seed and versions"
                    )
                return
            discard_partial(folder)
            folder.mkdir(parents=True)
            with replacing(mark) as draft:
                draft.write_text(identity, encoding="utf-8")
        except OSError as error:
            raise ResourceError(f"cannot write {folder}: {error.strerror or error}") from error

    def read(self, index: int) -> str | None:
        with suppress(FileNotFoundError):
            return self._path(index).read_text(encoding="utf-8")
        return None

    def write(self, index: int, text: str) -> None:
        with replacing(self._path(index)) as draft:
            draft.write_text(text, encoding="utf-8")

    def _path(self, index: int) -> Path:
        return self.folder / f"cell-{index}.csv"
