"""Imports point down only; the contract that says so can fail."""

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    code = f"from importlinter.cli import lint_imports; raise SystemExit(lint_imports({str(config)!r}, no_cache=True))"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


def test_law_imports_point_down_only():
    done = lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout
    assert "1 kept, 0 broken" in done.stdout


def test_law_every_module_is_in_a_layer():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    layers = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    present = {
        f"mcpolar.{path.stem}"
        for path in (ROOT / "mcpolar").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert present - layers == set()


# The one way up the layers: a record is drawn by the pictures' module, which it loads by name when it is asked to.
LOADED_BY_NAME = {("mcpolar.results", "mcpolar.report.plots.drawers")}


def names_of_higher_layers(name: str, tree: ast.Module, layers: list[list[str]]) -> set[tuple[str, str]]:
    """Modules of higher layers that a module names in a text of its code, by which it could load them."""
    rank = {module: place for place, modules in enumerate(layers) for module in modules}
    own = rank.get(".".join(name.split(".")[:2]), -1)  # the face is above all
    texts = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {
        (name, text)
        for text in texts
        if re.fullmatch(r"mcpolar(\.\w+)+", text) and rank.get(".".join(text.split(".")[:2]), own) < own
    }


def contract_layers() -> list[list[str]]:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]


def test_law_one_module_loads_a_higher_one_by_name():
    found = set()
    for path in (ROOT / "mcpolar").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found |= names_of_higher_layers(name, ast.parse(path.read_text()), contract_layers())
    assert found == LOADED_BY_NAME


def test_control_another_way_up_is_seen():
    tree = ast.parse("import_module('mcpolar.cli.bound'); import_module('mcpolar.errors')")
    assert names_of_higher_layers("mcpolar.chain.state", tree, contract_layers()) == {
        ("mcpolar.chain.state", "mcpolar.cli.bound")
    }


def test_control_the_contract_turned_upside_down_is_broken(tmp_path):
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    config = configparser.ConfigParser()
    config["importlinter"] = {"root_package": "mcpolar", "include_external_packages": "True"}
    config["importlinter:contract:1"] = {
        "name": "upside down",
        "type": "layers",
        "layers": "\n" + "\n".join(reversed(contract["layers"])),
    }
    path = tmp_path / "upside_down.ini"
    with path.open("w") as file:
        config.write(file)
    done = lint(path)
    assert done.returncode != 0
    assert "0 kept, 1 broken" in done.stdout
