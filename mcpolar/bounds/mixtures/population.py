"""The population of a statement on general mixtures: who sends to whom, and level h (proofs/general_theorem2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.bounds.hypotheses import exceeds, read_level
from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError
from mcpolar.means import LARGEST_DISTANCE, MOST_DIMENSIONS, MOST_LISTED, SMALLEST_DISTANCE, Means
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption, Scalar
from mcpolar.statements import Option

MOST_COMPONENTS = 10**6
SMALLEST_SILO = Option("smallest_silo", "Number of agents in the smallest silo. Default: all agents.")
LARGEST_SILO = Option("largest_silo", "Number of agents in the largest silo. Default: all but the smallest.")
COMPONENTS = Option("components", "Number of mixture components c.")
DIMENSION = Option("dimension", "Dimension d of the components' means.")
DISTANCE = Option("distance", "Smallest distance D of two means.", kind="number")
MEANS = Option(
    "means",
    "Set of means: line, circle, simplex, or a text file with one mean a line.",
    kind="text",
    is_read=True,
)


@dataclass(frozen=True)
class Population:
    """m agents with memory r and means mu_1, ..., mu_c, all of them at level h of some component.

    Attributes
    ----------
    chain : ChainParameters
        m, r, sigma, k and mirror.
    means : Means
        The components' means.
    level : int
        h: w_j/w_l >= e^{h gamma} for an agent's own component j, its memory within D/4 of mu_j.
    smallest_silo, largest_silo : int or None
        None: one silo of all agents.
    """

    chain: ChainParameters
    means: Means
    level: int
    smallest_silo: int | None = None
    largest_silo: int | None = None

    @classmethod
    def read(
        cls,
        population: Mapping[str, Any],
        means: Means,
        *,
        level: Any,
        smallest_silo: Any = None,
        largest_silo: Any = None,
    ) -> Population:
        """Return the population that a statement's arguments describe.

        Raises
        ------
        InputError
            If a value is not allowed.
        """
        chain = ChainParameters(**population)
        least = (
            None if smallest_silo is None else whole_number("smallest_silo", smallest_silo, 1, chain.m, "m")
        )
        if least is None or least == chain.m:
            if largest_silo is not None and largest_silo != chain.m:
                raise InputError("largest_silo", largest_silo, "given together with `smallest_silo`")
            return cls(chain, means, read_level(level))
        if 2 * least > chain.m:
            raise InputError("smallest_silo", least, f"at most m/2 = {chain.m // 2}, or m for one silo")
        most = chain.m - least
        if largest_silo is not None:
            most = whole_number("largest_silo", largest_silo, least, most, "m - smallest_silo")
        return cls(chain, means, read_level(level), least, most)

    @property
    def gain(self) -> Fraction:
        """Return gamma = D^2/(4 sigma^2)."""
        squared = self.means.nearest.squared
        assert squared is not None
        return squared / (4 * Fraction(self.chain.sigma) ** 2)

    @property
    def log_ratio(self) -> Fraction:
        """Return H = h gamma: every log-ratio of an own weight to another one is at least this at the start."""
        return self.level * self.gain

    @property
    def senders(self) -> Fraction:
        """Return c_S: the mean other weights of all receivers' senders sum to at most c_S times all other weights.

        An agent is in the lists of at most M - 1 others of its silo, M agents; with two components also of at most 2k.
        """
        chain = self.chain
        silo = chain.m if self.largest_silo is None else self.largest_silo
        k = chain.m - 1 if chain.k is None else chain.k
        if chain.m == 1 or (self.smallest_silo is None and k == chain.m - 1):
            return Fraction(1)
        lists = min(silo - 1, 2 * k) if self.means.components == 2 else silo - 1
        if chain.mirror is None:
            return max(Fraction(1), Fraction(lists + 1, k + 1))
        mirror = Fraction(chain.mirror)
        return max(Fraction(1), mirror + (1 - mirror) * Fraction(lists, k))

    def neighbourhood(self) -> Assumption:
        """Check that an agent's silo has room for all its neighbours."""
        if self.smallest_silo is None:
            text = "all agents are in one silo, so that every sender is in it"
            return Assumption("neighbourhood", text, True)
        k, least = self.chain.k, self.smallest_silo
        if k is None:
            text = f"several silos need a neighbourhood k with k + 1 <= the smallest silo = {least}; none was given"
            return Assumption("neighbourhood", text, False)
        text = f"k + 1 <= the smallest silo: {k} + 1 against {least}"
        return Assumption("neighbourhood", text, k + 1 <= least)

    def start(self) -> Assumption:
        """Check that the other weights are so small that an agent's nearest are of its silo: (c - 1) e^{-H} < 1/2."""
        text = "(c-1) e^(-h gamma) < 1/2, so that every agent's own weight is above 2/3"
        return Assumption("start", text, exceeds(self.log_ratio, 2 * (self.means.components - 1)))

    def as_dict(self) -> dict[str, Scalar]:
        """Return what a record says of it."""
        chain = self.chain.as_dict()
        return {
            **self.means.as_dict(),
            "sigma": chain.pop("sigma"),
            "level": self.level,
            **chain,
            "smallest_silo": self.smallest_silo,
            "largest_silo": self.largest_silo,
        }


@dataclass(frozen=True)
class Mixture:
    """What a statement knows of the means: all of them, or their number, dimension and smallest distance.

    Attributes
    ----------
    components, dimension : int
        c and d.
    distance : Decimal
        D; for points its nearest decimal, which nothing is computed from.
    means : Means or None
        All of them; None: any means with these numbers.
    """

    components: int
    dimension: int
    distance: Decimal
    means: Means | None

    def example(self) -> Means | None:
        """Return the means, or some with these numbers (a simplex where it fits, else a line); None for too many."""
        if self.means is not None or self.components > MOST_LISTED:
            return self.means
        layout = "simplex" if self.components <= self.dimension + 1 else "line"
        given = {"components": self.components, "dimension": self.dimension, "distance": self.distance}
        return Means.read(layout, **given)

    def as_dict(self) -> dict[str, Scalar]:
        """Return what a record says of it."""
        if self.means is not None:
            return {**self.means.as_dict()}
        return {
            "components": self.components,
            "dimension": self.dimension,
            "distance": plain(self.distance),
            "means": None,
        }


def read_mixture(means: Any, components: Any, dimension: Any, distance: Any) -> Mixture:
    """Return the means as they were given, or their number, dimension and smallest distance.

    Raises
    ------
    InputError
        If something is missing or not allowed.
    """
    if means is not None:
        found = Means.read(means, components=components, dimension=dimension, distance=distance)
        near = Decimal(repr(float(found.nearest))) if found.distance is None else found.distance
        return Mixture(found.components, found.dimension, near, found)
    for name, value in (("components", components), ("dimension", dimension), ("distance", distance)):
        if value is None:
            raise InputError(name, "nothing", "given, or `means`")
    return Mixture(
        whole_number("components", components, 2, MOST_COMPONENTS),
        whole_number("dimension", dimension, 1, MOST_DIMENSIONS),
        exact_decimal("distance", distance, SMALLEST_DISTANCE, LARGEST_DISTANCE),
        None,
    )
