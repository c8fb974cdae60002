"""GT2: in a mixture of several components in R^d, level h is kept at every step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast, get_args

from mcpolar.balls import Ball, ball, certainly_less
from mcpolar.bounds import ceilings, chances
from mcpolar.bounds.hypotheses import exceeds, read_level
from mcpolar.bounds.mixtures.cells import LeastChance, in_ball, least_chance
from mcpolar.bounds.mixtures.population import (
    COMPONENTS,
    DIMENSION,
    DISTANCE,
    MEANS,
    SMALLEST_SILO,
    Mixture,
    read_mixture,
)
from mcpolar.bounds.records import certified_horizon, make_bound
from mcpolar.checks import plain, whole_number
from mcpolar.errors import InputError
from mcpolar.means import Gap, Means
from mcpolar.parameters import standard_deviation
from mcpolar.questions import MixtureKept
from mcpolar.results import Assumption, Bound, Ceiling, Scalar
from mcpolar.statements import CERTIFIED, FITS, LEVEL, STEPS, Monotone, Option, statement
from mcpolar.steps import Steps

Region: TypeAlias = Literal["ball", "cells"]

REGION = Option(
    "region",
    "Where memory and arrivals stay: ball (within D/4 of the own mean), or cells (on its side of every competitor). "
    "Default: ball, with --means cells.",
    kind="text",
)


@dataclass(frozen=True)
class _Kept:
    """What a step keeps: the chance of a good arrival, and the log of the whole."""

    mixture: Mixture
    sigma: Decimal
    region: Region

    @property
    def nearest(self) -> Gap:
        """Return D, exactly."""
        found = self.mixture
        return Gap.of(Fraction(found.distance)) if found.means is None else found.means.nearest

    @property
    def gain(self) -> Fraction:
        """Return gamma = D^2/(4 sigma^2), which one update adds to every log-ratio."""
        squared = self.nearest.squared
        assert squared is not None
        return squared / (4 * Fraction(self.sigma) ** 2)

    @cached_property
    def cells(self) -> LeastChance:
        """Return the best bound of the chance of an arrival in its cell."""
        found = self.mixture
        return least_chance(
            found.means, found.components, found.dimension, self.nearest, Fraction(self.sigma)
        )

    def _hit_and_missed(self) -> tuple[Ball, Ball]:
        """Return the chance that an own draw lands where it should, and its complement."""
        if self.region == "cells":
            return self.cells.hit.ball(), self.cells.missed.ball()
        found = in_ball(self.mixture.dimension, self.nearest, Fraction(self.sigma))
        return found.hit(), found.missed()

    def log_kept(self, level: int, n_steps: int) -> Ball:
        """Return the log of GT2, from whichever of the one-step chance and its complement is small."""
        hit, outside = self._hit_and_missed()
        other = (self.mixture.components - 1) * ball(-level * self.gain).exp()
        missed = (outside + other) / (1 + other)
        if certainly_less(missed, ball(1) / 2):
            return chances.log_power(missed, n_steps)
        return n_steps * (hit / (1 + other)).log()

    def ceiling(self, steps: int) -> Ceiling | None:
        """Return what no bound of this kind can exceed; None for cells whose chance is not known exactly."""
        if self.region == "cells":
            known = self.mixture.means is not None and self.cells.form in EXACT
            return ceilings.of_general_cell(self.cells.missed, steps) if known else None
        found = in_ball(self.mixture.dimension, self.nearest, Fraction(self.sigma))
        return ceilings.of_general_level(found.hit, steps)

    def question(
        self, level: int, steps: int, smallest_silo: int | None, k: int | None
    ) -> MixtureKept | None:
        """Return what a simulation takes; None for cells of more means than are listed."""
        found, cells = self.mixture, None if self.region == "ball" else self.mixture.example()
        if self.region == "cells" and cells is None:
            return None
        numbers = (found.components, found.dimension, found.distance, self.sigma)
        return MixtureKept(*numbers, level, steps, smallest_silo, k, cells)

    def described(self) -> dict[str, Scalar]:
        """Return what a record says of the mixture."""
        numbers = {name: value for name, value in self.mixture.as_dict().items() if name != "means"}
        return {**numbers, "sigma": plain(self.sigma)}

    def described_cells(self) -> dict[str, Scalar]:
        """Return what a record says of cells; nothing of balls."""
        return {} if self.region == "ball" else {"region": "cells", "means": self.mixture.as_dict()["means"]}

    def where(self) -> str:
        """Say where memory stays."""
        if self.region == "ball":
            return "within D/4 of that component's mean"
        return "in its cell, nowhere farther than D_jl/4 from that component's mean in the direction of another one's"


EXACT = ("exact on a line", "exact on a simplex")


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.general_theorem2(form)


@statement(
    "general_theorem2",
    theory="GT2, GT2c",
    title="level h is kept in a general mixture",
    formula=_formula,
    variants=CERTIFIED,
    more_forms=("cells",),
    options=(LEVEL, STEPS, COMPONENTS, DIMENSION, DISTANCE, SMALLEST_SILO, MEANS, REGION),
    event=(
        "the probability that level h holds at every one of the steps 0 to T, from any level-h state of a "
        "mixture of c components in R^d"
    ),
    monotone=(
        Monotone("steps", False, "a chance to the power T"),
        Monotone("level", True, "e^(-h gamma) falls"),
        Monotone(
            "sigma", False, "ball and cell, star-shaped, shrink in units of sigma, and e^(-h gamma) rises"
        ),
        Monotone("distance", True, "ball and cell grow in units of sigma, and e^(-h gamma) falls"),
        Monotone(
            "components", False, "the others' share (c - 1) e^(-h gamma) and the competitors of a cell grow"
        ),
        Monotone("dimension", False, "chi_d is at most chi_(d+1); cells do not know it"),
        Monotone("k", False, FITS),
    ),
)
def general_theorem2(
    *,
    sigma: Decimal | str | float,
    level: int,
    steps: int | str | Steps,
    components: int | None = None,
    dimension: int | None = None,
    distance: Decimal | str | float | None = None,
    means: str | Path | list[Any] | Means | None = None,
    region: str | None = None,
    smallest_silo: int | None = None,
    k: int | None = None,
) -> Bound:
    """Bound the probability that a general mixture at level h stays at level h at every one of T steps.

    GT2: (P(chi_d <= R/sigma) / (1 + (c-1) e^{-h gamma}))^T with R = D/4 and gamma = D^2/(4 sigma^2). GT2c: the same
    with P_K in place of P(chi_d <= R/sigma), the least chance that an own draw lands in the cell K_j =
    {x : <x - mu_j, e_jl> <= D_jl/4 for every other l}, which contains the ball: the best of lower bounds, exact on a
    line and a simplex.

    Parameters
    ----------
    sigma : Decimal, str, int or float
        Component standard deviation.
    level : int
        The level h: w_j/w_l >= e^{h gamma} for the silo's component j and every other l.
    steps : int, str or Steps
        The horizon T: a number, or `Steps` where it depends on the number of agents; rounded up to a whole
        number.
    components : int, optional
        Number c of components N(mu_j, sigma^2 I_d), at least 2.
    dimension : int, optional
        d, from 1 to 10000.
    distance : Decimal, str, int or float, optional
        D, the smallest distance between two means, from 1e-6 to 1e6.
    means : str, Path, list or Means, optional
        The means ("line", "circle", "simplex", a file, or points); absent: any means with these `components`,
        `dimension` and `distance`.
    region : {"ball", "cells"}, optional
        Where memory and arrivals stay, a part of the event. Default: ball, and cells where `means` are given.
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
    mixture = read_mixture(means, components, dimension, distance)
    kept = _Kept(mixture, standard_deviation("sigma", sigma), _read_region(region, means))
    level, horizon = read_level(level), _read_steps(steps)
    smallest_silo = None if smallest_silo is None else whole_number("smallest_silo", smallest_silo, 1)
    k = None if k is None else whole_number("k", k, 1)
    whole, notes = certified_horizon(horizon)
    return make_bound(
        "general_theorem2",
        "certified",
        parameters={
            **kept.described(),
            "level": level,
            "steps": horizon.expression,
            "smallest_silo": smallest_silo,
            "k": k,
            **kept.described_cells(),
        },
        horizon=whole,
        value=lambda: kept.log_kept(level, whole).exp(),
        failure=lambda: -kept.log_kept(level, whole).expm1(),
        assumptions=(_neighbourhood(smallest_silo, k), _separation(kept, level, smallest_silo)),
        event=f"The probability that level {level} holds at every one of the steps 0 to {whole} "
        f"(every agent's weight on its silo's component is >= e^({level}*gamma) times any other, "
        f"and its memory {kept.where()}), from any state at level {level}.",
        notes=(*notes, *_notes(kept)),
        question=kept.question(level, whole, smallest_silo, k),
        ceiling=lambda: kept.ceiling(whole),
        form="certified" if kept.region == "ball" else "cells",
    )


def _read_region(region: str | None, means: Any) -> Region:
    """Return the region; by default cells where the means are given."""
    if region is None:
        return "ball" if means is None else "cells"
    if region not in get_args(Region):
        raise InputError("region", region, "ball or cells")
    return cast(Region, region)


def _notes(kept: _Kept) -> tuple[str, ...]:
    """Say how the chance of a cell is bounded, or what cells would give in place of the ball."""
    if kept.region == "cells":
        return (f"chance of an own draw in its cell: {kept.cells.form}, P_K >= {kept.cells.hit.decimal(7)}",)
    return ()


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


def _separation(kept: _Kept, level: int, smallest_silo: int | None) -> Assumption:
    if smallest_silo is None:
        return Assumption("separation", "there is one silo: nothing has to be told apart", True)
    text = (
        "alpha = (c-1) e^{-h gamma} / (1 + (c-1) e^{-h gamma}) < 1/3, that is e^{h gamma} > 2 "
        "(c-1), so that silos are farther apart than each is wide"
    )
    return Assumption("separation", text, exceeds(level * kept.gain, 2 * (kept.mixture.components - 1)))
