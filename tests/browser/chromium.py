"""Pages in a real browser: Debian's Chromium through Playwright, with nothing but this machine to talk to.

Every test can take the fixture `open_page`; tests/conftest.py brings it::

    def test_the_page(open_page):
        page = open_page(path_or_html_or_address, dark=True)   # a Playwright page
        wait_until(page, "document.readyState === 'complete'")
        assert accessibility_violations(page) == []

When the test ends, the fixture fails it if the page asked for anything beyond this machine, wrote an error to its
console or threw one; `open_page(..., expect_errors=True)` leaves errors to the test. Without the browser the test is
skipped, which says so; not in CI, where it fails.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
LOCAL = ("http://127.0.0.1:", "http://localhost:", "file:", "data:", "blob:", "about:", "chrome-error:")
EXTENSIONS = "chrome-extension:"


def executable() -> str | None:
    """Return where the browser is; None where there is none."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


def is_local(address: str) -> bool:
    """Whether an address is of this machine or of the page itself."""
    return address.startswith(LOCAL)


def missing() -> str | None:
    """Return what is missing for tests in a browser, in words."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "no Playwright (pip install playwright)"
    return None if executable() else "no Chromium (apt install chromium)"


def require_browser(lacking: str | None, in_ci: bool) -> None:
    """Skip the test if something is missing; fail it in CI, where nothing may be."""
    if lacking and in_ci:
        pytest.fail(f"tests in a browser must run in CI: {lacking}", pytrace=False)
    if lacking:
        pytest.skip(lacking)


@contextmanager
def launched() -> Iterator[Any]:
    """Start the browser, and end it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # no sandbox: tests run as root in CI, and open only what they made
        browser = driver.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser of this module: Playwright keeps an event loop running, which other modules must not find."""
    require_browser(missing(), "CI" in os.environ)
    with launched() as found:
        yield found


class Watch:
    """What a page asked for and complained of."""

    def __init__(self, context: Any) -> None:
        self.requests: list[str] = []
        self.beyond: list[str] = []
        self.errors: list[str] = []
        context.route("**/*", self._pass)

    def _pass(self, route: Any) -> None:
        address = route.request.url
        self.requests.append(address)
        if is_local(address):
            route.continue_()
            return
        self.beyond.append(address)
        route.abort()

    def listen(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A function that opens a file, HTML text or an address of this machine, and returns Playwright's page.

    Its options: width, height, phone, dark, reduced_motion, javascript (False: none), expect_errors, and any of a
    Playwright context's. The page has a further attribute, `watch`: its requests, and errors.
    """
    opened: list[tuple[Any, bool]] = []

    def open_(
        target: Path | str,
        *,
        width: int = 1280,
        height: int = 900,
        phone: bool = False,
        dark: bool = False,
        reduced_motion: bool = False,
        javascript: bool = True,
        expect_errors: bool = False,
        **options: Any,
    ) -> Any:
        context = browser.new_context(
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if reduced_motion else "no-preference",
            java_script_enabled=javascript,
            bypass_csp=False,
            **(PHONE if phone else {"viewport": {"width": width, "height": height}}),
            **options,
        )
        watch, page = Watch(context), context.new_page()
        watch.listen(page)
        page.watch = watch
        opened.append((page, expect_errors))
        page.goto(_address(target, tmp_path))
        return page

    yield open_
    complaints = []
    for page, expect_errors in opened:
        complaints += [f"asked for {address}" for address in page.watch.beyond]
        complaints += [] if expect_errors else page.watch.errors
        page.context.close()
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


def _address(target: Path | str, folder: Path) -> str:
    """Return an address for a file, for HTML text (written to a file) or an address."""
    if isinstance(target, str) and target.lstrip().startswith("<"):
        path = folder / f"page{len(list(folder.glob('page*.html')))}.html"
        path.write_text(target, encoding="utf-8")
        return path.as_uri()
    return target.resolve().as_uri() if isinstance(target, Path) else target


def wait_until(page: Any, expression: str, *, seconds: float = 60) -> None:
    """Wait until an expression of the page is true.

    Playwright's own `wait_for_function` compiles text inside the page, which a strict content policy forbids.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:g} seconds: {expression}")
        page.wait_for_timeout(20)


def accessibility_violations(page: Any, *, within: str | None = None) -> list[str]:
    """Return what axe-core finds wrong with the page as it stands, one line for each element.

    The script is handed to the debugger, so that a page's content policy neither stops it nor has to allow it.
    """
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE.read_text(encoding='utf-8')} }} }}")
    # what passes need not be gathered: on long pages that is most of the work
    found = page.evaluate("within => axe.run(within ?? document, {resultTypes: ['violations']})", within)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def overflows(page: Any) -> bool:
    """Whether the page is wider than its window, so that people would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"])
