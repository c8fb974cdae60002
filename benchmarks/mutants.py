"""Which mutants of a module its tests catch: python -m benchmarks.mutants mcpolar/steps.py --sample 60 --seed 1.

Without a module, some are drawn at random from the package outside `compiled/`, whose loops are machine code that a
mutant would compile anew: the weekly job is `python -m benchmarks.mutants --modules 8 --sample 40 --seed NUMBER`.
mutmut makes the mutants; a random sample of them is tried, each by the tests that reach it (see
`benchmarks.mutant_session`), and what survived is printed to be looked at. Everything happens in a copy of the
checkout; `--folder` keeps it, with its compiled loops, for the next run.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents

ROOT = Path(__file__).parents[1]
CAUGHT = ("killed", "timeout")


@dataclass(frozen=True)
class Tally:
    """What became of the sample of one module's mutants."""

    module: str
    mutants: int
    status: dict[str, str]
    changes: dict[str, list[str]]

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


def measure(module: str, tests: list[str], options: argparse.Namespace, copy: Path) -> Tally:
    """Put the module's mutants in its place in `copy`, try a sample of them, and return what became of it."""
    place, plan = copy / module, copy.parent / "plan.json"
    original = (ROOT / module).read_text(encoding="utf-8")
    mutated = mutate_file_contents(module, original)
    dotted = module.removesuffix(".py").replace("/", ".")
    names = sorted(f"{dotted}.{name}" for name in mutated.mutant_names)
    chosen = random.Random(f"{options.seed} {module}").sample(names, min(options.sample, len(names)))
    if options.mutants:
        chosen = [name for name in names if name.rpartition(".")[2] in options.mutants]
    place.write_text(mutated.code, encoding="utf-8")
    plan.write_text(json.dumps({"names": chosen, "seconds": options.seconds}), encoding="utf-8")
    plan.with_suffix(".found").write_text("{}", encoding="utf-8")
    try:
        _session(copy, tests, plan)
    finally:
        place.write_text(original, encoding="utf-8")
    found = json.loads(plan.with_suffix(".found").read_text(encoding="utf-8"))
    return Tally(module, len(names), found, {name: _change(mutated, name) for name in found})


def _session(copy: Path, tests: list[str], plan: Path) -> None:
    """Run the tests on the mutants of a plan, by `benchmarks.mutant_session`."""
    words = ["-q", "-p", "no:cacheprovider", "-p", "benchmarks.mutant_session", "-m", "not slow", *tests]
    loops = {"NUMBA_CACHE_DIR": str(copy.parent / "loops")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=copy,
        env={**os.environ, **loops, "MUTANTS": str(plan), "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 5):
        raise SystemExit(f"{done.stdout[-3000:]}{done.stderr[-2000:]}")


def _change(mutated: MutatedFile, name: str) -> list[str]:
    """Return the lines that a mutant changes, as a difference."""
    lines, short = mutated.code.splitlines(), name.rpartition(".")[2]
    original = f"{short.partition('__mutmut_')[0]}__mutmut_orig"
    texts = []
    for function in (original, short):
        span = mutated.line_span_by_function_name[function]
        texts.append([line.replace(function, "f") for line in lines[span.start - 1 : span.end]])
    changed = difflib.unified_diff(*texts, n=0, lineterm="")
    return [line for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def _copy_of_checkout(folder: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
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
    parser.add_argument(
        "--mutants", nargs="+", help="these, by name, in place of a sample: those that survived before"
    )
    parser.add_argument(
        "--seconds", type=float, default=3600.0, help="for each module, after which no more are tried"
    )
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
            tally = measure(module, options.tests or tests_of(module), options, copy)
            print(tally.row(), flush=True)
            for mutant in tally.survivors:
                lines = [f"  {mutant.rpartition('.')[2]}: {tally.status[mutant]}", *tally.changes[mutant]]
                print("\n    ".join(lines), file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
