"""Ceilings: what no bound of a statement's kind can exceed, from the start that shows it.

A statement bounds the chance of its event from every state of a set. The chance from any one of these states, or an
upper end of it, is a ceiling. Each function names its start.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from mcpolar.balls import Ball, Dyadic, ball, upper_end
from mcpolar.bounds import chances, coupons
from mcpolar.bounds.records import at_most_one
from mcpolar.parameters import ChainParameters
from mcpolar.questions import HardStart
from mcpolar.results import Ceiling

if TYPE_CHECKING:
    from mcpolar.bounds.polarization.bipolar_ceiling import BipolarCeiling

LARGEST_LOG_ODDS = 10**15
"""Starts take no larger ones."""
MOST_COUPONS = 4000
"""Numbers of agents and steps up to which the chance of enough updates of everybody is part of a ceiling."""


def of_any_state(chain: ChainParameters, steps: int) -> Ceiling | None:
    """T1B for E_h from any state: the deep bipolar states; None with a neighbourhood or a mirror probability."""
    if not chain.is_unrestricted:
        return None
    found = _bipolar(chain, steps)
    return Ceiling(found.at, _deep(chain, found.split, "at 0.499999"))


def why_unknown(chain: ChainParameters) -> tuple[str, ...]:
    """Return a note where T1B gives no ceiling: with a neighbourhood or a mirror probability; else nothing."""
    if chain.is_unrestricted:
        return ()
    return (
        "no ceiling is known: T1B's needs every agent to be the sender with chance 1/m, whoever receives, "
        "and a neighbourhood or a mirror probability changes that",
    )


def of_well_behaved(chain: ChainParameters, steps: int) -> Ceiling | None:
    """T1B for E_h from W: the deep bipolar states with every memory element at the other side's centre."""
    if not chain.is_unrestricted:
        return None
    found = _bipolar(chain, steps, is_well_behaved=True)
    return Ceiling(found.at, _deep(chain, found.split, "at -1"))


def deep_starts(
    chain: ChainParameters, level: int, steps: int, *, is_well_behaved: bool = False
) -> tuple[HardStart, ...]:
    """Return T1B's start with log-odds so large that its chance is the ceiling's to many digits.

    None with a neighbourhood or a mirror probability, where the chance is 0, or where the log-odds are too large.
    """
    if not chain.is_unrestricted or steps < chain.r * chain.m:
        return ()
    from mcpolar.bounds.polarization.bipolar_ceiling import deep_log_odds  # imports NumPy

    found = _bipolar(chain, steps, is_well_behaved=is_well_behaved)
    log_odds = deep_log_odds(chain.sigma, steps, level, found.at.log10 * math.log(10))
    if log_odds > LARGEST_LOG_ODDS:
        return ()
    where = "opposite" if is_well_behaved else "outside"
    return (HardStart("boundary", log_odds=str(log_odds), split=found.split, placement=where),)


def of_one_side(chain: ChainParameters, steps: int) -> Ceiling:
    """T1B with all agents on one side, whoever sends."""
    found = _bipolar(chain, steps, split=chain.m)
    return Ceiling(found.at, _deep(chain, chain.m, "at 0.499999"))


def _bipolar(
    chain: ChainParameters, steps: int, *, is_well_behaved: bool = False, split: int | None = None
) -> BipolarCeiling:
    """Return T1B's ceiling; it is kept by how it is asked for, so that all ask in the same way."""
    from mcpolar.bounds.polarization.bipolar_ceiling import bipolar_ceiling  # imports NumPy

    return bipolar_ceiling(chain.m, chain.r, chain.sigma, steps, is_well_behaved=is_well_behaved, split=split)


def _deep(chain: ChainParameters, split: int, where: str) -> str:
    sides = f"{split} agents at log-odds L" + (f" and {chain.m - split} at -L" if split < chain.m else "")
    return f"{sides}, as L grows without end, with own-side memory {where}"


def of_clearing(chain: ChainParameters, steps: int) -> Ceiling:
    """For W from any state: memory far from both intervals, so that everybody needs r updates that land in them.

    After r m steps everybody has r, and all draws must land there; later the last draw of everybody.
    """

    def value() -> Ball:
        lands = chances.own_interval(chain.sigma) + chances.other_interval(chain.sigma)
        enough = _coupons(steps, chain.m, chain.r)
        return enough * lands ** (steps if steps == chain.r * chain.m else chain.m)

    return Ceiling(at_most_one(upper_end(value)), "any log-odds, with all memory far from both intervals")


def of_kept_level(chain: ChainParameters, log_odds: Fraction, steps: int) -> Ceiling:
    """For level h at every step: own-side log-odds are h/sigma^2, so that the first step is T2's, later ones P."""

    def value() -> Ball:
        if steps == 0:
            return ball(1)
        return (1 - chances.level_missed(chain.sigma, log_odds)) * chances.own_interval(chain.sigma) ** (
            steps - 1
        )

    return Ceiling(
        at_most_one(upper_end(value)), "all own-side log-odds equal to h/sigma^2, any memory of E_h"
    )


def of_ascent(chain: ChainParameters, steps: int) -> Ceiling:
    """For level h + n at the end: everybody at h/sigma^2 needs an update, the last of which lands in an interval."""

    def value() -> Ball:
        lands = chances.own_interval(chain.sigma) + chances.other_interval(chain.sigma)
        return _coupons(steps, chain.m, 1) * lands**chain.m

    return Ceiling(
        at_most_one(upper_end(value)), "all own-side log-odds equal to h/sigma^2, any memory of E_h"
    )


def of_kept_silos(chain: ChainParameters, log_odds: Fraction, steps: int) -> Ceiling:
    """For silo persistence: own-side log-odds H and memory 0, so that any first draw on the other side lowers them."""

    def value() -> Ball:
        return ball(1) if steps == 0 else 1 - chances.half_line_missed(chain.sigma, log_odds)

    return Ceiling(at_most_one(upper_end(value)), "all own-side log-odds equal to H, all memory at 0")


def of_general_level(hit: Callable[[], Ball], steps: int) -> Ceiling:
    """For level h at every step of a general mixture: no draw is likelier in a ball than the own component's."""
    return Ceiling(at_most_one(upper_end(lambda: hit() ** steps)), "any population at level h")


def of_general_cell(missed: Dyadic, steps: int) -> Ceiling:
    """For cells, on a line or a simplex, where `missed` is above the chance of an own draw outside by 1e-60 at most.

    There no other component's draw is likelier in the cell: an inner cell of a line is symmetric about its mean, and
    all half-spaces of the others are farther away.
    """

    def value() -> Ball:
        return (1 - (missed.ball() - ball(Fraction(1, 10**60))).max(ball(0))) ** steps

    return Ceiling(
        at_most_one(upper_end(value)), "any population at level h of a component with the smallest cell"
    )


def _coupons(steps: int, agents: int, least: int) -> Ball:
    """Return the chance that all agents have so many updates, or 1 where that would take long."""
    if max(steps, agents) > MOST_COUPONS or not coupons.is_exact(steps, agents, least):
        return ball(1)
    return coupons.chance_of_all(steps, agents, least)
