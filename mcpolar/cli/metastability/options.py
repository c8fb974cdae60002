"""Options and output that the commands of `mcpolar metastability` share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
from cyclopts import Parameter

from mcpolar.chain import ChainState, Start
from mcpolar.choices import Format
from mcpolar.cli.options import OptionalWhole, Text, Whole
from mcpolar.cli.starts import read_start
from mcpolar.parameters import ChainParameters
from mcpolar.report import tables

Flag: TypeAlias = Annotated[bool, Parameter(negative="")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Ensembles:
    """How many replicas are run, from where, and how long."""

    start: str = "bipolar"
    """random, polarized, bipolar, undecided, boundary, or a file of states."""
    level: Text = "1"
    """Level h of a decided start, and of E_h."""
    split: OptionalWhole = None
    """Agents on the + side of a polarized or boundary start. Default: all."""
    replicas: Whole = 1000
    """Independent replicas."""
    steps: Text = "100*m"
    """Single-agent steps: a whole number, or an expression in m."""
    seed: Whole = 1
    """Seed of every draw."""
    workers: OptionalWhole = None
    """Threads. Default: all cores."""
    quiet: Flag = False
    """Show no progress bar."""

    def begin(self, parameters: ChainParameters) -> Start | ChainState:
        """Return the start."""
        decided = self.start in ("polarized", "bipolar", "boundary")
        return read_start(self.start, parameters, level=self.level if decided else None, split=self.split)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where the result goes."""

    format: Format = "text"
    """json holds the summary and the rows; the others the table of rows."""
    output: Path | None = None
    """File to write instead of standard output; it is whole or not there."""
    plot: Path | None = None
    """File for a picture (.png, .pdf, .svg)."""

    def write(self, title: str, summary: Mapping[str, Any], rows: Sequence[tables.Row]) -> None:
        """Write summary and rows."""
        if self.format == "json":
            record = {**summary, "rows": list(rows)}
            tables.put(json.dumps(plain(record), indent=1) + "\n", self.output)
            return
        shown = [with_intervals(row) for row in rows] if self.format != "csv" else rows
        notes = [f"{name}: {json.dumps(plain(value))}" for name, value in summary.items()]
        tables.write(shown, self.format, self.output, title=title, notes=notes)


ENSEMBLE, OUT = Ensembles(), Outputs()


def with_intervals(row: tables.Row) -> tables.Row:
    """Return the row with columns x, x_low and x_high as one, for people.

    Examples
    --------
    >>> with_intervals({"m": 3, "share": 0.5, "share_low": 0.2, "share_high": 0.8})
    {'m': 3, 'share': '0.5 [0.2, 0.8]'}
    """
    found: tables.Row = {}
    for name, value in row.items():
        if f"{name}_low" in row:
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            found[name] = f"{value:.4g} [{low:.4g}, {high:.4g}]"
        elif not name.endswith(("_low", "_high")):
            found[name] = value
    return found


def plain(value: Any) -> Any:
    """Return a value that strict JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return tables.json_value(value)
