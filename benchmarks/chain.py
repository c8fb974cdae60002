"""How fast the chain runs: `python -m benchmarks.chain` writes benchmarks/chain.json and docs/benchmarks.md.

One run, every measurement between two of the yardstick, medians of at least seven ratios. Takes a few minutes.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import mcpolar
from benchmarks.measure import Work, ratio
from benchmarks.report import write_report
from benchmarks.rivals import build_kernel, jax_loop, numpy_loop, python_loop
from mcpolar.chain.state import weight_keys
from mcpolar.compiled.chain.ensemble import advance, advance_watching
from mcpolar.compiled.chain.law import Span, State, make_law
from mcpolar.compiled.chain.passages import new_watch
from mcpolar.rng import philox_key

CELLS = [(30, 5), (30, 10), (2, 1), (1000, 5)]
SIGMAS = [0.05, 0.2, 0.5, 1.0]
SIZES = [(10, 5), (100, 5), (1000, 5), (10_000, 5), (100_000, 5), (1_000_000, 5)]
MEMORIES = [(30, r) for r in (1, 2, 3, 5, 8, 16, 32, 100)]
HERE = Path(__file__).parent


def state(n_replicas: int, m: int, r: int, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds 0 and memories drawn from the mixture."""
    generator = np.random.default_rng(1)
    side = generator.choice([-1.0, 1.0], (n_replicas, m, r))
    return np.zeros((n_replicas, m)), side + sigma * generator.standard_normal((n_replicas, m, r))


def package(
    m: int,
    r: int,
    sigma: float,
    n_replicas: int,
    n_steps: int,
    k: int = 0,
    mirror: float = -1.0,
    *,
    watched: bool = False,
) -> Work:
    """Return the package's loop as one call, which goes on from the last one's state."""
    log_odds, memory = state(n_replicas, m, r, sigma)
    keys = weight_keys(log_odds, r) if k else np.empty((n_replicas, 0), np.int64)
    moving, law = State(log_odds, memory, keys), make_law(m, r, sigma, k, mirror, philox_key(1))
    if watched:
        side, times = np.zeros((n_replicas, m), np.bool_), np.full((n_replicas, 3), -1)
        watch = new_watch(1 / sigma**2, 0.5, 1.5, side, times)
        return lambda: advance_watching(moving, law, Span(0, 0, n_steps), watch)
    return lambda: advance(moving, law, Span(0, 0, n_steps))


def against_kernel(kernel: Callable[..., None], rounds: int) -> list[dict[str, Any]]:
    """Measure the package, NumPy and plain Python against the C kernel at every cell and sigma."""
    rows = []
    for m, r in CELLS:
        # the kernel makes its start inside the clock: at m = 1000 that is one part in fifty of so many steps
        n_replicas, n_steps = (64, 40_000) if m == 1000 else (64, 4000)
        for sigma in SIGMAS:
            size = n_replicas * n_steps

            def yardstick(
                m: int = m, r: int = r, sigma: float = sigma, R: int = n_replicas, n: int = n_steps
            ) -> None:
                kernel(m, r, sigma, R, n)

            found = {
                "package": ratio(package(m, r, sigma, n_replicas, n_steps), size, yardstick, size, rounds)
            }
            for name, loop, R, n in (("numpy", numpy_loop, 1000, 30), ("python", python_loop, 1, 1000)):
                found[name] = ratio(
                    lambda loop=loop, m=m, r=r, sigma=sigma, R=R, n=n: loop(m, r, sigma, R, n),
                    R * n, yardstick, size, rounds,
                )  # fmt: skip
            row = {"m": m, "r": r, "sigma": sigma, **{name: value.as_dict() for name, value in found.items()}}
            print(row, flush=True)
            rows.append(row)
    return rows


def restricted(rounds: int) -> list[dict[str, Any]]:
    """Measure neighbourhoods against the unrestricted chain at m = 30, r = 5."""
    rows = []
    for sigma in SIGMAS:
        for k, mirror in ((5, -1.0), (5, 0.3), (0, 0.3)):
            n = 64 * 6000
            found = ratio(
                package(30, 5, sigma, 64, 6000, k, mirror), n, package(30, 5, sigma, 64, 6000), n, rounds
            )
            rows.append(
                {"sigma": sigma, "k": k or None, "mirror": None if mirror < 0 else mirror, **found.as_dict()}
            )
            print(rows[-1], flush=True)
    return rows


def scaling(cells: list[tuple[int, int]], rounds: int) -> list[dict[str, Any]]:
    """Measure 32 replicas (one beyond m = 10000) against (30, 5) in the same run."""
    rows, base = [], 32 * 10_000
    for m, r in cells:
        n_replicas = 32 if m <= 10_000 else 1
        n_steps = 10_000 if n_replicas > 1 else 400_000
        found = ratio(
            package(m, r, 0.3, n_replicas, n_steps),
            n_replicas * n_steps,
            package(30, 5, 0.3, 32, 10_000),
            base,
            rounds,
        )
        rows.append(
            {"m": m, "r": r, "replicas": n_replicas, "bytes_per_agent": 8 * (r + 1), **found.as_dict()}
        )
        print(rows[-1], flush=True)
    return rows


def alone(rounds: int) -> list[dict[str, Any]]:
    """Measure one replica of many agents, without a neighbourhood and with the ten nearest."""
    rows, base = [], 64 * 4000
    for m, k in [(10**e, k) for e in (3, 4, 5, 6) for k in (0, 10)]:
        n_steps = 100_000 if k else 400_000
        found = ratio(package(m, 5, 0.3, 1, n_steps, k), n_steps, package(30, 5, 0.3, 64, 4000), base, rounds)
        rows.append({"m": m, "k": k or None, **found.as_dict()})
        print(rows[-1], flush=True)
    return rows


def watching(rounds: int) -> list[dict[str, Any]]:
    """Measure runs that keep first passage times against those that do not."""
    rows = []
    for k in (0, 5):
        n = 64 * 4000
        found = ratio(
            package(30, 5, 0.3, 64, 4000, k, watched=True), n, package(30, 5, 0.3, 64, 4000, k), n, rounds
        )
        rows.append({"k": k or None, **found.as_dict()})
        print(rows[-1], flush=True)
    return rows


def beside(rounds: int) -> list[dict[str, Any]]:
    """Measure other ways to write the chain against the package, at m = 30, r = 5, sigma = 0.3."""
    kernel, jax = build_kernel(), jax_loop()
    rivals = {"C, AVX-512": (kernel, 64, 4000), "NumPy, 1000 replicas": (numpy_loop, 1000, 100)}
    rivals |= {"JAX, 1000 replicas": (jax, 1000, 300), "Python": (python_loop, 1, 2000)}
    rows, n = [], 64 * 4000
    for name, (loop, n_replicas, n_steps) in rivals.items():
        if loop is not None:
            found = ratio(
                lambda loop=loop, R=n_replicas, steps=n_steps: loop(30, 5, 0.3, R, steps),
                n_replicas * n_steps, package(30, 5, 0.3, 64, 4000), n, rounds,
            )  # fmt: skip
            rows.append({"name": name, **found.as_dict()})
            print(rows[-1], flush=True)
    return rows


def threads(rounds: int) -> dict[str, dict[str, float]]:
    """Measure twice the work on two threads against once on one: wall time, and CPU time (2 is no loss)."""
    blocks = [package(30, 5, 0.3, 64, 20_000) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:

        def both() -> None:
            list(pool.map(lambda work: work(), blocks))

        wall = ratio(both, 2, blocks[0], 1, rounds, clock=time.perf_counter)
        cpu = ratio(both, 1, blocks[0], 1, rounds)
    speedup = {"median": 1 / wall.median, "low": 1 / wall.high, "high": 1 / wall.low}
    return {"speedup": speedup, "cpu": cpu.as_dict()}


STARTUP = """
import time; start = time.process_time()
import numpy as np
from mcpolar.compiled.chain.ensemble import advance
from mcpolar.compiled.chain.law import Span, State, make_law
from mcpolar.rng import philox_key
times = [time.process_time() - start]
for n_replicas, m, r, sigma, k in [(32, 30, 5, 0.3, 0), (32, 7, 3, 0.4, 0), (32, 30, 5, 0.3, 5), (1, 30, 5, 0.3, 0)]:
    start = time.process_time()
    keys = np.zeros((n_replicas, m if k else 0), np.int64)
    state = State(np.zeros((n_replicas, m)), np.ones((n_replicas, m, r)), keys)
    advance(state, make_law(m, r, sigma, k, -1.0, philox_key(1)), Span(0, 0, 2))
    times.append(time.process_time() - start)
print(times)
"""


def startup() -> list[dict[str, Any]]:
    """Measure import and first calls in fresh processes, with an empty and then a full folder of kept code."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(
            Path(mcpolar.__file__).parent, Path(folder) / "mcpolar"
        )  # no kept code, nor edits meanwhile
        shutil.rmtree(Path(folder) / "mcpolar" / "compiled" / "__pycache__", ignore_errors=True)
        for name in ("empty", "kept"):
            environment = {**os.environ, "PYTHONPATH": folder}
            environment.pop("NUMBA_CACHE_DIR", None)
            output = subprocess.run(
                [sys.executable, "-c", STARTUP],
                env=environment,
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            names = ("import", "lanes", "other_m_r_sigma", "lanes_with_k", "single")
            rows.append(
                {"cache": name, **dict(zip(names, (round(t, 3) for t in json.loads(output)), strict=True))}
            )
            print(rows[-1], flush=True)
    return rows


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    if not names:
        return platform.processor()
    wide = any(line.startswith("flags") and "avx512f" in line for line in lines)
    return f"{names[0]} {'with' if wide else 'without'} AVX-512"


def sections(rounds: int) -> dict[str, Callable[[], Any]]:
    """Return what is measured, in order."""
    kernel = build_kernel()
    if kernel is None:
        print("no gcc, libmvec or AVX-512: nothing is compared with the C kernel", file=sys.stderr)
    return {
        "startup": startup,
        "kernel": lambda: [] if kernel is None else against_kernel(kernel, rounds),
        "beside": lambda: beside(rounds),
        "restricted": lambda: restricted(rounds),
        "scaling": lambda: scaling(SIZES + MEMORIES, rounds),
        "alone": lambda: alone(rounds),
        "watching": lambda: watching(rounds),
        "threads": lambda: threads(2 * rounds),
    }


def circumstances() -> dict[str, Any]:
    return {
        "processor": processor(),
        "processors": os.cpu_count(),
        "load": [round(os.getloadavg()[0], 2)],
        "versions": {"python": platform.python_version(), "numpy": np.__version__} | jax_version(),
    }


def jax_version() -> dict[str, str]:
    return {"jax": importlib.metadata.version("jax")} if importlib.util.find_spec("jax") else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="ratios per measurement (default 7)")
    parser.add_argument("--only", nargs="+", help="measure these sections anew, keep the others, and say so")
    asked = parser.parse_args()
    measured, kept = sections(asked.rounds), HERE / "chain.json"
    if unknown := set(asked.only or ()) - set(measured):
        parser.error(f"--only {' '.join(sorted(unknown))}: one of {', '.join(measured)}")
    now = circumstances()
    found = {name: work() for name, work in measured.items() if not asked.only or name in asked.only}
    now["load"].append(round(os.getloadavg()[0], 2))
    if asked.only:
        results = json.loads(kept.read_text())
        results["apart"] = results.get("apart", {}) | dict.fromkeys(found, now)
    else:
        results = now
    results |= found
    kept.write_text(json.dumps(results, indent=1) + "\n")
    write_report(results, HERE.parent / "docs" / "benchmarks.md")


if __name__ == "__main__":
    main()
