"""GPM: in a mixture of several components in R^d no agent ever changes its silo, for all time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from mcpolar.balls import Ball, Dyadic, ball
from mcpolar.bounds.mixtures.competitors import Competitor, Risk, risk_of
from mcpolar.bounds.mixtures.population import (
    COMPONENTS,
    DIMENSION,
    DISTANCE,
    LARGEST_SILO,
    MEANS,
    SMALLEST_SILO,
    Population,
)
from mcpolar.bounds.records import make_bound
from mcpolar.means import Means
from mcpolar.questions import MixtureSilosKept
from mcpolar.results import Assumption, Bound, Scalar
from mcpolar.statements import CERTIFIED, LEVEL, statement


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.general_permanence()


@statement(
    "general_permanence",
    theory="GPM0, GPM1 (r = 1), GPM-line (d = 1), GPM-rad",
    title="no agent ever changes its silo in a general mixture",
    formula=_formula,
    variants=CERTIFIED,
    options=(LEVEL, COMPONENTS, DIMENSION, DISTANCE, MEANS, SMALLEST_SILO, LARGEST_SILO),
    event=(
        "the probability that no agent ever changes its silo, for all time, from any level-h state of a mixture "
        "of c components in R^d"
    ),
)
def general_permanence(
    *,
    m: int,
    r: int,
    sigma: Decimal | str | float,
    level: int,
    means: str | Path | list[Any] | Means = "line",
    components: int | None = None,
    dimension: int | None = None,
    distance: Decimal | str | float | None = None,
    k: int | None = None,
    mirror: Decimal | str | float | None = None,
    smallest_silo: int | None = None,
    largest_silo: int | None = None,
) -> Bound:
    """Bound the probability that no agent of a general mixture ever changes its silo.

    GPM: 1 - m max_j sum_l U_jl, with one agent's risk U_jl from each competitor l of its component j, the least of

    - GPM1 (r = 1, any means): A e^{-theta h gamma}, rho = e^{-2 theta (1 - theta) gamma_jl};
    - GPM-line (d = 1, every r) and GPM-rad (every d and r): A e^{-theta h gamma}, or c_S e^{-h gamma}/(1 - zeta) +
      A delta/(1 - rho^) e^{-theta h gamma}, with suprema rho and rho^ that are certified;

    A = max(q^{-theta}/F, c_S q^{1-theta}/(1 - rho)), and thresholds q that sum to at most 1/2 over the competitors. For
    r = 1 and 2 silos last for ever with positive probability, tending to 1 with the level, at every sigma (GPM0); no
    number comes with that.

    Parameters
    ----------
    m, r : int
        Agents, and memory size of each.
    sigma : Decimal, str, int or float
        Component standard deviation.
    level : int
        The level h: w_j/w_l >= e^{h gamma} for an agent's own component j and every other l, gamma = D^2/(4 sigma^2),
        and its memory within D/4 of mu_j.
    means : str, Path, list or Means
        "line", "circle" or "simplex", a file, or a list of points (:meth:`mcpolar.means.Means.read`).
    components, dimension, distance : optional
        c, d and the smallest distance D; of points c and D are known.
    k : int, optional
        Neighbourhood size.
    mirror : Decimal, str or float, optional
        Probability that an agent is its own sender.
    smallest_silo, largest_silo : int, optional
        Sizes of silos; absent: all agents are in one.

    Returns
    -------
    Bound
        Certified from below; `failure` is the certified upper end of 1 minus the bound.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> general_permanence(m=30, r=1, sigma=1, level=2, means="simplex", components=30, distance=8).failure_upper(3)
    '6.49e-10'
    """
    found = Means.read(means, components=components, dimension=dimension, distance=distance)
    population = Population.read(
        {"m": m, "r": r, "sigma": sigma, "k": k, "mirror": mirror},
        found,
        level=level,
        smallest_silo=smallest_silo,
        largest_silo=largest_silo,
    )
    assumptions = (population.neighbourhood(), population.start())
    applies = all(assumption.holds for assumption in assumptions)
    return _record(population, assumptions, risk_of(population) if applies else Risk((), 0, None))


def _record(population: Population, assumptions: tuple[Assumption, ...], risk: Risk) -> Bound:
    agents, total = population.chain.m, risk.total
    return make_bound(
        "general_permanence",
        "certified",
        parameters={**population.as_dict(), **_described(risk)},
        horizon=None,
        value=lambda: _kept(agents, total),
        failure=lambda: _failed(agents, total),
        assumptions=assumptions,
        event=_event(population),
        notes=_notes(population, risk),
        question=MixtureSilosKept(
            population.chain,
            population.means,
            population.level,
            risk.own,
            population.smallest_silo,
        ),
    )


def _failed(agents: int, total: Dyadic | None) -> Ball:
    return ball(1) if total is None else agents * total.ball()


def _kept(agents: int, total: Dyadic | None) -> Ball:
    return 1 - _failed(agents, total)


def _described(risk: Risk) -> dict[str, Scalar]:
    """Return the nearest competitor's shape and certificate for the record, and the risks by distance."""
    if not risk.competitors:
        return {}
    nearest = risk.competitors[0]
    stage = nearest.contraction.stage
    return {
        **nearest.contraction.shape,
        "threshold": str(nearest.threshold),
        "rho": nearest.contraction.rho.decimal(7, "up"),
        "rho_hat": None if stage is None else stage.rho_hat.decimal(7, "up"),
        "risk": None if risk.total is None else risk.total.decimal(7, "up"),
    }


def _event(population: Population) -> str:
    return (
        "The probability that no agent ever changes its silo (the component of its largest weight), for all time, from "
        f"any state at level {population.level}: every agent's weight on its silo's component is >= "
        f"e^({population.level}*gamma) times any other, and its memory is within D/4 of that component's mean."
    )


def _notes(population: Population, risk: Risk) -> tuple[str, ...]:
    notes = []
    if risk.competitors:
        shown = ", ".join(_shown(one) for one in risk.competitors[:MOST_SHOWN])
        more = ", ..." if len(risk.competitors) > MOST_SHOWN else ""
        notes.append(f"log10 of one agent's risk from a competitor, by distance: {shown}{more}")
    if risk.total is None and risk.note:
        notes.append(f"vacuous here: {risk.note}")
        if population.chain.r <= MOST_PROVED:
            notes.append(
                "silos last for ever with positive probability here too (GPM0), but no number is proved"
            )
    return tuple(notes)


MOST_SHOWN = 5
MOST_PROVED = 2
"""Memory sizes for which GPM0's hypothesis is proved at every sigma."""


def _shown(one: Competitor) -> str:
    return f"{float(one.gap):.6g}: {one.risk.log10_up:.3f}"
