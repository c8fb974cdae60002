"""PMr: what a risk on a grid is certified for, and where it can be."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mcpolar.balls import Dyadic, ball, upper_end
from mcpolar.bounds.permanence.grid import LARGEST_MEMORY
from mcpolar.bounds.permanence.own_side import Certificate
from mcpolar.bounds.polarized_start import Start
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters

HALF = Fraction(1, 2)
LARGEST_PRECISION, LARGEST_LOG_ODDS = 2**16, 2**18
LOWEST_NODES = {True: Fraction(0.694), False: Fraction(1, 1 << 20)}
"""Exact floats: two silos need log-odds above log 2 = 0.6931..., one silo needs positive ones."""


@dataclass(frozen=True)
class ProductForm:
    """The risk A e^{-theta L} prod f(x_h) of "any memory", f(x) = exp(s max(0, alpha (x0 - x), beta (x - x1))).

    Attributes
    ----------
    theta, alpha, x0, beta, x1 : Fraction
        As in :class:`~mcpolar.bounds.permanence.shape.Shape`; PM1's form has alpha = beta = 0, so f = 1.
    rho : Dyadic
        Upper end of the factor by which an own draw multiplies it in the mean, at most.
    """

    theta: Fraction
    alpha: Fraction
    x0: Fraction
    beta: Fraction
    x1: Fraction
    rho: Dyadic

    @classmethod
    def of(cls, certificate: Certificate) -> ProductForm:
        """Return PM's form."""
        shape = certificate.shape
        theta, alpha, x0, beta, x1 = map(Fraction, (shape.theta, shape.alpha, shape.x0, shape.beta, shape.x1))
        return cls(theta, alpha, x0, beta, x1, certificate.suprema.rho.upper)

    @classmethod
    def of_memory_one(cls, precision: Fraction, theta: Fraction = HALF) -> ProductForm:
        """Return PM1's form, rho = e^{-2 theta (1 - theta) s}."""
        rho = upper_end(lambda: ball(-2 * theta * (1 - theta) * precision).exp())
        return cls(theta, Fraction(0), Fraction(0), Fraction(0), Fraction(0), rho)

    def as_dict(self) -> dict[str, str]:
        """Return the exact numbers as text."""
        names = ("theta", "alpha", "x0", "beta", "x1")
        return {name: str(getattr(self, name)) for name in names} | {"rho": repr(self.rho)}


@dataclass(frozen=True)
class RiskProblem:
    """What a risk is certified for.

    Attributes
    ----------
    r : int
        Memory size.
    precision : Fraction
        s = 1/sigma^2.
    log_odds : Fraction
        H: own-side log-odds at the start.
    senders : Fraction
        c: the senders' mean other weights add up to at most c times the sum of all.
    two_silos : bool
        Whether agents are on both sides.
    form : ProductForm
        What bounds the risk where there is no grid; its rho is below 1.
    """

    r: int
    precision: Fraction
    log_odds: Fraction
    senders: Fraction
    two_silos: bool
    form: ProductForm

    @classmethod
    def of(cls, start: Start, form: ProductForm) -> RiskProblem:
        """Return the problem of a start."""
        return cls(
            r=start.chain.r,
            precision=start.chain.precision,
            log_odds=start.log_odds,
            senders=senders_share(start.chain, start.split),
            two_silos=0 < start.split < start.chain.m,
            form=form,
        )

    @property
    def lowest(self) -> Fraction:
        """The log-odds at which an agent fails: the first node."""
        return LOWEST_NODES[self.two_silos]

    @property
    def true_exponent(self) -> float:
        """About the exponent of the smallest risk."""
        return 1.0 if self.r == 1 else 0.5

    def require(self) -> None:
        """Raise InputError where no risk can be certified, or rounding could exceed the margins of the loops."""
        if self.r > LARGEST_MEMORY:
            raise InputError("r", self.r, f"at most {LARGEST_MEMORY} for a risk on a grid")
        if self.precision > LARGEST_PRECISION:
            raise InputError("sigma", float(self.precision) ** -0.5, "at least 1/256 for a risk on a grid")
        if self.form.rho.fraction >= 1:
            raise InputError(
                "rho", self.form.rho.decimal(4, "up"), "below 1: another shape, or a smaller sigma"
            )
        if self.form.theta > HALF:
            raise InputError("theta", str(self.form.theta), "at most 1/2 for a risk on a grid")
        if not self.lowest < self.log_odds <= LARGEST_LOG_ODDS:
            limits = f"above {float(self.lowest):.4g} and at most {LARGEST_LOG_ODDS} for a risk on a grid"
            raise InputError("log_odds", float(self.log_odds), limits)

    def as_dict(self) -> dict[str, str]:
        """Return what the risk depends on, exactly."""
        numbers = {
            "r": self.r,
            "precision": self.precision,
            "log_odds": self.log_odds,
            "senders": self.senders,
            "two_silos": self.two_silos,
        }
        return {name: str(number) for name, number in numbers.items()} | self.form.as_dict()


def senders_share(chain: ChainParameters, split: int) -> Fraction:
    """Return c: the senders' mean other weights add up to at most c times the sum of all (Lemma 1).

    An agent is among the k nearest of at most 2k others, and of at most all others of its silo.
    """
    if chain.k is None:
        return Fraction(1)
    listed = min(2 * chain.k, max(split, chain.m - split) - 1)
    if chain.mirror is None:
        return Fraction(listed + 1, chain.k + 1)
    mirror = Fraction(chain.mirror)
    return mirror + (1 - mirror) * Fraction(listed, chain.k)
