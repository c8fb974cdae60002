"""The page's scripts, run by the browser that people run them in."""

import pytest

from mcpolar.explore import page
from mcpolar.explore.page import _source

SCRIPTS = ("bounds.js", "chain.js")


@pytest.fixture(scope="module")
def scripts(browser):
    """A page that holds the functions of the explorer and nothing else; a function that evaluates an expression."""
    with browser.new_context() as context:
        blank = context.new_page()
        # const at the top of an evaluated script would not be seen by the next one
        text = "\n".join(_source(name) for name in SCRIPTS)
        names = "theorem1, theorem2, siloPersistence, UNDECIDED, updatesToLevel, Chain, Ensemble, shown"
        blank.evaluate(f"() => {{ {text}\nObject.assign(window, {{{names}}}) }}")
        yield blank


@pytest.fixture
def explorer(open_page, tmp_path):
    """A function that opens the page from a file, still unless it is asked to move: tests share two processors."""
    path = tmp_path / "explorer.html"
    path.write_text(page(), encoding="utf-8")

    def open_(state="", **options):
        options = {"reduced_motion": True} | options
        return open_page(path.as_uri() + (f"#{state}" if state else ""), **options)

    return open_
