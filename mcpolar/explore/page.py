"""The page: one file made of readable sources, with a content policy that names its own scripts and nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

SCRIPTS = ("bounds", "chain", "app")


@cache
def page(*, is_served: bool = False) -> str:
    """Return the explorer as one HTML file.

    Parameters
    ----------
    is_served : bool
        Whether `mcpolar explore` serves it and certifies what it previews; else it asks for nothing, from anywhere.

    Examples
    --------
    >>> page().startswith("<!doctype html>"), "connect-src 'none'" in page()
    (True, True)
    """
    sources = {name: _source(f"{name}.js") for name in SCRIPTS}
    style = _source("page.css")
    values = {**sources, "style": style, "server": "yes" if is_served else "no"}
    values["policy"] = content_policy(style, list(sources.values()), is_served=is_served)
    # marks are replaced one after another in the template alone: sources may hold braces
    pieces = _source("page.html").split("{")
    text = [pieces[0]]
    for piece in pieces[1:]:
        name, _, rest = piece.partition("}")
        text += [values[name], rest]
    return "".join(text)


def content_policy(style: str, scripts: list[str], *, is_served: bool) -> str:
    """Return a policy that lets run what the page was built from: by hash, no `unsafe-inline`, no `eval`."""
    allowed = {
        "default-src": ["'none'"],
        "script-src": [_hash(script) for script in scripts],
        "style-src": [_hash(style)],
        "worker-src": ["blob:"],
        "connect-src": ["'self'" if is_served else "'none'"],
        "img-src": ["data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in allowed.items())


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _source(name: str) -> str:
    return (files("mcpolar.explore") / name).read_text(encoding="utf-8")
