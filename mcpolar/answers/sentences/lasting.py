"""What stays, and for how long: for ever, over the horizon, in the strictest sense, and as simulated."""

from __future__ import annotations

import math

from mcpolar.answers.evidence import Evidence
from mcpolar.answers.findings import Finding, Section
from mcpolar.answers.sentences.numbers import at_least, chance, failure_at_most, plain, span, when
from mcpolar.results import Bound


def lasting(found: Evidence) -> Section:
    """Return the section."""
    said = [*_simulated(found), *_permanent(found), *_kept(found), _growth(found)]
    return Section("What stays, and for how long?", tuple(said))


def whose(found: Evidence) -> str:
    """Say which polarized populations the bounds are about."""
    asked = found.setting
    m, plus = asked.chain.m, asked.split
    if found.is_about_start:
        return "From this start"
    sides = "all on one side" if plus in (0, m) else f"{plus} agents on one side and {m - plus} on the other"
    return f"Once it is polarized, with {sides},"


def _permanent(found: Evidence) -> list[Finding]:
    bound = found.proofs.permanent
    if bound.value.is_zero:
        return [_nothing(bound, "that the silos last for ever")]
    text = (
        f"{whose(found)} the chance that no agent ever changes its silo is at least {at_least(bound)}: not in the "
        f"time that is watched, and not at any time later. (The chance that one ever does is at most "
        f"{failure_at_most(bound)}.)"
    )
    return [Finding(text, "certified", bound.statement)]


def _nothing(bound: Bound, what: str) -> Finding:
    failed = "; ".join(one.text for one in bound.assumptions if not one.holds)
    why = f"it needs that {failed}" if failed else "the bound is empty at these parameters"
    return Finding(f"There is no proof here {what}: {why}.", "explained", bound.statement)


def _kept(found: Evidence) -> list[Finding]:
    """Say the two bounds over the horizon, and why they differ from the first."""
    asked, silos, level = found.setting, found.proofs.kept_silos, found.proofs.kept_level
    if silos.value.is_zero:
        return []
    said = [
        Finding(
            f"{whose(found)} the chance that over {asked.steps} steps no agent changes its silo and none ever falls "
            f"below the log-odds of {plain(asked.log_odds, 'nearest')} is at least {at_least(silos)}.",
            "certified",
            silos.statement,
        )
    ]
    if level.value.is_zero:
        return said
    text = (
        f"The strictest reading, that the population is polarized at every single one of these {asked.steps} steps, "
        f"memories included, has a chance of at least {at_least(level)}"
    )
    if level.ceiling is not None:
        text += f", and for some polarized starts of at most {chance(level.ceiling.log10, 'up')}"
    said.append(Finding(text + ".", "certified", level.statement))
    if level.log10 < silos.log10 - 1 or silos.log10 < found.proofs.permanent.log10 - 0.1:
        said.append(Finding(_why(found), "explained", level.statement))
    return said


def _why(found: Evidence) -> str:
    return (
        "Why the three differ: they ask for more and more. One answer that strays by more than 1/2 from its view "
        "breaks the strictest one, and one answer on the wrong side of 0 may break the one before, though it does "
        "next to no harm: it takes many in a row to turn an agent. For the question whether the silos stay, the first "
        "number counts."
    )


def _simulated(found: Evidence) -> list[Finding]:
    passages, asked = found.passages, found.setting
    if not asked.is_decided:
        estimate = passages.chance_of_decided()
        text = f"At step {asked.steps} every agent has log-odds of at least {plain(asked.log_odds, 'nearest')} for its "
        return [Finding(f"{text}side with a chance of {span(estimate)}.", "estimated", "passages")]
    estimate = passages.chance("silo-left")
    text = f"Over the {asked.steps} steps the chance that some agent changes its silo is {span(estimate)}."
    said = [Finding(text, "estimated", "passages")]
    median = passages.quantile("silo-left")
    if median.step is not None:
        text = f"In half of all runs the first one does so by {when(median, asked.chain.m)}."
        said.append(Finding(text, "estimated", "passages"))
    return said


def _growth(found: Evidence) -> Finding:
    growth = found.growth
    low, high = (plain(end, way, 3) for end, way in zip(growth.interval, ("down", "up"), strict=True))
    rate = plain(growth.rate, "nearest", 3)
    if growth.interval[0] > 0:
        factor = growth.rate / math.log(10)
        less = f"about {10**factor:,.3g}" if factor < 6 else f"more than 10^{math.floor(factor)}"
        end = f"so that each round makes an answer from the other view {less} times less likely"
    else:
        end = "so that it is open whether opinions harden"
    text = (
        f"Why polarization hardens: an agent that hears its own side only gains {rate} in log-odds (between {low} and "
        f"{high}) per update on average, {end}."
    )
    return Finding(text, "estimated", "growth")
