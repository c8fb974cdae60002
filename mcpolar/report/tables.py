"""Tables of results as text, CSV, Markdown, LaTeX, JSON and Parquet, all from one data frame; computes nothing."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from mcpolar.choices import TableFormat
from mcpolar.errors import InputError
from mcpolar.files import replacing

if TYPE_CHECKING:
    import pandas

Row: TypeAlias = dict[str, Any]

LATEX_NAMES = {
    "sigma": r"$\sigma$",
    "log10": r"$\log_{10}$",
    "m": "$m$",
    "r": "$r$",
    "k": "$k$",
    "level": "$h$",
}


def render(rows: Sequence[Row], form: TableFormat, *, title: str, notes: Sequence[str] = ()) -> str:
    """Return the rows as one text.

    Parameters
    ----------
    rows : sequence of dict
        One record per line of the table, all with the same keys in the same order.
    form : {"text", "json", "csv", "markdown", "latex"}
        "text" is for a terminal; "csv" and "json" hold the rows alone, the others also the title and the notes.
    title : str
        What the table shows.
    notes : sequence of str
        Lines below it, such as the event that is bounded.

    Returns
    -------
    str
        Ends with a newline.
    """
    writer = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown, "latex": _latex}[form]
    return writer(rows, title, notes)


def write(
    rows: Sequence[Row], form: TableFormat, output: Path | None, *, title: str, notes: Sequence[str] = ()
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
    put(render(rows, form, title=title, notes=notes), output)


def put(text: str, output: Path | None) -> None:
    """Write text to the file, whole or not at all, or to standard output when there is none."""
    if output is None:
        print(text, end="")
        return
    with replacing(output) as draft:
        draft.write_text(text, encoding="utf-8")


def _frame(rows: Sequence[Row]) -> pandas.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows))


def _json(rows: Sequence[Row], title: str, notes: Sequence[str]) -> str:
    return (
        json.dumps([{key: json_value(value) for key, value in row.items()} for row in rows], indent=1) + "\n"
    )


def json_value(value: Any) -> Any:
    """Return a value that strict JSON can hold: infinities become None."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _csv(rows: Sequence[Row], title: str, notes: Sequence[str]) -> str:
    text: str = _frame(rows).to_csv(index=False, lineterminator="\n")
    return text


def _markdown(rows: Sequence[Row], title: str, notes: Sequence[str]) -> str:
    table = _frame(_as_shown(rows)).to_markdown(index=False, disable_numparse=True)
    return "\n\n".join([f"**{title}**", table, *notes]) + "\n"


def _latex(rows: Sequence[Row], title: str, notes: Sequence[str]) -> str:
    frame = _frame(_as_shown(rows)).map(_latex_cell)
    frame = frame.rename(columns=lambda name: LATEX_NAMES.get(name, _latex_text(name)))
    caption = _latex_text(" ".join([f"{title}.", *notes]))
    styled = frame.style.hide(axis="index").format(escape="latex-math")
    if len(rows) > ROWS_OF_A_PAGE:
        table = styled.to_latex(hrules=True, caption=caption, environment="longtable")
        return "% needs \\usepackage{booktabs,longtable}\n" + str(table)
    table = styled.to_latex(hrules=True, caption=caption, position="htbp", position_float="centering")
    return "% needs \\usepackage{booktabs}\n" + str(table)


ROWS_OF_A_PAGE = 40


def _latex_cell(text: str) -> str:
    r"""Return 6.29e-22 as $6.29\times10^{-22}$; other cells as they are (the styler escapes them)."""
    mantissa, mark, power = text.partition("e")
    if mark and _is_number(mantissa) and _is_number(power):
        return rf"${mantissa}\times10^{{{int(power)}}}$"
    return text


LATEX_ESCAPES = str.maketrans(
    {c: rf"\{c}" for c in "&%$#_{}"} | {"^": r"\^{}", "~": r"\~{}", "\\": r"\textbackslash{}"}
)


def _latex_text(text: str) -> str:
    """Escape a caption, which the styler does not."""
    return text.translate(LATEX_ESCAPES)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _as_shown(rows: Sequence[Row]) -> list[dict[str, str]]:
    return [{key: shown(value) for key, value in row.items()} for row in rows]


def shown(value: Any) -> str:
    """Return a cell as people read it: an empty cell for None, six significant digits for a float."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _text(rows: Sequence[Row], title: str, notes: Sequence[str]) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name, justify="right" if _is_numeric(rows, name) else "left", overflow="fold")
    for row in _as_shown(rows):
        table.add_row(*row.values())
    buffer = io.StringIO()
    console = Console(file=buffer, width=_terminal_width())
    console.print(table)
    for note in notes:
        console.print(note, markup=False, highlight=False)
    return buffer.getvalue()


def _is_numeric(rows: Sequence[Row], name: str) -> bool:
    return all(row[name] is None or _is_number(str(row[name])) for row in rows)


def _terminal_width() -> int:
    import shutil

    return max(80, shutil.get_terminal_size((110, 24)).columns)
