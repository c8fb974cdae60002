"""T1B: what no bound on polarization from any state can exceed (proofs/theorem1).

p agents have log-odds L, q = m - p have -L, all memory elements are at own-side position xi. As L grows, draws become
independent of everything: with chance p/m of component +1. Given the numbers of updates the memories are
independent, so

    P(E_h at N) -> U_N = N!/m^N [z^N] (sum_u q_u^+ z^u/u!)^p (sum_u q_u^- z^u/u!)^q,

q_u the chance that a memory lies in its own side's interval after u draws. U_N is a ceiling for every p and xi, and
sup_N U_N <= (sup_u q_u^+)^p (sup_u q_u^-)^q.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

import flint
import numpy as np
from numpy.typing import NDArray

from mcpolar.balls import START_BITS, Ball, Dyadic, ball, upper_end, working_precision
from mcpolar.bounds import chances
from mcpolar.bounds.polarization.clearing import one_sided_clearing_chance
from mcpolar.bounds.polarization.doubles import ball_of, double_above
from mcpolar.bounds.polarization.memory_cells import MemoryCells
from mcpolar.bounds.polarization.series import power_series

Floats = NDArray[np.float64]

GAP = Fraction(1, 10**6)
POSITION = Fraction(1, 2) - GAP
"""xi: just outside the own interval, where a memory is hardest to clear."""
WELL_BEHAVED_POSITION = Fraction(-1)
"""xi of the states of W: the other side's centre."""


def _cells(*ends: str) -> tuple[Fraction, ...]:
    """Return the ends in order; "±x" stands for both signs."""
    found = [Fraction(end) for end in ends if not end.startswith("±")]
    found += [sign * Fraction(end[1:]) for end in ends if end.startswith("±") for sign in (1, -1)]
    return tuple(sorted({*found, POSITION, Fraction(1, 2), Fraction(3, 2)}))


COARSE = {5: _cells("±0.5", "±1", "±1.5"), 100: _cells()}
"""Cells by which the split is chosen, by the largest memory size that they are used for."""
FINE = {
    1: _cells(),
    3: _cells(*(f"±{tenths / 10}" for tenths in range(5, 16)), "0"),
    5: _cells("±0.5", "±0.8", "±1", "±1.2", "±1.5", "0", "0.65", "0.9", "1.1", "1.35"),
    10: _cells("-0.5", "-1", "-1.5", "0", "0.75", "1.1"),
    20: _cells("0", "1"),
    100: _cells(),
}
"""Cells of the bound itself."""
MOST_STEPS = 4000
"""Beyond, the ceiling for every horizon is given."""
FEWEST_DRAWS = 40
"""The chances q_u are followed at least so far; later ones are bounded by the largest over all memories."""
SPLITS = 8
"""Number of splits tried, from m/2 down to m/8."""


@dataclass(frozen=True)
class BipolarCeiling:
    """A certified upper bound on inf over states of P(E_h at N), and on its supremum over N.

    Attributes
    ----------
    at : Dyadic
        At the horizon that was asked for; 0 below r m steps.
    ever : Dyadic
        At every horizon.
    split, split_ever : int
        The numbers p of agents on the + side that give them.
    """

    at: Dyadic
    ever: Dyadic
    split: int
    split_ever: int


@lru_cache(maxsize=64)
def bipolar_ceiling(
    m: int, r: int, sigma: Decimal, steps: int, *, split: int | None = None, is_well_behaved: bool = False
) -> BipolarCeiling:
    """Return T1B; any split is valid, the best of several is taken.

    Parameters
    ----------
    m, r, sigma, steps
        The unrestricted chain and the horizon. With `split` = m the chain may have any neighbourhood and mirror
        probability: all senders are on one side.
    split : int, optional
        The number of agents on the + side; absent: free.
    is_well_behaved : bool
        Whether the start's memory is at -1, in the other side's interval, and not at 0.499999, just below 1/2.

    Examples
    --------
    >>> from decimal import Decimal
    >>> found = bipolar_ceiling(30, 5, Decimal("0.2"), 150)
    >>> round(found.at.log10_up, 1), found.split
    (-77.6, 15)
    """
    if split is None:
        splits = sorted({max(1, m * k // (2 * SPLITS)) for k in range(2, SPLITS + 1)} | {(m + 1) // 2})
    else:
        splits = [split]
    given = (m, r, sigma, steps)
    rough = _Draws(*given, is_well_behaved=is_well_behaved, cells=COARSE) if len(splits) > 1 else None
    tried = splits if rough is None else [min(splits, key=lambda p: rough.at(p, steps).log10)]
    lasting = splits if rough is None else [min(splits, key=lambda p: rough.ever(p).log10)]
    draws = _Draws(*given, is_well_behaved=is_well_behaved, cells=FINE)
    split_ever = min({*tried, *lasting}, key=lambda p: (draws.ever(p).log10, p))
    found, ever, at = draws.at(tried[0], steps), draws.ever(split_ever), tried[0]
    if found.log10 > ever.log10:
        found, at = ever, split_ever
    return BipolarCeiling(found, ever, at, split_ever)


def log_continuity_error(
    sigma: Decimal, steps: int, *, level: int, log_odds: float, position: float, deviations: float
) -> float:
    """Return log of N (e^-L' + 2 Phi(-z)) or more: how far P from log-odds L is from U_N; inf where L is too small.

    L' = L - (2 N/sigma^2) max(|xi|, 1 + sigma z) must be at least h/sigma^2; 2 Phi(-z) <= e^(-z^2/2) for z >= 0.
    """
    unit = 1 / float(sigma) ** 2
    left = log_odds * (1 - 1e-12) - 2 * steps * unit * max(abs(position), 1 + float(sigma) * deviations)
    if left < level * unit * (1 + 1e-12):
        return math.inf
    return math.log(max(1, steps)) + float(np.logaddexp(-left, -(deviations**2) / 2)) + 1e-9


def deep_log_odds(sigma: Decimal, steps: int, level: int, log_chance: float) -> int:
    """Return an L from which P differs from U_N by a share of e^-50 at most; e^log_chance may be its 2/3-th power."""
    unit, wanted = 1 / float(sigma) ** 2, 60 - 1.5 * log_chance + math.log(max(1, steps))
    deviations = math.sqrt(2 * wanted)
    return math.ceil(2 * steps * unit * (1 + float(sigma) * deviations) + max(level * unit, wanted)) + 1


@lru_cache(maxsize=8)
def _memories(r: int, ends: tuple[Fraction, ...]) -> MemoryCells:
    return MemoryCells.of(r, ends)


class _Draws:
    """The chances q_u from above, by the number of agents on the own side."""

    def __init__(
        self,
        m: int,
        r: int,
        sigma: Decimal,
        steps: int,
        *,
        is_well_behaved: bool,
        cells: Mapping[int, tuple[Fraction, ...]],
    ) -> None:
        self.m, self.r, self.sigma, self.is_well_behaved = m, r, sigma, is_well_behaved
        mean = min(steps, MOST_STEPS) / m
        self.most = max(FEWEST_DRAWS, math.ceil(mean + 8 * math.sqrt(mean) + 12), r + 1)
        ends = next((ends for largest, ends in cells.items() if r <= largest), None)
        self.cells = None if ends is None else _memories(r, ends)
        self._known: dict[int, tuple[Floats, float]] = {}

    def of(self, own: int) -> tuple[Floats, float]:
        """Return q_0, …, q_most from the position xi, and the largest later chance from any memory."""
        if own not in self._known:
            self._known[own] = self._by_cells(Fraction(own, self.m)) if self.cells else self._last_draw(own)
        return self._known[own]

    def _by_cells(self, share: Fraction) -> tuple[Floats, float]:
        assert self.cells is not None
        inside = self.cells.inside(self.cells.chances(self.sigma, share, up=True), self.most, up=True)
        found = inside[
            :, self.cells.filled(WELL_BEHAVED_POSITION if self.is_well_behaved else POSITION)
        ].copy()
        found[: self.r] = 0.0  # an old element is left
        with working_precision(START_BITS):
            found[self.r] = min(found[self.r], double_above(self._first(share)))
        return found, float(inside[-1].max())

    def _first(self, share: Fraction) -> Ball:
        """Return q_r or more: every draw is in the own interval, and every old element goes."""
        if self.is_well_behaved:
            own, other = chances.own_interval(self.sigma), chances.other_interval(self.sigma)
            return (ball(share) * own + ball(1 - share) * other) ** self.r
        # the other component's density in the own interval is at most e^(-1/sigma^2) of the own one's
        rest = ball(1 - share) * ball(-1 / Fraction(self.sigma) ** 2).exp()
        return (ball(share) + rest) ** self.r * ball_of(one_sided_clearing_chance(self.sigma, self.r, GAP))

    def _last_draw(self, own: int) -> tuple[Floats, float]:
        """For large r: the last draw must be inside."""
        with working_precision(START_BITS):
            share = ball(Fraction(own, self.m))
            one = share * chances.own_interval(self.sigma) + (1 - share) * chances.other_interval(self.sigma)
            last = min(1.0, double_above(one))
        found = np.where(np.arange(self.most + 1) < self.r, 0.0, last)
        return found, last

    def ever(self, split: int) -> Dyadic:
        """Return (sup q^+)^p (sup q^-)^q from above."""

        def value() -> Ball:
            result = ball(1)
            for own in (split, self.m - split):
                if own:
                    inside, later = self.of(own)
                    result *= ball_of(max(later, float(inside.max()))) ** own
            return result

        return upper_end(value)

    def at(self, split: int, steps: int) -> Dyadic:
        """Return U_N from above."""
        if steps < self.r * self.m:
            return Dyadic(0, 0)
        if steps > MOST_STEPS and steps > self.r * self.m:
            return self.ever(split)
        return upper_end(lambda: self._chance(split, steps))

    def _chance(self, split: int, steps: int) -> Ball:
        sides = [(own, *self.of(own)) for own in (split, self.m - split) if own]
        n_more = steps - self.r * self.m  # draws beyond r each
        product = flint.arb_poly([1])
        for own, inside, later in sides:
            terms, term = [], 1 / ball(self.r + 1).gamma()
            for u in range(self.r, self.r + n_more + 1):
                terms.append(term * ball_of(float(inside[u]) if u <= self.most else later))
                term /= u + 1
            product = (product * power_series(terms, own)).truncate(n_more + 1)
        orders = ball(steps + 1).lgamma() - steps * ball(self.m).log()
        return orders.exp() * product.coeffs()[n_more]
