"""PM: the free parameters of the Lyapunov function, as exact decimals, and what they must satisfy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from mcpolar.checks import exact_decimal, plain
from mcpolar.errors import InputError
from mcpolar.questions import FAR_END, NEAR_END

SMALLEST, LARGEST = Decimal("1e-18"), Decimal(10)
PLACES = Decimal("0.00001")
SIDE = (Decimal(NEAR_END), Decimal(FAR_END))  # I+, where all memory lies in E_h


@dataclass(frozen=True)
class Shape:
    """The shape of PM's Lyapunov function (theory.md PM; proofs/permanence).

    A memory X counts with the product over its elements of f(x) = exp(s max(0, alpha (x0 - x), beta (x - x1))),
    s = 1/sigma^2, and until an agent first receives a draw below y0 with the same product of f^, which has xh in
    place of x0.

    Attributes
    ----------
    theta : Decimal
        Exponent of e^{-log-odds}, in (0, 1).
    alpha, x0 : Decimal
        Slope and end of f's left branch; alpha >= 2 theta, x0 > 0.
    beta, x1 : Decimal
        Slope and end of f's right branch; beta > 2 theta, x1 >= 3/2.
    xh : Decimal
        End of the left branch of f^; x0 <= xh <= 1/2.
    y0 : Decimal
        What counts as a low draw; 0 < y0 <= x0.

    Raises
    ------
    InputError
        If one of these conditions does not hold; the message names the parameter.
    """

    theta: Decimal
    alpha: Decimal
    x0: Decimal
    beta: Decimal
    x1: Decimal
    xh: Decimal
    y0: Decimal

    def __post_init__(self) -> None:
        for item in fields(self):
            number = exact_decimal(item.name, getattr(self, item.name), SMALLEST, LARGEST)
            object.__setattr__(self, item.name, number)
        for name, holds, allowed in (
            ("theta", self.theta < 1, "below 1"),
            ("alpha", self.alpha >= 2 * self.theta, f"at least 2 theta = {plain(2 * self.theta)}"),
            ("beta", self.beta > 2 * self.theta, f"above 2 theta = {plain(2 * self.theta)}"),
            ("y0", self.y0 <= self.x0, f"at most x0 = {plain(self.x0)}"),
            ("xh", self.x0 <= self.xh <= SIDE[0], f"from x0 = {plain(self.x0)} to 1/2, where I+ begins"),
            ("x1", self.x1 >= SIDE[1], "at least 3/2, where I+ ends"),
        ):
            if not holds:
                raise InputError(name, plain(getattr(self, name)), allowed)

    @classmethod
    def rounded(
        cls, *, theta: float, alpha: float, x0: float, beta: float, x1: float, xh: float, y0: float
    ) -> Shape:
        """Return the shape nearest to what a search in floats found, to five places, on the allowed side."""

        def down(value: float) -> Decimal:
            return Decimal(value).quantize(PLACES, ROUND_FLOOR)

        def up(value: float) -> Decimal:
            return Decimal(value).quantize(PLACES, ROUND_CEILING)

        exponent, left = max(down(theta), PLACES), max(down(x0), PLACES)
        return cls(
            theta=exponent,
            alpha=max(up(alpha), 2 * exponent),
            x0=left,
            beta=max(up(beta), 2 * exponent + PLACES),
            x1=max(up(x1), SIDE[1]),
            xh=min(max(down(xh), left), SIDE[0]),
            y0=min(max(down(y0), PLACES), left),
        )

    @classmethod
    def read(cls, parameters: Mapping[str, Any]) -> Shape:
        """Return the shape that a bound's `parameters` hold."""
        return cls(**{item.name: parameters[item.name] for item in fields(cls)})

    def as_dict(self) -> dict[str, str]:
        """Return the parameters as decimal strings."""
        return {name: plain(value) for name, value in asdict(self).items()}
