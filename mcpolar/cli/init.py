"""`mcpolar init`: a commented file of options, made from the commands that read it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from mcpolar.cli.configuration import CHAIN, FLAG, POPULATION, TABLES
from mcpolar.cli.destinations import Destination
from mcpolar.cli.messages import shown_name
from mcpolar.errors import InputError

WIDTH = 88
NOT_FOR_FILES = (FLAG, "--output", "--format")
"""Options that belong to a call, not to a study."""
HEAD = """\
# Options of mcpolar, read by `mcpolar study --config FILE` and `mcpolar run STORE --config FILE`.
# What is typed on the command line goes before what is here. A line that begins with # is a comment: remove the #
# to set an option. Numbers such as sigma are best written as texts: "0.3" is exactly that decimal.
"""


def init(*, output: Annotated[Path | None, Destination((".toml",))] = None) -> None:
    """Write a commented configuration file, with every option of `study` and `run` and its default.

    Parameters
    ----------
    output
        File to write (.toml) instead of standard output; one that is there is left as it is.
    """
    from mcpolar.report.tables import put

    if output is not None and output.exists() and output.is_file() and output.stat().st_size:
        raise InputError(
            "output", str(output), "a file that is not there yet; what is there is left as it is"
        )
    put(template(), output)


def template() -> str:
    """Return the file's text."""
    from mcpolar.cli.application import application

    app = application()
    study = dict(_options(app["study"]))
    parts = [HEAD, *_table(POPULATION, {name: study[name] for name in CHAIN}, is_set=True)]
    for command in TABLES[1:]:
        options = {name: one for name, one in _options(app[command]) if name not in CHAIN or command == "run"}
        parts += _table(command, options, is_set=False)
    return "\n".join(parts)


def _options(app: Any) -> Iterator[tuple[str, Any]]:
    for argument in app.assemble_argument_collection(parse_docstring=True):
        name = shown_name(argument)
        if name.startswith("--") and name not in NOT_FOR_FILES and argument.show:
            yield name.removeprefix("--"), argument


def _table(name: str, options: dict[str, Any], *, is_set: bool) -> Iterator[str]:
    yield f"[{name}]"
    for option, argument in options.items():
        text = " ".join(str(argument.parameter.help or "").split())
        yield from (f"# {line}" for line in textwrap.wrap(text, WIDTH, break_on_hyphens=False))
        default = argument.field_info.default
        is_absent = default is None or default is argument.field_info.empty
        value = _example(option) if is_absent else _toml(default)
        yield f"{'' if is_set and not is_absent else '# '}{option} = {value}"
        yield ""


def _example(option: str) -> str:
    """Return a value for an option without a default, to be changed."""
    return {
        "neighbours": "14",
        "mirror": '"0.1"',
        "scheduler": '"local"',
        "start-level": '"2"',
        "every": "30",
        "split": "15",
        "workers": "2",
    }.get(option, '""')


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else f'"{value}"'
