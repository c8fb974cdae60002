"""Certified bounds for the page: quick ones at once, others by a process of `mcpolar bound` that can be ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mcpolar
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound
from mcpolar.statements import Statement, find_probability

DIGITS = 5
SECONDS = 120.0
"""How long a bound is looked for."""
QUICK_ARGUMENTS = {"steps"}
"""Bounds for a horizon that must be given are formulas: they take milliseconds. Others are searched for."""
MOST_AGENTS, MOST_MEMORY = 1000, 100


class Superseded(Exception):  # noqa: N818 - the user's own doing, no error
    """The page asked for another bound of the same statement."""


class Calculator:
    """Certified bounds; of each statement that is searched for, the newest question alone is worked on."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[str, subprocess.Popen[str]] = {}

    def bound(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Return what the page shows of a bound.

        Parameters
        ----------
        query : mapping
            `statement`, `m`, `r`, `sigma`, optionally `k`, and the statement's options; others are left out.

        Raises
        ------
        InputError
            If a value is missing or not allowed.
        Superseded
            If the same statement was asked for again before this was found.
        ResourceError
            If it was not found in time.

        Examples
        --------
        >>> asked = {"statement": "theorem2", "m": "30", "r": "5", "sigma": "0.3", "level": "1", "steps": "1021"}
        >>> Calculator().bound(asked)["lower"]
        '2.7987e-45'
        """
        found = find_probability(_given(query, "statement"))
        if not found.takes_chain:
            raise InputError("statement", found.command, "about the chain of two components")
        chain = _chain(query)
        options = {option.name: query[option.name] for option in found.options if query.get(option.name)}
        values = {name: text if name == "steps" else _whole(name, text) for name, text in options.items()}
        if QUICK_ARGUMENTS & {name for name, is_needed in found.arguments.items() if is_needed}:
            return _shown(found.evaluate(_population(chain), values))
        if not found.arguments.get("steps", True):
            values.pop("steps", None)  # the best horizon, or all time
        return self._search(found, chain, values)

    def close(self) -> None:
        """End what is being computed."""
        with self._lock:
            for process in self._running.values():
                process.kill()

    def _search(self, found: Statement, chain: ChainParameters, values: Mapping[str, Any]) -> dict[str, Any]:
        words = _words(found, chain, values)
        with self._lock:
            if found.name in self._running:
                self._running[found.name].kill()
            process = _start(words)
            self._running[found.name] = process
        with process:
            try:
                out, err = process.communicate(timeout=self._seconds)
            except subprocess.TimeoutExpired:
                raise ResourceError(f"not found within {self._seconds:g} seconds") from None
            finally:
                process.kill()
                with self._lock:
                    is_newest = self._running.get(found.name) is process
                    if is_newest:
                        del self._running[found.name]
        if not is_newest:
            raise Superseded
        if process.returncode != 0:
            raise ResourceError(err.strip().splitlines()[-1] if err.strip() else "the computation was ended")
        return _record(json.loads(out))


def _given(query: Mapping[str, str], name: str) -> str:
    if not query.get(name):
        raise InputError(name, "nothing", "given")
    return query[name]


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InputError(name, text, "a whole number") from None


def _chain(query: Mapping[str, str]) -> ChainParameters:
    m = whole_number("m", _whole("m", _given(query, "m")), 2, MOST_AGENTS)
    r = whole_number("r", _whole("r", _given(query, "r")), 1, MOST_MEMORY)
    k = _whole("k", query["k"]) if query.get("k") else None
    return ChainParameters(m=m, r=r, sigma=_given(query, "sigma"), k=k)


def _population(chain: ChainParameters) -> dict[str, Any]:
    return {name: value for name, value in chain.as_dict().items() if value is not None}


def _words(found: Statement, chain: ChainParameters, values: Mapping[str, Any]) -> list[str]:
    """Return the command that computes it; every word comes from a number that was read."""
    words = ["bound", found.command, "--agents", str(chain.m), "--memory", str(chain.r)]
    words += ["--sigma", str(chain.as_dict()["sigma"])]
    words += [] if chain.k is None else ["--neighbours", str(chain.k)]
    for option in found.options:
        words += [option.flag, str(values[option.name])] if option.name in values else []
    return [*words, "--digits", str(DIGITS), "--format", "json"]


def _start(words: list[str]) -> subprocess.Popen[str]:
    """Start our own command, from where this package is and not from the folder that the user is in."""
    places = [str(Path(mcpolar.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "mcpolar", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment,
    )  # fmt: skip


def _shown(bound: Bound) -> dict[str, Any]:
    record = {
        name: value for name, value in vars(bound).items() if name in ("statement", "horizon_steps", "event")
    }
    return _record(
        record
        | {"lower": bound.lower(DIGITS), "log10": bound.log10, "failure": bound.failure_upper(DIGITS)}
        | {"assumptions": [vars(assumption) for assumption in bound.assumptions], "notes": list(bound.notes)}
    )


def _record(bound: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the page shows, of a bound in the command line's JSON."""
    failed = [assumption["text"] for assumption in bound["assumptions"] if not assumption["holds"]]
    log10 = bound["log10"]
    return {
        "statement": bound["statement"],
        "lower": bound["lower"],
        "log10": None if log10 in (None, float("-inf")) else log10,
        "failure": bound["failure"],
        "steps": bound["horizon_steps"],
        "event": bound["event"],
        "applies": not failed,
        "failed": failed,
        "notes": list(bound["notes"]),
    }
