"""Write the table of proofs/README.md and the data of `mcpolar statement`: `python -m proofs.ledger`.

Both are made from the statements' folders, so that they cannot say what is not there; tests compare them.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from mcpolar.statements import STATEMENTS
from proofs.claims import FOLDERS, ROOT, Theorem, read

README = ROOT / "README.md"
DATA = ROOT.parent / "mcpolar" / "claims.json"
OTHERS = {"odds": "facts on odds", "common": "the probability"}
BEGIN, END = "<!-- table: written by proofs/ledger.py -->", "<!-- end of table -->"


def section(folder: str, title: str) -> str:
    """Return a section of a statement's README."""
    text = (ROOT / folder / "README.md").read_text()
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, flags=re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError(f"{folder}/README.md has no section {title}")
    return found.group(1).strip()


def checks(folder: str) -> list[str]:
    """Return the names of the statement's checks."""
    file = ROOT / folder / "check.py"
    if not file.exists():
        return []
    tree = ast.parse(file.read_text())
    names = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return [name for name in names if name.startswith("check_")]


def table() -> str:
    """Return the table: statement, human proof, steps checked, Coq theorems, premises, what is left."""
    rows = [
        "| statement | human proof | steps checked | Coq theorems | premises left | not machine-checked |"
    ]
    rows += ["|---|---|---|---|---|---|"]
    for folder in FOLDERS:
        claims = read(folder)
        theory = STATEMENTS[folder].theory if folder in STATEMENTS else OTHERS[folder]
        steps = f"[{len(checks(folder))}]({folder}/check.py)" if checks(folder) else "0"
        names = ", ".join(f"[`{t.name}`]({t.file})" for t in claims.theorems) or "none"
        premises = "; ".join(_short(claims.theorems)) or "none"
        left = "; ".join(claims.unchecked) or "nothing"
        rows.append(
            f"| {theory} | [{folder}]({folder}/README.md) | {steps} | {names} | {premises} | {left} |"
        )
    return "\n".join(rows)


def _short(theorems: tuple[Theorem, ...]) -> list[str]:
    """Return each premise once, without what is proved of it."""
    return list(
        dict.fromkeys(premise.partition(":")[0] for theorem in theorems for premise in theorem.premises)
    )


def data() -> dict[str, Any]:
    """Return what `mcpolar statement` prints of each statement."""
    return {
        folder: {
            "statement": section(folder, "Statement"),
            "hypotheses": section(folder, "Hypotheses"),
            "steps": checks(folder),
            "theorems": [
                {"file": t.file, "name": t.name, "states": t.states, "premises": list(t.premises)}
                for t in read(folder).theorems
            ],
            "proved": read(folder).proved,
            "unchecked": list(read(folder).unchecked),
        }
        for folder in STATEMENTS
    }


def readme_with_table(text: str) -> str:
    """Return the README's text with the current table in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def data_text() -> str:
    """Return the data file's text."""
    return json.dumps(data(), indent=1, ensure_ascii=False) + "\n"


def write(readme: Path = README, file: Path = DATA) -> None:
    """Write both."""
    readme.write_text(readme_with_table(readme.read_text()))
    file.write_text(data_text())


if __name__ == "__main__":
    write()
