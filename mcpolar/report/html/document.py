"""The page: sections as HTML, the scripts that draw, and a content policy that lets nothing else run or load."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from mcpolar.report.html.figures import Figure, Table
from mcpolar.report.html.origins import origin_of, own_origin
from mcpolar.report.html.reading import Result
from mcpolar.report.html.sections import STATUS, Section, overview, section_of

LIBRARIES = ("vega", "vega-lite", "vega-embed")
FEW_ROWS = 30
"""A table of so many rows stands open below its figure."""


def report_page(results: Sequence[Result], title: str = "What was found") -> str:
    """Return one HTML file that shows results, whichever of our commands wrote them.

    Parameters
    ----------
    results : sequence of Result
        From :func:`~mcpolar.report.html.reading.read_results`.
    title : str
        The page's title.

    Examples
    --------
    >>> row = {"statement": "toy", "variant": "certified", "parameters": {"m": 3}, "horizon_steps": 9,
    ...        "lower": "1.0e-700", "log10": -700.0, "assumptions": [], "event": "The probability of it."}
    >>> page = report_page([Result("toy.json", row, "00", 2)])
    >>> "The chance is at least 1.0e-700." in page, "http://" in page.partition("<script")[0]
    (True, False)
    """
    sections = [section_of(result) for result in results]
    figures: list[Figure] = []
    body = [_glance(sections, figures), *(_section(one, figures, f"r{i}") for i, one in enumerate(sections))]
    body.append(_origins(results, title))
    libraries = [_source(f"vendor/{name}.min.js") for name in LIBRARIES] if figures else []
    script, style = _source("report.js"), _source("report.css")
    specs = json.dumps([figure.spec for figure in figures], ensure_ascii=False, allow_nan=False)
    values = {
        "policy": _policy([*libraries, script], style),
        "title": escape(title),
        "style": style,
        "contents": _contents(sections),
        "body": "\n".join(body),
        # "<" would end the script, or begin a comment in it
        "specs": specs.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"),
        "libraries": "".join(f"<script>{library}</script>\n" for library in libraries),
        "script": script,
    }
    return _filled(_source("report.html"), values)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Put values where the template names them; what they hold is not looked at again."""
    first, *pieces = template.split("{{")
    text = [first]
    for piece in pieces:
        name, _, rest = piece.partition("}}")
        text += [values[name], rest]
    return "".join(text)


def _policy(scripts: Sequence[str], style: str) -> str:
    """Name what may run by its hash; a figure's own style attributes are the one thing that is not named."""
    hashes = " ".join(sorted({_hash(script) for script in scripts}))
    return (
        f"default-src 'none'; script-src {hashes}; style-src-elem {_hash(style)}; style-src-attr 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _source(name: str) -> str:
    return (files("mcpolar.report.html") / name).read_text(encoding="utf-8")


def _contents(sections: Sequence[Section]) -> str:
    links = [("glance", "At a glance"), *((f"r{i}", one.title) for i, one in enumerate(sections))]
    items = "".join(
        f'<li><a href="#{name}">{escape(text)}</a></li>' for name, text in [*links, ("origins", "Origins")]
    )
    return f'<nav aria-label="Contents"><ul>{items}</ul></nav>'


def _glance(sections: Sequence[Section], figures: list[Figure]) -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="#r{i}">{escape(one.title)}</a></th><td>{escape(one.verdict or "see below")}</td>'
        f"<td>{_badge(one)}</td></tr>"
        for i, one in enumerate(sections)
    )
    used = dict.fromkeys(one.status for one in sections)
    legend = "".join(f"<dt>{_badge(name)}</dt><dd>{escape(STATUS[name])}</dd>" for name in used)
    picture = overview(sections)
    drawn = _figure(picture, figures, 3) if picture is not None else ""
    return (
        '<section id="glance" class="card" aria-labelledby="glance-h"><h2 id="glance-h">At a glance</h2>'
        '<div class="scroll" tabindex="0" role="group" aria-label="Verdicts"><table class="verdicts"><thead><tr>'
        '<th scope="col">result</th><th scope="col">what it says</th><th scope="col">how it is known</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div><dl>{legend}</dl>{drawn}</section>"
    )


def _badge(one: Section | str) -> str:
    name = one if isinstance(one, str) else one.status
    return f'<span class="badge {name}">{name}</span>'


def _section(one: Section, figures: list[Figure], name: str, depth: int = 2) -> str:
    badge = _badge(one) if one.status != "given" else ""
    parts = [f'<div class="row"><h{depth} id="{name}-h">{escape(one.title)}</h{depth}>{badge}</div>']
    if one.verdict:
        parts.append(f'<p class="verdict">{escape(one.verdict)}</p>')
    parts += [f"<p>{escape(line)}</p>" for line in one.lines]
    if one.checks:
        rows = [[label, text, "holds" if holds else "DOES NOT HOLD"] for label, text, holds in one.checks]
        parts.append(
            _table(Table("Assumptions, each checked", ("assumption", "what must hold", "does it"), rows))
        )
    parts += [_figure(figure, figures, depth + 1) for figure in one.figures]
    parts += [_table(table) for table in one.tables]
    parts += [_section(part, figures, f"{name}-{i}", min(depth + 1, 6)) for i, part in enumerate(one.parts)]
    tag = f'<section id="{name}" class="{"card" if depth == 2 else "part"}" aria-labelledby="{name}-h">'
    return f"{tag}{''.join(parts)}</section>"


def _figure(one: Figure, figures: list[Figure], depth: int) -> str:
    number = len(figures)
    figures.append(one)
    caption = f'<figcaption id="f{number}-c">{escape(one.description)}</figcaption>'
    save = f'<button type="button" class="save" data-figure="{number}" hidden>Save the picture (SVG)</button>'
    is_open = " open" if len(one.table.rows) <= FEW_ROWS else ""
    return (
        f'<h{depth}>{escape(one.title)}</h{depth}><figure><div class="figure" id="f{number}" '
        f'data-caption="f{number}-c"><p>The picture needs JavaScript; its numbers are below.</p></div>'
        f"{caption}{save}</figure><details{is_open}><summary>Its numbers: {len(one.table.rows)} rows</summary>"
        f"{_table(one.table)}</details>"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    label = escape(table.caption, quote=True)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{label}"><table><caption>{label}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _origins(results: Sequence[Result], title: str) -> str:
    rows: list[list[str]] = [origin_of(result) for result in results]
    columns = ("file", "SHA-256", "the command that gives it, or its parameters", "seed", "versions it names")
    own: list[list[Any]] = [[name, value] for name, value in own_origin(results, title).items()]
    return (
        '<section id="origins" class="card" aria-labelledby="origins-h"><h2 id="origins-h">Origins</h2>'
        f"{_table(Table('The files that this page was made from', columns, rows))}"
        f"{_table(Table('This page', ('what', 'value'), own))}</section>"
    )
