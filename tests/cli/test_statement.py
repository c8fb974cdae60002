"""`mcpolar statement`: what it prints is what the proofs hold."""

import json
from pathlib import Path

import pytest

from mcpolar.cli.statement import describe, statement
from mcpolar.errors import InputError
from mcpolar.statements import STATEMENTS, find
from proofs import claims

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", STATEMENTS)
def test_law_every_place_and_theorem_printed_is_there(name):
    record = describe(find(name))
    assert all((ROOT / path).exists() for path in record["places"].values())
    assert [t["name"] for t in record["coq_theorems"]] == [t.name for t in claims.read(name).theorems]
    steps = (ROOT / record["places"]["steps"]).read_text()
    assert record["checked_steps"] and all(f"def {step}(" in steps for step in record["checked_steps"])


@pytest.mark.parametrize("name", [s.command for s in STATEMENTS.values()])
def test_law_text_and_json_agree(name, capsys):
    statement(name, format="json")
    record = json.loads(capsys.readouterr().out)
    statement(name)
    text = capsys.readouterr().out
    assert record["statement"] in text and record["hypotheses"] in text
    for theorem in record["coq_theorems"]:
        assert theorem["name"] in text and all(premise in text for premise in theorem["premises"])
    assert all(what in text for what in record["not_machine_checked"] or ["nothing"])
    assert record["proved"] and record["proved"] in " ".join(text.split())
    assert all(f"with {one['option']}: {one['reason']}" in text for one in record["goes_one_way"])


def test_rejects_unknown_name(capsys):
    with pytest.raises(InputError, match="one of proposition1"):
        statement("theorem3")
    assert capsys.readouterr().out == ""
