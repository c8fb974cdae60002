"""Recorded log-odds of a run, where they are asked for: a zarr group beside the store, one chunk a block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.errors import InputError, ResourceError
from mcpolar.runs.plan import Block, RunPlan

# Format 2, as for single trajectories: readers of format 3 warn about consolidated metadata, present or absent.
_FORMAT = 2


def records_path(store: str | Path) -> Path:
    """Return where the trajectories of a store are kept: run.sqlite has them in run.zarr."""
    return Path(store).with_suffix(".zarr").resolve()


def prepare(store: Path, plan: RunPlan, *, is_new: bool) -> Path:
    """Make the arrays that are not there yet: cell_C/log_odds (replica, record, agent) and cell_C/step.

    A block that is not finished reads as NaN.

    Raises
    ------
    InputError
        If the store is new and the place of its trajectories is taken.
    ResourceError
        If the extra `store` is missing or the disk refuses.
    """
    path = records_path(store)
    if is_new and path.exists():
        raise InputError(
            "store", str(store), f"a file that {path.name} is not there for: it would be overwritten"
        )
    zarr = _zarr()
    try:
        root = zarr.open_group(path, mode="a", zarr_format=_FORMAT)
        for number, cell in enumerate(plan.cells):
            steps = np.array(list(cell.marks()), dtype=np.int64)
            shape = (plan.replicas, len(steps), cell.parameters.m)
            group = root.require_group(f"cell_{number}")
            if "log_odds" not in group:
                group.attrs.update({key: str(value) for key, value in cell.as_dict().items()})
                _put(group, "step", ["record"], steps)
                log_odds = group.create_array(
                    "log_odds",
                    shape=shape,
                    chunks=(plan.block, *shape[1:]),
                    dtype="float64",
                    fill_value=np.nan,
                )
                log_odds.attrs["_ARRAY_DIMENSIONS"] = ["replica", "record", "agent"]
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def write_block(path: Path, block: Block, log_odds: NDArray[np.float64]) -> None:
    """Write the chunk of a block; written twice, it is the same."""
    array = _zarr().open_group(path, mode="r+", zarr_format=_FORMAT)[f"cell_{block.cell}/log_odds"]
    array[block.first : block.first + block.count] = log_odds


def _put(group: Any, name: str, dimensions: list[str], values: NDArray[Any]) -> None:
    array = group.create_array(name, shape=values.shape, dtype=values.dtype, fill_value=None)
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
