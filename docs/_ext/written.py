"""Pages that are written from the package itself before each build, into `docs/written`: nothing there is kept by hand.

The command line's reference comes from the application, the API's from each package's `__all__`, the table of
statements from their records and claims, and the proofs' pages from `proofs/`.
"""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fresh import forget_what_is_old

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
WRITTEN = HERE / "written"
EXTRA = WRITTEN / "extra"
COMPUTED = [
    HERE / "_build/executed",
    HERE / "_build/doctrees/environment.pickle",  # or pages whose text is as it was would keep their numbers
    HERE / "gallery",
    EXTRA / "report.html",
    *(WRITTEN / f"{name}.png" for name in ("front", "verdicts")),
]

# page -> the modules on it; a package that is public and not here fails tests/docs/test_site.py
PACKAGES = {
    "answers": ("mcpolar.answers",),
    "bounds": ("mcpolar.bounds", "mcpolar.bounds.tables", "mcpolar.bounds.corollaries"),
    "chain": ("mcpolar.parameters", "mcpolar.rules", "mcpolar.chain", "mcpolar.steps"),
    "events": ("mcpolar.events",),
    "montecarlo": ("mcpolar.montecarlo",),
    "confidence": ("mcpolar.confidence",),
    "exact": ("mcpolar.exact",),
    "exponents": ("mcpolar.exponents",),
    "metastability": ("mcpolar.metastability",),
    "mixture": ("mcpolar.mixture",),
    "experiments": ("mcpolar.experiments",),
    "runs": ("mcpolar.runs",),
    "agents": ("mcpolar.agents",),
    "results": ("mcpolar.results", "mcpolar.errors", "mcpolar.statements"),
}


def write_all() -> None:
    """Write every page; a file whose text is as it was is left alone, so that a warm build does not read it again."""
    forget_what_is_old(ROOT / "mcpolar", HERE / "_build/computed_from", COMPUTED)
    pages = dict(_api()) | dict(_commands()) | dict(_proofs()) | {"statements.md": _statements()}
    for path, text in pages.items():
        place = WRITTEN / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or place.read_text(encoding="utf-8") != text:
            place.write_text(text, encoding="utf-8")
    _write_more()
    for place in WRITTEN.rglob("*.md"):
        if str(place.relative_to(WRITTEN)) not in pages:
            place.unlink()


def _write_more() -> None:
    """Write what is no page of text: the explorer, the citation, the versions."""
    from mcpolar.explore.page import page as explorer_page
    from mcpolar.report.citation import bibtex
    from mcpolar.versions import versions

    EXTRA.mkdir(parents=True, exist_ok=True)
    (EXTRA / "explorer.html").write_text(explorer_page(), encoding="utf-8")
    texts = {
        "mcpolar.bib": bibtex(),
        "versions.txt": ", ".join(f"{name} {number}" for name, number in versions().items()),
    }
    for name, text in texts.items():
        (WRITTEN / name).write_text(text, encoding="utf-8")


def public(module: Any) -> list[str]:
    """Return a module's public names: its `__all__`, or else what it defines itself."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
        and callable(value)
    ]


def _summary(value: Any) -> str:
    return (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _api() -> Iterator[tuple[str, str]]:
    homes = _homes()
    for page, modules in PACKAGES.items():
        loaded = [importlib.import_module(name) for name in modules]
        lines = [f"# {page}", "", _summary(loaded[0]), ""]
        for module in loaded:
            # by its first home: several packages may offer one object
            names = [
                one for one in public(module) if homes[id(getattr(module, one))] == f"{module.__name__}.{one}"
            ]
            others = [name for name in public(module) if name not in names]
            if module is not loaded[0]:
                lines += [f"## {module.__name__}", "", _summary(module), ""]
            lines += ["| name | what it is |", "|---|---|"]
            lines += [
                f"| {{py:obj}}`{name} <{homes[id(getattr(module, name))]}>` | {_about(module, name)} |"
                for name in (*names, *others)
            ]
            lines += ["", *(line for name in names for line in _directive(module, name))]
        yield f"api/{page}.md", "\n".join(lines)
    yield "api/index.md", _api_index(homes)


def _homes() -> dict[int, str]:
    """Return where each public object is described, by its identity: the first page that offers it."""
    homes: dict[int, str] = {}
    for name in (module for modules in PACKAGES.values() for module in modules):
        module = importlib.import_module(name)
        for one in public(module):
            homes.setdefault(id(getattr(module, one)), f"{name}.{one}")
    return homes


def _about(module: Any, name: str) -> str:
    value = getattr(module, name)
    return _summary(value) if callable(value) else "a constant"


def _directive(module: Any, name: str) -> list[str]:
    value = getattr(module, name)
    kind = "autoclass" if inspect.isclass(value) else "autofunction" if callable(value) else "py:data"
    options = [":members:"] if kind == "autoclass" else []
    return [
        "```{eval-rst}",
        f".. {kind}:: {module.__name__}.{name}",
        *(f"   {one}" for one in options),
        "```",
        "",
    ]


def _api_index(homes: Mapping[int, str]) -> str:
    import mcpolar

    lines = [
        "# Python",
        "",
        "`import mcpolar as mp` gives the names that most work needs; each is loaded when it is first used.",
        "",
        "| name | what it is |",
        "|---|---|",
    ]
    for name in dir(mcpolar):
        value = getattr(mcpolar, name)
        home = homes.get(id(value))
        shown = f"`mp.{name}`" if home is None else f"{{py:obj}}`mp.{name} <{home}>`"
        lines += [f"| {shown} | {_summary(value)} |"] if name != "__version__" else []
    lines += ["", "```{toctree}", ":maxdepth: 1", "", *PACKAGES, "```", ""]
    return "\n".join(lines)


def _commands() -> Iterator[tuple[str, str]]:
    from mcpolar.cli.application import COMMANDS, application
    from mcpolar.cli.help import EXAMPLES

    text = application().generate_docs("markdown", recursive=True)
    sections = re.split(r"^## (?=mcpolar )", text, flags=re.MULTILINE)[1:]
    by_name = {section.split("\n", 1)[0].removeprefix("mcpolar ").strip(): section for section in sections}
    for name in COMMANDS:
        heading, body = by_name[name].split("\n", 1)
        lines = [f"# {heading}"]
        own, *parts = re.split(r"^### ", body, flags=re.MULTILINE)
        lines += [_tidy(own), *_examples(EXAMPLES.get(name, ()))]
        for part in parts:
            title, said = part.split("\n", 1)
            lines += [
                f"## {title}",
                _tidy(said),
                *_examples(EXAMPLES.get(title.removeprefix("mcpolar "), ())),
            ]
        yield f"cli/{name}.md", "\n".join(lines) + "\n"
    listed = [f"| [`mcpolar {name}`]({name}.md) | {text} |" for name, (_, text) in COMMANDS.items()]
    table = ["| command | what it does |", "|---|---|", *listed]
    tree = ["```{toctree}", ":hidden:", "", *COMMANDS, "```"]
    opening = (
        "# The command line\n\nWritten from the program's own help: `mcpolar COMMAND --help` says the same. Names, "
        "options, JSON fields, exit statuses: see [the promise of stability](../../reference/stability.md)."
    )
    yield "cli/index.md", "\n".join([opening, "", *table, "", *tree, ""])


def _tidy(text: str) -> str:
    """Join the wrapped lines of an option's help, and leave out links to places that other pages hold."""
    text = re.sub(r"\n {8,}(?=\S)", " ", text)
    text = re.sub(r"\[(`[^`]+`)\]\(#[^)]+\)", r"\1", text)
    return text.replace("$", r"\$").strip("\n") + "\n"


def _examples(examples: tuple[str, ...]) -> list[str]:
    return (
        ["**Examples**:", "", "```console", *(f"$ {line}" for line in examples), "```", ""]
        if examples
        else []
    )


def _proofs() -> Iterator[tuple[str, str]]:
    folders = sorted(path.parent for path in (ROOT / "proofs").glob("*/README.md"))
    for folder in folders:
        for other in (*folder.glob("*.py"), *folder.glob("*.v")):
            _copy(other)
        yield (
            f"proofs/{folder.name}.md",
            _linked((folder / "README.md").read_text(encoding="utf-8"), folder.name),
        )
    for place in (ROOT / "proofs/statements").glob("*.v"):
        _copy(place)
    text = _linked((ROOT / "proofs/README.md").read_text(encoding="utf-8"), "")
    tree = ["", "```{toctree}", ":hidden:", "", *(folder.name for folder in folders), "```", ""]
    yield "proofs/index.md", text + "\n".join(tree)


def _copy(path: Path) -> None:
    place = WRITTEN / "proofs" / path.relative_to(ROOT / "proofs")
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_file() or place.read_bytes() != path.read_bytes():
        shutil.copyfile(path, place)


def _linked(text: str, folder: str) -> str:
    """Return a page of proofs with its links to other folders' pages and to its own files, as the site has them."""

    def linked(match: re.Match[str]) -> str:
        target, label = match[2], f"[{match[1]}]"
        if "://" in target or target.startswith("#"):
            return match[0]
        found = (ROOT / "proofs" / folder / target.partition("#")[0]).resolve()
        if found == ROOT / "proofs/README.md":
            return f"{label}(index.md)"
        if found.name == "README.md" and found.parent.parent == ROOT / "proofs":
            return f"{label}({found.parent.name}.md)"
        if found.is_relative_to(ROOT / "proofs"):
            return f"{label}({found.relative_to(ROOT / 'proofs')})"
        if found.is_relative_to(HERE):
            return f"{label}(../../{found.relative_to(HERE)})"
        return match[1]  # a file of the source that the site does not hold

    return re.sub(r"\[([^\[\]]*)\]\(([^)\s]+)\)", linked, text)


def _statements() -> str:
    from mcpolar.statements import STATEMENTS

    lines = [
        "# Every statement, and how sure it is",
        "",
        "Written from the records that the commands use. A statement is *machine-checked* as far as Coq proves it; its "
        "algebra is checked step by step by a script; its numbers are *certified* by ball arithmetic; and "
        "`mcpolar validate` *simulates* what it bounds. What stays open is named.",
        "",
        "| statement | says | forms | proof | theorems in Coq | steps of algebra |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| [`{one.command}`](#{one.command}) ({one.theory}) | {_cell(one.title)} | {', '.join(one.variants)} | "
        f"[proof](proofs/{one.name}.md) | {len(one.claims['theorems'])} | {len(one.claims['steps'])} |"
        for one in STATEMENTS.values()
    ]
    return (
        "\n".join([*lines, "", GAPS, *(line for one in STATEMENTS.values() for line in _statement(one))])
        + "\n"
    )


GAPS = """Gaps of the paper's proofs and their repairs are in [the theory](../theory.md). Lower bounds have upper ones
beside them where these are known: `theorem1` names its ceiling ([both sides](../theorem1.md)), and results of other
statements carry one in `bound.ceiling`.
"""


def _statement(one: Any) -> list[str]:
    claims, premises = one.claims, []
    for theorem in one.claims["theorems"]:
        premises += [text for text in theorem["premises"] if text not in premises]
    names = ", ".join(f"`{theorem['name']}`" for theorem in claims["theorems"]) or "none"
    checked = f": `mcpolar validate {one.command}`" if one.kind == "probability" else ", for every path"
    return [
        f"## {one.command}",
        "",
        f"{_cell(one.title).capitalize()} ({one.theory}; [proof](proofs/{one.name}.md)).",
        "",
        f"Hypotheses\n: {_cell(claims['hypotheses'])}",
        "",
        f"Proved in Coq\n: {_cell(claims['proved'])} Theorems: {names}.",
        "",
        f"Premises there\n: {_cell(premises)}",
        "",
        f"By hand\n: {_cell(claims['unchecked'])}",
        "",
        f"Numbers\n: certified by balls{checked}",
        "",
    ]


def _cell(value: Any) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    text = re.sub(r"\[([^\[\]]+)\]\([^)]+\)", r"\1", re.sub(r"\s+", " ", text))
    for character in "|*_<$":
        text = text.replace(character, "\\" + character)
    return text or "nothing"


class _Beside:
    """A process that makes what :mod:`shown` makes, while the gallery is drawn; pages are read when both are done."""

    def start(self, _app: Any, _config: Any) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "_ext/shown.py"), str(WRITTEN), str(EXTRA)]
        )

    def wait(self, *_of_the_event: Any) -> None:
        """Wait for its end.

        Raises
        ------
        RuntimeError
            If it failed; it has said why.
        """
        if self._process.wait():
            raise RuntimeError("docs/_ext/shown.py failed; see above")


def _relink(_app: Any, _name: str, source: list[str]) -> None:
    """Send a note's links to `proofs/` to the site's own pages of them; the notes are read outside the site too."""
    text = re.sub(r"\]\(\.\./proofs/README\.md\)", "](written/proofs/index.md)", source[0])
    source[0] = re.sub(r"\]\(\.\./proofs/(\w+)/README\.md\)", r"](written/proofs/\1.md)", text)


def _escape_bars(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
    """Let |l| in a docstring be an absolute value, which the markup would take for a substitution."""
    for number, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...", "|", "+")):
            parts = line.split("`")
            lines[number] = "`".join(
                part.replace("|", "\\|") if place % 2 == 0 else part for place, part in enumerate(parts)
            )


def _typeset(_app: Any, _page: str, _template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the formulas' script on pages whose only formulas are in the records that their cells show."""
    from docutils import nodes

    if doctree and any("mathjax_process" in node.astext() for node in doctree.findall(nodes.raw)):
        context["has_maths_elements"] = True


MENDED = {
    "<th></th>": "<td></td>",
    '<th class="head"><p></p></th>': "<td></td>",
    'role="doc-biblioentry"': 'role="listitem"',  # the entry's own role is deprecated, and no list may hold it
}


def _mend(_app: Any, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Mend what is written for the eye only: captions are headings of a level, an empty corner heads no column."""
    tree = context.get("furo_navigation_tree")
    if isinstance(tree, str):
        context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    for old, new in MENDED.items():
        context["body"] = context.get("body", "").replace(old, new)


def setup(app: Any) -> Mapping[str, bool]:
    """Write the pages before Sphinx looks for files."""
    beside = _Beside()
    app.connect("config-inited", lambda _app, _config: write_all(), priority=1)
    app.connect("config-inited", beside.start, priority=2)
    app.connect("env-before-read-docs", beside.wait)
    app.connect("source-read", _relink)
    app.connect("html-page-context", _typeset, priority=100)  # before the formulas' own extension asks
    app.connect("html-page-context", _mend, priority=900)  # after the theme
    app.connect("autodoc-process-docstring", _escape_bars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
