"""Logs of our own runs, and files of the published ones."""

from __future__ import annotations

import ast
import csv
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeGuard

from mcpolar.agents.adapters.reading import LONGEST_TEXT, Columns, OpenText, Row, Rows
from mcpolar.agents.log import read_answers
from mcpolar.agents.run import condition_of, settings_of
from mcpolar.agents.settings import AgentSettings
from mcpolar.agents.texts import shown
from mcpolar.agents.traces import Condition
from mcpolar.errors import InputError

_PUBLISHED = re.compile(r"output(\d)_(\d{1,3})_(\d{1,6})(_2nd)?")
"""Names of the published runs' files: ten times the mirror probability, k, and the replicate."""


def named_parts(files: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the runs' names and files: the two halves of a published run, given together, are one run."""
    wholes: dict[Path, list[Path]] = {}
    for file in sorted(files, key=lambda one: one.stem.endswith("_2nd")):
        first = file.with_name(file.name.replace("_2nd", ""))
        is_half = _PUBLISHED.fullmatch(file.stem) is not None and first != file and first in wholes
        wholes.setdefault(first if is_half else file, []).append(file)
    found: dict[str, list[Path]] = {}
    for file in files:
        if file in wholes:
            name = file.stem
            while name in found:
                name += "'"
            found[name] = wholes[file]
    return found


def condition_in(path: Path, form: str) -> Condition | None:
    """Return mirror probability and neighbourhood: of our log from its settings, of published runs from the name."""
    named = _PUBLISHED.fullmatch(path.stem)
    if form == "published" and named is not None:
        return Condition(int(named[1]) / 10, int(named[2]))
    return condition_of(settings_of(path)[0]) if form == "log" else None


def log_rows(path: Path, _: Columns) -> Rows:
    """Read our own log: silos in the order of the steps; agents that were not asked keep their answers."""
    settings = settings_of(path)[0]
    n, run = settings.agents, str(settings.seed)
    current: dict[int, str] = {}
    step, new = 0, set[int]()
    for record in read_answers(path):
        at, agent, text = record.get("step"), record.get("agent"), record.get("text")
        if not (_is_whole(at) and _is_whole(agent) and isinstance(text, str)) or not 0 <= agent < n:
            raise _disorder(record, path)
        if at == step + 1 and len(new) == _asked(settings, step):
            yield from (Row(run, step, str(i), current[i]) for i in range(n))
            step, new = at, set()
        if at != step or agent in new:
            raise _disorder(record, path)
        new.add(agent)
        current[agent] = text
    if len(new) == _asked(settings, step):  # a step that a kill cut off is left out
        yield from (Row(run, step, str(i), current[i]) for i in range(n))


def _asked(settings: AgentSettings, step: int) -> int:
    """Return how many agents answer at a step."""
    return 1 if step and settings.schedule == "single" else settings.agents


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _disorder(record: Any, path: Path) -> InputError:
    what = f"a log of answers in order, each agent once a step; found {shown(str(record))}"
    return InputError("paths", str(path), what)


def published_rows(path: Path, _: Columns) -> Rows:
    """Read a CSV of the published runs: an index, then a column an agent; a cell is the repr of a list of one text."""
    with OpenText(path) as file:
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
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of escapes that Python does not know, which are left as they are
            value = ast.literal_eval(cell.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise InputError("paths", str(path), place) from None
    if not (isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)):
        raise InputError("paths", str(path), place)
    return value[0]
