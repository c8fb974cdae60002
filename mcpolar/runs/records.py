"""Recorded log-odds of a run, where they are asked for: a zarr group beside the store, one chunk a block."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError, ResourceError
from mcpolar.runs.plan import Block, RunPlan

# Format 2, as for single trajectories: readers of format 3 warn about consolidated metadata, present or absent.
_FORMAT = 2


@dataclass(frozen=True)
class Records:
    """Where the trajectories of one cell go.

    Attributes
    ----------
    path : Path
        The zarr group of the store.
    group : str
        The cell's group in it.
    earlier : str or None
        The group of the shorter run that is gone on with.
    """

    path: Path
    group: str
    earlier: str | None = None

    def write(self, block: Block, log_odds: NDArray[np.float64]) -> bytes:
        """Write the chunk of a block; written twice, it is the same. Return its checksum."""
        array = _zarr().open_group(self.path, mode="r+", zarr_format=_FORMAT)[f"{self.group}/log_odds"]
        array[block.first : block.first + block.count] = log_odds
        return checksum(log_odds)

    def before(self, block: Block, n_records: int) -> list[NDArray[np.float64]]:
        """Return the first records of a block from the shorter run; none where nothing is gone on with."""
        if self.earlier is None:
            return []
        found = self.read(block, self.earlier)[:, :n_records]
        return [found[:, record] for record in range(found.shape[1])]

    def read(self, block: Block, group: str | None = None) -> NDArray[np.float64]:
        """Return the chunk of a block."""
        array = _zarr().open_group(self.path, mode="r", zarr_format=_FORMAT)[
            f"{group or self.group}/log_odds"
        ]
        found: NDArray[np.float64] = array[block.first : block.first + block.count]
        return found

    def is_sound(self, block: Block, digest: bytes) -> bool:
        """Return whether the chunk of a block is what was written."""
        try:
            return checksum(self.read(block)) == digest
        except (OSError, ValueError, RuntimeError, KeyError, TypeError):
            return False


def checksum(log_odds: NDArray[np.float64]) -> bytes:
    """Return a checksum of a chunk."""
    return hashlib.sha256(np.ascontiguousarray(log_odds).tobytes()).digest()


def records_path(store: str | Path) -> Path:
    """Return where the trajectories of a store are kept: run.sqlite has them in run.zarr.

    Examples
    --------
    >>> records_path("grids/run.sqlite").name
    'run.zarr'
    """
    if not Path(store).name:  # the root, or here
        raise InputError("store", str(store), "a file")
    return Path(store).with_suffix(".zarr").resolve()


@contextmanager
def beside(store: str | Path, plan: RunPlan) -> Iterator[None]:
    """Keep the place of a new store's trajectories; where the store does not come to be, they go as well.

    Raises
    ------
    InputError
        If the store is new and the place of its trajectories is taken.
    ResourceError
        If the extra `store` is missing.
    """
    path = records_path(store)
    is_new = plan.trajectories and not Path(store).exists()
    if is_new and path.exists():
        raise InputError(
            "store", str(store), f"a file that {path.name} is not there for: it would be overwritten"
        )
    if plan.trajectories:
        _zarr()
    try:
        yield
    finally:
        if is_new and not Path(store).exists():
            shutil.rmtree(path, ignore_errors=True)


def prepare(store: Path, plan: RunPlan) -> dict[tuple[str, int], str]:
    """Make the arrays that are not there yet: cell_C/log_odds (replica, record, agent) and cell_C/step.

    A block that is not finished reads as NaN.

    Returns
    -------
    dict
        The group of each cell, by its identity and steps; also those of other plans.

    Raises
    ------
    ResourceError
        If the extra `store` is missing, what is there is damaged, or the disk refuses.
    """
    path = records_path(store)
    try:
        root = _zarr().open_group(path, mode="a", zarr_format=_FORMAT)
        groups = {
            (str(group.attrs["identity"]), int(str(group.attrs["steps"]))): name
            for name, group in root.groups()
            if "identity" in group.attrs  # put last: the others were cut off while they were made
        }
        for cell in plan.cells:
            steps = np.array(list(cell.marks()), dtype=np.int64)
            shape = (plan.replicas, len(steps), cell.parameters.m)
            at = (cell.identity, cell.steps)
            if at in groups:
                array = root[f"{groups[at]}/log_odds"]
                if array.shape[0] < plan.replicas:
                    array.resize(shape)
                continue
            names = (f"cell_{number}" for number in itertools.count())
            groups[at] = next(name for name in names if name not in groups.values())
            group = root.require_group(groups[at])
            _put(group, "step", ["record"], steps)
            _make(group, shape, plan.block)
            group.attrs.update({key: str(value) for key, value in cell.as_dict().items()})
            group.attrs["identity"] = cell.identity
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise ResourceError(f"cannot write {path}: {reason}") from error
    return groups


def _make(group: Any, shape: tuple[int, ...], block: int) -> None:
    array = group.create_array(
        "log_odds",
        shape=shape,
        chunks=(block, *shape[1:]),
        dtype="float64",
        fill_value=np.nan,
        overwrite=True,
    )
    array.attrs["_ARRAY_DIMENSIONS"] = ["replica", "record", "agent"]


def _put(group: Any, name: str, dimensions: list[str], values: NDArray[Any]) -> None:
    array = group.create_array(name, shape=values.shape, dtype=values.dtype, fill_value=None, overwrite=True)
    array.attrs["_ARRAY_DIMENSIONS"] = dimensions
    array[:] = values


def _zarr() -> Any:
    try:
        import zarr
    except ImportError as error:
        raise ResourceError(
            f"trajectories need the extra `store` ({error}): pip install 'mcpolar[store]'"
        ) from error
    return zarr
