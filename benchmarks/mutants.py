"""Which mutants of a module its tests catch: python -m benchmarks.mutants mcpolar/steps.py --sample 60 --seed 1.

Without a module, some are drawn at random from the package outside `compiled/`, whose loops are machine code that a
mutant would compile anew: the weekly job is `python -m benchmarks.mutants --modules 8 --sample 40 --seed NUMBER`.
mutmut makes the mutants and runs, for each, the tests that reach it; here a random sample of them is taken, and what
survived is printed to be looked at. Everything happens in a copy of the checkout; `--folder` keeps it, with its
compiled loops, for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CAUGHT = ("killed", "timeout", "caught by type check", "suspicious")


@dataclass(frozen=True)
class Tally:
    """What became of the sample of one module's mutants."""

    module: str
    mutants: int
    status: dict[str, str]

    @property
    def survivors(self) -> list[str]:
        """Names of the mutants that no test caught."""
        return [name for name, status in self.status.items() if status not in CAUGHT]

    def row(self) -> str:
        """Return a row of the table."""
        sampled, missed = len(self.status), len(self.survivors)
        share = f"{(sampled - missed) / sampled:.0%}" if sampled else "-"
        return f"| {self.module} | {self.mutants} | {sampled} | {sampled - missed} | {share} |"


def modules() -> list[str]:
    """Return the modules that may be mutated."""
    return sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "mcpolar").rglob("*.py")
        if "compiled" not in path.parts and path.name not in ("__init__.py", "__main__.py")
    )


def tests_of(module: str) -> list[str]:
    """Return the tests that mirror a module: its own file, or its folder's, or the nearest folder's above."""
    inside = Path(*Path(module).parts[1:])
    own = Path("tests") / inside.parent / f"test_{inside.name}"
    if (ROOT / own).exists():
        return [str(own)]
    folders = [Path("tests") / parent for parent in inside.parents]
    return [str(next(folder for folder in folders if (ROOT / folder).exists()))]


def measure(module: str, tests: list[str], sample: int, seed: int, copy: Path) -> Tally:
    """Make the module's mutants in `copy`, run the tests on a sample of them, and return what became of it."""
    shutil.rmtree(copy / "mutants", ignore_errors=True)
    _configure(copy, module, tests)
    _mutmut(
        copy, "run", "--max-children", "1", "nothing has this name"
    )  # makes them, and sees which tests reach which
    names = sorted(_results(copy))
    chosen = random.Random(f"{seed} {module}").sample(names, min(sample, len(names)))
    if chosen:
        _mutmut(copy, "run", "--max-children", "1", *chosen)
    found = _results(copy)
    return Tally(module, len(names), {name: found[name] for name in chosen})


def _configure(copy: Path, module: str, tests: list[str]) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    others = sorted(path.name for path in copy.iterdir() if path.name not in ("mcpolar", "mutants"))
    settings = {
        "source_paths": ["mcpolar"],
        "only_mutate": [module],
        "also_copy": others,
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-m", "not slow"],
        "pytest_add_cli_args_test_selection": tests,
    }
    lines = [f"{name} = {values!r}" for name, values in settings.items()]
    (copy / "pyproject.toml").write_text("\n".join([project, "[tool.mutmut]", *lines, ""]), encoding="utf-8")


def _mutmut(copy: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=copy,
        env={**os.environ, "NUMBA_CACHE_DIR": str(copy.parent / "loops")},
        capture_output=True,
        text=True,
        check=False,
    )
    if "failed" in done.stdout and "Failed to run clean test" in done.stdout:
        raise SystemExit(f"the tests fail without any mutant:\n{done.stdout[-2000:]}")
    return done.stdout


def _results(copy: Path) -> dict[str, str]:
    lines = (line.strip().rpartition(": ") for line in _mutmut(copy, "results", "--all", "true").splitlines())
    return {name: status for name, colon, status in lines if colon and "__mutmut_" in name}


def _copy_of_checkout(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("module", nargs="*", help="modules, e.g. mcpolar/steps.py; none: some at random")
    parser.add_argument(
        "--tests", nargs="+", help="files or folders of tests; by default those that mirror the module"
    )
    parser.add_argument("--modules", type=int, default=8, help="how many modules at random")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--folder", type=Path, help="keeps the copy of the checkout; by default it is temporary"
    )
    options = parser.parse_args()
    chosen = options.module or random.Random(options.seed).sample(modules(), options.modules)
    temporary = (
        tempfile.TemporaryDirectory() if options.folder is None else contextlib.nullcontext(options.folder)
    )
    with temporary as name:
        copy = Path(name).absolute() / "checkout"
        shutil.rmtree(copy, ignore_errors=True)
        _copy_of_checkout(copy)
        print("| module | mutants | sampled | caught | share |\n|---|---|---|---|---|", flush=True)
        for module in chosen:
            tally = measure(module, options.tests or tests_of(module), options.sample, options.seed, copy)
            print(tally.row(), flush=True)
            for survivor in tally.survivors:
                changed = [
                    line for line in _mutmut(copy, "show", survivor).splitlines() if line[:2] in ("- ", "+ ")
                ]
                print(
                    f"  {survivor.rpartition('.')[2]} {tally.status[survivor]}:",
                    *changed,
                    sep="\n    ",
                    file=sys.stderr,
                )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
