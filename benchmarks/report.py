"""The measured figures as a page of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TARGETS = """\
Times are CPU times on one core unless said otherwise. Every measurement stands between two of its yardstick in one
run; a figure is the median of the ratios, with their quartiles in brackets. On a busy machine the nanoseconds are too
large, the ratios hardly.
"""


def table(headers: list[str], rows: list[list[Any]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def spread(value: dict[str, float], digits: int = 2) -> str:
    return f"{value['median']:.{digits}f} ({value['low']:.{digits}f} to {value['high']:.{digits}f})"


def machine(where: dict[str, Any]) -> str:
    """Return on what and when busy how much it was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    load = " and ".join(str(value) for value in where["load"])
    return f"{where['processor']}, {where['processors']} processors, {versions}; load average {load} before and after."


def apart(results: dict[str, Any], section: str) -> str:
    """Return where a section was measured, if not with the others."""
    where = results.get("apart", {}).get(section)
    return "" if where is None else f"\nMeasured apart from the rest: {machine(where)}\n"


def write_report(results: dict[str, Any], path: Path) -> None:
    """Write the page."""
    parts = [
        "# Benchmarks\n\n`python -m benchmarks.chain` makes this page and `benchmarks/chain.json`.\n",
        f"{machine(results)}\n\n{TARGETS}",
        "## Against a hand-written kernel\n\nTime a step over that of a C kernel with AVX-512 intrinsics in odds form "
        "(`benchmarks/chain_kernel.c`). Its time does not depend on sigma, and below 0.19, where its numbers would "
        "overflow, it is run at 0.19. The package has one log form for every sigma and r.\n"
        + apart(results, "kernel"),
        table(
            ["m", "r", "sigma", "C, ns", "package, ns", "package / C", "NumPy / C", "Python / C"],
            [
                [
                    row["m"], row["r"], row["sigma"],
                    f"{row['package']['yardstick_nanoseconds']:.1f}", f"{row['package']['nanoseconds']:.1f}",
                    spread(row["package"]), f"{row['numpy']['median']:.0f}", f"{row['python']['median']:.0f}",
                ]
                for row in results["kernel"]
            ],
        ),
        "\n## Beside other ways to write it\n\nTime a step over that of the package with 64 replicas, m = 30, r = 5, "
        "sigma = 0.3; compilation is no part of it. JAX is one program of all steps, in doubles.\n"
        + apart(results, "beside"),
        table(
            ["", "ratio", "ns"],
            [[row["name"], spread(row, 1), f"{row['nanoseconds']:.0f}"] for row in results.get("beside", [])],
        ),
        "\n## Neighbourhoods and mirrors\n\nTime a step over that of the unrestricted chain, m = 30, r = 5.\n"
        + apart(results, "restricted"),
        table(
            ["sigma", "k", "mirror", "ratio", "ns"],
            [
                [row["sigma"], row["k"] or "", row["mirror"] or "", spread(row), f"{row['nanoseconds']:.0f}"]
                for row in results["restricted"]
            ],
        ),
        "\n## Scaling\n\nUnrestricted, sigma = 0.3; ratio to (30, 5) with 32 replicas.\n"
        + apart(results, "scaling"),
        table(
            ["m", "r", "replicas", "ns a step", "ratio", "steps a second", "bytes an agent"],
            [
                [
                    row["m"], row["r"], row["replicas"], f"{row['nanoseconds']:.0f}", spread(row),
                    f"{1e9 / row['nanoseconds']:.2g}", row["bytes_per_agent"],
                ]
                for row in results["scaling"]
            ],
        ),
        "\n## One replica\n\nsigma = 0.3, r = 5; ratio to (30, 5) with 64 replicas. Without a neighbourhood 32 steps "
        "are taken together; with one, agents stand in sorted blocks.\n"
        + apart(results, "alone"),
        table(
            ["m", "k", "ns a step", "ratio"],
            [[row["m"], row["k"] or "", f"{row['nanoseconds']:.0f}", spread(row)] for row in results["alone"]],
        ),
        "\n## First passages\n\nTime a step with first passages kept over that without, m = 30, r = 5, sigma = 0.3.\n"
        + apart(results, "watching"),
        table(
            ["k", "ratio", "ns"],
            [[row["k"] or "", spread(row), f"{row['nanoseconds']:.0f}"] for row in results["watching"]],
        ),
        "\n## Threads\n\n"
        f"Two threads do {spread(results['threads']['speedup'])} times the work of one in the same wall time, at the "
        "load given above. They share no lock and no data: twice the work on two threads takes "
        f"{spread(results['threads']['cpu'])} times the CPU time of one.\n"
        + apart(results, "threads"),
        "## Start-up\n\nSeconds of CPU time. A new m, r or sigma compiles nothing; a first neighbourhood and a first "
        "run of few replicas compile their loops.\n"
        + apart(results, "startup"),
        table(
            ["kept code", "import", "first lanes", "other m, r, sigma", "first with k", "first single"],
            [
                [row["cache"], row["import"], row["lanes"], row["other_m_r_sigma"], row["lanes_with_k"], row["single"]]
                for row in results["startup"]
            ],
        ),
        "",
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts))
