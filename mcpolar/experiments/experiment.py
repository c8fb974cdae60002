"""What an experiment is: settings with the paper's values as defaults, cells to simulate, and tidy rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.mixture import Covariances, MixtureParameters, MixtureTrajectory
from mcpolar.parameters import MOST_AGENTS, MOST_MEMORY
from mcpolar.rng import MOST_REPLICAS
from mcpolar.steps import MOST_STEPS

if TYPE_CHECKING:
    import pandas as pd

Settings: TypeAlias = Mapping[str, Any]

COMMON: Settings = MappingProxyType(
    {
        "agents": 30,
        "memory": 5,
        "sigma": 0.2,
        "mirror": 0.0,
        "neighbours": None,
        "steps": 100,
        "replicas": 50,
        "weight_floor": 1e-12,
        "ties": "random",
        "schedule": "synchronous",
        "policy": "farthest",
    }
)
"""Settings of all experiments with agents; `neighbours` None stands for all others."""

_WHOLE = {
    "agents": (2, MOST_AGENTS),
    "memory": (1, MOST_MEMORY),
    "steps": (1, MOST_STEPS),
    "replicas": (1, MOST_REPLICAS),
    "points": (2, 10**6),
}
_REAL = {"sigma": "a positive number", "distance": "a positive number", "mirror": "a number from 0 to 1"}
_MOST_CELLS = 10_000


@dataclass(frozen=True, eq=False)
class Cell:
    """One set of parameters of an experiment.

    Attributes
    ----------
    values : mapping
        The columns that tell it from the other cells, such as {"k": 5}.
    parameters : MixtureParameters
        Of its replicas.
    steps : int
        Time steps; with one agent at a time, a step is n updates.
    """

    values: Mapping[str, float]
    parameters: MixtureParameters
    steps: int

    @property
    def key(self) -> tuple[int, ...]:
        """Whole numbers that name the cell by its values alone, so that its draws do not depend on other cells."""
        bits = np.array([float(value) for value in self.values.values()]).view(np.uint32)
        return tuple(int(word) for word in bits)

    @property
    def updates_a_step(self) -> int:
        """How many of the simulation's steps make one of ours."""
        return self.parameters.n if self.parameters.schedule == "single" else 1


@dataclass(frozen=True)
class Experiment:
    """One figure of the paper.

    Attributes
    ----------
    name : str
        Command-line name.
    number : int
        Names the experiment's draws.
    title : str
        One line.
    defaults : mapping
        Every setting and the paper's value; a tuple is a list of values to go through.
    cells : callable
        From settings to cells; none for a figure without simulation.
    rows : callable
        From a cell and its trajectories to a table: one row per replicate, and step or agent if the figure needs it.
    """

    name: str
    number: int
    title: str
    defaults: Settings
    cells: Callable[[Settings], Sequence[Cell]]
    rows: Callable[[Cell, MixtureTrajectory], pd.DataFrame]

    def settings(self, given: Settings) -> dict[str, Any]:
        """Return the defaults with the given values, validated.

        Raises
        ------
        InputError
            If a setting is not one of this experiment's or its value is not allowed.
        """
        for name in given:
            if name not in self.defaults:
                allowed = f"left out: {self.name} has {', '.join(self.defaults)}"
                raise InputError(name, given[name], allowed)
        merged = {**self.defaults, **given}
        checked = {name: self._checked(name, value) for name, value in merged.items()}
        if "neighbours" in checked:
            checked["neighbours"] = self._neighbours(checked["neighbours"], checked["agents"])
        return checked

    def _checked(self, name: str, value: Any) -> Any:
        is_list = isinstance(self.defaults[name], tuple)
        values = list(value) if isinstance(value, list | tuple | range | np.ndarray) else [value]
        if not values or len(values) > _MOST_CELLS or (len(values) > 1 and not is_list):
            raise InputError(name, value, f"1 to {_MOST_CELLS} values" if is_list else "one value")
        if len(set(values)) < len(values):
            raise InputError(name, value, "values that differ")
        if name in _WHOLE:
            values = [whole_number(name, number, *_WHOLE[name]) for number in values]
        elif name in _REAL:
            values = [_real(name, number) for number in values]
        return tuple(values) if is_list else values[0]

    @staticmethod
    def _neighbours(value: Any, agents: int) -> Any:
        if isinstance(value, tuple):
            return tuple(whole_number("neighbours", k, 1, agents - 1, "agents - 1") for k in value)
        return whole_number("neighbours", agents - 1 if value is None else value, 1, agents - 1, "agents - 1")


def general_parameters(settings: Settings, **changed: Any) -> MixtureParameters:
    """Return the system of these settings: n = c agents and components, means 0, …, n - 1 unless others are given.

    Raises
    ------
    InputError
        If a value is not allowed.
    """
    chosen = {**settings, **changed}
    n = chosen["agents"]
    return MixtureParameters(
        n,
        chosen.get("means", np.arange(float(n))),
        Covariances.spherical(chosen["sigma"]),
        chosen["memory"],
        chosen["neighbours"],
        chosen["mirror"],
        ties=chosen["ties"],
        schedule=chosen["schedule"],
        weight_floor=chosen["weight_floor"],
        policy=chosen["policy"],
        covariance_update=chosen.get("covariance_update", "fixed"),
        sd_floor=chosen.get("sd_floor", 0.0),
    )


def _real(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(name, value, _REAL[name]) from None
    within = 0 <= number <= 1 if name == "mirror" else 0 < number < np.inf
    if not within:
        raise InputError(name, value, _REAL[name])
    return number
