"""GT2: in a mixture of several components in R^d, level h is kept at every step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.balls import Ball, ball, certainly_less
from mcpolar.bounds import ceilings, chances
from mcpolar.bounds.hypotheses import exceeds, read_level
from mcpolar.bounds.records import certified_horizon, make_bound
from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.errors import InputError
from mcpolar.parameters import standard_deviation
from mcpolar.questions import MixtureKept
from mcpolar.results import Assumption, Bound
from mcpolar.statements import CERTIFIED, LEVEL, STEPS, Option, statement
from mcpolar.steps import Steps

MOST_COMPONENTS = 10**6
MOST_DIMENSIONS = 10**4
SMALLEST_DISTANCE, LARGEST_DISTANCE = Decimal("1e-6"), Decimal("1e6")
COMPONENTS = Option("components", "Number of mixture components c.")
DIMENSION = Option("dimension", "Dimension d of the components' means.")
DISTANCE = Option("distance", "Smallest distance D of two means.", kind="number")
SMALLEST_SILO = Option("smallest_silo", "Number of agents in the smallest silo. Default: all agents.")


@dataclass(frozen=True)
class _Mixture:
    components: int
    dimension: int
    distance: Decimal
    sigma: Decimal

    @property
    def gain(self) -> Fraction:
        """Return gamma = D^2/(4 sigma^2), which one update adds to every log-ratio."""
        return Fraction(self.distance) ** 2 / (4 * Fraction(self.sigma) ** 2)

    @property
    def radius_over_sigma(self) -> Fraction:
        """Return R/sigma, R = D/4."""
        return Fraction(self.distance) / (4 * Fraction(self.sigma))

    def log_kept(self, level: int, n_steps: int) -> Ball:
        """Return the log of GT2, from whichever of the one-step chance and its complement is small."""
        hit, outside = chances.ball_hit_and_missed(self.dimension, self.radius_over_sigma)
        other = (self.components - 1) * ball(-level * self.gain).exp()
        missed = (outside + other) / (1 + other)
        if certainly_less(missed, ball(1) / 2):
            return chances.log_power(missed, n_steps)
        return n_steps * (hit / (1 + other)).log()


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.general_theorem2()


@statement(
    "general_theorem2",
    theory="GT2",
    title="level h is kept in a general mixture",
    formula=_formula,
    variants=CERTIFIED,
    options=(LEVEL, STEPS, COMPONENTS, DIMENSION, DISTANCE, SMALLEST_SILO),
    event=(
        "the probability that level h holds at every one of the steps 0 to T, from any level-h state of a "
        "mixture of c components in R^d"
    ),
)
def general_theorem2(
    *,
    components: int,
    dimension: int,
    distance: Decimal | str | float,
    sigma: Decimal | str | float,
    level: int,
    steps: int | str | Steps,
    smallest_silo: int | None = None,
    k: int | None = None,
) -> Bound:
    """Bound the probability that a general mixture at level h stays at level h at every one of T steps.

    GT2: (P(chi_d <= R/sigma) / (1 + (c-1) e^{-h gamma}))^T with R = D/4 and gamma = D^2/(4 sigma^2).

    Parameters
    ----------
    components : int
        Number c of components N(mu_j, sigma^2 I_d), at least 2.
    dimension : int
        d, from 1 to 10000.
    distance : Decimal, str, int or float
        D, the smallest distance between two means, from 1e-6 to 1e6.
    sigma : Decimal, str, int or float
        Component standard deviation.
    level : int
        The level h: w_j/w_l >= e^{h gamma} for the silo's component j and every other l.
    steps : int, str or Steps
        The horizon T: a number, or `Steps` where it depends on the number of agents; rounded up to a whole
        number.
    smallest_silo : int, optional
        Size of the smallest non-empty silo; absent: all agents are in one silo, and no neighbourhood is
        needed.
    k : int, optional
        Neighbourhood size; with `smallest_silo`, k + 1 must not exceed it.

    Returns
    -------
    Bound
        Certified from below, and `failure` from above.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> general_theorem2(components=30, dimension=2, distance=4, sigma="0.2", level=1, steps=1000).lower(4)
    '9.962e-01'
    """
    mixture = _Mixture(
        whole_number("components", components, 2, MOST_COMPONENTS),
        whole_number("dimension", dimension, 1, MOST_DIMENSIONS),
        exact_decimal("distance", distance, SMALLEST_DISTANCE, LARGEST_DISTANCE),
        standard_deviation("sigma", sigma),
    )
    level, horizon = read_level(level), _read_steps(steps)
    smallest_silo = None if smallest_silo is None else whole_number("smallest_silo", smallest_silo, 1)
    k = None if k is None else whole_number("k", k, 1)
    whole, notes = certified_horizon(horizon)
    return make_bound(
        "general_theorem2",
        "certified",
        parameters={
            "components": mixture.components,
            "dimension": mixture.dimension,
            "distance": plain(mixture.distance),
            "sigma": plain(mixture.sigma),
            "level": level,
            "steps": horizon.expression,
            "smallest_silo": smallest_silo,
            "k": k,
        },
        horizon=whole,
        value=lambda: mixture.log_kept(level, whole).exp(),
        failure=lambda: -mixture.log_kept(level, whole).expm1(),
        assumptions=(_neighbourhood(smallest_silo, k), _separation(mixture, level, smallest_silo)),
        event=f"The probability that level {level} holds at every one of the steps 0 to {whole} "
        f"(every agent's weight on its silo's component is >= e^({level}*gamma) times any other, "
        f"and its memory within D/4 of that component's mean), from any state at level {level}.",
        notes=notes,
        question=MixtureKept(
            mixture.components,
            mixture.dimension,
            mixture.distance,
            mixture.sigma,
            level,
            whole,
            smallest_silo,
            k,
        ),
        ceiling=lambda: ceilings.of_general_level(mixture.dimension, mixture.radius_over_sigma, whole),
    )


def _read_steps(steps: int | str | Steps) -> Steps:
    """Read a horizon without agents: `m` means nothing here, unless a `Steps` brings it along."""
    if isinstance(steps, Steps):
        return steps
    if isinstance(steps, str) and "m" in steps:
        raise InputError("steps", steps, "a number, or Steps.read(expression, m): there is no m here")
    return Steps.read(steps, 1)


def _neighbourhood(smallest_silo: int | None, k: int | None) -> Assumption:
    if smallest_silo is None:
        return Assumption("neighbourhood", "all agents are in one silo, so that every sender is in it", True)
    if k is None:
        text = (
            "several silos need a neighbourhood k with k + 1 <= the smallest silo = "
            f"{smallest_silo}; none was given"
        )
        return Assumption("neighbourhood", text, False)
    text = f"k + 1 <= the smallest silo: {k} + 1 against {smallest_silo}"
    return Assumption("neighbourhood", text, k + 1 <= smallest_silo)


def _separation(mixture: _Mixture, level: int, smallest_silo: int | None) -> Assumption:
    if smallest_silo is None:
        return Assumption("separation", "there is one silo: nothing has to be told apart", True)
    text = (
        "alpha = (c-1) e^{-h gamma} / (1 + (c-1) e^{-h gamma}) < 1/3, that is e^{h gamma} > 2 "
        "(c-1), so that silos are farther apart than each is wide"
    )
    return Assumption("separation", text, exceeds(level * mixture.gain, 2 * (mixture.components - 1)))
