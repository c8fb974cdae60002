"""Kept code is renewed when a source changes, and found again when none does."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from mcpolar.compiled import caching, warming

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import caller
print(caller.run(1.0), caller.run.stats.cache_hits[caller.run.signatures[0]] if caller.run.stats.cache_hits else 0)
"""


@pytest.fixture
def package(tmp_path):
    """A package like `mcpolar.compiled`: a loop in one module that calls a function of another."""
    folder = tmp_path / "sources"
    folder.mkdir()
    text = Path(caching.__file__).read_text()
    (folder / "caching.py").write_text(text)
    (folder / "callee.py").write_text("from numba import njit\n\n@njit\ndef rule(x):\n    return x + 1\n")
    (folder / "caller.py").write_text(
        "from caching import loop\nfrom callee import rule\n\n@loop\ndef run(x):\n    return rule(x)\n"
    )
    return folder


def run_in_new_process(folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}
    output = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    return float(output[0]), int(output[1])


def test_law_code_is_kept_until_a_called_module_changes(package):
    assert run_in_new_process(package) == (2.0, 0)
    assert run_in_new_process(package) == (2.0, 1)
    callee = package / "callee.py"
    callee.write_text(callee.read_text().replace("x + 1", "x + 5"))
    assert run_in_new_process(package) == (6.0, 0)


def test_law_code_in_a_folder_is_compiled_anew_when_it_changes(package):
    inner = package / "inner"
    inner.mkdir()
    (inner / "__init__.py").touch()
    (package / "callee.py").rename(inner / "callee.py")
    caller = package / "caller.py"
    caller.write_text(caller.read_text().replace("from callee", "from inner.callee"))
    assert run_in_new_process(package) == (2.0, 0)
    assert run_in_new_process(package) == (2.0, 1)
    callee = inner / "callee.py"
    callee.write_text(callee.read_text().replace("x + 1", "x + 5"))
    assert run_in_new_process(package) == (6.0, 0)


def test_control_numba_alone_runs_old_code(package):
    caller, callee = package / "caller.py", package / "callee.py"
    caller.write_text(
        caller.read_text()
        .replace("from caching import loop", "from numba import njit")
        .replace("@loop", "@njit(cache=True)")
    )
    assert run_in_new_process(package) == (2.0, 0)
    callee.write_text(callee.read_text().replace("x + 1", "x + 5"))
    assert run_in_new_process(package) == (2.0, 1)


@pytest.mark.parametrize("given", ["", "chosen"])
def test_law_folder(given, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", given and str(tmp_path / given))
    folder = caching.cache_folder.__wrapped__()
    assert folder.name == f"loops-{caching.source_hash()}"
    assert folder.parent == (tmp_path / given if given else Path(caching.__file__).parent / "__pycache__")


@pytest.mark.parametrize("variable", [True, False])
def test_law_folder_of_a_package_that_cannot_be_written(variable, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setattr(caching.os, "access", lambda path, mode: False)
    monkeypatch.setenv("HOME", str(tmp_path))
    if variable:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    else:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    expected = tmp_path / ("cache" if variable else ".cache") / "mcpolar"
    assert caching.cache_folder.__wrapped__().parent == expected


def test_law_warm_up_announces_only_what_is_new(monkeypatch):
    said = []
    monkeypatch.setattr(warming, "is_kept", lambda: False)
    warming.warm_up(said.append)
    assert len(said) == 1
    monkeypatch.undo()
    assert warming.is_kept()
    warming.warm_up(said.append, in_order=True)
    assert len(said) == 1


def outcome(folder, environment):
    """Return what a program that runs a loop prints, and its lines on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        env={name: value for name, value in os.environ.items() if not name.startswith("NUMBA")} | environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split(), done.stderr.splitlines()


@pytest.mark.parametrize("damage", ["flipped", "cut short", "empty"])
def test_law_damaged_code_is_not_run_but_compiled_anew(package, tmp_path, damage):
    kept = {"NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    assert outcome(package, kept) == (["2.0", "0"], [])
    for file in (tmp_path / "kept").rglob("*.nb[ic]"):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes({"flipped": content, "cut short": content[:40], "empty": b""}[damage])
    values, lines = outcome(package, kept)
    assert values == ["2.0", "0"]
    assert len(lines) == 1
    assert "were damaged and are compiled anew" in lines[0]
    assert outcome(package, kept) == (["2.0", "1"], [])


@pytest.mark.parametrize("place", ["a file", "/proc/none"])
def test_law_loops_run_where_nothing_can_be_kept(package, tmp_path, place):
    if place == "a file":
        place = str(tmp_path / "file")
        Path(place).write_text("")
    values, lines = outcome(package, {"NUMBA_CACHE_DIR": place})
    assert values == ["2.0", "0"]
    assert len(lines) == 1
    assert lines[0].startswith("mcpolar: compiled loops cannot be kept (")
