"""The application itself: help, version, unknown commands, errors of the machine."""

import subprocess
import sys

import pytest

import mcpolar


def test_reference_version(run):
    assert run("--version").out.strip() == mcpolar.__version__


@pytest.mark.parametrize(
    "command", [(), ("bound",), ("table",), ("table", "paper"), ("simulate",), ("validate",)]
)
def test_reference_help_names_the_options(run, command):
    result = run(*command, "--help")
    assert result.status == 0
    assert "Usage: mcpolar" in result.out


def test_reference_help_has_examples(run):
    assert "mcpolar validate theorem2" in run("--help").out


def test_law_help_imports_nothing_heavy():
    heavy = ["numpy", "scipy", "sympy", "numba", "pandas", "statsmodels", "flint", "matplotlib"]
    code = (
        "import sys; from mcpolar.cli import main; main(['--help']);"
        f"sys.exit(','.join(m for m in {heavy} if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [("bount",), ("table", "papers"), ("bound", "theorem2", "extra", "words")])
def test_rejects_unknown_words_in_one_line(run, words):
    result = run(*words)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert words[-1] in result.err or "extra" in result.err


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 3, "out of memory"),
        (OSError(28, "No space left on device"), 3, "No space left on device"),
        (mcpolar.errors.PrecisionError("undecided"), 3, "undecided"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_reference_errors_of_the_machine_have_the_contracts_status(run, monkeypatch, error, status, message):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr("mcpolar.cli.bound.evaluate", fail)
    result = run("bound", "theorem2", "--steps", 5)
    assert result.status == status
    assert message in result.err
    assert result.err.count("\n") == (1 if message else 0)
