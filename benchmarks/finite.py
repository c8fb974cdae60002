"""How right finite chains come out: python -m benchmarks.finite [--peers PYTHON] [--chains 1000].

Random chains of twelve families, 3 to 100 states, rates down to 1e-300; exact answers by linear algebra in balls of
4096 bits, which shares nothing with the package's elimination. The worst relative error of every quantity is put
in one table, for the package and for NumPy, deeptime, PyDTMC and QuantEcon; those that are not installed here run in
another Python (`benchmarks/finite_peers.py`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import numpy as np
from scipy.sparse.csgraph import connected_components

from benchmarks.finite_peers import LIBRARIES, transition_matrix
from mcpolar.balls import working_precision
from mcpolar.errors import McpolarError
from mcpolar.metastability.finite import FiniteChain

Floats = np.ndarray
BITS = 4096
LARGEST_SPECTRUM = 12
ORDINARY = 1e-300
PAGE = Path(__file__).parents[1] / "docs" / "finite_accuracy.md"
QUANTITIES = (
    "stationary law",
    "hitting times",
    "committor",
    "all passage times",
    "Kemeny's constant",
    "passage variance",
    "reactive flux",
    "longest timescale",
    "all timescales",
    "quasi-stationary rate",
    "quasi-stationary law",
)


# the chains


def _ring(rng: np.random.Generator, n: int, lowest: float) -> Floats:
    """Return entries of all scales, with a cycle through all states."""
    a = 10 ** rng.uniform(lowest, 0, (n, n)) * (rng.random((n, n)) < 0.5)
    a[np.arange(n), (np.arange(n) + 1) % n] = 10 ** rng.uniform(lowest, 0, n)
    return _scaled(a)


def _scaled(a: Floats) -> Floats:
    """Return entries whose rows sum to at most 0.9, by a power of two."""
    np.fill_diagonal(a, 0.0)
    largest = a.sum(axis=1).max()
    return a * 2.0 ** min(0, np.floor(np.log2(0.9 / largest)))


def _balanced(rng: np.random.Generator, n: int, lowest: float) -> Floats:
    w = 10 ** rng.uniform(lowest, 0, (n, n)) * (rng.random((n, n)) < 0.6)
    w[np.arange(n - 1), np.arange(1, n)] = 10 ** rng.uniform(lowest, 0, n - 1)
    w = np.triu(w, 1)
    return _scaled((w + w.T) / rng.uniform(0.2, 1, n)[:, None])


def _blocks(rng: np.random.Generator, n: int, scales: tuple[float, ...], *, balanced: bool) -> Floats:
    """Return nearly decomposable blocks of blocks: one slow scale a level."""
    a = rng.uniform(0.1, 1, (n, n))
    if balanced:
        a = (a + a.T) / 2
    depth = np.zeros((n, n), dtype=int)
    for level, _ in enumerate(scales):
        block = np.arange(n) * 2 ** (level + 1) // n
        depth += block[:, None] != block[None, :]
    factors = np.array([1.0, *sorted(scales, reverse=True)])
    return _scaled(a * factors[depth])


def _wells(rng: np.random.Generator, n: int) -> Floats:
    """Return a walk on a landscape with two or three wells and barriers of up to 1e-60."""
    x = np.linspace(0, rng.integers(2, 4), n)
    height = rng.uniform(5, 60) * np.sin(np.pi * x) ** 2 + rng.uniform(0, 5, n)
    a = np.zeros((n, n))
    for i in range(n - 1):
        a[i, i + 1] = 0.4 * 10 ** min(0.0, height[i] - height[i + 1])
        a[i + 1, i] = 0.4 * 10 ** min(0.0, height[i + 1] - height[i])
    return _scaled(a)


def _nearly_periodic(rng: np.random.Generator, n: int) -> Floats:
    e = 2.0 ** -rng.integers(5, 45)
    a = np.zeros((n, n))
    a[np.arange(n), (np.arange(n) + 1) % n] = 1 - e
    return a


def _periodic(rng: np.random.Generator, n: int) -> Floats:
    half = max(1, n // 2)
    a = np.zeros((n, n))
    weights = 2.0 ** -rng.integers(1, 8, (n, n)).astype(float)
    a[:half, half:], a[half:, :half] = weights[:half, half:], weights[half:, :half]
    total = a.sum(axis=1)
    for i in range(n):  # dyadic rows that sum to 1 exactly
        j = half if i < half else 0
        a[i] /= 2.0 ** np.ceil(np.log2(total[i]))
        a[i, j] += 1 - a[i].sum()
    return a


def _near_tie(rng: np.random.Generator, n: int) -> Floats:
    """Return two silos that are left nearly equally fast."""
    a = _blocks(rng, n, (10 ** -rng.uniform(12, 40),), balanced=True)
    half = n // 2
    a[:half, 0] = 0.0
    a[1, 0], a[n - 1, 0] = 1e-12, 1e-12 * (1 + 10 ** -rng.uniform(3, 14))
    return a


FAMILIES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "all scales to 1e-30": lambda rng, n: _ring(rng, n, -30),
    "all scales to 1e-300": lambda rng, n: _ring(rng, n, -300),
    "ordinary": lambda rng, n: _ring(rng, n, -1),
    "reversible to 1e-30": lambda rng, n: _balanced(rng, n, -30),
    "reversible to 1e-300": lambda rng, n: _balanced(rng, n, -300),
    "blocks, one scale": lambda rng, n: _blocks(rng, n, (10 ** -rng.uniform(6, 40),), balanced=False),
    "blocks, two scales": lambda rng, n: _blocks(rng, n, (1e-12, 10 ** -rng.uniform(18, 60)), balanced=False),
    "reversible blocks": lambda rng, n: _blocks(rng, n, (1e-15, 1e-40), balanced=True),
    "birth-death wells": _wells,
    "nearly periodic": _nearly_periodic,
    "periodic": _periodic,
    "two silos, nearly equal": _near_tie,
}


def chains(count: int, seed: int = 1) -> Iterator[tuple[str, Floats]]:
    """Yield random chains, the families in turn; one in forty has 40 to 100 states."""
    for number in range(count):
        name = list(FAMILIES)[number % len(FAMILIES)]
        rng = np.random.default_rng([seed, number])
        n = int(rng.integers(40, 101)) if number % 40 == 39 else int(rng.integers(4, 13))
        yield name, FAMILIES[name](rng, n)


# exact answers


def _generator(a: Floats) -> Any:
    n = len(a)
    q = flint.arb_mat(n, n)
    for i in range(n):
        for j in range(n):
            if i != j and a[i, j]:
                q[i, j] = -flint.arb(float(a[i, j]))
                q[i, i] = q[i, i] + flint.arb(float(a[i, j]))
    return q


def _part(q: Any, rows: list[int], columns: list[int]) -> Any:
    return flint.arb_mat([[q[i, j] for j in columns] for i in rows])


def _column(values: list[Any]) -> Any:
    return flint.arb_mat([[value] for value in values])


def exact(a: Floats) -> dict[str, Floats]:
    """Return the exact answers as doubles: target and killing at state 0, source at the last state."""
    n, one = len(a), flint.arb(1)
    with working_precision(BITS):
        q = _generator(a)
        inside, between = list(range(1, n)), list(range(1, n - 1))
        system = _part(q, inside, inside)
        weights = system.transpose().solve(_column([-q[0, j] for j in inside])).entries()
        total = sum(weights, one)
        law = [one / total, *(weight / total for weight in weights)]
        inverse = system.inv()
        times = (inverse * _column([one] * (n - 1))).entries()
        second = (inverse * _column(times)).entries()
        variance = [2 * b - t - t * t for b, t in zip(second, times, strict=True)]
        forward = [one] + (
            _part(q, between, between).solve(_column([-q[i, 0] for i in between])).entries()
            if between
            else []
        )
        flux = sum((law[n - 1] * -q[n - 1, j] * forward[j] for j in range(n - 1)), flint.arb(0))
        passages = _passages(inverse, law, n)
        found = {
            "stationary law": law,
            "hitting times": times,
            "committor": forward[1:],
            "all passage times": [value for row in passages for value in row],
            "Kemeny's constant": [sum((p * m for p, m in zip(law, passages[1], strict=True)), flint.arb(0))],
            "passage variance": variance,
            "reactive flux": [flux],
        }
        if n <= LARGEST_SPECTRUM:
            found |= _slow(q, system)
        return {name: np.array([_double(value) for value in values]) for name, values in found.items()}


def _passages(inverse: Any, law: list[Any], n: int) -> list[list[Any]]:
    """Return the passage times from the inverse with state 0 taken out: m_ij = h_i - h_j + (n_jj - n_ij) / pi_j."""
    zero = flint.arb(0)
    rows = inverse.tolist()
    green = [[zero] * n, *([zero, *row] for row in rows)]
    time = [sum(row, zero) for row in green]
    return [
        [zero if i == j else time[i] - time[j] + (green[j][j] - green[i][j]) / law[j] for j in range(n)]
        for i in range(n)
    ]


def _slow(q: Any, system: Any) -> dict[str, list[Any]]:
    n, one = q.nrows(), flint.arb(1)
    times = []
    try:
        spectrum = flint.acb_mat(q).eig(multiple=True)
    except ValueError:  # not isolated at this precision: no reference
        return {}
    for mu in spectrum:
        size = (1 - mu.real) * (1 - mu.real) + mu.imag * mu.imag
        if size.contains(0):
            times.append(0.0)
            continue
        decay = -(-(2 * mu.real - mu.real * mu.real - mu.imag * mu.imag)).log1p() / 2
        times.append(np.inf if decay.contains(0) else float((one / decay).mid()))
    slow = sorted(times, reverse=True)[1:]
    if slow and slow[0] == np.inf and not _is_periodic(q):
        return {}  # slower than this precision sees
    result: dict[str, list[Any]] = {"longest timescale": slow[:1], "all timescales": slow}
    pattern = np.array([[bool(value != 0) for value in row] for row in system.tolist()])
    if connected_components(pattern, connection="strong")[0] > 1:
        return result  # no single law
    try:
        values, left = flint.acb_mat(system).eig(left=True)
    except ValueError:
        return result
    first = _smallest(values)
    law = [abs(left[first, j]) for j in range(n - 1)]
    total = sum(law, flint.arb(0))
    result["quasi-stationary rate"] = [values[first].real]
    result["quasi-stationary law"] = [value / total for value in law]
    return result


def _is_periodic(q: Any) -> bool:
    """Return whether no state can stay: only the periodic family is made so."""
    return all(bool(q[i, i] == 1) for i in range(q.nrows()))


def _smallest(values: list[Any]) -> int:
    best = 0
    for i, value in enumerate(values):
        if bool(value.real < values[best].real):
            best = i
    return best


def _double(value: Any) -> float:
    if isinstance(value, float):
        return value
    mantissa, exponent = (int(part) for part in value.mid().man_exp())
    try:
        return float(Fraction(mantissa) * Fraction(2) ** exponent)
    except OverflowError:
        return np.inf


# the package


def package(a: Floats) -> dict[str, Floats]:
    """Return the package's answers; what it refuses is missing."""
    chain, n = FiniteChain.from_off_diagonal(a), len(a)
    asked: dict[str, Callable[[], Any]] = {
        "stationary law": chain.stationary_distribution,
        "hitting times": lambda: chain.hitting_times(0).value[1:],
        "committor": lambda: chain.committor(n - 1, 0).value[1 : n - 1],
        "all passage times": lambda: chain.mean_first_passage_times().value.reshape(-1),
        "Kemeny's constant": lambda: [float(chain.kemeny_constant())],
        "passage variance": lambda: chain.passage_variance(0).value[1:],
        "reactive flux": lambda: [float(chain.reactive_flux(n - 1, 0).total)],
        "longest timescale": lambda: chain.timescales(count=1),
        "all timescales": chain.timescales,
        "quasi-stationary rate": lambda: [chain.quasi_stationary_distribution(0).rate],
        "quasi-stationary law": lambda: chain.quasi_stationary_distribution(0).distribution[1:],
    }
    found = {}
    for name, quantity in asked.items():
        if n > LARGEST_SPECTRUM and ("timescale" in name or "quasi" in name):
            continue
        try:
            found[name] = np.asarray(quantity(), dtype=float)
        except McpolarError:
            continue
    return found


# the comparison


def error(found: Floats | None, true: Floats) -> float:
    """Return the largest relative error over ordinary numbers; infinite for none, a sign, or a shape that is wrong."""
    if found is None or np.shape(found) != np.shape(true):
        return np.inf
    with np.errstate(all="ignore"):
        both = np.isinf(found) & np.isinf(true)
        off = np.where(both, 0.0, np.abs(found / true - 1))
    counted = (np.abs(true) > ORDINARY) & ((np.abs(true) < 1 / ORDINARY) | np.isinf(true))
    off = np.where(np.isnan(off), np.inf, off)[counted]
    return float(off.max(initial=0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the other libraries")
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args()
    drawn = list(chains(options.chains, options.seed))
    start = time.process_time()
    truth = [exact(a) for _, a in drawn]
    middle = time.process_time()
    errors: dict[str, dict[str, list[float]]] = {}
    mine = [package(a) for _, a in drawn]
    print(f"exact {middle - start:.0f} s, package {time.process_time() - middle:.0f} s", flush=True)
    others = _others([a for _, a in drawn], options.peers)
    for library, answers in {"mcpolar": mine, **others}.items():
        for true, found in zip(truth, answers, strict=True):
            for name, value in true.items():
                if name in LIBRARIES.get(library, QUANTITIES):
                    errors.setdefault(name, {}).setdefault(library, []).append(error(found.get(name), value))
    _write(errors, drawn, options.output)
    worst = [(name, max(found["mcpolar"])) for name, found in errors.items()]
    print(worst)


def _others(drawn: list[Floats], python: str) -> dict[str, list[dict[str, Floats]]]:
    """Run the other libraries, each chain by itself, in another Python."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "chains.npz", Path(folder) / "answers.json"
        np.savez(given, *[transition_matrix(a) for a in drawn])
        script = Path(__file__).with_name("finite_peers.py")
        subprocess.run([python, str(script), str(given), str(out)], check=True)
        answers = json.loads(out.read_text())
    return {
        library: [{name: np.array(value, dtype=float) for name, value in one.items()} for one in found]
        for library, found in answers.items()
    }


def _write(errors: dict[str, dict[str, list[float]]], drawn: list[tuple[str, Floats]], path: Path) -> None:
    libraries = ["mcpolar", *LIBRARIES]
    rows = []
    for name in QUANTITIES:
        cells = [name, str(len(errors.get(name, {}).get("mcpolar", [])))]
        for library in libraries:
            found = errors.get(name, {}).get(library)
            if found is None:
                cells.append("")
                continue
            wrong = sum(value > 1e-6 for value in found) / len(found)
            worst = max(found)
            size = f"{worst:.1e}" if np.isfinite(worst) else "none or wrong"
            cells.append(f"{size}, {100 * wrong:.0f} %")
        rows.append("| " + " | ".join(cells) + " |")
    sizes = [len(a) for _, a in drawn]
    path.write_text(
        "# How right finite chains come out\n\n"
        "`python -m benchmarks.finite --peers PYTHON` makes this page.\n\n"
        f"{len(drawn)} random chains of {min(sizes)} to {max(sizes)} states, in turn of these families: "
        + "; ".join(FAMILIES)
        + f". Exact answers by linear algebra in balls of {BITS} bits; timescales and quasi-stationary laws of chains "
        f"of up to {LARGEST_SPECTRUM} states. Each cell gives the worst relative error of any entry between 1e-300 and "
        "1e300, and in how many chains it is above 1e-6, no answer counted. NumPy stands for the formulas of textbooks "
        "in `numpy.linalg`; an empty cell means that the library does not have the quantity.\n\n"
        "| quantity | chains | "
        + " | ".join(libraries)
        + " |\n"
        + "| "
        + " | ".join(["---"] * (len(libraries) + 2))
        + " |\n"
        + "\n".join(rows)
        + "\n"
    )


if __name__ == "__main__":
    main()
