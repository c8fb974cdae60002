"""Options and output that the commands of `mcpolar metastability` share."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import numpy as np
from cyclopts import Parameter

from mcpolar.chain import ChainState, Start
from mcpolar.choices import Format
from mcpolar.cli.destinations import Output, Plot, Source
from mcpolar.cli.options import Flag, OptionalWhole, Quiet, Text, Watched, Whole
from mcpolar.cli.starts import read_start
from mcpolar.decimals import significant
from mcpolar.parameters import ChainParameters
from mcpolar.report import tables
from mcpolar.results import finite_or_none

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MADE_FROM = (
    *("event", "quantity", "start", "log_odds", "level", "memory", "sigma", "agents", "mirror"),
    *("steps", "replicas", "updates", "burn_in", "lag_steps"),
)
"""What of a summary is no finding: it goes into a picture's metadata."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Ensembles:
    """How many replicas are run, from where, and how long."""

    start: Annotated[str, Source()] = "bipolar"
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
    progress: Watched = "auto"
    quiet: Quiet = False

    def begin(self, chain: ChainParameters) -> Start | ChainState:
        """Return the start."""
        decided = self.start in ("polarized", "bipolar", "boundary")
        return read_start(self.start, chain, level=self.level if decided else None, split=self.split)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Where the result goes."""

    format: Format | None = None
    """json holds the summary and the rows; csv the rows; text, markdown and latex show both to people. Default: by the
    ending of --output, else text."""
    output: Output = None
    """File to write instead of standard output; it is whole or not there. What mcpolar did not write, or was changed
    since, is left as it is."""
    plot: Plot = None
    """File for a picture (.png, .pdf, .svg), which has parameters, seed and versions in its metadata."""
    stamp: Flag = False
    """Write parameters, seed and version below the picture too."""

    def form(self) -> Format:
        """Return the format, by the option or by the file's ending; refuse it if they contradict each other."""
        return cast(Format, tables.format_of(self.output, self.format, allowed=get_args(Format)))

    def draw(self, figure: Figure, summary: Mapping[str, Any], path: Path | None = None) -> None:
        """Write a picture, with what the summary says that it was made from."""
        from mcpolar.report.plots.saving import save

        made = {name: plain(summary[name]) for name in MADE_FROM if name in summary}
        made = plain(summary.get("parameters", {})) | made
        place = path or cast(Path, self.plot)
        save(figure, place, made, seed=summary.get("seed"), stamp=self.stamp)
        print(f"wrote {place}", file=sys.stderr)

    def write(self, title: str, summary: Mapping[str, Any], rows: Sequence[tables.Row]) -> None:
        """Write summary and rows."""
        form = self.form()
        if form == "json":
            record = {**summary, "rows": list(rows)}
            tables.put(json.dumps(plain(record), indent=1) + "\n", self.output)
            return
        shown = [with_intervals(row) for row in rows] if form != "csv" else rows
        notes = [f"{name}: {tables.spoken(plain(value))}" for name, value in summary.items()]
        tables.write(shown, form, self.output, title=title, notes=notes)


ENSEMBLE, OUT = Ensembles(), Outputs()


def with_intervals(row: tables.Row) -> tables.Row:
    """Return the row with columns x, x_low and x_high as one, for people.

    Examples
    --------
    >>> with_intervals({"m": 3, "share": 0.5, "share_low": 0.2, "share_high": 0.8})
    {'m': 3, 'share': '0.5 [0.2, 0.8]'}
    >>> with_intervals({"share": 0.123456, "share_low": 0.111199, "share_high": 0.222201})
    {'share': '0.1235 [0.1111, 0.2223]'}
    """
    found: tables.Row = {}
    for name, value in row.items():
        if f"{name}_low" in row:
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            found[name] = interval(value, low, high)
        elif not name.endswith(("_low", "_high")):
            found[name] = value
    return found


def interval(value: float | None, low: float | None, high: float | None) -> str | None:
    """Return a value and its interval, whose ends are rounded outward; what was not estimated is undefined."""
    if value is None:
        return None
    if math.isnan(value):
        return tables.UNDEFINED
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return f"{value:.4g} [{tables.UNDEFINED}]"
    return f"{value:.4g} [{significant(low, 4, 'down')}, {significant(high, 4, 'up')}]"


def plain(value: Any) -> Any:
    """Return a value that strict JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return finite_or_none(value)
