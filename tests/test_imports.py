"""Imports point down only; the contract that says so can fail."""

import configparser
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
