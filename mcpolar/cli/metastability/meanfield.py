"""`mcpolar metastability meanfield`: infinitely many agents."""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from mcpolar.chain import ChainState
from mcpolar.checks import whole_number
from mcpolar.cli.lists import values
from mcpolar.cli.metastability.options import OUT, Outputs
from mcpolar.cli.options import OptionalText, Quiet, Text, Watched, Whole
from mcpolar.cli.progress import progress_bar
from mcpolar.errors import InputError
from mcpolar.parameters import MOST_AGENTS, ChainParameters
from mcpolar.rng import philox_key


def meanfield(
    *,
    memory: Annotated[Whole, Parameter(name=["--memory", "-r"])] = 1,
    sigma: Text = "1",
    mirror: OptionalText = None,
    log_odds: Text = "-1,-0.3,0,0.3,1",
    rounds: float = 20.0,
    agents: Annotated[Whole, Parameter(name=["--agents", "-m"])] = 100_000,
    seed: Whole = 1,
    progress: Watched = "auto",
    quiet: Quiet = False,
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
    out.form()
    whole_number("m", agents, 1, MOST_AGENTS)
    philox_key(seed)
    if not (math.isfinite(rounds) and rounds > 0):
        raise InputError("rounds", rounds, "a positive number")
    times = np.linspace(0, rounds, 81)
    starts = [float(value) for value in values("log_odds", log_odds)]
    curves: dict[float, np.ndarray] = {}
    with progress_bar("curves", len(starts), quiet=quiet, form=progress) as advance:
        for cell, start in enumerate(starts):
            parameters = ChainParameters(2 if memory == 1 else agents, memory, sigma, None, mirror)
            curves[start] = _curve(parameters, start, times, seed, cell)
            advance(1)
    rows = [
        {"log_odds": start, "round": float(times[i]), "mean_weight": float(curve[i])}
        for start, curve in curves.items()
        for i in range(0, 81, 4)
    ]
    summary = {"memory": memory, "sigma": sigma, "mirror": mirror, "agents": None if memory == 1 else agents}
    if out.plot is not None:
        from mcpolar.report.plots.metastability import draw_mean_weights

        drawn = {f"l = {start:g}": (times, curve) for start, curve in curves.items()}
        out.draw(draw_mean_weights(drawn), summary | {"log_odds": list(curves), "seed": seed})
    if out.form() != "json":  # people are not told of what does not apply
        summary = {name: value for name, value in summary.items() if value is not None}
    out.write("The mean weight of many agents", summary, rows)


def _curve(chain: ChainParameters, log_odds: float, rounds: np.ndarray, seed: int, cell: int) -> np.ndarray:
    """Return the mean weight: of the limit for memory size 1, else of one large population."""
    from mcpolar.metastability import mean_field, weight_paths

    if chain.r == 1:
        return mean_field(chain, [log_odds], rounds).mean_weight
    state = _population(chain, log_odds, seed, cell)
    path = weight_paths(chain, state, rounds, seed=seed, cell=(cell, 1))
    return np.asarray(path.mean_weight[0])


def _population(chain: ChainParameters, log_odds: float, seed: int, cell: int) -> ChainState:
    """Return one replica with all agents at one log-odds and memories drawn from their mixture."""
    from mcpolar.rng import Purpose, generator

    rng = generator(seed, Purpose.START_NORMAL, cell=(cell,))
    shape = (1, chain.m, chain.r)
    component = np.where(rng.random(shape) < 1 / (1 + math.exp(-log_odds)), 1.0, -1.0)
    memory = component + float(chain.sigma) * rng.standard_normal(shape)
    return ChainState.from_arrays(np.full(shape[:2], log_odds), memory)
