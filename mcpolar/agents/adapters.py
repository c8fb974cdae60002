"""Runs that were made elsewhere, read as traces: the formats of kept frameworks, and long tables of any origin.

Nothing of a file is executed, and nothing is read past its declared size. An error names the file, the row or entry,
the column or key, and what was expected.
"""

from __future__ import annotations

import ast
import csv
import io
import itertools
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from mcpolar.agents.log import FORMAT, LONGEST_LINE, read_answers, read_header
from mcpolar.agents.silos import OTHER, Classify
from mcpolar.agents.traces import Trace
from mcpolar.errors import InputError, ResourceError

LARGEST_FILE = 2 * 2**30
LARGEST_ENTRY = 64 * 2**20
"""Bytes of one JSON document or one entry of an archive."""
LONGEST_TEXT = 100_000
MOST_ROWS = 50_000_000


@dataclass(frozen=True)
class Row:
    """One answer of a run: whose, when, and its text or its silo."""

    run: str
    step: int
    agent: str
    text: str


Rows: TypeAlias = Iterator[Row]


@dataclass(frozen=True)
class Columns:
    """Names of a table's columns; `run` may be missing from the table."""

    run: str = "run"
    step: str = "step"
    agent: str = "agent"
    text: str = "text"


def read_trace(
    paths: str | Path | Sequence[str | Path],
    classify: Classify | None = None,
    *,
    format: str | None = None,
    columns: Columns | None = None,
) -> Trace:
    """Read the runs of one or several files as one trace.

    Parameters
    ----------
    paths : path or sequence of paths
        Files of one format.
    classify : callable, optional
        The silo of an answer, from its text (points are not given). Absent: the text is the silo's name, as in tables
        of labels.
    format : str, optional
        One of :data:`FORMATS`; default: told by the suffix and the first bytes.
    columns : Columns, optional
        For tables: names of the columns, in place of run, step, agent, text.

    Raises
    ------
    InputError
        If a file is not of the format, is damaged or incomplete (an agent without an answer at a step).
    ResourceError
        If it cannot be read, or a package that reads it is missing.
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]
    if not files:
        raise InputError("paths", "no file", "at least one file")
    rows: list[Row] = []
    for file in files:
        _require_file(file)
        reader = FORMATS[_known(format) if format else told_format(file)]
        for row in reader(file, columns or Columns()):
            if len(rows) >= MOST_ROWS:
                raise InputError("paths", str(file), f"a run of at most {MOST_ROWS} answers")
            rows.append(
                row if len(files) == 1 else Row(f"{file.stem}:{row.run}", row.step, row.agent, row.text)
            )
    if not rows:
        raise InputError("paths", str(files[0]), "a file with answers: it holds none")
    return _trace(rows, classify, files[0])


def told_format(path: Path) -> str:
    """Return the format of a file, by its suffix and first bytes.

    Raises
    ------
    InputError
        If it is of none.
    """
    with _opened(path) as file:
        start = file.read(4096)
    suffix = path.suffix.lower()
    if start.startswith(b"SQLite format 3\0"):
        return "oasis"
    if suffix in (".csv", ".parquet", ".eval"):
        return {".csv": "published" if start.startswith(b",0,1") else "csv", ".parquet": "parquet"}.get(
            suffix, "inspect"
        )
    if suffix == ".jsonl":
        return "log" if FORMAT.encode() in start.split(b"\n")[0] else "jsonl"
    if suffix == ".json":
        document = _json(path)
        for name, keys in _KEYS.items():
            if isinstance(document, dict) and keys <= set(document):
                return name
    raise InputError("format", path.name, "given: one of " + ", ".join(FORMATS))


_KEYS = {
    "concordia": {"content_store", "entries"},
    "mesa-llm": {"metadata", "events"},
    "inspect": {"eval", "samples"},
}


def _log(path: Path, _: Columns) -> Rows:
    """Read our own log: silos in the order of the steps; agents that were not asked keep their answers."""
    header, _size = read_header(path)
    settings = header.get("settings", {})
    n, run = settings.get("agents"), str(settings.get("seed", path.stem))
    current: dict[int, str] = {}
    step = 0
    for record in read_answers(path):
        at, agent, text = record.get("step"), record.get("agent"), record.get("text")
        if not (isinstance(at, int) and isinstance(agent, int) and isinstance(text, str)) or at < step:
            raise InputError("paths", str(path), f"a log of answers in order; found {str(record)[:60]}")
        if at > step and len(current) == n:
            yield from (Row(run, s, str(i), current[i]) for s in range(step, at) for i in sorted(current))
        step = at
        current[agent] = text
    if len(current) == n:
        yield from (Row(run, step, str(i), current[i]) for i in sorted(current))


def _published(path: Path, _: Columns) -> Rows:
    """Read a CSV of the published runs: an index, then a column an agent; a cell is the repr of a list of one text."""
    with _Text(path) as file:
        lines = csv.reader(file)
        header = next(lines, [])
        agents = header[1:]
        if not agents or header[0] or agents != [str(i) for i in range(len(agents))]:
            raise InputError(
                "paths", str(path), "a CSV whose header is an empty name, then 0, 1, … one an agent"
            )
        for number, line in enumerate(lines, 2):
            if len(line) != len(header) or not line[0].isdecimal():
                what = f"a CSV of {len(header)} columns, a step first, in row {number}"
                raise InputError("paths", str(path), what)
            for agent, cell in zip(agents, line[1:], strict=True):
                yield Row(path.stem, int(line[0]), agent, _literal(cell, path, number, agent))


def _literal(cell: str, path: Path, number: int, column: str) -> str:
    place = f"the repr of a list of one text in row {number}, column {column}"
    if len(cell) > LONGEST_TEXT:
        raise InputError("paths", str(path), f"{place}, of at most {LONGEST_TEXT} characters")
    try:
        value = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise InputError("paths", str(path), place) from None
    if not (isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)):
        raise InputError("paths", str(path), place)
    return value[0]


def _csv(path: Path, columns: Columns) -> Rows:
    with _Text(path) as file:
        lines = csv.DictReader(file)
        yield from _from_table(lines, lines.fieldnames or [], path, columns, first=2)


def _jsonl(path: Path, columns: Columns) -> Rows:
    def lines() -> Iterator[Mapping[str, Any]]:
        with _opened(path) as file:
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


def _parquet(path: Path, columns: Columns) -> Rows:
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ResourceError("Parquet needs the extra `parquet`: pip install 'mcpolar[parquet]'") from error
    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            wanted = [name for name in vars(columns).values() if name in names]
            batches = file.iter_batches(columns=wanted)
            records = itertools.chain.from_iterable(batch.to_pylist() for batch in batches)
            yield from _from_table(records, names, path, columns, first=1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "paths", str(path), f"a Parquet file ({' '.join(str(error).split())[:80]})"
        ) from None


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
        step = _step(record[columns.step], path, f"row {number}, column {columns.step}")
        yield Row(str(record.get(columns.run) or path.stem), step, str(record[columns.agent]), text)


def _step(value: Any, path: Path, place: str) -> int:
    try:
        step = int(str(value)) if not isinstance(value, float) else int(value) if value.is_integer() else -1
    except ValueError:
        step = -1
    if isinstance(value, bool) or not 0 <= step < 2**62:
        raise InputError(
            "paths", str(path), f"a run with a whole number >= 0 in {place}; found {str(value)[:40]!r}"
        )
    return step


def _concordia(path: Path, _: Columns) -> Rows:
    """Read Concordia's SimulationLog: entries of type "entity"; texts that stand once in the store are referred to."""
    document = _json(path)
    store = document.get("content_store")
    if not isinstance(store, dict):
        raise InputError("paths", str(path), "a simulation log with an object content_store")
    for number, entry in enumerate(_entries(document, "entries", path)):
        if entry.get("entry_type") != "entity":
            continue
        place = f"entry {number}"
        text = _text_of(_resolved(entry.get("deduplicated_data"), store, path, place), entry.get("summary"))
        yield Row(path.stem, _step(entry.get("step"), path, place), str(entry.get("entity_name")), text)


def _resolved(value: Any, store: Mapping[str, Any], path: Path, place: str, depth: int = 0) -> Any:
    if depth > 20:
        raise InputError("paths", str(path), f"references at most 20 deep in {place}")
    if isinstance(value, dict):
        if set(value) == {"_ref"}:
            if value["_ref"] not in store:
                raise InputError("paths", str(path), f"a reference that the content store holds in {place}")
            return _resolved(store[value["_ref"]], store, path, place, depth + 1)
        return {key: _resolved(one, store, path, place, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(one, store, path, place, depth + 1) for one in value]
    return value


def _text_of(data: Any, summary: Any) -> str:
    """Return the answer in an entry's data: its text, or its value, or the summary."""
    if isinstance(data, str):
        return data[:LONGEST_TEXT]
    if isinstance(data, dict):
        for key in ("text", "Value", "value", "content", "action"):
            if isinstance(data.get(key), str):
                return str(data[key])[:LONGEST_TEXT]
    return str(summary or "")[:LONGEST_TEXT]


def _mesa(path: Path, _: Columns) -> Rows:
    """Read the JSON of mesa-llm's recorder: the last message or action of every agent at every step."""
    found: dict[tuple[int, str], str] = {}
    for number, event in enumerate(_entries(_json(path), "events", path)):
        if event.get("event_type") in ("message", "action") and event.get("agent_id") is not None:
            step = _step(event.get("step"), path, f"event {number}")
            found[step, str(event["agent_id"])] = _text_of(event.get("content"), event.get("content"))
    yield from (Row(path.stem, step, agent, text) for (step, agent), text in sorted(found.items()))


def _inspect(path: Path, _: Columns) -> Rows:
    """Read inspect's log, .json or .eval: a sample is an agent, an epoch a step, the answer its completion."""
    if path.suffix.lower() == ".eval":
        samples: Iterable[Any] = _eval_samples(path)
    else:
        samples = _entries(_json(path), "samples", path)
    for number, sample in enumerate(samples):
        place = f"sample {number}"
        output = sample.get("output") if isinstance(sample, dict) else None
        choices = output.get("choices") if isinstance(output, dict) else None
        text = output.get("completion") if isinstance(output, dict) else None
        if text is None and isinstance(choices, list) and choices:
            message = choices[0].get("message", {}) if isinstance(choices[0], dict) else {}
            text = message.get("content") if isinstance(message, dict) else None
        if not isinstance(text, str) or sample.get("id") is None:
            raise InputError("paths", str(path), f"an id and an output with a completion in {place}")
        yield Row(
            path.stem, _step(sample.get("epoch", 0), path, place), str(sample["id"]), text[:LONGEST_TEXT]
        )


def _eval_samples(path: Path) -> Iterator[Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                name for name in archive.namelist() if name.startswith("samples/") and name.endswith(".json")
            ]
            for name in names:
                yield _loads(_unzipped(archive, name, path), path, name)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, EOFError):
        raise InputError("paths", str(path), "an .eval file, which is a zip archive") from None


def _unzipped(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > LARGEST_ENTRY:
        raise InputError("paths", str(path), f"an archive whose {name} has at most {LARGEST_ENTRY} bytes")
    if info.compress_type == 93:
        raise InputError(
            "paths", str(path), "stored without zstd: convert it by `inspect log convert --to json`"
        )
    try:
        with archive.open(info) as entry:
            data = entry.read(LARGEST_ENTRY + 1)
    except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile, EOFError) as error:
        raise InputError("paths", str(path), f"an archive whose {name} can be read ({error})") from None
    if len(data) > LARGEST_ENTRY:
        raise InputError("paths", str(path), f"an archive whose {name} has the size that it declares")
    return data


def _oasis(path: Path, _: Columns) -> Rows:
    """Read OASIS's SQLite: the posts; a step is the rank of the time at which a post was made."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        database = sqlite3.connect(uri, uri=True)
        try:
            rows = database.execute(
                "SELECT user_id, created_at, substr(content, 1, ?) FROM post ORDER BY created_at, post_id",
                (LONGEST_TEXT,),
            ).fetchmany(MOST_ROWS)
        finally:
            database.close()
    except sqlite3.Error as error:
        raise InputError("paths", str(path), f"an OASIS database with a table post ({error})") from None
    ranks = {time: rank for rank, time in enumerate(sorted({str(row[1]) for row in rows}))}
    last: dict[tuple[int, str], str] = {}
    for user, time, content in rows:
        last[ranks[str(time)], str(user)] = str(content)
    yield from (Row(path.stem, step, user, text) for (step, user), text in last.items())


Reader: TypeAlias = Callable[[Path, Columns], Rows]
FORMATS: dict[str, Reader] = {
    "log": _log,
    "published": _published,
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "concordia": _concordia,
    "mesa-llm": _mesa,
    "inspect": _inspect,
    "oasis": _oasis,
}
"""Formats by name: our log, the published runs' CSV, long tables, logs of Concordia, mesa-llm, inspect and OASIS."""


def _known(name: str) -> str:
    if name not in FORMATS:
        raise InputError("format", name, "one of " + ", ".join(FORMATS))
    return name


def _trace(rows: Sequence[Row], classify: Classify | None, path: Path) -> Trace:
    """Return the trace; an agent that is silent at a step keeps its silo, and steps before all have spoken go."""
    runs, agents = _ordered(row.run for row in rows), _ordered(row.agent for row in rows)
    steps = sorted({row.step for row in rows})
    names, silo_of = _silos_of(rows, classify)
    at = {step: index for index, step in enumerate(steps)}
    which = {agent: index for index, agent in enumerate(agents)}
    number = {run: index for index, run in enumerate(runs)}
    unseen = OTHER - 1
    silos = np.full((len(runs), len(steps), len(agents)), unseen, dtype=np.int64)
    for row, silo in zip(rows, silo_of, strict=True):
        silos[number[row.run], at[row.step], which[row.agent]] = silo
    for record in range(1, len(steps)):
        silos[:, record] = np.where(silos[:, record] == unseen, silos[:, record - 1], silos[:, record])
    spoken = (silos != unseen).all(axis=(0, 2))
    if not spoken.any():
        run, agent = (int(axis[0]) for axis in np.nonzero((silos == unseen).all(axis=1)))
        what = f"a file in which every agent answers in every run: {agents[agent]} does not in {runs[run]}"
        raise InputError("paths", str(path), what)
    first = int(spoken.argmax())
    return Trace(silos[:, first:], names, np.array(steps[first:]), tuple(agents), tuple(runs))


def _silos_of(rows: Sequence[Row], classify: Classify | None) -> tuple[tuple[str, ...], Sequence[int]]:
    if classify is None:
        names = tuple(_ordered(row.text for row in rows))
        index = {name: at for at, name in enumerate(names)}
        return names, [index[row.text] for row in rows]
    texts = [row.text for row in rows]
    return tuple(classify.names), classify(texts, np.empty((len(texts), 0))).tolist()


def _ordered(values: Iterable[str]) -> list[str]:
    """Return the different values; whole numbers by size, before and apart from other texts in order of appearance."""
    found = dict.fromkeys(values)
    numbers = sorted((value for value in found if value.isdecimal()), key=int)
    return numbers + [value for value in found if not value.isdecimal()]


def _require_file(path: Path) -> None:
    if not path.exists():
        raise InputError("paths", str(path), "a file that exists")
    if not path.is_file():
        raise InputError("paths", str(path), "a regular file")
    if path.stat().st_size > LARGEST_FILE:
        raise InputError("paths", str(path), f"a file of at most {LARGEST_FILE} bytes")


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise ResourceError(f"cannot read {path}: {error.strerror or error}") from error


class _Text:
    """A text file of UTF-8; bytes that are not are an error that names the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> io.TextIOBase:
        csv.field_size_limit(LONGEST_LINE)
        self._file = io.TextIOWrapper(_opened(self._path), encoding="utf-8", newline="")
        return self._file

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        self._file.close()
        if isinstance(error, UnicodeDecodeError | csv.Error):
            raise InputError("paths", str(self._path), f"a CSV in UTF-8 ({error})") from None


def _json(path: Path) -> dict[str, Any]:
    with _opened(path) as file:
        data = file.read(LARGEST_ENTRY + 1)
    if len(data) > LARGEST_ENTRY:
        raise InputError("paths", str(path), f"a JSON document of at most {LARGEST_ENTRY} bytes")
    found = _loads(data, path, "the document")
    if not isinstance(found, dict):
        raise InputError("paths", str(path), "a JSON object")
    return found


def _loads(data: bytes, path: Path, what: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InputError("paths", str(path), f"JSON: {what} is not") from None


def _entries(document: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    entries = document.get(key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError("paths", str(path), f"a document whose {key} is a list of objects")
    return entries
