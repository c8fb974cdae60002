"""Parameters of the chain: validated once, frozen, with sigma kept as the exact decimal that the user gave."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, SupportsIndex

from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError
from mcpolar.rules import FARTHEST, NEAREST, NEIGHBOURS, POLICIES

SMALLEST_SIGMA, LARGEST_SIGMA = Decimal("1e-6"), Decimal("1e6")
MOST_AGENTS = 10**9
MOST_MEMORY = 10**6


@dataclass(frozen=True)
class ChainParameters:
    """The parameters of the two-component chain (theory.md, section 1).

    Parameters
    ----------
    m : int
        Number of agents, at least 1.
    r : int
        Memory size of each agent, at least 1.
    sigma : Decimal, str, int or float
        Component standard deviation, from 1e-6 to 1e6. A float stands for its shortest decimal: 0.2 is exactly 1/5.
    k : int, optional
        Neighbourhood size, 1 <= k <= m - 1: the sender is uniform on the receiver and its k nearest agents in weight.
        Absent: unrestricted.
    mirror : Decimal, str, int or float, optional
        Probability that the receiver is its own sender, in [0, 1]; otherwise the sender is uniform on the k nearest
        (on all other agents without `k`). Absent: the receiver counts as one of the candidates.
    policy : str
        Which memory element an arrival replaces: "farthest", or a name given to
        :func:`~mcpolar.rules.register_memory_policy`.
    neighbours : str
        Among whom the sender is: "nearest" (all agents without `k`), or a name given to
        :func:`~mcpolar.rules.register_neighbour_rule`.

    Raises
    ------
    InputError
        If a value is not allowed; the message names it.

    Examples
    --------
    >>> ChainParameters(m=30, r=5, sigma=0.2).precision
    Fraction(25, 1)
    """

    m: int
    r: int
    sigma: Decimal
    k: int | None = None
    mirror: Decimal | None = None
    policy: str = FARTHEST
    neighbours: str = NEAREST

    def __init__(
        self,
        m: SupportsIndex,
        r: SupportsIndex,
        sigma: Decimal | str | float,
        k: SupportsIndex | None = None,
        mirror: Decimal | str | float | None = None,
        *,
        policy: str = FARTHEST,
        neighbours: str = NEAREST,
    ) -> None:
        put = object.__setattr__
        put(self, "m", whole_number("m", m, 1, MOST_AGENTS))
        put(self, "r", whole_number("r", r, 1, MOST_MEMORY))
        put(self, "sigma", standard_deviation("sigma", sigma))
        put(self, "k", None if k is None else self._neighbourhood(k))
        put(self, "mirror", None if mirror is None else self._mirror(mirror))
        put(self, "policy", POLICIES.find(policy).name)
        put(self, "neighbours", NEIGHBOURS.find(neighbours).name)

    def _neighbourhood(self, k: SupportsIndex) -> int:
        if self.m == 1:
            raise InputError("k", k, "absent when m = 1: a single agent has no neighbours")
        return whole_number("k", k, 1, self.m - 1, "m - 1")

    def _mirror(self, mirror: Decimal | str | float) -> Decimal:
        if self.m == 1:
            raise InputError("mirror", mirror, "absent when m = 1: a single agent is its own sender always")
        return exact_decimal("mirror", mirror, Decimal(0), Decimal(1))

    @property
    def precision(self) -> Fraction:
        """1/sigma^2, exactly: the unit of levels of log-odds."""
        return 1 / Fraction(self.sigma) ** 2

    @property
    def is_unrestricted(self) -> bool:
        """Whether the sender is uniform on all agents: no mirror, and k absent or m - 1."""
        is_anyone = self.k is None or self.k == self.m - 1
        return self.mirror is None and is_anyone and self.neighbours == NEAREST

    @property
    def has_own_rules(self) -> bool:
        """Whether memory and senders follow the paper's rules, on which nearly all that is proved rests."""
        return self.policy == FARTHEST and self.neighbours == NEAREST

    def require_rules(
        self, *, policies: Container[str] = (FARTHEST,), neighbours: Container[str] = (NEAREST,), reason: str
    ) -> None:
        """Raise InputError where the memory policy or the neighbour rule is another, and say why that matters."""
        if self.policy not in policies:
            raise InputError("policy", self.policy, f"{FARTHEST!r}: {reason}")
        if self.neighbours not in neighbours:
            raise InputError("neighbours", self.neighbours, f"{NEAREST!r}: {reason}")

    def as_dict(self) -> dict[str, int | str | None]:
        """Return the parameters for a record or JSON: decimals as strings, registered rules if there are some."""
        rules = {
            registry.argument: registry.find(name).spoken
            for registry, name in ((POLICIES, self.policy), (NEIGHBOURS, self.neighbours))
            if name != registry.own
        }
        return {
            "m": self.m,
            "r": self.r,
            "sigma": plain(self.sigma),
            "k": self.k,
            "mirror": None if self.mirror is None else plain(self.mirror),
            **rules,
        }


def standard_deviation(name: str, value: Any) -> Decimal:
    """Return `value` as the exact decimal it stands for, within the range that mcpolar allows for sigma.

    Examples
    --------
    >>> standard_deviation("sigma", "0.30")
    Decimal('0.30')
    """
    return exact_decimal(name, value, SMALLEST_SIGMA, LARGEST_SIGMA)
