"""The report in Chromium: drawn, readable for everyone, printable, and silent."""

import json
import re

import pytest

from mcpolar.report.html import read_results, report_page
from tests.browser.chromium import accessibility_violations, overflows, wait_until
from tests.report.html.records import ALL

DRAWN = "[...document.querySelectorAll('.figure')].every(one => one.dataset.state === 'done')"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    for name, record in ALL.items():
        (folder / name).write_text(json.dumps(record), encoding="utf-8")
    path = folder / "report.html"
    path.write_text(
        report_page(read_results([folder / name for name in ALL]), "Thirty agents"), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("options", [{}, {"phone": True}, {"dark": True}], ids=["desktop", "phone", "dark"])
def test_law_everyone_can_read_it_and_it_asks_for_nothing(report, open_page, options):
    page = open_page(report, **options)
    wait_until(page, DRAWN)
    figures = page.locator(".figure").count()
    assert figures >= 4
    assert page.locator(".figure svg[role=img]").count() == figures
    assert page.locator(".failed").count() == 0
    assert accessibility_violations(page) == []
    assert not overflows(page)
    assert [address for address in page.watch.requests if not address.startswith(("file:", "data:"))] == []


def test_law_every_figure_has_its_numbers_below_it(report, open_page):
    page = open_page(report)
    wait_until(page, DRAWN)
    for number in range(page.locator(".figure").count()):
        rows = page.evaluate(f"specs[{number}].data.values.length")
        assert page.locator(f"figure:has(#f{number}) + details tbody tr").count() >= rows


def test_law_marks_stand_where_the_numbers_are(report, open_page):
    """The picture of all probabilities: as many points as there are logarithms, in their order."""
    page = open_page(report)
    wait_until(page, DRAWN)
    logs = page.evaluate("specs[0].data.values.map(row => row.log10).filter(value => value !== null)")
    marks = page.locator("#f0 .mark-symbol.role-mark path").evaluate_all(
        "all => all.map(one => Number(/translate\\(([-\\d.]+)/.exec(one.getAttribute('transform'))[1]))"
    )
    assert len(marks) == len(logs) > 5
    slope = (max(marks) - min(marks)) / (max(logs) - min(logs))
    assert all(
        abs(x - min(marks) - slope * (log - min(logs))) < 0.5 for x, log in zip(marks, logs, strict=True)
    )


def test_law_a_chosen_series_stands_out(report, open_page):
    page = open_page(report)
    wait_until(page, DRAWN)
    number = page.evaluate("specs.findIndex(spec => JSON.stringify(spec).includes('chosen'))")
    faded = f"#f{number} .mark-line path[opacity='0.15']"
    assert page.locator(faded).count() == 0
    page.locator(f"#f{number} .role-legend-entry .mark-symbol path").first.click()
    wait_until(page, f"document.querySelectorAll(`{faded}`).length > 0")


def test_law_a_saved_picture_holds_its_colours(report, open_page, tmp_path):
    page = open_page(report, accept_downloads=True)
    wait_until(page, DRAWN)
    with page.expect_download() as caught:
        page.locator("button.save").first.click()
    text = caught.value.path().read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "var(" not in text
    assert "#1f5fa8" in text


def test_law_printed_it_is_whole(report, open_page, tmp_path):
    page = open_page(report, dark=True)
    wait_until(page, DRAWN)
    page.pdf(path=tmp_path / "report.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "report.pdf").read_bytes())) >= 2
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("button.save:visible").count() == 0


def test_law_without_scripts_every_number_is_there(report, open_page):
    page = open_page(report, javascript=False)
    assert ALL["bound.json"]["lower"] in page.inner_text("#r0")
    assert page.get_by_text("The picture needs JavaScript").first.is_visible()


def test_law_it_is_read_with_the_keyboard_alone(report, open_page):
    page = open_page(report)
    wait_until(page, DRAWN)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the results"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#glance"


def test_control_a_figure_that_cannot_be_drawn_says_so(report, open_page, tmp_path):
    broken = tmp_path / "broken.html"
    text = report.read_text(encoding="utf-8")
    assert '"type": "point", "filled"' in text
    broken.write_text(
        text.replace('"type": "point", "filled"', '"type": "nothing", "filled"'), encoding="utf-8"
    )
    page = open_page(broken, expect_errors=True)
    wait_until(page, DRAWN)
    assert "could not be drawn" in page.inner_text("#f0")
