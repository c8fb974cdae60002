"""GT1: in a mixture of several components in R^d a population polarizes to level h, from any state."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from mcpolar.balls import ball
from mcpolar.bounds.hypotheses import read_level, self_sending
from mcpolar.bounds.mixtures.any_state import AnyState
from mcpolar.bounds.mixtures.population import COMPONENTS, DIMENSION, DISTANCE, MEANS, read_mixture
from mcpolar.bounds.records import make_bound
from mcpolar.means import Means
from mcpolar.parameters import ChainParameters
from mcpolar.questions import MixturePolarized
from mcpolar.results import Bound
from mcpolar.statements import CERTIFIED, LEVEL, statement


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.general_theorem1(senders)


@statement(
    "general_theorem1",
    theory="GT1, GT1g",
    title="any population of a general mixture polarizes",
    formula=_formula,
    variants=CERTIFIED,
    options=(LEVEL, COMPONENTS, DIMENSION, DISTANCE, MEANS),
    event=(
        "the probability that after n m steps every agent is at level h of a component of largest weight at the start, "
        "from any state of a mixture of c components in R^d"
    ),
)
def general_theorem1(
    *,
    m: int,
    r: int,
    sigma: Decimal | str | float,
    level: int = 1,
    means: str | Path | list[Any] | Means | None = None,
    components: int | None = None,
    dimension: int | None = None,
    distance: Decimal | str | float | None = None,
    k: int | None = None,
    mirror: Decimal | str | float | None = None,
) -> Bound:
    """Bound the probability that a general mixture polarizes from any state, within n m steps.

    GT1g: (n m)!/((n!)^m m^{n m}) (P_J^r P_B^{n-r})^m b_q exp(n [q A1 + (m - q) A2]), q = min(c, m), n = n(h), A1 and A2
    the means of log a_u over u < n and u <= n, P_J = P(chi_d <= D/(12 sigma)), P_B = P(chi_d <= D/(4 sigma)), b_q that
    of the most equal split into q silos. With a neighbourhood or mirror (self-sending): g^{n m} exp(n m A1) in place
    of the factors with b_q, g = 1/(k + 1) or the mirror probability.

    Parameters
    ----------
    m, r : int
        Agents, and memory size of each.
    sigma : Decimal, str, int or float
        Component standard deviation.
    level : int
        The level h.
    means : str, Path, list or Means, optional
        The means; absent: any means with these `components`, `dimension` and smallest `distance`.
    components, dimension, distance : optional
        c, d and D; of points c and D are known.
    k : int, optional
        Neighbourhood size.
    mirror : Decimal, str or float, optional
        Probability that an agent is its own sender.

    Returns
    -------
    Bound
        Certified from below.

    Raises
    ------
    InputError
        If an argument is not allowed, or n(h) is above 20000.

    Examples
    --------
    >>> general_theorem1(m=6, r=3, sigma="0.2", components=3, dimension=2, distance=2).lower(4)
    '1.050e-27'
    """
    chain = ChainParameters(m, r, sigma, k, mirror)
    mixture = read_mixture(means, components, dimension, distance)
    squared = Fraction(mixture.distance) ** 2 if mixture.means is None else mixture.means.nearest.squared
    assert squared is not None
    state = AnyState(chain, mixture.components, mixture.dimension, squared, read_level(level))
    updates = state.updates()
    sending, example = self_sending(chain), mixture.example()
    steps = updates * chain.m
    return make_bound(
        "general_theorem1",
        "certified",
        parameters={
            **mixture.as_dict(),
            **chain.as_dict(),
            "level": level,
            "updates": updates,
        },
        horizon=steps,
        value=lambda: state.log_chance(updates).exp() if sending.holds else ball(0),
        assumptions=(sending,),
        event=f"The probability that after {steps} steps every agent is at level {level} of a component "
        f"(its weight there is >= e^({level}*gamma) times any other, and its memory within D/4 of that component's "
        "mean), from any state.",
        senders="unrestricted" if chain.is_unrestricted else "self-sending",
        question=None if example is None else MixturePolarized(chain, example, level, steps),
    )
