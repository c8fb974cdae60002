"""GT2 in cells: the chance that an own draw lands in the cell of its component, from below (proofs/general_theorem2).

K_j = {x : <x - mu_j, e_jl> <= D_jl/4 for every other l} contains the ball of radius D/4. In units of sigma P_K is the
chance that Gaussians of variance 1, with correlations <e_jl, e_jl'>, are all at most b_l = D_jl/(4 sigma):

- union: at least 1 - sum Phi(-b_l);
- Sidak: at least prod (1 - 2 Phi(-b_l)); Slepian, where no cosine is negative: at least prod Phi(b_l);
- on a line, the nearest on each side imply the others: Phi(b) or 1 - 2 Phi(-b);
- on a circle the two nearest imply the others, a wedge: 2 int_0^oo phi(y) Phi(b/sin(pi/c) - y cot(pi/c)) dy;
- on a simplex: int phi(t) Phi(sqrt2 b - t)^{c-1} dt.

Each is a ball for the chance and one for its complement, so that neither loses its digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import flint

from mcpolar.balls import Ball, Dyadic, ball, working_precision
from mcpolar.means import Gap, Means, Profile

REACH = 24
"""Where integrals over a normal variable end; what lies beyond has a chance below 1e-126."""
BITS = 256
MOST_COSINES = 30
"""Components up to which all pairs of directions are looked at, for Slepian's bound."""


@dataclass(frozen=True)
class CellChance:
    """A lower bound of P_K.

    Attributes
    ----------
    form : str
        Which: ball, union, Sidak, Slepian, or exact on a line, circle or simplex.
    hit, missed : callable
        The chance, and its complement, as balls at the working precision.
    """

    form: str
    hit: Callable[[], Ball]
    missed: Callable[[], Ball]


def normal_tail(x: Ball) -> Ball:
    """Phi(-x)."""
    return (x / ball(2).sqrt()).erfc() / 2


def forms(means: Means, sigma: Fraction, own: int) -> Iterator[CellChance]:
    """Yield the lower bounds that hold for the cell of one component, the ball's among them.

    Parameters
    ----------
    means : Means
        The components' means.
    sigma : Fraction
        Components' standard deviation.
    own : int
        j.
    """
    profile, nearest = means.profiles()[own], means.nearest

    yield in_ball(means.dimension, nearest, sigma)
    yield _union(_implying(means, profile), sigma)
    yield _product("Sidak", profile, sigma, 2)
    if means.components <= MOST_COSINES and _no_negative_cosine(means, own):
        yield _product("Slepian", profile, sigma, 1)
    if means.layout == "line" or (means.layout == "points" and len(means.points[0]) == 1):
        yield from _on_a_line(means, sigma, own)
    if means.layout == "circle" and means.components >= 3:
        yield _in_a_wedge(nearest, means.components, sigma)
    if means.layout == "simplex":
        yield _in_a_simplex(nearest, means.components, sigma)


def in_ball(dimension: int, gap: Gap, sigma: Fraction) -> CellChance:
    """Return the chance of the ball of radius D/4."""

    def argument() -> Ball:
        return gap.squared_ball() / (32 * ball(sigma) ** 2)

    order = Fraction(dimension, 2)
    return CellChance(
        "ball",
        lambda: argument().gamma_lower(ball(order), 1),
        lambda: argument().gamma_upper(ball(order), 1),
    )


def any_arrangement(components: int, gap: Gap, sigma: Fraction) -> tuple[CellChance, CellChance]:
    """Return the bounds that hold for the cells of any means with this smallest distance: union and Sidak."""
    profile = ((gap, components - 1),)
    return _union(profile, sigma), _product("Sidak", profile, sigma, 2)


def _implying(means: Means, profile: Profile) -> Profile:
    """Return the competitors whose half-spaces imply the others: on a circle the two nearest."""
    return profile[:1] if means.layout == "circle" and means.components > 3 else profile


def _union(profile: Profile, sigma: Fraction) -> CellChance:
    def missed() -> Ball:
        tails = (count * normal_tail(gap.as_ball() / (4 * ball(sigma))) for gap, count in profile)
        return sum(tails, ball(0))

    return CellChance("union", lambda: (1 - missed()).max(ball(0)), missed)


def _product(form: str, profile: Profile, sigma: Fraction, sides: int) -> CellChance:
    def log() -> Ball:
        tails = ((count, normal_tail(gap.as_ball() / (4 * ball(sigma)))) for gap, count in profile)
        return sum((count * (-sides * tail).log1p() for count, tail in tails), ball(0))

    return CellChance(form, lambda: log().exp(), lambda: -log().expm1())


def _no_negative_cosine(means: Means, own: int) -> bool:
    """Whether all <e_jl, e_jl'> >= 0, exactly; for points that are listed, and for a simplex."""
    if means.layout != "points":
        return means.layout == "simplex" or means.components == 2
    rays = [
        [Fraction(a) - Fraction(b) for a, b in zip(point, means.points[own], strict=True)]
        for index, point in enumerate(means.points)
        if index != own
    ]
    return all(
        sum((a * b for a, b in zip(first, second, strict=True)), Fraction(0)) >= 0
        for index, first in enumerate(rays)
        for second in rays[:index]
    )


def _on_a_line(means: Means, sigma: Fraction, own: int) -> Iterator[CellChance]:
    """Yield the exact chance: the nearest mean on each side bounds the cell."""
    if means.layout == "line":
        assert means.distance is not None
        unit = Fraction(means.distance)
        sides = [unit] * (int(own > 0) + int(own < means.components - 1))
    else:
        here = Fraction(means.points[own][0])
        others = [Fraction(point[0]) - here for index, point in enumerate(means.points) if index != own]
        sides = [min(side) for side in ([x for x in others if x > 0], [-x for x in others if x < 0]) if side]

    def missed() -> Ball:
        return sum((normal_tail(ball(side / (4 * sigma))) for side in sides), ball(0))

    yield CellChance("exact on a line", lambda: 1 - missed(), missed)


def _integral(integrand: Callable[[flint.acb], flint.acb], low: Ball, high: Ball) -> Ball:
    return flint.acb.integral(lambda x, _: integrand(x), flint.acb(low), flint.acb(high)).real


def _density(x: flint.acb) -> flint.acb:
    return (-x * x / 2).exp() / (2 * flint.acb.pi()).sqrt()


def _phi(x: flint.acb) -> flint.acb:
    """Phi(x) for complex x."""
    return (-x / flint.acb(2).sqrt()).erfc() / 2


def _in_a_simplex(gap: Gap, components: int, sigma: Fraction) -> CellChance:
    """Phi(b - t)^{c-1} in the mean over t; beyond REACH nothing is counted."""

    def hit() -> Ball:
        b = gap.as_ball() * ball(2).sqrt() / (4 * ball(sigma))
        return _integral(
            lambda t: _density(t) * _phi(flint.acb(b) - t) ** (components - 1), ball(-REACH), ball(REACH)
        )

    return CellChance("exact on a simplex", hit, lambda: 1 - hit())


def _in_a_wedge(gap: Gap, components: int, sigma: Fraction) -> CellChance:
    """Return the chance of x >= |y| cot(pi/c) - D/(4 sin(pi/c)), in units of sigma, x pointing from the centre."""

    def hit() -> Ball:
        angle = flint.fmpq(1, components)
        sine, cosine = flint.arb.sin_pi_fmpq(angle), flint.arb.cos_pi_fmpq(angle)
        reach, slope = gap.as_ball() / (4 * ball(sigma) * sine), cosine / sine
        return 2 * _integral(
            lambda y: _density(y) * _phi(flint.acb(reach) - flint.acb(slope) * y), ball(0), ball(REACH)
        )

    return CellChance("exact on a circle", hit, lambda: 1 - hit())


@dataclass(frozen=True)
class LeastChance:
    """A lower bound of the smallest P_K over the components.

    Attributes
    ----------
    form : str
        The bound that it is, for the component where it is smallest.
    hit, missed : Dyadic
        A lower end of the chance, and an upper end of its complement.
    """

    form: str
    hit: Dyadic
    missed: Dyadic


def least_chance(
    means: Means | None, components: int, dimension: int, gap: Gap, sigma: Fraction
) -> LeastChance:
    """Return the best bound of the smallest P_K, of known means or of any with this smallest distance.

    Parameters
    ----------
    means : Means or None
        None: any means with the numbers that follow.
    components, dimension : int
        c and d.
    gap : Gap
        D.
    sigma : Fraction
        Components' standard deviation.
    """
    with working_precision(BITS):
        if means is None:
            found = [list(any_arrangement(components, gap, sigma))]
            found[0].append(in_ball(dimension, gap, sigma))
        else:
            found = [list(forms(means, sigma, own)) for own in _different(means)]
        return min((_best(one) for one in found), key=lambda least: least.hit.fraction)


def _different(means: Means) -> range | tuple[int, ...]:
    """Return components that stand for all: on a line an end and an inner one, else one where all are alike."""
    if means.layout == "points":
        return range(means.components)
    return (0, means.components // 2) if means.layout == "line" else (0,)


def _best(found: list[CellChance]) -> LeastChance:
    ends = [LeastChance(one.form, _end(one.hit().lower()), _end(one.missed().upper())) for one in found]
    positive = [one for one in ends if one.hit.mantissa > 0]
    return min(positive, key=lambda one: (one.missed.fraction, -one.hit.fraction))


def _end(exact: Ball) -> Dyadic:
    mantissa, exponent = exact.man_exp()
    return Dyadic(int(mantissa), int(exponent))
