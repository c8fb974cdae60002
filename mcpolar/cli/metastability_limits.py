"""`mcpolar metastability exact` and `meanfield`: a few agents, and infinitely many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

import numpy as np
from cyclopts import Parameter

from mcpolar.chain import ChainState
from mcpolar.cli.lists import values
from mcpolar.cli.metastability_options import OUT, Outputs
from mcpolar.cli.options import OptionalText, Text, Whole
from mcpolar.errors import InputError
from mcpolar.exact import ExactCurve, polarized_probabilities, silo_survival, undecided_exit
from mcpolar.parameters import ChainParameters
from mcpolar.report import tables


def exact(
    *,
    quantity: Literal["polarized", "silos", "undecided"] = "polarized",
    agents: Annotated[Whole, Parameter(name=["--agents", "-m"])] = 2,
    sigma: Text = "1",
    mirror: OptionalText = None,
    log_odds: Text = "0",
    memory_elements: OptionalText = None,
    level: Text = "1",
    steps: Whole = 20,
    tolerance: float = 1e-6,
    out: Outputs = OUT,
) -> None:
    """Integrate the transition operator, for memory size 1 and one to three agents.

    polarized: P(E_h at t) for each step. silos: P(no agent changed its silo), and who did first. undecided: mean time,
    committor and quasi-stationary decay rate of the exit from |l_i| < h/sigma^2.

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
        Grids are refined until the estimated error is below it.
    """
    parameters = ChainParameters(agents, 1, sigma, None, mirror)
    start = _per_agent("log_odds", values("log_odds", log_odds), agents)
    summary: dict[str, Any] = {"quantity": quantity, "parameters": parameters.as_dict(), "log_odds": start}
    if quantity == "undecided":
        found = undecided_exit(parameters, start, level=level, tolerance=tolerance)
        names = ("mean_time", "plus_probability", "decay_rate")
        rows: list[tables.Row] = [
            {"quantity": name, "value": getattr(found, name), "error": error}
            for name, error in zip(names, found.errors, strict=True)
        ]
    elif quantity == "silos":
        rows = _silo_rows(parameters, start, steps, tolerance)
    else:
        memory = [1.0] if memory_elements is None else values("memory_elements", memory_elements)
        state = _state(start, _per_agent("memory_elements", memory, agents))
        rows = _polarized_rows(
            polarized_probabilities(parameters, state, steps, level=level, tolerance=tolerance)
        )
    out.write(f"Exact: {quantity}", summary, rows)


def _silo_rows(
    parameters: ChainParameters, start: list[float], steps: int, tolerance: float
) -> list[tables.Row]:
    found = silo_survival(parameters, start, steps, tolerance=tolerance)
    return [
        {
            "step": int(step),
            "survival": float(found.survival[step]),
            **{f"left_by_{agent}": float(found.left_by[step, agent]) for agent in range(parameters.m)},
            "error": float(found.error[step]),
        }
        for step in found.steps
    ]


def _polarized_rows(found: ExactCurve) -> list[tables.Row]:
    return [
        {"step": int(t), "probability": float(found.probability[t]), "error": float(found.error[t])}
        for t in found.steps
    ]


def _state(log_odds: list[float], memory: list[float]) -> ChainState:
    return ChainState.from_arrays(log_odds, [[element] for element in memory])


def _per_agent(name: str, given: Sequence[Decimal | float], agents: int) -> list[float]:
    """Return one number for each agent; a single one serves them all."""
    if len(given) not in (1, agents):
        raise InputError(name, ",".join(map(str, given)), f"one number, or one for each of {agents} agents")
    numbers = [float(number) for number in given]
    return numbers * agents if len(numbers) == 1 else numbers


def meanfield(
    *,
    memory: Annotated[Whole, Parameter(name=["--memory", "-r"])] = 1,
    sigma: Text = "1",
    mirror: OptionalText = None,
    log_odds: Text = "-1,-0.3,0,0.3,1",
    rounds: float = 20.0,
    agents: Annotated[Whole, Parameter(name=["--agents", "-m"])] = 100_000,
    seed: Whole = 1,
    out: Outputs = OUT,
) -> None:
    """Follow the mean weight of infinitely many agents from several starts.

    Memory size 1: the density of one agent's log-odds evolves deterministically. Larger memories: one population of so
    many agents, each beginning at the same log-odds with memories drawn from its mixture.

    Parameters
    ----------
    memory
        Memory size r.
    sigma
        Component standard deviation.
    mirror
        Probability that an agent is its own sender (memory size 1 only).
    log_odds
        Starts, one curve each.
    rounds
        How long, in rounds of m steps.
    agents
        Agents of the population, for memory sizes above 1.
    seed
        Seed of that population.
    """
    from mcpolar.metastability import mean_field, weight_paths

    if not (math.isfinite(rounds) and rounds > 0):
        raise InputError("rounds", rounds, "a positive number")
    times = np.linspace(0, rounds, 81)
    starts = [float(value) for value in values("log_odds", log_odds)]
    curves: dict[float, np.ndarray] = {}
    for cell, start in enumerate(starts):
        if memory == 1:
            curves[start] = mean_field(ChainParameters(2, 1, sigma, None, mirror), [start], times).mean_weight
        else:
            parameters = ChainParameters(agents, memory, sigma, None, mirror)
            state = _population(parameters, start, seed, cell)
            curves[start] = weight_paths(parameters, state, times, seed=seed, cell=(cell, 1)).mean_weight[0]
    rows = [
        {"log_odds": start, "round": float(times[i]), "mean_weight": float(curve[i])}
        for start, curve in curves.items()
        for i in range(0, 81, 4)
    ]
    if out.plot is not None:
        from mcpolar.report.metastability_plots import draw_mean_weights, save

        drawn = {f"l = {start:g}": (times, curve) for start, curve in curves.items()}
        save(draw_mean_weights(drawn), out.plot)
    summary = {"memory": memory, "sigma": sigma, "mirror": mirror, "agents": None if memory == 1 else agents}
    out.write("The mean weight of many agents", summary, rows)


def _population(parameters: ChainParameters, log_odds: float, seed: int, cell: int) -> ChainState:
    """Return one replica with all agents at one log-odds and memories drawn from their mixture."""
    from mcpolar.rng import Purpose, generator

    rng = generator(seed, Purpose.START_NORMAL, cell=(cell,))
    shape = (1, parameters.m, parameters.r)
    component = np.where(rng.random(shape) < 1 / (1 + math.exp(-log_odds)), 1.0, -1.0)
    memory = component + float(parameters.sigma) * rng.standard_normal(shape)
    return ChainState.from_arrays(np.full(shape[:2], log_odds), memory)
