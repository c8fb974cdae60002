"""How long finite chains take: OPENBLAS_NUM_THREADS=1 python -m benchmarks.finite_speed.

A random chain with five entries a row and one with two slow passes; each quantity beside LAPACK's dense solve,
SuperLU's sparse one and deeptime, CPU seconds in one run, with the worst relative error of the answers that can be had
in balls (`certified=True`), or between elimination and the others.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from mcpolar.metastability.finite import FiniteChain

PAGE = Path(__file__).parents[1] / "docs" / "finite_speed.md"
LARGEST_DENSE = 5000


def random_chain(n: int, slow: float) -> sparse.csr_array:
    """Return five entries a row, in three parts between which the steps have probabilities of order `slow`."""
    rng = np.random.default_rng(n)
    i = np.repeat(np.arange(n), 4)
    third = np.arange(n) * 3 // n
    j = rng.integers(0, n, 4 * n)
    weight = rng.random(4 * n) / 5 * np.where(third[i] == third[j], 1.0, slow)
    ring = (np.arange(n), (np.arange(n) + 1) % n)
    step = np.where(third == third[ring[1]], 0.1, 0.1 * slow)
    a = sparse.coo_array(
        (np.concatenate([weight, step]), (np.append(i, ring[0]), np.append(j, ring[1]))), (n, n)
    )
    a = sparse.csr_array(a)
    a.setdiag(0)
    a.eliminate_zeros()
    return a


def lattice(n: int, slow: float) -> sparse.csr_array:
    """Return a walk on a lattice of 2 to 1 whose halves are joined by steps of order `slow`."""
    height = int(np.sqrt(n / 2))
    places = np.arange(height * (n // height)).reshape(height, -1)
    pairs = [(places[:-1], places[1:]), (places[:, :-1], places[:, 1:])]
    i = np.concatenate([np.concatenate([a.ravel(), b.ravel()]) for a, b in pairs])
    j = np.concatenate([np.concatenate([b.ravel(), a.ravel()]) for a, b in pairs])
    half = places.shape[1] // 2
    left = np.arange(places.size) % places.shape[1] < half
    weight = np.random.default_rng(n).random(i.size) / 5 * np.where(left[i] == left[j], 1.0, slow)
    return sparse.csr_array((weight, (i, j)), shape=(places.size, places.size))


def timed(compute: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = compute()
        except Exception as failure:  # another library's refusal is a result
            found = failure
    return time.process_time() - start, found


def measure(n: int, slow: float) -> list[list[str]]:
    a = random_chain(n, slow) if n <= LARGEST_DENSE else lattice(n, slow)
    n = a.shape[0]
    chain = FiniteChain.from_off_diagonal(a)
    generator = sparse.csc_array(sparse.diags_array(np.asarray(a.sum(axis=1)).ravel()) - a)
    ones = np.ones(n - 1)
    dense = generator.toarray() if n <= LARGEST_DENSE else None
    p = None if dense is None else np.eye(n) - dense

    def committor_system() -> tuple[Any, np.ndarray]:
        return slice(1, n - 1), -generator[1 : n - 1, [n - 1]].toarray().ravel()

    inside, into = committor_system()
    rows: list[list[str]] = []
    others: dict[str, dict[str, Callable[[], Any]]] = {
        "hitting times": {
            "SuperLU": lambda: splu(generator[1:, 1:]).solve(ones),
        },
        "committor": {
            "SuperLU": lambda: splu(generator[inside, inside]).solve(into),
        },
    }
    if dense is not None:
        from deeptime.markov.tools import analysis

        others["hitting times"]["LAPACK"] = lambda: np.linalg.solve(dense[1:, 1:], ones)
        others["committor"]["LAPACK"] = lambda: np.linalg.solve(dense[inside, inside], into)
        others["stationary law"] = {
            "LAPACK": lambda: _law(dense),
            "deeptime": lambda: analysis.stationary_distribution(p),
        }
        others["hitting times"]["deeptime"] = lambda: analysis.mfpt(p, 0)[1:]
    killed = next(state for state in range(n) if _leaves_one_class(a, state))
    asked: dict[str, Callable[[], Any]] = {
        "stationary law": lambda: chain.stationary_distribution().value,
        "hitting times": lambda: chain.hitting_times(0).value[1:],
        "committor": lambda: chain.committor(0, n - 1).value[1 : n - 1],
        "quasi-stationary law": lambda: chain.quasi_stationary_distribution(killed).distribution,
    }
    for name, compute in asked.items():
        seconds, mine = timed(compute)
        cells = [str(n), f"{slow:g}", name, f"{seconds:.2f}" if isinstance(mine, np.ndarray) else "refused"]
        for library in ("LAPACK", "SuperLU", "deeptime"):
            other = others.get(name, {}).get(library)
            if other is None:
                cells.append("")
                continue
            seconds, found = timed(other)
            cells.append(f"{seconds:.2f} ({_error(found, mine)})")
        rows.append(cells)
        print(cells, flush=True)
    return rows


def _leaves_one_class(a: sparse.csr_array, state: int) -> bool:
    """Return whether the other states communicate without this one."""
    rest = np.delete(np.arange(a.shape[0]), state)
    return connected_components(a[rest][:, rest], connection="strong")[0] == 1


def _law(generator: np.ndarray) -> np.ndarray:
    n = len(generator)
    system = generator.T.copy()
    system[-1] = 1.0
    return np.linalg.solve(system, np.eye(n)[-1])


def _error(found: Any, mine: Any) -> str:
    if not isinstance(found, np.ndarray) or not isinstance(mine, np.ndarray):
        return "none"
    with np.errstate(all="ignore"):
        return f"off by {np.nanmax(np.abs(found / mine - 1)):.0e}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 2000, 20000])
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    FiniteChain.from_off_diagonal(random_chain(100, 1.0)).quasi_stationary_distribution(0)  # compile
    rows = [row for n in options.sizes for slow in (1.0, 1e-20) for row in measure(n, slow)]
    head = ["states", "slow steps", "quantity", "mcpolar", "LAPACK", "SuperLU", "deeptime"]
    lines = [head, ["---"] * len(head), *rows]
    options.output.write_text(
        "# How long finite chains take\n\n"
        "`OPENBLAS_NUM_THREADS=1 python -m benchmarks.finite_speed` makes this page.\n\n"
        "Random chains with five entries a row in three parts; between the parts steps are as likely as given. "
        "Of 20,000 states: walks on a lattice with two halves. CPU seconds of one run on one thread, and "
        "in brackets how far an answer is from the package's, whose error is below 1e-6 by its own bound (and near "
        "1e-13 against balls). "
        "The compiled loops are warm.\n\n"
        + "\n".join("| " + " | ".join(line) + " |" for line in lines)
        + "\n"
    )


if __name__ == "__main__":
    main()
