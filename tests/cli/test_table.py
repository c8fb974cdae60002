"""`mcpolar table` against the contract; the published cells themselves are tests of the bounds."""

import csv
import io
import json
import os
import shutil
import subprocess
from decimal import Decimal

import pandas
import pytest

from mcpolar.cli.lists import values, whole_values
from mcpolar.errors import InputError

COLUMNS = ["table", "statement", "variant", "m", "r", "sigma", "level", "steps", "lower", "log10"]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("variant", ["certified", "paper"])
def test_reference_paper_has_70_cells_in_the_contracts_columns(run, variant):
    result = run("table", "paper", "--variant", variant, "--format", "csv")
    rows = rows_of(result.out)
    assert result.status == 0
    assert list(rows[0])[:10] == COLUMNS
    assert list(rows[0])[-1] == "failed"
    assert len(rows) == 70
    assert {row["variant"] for row in rows} == {variant}
    assert [sum(row["table"] == number for row in rows) for number in "123"] == [20, 25, 25]


def test_law_certified_cells_are_below_the_formula_at_the_same_steps(run):
    # with whole steps the certified form is at least the paper's (1 + x <= e^x), and at most P^T
    paper, certified = (
        rows_of(
            run(
                "table",
                "grid",
                "--statement",
                "theorem2",
                "--sigma",
                "0.2,0.3,0.4",
                "--level",
                "1:5",
                "--steps",
                "205",
                "--variant",
                variant,
                "--format",
                "csv",
            ).out
        )
        for variant in ("paper", "certified")
    )
    assert len(paper) == len(certified) == 15
    for published, ours in zip(paper, certified, strict=True):
        assert float(ours["log10"]) >= float(published["log10"]) - 1e-12


def test_reference_both_forms_side_by_side(run):
    records = json.loads(run("table", "paper", "--variant", "both", "--format", "json").out)
    assert len(records) == 70
    assert records[0]["paper"] == "2.984834e-45"
    assert records[0]["certified"] == "2.798714e-45"
    assert records[0]["certified_steps"] == 1021


def test_reference_every_format_says_which_event_is_bounded(run):
    for form in ("text", "markdown", "latex"):
        shown = run("table", "paper", "--format", form).out.replace("\n", " ")
        assert "Neither is silo-persistence" in shown


@pytest.mark.skipif(
    shutil.which("pdflatex") is None and not os.environ.get("CI"),
    reason="needs pdflatex to compile the table",
)
@pytest.mark.parametrize("variant", ["certified", "both"])
def test_reference_latex_compiles(run, tmp_path, variant):
    path = tmp_path / "table.tex"
    assert run("table", "paper", "--variant", variant, "--format", "latex", "--output", path).status == 0
    document = tmp_path / "document.tex"
    document.write_text(
        "\\documentclass{article}\\usepackage{booktabs,longtable}\\begin{document}\\input{table.tex}\\end{document}"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", document.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in done.stdout


def test_reference_parquet_holds_the_same_rows(run, tmp_path):
    path = tmp_path / "t.parquet"
    assert run("table", "paper", "--format", "parquet", "--output", path).status == 0
    frame = pandas.read_parquet(path)
    assert list(frame.columns)[:10] == COLUMNS
    assert frame["lower"].tolist() == [
        row["lower"] for row in rows_of(run("table", "paper", "--format", "csv").out)
    ]


def test_rejects_parquet_without_a_file(run):
    result = run("table", "paper", "--format", "parquet")
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert "--output must be a file when the format is parquet" in result.err


def test_reference_grid_of_expressions_and_ranges(run):
    result = run(
        "table",
        "grid",
        "--statement",
        "theorem2-ascent",
        "--agents",
        "10,20",
        "--sigma",
        "0.1:0.3:0.1",
        "--level",
        "1:2",
        "--steps",
        "5*m*log(m),400",
        "--ascent",
        "1",
        "--format",
        "csv",
    )
    rows = rows_of(result.out)
    assert len(rows) == 2 * 3 * 2 * 2
    assert {row["sigma"] for row in rows} == {"0.1", "0.2", "0.3"}
    assert {row["steps"] for row in rows if row["m"] == "10"} == {"116", "400"}


def test_reference_grid_of_a_statement_for_all_time(run):
    rows = rows_of(
        run(
            "table",
            "grid",
            "--statement",
            "permanence",
            "--memory",
            "1",
            "--sigma",
            "0.2",
            "--level",
            "5:6",
            "--format",
            "csv",
        ).out
    )
    assert [row["steps"] for row in rows] == ["", ""]
    assert float(rows[1]["log10"]) >= float(rows[0]["log10"])


def test_law_lists_and_ranges_are_exact():
    assert values("sigma", "0.1:0.3:0.1") == [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]
    assert values("sigma", "0.1, 2") == [Decimal("0.1"), Decimal(2)]
    assert whole_values("level", "1:5:2,9") == [1, 3, 5, 9]


@pytest.mark.parametrize(
    "text", ["", "a", "1:2:0", "3:1", "1:2:3:4", "1:2:-1", "0:1e9", "nan", "1:inf", "1,,2"]
)
def test_rejects_what_is_no_list(text):
    with pytest.raises(InputError, match="`sigma` must be a list a,b,c or a range"):
        values("sigma", text)


def test_rejects_fractions_where_whole_numbers_are_needed():
    with pytest.raises(InputError, match="all whole numbers"):
        whole_values("level", "1,1.5")


def test_reference_a_grid_of_a_general_mixture(run):
    words = (
        "--components",
        "3,30",
        "--dimension",
        "2",
        "--distance",
        "4",
        "--sigma",
        "0.2,0.5",
        "--level",
        "1,2",
    )
    result = run(
        "table", "grid", "--statement", "general-theorem2", *words, "--steps", "10*m", "--format", "json"
    )
    rows = json.loads(result.out)
    assert result.status == 0
    assert len({(row["sigma"], row["components"], row["level"]) for row in rows}) == len(rows) == 8
    assert min(float(row["lower"]) for row in rows) < 0.9 < max(float(row["lower"]) for row in rows)
    assert all(row["steps"] == 300 for row in rows)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--statement", "theorem9"), "--statement must be one of"),
        (("--statement", "lemma1", "--level", "1"), "--level must be absent: lemma1 does not use it"),
        (
            ("--statement", "silo-persistence", "--steps", "5", "--variant", "paper"),
            "--variant must be one of certified",
        ),
        (("--statement", "general-theorem2", "--level", "1", "--steps", "5"), "--components must be given"),
        (("--statement", "general-theorem2", "--steps", "5"), "--level must be given"),
        (
            ("--statement", "theorem2", "--level", "1:9999", "--sigma", "0.1:9:0.1", "--steps", "5"),
            "at most 100000 cells",
        ),
        (("--statement", "theorem2", "--level", "1"), "--steps"),
    ],
)
def test_rejects_grids(run, words, message):
    result = run("table", "grid", *words)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
