"""The option `--start`: a named law of starts, or a file of states."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast, get_args

from mcpolar.chain import ChainState, Start, read_state
from mcpolar.choices import StartKind
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters

NAMES = get_args(StartKind)


def read_start(given: str, chain: ChainParameters, **options: Any) -> Start | ChainState:
    """Return the named start with those of `options` that are given, or the states of a file.

    Raises
    ------
    InputError
        If it is neither a name nor a file, or the states do not fit the parameters.
    """
    if given in NAMES:
        return Start(
            cast(StartKind, given), **{name: value for name, value in options.items() if value is not None}
        )
    if not Path(given).exists():
        allowed = "one of " + ", ".join(NAMES) + ", or a file of states that is there"
        raise InputError("start", given, allowed)
    try:
        return read_state(given, chain)
    except InputError as error:  # it speaks of the file's arrays, which are not options
        what = "" if error.name in ("path", "state") else f"whose {error.name} is "
        found = given if error.name == "path" else f"{error.value} in {given}"
        raise InputError("start", found, f"a file of states {what}{error.allowed}") from None
