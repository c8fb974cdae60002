"""Long tables of any origin: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mcpolar.agents.adapters.reading import LONGEST_TEXT, Columns, OpenText, Row, Rows, opened, step_of
from mcpolar.agents.log import LONGEST_LINE
from mcpolar.errors import InputError, ResourceError


def csv_rows(path: Path, columns: Columns) -> Rows:
    """Read a table as CSV."""
    with OpenText(path) as file:
        lines = csv.DictReader(file)
        yield from _from_table(lines, lines.fieldnames or [], path, columns, first=2)


def jsonl_rows(path: Path, columns: Columns) -> Rows:
    """Read a table as JSON lines, one object a row."""

    def lines() -> Iterator[Mapping[str, Any]]:
        with opened(path) as file:
            for number in itertools.count(1):
                line = file.readline(LONGEST_LINE + 1)
                if not line:
                    return
                if len(line) > LONGEST_LINE:
                    raise InputError("paths", str(path), f"JSON lines: line {number} is too long")
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    raise InputError("paths", str(path), f"JSON lines: line {number} is not JSON") from None
                if not isinstance(record, dict):
                    raise InputError("paths", str(path), f"JSON lines: line {number} is not an object")
                yield record

    yield from _from_table(lines(), None, path, columns, first=1)


def parquet_rows(path: Path, columns: Columns) -> Rows:
    """Read a table as Parquet, a batch of rows at a time."""
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ResourceError("Parquet needs the extra `parquet`: pip install 'mcpolar[parquet]'") from error
    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            wanted = [name for name in vars(columns).values() if name in names]
            batches = file.iter_batches(batch_size=1024, columns=wanted)
            records = itertools.chain.from_iterable(_short(batch, path) for batch in batches)
            yield from _from_table(records, names, path, columns, first=1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "paths", str(path), f"a Parquet file ({' '.join(str(error).split())[:80]})"
        ) from None


def _short(batch: Any, path: Path) -> list[dict[str, Any]]:
    """Return the records of a batch, whose texts are looked at before they are copied."""
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if kinds.is_string(column.type) or kinds.is_large_string(column.type):
            longest = pc.max(pc.binary_length(column)).as_py() or 0
            if longest > 4 * LONGEST_TEXT:
                what = f"a table whose column {name} has at most {LONGEST_TEXT} characters a row"
                raise InputError("paths", str(path), what)
    return batch.to_pylist()  # type: ignore[no-any-return]


def _from_table(
    records: Iterable[Mapping[str, Any]],
    names: Sequence[str] | None,
    path: Path,
    columns: Columns,
    *,
    first: int,
) -> Rows:
    needed = (columns.step, columns.agent, columns.text)
    for number, record in enumerate(records, first):
        for column in needed:
            if record.get(column) is None:
                known = ", ".join(names if names is not None else record)[:80]
                what = f"a table with a value in row {number}, column {column} (columns: {known})"
                raise InputError("paths", str(path), what)
        text = str(record[columns.text])
        if len(text) > LONGEST_TEXT:
            what = f"a table whose row {number}, column {columns.text} has at most {LONGEST_TEXT} characters"
            raise InputError("paths", str(path), what)
        step = step_of(record[columns.step], path, f"row {number}, column {columns.step}")
        yield Row(str(record.get(columns.run) or path.stem), step, str(record[columns.agent]), text)
