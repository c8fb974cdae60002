"""The results of a run as a tidy table: one row a replica, with its cell's parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mcpolar.entries import unpack
from mcpolar.errors import InputError, ResourceError
from mcpolar.files import replacing
from mcpolar.runs.execute import KIND
from mcpolar.runs.observe import NEVER, OBSERVABLES
from mcpolar.runs.plan import RunPlan
from mcpolar.store import Kept, Store

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

ENDINGS = (".csv", ".parquet", ".nc")
CELL_COLUMNS = ("m", "r", "sigma", "k", "mirror", "start", "level", "steps", "every")
"""Columns that describe the cell of a row, between `cell` and `replica`."""

UNITS = {
    "agents_plus": "agents",
    "silos": "silos",
    "smallest_log_odds": "1",
    "polarized": "1",
    "hitting_time": "steps",
    "exit_time": "steps",
    "silo_change_time": "steps",
    "m": "agents",
    "r": "memory elements",
    "sigma": "1 (the means are at -1 and +1)",
    "k": "agents",
    "mirror": "1",
    "level": "1/sigma^2 of log-odds",
    "steps": "single-agent updates",
    "every": "single-agent updates",
}
"""Units of the variables of a netCDF file."""

_DECIMALS = ("sigma", "mirror", "level")
_TEXTS = (*_DECIMALS, "start", "seed")
_START_OPTIONS = ("level", "log_odds", "split", "placement", "sha256")
_CELL_TEXTS = (*_DECIMALS, "start")
_WHOLE = ("m", "r", "k", "steps", "every", *(name for name in OBSERVABLES if name != "smallest_log_odds"))


def read_results(store: str | Path, plan: RunPlan | None = None) -> pd.DataFrame:
    """Return the finished blocks of a store, sorted by cell and replica.

    Columns: `cell`, those of :data:`CELL_COLUMNS`, `replica`, those of :data:`OBSERVABLES`, `seed`. Decimals
    (sigma, mirror, level) and the seed, which may have 128 bits, are texts, exactly as given; whole numbers that
    may be absent are nullable (a time that did not come is missing, never a number). `attrs` holds the seed and
    the version of mcpolar. The table does not depend on workers, blocks or
    interruptions; with a `plan` it holds the plan's cells, replicas and steps alone, whatever else is in the store;
    without, each replica as far as it went.

    Raises
    ------
    ResourceError
        If the store is missing, in use or damaged.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.parameters import ChainParameters
    >>> from mcpolar.runs import Cell, RunPlan, run
    >>> store = Path(tempfile.mkdtemp()) / "grid.sqlite"
    >>> plan = RunPlan([Cell(ChainParameters(m=3, r=1, sigma="0.5"), "random", 20)], replicas=2, seed=1)
    >>> done = run(plan, store)
    >>> len(read_results(store))
    2
    """
    import pandas as pd

    with Store(store, KIND) as opened:
        opened.require_whole()
        numbers = _numbers(opened, plan)
        at = [(numbers.get((kept.place.cell, kept.place.reach)), kept) for kept in opened.kept()]
        blocks = [_block(opened, kept, number) for number, kept in at if number is not None]
        seed, version = str(opened.identity["seed"]), opened.version
    names = ["cell", *CELL_COLUMNS, "replica", *OBSERVABLES]
    table = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=names)
    if plan is not None:
        table = table[table["replica"] < plan.replicas]
    order = ["cell", "replica", "steps"]
    table = table.sort_values(order, ascending=[True, True, False], kind="stable")[names]
    table = table.drop_duplicates(order[:2]).reset_index(drop=True)
    table["seed"] = seed
    table.attrs = {"seed": seed, "mcpolar": version}
    return table.astype(dict.fromkeys(_WHOLE, "Int64") | dict.fromkeys(_TEXTS, "string"))


def _numbers(store: Store, plan: RunPlan | None) -> dict[tuple[str, int], int]:
    """Return the numbers of cells by identity and steps: their places in the plan, or in the order they came in."""
    if plan is not None:
        return {(cell.identity, cell.steps): number for number, cell in enumerate(plan.cells)}
    order = {identity: number for number, identity in enumerate(store.cells)}
    return {(kept.place.cell, kept.place.reach): order[kept.place.cell] for kept in store.kept()}


def _block(store: Store, kept: Kept, number: int) -> pd.DataFrame:
    """Return the rows of a block; a time that did not come is missing."""
    import pandas as pd

    place, columns = kept.place, unpack(store.read(kept))
    replicas = np.arange(place.first, place.first + place.count)
    described = _described({**json.loads(place.cell), "steps": place.reach})
    frame = pd.DataFrame({"cell": number, "replica": replicas}).assign(**described)
    for name in OBSERVABLES:
        values = pd.Series(columns[name])
        frame[name] = values.astype("Int64").where(values != NEVER) if name.endswith("_time") else values
    return frame.astype(dict.fromkeys(_WHOLE, "Int64") | dict.fromkeys(_CELL_TEXTS, "string"))


def write_results(store: str | Path, path: str | Path, plan: RunPlan | None = None) -> None:
    """Write the results of a store, or those of a plan in it, whole or not at all.

    The endings are .csv, .parquet (extra `parquet`) and .nc (extra `store`).

    Raises
    ------
    InputError
        If the ending is another one.
    ResourceError
        If the store cannot be read, the file cannot be written or the extra is missing.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.parameters import ChainParameters
    >>> from mcpolar.runs import Cell, RunPlan, run
    >>> store = Path(tempfile.mkdtemp()) / "grid.sqlite"
    >>> plan = RunPlan([Cell(ChainParameters(m=3, r=1, sigma="0.5"), "random", 20)], replicas=2, seed=1)
    >>> done = run(plan, store)
    >>> write_results(store, store.with_suffix(".csv"))
    >>> store.with_suffix(".csv").is_file()
    True
    """
    ending = Path(path).suffix
    if ending not in ENDINGS:
        raise InputError("path", str(path), "a file that ends in " + ", ".join(ENDINGS))
    table = read_results(store, plan)
    try:
        with replacing(path) as draft:
            if ending == ".csv":
                table.to_csv(draft, index=False, lineterminator="\n")
            elif ending == ".parquet":
                table.to_parquet(draft, index=False)
            else:
                to_dataset(table).to_netcdf(draft, engine="h5netcdf")
    except ImportError as error:
        extra = "parquet" if ending == ".parquet" else "store"
        raise ResourceError(
            f"{ending} files need the extra `{extra}`: pip install 'mcpolar[{extra}]'"
        ) from error


def to_dataset(table: pd.DataFrame) -> xr.Dataset:
    """Return a table of results as an xarray dataset over (cell, replica); times that did not come are NaN.

    sigma, mirror and level are doubles; the attribute `cells` holds every cell's parameters as they were given.
    """
    import xarray as xr

    index = ["cell", "replica"]
    values = table[[*index, *OBSERVABLES]].astype("float64").astype({"cell": "int64", "replica": "int64"})
    dataset = xr.Dataset.from_dataframe(values.set_index(index))
    dataset.attrs.update(table.attrs)
    cells = table.drop_duplicates("cell").set_index("cell")
    for name in CELL_COLUMNS:
        column = cells[name].loc[dataset["cell"].to_numpy()]
        is_number = name in (*_WHOLE, *_DECIMALS)
        numbers = column.astype("float64") if is_number else column.fillna("").astype(str)
        dataset = dataset.assign_coords({name: ("cell", numbers.to_numpy())})
    for name, text in OBSERVABLES.items():
        dataset[name].attrs["description"] = text
    for name, unit in UNITS.items():
        dataset[name].attrs["units"] = unit
    given = (
        cells[list(CELL_COLUMNS)]
        .astype("string")
        .astype(object)
        .where(cells[list(CELL_COLUMNS)].notna(), None)
    )
    dataset.attrs["cells"] = json.dumps(given.to_dict("records"))
    return dataset


def _described(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell's columns; a start is its kind and whatever options it was given."""
    start = dict(cell["start"])
    kind = start.pop("kind")
    options = [f"{key}={start[key]}" for key in _START_OPTIONS if start.get(key) is not None]
    return {**{name: cell[name] for name in CELL_COLUMNS}, "start": " ".join([kind, *options])}
