"""Every format of every command: what is written is read back, and says what each row depends on."""

import csv
import io
import json
import re
import shutil
import subprocess
from decimal import Decimal

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpolar.choices import Format, TableFormat
from mcpolar.cli import main
from mcpolar.decimals import significant
from mcpolar.errors import InputError
from mcpolar.report import latex
from mcpolar.report.tables import SUFFIXES, Downward, Upward, format_of, render, shown
from mcpolar.statements import probability_statements

SMALL = ("-m", 3, "-r", 1)
GENERAL = ("--components", 3, "--dimension", 2, "--distance", 2)
COMMANDS = {
    **{
        f"bound {one.command}": (
            "bound",
            one.command,
            "--steps",
            40,
            *SMALL,
            *(() if one.takes_chain else GENERAL),
        )
        for one in probability_statements()
    },
    "bound, an expression": ("bound", "theorem2", "--steps", "10*m*log(m)", "--split", 15),
    "bound, paper": ("bound", "theorem1", "--variant", "paper"),
    "table paper": ("table", "paper"),
    "table paper, both": ("table", "paper", "--variant", "both"),
    "table grid": (
        *("table", "grid", "--statement", "theorem2-ascent", "--level", "1:2", "--ascent", "1:3"),
        *("--steps", "2*m*log(m),100", "--neighbours", "9,25", "--split", "20", "--sigma", "0.2,0.3"),
    ),
    "table grid, permanence": (
        *(
            "table",
            "grid",
            "--statement",
            "permanence",
            "--memory",
            "1",
            "--sigma",
            "0.2,0.3",
            "--level",
            "1:5",
        ),
    ),
    "validate": ("validate", "theorem2", *SMALL, "--steps", 5, "--replicas", 20, "--quiet"),
    "simulate": ("simulate", *SMALL, "--steps", 20, "--replicas", 3, "--quiet"),
    "exit": ("metastability", "exit", *SMALL, "--sigma", 1, "--steps", 20, "--replicas", 5, "--quiet"),
    "coarse": (
        *("metastability", "coarse", *SMALL, "--sigma", 1, "--steps", 60, "--replicas", 5, "--quiet"),
        *("--draws", 10, "--lags", "1,2"),
    ),
    "exact": ("metastability", "exact", "--steps", 3),
    "exact, single values": ("metastability", "exact", "--quantity", "undecided"),
    "meanfield": ("metastability", "meanfield", "--rounds", 1),
    "phase": (
        *("metastability", "phase", "-m", 3, "--sigma", "0.5,1", "--neighbours", "1,2", "--steps", 20),
        *("--replicas", 5, "--quiet"),
    ),
    "growth": (
        *("metastability", "growth", "-r", "1,2", "--sigma", "1", "--replicas", 4, "--updates", 20),
        *("--burn-in", 5, "--quiet"),
    ),
}
SEVERAL = sorted(set(COMMANDS) - {name for name in COMMANDS if name.startswith("bound")} - {"validate"})


def written(run, name, form):
    result = run(*COMMANDS[name], "--format", form)
    assert result.status == 0, result.err
    return result.out


def records(text):
    found = json.loads(text)
    return found if isinstance(found, list) else found.get("rows", [found])


@pytest.mark.parametrize("name", COMMANDS)
def test_law_csv_holds_the_rows_of_json(run, name):
    rows = list(csv.DictReader(io.StringIO(written(run, name, "csv"))))
    found = records(written(run, name, "json"))
    assert len(rows) == len(found)
    assert all(None not in row and None not in row.values() for row in rows)
    if name in SEVERAL:
        assert list(rows[0]) == list(found[0])
        for row, record in zip(rows, found, strict=True):
            assert {key: "" if v is None else str(v) for key, v in record.items()} == row


@pytest.mark.parametrize("name", COMMANDS)
def test_law_people_see_every_number_that_varies(run, name):
    rows = list(csv.DictReader(io.StringIO(written(run, name, "csv"))))
    text = written(run, name, "markdown")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = [line for line in lines if not re.fullmatch(r"[|:\- ]+", line)]
    tables = sum(bool(re.fullmatch(r"[|:\- ]+", line)) for line in lines)
    assert len(heads) - tables == len(rows)
    assert len({line.count("|") - line.count("\\|") for line in lines}) <= tables
    columns = {cell.strip() for line in heads for cell in line.strip("|").split("|")}
    hidden = {"failure", "given_steps"}
    for column in set(rows[0]) - hidden:
        varies = len({row[column] for row in rows}) > 1
        is_in_titles = f"{column} = " in text or f", {column} 1" in text
        assert not varies or column in columns or column.endswith(("_low", "_high")) or is_in_titles


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_reference_latex_of_every_command_compiles_and_fits_a_line(run, tmp_path):
    for number, name in enumerate(COMMANDS):
        (tmp_path / f"{number}.tex").write_text(written(run, name, "latex"))
    numbers = range(len(COMMANDS))
    body = "".join(f"\\message{{FILE {one}.}}\\input{{{one}.tex}}\\clearpage\n" for one in numbers)
    narrow = latex.document_of(body).replace(
        "\\begin{document}", "\\setlength{\\textwidth}{12cm}\\begin{document}"
    )
    (tmp_path / "all.tex").write_text(narrow)
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in done.stdout
    wide = {}
    for part in done.stdout.split("FILE ")[1:]:
        number, _, rest = part.partition(".")
        if "Overfull" in rest:
            wide[list(COMMANDS)[int(number)]] = re.findall(r"Overfull.*", rest)
    assert wide == {}


@pytest.mark.parametrize("name", COMMANDS)
def test_law_latex_sets_mathematics_as_mathematics(run, name):
    text = written(run, name, "latex")
    outside = re.sub(r"\$[^$]*\$", "", re.sub(r"\\\$|%.*", "", text))
    for raw in ("sigma", "<", ">", "|", '"', "*", "inf ", "e-0", "e-1", ">=", "_"):
        assert raw not in outside.replace("\\_", ""), (raw, outside)


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
@pytest.mark.parametrize("name", COMMANDS)
def test_law_nothing_of_python_is_shown(run, name, form):
    text = written(run, name, form)
    if form != "latex":  # braces are LaTeX's own
        text = re.sub(r"\$.*\$", "", text)  # and a formula's
        assert "{'" not in text
        assert "{" not in text
    assert not re.search(r"\bNone\b|\bTrue\b|\bFalse\b|\bnan\b|np\.", text)


STATEMENTS = [one.command for one in probability_statements() if one.takes_chain]
AXES = {
    "agents": "4,6",
    "memory": "1,2",
    "sigma": "0.3,0.5",
    "neighbours": "1,2",
    "level": "1,2",
    "steps": "20,4*m",
    "split": "0,1",
    "ascent": "1,2",
    "log_odds": "9,12",
    "start_memory": "own,any",
    "groups": "50%@250/50%@-50,50%@200/50%@-50",
}


@pytest.mark.parametrize("command", STATEMENTS)
def test_law_every_swept_option_is_a_column(run, command):
    statement = next(one for one in probability_statements() if one.command == command)
    own = {option.name for option in statement.options}
    assert own <= set(AXES)  # a new option belongs into the table above
    swept = ["agents", "memory", "sigma", "neighbours", *sorted(own)]
    if "log_odds" in own:  # it stands for the level
        swept.remove("level")
    for one in swept:
        given = {name: AXES[name] if name == one else AXES[name].split(",")[0] for name in swept}
        words = [part for name, value in given.items() for part in ("--" + name.replace("_", "-"), value)]
        result = run("table", "grid", "--statement", command, *words, "--format", "csv")
        assert result.status == 0, result.err
        rows = list(csv.DictReader(io.StringIO(result.out)))
        described = [
            tuple(v for k, v in row.items() if k not in ("lower", "log10", "ceiling", "failure", "failed"))
            for row in rows
        ]
        assert len(set(described)) == len(rows) == 2, one
        assert (*rows[0],)[0 :: len(rows[0]) - 1] == ("table", "failed")


def test_reference_a_zero_says_which_assumption_failed(run):
    rows = list(csv.DictReader(io.StringIO(written(run, "table grid", "csv"))))
    assert {(row["k"], row["failed"], row["lower"] == "0") for row in rows} == {
        ("9", "", False),
        ("25", "neighbourhood", True),
    }
    shown_rows = written(run, "table grid", "text")
    assert "from any level-h polarized state" in " ".join(shown_rows.split())
    assert "failed: an assumption that does not hold" in shown_rows


@given(value=st.floats(allow_nan=False, allow_infinity=False), digits=st.integers(1, 15))
def test_law_a_number_with_a_direction_is_shown_in_it(value, digits):
    assert Decimal(significant(value, digits, "down")) <= Decimal(value) or _reads_back(value, digits)
    assert Decimal(significant(value, digits, "up")) >= Decimal(value) or _reads_back(value, digits)
    assert float(shown(Downward(value))) <= value <= float(shown(Upward(value)))
    assert significant(value, digits) == f"{value:.{digits}g}"


def _reads_back(value, digits):
    return float(f"{value:.{digits}g}") == value


@pytest.mark.parametrize("sigma", ["0.05", "0.1", "0.2", "0.31", "0.4", "0.7"])
@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_law_the_logarithm_that_is_shown_is_not_above_the_certified_one(run, sigma, form):
    for steps in (17, 205):
        words = ("bound", "theorem2", "--sigma", sigma, "--steps", steps, "--format")
        exact = json.loads(run(*words, "json").out)["log10"]
        found = re.findall(r"-\d[\d.]*(?:e-\d+|\\times10\^\{-\d+\})?", run(*words, form).out)
        numbers = [float(one.replace("\\times10^{", "e").replace("}", "")) for one in found]
        near = [one for one in numbers if abs(one - exact) < 1e-4 * abs(exact)]
        assert near, (form, found)
        assert all(one <= exact for one in near)


def test_law_a_note_names_what_the_record_has(run):
    words = ("bound", "permanence", "-r", 1, "--sigma", "0.05", "--level", 10, "--format")
    record = json.loads(run(*words, "json").out)
    assert any("read `failure`" in note for note in record["notes"])
    assert record["failure"] == "2.160427e-1732"
    assert record["log10"] <= -1e-300
    for form in get_args_of_formats():
        assert "1732" in run(*words, form).out
    assert json.loads(run("bound", "theorem1", "--format", "json").out)["failure"] is None


def get_args_of_formats():
    return [form for form in SUFFIXES.values() if form not in ("text", "parquet")]


@pytest.mark.parametrize(("ending", "form"), SUFFIXES.items())
def test_law_the_ending_says_the_format(run, tmp_path, ending, form):
    path = tmp_path / f"t{ending}"
    assert run("table", "paper", "--output", path).status == 0
    if form == "parquet":
        assert len(pandas.read_parquet(path)) == 70
        return
    assert path.read_text() == run("table", "paper", "--format", form).out
    for other in {*SUFFIXES.values()} - {form}:
        refused = run("table", "paper", "--format", other, "--output", tmp_path / f"other{ending}")
        assert (refused.status, refused.err.count("\n")) == (2, 1)
        assert f"--format must be {form}" in refused.err
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "simulate"])
def test_law_a_contradiction_is_refused_before_the_work(run, tmp_path, monkeypatch, name):
    def work(*_args, **_options):
        raise AssertionError("worked")

    monkeypatch.setattr("mcpolar.statements.Statement.evaluate", work)
    monkeypatch.setattr("mcpolar.parallel.over_blocks", work)
    result = run(*COMMANDS[name], "--format", "json", "--output", tmp_path / "t.csv")
    assert (result.status, result.out) == (2, "")
    assert "--format must be csv, or absent, for the file" in result.err


def test_reference_formats_without_a_file_of_their_own():
    assert format_of(None, None) == "text"
    with pytest.raises(InputError, match="`output` must be a file that ends in .txt, .json, .csv, .md, .tex"):
        format_of(pathlib_path("t.parquet"), None, allowed=("text", "json", "csv", "markdown", "latex"))
    assert set(SUFFIXES.values()) == set(TableFormat.__args__) > set(Format.__args__)


def pathlib_path(text):
    from pathlib import Path

    return Path(text)


def test_reference_a_bound_of_zero_has_no_logarithm_for_programs(run, tmp_path):
    words = ("bound", "theorem2", "--steps", 9, "--split", 15)
    assert json.loads(run(*words, "--format", "json").out)["log10"] is None
    row = next(csv.DictReader(io.StringIO(run(*words, "--format", "csv").out)))
    assert (row["lower"], row["log10"], row["failed"]) == ("0", "", "neighbourhood")
    grid = ("table", "grid", "--statement", "theorem2", "--steps", "9", "--split", "15", "--level", "1,2")
    assert run(*grid, "--output", tmp_path / "t.parquet").status == 0
    assert pandas.read_parquet(tmp_path / "t.parquet")["log10"].isna().all()
    assert "log10 = -inf" in run(*words).out


def test_law_what_a_row_lacks_is_empty():
    rows = [{"m": 1, "theta": "0.5", "last": 0}, {"m": 2, "rho": "0.1", "last": 1}]
    assert render(rows, "csv", title="t").splitlines() == ["m,rho,theta,last", "1,,0.5,0", "2,0.1,,1"]
    assert main(["--version"]) == 0
