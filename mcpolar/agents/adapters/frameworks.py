"""Logs of kept frameworks: Concordia, mesa-llm, inspect and OASIS."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcpolar.agents.adapters.reading import (
    LARGEST_ENTRY,
    LARGEST_FILE,
    LONGEST_TEXT,
    MOST_ROWS,
    Columns,
    Row,
    Rows,
    entries_of,
    json_document,
    loads,
    step_of,
)
from mcpolar.errors import InputError

MOST_RESOLVED = 5_000_000
"""Values that the references of one document may unfold to."""


def concordia_rows(path: Path, _: Columns) -> Rows:
    """Read Concordia's SimulationLog: entries of type "entity"; texts that stand once in the store are referred to."""
    document = json_document(path)
    store = document.get("content_store")
    if not isinstance(store, dict):
        raise InputError("paths", str(path), "a simulation log with an object content_store")
    references = _References(store, path)
    for number, entry in enumerate(entries_of(document, "entries", path)):
        if entry.get("entry_type") != "entity":
            continue
        place = f"entry {number}"
        text = _text_of(references.resolved(entry.get("deduplicated_data"), place), entry.get("summary"))
        yield Row(path.stem, step_of(entry.get("step"), path, place), str(entry.get("entity_name")), text)


@dataclass
class _References:
    """The content store of one document; `left` counts values down, since references can multiply them."""

    store: Mapping[str, Any]
    path: Path
    left: int = MOST_RESOLVED

    def resolved(self, value: Any, place: str, depth: int = 0) -> Any:
        """Return a value with what it refers to in place of the references."""
        self.left -= 1
        if depth > 20 or self.left < 0:
            what = f"references at most 20 deep, and at most {MOST_RESOLVED} values in all, in {place}"
            raise InputError("paths", str(self.path), what)
        if isinstance(value, dict):
            if set(value) == {"_ref"}:
                if not isinstance(value["_ref"], str) or value["_ref"] not in self.store:
                    raise InputError(
                        "paths", str(self.path), f"a reference that the content store holds in {place}"
                    )
                return self.resolved(self.store[value["_ref"]], place, depth + 1)
            return {key: self.resolved(one, place, depth + 1) for key, one in value.items()}
        if isinstance(value, list):
            return [self.resolved(one, place, depth + 1) for one in value]
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


def mesa_rows(path: Path, _: Columns) -> Rows:
    """Read the JSON of mesa-llm's recorder: the last message or action of every agent at every step."""
    found: dict[tuple[int, str], str] = {}
    for number, event in enumerate(entries_of(json_document(path), "events", path)):
        if event.get("event_type") in ("message", "action") and event.get("agent_id") is not None:
            step = step_of(event.get("step"), path, f"event {number}")
            found[step, str(event["agent_id"])] = _text_of(event.get("content"), event.get("content"))
    yield from (Row(path.stem, step, agent, text) for (step, agent), text in sorted(found.items()))


def inspect_rows(path: Path, _: Columns) -> Rows:
    """Read inspect's log, .json or .eval: a sample is an agent, an epoch a step, the answer its completion."""
    if path.suffix.lower() == ".eval":
        samples: Iterable[Any] = _eval_samples(path)
    else:
        samples = entries_of(json_document(path), "samples", path)
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
            path.stem, step_of(sample.get("epoch", 0), path, place), str(sample["id"]), text[:LONGEST_TEXT]
        )


def _eval_samples(path: Path) -> Iterator[Any]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [
                name for name in archive.namelist() if name.startswith("samples/") and name.endswith(".json")
            ]
            total = sum(archive.getinfo(name).file_size for name in names)
            if total > LARGEST_FILE:
                raise InputError("paths", str(path), f"an archive of at most {LARGEST_FILE} bytes, unpacked")
            for name in names:
                yield loads(_unzipped(archive, name, path), path, name)
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


def oasis_rows(path: Path, _: Columns) -> Rows:
    """Read OASIS's SQLite: the posts; a step is the rank of the time at which a post was made."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise InputError("paths", str(path), f"a database that is closed: {wal.name} holds changes beside it")
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        database = sqlite3.connect(uri, uri=True)
        try:
            made = database.execute("SELECT type, sql FROM sqlite_master WHERE name = 'post'").fetchone()
            if made is not None and not (
                made[0] == "table" and str(made[1]).upper().startswith("CREATE TABLE")
            ):
                raise InputError("paths", str(path), "a database in which post is a table, not computed")
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
