"""The report without a browser: what it says of every kind of result, and what it holds and does not."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from mcpolar.cli import main
from mcpolar.errors import InputError, ResourceError
from mcpolar.report.html import read_results, report_page
from mcpolar.report.html.document import LIBRARIES
from mcpolar.report.html.origins import command_of
from mcpolar.report.html.sections import section_of
from tests.report.html.records import ALL, bound

LARGEST = 1_500_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("results")
    for name, record in ALL.items():
        (found / name).write_text(json.dumps(record), encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def results(folder):
    return read_results([folder / name for name in ALL])


@pytest.fixture(scope="module")
def text(results):
    return report_page(results, "All <results> & more")


def sections(results):
    return {result.name: section_of(result) for result in results}


def test_law_verdicts_are_those_of_the_records(results):
    found = {name: (one.status, one.verdict) for name, one in sections(results).items()}
    assert found["bound.json"] == ("certified", f"The chance is at least {ALL['bound.json']['lower']}.")
    assert found["refused.json"][0] == "none"
    assert "14 + 1 against 10" in found["refused.json"][1]
    assert found["paper.json"] == ("formula", "The paper’s formula gives 2.984834e-45.")
    assert "It fails with chance at most" in found["near_one.json"][1]
    assert found["check.json"][0] == "estimated"
    assert found["violated.json"] == (
        "violated", "Violated: the interval lies below the bound, or above the ceiling of its start.",
    )  # fmt: skip


def test_law_every_number_of_a_record_stands_in_the_page(text):
    for name in ("bound.json", "paper.json", "near_one.json", "any_state.json"):
        assert ALL[name]["lower"] in text
    estimate = ALL["check.json"]["estimate"]
    assert f"between {estimate['low']} and {estimate['high']} at confidence 0.999" in text
    for row in ALL["grid.json"]:
        assert f"<td>{row['lower']}</td>" in text


def test_law_a_probability_that_no_double_holds_is_drawn_by_its_logarithm(folder, tmp_path):
    record = bound(steps=100_000)
    assert float(record["lower"]) == 0
    (tmp_path / "a.json").write_text(json.dumps(record))
    page = report_page(read_results([tmp_path / "a.json"]))
    spec = json.loads(page.partition('id="specs">')[2].partition("</script>")[0])[0]
    assert next(row["log10"] for row in spec["data"]["values"]) == record["log10"] < -4000
    assert record["lower"] in page


def test_law_the_page_holds_no_address_of_others_but_names_of_formats(text):
    outside = text
    for name in LIBRARIES:
        library = Path(__file__).parents[3] / "mcpolar/report/html/vendor" / f"{name}.min.js"
        outside = outside.replace(library.read_text(encoding="utf-8"), "")
    assert set(re.findall(r"https?://[^\"'\s<)]+", outside)) == {
        "https://vega.github.io/schema/vega-lite/v6.json"
    }
    assert "unsafe-eval" not in outside
    assert "script-src 'sha256-" in outside


def test_law_it_is_small_and_the_same_for_the_same_results(text, results):
    data = sum(result.size for result in results)
    assert len(text.encode()) - data < LARGEST
    assert report_page(results, "All <results> & more") == text


def test_law_without_figures_no_library_is_carried(tmp_path):
    (tmp_path / "a.json").write_text('{"seed": 3}')
    assert len(report_page(read_results([tmp_path / "a.json"]))) < 20_000


def test_law_origins_name_every_file_by_its_hash(text, folder):
    for name in ALL:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in text
    assert str(folder) not in text


def test_law_the_command_of_a_bound_gives_it_again(folder, capsys):
    for name in ("bound.json", "paper.json", "near_one.json", "any_state.json"):
        words = command_of(ALL[name])
        import shlex

        assert main([*shlex.split(words)[1:], "--format", "json"]) == 0
        again = json.loads(capsys.readouterr().out)
        assert (again["lower"], again["parameters"]) == (ALL[name]["lower"], ALL[name]["parameters"])


@pytest.mark.parametrize(
    "planted", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<!--"]
)
def test_law_what_a_file_says_is_text(tmp_path, planted):
    record = bound() | {"event": planted, "notes": [planted]}
    rows = [{"step": i, "x": i, "who": planted} for i in (1, 2)] + [
        {"step": 1, "x": 3, "who": "b"},
        {"step": 2, "x": 5, "who": "b"},
    ]
    for name, one in (("a.json", record), ("b.json", rows), ("c.json", {planted: planted})):
        (tmp_path / name).write_text(json.dumps(one))
    page = report_page(read_results([tmp_path / name for name in ("a.json", "b.json", "c.json")]), planted)
    assert planted not in page
    specs = page.partition('id="specs">')[2].partition("</script>")[0]
    assert planted in json.dumps(json.loads(specs), ensure_ascii=False).replace('\\"', '"')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "JSON as mcpolar writes it"),
        (b"\xff\xfe", "JSON as mcpolar writes it"),
        (b"[]", "a record, or a list of records"),
        (b"3", "a record, or a list of records"),
        (b"[1, 2]", "a record, or a list of records"),
        (b"{}", "a record, or a list of records"),
    ],
)
def test_rejects_what_is_no_result(tmp_path, content, said):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_results([tmp_path / "a.json"])


def test_rejects_no_results_and_missing_ones(tmp_path):
    with pytest.raises(InputError, match="at least one file"):
        read_results([])
    with pytest.raises(ResourceError, match="no such file"):
        read_results([tmp_path / "a.json"])
    with pytest.raises(InputError, match="not a folder"):
        read_results([tmp_path])


def test_law_the_command_writes_the_page(folder, tmp_path, capsys):
    path = tmp_path / "report.html"
    for title in ("", "red\x1b[31m", "\u202etxt", "a" * 201):
        assert main(["report", str(folder / "bound.json"), "-o", str(path), "--title", title]) == 2
    assert main(["report", str(folder / "bound.json"), "-o", str(path), "--title", "One"]) == 0
    assert "<title>One</title>" in path.read_text(encoding="utf-8")
    assert main(["report", str(folder / "bound.json")]) == 2
    assert "--output" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text("{")
    before = path.read_bytes()
    assert main(["report", str(tmp_path / "bad.json"), "-o", str(path)]) == 2
    assert path.read_bytes() == before
