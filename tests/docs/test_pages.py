"""The pages' sources: examples run, commands exist, links lead somewhere, and every public function has an example."""

import doctest
import importlib
import inspect
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

import mcpolar
from mcpolar.cli.application import application

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))
from written import PACKAGES, public  # noqa: E402

PAGES = sorted(
    path
    for path in [
        *DOCS.glob("*.md"),
        *(path for name in ("guide", "reference", "notebooks") for path in (DOCS / name).glob("*.md")),
    ]
)
NAMES = [str(path.relative_to(DOCS)) for path in PAGES]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
FENCE = re.compile(r"^(`{3,})([^\n]*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
# tried elsewhere, or a shell's own
NOT_OURS = ("pip", "make", "python", "conda", "bash", "git")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in NAMES if ">>> " in text_of(DOCS / name)])
def test_reference_examples_of_a_page(name):
    failed, tried = doctest.testfile(str(DOCS / name), module_relative=False, optionflags=OPTIONS)
    assert (failed, tried > 0) == (0, True)


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks in these languages."""
    return [body for _, language, body in FENCE.findall(text) if language.strip() in languages]


def called(text: str) -> list[list[str]]:
    """The words of every command of ours in the console blocks of a page."""
    lines = [line for body in blocks(text, "console") for line in body.splitlines() if line.startswith("$ ")]
    return [words[1:] for line in lines if (words := shlex.split(line[2:], comments=True))[0] == "mcpolar"]


@pytest.mark.parametrize("name", NAMES)
def test_reference_commands_of_a_page_can_be_parsed(name):
    for words in called(text_of(DOCS / name)):
        if words not in (["--version"], ["--install-completion"]):
            application().parse_args(words, exit_on_error=False, print_error=False)


def test_control_a_command_that_is_gone_is_seen():
    (words,) = called("```console\n$ mcpolar bound theorem2 --stpes 5  # a slip\n```\n")
    with pytest.raises(Exception, match="stpes"):
        application().parse_args(words, exit_on_error=False, print_error=False)


@pytest.mark.parametrize("name", NAMES)
def test_law_blocks_are_of_a_kind_that_is_tested(name):
    kinds = {language.strip() for _, language, _ in FENCE.findall(text_of(DOCS / name))}
    tested = {"console", "pycon", "{code-cell} ipython3", "{toctree}", "{bibliography}"}
    tested |= {"{literalinclude} ../written/mcpolar.bib", "{literalinclude} ../written/versions.txt"}
    tested |= {"{raw} html", "toml"}  # opened with the page in test_site, and read below
    # plain Python is tested as examples; a block without a language is a picture in letters or a formula
    assert {kind for kind in kinds - tested if kind not in ("python", "")} == set()
    for body in blocks(text_of(DOCS / name), "python"):
        assert ">>> " in body, "Python without prompts is run by nobody"
    for body in blocks(text_of(DOCS / name), "toml"):
        tomllib.loads(body)


def links(text: str) -> list[str]:
    """The targets of a page's links and pictures, outside of code."""
    prose = re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))
    return re.findall(r"\]\(([^)\s]+)\)", prose)


def is_there(page: Path, target: str) -> bool:
    """Whether a link's target exists: a page, a file, or a page that the build writes."""
    place = (page.parent / target.partition("#")[0]).resolve()
    if place.is_relative_to(DOCS / "written"):
        return is_written(place.relative_to(DOCS / "written"))
    return place.exists() or place == DOCS / "gallery/index.rst"


def is_written(place: Path) -> bool:
    from mcpolar.cli.application import COMMANDS

    match place.parts:
        case ("proofs", name):
            return name == "index.md" or (ROOT / "proofs" / place.stem / "README.md").is_file()
        case ("api", name):
            return name == "index.md" or place.stem in PACKAGES
        case ("cli", name):
            return name == "index.md" or place.stem in COMMANDS
    return place.name == "statements.md"


EXTERNAL = {"https://arxiv.org/abs/2506.00077"}


@pytest.mark.parametrize("name", [*NAMES, "../README.md", "../CONTRIBUTING.md"])
def test_law_links_lead_somewhere(name):
    page = DOCS / name
    broken = [
        target
        for target in links(text_of(page))
        if not (target in EXTERNAL if "://" in target else target.startswith("#") or is_there(page, target))
    ]
    assert broken == []


def test_control_a_broken_link_is_seen():
    assert links("[a](nowhere.md) `[b](code.md)`\n```\n[c](block.md)\n```\n") == ["nowhere.md"]
    assert not is_there(DOCS / "index.md", "nowhere.md")
    assert not is_there(DOCS / "index.md", "written/proofs/nowhere.md")


def test_law_a_new_page_is_taken_up_by_itself():
    trees = blocks(text_of(DOCS / "index.md"), "{toctree}")
    assert any(":glob:" in tree and "\n*\n" in tree for tree in trees)
    listed = {line.strip() for tree in trees for line in tree.splitlines()}
    others = {name.removesuffix(".md") for name in NAMES if "/" in name}
    assert others - listed == set(), "list these pages in docs/index.md"


EVERYTHING = [
    (module.__name__, name)
    for modules in PACKAGES.values()
    for module in map(importlib.import_module, modules)
    for name in public(module)
]
OFFERED = [
    (module, name)
    for module, name in EVERYTHING
    if inspect.isfunction(getattr(importlib.import_module(module), name))
]


def test_law_the_reference_has_every_public_package():
    packages = {
        f"mcpolar.{path.parent.name}"
        for path in (ROOT / "mcpolar").glob("*/__init__.py")
        if "__all__" in path.read_text(encoding="utf-8")
    }
    private = {"mcpolar.compiled", "mcpolar.cli", "mcpolar.report", "mcpolar.explore", "mcpolar.store"}
    listed = {name for modules in PACKAGES.values() for name in modules}
    assert packages - private - listed == set(), "add these to PACKAGES in docs/_ext/written.py"


def test_law_the_reference_has_what_the_face_offers():
    described = {id(getattr(importlib.import_module(module), name)) for module, name in EVERYTHING}
    offered = {name: getattr(mcpolar, name) for name in dir(mcpolar) if name != "__version__"}
    lacking = [
        name for name, value in offered.items() if not inspect.ismodule(value) and id(value) not in described
    ]
    assert lacking == [], "add their modules to PACKAGES in docs/_ext/written.py"


@pytest.mark.parametrize(("module", "name"), OFFERED, ids=lambda part: part)
def test_law_every_public_function_has_an_example(module, name):
    function = getattr(importlib.import_module(module), name)
    examples = doctest.DocTestParser().get_examples(inspect.getdoc(function) or "")
    assert examples, f"{function.__module__}.{name} shows no example"


def test_law_many_functions_are_looked_at():
    assert len(OFFERED) >= 120
