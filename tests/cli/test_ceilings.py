"""Ceilings stand beside the lower bounds in every answer, for every statement that has one."""

import csv
import io
import json
from decimal import Decimal

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

import mcpolar
from mcpolar.results import Bound
from mcpolar.statements import find, probability_statements
from tests.cli.test_formats import GENERAL, SMALL

mpl.use("Agg")

WITHOUT = {"permanence", "general-theorem1", "general-permanence"}
"""No ceiling is known for any parameters."""
STATEMENTS = [one.command for one in probability_statements()]
CEILING = "no such bound exceeds"
MAJORITY = ("-m", 30, "-r", 1, "--sigma", "0.2", "--groups", "80%@250/20%@-50", "--level", 2)
"""A start for which consensus finds a barrier."""


def words(name):
    statement = find(name)
    names = {option.name for option in statement.options}
    if "groups" in names:
        return MAJORITY
    given = list(SMALL) if statement.takes_chain else [*SMALL, *GENERAL]
    if "steps" in names:
        given += ["--steps", 40]
    return [*given, "--level", 1] if "level" in names else given


@pytest.mark.parametrize("name", STATEMENTS)
def test_law_every_format_of_a_bound_shows_its_ceiling(run, name):
    call = ("bound", name, *words(name), "--format")
    record = json.loads(run(*call, "json").out)
    assert (record["ceiling"] is None) == (name in WITHOUT)
    (row,) = csv.DictReader(io.StringIO(run(*call, "csv").out))
    if record["ceiling"] is None:
        assert row["ceiling"] == ""
        assert CEILING not in run(*call, "text").out
        return
    value = record["ceiling"]["value"]
    assert Decimal(record["lower"]) <= Decimal(value) <= 1
    assert row["ceiling"] == value
    assert f"{CEILING} {value}: the chance from {record['ceiling']['start']}" in run(*call, "text").out
    assert value in run(*call, "markdown").out
    assert "ceiling" in run(*call, "latex").out


@pytest.mark.parametrize("name", [name for name in STATEMENTS if find(name).takes_chain])
def test_law_a_table_has_the_ceilings_of_its_bounds(run, name):
    call = ("table", "grid", "--statement", name, *words(name), "--format")
    (row,) = csv.DictReader(io.StringIO(run(*call, "csv").out))
    record = json.loads(run("bound", name, *words(name), "--format", "json").out)
    assert row["ceiling"] == ("" if name in WITHOUT else record["ceiling"]["value"])
    assert (row["ceiling"] in run(*call, "text").out) or name in WITHOUT


@pytest.mark.parametrize("variant", ["certified", "paper", "both"])
def test_law_the_published_tables_show_none(run, variant):
    rows = csv.DictReader(io.StringIO(run("table", "paper", "--variant", variant, "--format", "csv").out))
    assert "ceiling" not in rows.fieldnames


def test_law_a_validation_shows_the_ceiling_beside_bound_and_estimate(run):
    call = ("validate", "theorem2", *SMALL, "--steps", 5, "--replicas", 100, "--format")
    record = json.loads(run(*call, "json").out)
    bound = json.loads(run("bound", "theorem2", *SMALL, "--steps", 5, "--format", "json").out)
    assert record["ceiling"] == bound["ceiling"]
    (row,) = csv.DictReader(io.StringIO(run(*call, "csv").out))
    assert row["ceiling"] == record["ceiling"]["value"]
    assert f"{CEILING} {row['ceiling']}" in run(*call, "text").out


def drawn(**axes):
    table = mcpolar.table("theorem2", m=6, r=2, steps=40, **axes)
    place = Figure().subplots()
    table.plot(place)
    return table, place


def test_law_curves_have_their_ceilings_above_them():
    table, axes = drawn(sigma=["0.3", "0.4", "0.5"], level=[1, 2])
    assert all(isinstance(bound, Bound) and bound.ceiling is not None for bound in table)
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert len(dotted) == len(axes.lines) / 2 == 2
    for below, above in zip(axes.lines[::2], axes.lines[1::2], strict=True):
        assert list(below.get_xdata()) == list(above.get_xdata())
        assert (below.get_ydata() <= above.get_ydata()).all()
    assert [text.get_text().startswith(CEILING) for text in axes.get_legend().get_texts()].count(True) == 1


@pytest.mark.parametrize("name", ["theorem1", "lemma2"])
@pytest.mark.parametrize("narrow", [{"k": 4}, {"mirror": "0.5"}], ids=["k", "mirror"])
def test_law_a_record_says_why_no_ceiling_is_known(name, narrow):
    said = "no ceiling is known"
    function = find(name).function
    without = function(mcpolar.ChainParameters(m=6, r=2, sigma="0.3", **narrow))
    assert without.ceiling is None
    assert sum(note.startswith(said) for note in without.notes) == 1
    unrestricted = function(mcpolar.ChainParameters(m=6, r=2, sigma="0.3"))
    assert unrestricted.ceiling is not None
    assert not any(note.startswith(said) for note in unrestricted.notes)
