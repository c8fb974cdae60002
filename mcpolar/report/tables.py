"""Tables of results as text, CSV, Markdown, LaTeX, JSON and Parquet, all from the same rows; computes nothing."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from mcpolar.choices import TableFormat
from mcpolar.decimals import is_number, significant
from mcpolar.errors import InputError
from mcpolar.files import replacing
from mcpolar.results import finite_or_none

if TYPE_CHECKING:
    import pandas

    from mcpolar.balls import Rounding

Row: TypeAlias = dict[str, Any]

SUFFIXES: dict[str, TableFormat] = {
    ".txt": "text",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".tex": "latex",
    ".parquet": "parquet",
}
"""What the ending of a file says of its format."""


class Downward(float):
    """A double that is a lower end: where it is cut to fewer digits, it is rounded down."""


class Upward(float):
    """A double that is an upper end: where it is cut to fewer digits, it is rounded up."""


def format_of(
    path: Path | None, given: TableFormat | None, *, allowed: Sequence[TableFormat] = ()
) -> TableFormat:
    """Return the format of a result: the one given, or that of the file's ending, or text.

    Parameters
    ----------
    path : Path or None
        Where the result goes; None: to standard output.
    given : str or None
        What the user asked for, if anything.
    allowed : sequence of str
        The formats that the command can write; empty: all.

    Raises
    ------
    InputError
        If the two contradict each other, or the command cannot write the format. Call it before the work.

    Examples
    --------
    >>> format_of(Path("t.tex"), None), format_of(Path("t.out"), "csv"), format_of(None, None)
    ('latex', 'csv', 'text')
    """
    formats = allowed or tuple(SUFFIXES.values())
    by_ending = None if path is None else SUFFIXES.get(path.suffix.lower())
    if by_ending is not None and by_ending not in formats:
        endings = ", ".join(ending for ending, form in SUFFIXES.items() if form in formats)
        raise InputError("output", str(path), f"a file that ends in {endings}, or in no other known ending")
    if given is not None and given not in formats:
        raise InputError("format", given, "one of " + ", ".join(formats))
    if given is not None and by_ending not in (None, given):
        raise InputError("format", given, f"{by_ending}, or absent, for the file {path}")
    form = given or by_ending or "text"
    if form == "parquet" and path is None:
        raise InputError("output", None, "a file when the format is parquet")
    return form


def render(
    rows: Sequence[Row],
    form: TableFormat,
    *,
    title: str,
    notes: Sequence[str] = (),
    keep: Sequence[str] = (),
    by: str | None = None,
) -> str:
    """Return the rows as one text.

    Parameters
    ----------
    rows : sequence of dict
        One record per line of the table; a key that a row lacks is empty there.
    form : {"text", "json", "csv", "markdown", "latex"}
        "text" is for a terminal; "csv" and "json" hold the rows alone, the others also the title and the notes.
        These move columns that are the same in every row to the title, and leave out empty ones.
    title : str
        What the table shows.
    notes : sequence of str
        Lines below it, such as the event that is bounded.
    keep : sequence of str
        Columns that stay where they are.
    by : str, optional
        A column for whose values text, Markdown and LaTeX make a table each.

    Returns
    -------
    str
        Ends with a newline.
    """
    if form in ("json", "csv"):
        return (_json if form == "json" else _csv)(rows)
    writer = {"text": _text, "markdown": _markdown, "latex": _latex}[form]
    parts = _parts(rows, by)
    shown = [
        _Shown.of(part, title if value is None else f"{title}, {by} {value}", keep) for value, part in parts
    ]
    return writer(shown, notes)


def _parts(rows: Sequence[Row], by: str | None) -> list[tuple[Any, list[Row]]]:
    """Return the rows of each value of the column `by`, which is left out."""
    if by is None:
        return [(None, list(rows))]
    parts: dict[Any, list[Row]] = {}
    for row in rows:
        parts.setdefault(row[by], []).append({name: value for name, value in row.items() if name != by})
    return list(parts.items())


@dataclass(frozen=True)
class _Shown:
    """A table as people see it: what all rows share is beside the title."""

    title: str
    shared: dict[str, str]
    columns: tuple[str, ...]
    rows: list[list[str]]

    @classmethod
    def of(cls, rows: Sequence[Row], title: str, keep: Sequence[str]) -> _Shown:
        names = columns_of(rows)
        cells = {name: [shown(row.get(name)) for row in rows] for name in names}
        filled = [name for name in names if any(cells[name])]
        constant = [name for name in filled if name not in keep and len(set(cells[name])) == 1]
        if len(constant) == len(filled) or (len(rows) == 1 and not keep):
            constant = []  # a table of one row, or of equal ones, is its row
        columns = tuple(name for name in filled if name not in constant)
        body = [[cells[name][i] for name in columns] for i in range(len(rows))]
        return cls(title, {name: cells[name][0] for name in constant}, columns, body)


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of all columns; one that the first rows lack comes after its neighbour.

    Examples
    --------
    >>> columns_of([{"m": 1, "last": 0}, {"m": 2, "k": 3, "last": 1}])
    ['m', 'k', 'last']
    """
    names: list[str] = []
    for keys in dict.fromkeys(tuple(row) for row in rows):
        at = 0
        for name in keys:
            if name not in names:
                names.insert(at, name)
            at = names.index(name) + 1
    return names


def write(
    rows: Sequence[Row],
    form: TableFormat,
    output: Path | None,
    *,
    title: str,
    notes: Sequence[str] = (),
    keep: Sequence[str] = (),
    by: str | None = None,
) -> None:
    """Write the rows to `output`, or to standard output; Parquet needs a file.

    Raises
    ------
    InputError
        If Parquet is asked for without a file.
    ResourceError
        If the file cannot be written; nothing half-written is left.
    """
    if form == "parquet":
        if output is None:
            raise InputError("output", output, "a file when the format is parquet")
        with replacing(output) as draft:
            _frame(rows).to_parquet(draft, index=False)
        return
    put(render(rows, form, title=title, notes=notes, keep=keep, by=by), output)


def put(text: str, output: Path | None) -> None:
    """Write text to the file, whole or not at all, or to standard output when there is none."""
    if output is None:
        print(text, end="")
        return
    with replacing(output) as draft:
        draft.write_text(text, encoding="utf-8")


def _frame(rows: Sequence[Row]) -> pandas.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        [{name: finite_or_none(row.get(name)) for name in columns_of(rows)} for row in rows],
        columns=columns_of(rows),
    )


def _json(rows: Sequence[Row]) -> str:
    names = columns_of(rows)
    return (
        json.dumps([{name: finite_or_none(row.get(name)) for name in names} for row in rows], indent=1) + "\n"
    )


def _csv(rows: Sequence[Row]) -> str:
    names = columns_of(rows)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([finite_or_none(row.get(name)) for name in names] for row in rows)
    return buffer.getvalue()


def _markdown(tables: Sequence[_Shown], notes: Sequence[str]) -> str:
    import pandas as pd

    parts = []
    for one in tables:
        parts.append(f"**{one.title}**" + (f" ({_listed(one.shared)})" if one.shared else ""))
        frame = pd.DataFrame(one.rows, columns=list(one.columns))
        parts.append(frame.map(_bar_escaped).to_markdown(index=False, disable_numparse=True))
    return "\n\n".join([*parts, *notes]) + "\n"


def _bar_escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _listed(shared: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in shared.items())


def _latex(tables: Sequence[_Shown], notes: Sequence[str]) -> str:
    from mcpolar.report import latex

    is_long = any(len(one.rows) > ROWS_OF_A_PAGE for one in tables)
    parts = [latex.comment(is_long)]
    for number, one in enumerate(tables, start=1):
        shared = ", ".join(latex.assignment(name, value) for name, value in one.shared.items())
        caption = latex.text(one.title) + (f" ({shared})." if shared else ".")
        below = notes if number == len(tables) else ()
        long = len(one.rows) > ROWS_OF_A_PAGE
        parts.append(latex.table(one.columns, one.rows, caption=caption, notes=below, is_long=long))
    return "\n".join(parts)


ROWS_OF_A_PAGE = 40


def shown(value: Any) -> str:
    """Return a cell as people read it: empty for None, six significant digits of a double, in its direction."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return UNDEFINED
    rounding: Rounding = (
        "down" if isinstance(value, Downward) else "up" if isinstance(value, Upward) else "nearest"
    )
    return significant(value, 6, rounding)


UNDEFINED = "undefined"


def spoken(value: Any) -> str:
    """Return a value of a summary as people read it.

    Examples
    --------
    >>> spoken({"m": 10, "k": None, "times": [3.25, None]}), spoken(True)
    ('m = 10, times = (3.25, undefined)', 'yes')
    """
    if isinstance(value, Mapping):
        parts = [f"{name} = {_inner(item)}" for name, item in value.items() if item is not None]
        return ", ".join(parts) or ("none" if not value else UNDEFINED)
    if isinstance(value, list | tuple):
        return ", ".join(UNDEFINED if item is None else _inner(item) for item in value)
    return UNDEFINED if value is None else shown(value)


def _inner(value: Any) -> str:
    return f"({spoken(value)})" if isinstance(value, Mapping | list | tuple) else spoken(value)


def _text(tables: Sequence[_Shown], notes: Sequence[str]) -> str:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    buffer = io.StringIO()
    console = Console(file=buffer, width=_terminal_width())
    for one in tables:
        title = one.title + (f" ({_listed(one.shared)})" if one.shared else "")
        console.print(title, markup=False, highlight=False)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for i, name in enumerate(one.columns):
            is_numeric = all(not row[i] or is_number(row[i]) for row in one.rows)
            table.add_column(name, justify="right" if is_numeric else "left", overflow="fold")
        for row in one.rows:
            table.add_row(*map(escape, row))
        console.print(table)
    for note in notes:
        console.print(note, markup=False, highlight=False)
    return buffer.getvalue()


def _terminal_width() -> int:
    import shutil

    return max(80, shutil.get_terminal_size((110, 24)).columns)
