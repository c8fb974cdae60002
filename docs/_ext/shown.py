"""What the pages show that no notebook makes: two pictures, and the example of a report.

`python shown.py FOLDER EXTRA` makes them: a build has it at work beside the gallery.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHAIN = {"m": 12, "r": 2, "sigma": "0.4", "k": 5}


def write_shown(folder: Path, extra: Path) -> None:
    """Write what is not there; :mod:`fresh` has removed what another source made."""
    from mcpolar.report.plots.saving import save

    pictures: dict[str, Callable[[], Any]] = {"front": _front, "verdicts": _verdicts}
    for name, draw in pictures.items():
        if not (folder / f"{name}.png").is_file():
            save(draw(), folder / f"{name}.png", {"page": name}, dpi=200)
    extra.mkdir(parents=True, exist_ok=True)
    if not (extra / "report.html").is_file():
        (extra / "report.html").write_text(_report(), encoding="utf-8")


def _front() -> Any:
    import mcpolar as mp
    from mcpolar.report.plots.bounds import draw_table

    sigmas = [f"0.{number}" for number in range(10, 61, 5)]
    return draw_table(mp.table("silo_persistence", m=30, r=5, sigma=sigmas, level=[1, 2, 3], steps=1021))


def _verdicts() -> Any:
    import matplotlib
    from matplotlib.figure import Figure

    from mcpolar.report.plots.style import BLUE, GREEN, ORANGE, STYLE

    shown = (
        ("violated", 0.22, 0.34, ORANGE),
        ("consistent", 0.36, 0.62, BLUE),
        ("validated", 0.55, 0.8, GREEN),
    )
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 1.6))
        axes = figure.subplots()
        for place, (_, low, high, colour) in enumerate(shown):
            axes.plot([low, high], [place, place], "|-", color=colour)
            axes.plot((low + high) / 2, place, "o", color=colour, ms=4)
        axes.axvline(0.45, color="black", lw=0.8)
        axes.annotate("bound", (0.45, 2.5), (3, 0), textcoords="offset points", fontsize=8)
        axes.set(yticks=range(3), ylim=(-0.5, 2.9), xlim=(0, 1), xlabel="probability")
        axes.set_yticklabels([name for name, *_ in shown])
    return figure


def _report() -> str:
    """Return the report of a study, two checks and a table, as `mcpolar report` writes it from their files."""
    import mcpolar as mp
    from mcpolar.report.html import read_results, report_page

    chain = mp.ChainParameters(**CHAIN)
    about = {"level": 1, "steps": 720, "split": 6, "replicas": 1000, "seed": 1}
    sigmas = [f"0.{number}" for number in range(20, 61, 5)]
    table = mp.table("silo_persistence", **(CHAIN | {"sigma": sigmas}), level=[1, 2, 3], split=6, steps=720)
    results: dict[str, Any] = {
        "study": mp.study(chain, "bipolar", replicas=500, steps="60*m", seed=1).to_dict(),
        "silos": mp.validate("silo_persistence", chain, **about).to_dict(),
        "level": mp.validate("theorem2", chain, **about).to_dict(),
        "table": table.to_dict(),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, record in results.items():
            (Path(folder) / f"{name}.json").write_text(json.dumps(record, default=str), encoding="utf-8")
        found = read_results([Path(folder) / f"{name}.json" for name in results])
        return report_page(found, "Twelve agents")


if __name__ == "__main__":
    write_shown(*map(Path, sys.argv[1:]))
