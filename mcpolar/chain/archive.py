"""Trajectories and states as files: .npz by NumPy, .nc (netCDF) and .zarr by xarray."""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcpolar.chain.state import ChainState, loses_residuals
from mcpolar.errors import InputError, LostResidualsWarning, ResourceError
from mcpolar.files import replacing, require_readable, require_room
from mcpolar.parameters import ChainParameters
from mcpolar.versions import versions

if TYPE_CHECKING:
    import xarray
    from numpy.typing import NDArray

    from mcpolar.chain.trajectory import Trajectory

ENDINGS = (".npz", ".nc", ".zarr")
_OVERHEAD = 1 << 16  # of what describes the arrays
_DIMENSIONS = {
    "step": ("record",),
    "log_odds": ("replica", "record", "agent"),
    "memory": ("replica", "record", "agent", "element"),
    "final_log_odds": ("replica", "agent"),
    "final_memory": ("replica", "agent", "element"),
    "weight_keys": ("replica", "record", "agent"),
    "final_weight_keys": ("replica", "agent"),
}


def to_dataset(trajectory: Trajectory) -> xarray.Dataset:
    """Return the trajectory as an xarray dataset; parameters, seed, start and versions are its attributes."""
    variables = {name: (_DIMENSIONS[name], array) for name, array in _arrays(trajectory).items()}
    replicas = trajectory.first_replica + np.arange(trajectory.n_replicas)
    return _xarray().Dataset(variables, coords={"replica": replicas}, attrs=_attributes(trajectory))


def write_trajectory(trajectory: Trajectory, path: str | Path) -> None:
    """Write a trajectory, whole or not at all (see :meth:`Trajectory.to_file`)."""
    ending = _ending(path)
    if ending == ".npz":
        arrays: dict[str, Any] = dict(_arrays(trajectory), attributes=json.dumps(_attributes(trajectory)))
        with _drafted(path) as draft:
            np.savez(draft, **arrays)
        return
    dataset = to_dataset(trajectory)
    # format 2, since readers of format 3 warn about consolidated metadata, present or absent
    with _drafted(path) as draft:
        require_room(draft, dataset.nbytes + _OVERHEAD)
        if ending == ".nc":
            dataset.to_netcdf(draft, engine="h5netcdf")
        else:
            dataset.to_zarr(draft, zarr_format=2, consolidated=True)


def write_state(state: ChainState, path: str | Path) -> None:
    """Write a state as .npz with the arrays `log_odds` and `memory`, and `weight_keys` where it has them.

    Raises
    ------
    InputError
        If the ending is another one.
    ResourceError
        If the folder is missing or the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "state.npz"
    >>> write_state(ChainState.from_arrays([0.5, -2.0], [[1.0], [-1.0]]), path)
    >>> read_state(path).log_odds.tolist()
    [[0.5, -2.0]]
    """
    if Path(path).suffix != ".npz":
        raise InputError("path", str(path), "a file that ends in .npz")
    arrays: dict[str, Any] = {"log_odds": state.log_odds, "memory": state.memory}
    if state.weight_keys is not None:
        arrays["weight_keys"] = state.weight_keys
    with _drafted(path) as draft:
        np.savez(draft, **arrays)


def read_state(path: str | Path, chain: ChainParameters | None = None) -> ChainState:
    """Read a state: the last record of a trajectory's file, or the arrays `log_odds` and `memory` of an .npz.

    Warns
    -----
    LostResidualsWarning
        If `chain` have a neighbourhood, the file has no keys (an older one, or of a chain without one), and
        some weights stand so near to multiples of 1/(2r) that the log-odds do not hold what decides between equally
        near agents.

    Raises
    ------
    InputError
        If the file holds no state, or one that does not fit `chain`.
    ResourceError
        If it is missing or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "state.npz"
    >>> write_state(ChainState.from_arrays([0.5, -2.0], [[1.0], [-1.0]]), path)
    >>> read_state(path).memory.shape
    (1, 2, 1)
    """
    ending, place = _ending(path), Path(path)
    require_readable(place)
    wanted = (
        ("final_log_odds", "final_memory", "final_weight_keys"),
        ("log_odds", "memory", "weight_keys"),
    )
    arrays = _read(place, ending)
    for log_odds, memory, keys in wanted:
        if log_odds in arrays and memory in arrays:
            state = ChainState.from_arrays(
                arrays[log_odds], arrays[memory], chain, weight_keys=arrays.get(keys)
            )
            _warn_of_loss(place, state, chain)
            return state
    raise InputError(
        "path", str(place), "a file with the arrays log_odds and memory, or a trajectory of mcpolar"
    )


def _checksum(arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return a checksum of each array as JSON: the formats have none, or none that every reader verifies."""
    return json.dumps(
        {
            name: hashlib.sha256(f"{array.dtype.str}{array.shape}".encode() + array.tobytes()).hexdigest()
            for name, array in arrays.items()
        }
    )


def _require_unchanged(arrays: Mapping[str, NDArray[Any]], checksum: str | None) -> None:
    """Raise ValueError unless the arrays are those that were written; a file of others has no checksum."""
    if checksum is None:
        return
    written, found = json.loads(checksum), json.loads(_checksum(arrays))
    if any(written[name] != digest for name, digest in found.items()):
        raise ValueError("it is damaged: its numbers are not those that were written")


def _arrays(trajectory: Trajectory) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"step": trajectory.steps, "log_odds": trajectory.log_odds}
    if trajectory.memory is not None:
        arrays["memory"] = trajectory.memory
    arrays["final_log_odds"], arrays["final_memory"] = trajectory.final.log_odds, trajectory.final.memory
    for name, keys in (
        ("weight_keys", trajectory.weight_keys),
        ("final_weight_keys", trajectory.final.weight_keys),
    ):
        if keys is not None:
            arrays[name] = keys
    return arrays


def _warn_of_loss(path: Path, state: ChainState, chain: ChainParameters | None) -> None:
    """Warn where a chain with a neighbourhood goes on from log-odds that do not tell who is nearer."""
    if chain is None or chain.k is None or chain.k == chain.m - 1:
        return
    if state.weight_keys is None and loses_residuals(state.log_odds, state.r):
        warnings.warn(
            f"{path} holds no weight_keys: weights in it stand on multiples of 1/(2r) to the last digit, and by what "
            "their differences were beyond is lost; among equally near agents the first choices are arbitrary",
            LostResidualsWarning,
            stacklevel=3,
        )


def _attributes(trajectory: Trajectory) -> dict[str, Any]:
    """Return what made the trajectory; as texts, since seeds exceed 64 bits and netCDF has no None."""
    return {
        "parameters": json.dumps(trajectory.parameters.as_dict()),
        "start": json.dumps(trajectory.start),
        "seed": str(trajectory.seed),
        "cell": json.dumps(trajectory.cell),
        "first_replica": trajectory.first_replica,
        "versions": json.dumps(versions()),
        "sha256": _checksum(_arrays(trajectory)),
    }


def _read(path: Path, ending: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file; what a damaged one raises is the business of three libraries."""
    reason = None
    before, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        arrays = _read_npz(path) if ending == ".npz" else _read_xarray(path, ending)
    except ResourceError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
    finally:
        if reason is not None:
            gc.collect()  # a file that h5netcdf could not open complains when it is forgotten: not later
        sys.unraisablehook = before
    if reason is not None:
        raise ResourceError(f"cannot read {path}: {reason}")
    return arrays


def _read_npz(path: Path) -> dict[str, NDArray[Any]]:
    # opened here, since np.load leaves a broken file open
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name in _DIMENSIONS}
        attributes = json.loads(str(file["attributes"])) if "attributes" in file.files else {}
    _require_unchanged(arrays, attributes.get("sha256"))
    return arrays


def _read_xarray(path: Path, ending: str) -> dict[str, NDArray[Any]]:
    options = {"engine": "h5netcdf"} if ending == ".nc" else {"engine": "zarr", "consolidated": True}
    with _xarray().open_dataset(path, **options) as dataset:
        arrays = {name: dataset[name].to_numpy() for name in _DIMENSIONS if name in dataset}
        _require_unchanged(arrays, dataset.attrs.get("sha256"))
    return arrays


@contextmanager
def _drafted(path: str | Path) -> Iterator[Path]:
    try:
        with replacing(path) as draft:
            yield draft
    except ImportError as error:
        raise _missing(error) from error


def _ending(path: str | Path) -> str:
    ending = Path(path).suffix
    if ending not in ENDINGS:
        raise InputError("path", str(path), "a file that ends in " + ", ".join(ENDINGS))
    return ending


def _xarray() -> Any:
    try:
        import xarray
    except ImportError as error:
        raise _missing(error) from error
    return xarray


def _missing(error: ImportError) -> ResourceError:
    return ResourceError(
        f".nc and .zarr files need the extra `store` ({error}): pip install 'mcpolar[store]'"
    )
