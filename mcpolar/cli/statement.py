"""`mcpolar statement NAME`: what a statement says, on what it rests, and how much of it a machine has checked."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import Annotated, Any

from cyclopts import Parameter

from mcpolar.choices import TextFormat
from mcpolar.statements import Statement, commands, find


def statement(
    name: Annotated[str, Parameter(help=f"The statement's name: {', '.join(commands())}.")],
    *,
    format: TextFormat = "text",
) -> None:
    """Print a statement, its hypotheses, where its proof, code and test are, and what is machine-checked.

    Parameters
    ----------
    format
        text for people, json for programs.
    """
    found = find(name)
    record = describe(found)
    sys.stdout.write(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n" if format == "json" else _text(found, record)
    )


def describe(found: Statement) -> dict[str, Any]:
    """Return all that is known of a statement.

    Parameters
    ----------
    found : Statement
        From :func:`mcpolar.statements.find`.

    Returns
    -------
    dict
        Statement and hypotheses (Markdown), places in the source tree, checked steps, Coq theorems with their premises,
        what no machine has checked, and the numbers with which the bound rises or falls.
    """
    claims = found.claims
    return {
        "name": found.command,
        "theory": found.theory,
        "title": found.title,
        "forms": list(found.variants),
        "statement": claims["statement"],
        "hypotheses": claims["hypotheses"],
        "rules": {
            "policy": found.rules.policy or "any",
            "neighbours": found.rules.neighbours or "any",
            "reason": found.rules.reason,
        },
        "places": {
            "proof": f"proofs/{found.name}/README.md",
            "steps": f"proofs/{found.name}/check.py",
            "code": found.function.__module__.replace(".", "/") + ".py",
            "test": f"tests/bounds/test_{found.name}.py",
        },
        "proved": claims["proved"],
        "checked_steps": claims["steps"],
        "coq_theorems": claims["theorems"],
        "not_machine_checked": claims["unchecked"],
        "goes_one_way": [vars(one) for one in found.monotone],
    }


def _text(found: Statement, record: dict[str, Any]) -> str:
    lines = [f"{found.command} ({found.theory}): {found.title}", "", record["statement"], ""]
    lines += ["Hypotheses", "", record["hypotheses"], "", "What is proved in Coq", ""]
    lines += [
        *textwrap.wrap(record["proved"], 120, break_on_hyphens=False),
        "",
        "Places in the source tree",
        "",
    ]
    lines += [f"  {what:6} {path}" for what, path in record["places"].items()]
    lines += [
        "",
        f"Steps checked by computer algebra and exact arithmetic: {len(record['checked_steps'])}",
        "",
    ]
    lines += [f"  {name}" for name in record["checked_steps"]]
    lines += ["", f"Theorems proved in Coq: {len(record['coq_theorems'])}", ""]
    for theorem in record["coq_theorems"]:
        lines.append(f"  {theorem['name']} (proofs/{theorem['file']}): {theorem['states']}")
        lines += [f"    given: {premise}" for premise in theorem["premises"]]
    lines += ["", "Not machine-checked", ""]
    lines += [f"  {what}" for what in record["not_machine_checked"]] or ["  nothing"]
    if record["goes_one_way"]:
        lines += ["", "Known to go one way (what `mcpolar solve` rests on)", ""]
    for one in record["goes_one_way"]:
        way = "never falls" if one["rises"] else "never rises"
        lines.append(f"  {way} with {one['option']}: {one['reason']}")
    return "\n".join(lines) + "\n"
