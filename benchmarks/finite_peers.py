"""Answers of other libraries on finite chains; needs NumPy and whichever of them is installed, nothing of ours."""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

LIBRARIES = {
    "NumPy": (
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
    ),
    "deeptime": (
        "stationary law",
        "hitting times",
        "committor",
        "reactive flux",
        "longest timescale",
        "all timescales",
    ),
    "PyDTMC": (
        "stationary law",
        "hitting times",
        "committor",
        "Kemeny's constant",
        "longest timescale",
        "all timescales",
        "quasi-stationary law",
    ),
    "QuantEcon": ("stationary law",),
}


def transition_matrix(entries: np.ndarray) -> np.ndarray:
    """Return the entries with what is left of 1 on the diagonal."""
    return entries + np.diag(np.maximum(0.0, 1 - entries.sum(axis=1)))


def numpy_answers(p: np.ndarray) -> dict[str, Callable[[], Any]]:
    n = len(p)
    system = np.eye(n - 1) - p[1:, 1:]

    def law() -> np.ndarray:
        values, vectors = np.linalg.eig(p.T)
        vector = vectors[:, np.argmax(values.real)].real
        return vector / vector.sum()

    def fundamental() -> np.ndarray:
        return np.linalg.inv(np.eye(n) - p + law())

    def passages() -> np.ndarray:
        z = fundamental()
        return ((np.diag(z) - z) / law()).ravel()

    def committor() -> np.ndarray:
        inside = np.arange(1, n - 1)
        return np.linalg.solve(np.eye(n - 2) - p[np.ix_(inside, inside)], p[inside, 0])

    def variance() -> np.ndarray:
        inverse = np.linalg.inv(system)
        h = inverse.sum(axis=1)
        return 2 * inverse @ h - h - h**2

    def flux() -> list[float]:
        q = np.concatenate([[1.0], committor(), [0.0]])
        return [float(law()[n - 1] * p[n - 1] @ q)]

    def timescales() -> np.ndarray:
        size = np.sort(np.abs(np.linalg.eigvals(p)))[::-1][1:]
        return np.abs(-1 / np.log(size))

    def killed() -> tuple[float, np.ndarray]:
        values, vectors = np.linalg.eig(p[1:, 1:].T)
        at = int(np.argmax(values.real))
        vector = vectors[:, at].real
        return 1 - values[at].real, vector / vector.sum()

    return {
        "stationary law": law,
        "hitting times": lambda: np.linalg.solve(system, np.ones(n - 1)),
        "committor": committor,
        "all passage times": passages,
        "Kemeny's constant": lambda: [float(np.trace(fundamental()) - 1)],
        "passage variance": variance,
        "reactive flux": flux,
        "longest timescale": lambda: timescales()[:1],
        "all timescales": timescales,
        "quasi-stationary rate": lambda: [float(killed()[0])],
        "quasi-stationary law": lambda: killed()[1],
    }


def deeptime_answers(p: np.ndarray) -> dict[str, Callable[[], Any]]:
    from deeptime.markov.tools import analysis, flux

    n = len(p)

    def times() -> np.ndarray:
        return np.asarray(analysis.timescales(p))[1:]

    return {
        "stationary law": lambda: analysis.stationary_distribution(p),
        "hitting times": lambda: analysis.mfpt(p, 0)[1:],
        "committor": lambda: analysis.committor(p, [n - 1], [0])[1 : n - 1],
        "reactive flux": lambda: [
            float(
                flux.total_flux(
                    flux.flux_matrix(
                        p,
                        analysis.stationary_distribution(p),
                        analysis.committor(p, [n - 1], [0], forward=False),
                        analysis.committor(p, [n - 1], [0]),
                    ),
                    [n - 1],
                )
            )
        ],
        "longest timescale": lambda: times()[:1],
        "all timescales": times,
    }


def pydtmc_answers(p: np.ndarray) -> dict[str, Callable[[], Any]]:
    from pydtmc import MarkovChain

    chain = MarkovChain(p)
    n = len(p)

    def hitting() -> np.ndarray:
        states = list(chain.states)
        if hasattr(chain, "mean_first_passage_times_to"):
            found = chain.mean_first_passage_times_to(states[0])
        else:
            found = chain.first_passage_times_to("mean", states[0])
        return np.asarray(found, dtype=float).ravel()[1:]

    def quasi() -> Any:
        # a chain with an absorbing state 0
        killed = p.copy()
        killed[0] = np.eye(n)[0]
        found = MarkovChain(killed).quasi_stationary_distribution
        return np.asarray(found() if callable(found) else found, dtype=float)[-(n - 1) :]

    def times() -> np.ndarray:
        return np.asarray(chain.implied_timescales, dtype=float)[1:]

    return {
        "stationary law": lambda: chain.stationary_distributions[0],
        "hitting times": hitting,
        "committor": lambda: chain.committor_probabilities("forward", [n - 1], [0])[1 : n - 1],
        "Kemeny's constant": lambda: [float(chain.kemeny_constant)],
        "longest timescale": lambda: times()[:1],
        "all timescales": times,
        "quasi-stationary law": quasi,
    }


def quantecon_answers(p: np.ndarray) -> dict[str, Callable[[], Any]]:
    from quantecon.markov import MarkovChain

    return {"stationary law": lambda: MarkovChain(p).stationary_distributions[0]}


def main(given: str, out: str) -> None:
    makers = {
        "NumPy": numpy_answers,
        "deeptime": deeptime_answers,
        "PyDTMC": pydtmc_answers,
        "QuantEcon": quantecon_answers,
    }
    chains = np.load(given)
    found: dict[str, list[dict[str, list[float]]]] = {name: [] for name in makers}
    for key in chains.files:
        for name, maker in makers.items():
            answers: dict[str, list[float]] = {}
            # whatever another library raises counts as no answer
            with contextlib.suppress(Exception), warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                for quantity, compute in maker(chains[key]).items():
                    with contextlib.suppress(Exception):
                        values = np.asarray(compute())
                        answers[quantity] = np.real(values).astype(float).tolist()
            found[name].append(answers)
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:3])
