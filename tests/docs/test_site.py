"""The built site in a browser: every page at two widths, with nothing asked of a network."""

import json
import os
import re
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

import mcpolar
from tests.browser.chromium import accessibility_violations, is_local, overflows

DOCS = Path(__file__).parents[2] / "docs"
SITE = DOCS / "_build/html"
sys.path.insert(0, str(DOCS / "_ext"))
from cells import cells  # noqa: E402

PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html") if "_static" not in path.parts)
LARGEST_SITE, LARGEST_PAGE = 40_000_000, 2_000_000
BUILT = bool(PAGES)
needs_site = pytest.mark.skipif(
    not BUILT and "REQUIRE_SITE" not in os.environ, reason="the site is not built (make docs)"
)

FAULTS = {
    "wide": ('<p style="width:1500px">wide</p>', "wider than its window"),
    "dim": ('<p style="color:#333">dim</p>', "color-contrast"),
    "raw": (r"<p>\frac{1}{2}</p>", "a formula that is not set"),
    "pale": ('<p style="color:#999;background:#aaa">pale</p>', "color-contrast"),
    "unnamed": ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
    "loads": ('<img alt="far" src="http://example.invalid/a.png">', "asked for http://example.invalid/a.png"),
    "throws": ('<script>throw new Error("thrown")</script>', "thrown"),
    "misses": ('<img alt="gone" src="nowhere.png">', "404"),
}


class Site(SimpleHTTPRequestHandler):
    """Serves the site without a word, and under /fault-NAME.html its first page with a fault put in."""

    def log_message(self, *_said):
        pass

    def do_GET(self):
        fault = re.fullmatch(r"/fault-(\w+)\.html", self.path)
        if fault is None:
            super().do_GET()
            return
        text = (SITE / "theory.html").read_text(encoding="utf-8")
        text = text.replace("</article>", f"{FAULTS[fault[1]][0]}</article>", 1)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture(scope="module")
def address():
    """The site at an address of this machine: axe reads style sheets, which it may not from files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(SITE)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def complaints(browser, address):
    """A function that opens a page of the site and returns all that is wrong with it.

    One window looks at all pages, and listens rather than steps in, so that scripts and fonts are read once.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, said = context.new_page(), []
    context.on("request", lambda one: None if is_local(one.url) else said.append(f"asked for {one.url}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)

    def look(name, whole=False, dark=False):
        said.clear()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.goto(f"{address}/{name}")
        page.evaluate("() => window.MathJax?.startup?.promise")
        within = "article" if page.query_selector("article") and not whole else None
        found = _wide(page) + accessibility_violations(page, within=within)
        found += [f"a formula that is not set: {text}" for text in page.evaluate(RAW)]
        page.set_viewport_size({"width": 390, "height": 844})
        found += _wide(page)
        return said + found

    yield look
    context.close()


# texts that hold commands of TeX, outside of code
RAW = r"""() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const {data, parentElement} = walk.currentNode;
    if (/\\[a-zA-Z([]/.test(data) && !parentElement.closest("pre, code, script, style")) found.push(data.trim());
  }
  return found;
}"""


def _wide(page):
    width = page.viewport_size["width"]
    return [f"the page is wider than its window of {width} px"] if overflows(page) else []


@needs_site
def test_law_the_site_is_whole_and_small():
    assert {"index.html", "search.html", "theory.html", "gallery/index.html"} <= set(PAGES)
    files = [path for path in SITE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < LARGEST_SITE
    assert [path.name for path in SITE.rglob("*.html") if path.stat().st_size > LARGEST_PAGE] == []


@needs_site
@pytest.mark.parametrize("name", PAGES or ["index.html"])
def test_law_a_page_can_be_used_by_all(complaints, name):
    assert complaints(name) == []


# one page of each kind, with what the theme puts around all texts
KINDS = (
    "index.html",
    "theory.html",
    "guide/first_bound.html",
    "gallery/index.html",
    "gallery/plot_1_bounds_sigma.html",
    "written/api/chain.html",
    "written/cli/bound.html",
)


@needs_site
@pytest.mark.parametrize("name", KINDS)
def test_law_a_page_with_its_frame_can_be_used_by_all(complaints, name):
    assert complaints(name, whole=True) == []


@needs_site
@pytest.mark.parametrize("name", PAGES or ["index.html"])
def test_law_a_dark_page_can_be_used_by_all(complaints, name):
    assert complaints(name, dark=True) == []


@needs_site
@pytest.mark.parametrize("name", KINDS)
def test_law_a_dark_page_with_its_frame_can_be_used_by_all(complaints, name):
    assert complaints(name, whole=True, dark=True) == []


@needs_site
@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "dim"])
def test_control_a_fault_of_a_page_is_seen(complaints, fault):
    assert FAULTS[fault][1] in "\n".join(complaints(f"fault-{fault}.html"))


@needs_site
def test_control_what_is_too_dim_in_the_dark_is_seen_there_only(complaints):
    assert complaints("fault-dim.html") == []
    (seen,) = complaints("fault-dim.html", dark=True)
    assert seen.startswith("color-contrast")
    assert "dim" in seen


@needs_site
@pytest.mark.parametrize(
    ("word", "title"),
    [("silo_persistence", "silo"), ("permanence", "Permanence"), ("committor", "committor")],
)
def test_law_search_finds_what_there_is(open_page, address, word, title):
    page = open_page(f"{address}/search.html?q={word}")
    page.wait_for_selector("#search-results li a")
    assert title.lower() in page.inner_text("#search-results ul").lower()


@needs_site
def test_control_search_finds_no_word_that_is_nowhere(open_page, address):
    page = open_page(f"{address}/search.html?q=xylophonist")
    page.wait_for_function("document.querySelector('#search-results').innerText.includes('did not match')")
    assert page.query_selector("#search-results li a") is None


def text_of(name):
    """The text of a built page."""
    text = re.sub(r"<[^>]+>", "", (SITE / name).read_text(encoding="utf-8"))
    return text.replace("&gt;", ">").replace("&#39;", "'")


@needs_site
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
    assert said in text_of(name)


# the versions, which the build writes; a page that is served
SHOWN_OTHERWISE = {"guide/install.html", "guide/explore.html"}


@needs_site
def test_law_every_guide_page_shows_a_number_or_a_picture():
    bare = [
        name
        for name in PAGES
        if name.startswith(("guide/", "notebooks/"))
        and name not in SHOWN_OTHERWISE
        and not re.search(r'class="cell_output|&gt;&gt;&gt;', (SITE / name).read_text(encoding="utf-8"))
    ]
    assert bare == []


DRAWS = re.compile(r"\.plot\(|\.subplots\(|draw_\w+\(")


def pictures_lacking(source, page):
    """How many cells of a page's source draw, less the pictures that its built form shows."""
    shown = page.split('<div class="cell_output')[1:]
    return sum(bool(DRAWS.search(cell)) for cell in cells(source)) - sum("<img" in part for part in shown)


@needs_site
def test_law_every_cell_that_draws_shows_its_picture():
    pages = [path for folder in ("guide", "notebooks") for path in (DOCS / folder).glob("*.md")]
    built = {path: (SITE / path.relative_to(DOCS).with_suffix(".html")).read_text("utf-8") for path in pages}
    assert {path.name: n for path in pages if (n := pictures_lacking(path, built[path])) > 0} == {}
    assert [path.name for path, text in built.items() if "&lt;Figure size" in text] == []


@needs_site
def test_control_a_picture_that_is_not_shown_is_seen():
    page, text = DOCS / "notebooks/beyond.md", (SITE / "notebooks/beyond.html").read_text(encoding="utf-8")
    assert pictures_lacking(page, text) == 0
    assert pictures_lacking(page, text.replace("<img", "<i")) == 3


@needs_site
def test_law_pictures_of_the_gallery_say_what_they_were_made_from():
    pictures = [path for path in (SITE / "_images").glob("sphx_glr_plot_*.png") if "_thumb" not in path.stem]
    assert len(pictures) >= 12
    for path in pictures:
        with Image.open(path) as picture:
            made = json.loads(picture.text["Description"])
        script = DOCS / "gallery_scripts" / made["parameters"]["script"]
        assert made["parameters"]["source"] == script.read_text(encoding="utf-8")
        assert made["versions"]["mcpolar"] == mcpolar.__version__


@needs_site
@pytest.mark.parametrize("name", ["paper", "beyond", "your_population"])
def test_law_a_notebook_can_be_taken_away_with_what_it_computed(name):
    (target,) = re.findall(r'href="([^"]+\.ipynb)"', (SITE / f"notebooks/{name}.html").read_text("utf-8"))
    book = json.loads((SITE / "notebooks" / target).read_text(encoding="utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert ["".join(cell["source"]).strip() for cell in code] == [
        cell.strip() for cell in cells(DOCS / f"notebooks/{name}.md")
    ]
    assert any(cell["outputs"] for cell in code)


SCRIPT = re.compile(r"(<script\b[^>]*>).*?</script>", re.DOTALL)
LINK = re.compile(
    r'<(?:a|link|img|script|iframe)\b[^>]*?\b(?:href|src)="([^"#?]+)(?:\?[^"#]*)?(?:#([^"]*))?"'
)


def broken_links(name, text):
    """Links and pictures of a page that lead to no file of the site, or to no place on a page."""
    found = []
    for target, place in LINK.findall(SCRIPT.sub(r"\1", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path = (SITE / name).parent / target
        there = path / "index.html" if path.is_dir() else path
        if not there.is_file() or (place and there.suffix == ".html" and not has_place(there, place)):
            found.append(f"{target}#{place}" if place else target)
    return found


def has_place(path, place):
    return f'id="{place}"' in path.read_text(encoding="utf-8")


@needs_site
def test_law_links_of_the_built_pages_lead_somewhere():
    wrong = {name: broken_links(name, (SITE / name).read_text(encoding="utf-8")) for name in PAGES}
    assert {name: links for name, links in wrong.items() if links} == {}


@needs_site
def test_control_a_broken_link_of_a_built_page_is_seen():
    text = '<a href="nowhere.html">a</a><a href="theory.html#nowhere">b</a><a href="index.html">c</a>'
    assert broken_links("index.html", text) == ["nowhere.html", "theory.html#nowhere"]
