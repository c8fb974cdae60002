"""The fixtures of tests in a browser: they see what they are for, and vendored files are what was published."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.browser.chromium import accessibility_violations, overflows, require_browser

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent for path in ROOT.glob("*/**/vendored.toml") if ".venv" not in path.parts)
GOOD = (
    "<!doctype html><html lang='en'><title>t</title><meta name=viewport content='width=device-width'>"
    "<main><h1>A page</h1><p>Text.</p></main></html>"
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_reference_vendored_files_are_those_that_were_published(folder):
    listed = tomllib.loads((folder / "vendored.toml").read_text(encoding="utf-8"))["file"]
    assert {one["name"] for one in listed} == {path.name for path in folder.glob("*.js")}
    for one in listed:
        assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]
        assert (folder / one["licence_file"]).read_text(encoding="utf-8").strip()
        assert one["version"] in (folder / one["name"]).read_text(encoding="utf-8")


def test_law_a_good_page_has_no_violation(open_page):
    page = open_page(GOOD)
    assert accessibility_violations(page) == []
    assert not overflows(page)
    assert [address.partition(":")[0] for address in page.watch.requests] == ["file"]


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("<input>", "label"),
        ("<p style='color:#999;background:#aaa'>pale</p>", "color-contrast"),
        ("<img src='data:,'>", "image-alt"),
    ],
)
def test_control_a_page_that_some_cannot_read_is_seen(open_page, fault, name):
    page = open_page(GOOD.replace("<p>Text.</p>", fault), expect_errors=True)
    assert any(line.startswith(name) for line in accessibility_violations(page))


def test_control_a_wide_page_is_seen(open_page):
    page = open_page(GOOD.replace("<p>", "<p style='width:900px'>"), phone=True)
    assert overflows(page)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("fetch('http://example.invalid/a')", "asked for http://example.invalid/a"),
        ("console.error('wrong')", "wrong"),
        ("throw new Error('thrown')", "thrown"),
    ],
)
def test_control_requests_and_errors_of_a_page_fail_its_test(complaints_of, script, said):
    assert said in complaints_of(GOOD.replace("<p>", f"<script>{script}</script><p>"))


@pytest.fixture
def complaints_of(browser, tmp_path):
    """A function that opens a page as the fixture does, and returns what the fixture then complains of."""
    from tests.browser.chromium import open_page

    def complaints(text):
        steps = open_page.__wrapped__(browser, tmp_path)
        page = next(steps)(text)
        page.wait_for_timeout(200)
        with pytest.raises(pytest.fail.Exception) as caught:
            next(steps)
        return str(caught.value)

    return complaints


def test_control_what_is_missing_skips_a_test_and_fails_it_in_ci():
    require_browser(None, in_ci=True)
    with pytest.raises(pytest.skip.Exception, match="no Chromium"):
        require_browser("no Chromium", in_ci=False)
    with pytest.raises(pytest.fail.Exception, match="must run in CI: no Chromium"):
        require_browser("no Chromium", in_ci=True)
