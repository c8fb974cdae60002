"""Consensus or two silos: as simulated up to the horizon."""

from __future__ import annotations

from mcpolar.answers.evidence import Evidence
from mcpolar.answers.findings import Finding, Section
from mcpolar.answers.sentences.numbers import span, when


def silos(found: Evidence) -> Section:
    """Return the section."""
    passages, asked = found.passages, found.setting
    text = f"At step {asked.steps} both silos have members with a chance of {span(passages.chance_of_two())}."
    two = Finding(text, "estimated", "passages")
    return Section("Consensus, or two silos?", (*_consensus(found), two))


def _consensus(found: Evidence) -> list[Finding]:
    """Say when all are on one side; of agents that begin undecided, which count as on one side, only in the end."""
    passages, asked = found.passages, found.setting
    median = passages.quantile("consensus")
    if median.step == 0:
        text = f"At step {asked.steps} all agents are on one side (a consensus) with a chance of "
        return [Finding(f"{text}{span(passages.chance_of_one())}.", "estimated", "passages")]
    text = (
        f"Within {asked.steps} steps all agents are on one side at some time (a consensus) with a chance of "
    )
    said = [Finding(f"{text}{span(passages.chance('consensus'))}.", "estimated", "passages")]
    if median.step is not None:
        text = f"Half of all runs have come to a consensus by {when(median, asked.chain.m)}."
        said.append(Finding(text, "estimated", "passages"))
    plus, minus = passages.first_sides()
    if plus and minus:
        text = f"Of the runs with a consensus the first one was +1 in {plus} and -1 in {minus}."
        said.append(Finding(text, "given", "passages"))
    return said
