"""The built site in a browser: every page at two widths, light and dark, with nothing asked of a network."""

import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.browser.chromium import accessibility_violations, overflows

SITE = Path(__file__).parents[2] / "docs/_build/html"
PAGES = sorted(
    str(path.relative_to(SITE))
    for path in SITE.rglob("*.html")
    if not path.is_relative_to(SITE / "_modules") and "_static" not in path.parts
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_said):
        pass


@pytest.fixture(scope="module")
def address():
    """The site at an address of this machine: axe reads style sheets, which it may not from files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


LARGEST_SITE, LARGEST_PAGE = 40_000_000, 2_000_000

pytestmark = pytest.mark.skipif(not PAGES, reason="the site is not built (make docs)")


def test_law_the_site_is_whole_and_small():
    assert {"index.html", "search.html", "theory.html", "gallery/index.html"} <= set(PAGES)
    files = [path for path in SITE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST_SITE
    assert [path.name for path in SITE.rglob("*.html") if path.stat().st_size > LARGEST_PAGE] == []


LOADS = re.compile(r"""<(?:script|link|img|iframe|source)[^>]+(?:src|href)=["'](https?:)?//""")


@pytest.mark.parametrize("name", PAGES)
def test_law_a_page_loads_nothing_from_elsewhere(name):
    assert LOADS.findall((SITE / name).read_text(encoding="utf-8")) == []


def test_control_a_page_that_loads_from_elsewhere_is_seen():
    assert LOADS.findall('<script async src="https://cdn.example/m.js">')
    assert not LOADS.findall('<a href="https://arxiv.org/abs/2506.00077">')


# axe finds what the theme and the tools make of pages; these are outside of what the pages' texts can change
@pytest.mark.parametrize("name", PAGES)
def test_law_a_page_can_be_used_by_all(open_page, address, name):
    page = open_page(f"{address}/{name}")  # the fixture fails it for requests and errors in the console
    page.wait_for_function("!window.MathJax || !MathJax.startup || !!MathJax.startup.document")
    assert not overflows(page)
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_law_a_page_fits_a_phone_in_the_dark(open_page, name):
    page = open_page(SITE / name, phone=True, dark=True)
    assert not overflows(page)


def test_law_search_finds_a_statement(open_page, address):
    page = open_page(f"{address}/search.html?q=silo_persistence")
    page.wait_for_selector("#search-results li a")
    assert "silo" in page.inner_text("#search-results").lower()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("guide/first_bound.html", "2.798714e-45"),
        ("guide/validate.html", "validated"),
        ("notebooks/paper.html", "no such bound exceeds"),
        ("notebooks/beyond.html", "0.6 -> [0.45, 0.6]"),
        ("notebooks/your_population.html", "no agent changes its silo in 720 steps"),
        ("certified.html", "2.79871425718e-45"),
    ],
)
def test_reference_numbers_that_were_computed_while_building(name, said):
    text = re.sub(r"<[^>]+>", "", (SITE / name).read_text(encoding="utf-8"))
    assert said in text.replace("&gt;", ">").replace("&#39;", "'")


# the versions, which the build writes; a page that is served
SHOWN_OTHERWISE = {"guide/install.html", "guide/explore.html"}


def test_law_every_guide_page_shows_a_number_or_a_picture():
    bare = [
        name
        for name in PAGES
        if name.startswith(("guide/", "notebooks/"))
        and name not in SHOWN_OTHERWISE
        and not re.search(r'class="cell_output|&gt;&gt;&gt;', (SITE / name).read_text(encoding="utf-8"))
    ]
    assert bare == []
