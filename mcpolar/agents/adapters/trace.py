"""Files of runs as one trace: which format each is of, and what their rows make."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mcpolar.agents.adapters.frameworks import concordia_rows, inspect_rows, mesa_rows, oasis_rows
from mcpolar.agents.adapters.reading import (
    MOST_ROWS,
    Columns,
    Reader,
    Row,
    json_document,
    opened,
    require_file,
)
from mcpolar.agents.adapters.runs import condition_in, log_rows, named_parts, published_rows
from mcpolar.agents.adapters.tables import csv_rows, jsonl_rows, parquet_rows
from mcpolar.agents.log import FORMAT
from mcpolar.agents.silos import OTHER, Classify
from mcpolar.agents.texts import encodable, shown
from mcpolar.agents.traces import Condition, Trace
from mcpolar.checks import whole_number
from mcpolar.errors import InputError


def read_trace(
    paths: str | Path | Sequence[str | Path],
    classify: Classify | None = None,
    *,
    format: str | None = None,
    columns: Columns | None = None,
    until: int | None = None,
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

    until : int, optional
        Last step that is read; default all. Several runs must end at the same step.

    Raises
    ------
    InputError
        If a file is not of the format, is damaged or incomplete (an agent without an answer at a step).
    ResourceError
        If it cannot be read, or a package that reads it is missing.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.agents import AgentSettings, FakeAnswer, FakeEmbed, Keywords, simulate_agents
    >>> names, log = ("rose", "tulip", "iris"), tempfile.mkdtemp() + "/log.jsonl"
    >>> run = simulate_agents(
    ...     AgentSettings(agents=3, steps=6), [[f"{name}."] for name in names],
    ...     answer=FakeAnswer(names), embed=FakeEmbed(), classify=Keywords(names), log=log,
    ... )
    >>> bool((read_trace(log, Keywords(names)).silos == run.trace.silos).all())
    True
    """
    files = [Path(paths)] if isinstance(paths, str | Path) else [Path(one) for one in paths]
    if not files:
        raise InputError("paths", "no file", "at least one file")
    for file in files:
        require_file(file)
    if len({file.resolve() for file in files}) < len(files):
        raise InputError("paths", [str(file) for file in files], "different files: one run is counted once")
    last = None if until is None else whole_number("until", until, 0, 2**63 - 1)
    rows: list[Row] = []
    conditions: dict[str, Condition | None] = {}
    for name, parts in named_parts(files).items():
        start = 0
        for part in parts:
            form = _known(format) if format else told_format(part)
            first = len(rows)
            for row in FORMATS[form](part, columns or Columns()):
                if last is not None and row.step + start > last:
                    continue
                if len(rows) >= MOST_ROWS:
                    raise InputError("paths", str(part), f"a run of at most {MOST_ROWS} answers")
                run = row.run if len(files) == 1 else name if row.run == part.stem else f"{name}:{row.run}"
                rows.append(Row(run, row.step + start, row.agent, encodable(row.text)))
                conditions.setdefault(run, condition_in(part, form))
            start = max((row.step for row in rows[first:]), default=start - 1) + 1
    if not rows:
        raise InputError("paths", str(files[0]), "a file with answers: it holds none")
    return _trace(rows, classify, files[0], conditions)


def told_format(path: Path) -> str:
    """Return the format of a file, by its suffix and first bytes.

    Raises
    ------
    InputError
        If it is of none.
    """
    with opened(path) as file:
        start = file.read(4096)
    suffix = path.suffix.lower()
    if start.startswith(b"SQLite format 3\0"):
        return "oasis"
    if suffix in (".csv", ".parquet", ".eval"):
        return {
            ".csv": "published" if start.removeprefix(codecs.BOM_UTF8).startswith(b",0,1") else "csv",
            ".parquet": "parquet",
        }.get(suffix, "inspect")
    if suffix == ".jsonl":
        return "log" if FORMAT.encode() in start.split(b"\n")[0] else "jsonl"
    if suffix == ".json":
        document = json_document(path)
        for name, keys in _KEYS.items():
            if isinstance(document, dict) and keys <= set(document):
                return name
    raise InputError("format", path.name, "given: one of " + ", ".join(FORMATS))


_KEYS = {
    "concordia": {"content_store", "entries"},
    "mesa-llm": {"metadata", "events"},
    "inspect": {"eval", "samples"},
}


FORMATS: dict[str, Reader] = {
    "log": log_rows,
    "published": published_rows,
    "csv": csv_rows,
    "jsonl": jsonl_rows,
    "parquet": parquet_rows,
    "concordia": concordia_rows,
    "mesa-llm": mesa_rows,
    "inspect": inspect_rows,
    "oasis": oasis_rows,
}
"""Formats by name: our log, the published runs' CSV, long tables, logs of Concordia, mesa-llm, inspect and OASIS."""


def _known(name: str) -> str:
    if name not in FORMATS:
        raise InputError("format", name, "one of " + ", ".join(FORMATS))
    return name


def _trace(
    rows: Sequence[Row],
    classify: Classify | None,
    path: Path,
    conditions: Mapping[str, Condition | None],
) -> Trace:
    """Return the trace; an agent that is silent at a step keeps its silo, and steps before all have spoken go."""
    _require_equal_ends(rows, path)
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
    known = tuple(conditions[run] for run in runs)
    return Trace(silos[:, first:], names, np.array(steps[first:]), tuple(agents), tuple(runs), known)


def _require_equal_ends(rows: Sequence[Row], path: Path) -> None:
    """Refuse runs that end at different steps: nobody knows what the shorter ones would have done."""
    ends: dict[str, int] = {}
    for row in rows:
        ends[row.run] = max(ends.get(row.run, 0), row.step)
    shortest, longest = (choose(ends, key=ends.__getitem__) for choose in (min, max))
    if ends[shortest] < ends[longest]:
        found = ", ".join(f"{shown(run)} ends at {ends[run]}" for run in (shortest, longest))
        raise InputError("paths", str(path), f"runs that end at one step: {found} (`until` cuts them)")


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
