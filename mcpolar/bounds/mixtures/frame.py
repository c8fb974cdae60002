"""GPM's frame: one agent's risk from one competitor, given a contraction of that competitor's weight ratio.

K is the mean over an own draw, X' the memory after it, maxE(X') the largest factor by which an element of it moves the
ratio p = w_l/w_j. A contraction is an exponent theta, a shape Psi >= 1 of memories and rho < 1 with K[maxE(X')^theta
Psi(X')] <= rho Psi(X) for every memory X, and F >= 1 with Psi(X') >= F wherever maxE(X') > 1. With

    A = max(q^{-theta}/F, c_S q^{1-theta}/(1 - rho))

the risk of an agent with p < q is A p^theta Psi(X). With a first stage, in which every update multiplies p by at most
zeta < 1 until a bad draw comes, it is c_S p/(1 - zeta) + A delta/(1 - rho^) p^theta Psi^(X)
(proofs/general_permanence).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, Context, Decimal
from fractions import Fraction

from mcpolar.balls import Ball, Dyadic, ball

SIX_DIGITS = Context(prec=6, rounding=ROUND_DOWN, Emin=MIN_EMIN, Emax=MAX_EMAX)
MARGIN = 1e-4
"""By how much, in logarithms, a threshold is above the ratio that an agent starts with."""


@dataclass(frozen=True)
class FirstStage:
    """What holds until an agent receives its first bad draw.

    Attributes
    ----------
    log_zeta : callable
        Log of the factor by which every update multiplies the ratio, as a ball; negative.
    delta : callable
        An upper end of E[maxE^theta Psi(X')/Psi^(X); the draw is bad], as a ball.
    rho_hat : Dyadic
        Upper end of the supremum over memories and draws of this stage.
    """

    log_zeta: Callable[[], Ball]
    delta: Callable[[], Ball]
    rho_hat: Dyadic


@dataclass(frozen=True)
class Contraction:
    """A certified contraction of the ratio to one competitor.

    Attributes
    ----------
    theta : Fraction
        The exponent.
    rho : Dyadic
        Upper end of the supremum over memories.
    log_crossing : callable
        Log of F, as a ball.
    stage : FirstStage or None
        None: Psi = 1 at the start, and no stages.
    shape : mapping
        The free parameters, for the record.
    """

    theta: Fraction
    rho: Dyadic
    log_crossing: Callable[[], Ball]
    stage: FirstStage | None
    shape: Mapping[str, str]

    @property
    def contracts(self) -> bool:
        """Whether the suprema are below 1."""
        ends = (self.rho,) if self.stage is None else (self.rho, self.stage.rho_hat)
        return all(end.mantissa.bit_length() + end.exponent <= 0 for end in ends)

    def risk(self, log_ratio: Fraction, senders: Fraction, threshold: Decimal) -> Ball:
        """Return the risk from a ratio e^{-log_ratio} and a memory of level h, at the working precision."""
        q, theta = ball(threshold).log(), ball(self.theta)
        crossing = (-theta * q - self.log_crossing()).exp()
        drift = ball(senders) * ((1 - theta) * q).exp() / (1 - self.rho.ball())
        far = crossing.max(drift) * (-theta * ball(log_ratio)).exp()
        if self.stage is None:
            return far
        near = ball(senders) * ball(-log_ratio).exp() / -self.stage.log_zeta().expm1()
        return near + far * self.stage.delta() / (1 - self.stage.rho_hat.ball())


def best_threshold(
    log_crossing: float, log_kept: float, senders: float, log_ratio: float, cap: float
) -> float:
    """Return log q at which the two terms of A are equal, between the start and the log of the largest allowed."""
    equal = log_kept - math.log(senders) - log_crossing
    return min(max(equal, MARGIN - log_ratio), cap)


def as_threshold(log_q: float) -> Decimal:
    """Return q to six digits; it does not underflow."""
    return SIX_DIGITS.exp(Decimal(log_q))
