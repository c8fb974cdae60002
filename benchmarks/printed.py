"""Whether two checkouts print the same: python -m benchmarks.printed OLD NEW runs the documented commands in both.

Every command that README.md and docs/ of the second tree show is run, but for those that need a model, write files or
take minutes; and the paper's tables, both forms. Times, versions and paths are left out of the comparison.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

SHOWN = re.compile(r"^\$ mcpolar (.*)$", re.MULTILINE)
LEFT_OUT = re.compile(
    r"^(agents|compare|run|simulate|experiment)\b|--(output|store|plot)|^validate paper|^metastability exit"
)
ALWAYS = (
    "table paper --variant both",
    "table paper --variant certified --format csv",
    "bound theorem1 --agents 30 --memory 5 --sigma 0.2 --format json",
    "bound theorem2-ascent --sigma 0.3 --level 1 --steps 2*m*log(m) --format json",
    "bound silo-persistence --sigma 0.3 --level 1 --steps 10*m*log(m) --format json",
    "bound lemma1 --format json",
    "bound lemma2 --format json",
    "bound one-sided --sigma 0.2 --log-odds 10 --format json",
    "bound general-theorem2 --components 30 --dimension 2 --distance 4 --steps 1000 --format json",
    "simulate --agents 6 --memory 3 --sigma 0.5 --steps 300 --replicas 40 --seed 5",
    "simulate --agents 6 --memory 3 --sigma 0.5 --neighbours 2 --mirror 0.2 --steps 300 --replicas 40 --seed 5",
    "metastability exit --agents 6 --memory 2 --neighbours 2 --sigma 0.7 --steps 400 --replicas 100 --format csv",
    "experiment fig3 --replicas 2 --neighbours 1,29 --format csv",
)
CHANGING = re.compile(r"\b\d+(\.\d+)? s\b|\"(seconds|versions|platform|date)\".*")


def documented(root: Path) -> list[str]:
    """Return the commands that the pages show and that are compared."""
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    shown = [
        words.split("  #")[0].strip()
        for page in pages
        for words in SHOWN.findall(page.read_text(encoding="utf-8"))
    ]
    return list(dict.fromkeys([*(words for words in shown if not LEFT_OUT.search(words)), *ALWAYS]))


def printed(root: Path, words: str) -> str:
    """Return what a command prints, without what may change."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "mcpolar", *shlex.split(words)],
            env=os.environ | {"PYTHONPATH": str(root.resolve())},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    return f"{done.returncode}\n" + CHANGING.sub("…", done.stdout)


def main() -> None:
    """Print each command with whether it prints the same."""
    old, new = (Path(name) for name in sys.argv[1:3])
    different = 0
    for words in documented(new):
        before, after = printed(old, words), printed(new, words)
        different += before != after
        print(
            f"{'same' if before == after else 'DIFFERENT'} ({len(after)} characters): mcpolar {words}",
            flush=True,
        )
        if before != after:
            print(f"--- before\n{before}\n--- after\n{after}")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
