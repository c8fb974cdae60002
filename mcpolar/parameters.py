"""Parameters of the chain: validated once, frozen, with sigma kept as the exact decimal that the user gave."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, SupportsIndex

from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError

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

    def __init__(
        self,
        m: SupportsIndex,
        r: SupportsIndex,
        sigma: Decimal | str | float,
        k: SupportsIndex | None = None,
        mirror: Decimal | str | float | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "m", whole_number("m", m, 1, MOST_AGENTS))
        put(self, "r", whole_number("r", r, 1, MOST_MEMORY))
        put(self, "sigma", standard_deviation("sigma", sigma))
        put(self, "k", None if k is None else self._neighbourhood(k))
        put(self, "mirror", None if mirror is None else self._mirror(mirror))

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
        return self.mirror is None and (self.k is None or self.k == self.m - 1)

    def as_dict(self) -> dict[str, int | str | None]:
        """Return the parameters for a record or JSON; decimals as strings."""
        return {
            "m": self.m,
            "r": self.r,
            "sigma": plain(self.sigma),
            "k": self.k,
            "mirror": None if self.mirror is None else plain(self.mirror),
        }


def standard_deviation(name: str, value: Any) -> Decimal:
    """Return `value` as the exact decimal it stands for, within the range that mcpolar allows for sigma.

    Examples
    --------
    >>> standard_deviation("sigma", "0.30")
    Decimal('0.30')
    """
    return exact_decimal(name, value, SMALLEST_SIGMA, LARGEST_SIGMA)
