"""Where a page's numbers come from: hashes of its files, commands that give them again, seeds and versions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from mcpolar.errors import InputError
from mcpolar.report.html.reading import Result
from mcpolar.report.provenance import provenance
from mcpolar.report.tables import spoken
from mcpolar.statements import find

POPULATION = {"m": "--agents", "r": "--memory", "sigma": "--sigma", "k": "--neighbours", "mirror": "--mirror"}


def origin_of(result: Result) -> list[str]:
    """Return a file's name, its hash, its command or parameters, its seed and the versions that it names."""
    record = result.record if isinstance(result.record, Mapping) else {}
    estimate = record.get("estimate")
    seed = record.get("seed", estimate.get("seed") if isinstance(estimate, Mapping) else None)
    return [
        result.name,
        result.sha256,
        command_of(record) or spoken(record.get("parameters") or "see its table"),
        "none" if seed is None else str(seed),
        spoken(record["versions"]) if isinstance(record.get("versions"), Mapping) else "none",
    ]


def command_of(record: Mapping[str, Any]) -> str | None:
    """Return the command that gives a bound again; None for another record, or a statement that we do not know.

    Examples
    --------
    >>> parameters = {"m": 30, "r": 5, "sigma": "0.3", "k": None, "level": 1, "steps": "10*m*log(m)"}
    >>> command_of({"statement": "theorem2", "variant": "certified", "assumptions": [], "parameters": parameters})
    "mcpolar bound theorem2 --agents 30 --memory 5 --sigma 0.3 --level 1 --steps '10*m*log(m)'"
    """
    given = record.get("parameters")
    if "assumptions" not in record or not isinstance(given, Mapping):
        return None
    try:
        statement = find(str(record.get("statement")))
    except InputError:
        return None
    if not statement.takes_chain:
        return None
    flags = POPULATION | {option.name: option.flag for option in statement.options}
    words = ["mcpolar", "bound", statement.command]
    for name, flag in flags.items():
        if given.get(name) is not None and not (name == "level" and given.get("log_odds") is not None):
            words += [flag, str(given[name])]
    if record.get("variant") != statement.variants[0]:
        words += ["--variant", str(record.get("variant"))]
    return shlex.join(words)


def own_origin(results: Sequence[Result], title: str) -> dict[str, str]:
    """Return the command that made the page, the versions, and what draws."""
    names = [result.name for result in results]
    own = provenance({}, None)
    return {
        "command": shlex.join(["mcpolar", "report", *names, "--title", title, "--output", "report.html"]),
        "versions": spoken(own["versions"]),
        "platform": own["platform"],
    }
