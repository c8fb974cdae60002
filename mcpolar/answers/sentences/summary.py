"""The answers in short."""

from __future__ import annotations

from mcpolar.answers.evidence import Evidence
from mcpolar.answers.findings import Finding
from mcpolar.answers.sentences.lasting import whose
from mcpolar.answers.sentences.numbers import at_least, span, when

POLARIZED = "the population is polarized (every agent is firmly on one of two sides)"


def summary(found: Evidence) -> tuple[Finding, ...]:
    """Return a sentence on polarization, one on silos, one on what lasts."""
    return (_polarization(found), _silos(found), *_lasting(found))


def _polarization(found: Evidence) -> Finding:
    if found.is_about_start:
        return Finding(f"{POLARIZED[0].upper()}{POLARIZED[1:]}, from the start.", "given", "passages")
    estimate, median = found.passages.chance("polarized"), found.passages.quantile("polarized")
    text = f"Within {found.setting.steps} steps {POLARIZED}, at least for a while, with a chance of {span(estimate)}"
    if median.step is not None:
        text += f", in half of all runs by {when(median, found.setting.chain.m)}"
    return Finding(text + ".", "estimated", "passages")


def _silos(found: Evidence) -> Finding:
    two = found.passages.chance_of_two()
    text = (
        f"At step {found.setting.steps} there are two silos (groups that lean to the same view), not one, with a "
        f"chance of {span(two)}."
    )
    return Finding(text, "estimated", "passages")


def _lasting(found: Evidence) -> list[Finding]:
    bound = found.proofs.permanent
    if bound.value.is_zero:
        return []
    text = f"{whose(found)} no agent ever changes its side, for all time, with a chance of at least {at_least(bound)}."
    return [Finding(text, "certified", bound.statement)]
