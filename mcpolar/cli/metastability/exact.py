"""`mcpolar metastability exact`: a few agents with memory size 1, without simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

import numpy as np
from cyclopts import Parameter

from mcpolar.chain import ChainState
from mcpolar.checks import whole_number
from mcpolar.cli.lists import values
from mcpolar.cli.metastability.options import OUT, Outputs
from mcpolar.cli.options import OptionalText, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError
from mcpolar.events import is_polarized
from mcpolar.exact import (
    consensus_probabilities,
    polarized_hitting,
    polarized_probabilities,
    silo_survival,
    undecided_exit,
    unpolarized_law,
)
from mcpolar.parameters import ChainParameters
from mcpolar.report import tables

MOST_AGENTS = 3


def exact(
    *,
    quantity: Literal["polarized", "hitting", "waiting", "silos", "consensus", "undecided"] = "polarized",
    agents: Annotated[Whole, Parameter(name=["--agents", "-m"])] = 2,
    sigma: Text = "1",
    mirror: OptionalText = None,
    log_odds: Text = "0",
    memory_elements: OptionalText = None,
    level: Text = "1",
    steps: Whole = 20,
    tolerance: float = 1e-6,
    progress: Watched = "auto",
    quiet: Quiet = False,
    out: Outputs = OUT,
) -> None:
    """Integrate the transition operator, for memory size 1 and one to three agents.

    polarized: P(E_h at t) for each step. hitting: mean of the first step with E_h, the committors of consensus on
    either side and of both sides then, and P(E_h came by t). waiting: the chance that E_h comes at a step, given that
    it did not before, and the law of the log-odds of those that wait. silos: P(no agent changed its silo), and who
    did first. consensus: P(all agents came to share a silo by t), by side. undecided: mean time, committor and
    quasi-stationary decay rate of the exit from |l_i| < h/sigma^2. Errors are estimated by refinement.

    Parameters
    ----------
    quantity
        What is computed.
    agents
        Number of agents m.
    sigma
        Component standard deviation.
    mirror
        Probability that an agent is its own sender.
    log_odds
        The start, one number an agent or one for all.
    memory_elements
        Memory at the start, one number an agent; it matters to E_h alone. Default: 1 for each.
    level
        Level h.
    steps
        Last step.
    tolerance
        Panels are refined until the estimated error is below it.
    """
    out.form()
    whole_number("agents", agents, 1, MOST_AGENTS)
    parameters = ChainParameters(agents, 1, sigma, None, mirror)
    start = _per_agent("log_odds", values("log_odds", log_odds, distinct=False), agents)
    memory = [1.0] if memory_elements is None else values("memory_elements", memory_elements, distinct=False)
    elements = _per_agent("memory_elements", memory, agents)
    state = ChainState.from_arrays(start, [[element] for element in elements])
    if quantity == "waiting" and is_polarized(state, parameters, level).all():
        raise InputError("log_odds", log_odds, "such that E_h does not hold at the start")
    with progress_bar(f"refinements of {quantity}", None, quiet=quiet, form=progress) as advance:
        found = _found(quantity, parameters, state, steps, level=level, tolerance=tolerance)
        advance(1)
    errors = {f"{name}_error": value for name, value in zip(found.scalars, found.errors, strict=True)}
    summary: dict[str, Any] = {"quantity": quantity, "parameters": parameters.as_dict(), "log_odds": start}
    if out.form() == "json" and found.law is not None:
        summary["law"] = {"edges": found.law[0].tolist(), "density": found.law[1].tolist()}
    if out.plot is not None:
        from mcpolar.report.plots.exact import draw_exact

        out.draw(draw_exact(found.steps, found.curves, found.law, quantity), summary | {"level": level})
    if found.curves:
        summary |= found.scalars | errors
    out.write(f"Exact: {quantity}", summary, _rows(found, errors))


@dataclass(frozen=True, eq=False)
class _Found:
    """What is printed and drawn: single values with errors, curves with one error, a law (edges and densities)."""

    steps: np.ndarray
    curves: dict[str, np.ndarray]
    curve_error: np.ndarray
    scalars: dict[str, float]
    errors: tuple[float, ...]
    law: tuple[np.ndarray, np.ndarray] | None = None


def _rows(found: _Found, errors: dict[str, float]) -> list[tables.Row]:
    """Return a row a step; without curves a row for each value."""
    if not found.curves:
        return [
            {"quantity": name, "value": value, "error": errors[f"{name}_error"]}
            for name, value in found.scalars.items()
        ]
    columns = found.curves | {"error": found.curve_error}
    return [
        {"step": int(step), **{name: float(column[i]) for name, column in columns.items()}}
        for i, step in enumerate(found.steps)
    ]


def _found(
    quantity: str,
    chain: ChainParameters,
    state: ChainState,
    steps: int,
    *,
    level: str,
    tolerance: float,
) -> _Found:
    start = state.log_odds[0]
    if quantity == "undecided":
        exits = undecided_exit(chain, start, level=level, tolerance=tolerance)
        law = _around(exits.log_odds, exits.distribution)
        none = np.empty(0)
        return _Found(
            none, {}, none, _named(exits, "mean_time", "plus_probability", "decay_rate"), exits.errors, law
        )
    if quantity == "silos":
        silos = silo_survival(chain, start, steps, tolerance=tolerance)
        left = {f"left_by_{agent}": silos.left_by[:, agent] for agent in range(chain.m)}
        return _Found(silos.steps, {"survival": silos.survival, **left}, silos.error, {}, ())
    if quantity == "consensus":
        shared = consensus_probabilities(chain, start, steps, tolerance=tolerance)
        curves = {"plus": shared.plus, "minus": shared.minus, "none": shared.none}
        return _Found(shared.steps, curves, shared.error, {}, ())
    if quantity == "hitting":
        hitting = polarized_hitting(chain, state, steps, level=level, tolerance=tolerance)
        named = _named(hitting, "mean_time", "consensus_plus", "consensus_minus", "bipolar")
        return _Found(
            hitting.steps, {"reached": hitting.reached}, hitting.reached_error, named, hitting.errors
        )
    if quantity == "waiting":
        waiting = unpolarized_law(chain, state, steps, level=level, tolerance=tolerance)
        law = (waiting.edges, waiting.mass / np.diff(waiting.edges))
        at = np.arange(1, steps + 1)
        return _Found(at, {"hazard": waiting.hazard}, waiting.hazard_error, {}, (), law)
    curve = polarized_probabilities(chain, state, steps, level=level, tolerance=tolerance)
    return _Found(curve.steps, {"probability": curve.probability}, curve.error, {}, ())


def _named(found: Any, *names: str) -> dict[str, float]:
    return {name: getattr(found, name) for name in names}


def _per_agent(name: str, given: Sequence[Decimal | float], agents: int) -> list[float]:
    """Return one number for each agent; a single one serves them all."""
    if len(given) not in (1, agents):
        raise InputError(name, ",".join(map(str, given)), f"one number, or one for each of {agents} agents")
    numbers = [float(number) for number in given]
    return numbers * agents if len(numbers) == 1 else numbers


def _around(nodes: np.ndarray, density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return cells, each around one node, and the density at it."""
    order = np.argsort(nodes)
    at = nodes[order]
    middle = 0.5 * (at[:-1] + at[1:])
    return np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]]), density[order]
