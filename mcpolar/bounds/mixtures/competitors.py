"""GPM: the risk of one agent from every competitor, nearest first, and the largest sum over the components."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from mcpolar.balls import START_BITS, Dyadic, ball, upper_end, working_precision
from mcpolar.bounds.mixtures.frame import MARGIN, Contraction, as_threshold, best_threshold
from mcpolar.bounds.mixtures.population import Population
from mcpolar.means import Gap, Profile

if TYPE_CHECKING:
    from mcpolar.bounds.mixtures.radial import Floats

WORTH = 0.01
"""A competitor that adds less than this share to the sum is not searched for."""
MOST_SEARCHES, MOST_FOR_ONE = 12, 3
"""Searches for shapes; fewer for r = 1, where there is GPM1."""
NEAREST_SHARE = 0.8
"""Of 1/2, to which the thresholds of all competitors may sum: what those at the smallest distance have."""


@dataclass(frozen=True)
class Competitor:
    """What is certified of the competitors at one distance.

    Attributes
    ----------
    gap : Gap
        The distance.
    contraction : Contraction
        The contraction of the ratio to such a competitor.
    threshold : Decimal
        q: a ratio that reaches it is a failure.
    risk : Dyadic
        Upper end of one agent's risk from one such competitor.
    """

    gap: Gap
    contraction: Contraction
    threshold: Decimal
    risk: Dyadic


@dataclass(frozen=True)
class Risk:
    """One agent's risk from all competitors.

    Attributes
    ----------
    competitors : tuple of Competitor
        By distance, nearest first; those behind one that has no certificate are missing.
    own : int
        The component with the largest risk.
    total : Dyadic or None
        An upper end of its risk; None where a competitor has no certificate, or the sum would be 1 or more anyway.
    note : str
        Why there is none.
    """

    competitors: tuple[Competitor, ...]
    own: int
    total: Dyadic | None
    note: str = ""


def risk_of(population: Population) -> Risk:
    """Return one agent's certified risk of ever leaving its silo, from any state at level h.

    Parameters
    ----------
    population : Population
        The population; what it must satisfy is for the caller to check.
    """
    profiles = population.means.profiles()
    others = [sum(count for _, count in profile) for profile in profiles]
    own = max(range(len(profiles)), key=lambda j: (_crowd(profiles[j]), -abs(2 * j + 1 - len(profiles))))
    ratio = math.exp(-float(population.log_ratio))
    least = population.chain.m * float(population.senders) * max(others) * ratio
    if least >= 1:
        reason = f"other draws alone: m c_S (c-1) e^(-h gamma) = {least:.3g} is not below 1"
        return Risk((), own, None, reason)
    forms = (False, True) if population.chain.r == 1 else (False,)
    tried = [_sum_of(_Searches(population, profiles, is_equal=equal), profiles, own) for equal in forms]
    return min(tried, key=lambda risk: 2.0 if risk.total is None else float(risk.total.fraction))


def _sum_of(searches: _Searches, profiles: tuple[Profile, ...], own: int) -> Risk:
    """Return the largest sum of the risks over the components, as far as it is below 1/m."""
    agents = searches.population.chain.m
    found: list[Competitor] = []
    for one in searches.competitors():
        if one is None:
            return Risk(tuple(found), own, None, "no contraction was found for a competitor")
        found.append(one)
        total, own = _largest(profiles, found, own)
        everybody = total.fraction * agents
        if everybody >= 1:
            return Risk(
                tuple(found), own, None, f"m times the risk of one agent is at least {float(everybody):.3g}"
            )
    _check_thresholds(profiles, found)
    return Risk(tuple(found), own, total)


def _crowd(profile: Profile) -> tuple[int, ...]:
    """Return the numbers of competitors by distance: larger is more."""
    return tuple(count for _, count in profile)


def _largest(profiles: tuple[Profile, ...], found: list[Competitor], own: int) -> tuple[Dyadic, int]:
    """Return the largest sum of the risks so far, and its component; the given one if it has as much."""
    risks = {one.gap: one.risk.fraction for one in found}
    sums = [
        sum((count * risks.get(gap, Fraction(0)) for gap, count in profile), Fraction(0))
        for profile in profiles
    ]
    best = max(sums)
    index = own if sums[own] == best else sums.index(best)
    return upper_end(lambda: ball(best)), index


def _check_thresholds(profiles: tuple[Profile, ...], found: list[Competitor]) -> None:
    """Check that the thresholds of the competitors of every component sum to at most 1/2."""
    thresholds = {one.gap: Fraction(one.threshold) for one in found}
    assert all(
        sum(count * thresholds[gap] for gap, count in profile) <= Fraction(1, 2) for profile in profiles
    )


class _Searches:
    """Contractions by distance; what was found for nearer competitors helps with farther ones."""

    def __init__(self, population: Population, profiles: tuple[Profile, ...], *, is_equal: bool) -> None:
        self.population, self.sigma = population, Fraction(population.chain.sigma)
        self.log_ratio, self.senders = float(population.log_ratio), float(population.senders)
        most: Counter[Gap] = Counter()
        for profile in profiles:
            most |= Counter(dict(profile))
        self.most = dict(sorted(most.items(), key=lambda item: float(item[0])))
        self.gaps = list(self.most)
        others = max(sum(count for gap, count in profile if gap != self.gaps[0]) for profile in profiles)
        self.caps = self._caps(max(1, self.most[self.gaps[0]]), others, is_equal)
        self.total = 0.0
        self.searches = MOST_SEARCHES if population.chain.r > 1 else 0 if is_equal else MOST_FOR_ONE
        self.last: Floats | None = None

    def _caps(self, nearest: int, others: int, is_equal: bool) -> tuple[Decimal, Decimal]:
        """Return the largest thresholds of the nearest competitors and of the others, rounded down."""
        if others == 0:
            return _down(0.5 / nearest), Decimal(0)
        shares = 0.5 * NEAREST_SHARE / nearest, 0.5 * (1 - NEAREST_SHARE) / others
        if is_equal or math.log(min(shares)) <= MARGIN - self.log_ratio:
            shares = (0.5 / (nearest + others),) * 2
        return _down(shares[0]), _down(shares[1])

    def competitors(self) -> Iterator[Competitor | None]:
        """Yield the best certificate for each distance, None where there is none."""
        for index, gap in enumerate(self.gaps):
            cap = self.caps[0] if index == 0 else self.caps[1]
            best: Competitor | None = None
            for contraction in self._contractions(gap, float(cap)):
                for form in (contraction, replace(contraction, stage=None)):
                    one = self._competitor(gap, form, cap)
                    if one is not None and (best is None or one.risk.fraction < best.risk.fraction):
                        best = one
                if best is not None and self._is_small(best):
                    break
            yield best
            if best is None:
                return
            self.total += self.most[gap] * float(best.risk.fraction)

    def _is_small(self, one: Competitor) -> bool:
        """Whether a search could not gain much: by the risk's share in the sum, or by its least value."""
        risk = float(one.risk.fraction)
        least = self.senders * math.exp(-self.log_ratio)
        return risk <= 1.02 * least or self.most[one.gap] * risk <= WORTH * self.total

    def _competitor(self, gap: Gap, form: Contraction, cap: Decimal) -> Competitor | None:
        """Return the risk of a contraction with its best threshold; None where there is none."""
        if not form.contracts:
            return None
        with working_precision(START_BITS):
            crossing = float(form.log_crossing().mid())
            log_kept = float((1 - form.rho.ball()).log().mid())
        log_cap = math.log(cap)
        q = as_threshold(best_threshold(crossing, log_kept, self.senders, self.log_ratio, log_cap))
        q = min(q, cap)
        ratio, senders = self.population.log_ratio, self.population.senders
        if not self._is_above(q):
            return None
        return Competitor(gap, form, q, upper_end(lambda: form.risk(ratio, senders, q), 40))

    def _is_above(self, q: Decimal) -> bool:
        """Whether every agent certainly starts below the threshold."""
        with working_precision(START_BITS):
            return bool(ball(-self.population.log_ratio) < ball(q).log())

    def _contractions(self, gap: Gap, cap: float) -> Iterator[Contraction]:
        """Yield contractions, cheap ones first."""
        log_cap = math.log(cap)
        if self.population.chain.r == 1:
            from mcpolar.bounds.mixtures.memory_one import memory_one

            yield memory_one(gap, self.sigma, self.log_ratio, self.senders, log_cap)
            if gap == self.gaps[0]:
                return
        if self.population.means.is_on_a_line:
            yield from self._on_a_line(gap, log_cap)
        else:
            yield from self._in_any_dimension(gap, log_cap)

    def _on_a_line(self, gap: Gap, log_cap: float) -> Iterator[Contraction]:
        from mcpolar.bounds.mixtures import on_a_line as line
        from mcpolar.bounds.mixtures.closed_form import closed_contraction

        length, nearest = gap.length, self.gaps[0].length
        assert length is not None and nearest is not None
        s = length**2 / (4 * self.sigma**2)
        width = line.half_width(length, nearest)
        closed = closed_contraction(s, width, self.log_ratio)
        if closed is not None:
            yield closed
        if self.searches > 0 and self.population.chain.r > 1:
            self.searches -= 1
            aim = line.Aim(float(s), float(width), self.log_ratio, self.senders, log_cap)
            yield line.certified(s, line.LineShape.near(line.search(aim), width))

    def _in_any_dimension(self, gap: Gap, log_cap: float) -> Iterator[Contraction]:
        from mcpolar.bounds.mixtures import in_any_dimension as radial

        sigma, nearest = float(self.sigma), float(self.gaps[0])
        radius = nearest / (4 * sigma) * (1 + 1e-12)  # above D/4, whatever is rounded
        aim = radial.RadialAim(
            self.population.means.dimension, float(gap) / sigma, radius, self.log_ratio, self.senders, log_cap
        )
        tries = [radial.mild(aim)] if gap != self.gaps[0] else []
        for coordinates in [*tries, *([] if self.last is None else [self.last])]:
            found = radial.certified(aim, gap, self.sigma, coordinates)
            if found is not None:
                yield found
        if self.searches > 0:
            self.searches -= 1
            best = radial.search(aim)
            if best is not None:
                self.last = best
                found = radial.certified(aim, gap, self.sigma, best)
                if found is not None:
                    yield found


def _down(value: float) -> Decimal:
    """Return a double to six digits, rounded down."""
    return Context(prec=6, rounding=ROUND_DOWN).create_decimal(value)
