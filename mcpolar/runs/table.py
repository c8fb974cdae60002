"""The results of a run as a tidy table: one row a replica, with its cell's parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcpolar.errors import InputError, ResourceError
from mcpolar.files import replacing
from mcpolar.runs.observe import OBSERVABLES
from mcpolar.runs.store import Store

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
_WHOLE = ("m", "r", "k", "steps", "every", *(name for name in OBSERVABLES if name != "smallest_log_odds"))


def read_results(store: str | Path) -> pd.DataFrame:
    """Return the finished blocks of a store, sorted by cell and replica.

    Columns: `cell`, those of :data:`CELL_COLUMNS`, `replica`, those of :data:`OBSERVABLES`, `seed`. Decimals
    (sigma, mirror, level) and the seed, which may have 128 bits, are texts, exactly as given; whole numbers that
    may be absent are nullable (a time that did not come is missing, never a number). `attrs` holds the seed and
    the version of mcpolar. The table does not depend on workers, blocks or interruptions.

    Raises
    ------
    ResourceError
        If the store is missing, in use or damaged.
    """
    import pandas as pd

    with Store(store) as opened:
        rows, identity, version = opened.results(), opened.identity, opened.version
    table = pd.DataFrame(rows, columns=["cell", "replica", *OBSERVABLES])
    described = pd.DataFrame([_described(cell) for cell in identity["cells"]], columns=list(CELL_COLUMNS))
    for position, name in enumerate(CELL_COLUMNS, start=1):
        table.insert(position, name, described[name].iloc[table["cell"]].to_numpy())
    table["seed"] = str(identity["seed"])
    table.attrs = {"seed": identity["seed"], "mcpolar": version}
    return table.astype(dict.fromkeys(_WHOLE, "Int64") | dict.fromkeys(_TEXTS, "string"))


def write_results(store: str | Path, path: str | Path) -> None:
    """Write the results of a store as .csv, .parquet (extra `parquet`) or .nc (extra `store`), whole or not at all.

    Raises
    ------
    InputError
        If the ending is another one.
    ResourceError
        If the store cannot be read, the file cannot be written or the extra is missing.
    """
    ending = Path(path).suffix
    if ending not in ENDINGS:
        raise InputError("path", str(path), "a file that ends in " + ", ".join(ENDINGS))
    table = read_results(store)
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
    start = cell["start"]
    options = [f"{key}={value}" for key, value in start.items() if key != "kind" and value is not None]
    return {**cell, "start": " ".join([start["kind"], *options])}
