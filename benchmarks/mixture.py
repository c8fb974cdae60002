"""How fast the general system runs: `python -m benchmarks.mixture` writes benchmarks/mixture.json.

Time an agent-update over that of a C kernel (`mixture_kernel.c`), every measurement between two of it; and the wall
times of the experiments at the paper's size with 50 replicates. Takes a few minutes.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measure import ratio
from mcpolar.experiments import EXPERIMENTS, run_experiment
from mcpolar.mixture import Covariances, MixtureParameters, simulate, start_state
from mcpolar.versions import versions

HERE = Path(__file__).parent
SYSTEMS = [
    (10, 9, 0.5),
    (30, 29, 0.5),
    (30, 5, 0.5),
    (100, 99, 0.5),
    (100, 5, 0.5),
    (100, 5, 0.0),
    (300, 5, 0.0),
]
COMPONENTS, MEMORY, SIGMA, STEPS, UPDATES = 30, 5, 0.5, 100, 60_000
TARGET = 1.5
SECONDS = {"fig3": 5, "fig6": 3, "fig7-line": 15, "fig7-circle": 20, "fig7-simplex": 60}

Kernel = Callable[..., float]


def build_kernel() -> Kernel | None:
    """Return the C kernel; None without gcc, libmvec or AVX-512."""
    if shutil.which("gcc") is None or "avx512dq" not in Path("/proc/cpuinfo").read_text():
        return None
    library = Path(tempfile.mkdtemp()) / "libmixture.so"
    options = ["-O3", "-march=native", "-fPIC", "-shared", "-o", str(library), "-lmvec", "-lm"]
    if subprocess.run(["gcc", str(HERE / "mixture_kernel.c"), *options], check=False).returncode:
        return None
    kernel = ctypes.CDLL(str(library)).run_mixture
    whole, real = ctypes.c_int, ctypes.c_double
    kernel.argtypes = [whole, whole, whole, real, real, whole, ctypes.c_long, ctypes.c_uint64]
    kernel.restype = real
    return kernel


def measure(kernel: Kernel, n: int, k: int, mirror: float, floor: float) -> dict[str, float]:
    """Return the ratio for one system from even weights."""
    replicas = max(1, UPDATES // (n * STEPS))
    means = np.arange(float(COMPONENTS))
    parameters = MixtureParameters(
        n, means, Covariances.spherical(SIGMA), MEMORY, k, mirror, weight_floor=floor
    )
    start = start_state(parameters, replicas, seed=1, weights=np.full((n, COMPONENTS), 1 / COMPONENTS))

    def ours() -> None:
        simulate(parameters, STEPS, seed=1, replicas=replicas, start=start, every=STEPS, workers=1)

    def theirs() -> None:
        for replica in range(replicas):
            kernel(n, COMPONENTS, MEMORY, SIGMA, mirror, k, STEPS, replica)

    updates = n * STEPS * replicas
    return ratio(ours, updates, theirs, updates).as_dict()


def experiment_seconds(name: str) -> float:
    """Return the wall time of an experiment with 50 replicates, compilation apart."""
    start = time.perf_counter()
    run_experiment(name, **({} if name == "fig1" else {"replicas": 50}))
    return time.perf_counter() - start


def main() -> None:
    kernel = build_kernel()
    results: dict[str, object] = {
        "versions": versions(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    ratios = []
    for n, k, mirror in SYSTEMS if kernel else ():
        for floor in (1e-12, 0.0):
            found = measure(kernel, n, k, mirror, floor)
            ratios.append({"n": n, "k": k, "mirror": mirror, "weight_floor": floor, **found})
            print(ratios[-1], flush=True)
    run_experiment("fig3", neighbours=[1, 29], replicas=1)
    times = {name: round(experiment_seconds(name), 2) for name in EXPERIMENTS}
    print(times)
    results |= {"ratios": ratios, "target": TARGET, "seconds": times, "most_seconds": SECONDS}
    (HERE / "mixture.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
