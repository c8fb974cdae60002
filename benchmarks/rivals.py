"""What the package's loop is compared with: a hand-written C kernel, NumPy and JAX over replicas, and plain Python."""

from __future__ import annotations

import ctypes
import math
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SOURCE = Path(__file__).with_name("chain_kernel.c")
SMALLEST_KERNEL_SIGMA = 0.19


def build_kernel() -> Callable[[int, int, float, int, int], None] | None:
    """Return run(m, r, sigma, n_replicas, n_steps) of the C kernel; None without gcc, libmvec or AVX-512."""
    if shutil.which("gcc") is None or "avx512dq" not in Path("/proc/cpuinfo").read_text():
        return None
    library = Path(tempfile.mkdtemp()) / "libchain.so"
    command = [
        "gcc",
        "-O3",
        "-march=native",
        "-fPIC",
        "-shared",
        str(SOURCE),
        "-o",
        str(library),
        "-lmvec",
        "-lm",
    ]
    if subprocess.run(command, check=False).returncode:
        return None
    kernel = ctypes.CDLL(str(library)).run_chain
    kernel.argtypes = [
        ctypes.c_int, ctypes.c_int, ctypes.c_double, ctypes.c_long, ctypes.c_long, ctypes.c_uint32, ctypes.c_void_p,
    ]  # fmt: skip

    def run(m: int, r: int, sigma: float, n_replicas: int, n_steps: int) -> None:
        log_odds = np.empty((n_replicas, m))
        # its time does not depend on sigma, below which its odds would overflow
        usable = max(sigma, SMALLEST_KERNEL_SIGMA)
        if kernel(m, r, usable, n_replicas, n_steps, 5, log_odds.ctypes.data):
            raise ValueError(f"the kernel has no r = {r}")

    return run


def numpy_loop(m: int, r: int, sigma: float, n_replicas: int, n_steps: int) -> None:
    """Take each step for all replicas at once, in log form, as one writes it."""
    generator, rows = np.random.default_rng(1), np.arange(n_replicas)
    log_odds, doubled_precision = np.zeros((n_replicas, m)), 2 / sigma**2
    memory = generator.choice([-1.0, 1.0], (n_replicas, m, r)) + sigma * generator.standard_normal(
        (n_replicas, m, r)
    )
    for _ in range(n_steps):
        i, j = generator.integers(m, size=n_replicas), generator.integers(m, size=n_replicas)
        logit = generator.logistic(size=n_replicas)
        y = np.where(logit < log_odds[rows, j], 1.0, -1.0) + sigma * generator.standard_normal(n_replicas)
        mine = memory[rows, i]
        mine[rows, np.abs(mine - y[:, None]).argmax(axis=1)] = y
        memory[rows, i] = mine
        z = log_odds[rows, i, None] + doubled_precision * mine
        log_odds[rows, i] = np.logaddexp.reduce(-np.logaddexp(0, -z), axis=1) - np.logaddexp.reduce(
            -np.logaddexp(0, z), axis=1
        )


def jax_loop() -> Callable[[int, int, float, int, int], None] | None:
    """Return run(m, r, sigma, n_replicas, n_steps) of one compiled JAX program, in doubles; None without JAX."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    jnp, draw = jax.numpy, jax.random

    def program(m: int, r: int, sigma: float, n_replicas: int, n_steps: int, seed: Any) -> Any:
        rows = jnp.arange(n_replicas)

        def step(state: Any, key: Any) -> Any:
            log_odds, memory = state
            keys = draw.split(key, 4)
            i, j = (draw.randint(one, (n_replicas,), 0, m) for one in keys[:2])
            component = jnp.where(draw.logistic(keys[2], (n_replicas,)) < log_odds[rows, j], 1.0, -1.0)
            y = component + sigma * draw.normal(keys[3], (n_replicas,))
            mine = memory[rows, i]
            mine = mine.at[rows, jnp.abs(mine - y[:, None]).argmax(axis=1)].set(y)
            z = log_odds[rows, i, None] + 2 / sigma**2 * mine
            moved = [jax.scipy.special.logsumexp(jax.nn.log_sigmoid(a), axis=1) for a in (z, -z)]
            return (log_odds.at[rows, i].set(moved[0] - moved[1]), memory.at[rows, i].set(mine)), None

        first, *keys = draw.split(seed, n_steps + 1)
        side = draw.rademacher(first, (n_replicas, m, r), dtype=jnp.float64)
        start = (jnp.zeros((n_replicas, m)), side + sigma * draw.normal(first, (n_replicas, m, r)))
        return jax.lax.scan(step, start, jnp.stack(keys))[0][0]

    compiled = jax.jit(program, static_argnums=(0, 1, 2, 3, 4))
    return lambda *cell: compiled(*cell, draw.key(1)).block_until_ready()


def python_loop(m: int, r: int, sigma: float, n_replicas: int, n_steps: int) -> None:
    """Take each step with lists and `math`, in log form."""
    draw, doubled_precision = random.Random(1), 2 / sigma**2
    for _ in range(n_replicas):
        log_odds = [0.0] * m
        memory = [[draw.choice((-1.0, 1.0)) + sigma * draw.gauss(0, 1) for _ in range(r)] for _ in range(m)]
        for _ in range(n_steps):
            i, j, u = draw.randrange(m), draw.randrange(m), draw.random()
            y = (1.0 if math.log(u) - math.log1p(-u) < log_odds[j] else -1.0) + sigma * draw.gauss(0, 1)
            mine = memory[i]
            mine[max(range(r), key=lambda h, mine=mine, y=y: abs(mine[h] - y))] = y
            z = [log_odds[i] + doubled_precision * x for x in mine]
            log_odds[i] = log_sum([-softplus(-value) for value in z]) - log_sum(
                [-softplus(value) for value in z]
            )


def softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def log_sum(logs: list[float]) -> float:
    largest = max(logs)
    return largest + math.log(sum(math.exp(value - largest) for value in logs))
