"""PM: every memory size, memory on the own side (proofs/permanence, "Memory on the own side")."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mcpolar.balls import Ball, Dyadic, ball
from mcpolar.bounds.permanence.shape import SIDE, Shape
from mcpolar.bounds.permanence.suprema import Suprema
from mcpolar.bounds.polarized_start import Start, best_p_star, permanence_record
from mcpolar.checks import plain
from mcpolar.results import Assumption, Bound


@dataclass(frozen=True)
class Certificate:
    """A shape and the certified suprema that belong to it at one sigma."""

    shape: Shape
    suprema: Suprema


def permanence_own_side(start: Start, certificate: Certificate, p_star: Decimal | None = None) -> Bound:
    """Certify 1 - m [2 e^{-H}/(1 - zeta) + A delta/(1 - rho^) e^{-theta H}], given the suprema.

    Over T steps 1/(1 - zeta) and 1/(1 - rho^) are replaced by T/m where that is smaller.
    """
    shape, suprema = certificate.shape, certificate.suprema
    rho, rho_hat = suprema.rho.upper, suprema.rho_hat.upper
    contracts = _below_one(rho) and _below_one(rho_hat)
    p_star = (
        p_star if p_star is not None else _best_p_star(start, shape, rho) if contracts else Decimal("0.5")
    )
    return permanence_record(
        start,
        form="own_side" if start.n_steps is None else "own_side_for_some_time",
        parameters={
            **shape.as_dict(),
            "p_star": plain(p_star),
            "rho": rho.decimal(7, "up"),
            "rho_hat": rho_hat.decimal(7, "up"),
        },
        assumptions=(
            _memory(shape),
            start.near(p_star),
            Assumption(
                "contraction",
                "the certified suprema are below 1: "
                f"rho <= {rho.decimal(4, 'up')} and rho^ <= {rho_hat.decimal(4, 'up')}",
                contracts,
            ),
        ),
        failure=lambda: _failure(start, certificate, Fraction(p_star)),
        memory="all memory in its agent's own interval (I+ or I-), whatever the memory size",
        vacuous="m [2 e^{-H}/(1 - zeta) + A delta/(1 - rho^) e^{-theta H}]",
    )


def _below_one(end: Dyadic) -> bool:
    return end.mantissa.bit_length() + end.exponent <= 0


def _memory(shape: Shape) -> Assumption:
    low, high = (plain(end) for end in SIDE)
    text = (
        f"all memory is in its agent's own interval, from {low} to {high} on its side, where f^ = 1: "
        f"xh = {plain(shape.xh)} and x1 = {plain(shape.x1)}"
    )
    return Assumption("memory", text, shape.xh <= SIDE[0] and SIDE[1] <= shape.x1)


def _best_p_star(start: Start, shape: Shape, rho: Dyadic) -> Decimal:
    """Return the p* at which the two terms of A are equal: (1 - rho)/(2 f(0) - (1 - rho)), if allowed."""
    recovered = float(1 - rho.fraction)
    log_f0 = float(shape.alpha * shape.x0) * float(start.chain.precision)
    half = recovered / 2 * math.exp(-log_f0)
    crossing = math.log(recovered / 2) - log_f0 - math.log1p(-half)
    # from a nearer start p* has to be larger
    return best_p_star(max(crossing, 1e-4 - float(start.log_odds)), shape.theta)


def _failure(start: Start, certificate: Certificate, p_star: Fraction) -> Ball:
    """Return m [2 e^{-H}/(1 - zeta) + A delta/(1 - rho^) e^{-theta H}], as a ball."""
    shape, suprema = certificate.shape, certificate.suprema
    s = start.chain.precision
    theta, alpha, x0, y0 = (Fraction(x) for x in (shape.theta, shape.alpha, shape.x0, shape.y0))
    p = ball(p_star)
    crossing = (-ball(theta) * p.log()).exp() * ball(-s * alpha * x0).exp()
    drift = 2 * (ball(1 - theta) * p.log()).exp() / ((1 + p) * (1 - suprema.rho.upper.ball()))
    kappa = 2 * theta + alpha
    delta = ball(s * (alpha * x0 - kappa + kappa * kappa / 2)).exp()
    delta *= (ball(1 - kappa - y0) * (ball(s) / 2).sqrt()).erfc() / 2
    senders = _at_most(start, 1 / -ball(-2 * s * y0).expm1())
    visits = _at_most(start, 1 / (1 - suprema.rho_hat.upper.ball()))
    near = 2 * ball(-start.log_odds).exp() * senders
    return start.chain.m * (near + crossing.max(drift) * delta * visits * ball(-theta * start.log_odds).exp())


def _at_most(start: Start, visits: Ball) -> Ball:
    """Return min(visits, T/m)."""
    return visits if start.rounds is None else visits.min(ball(start.rounds))
