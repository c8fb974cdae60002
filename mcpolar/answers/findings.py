"""What a study says: sentences with their status, made from records that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mcpolar.answers.passages import Passages
from mcpolar.choices import Outcome
from mcpolar.exponents import Growth
from mcpolar.results import Bound, _Shown
from mcpolar.versions import versions

Status: TypeAlias = Literal["given", "proved", "certified", "estimated", "explained"]


@dataclass(frozen=True)
class Finding:
    """A sentence, or a few that belong together, and how it is known.

    Attributes
    ----------
    text : str
        The sentence.
    status : {"given", "proved", "certified", "estimated", "explained"}
        What was asked; true by a proof; a number computed from a proof with all rounding on the safe side; simulated,
        with an interval; or words about the others.
    source : str
        The record that it is made from: a statement's name, "passages", "growth", or "".
    """

    text: str
    status: Status
    source: str = ""


@dataclass(frozen=True)
class Section:
    """A question, and what was found."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Study(_Shown):
    """All that is known of one population from one start.

    Attributes
    ----------
    parameters : mapping
        The chain's, with the start, the level, the split and the horizon.
    legend : str
        What the statuses mean.
    summary : tuple of Finding
        The answers in short.
    sections : tuple of Section
        What was found, question by question.
    bounds : tuple of Bound
        The certified bounds, by their statements.
    passages : Passages
        The simulated runs.
    growth : Growth
        Of an agent's own-side log-odds.
    confidence : float
        Of each interval.
    verdict : {"consistent", "violated"}
        Whether a simulated interval contradicts a bound.
    seconds : float
        Wall time.
    """

    parameters: Mapping[str, Any] = field(hash=False)
    legend: str
    summary: tuple[Finding, ...]
    sections: tuple[Section, ...]
    bounds: tuple[Bound, ...]
    passages: Passages
    growth: Growth
    confidence: float
    verdict: Outcome
    seconds: float

    def status_text(self, finding: Finding) -> str:
        """Return a status in full: estimates with their confidence."""
        if finding.status != "estimated":
            return finding.status
        return f"estimated at {100 * self.confidence:.6g} %"

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        return {
            "kind": "study",
            "parameters": dict(self.parameters),
            "legend": self.legend,
            "summary": [self._said(one) for one in self.summary],
            "sections": [
                {"title": section.title, "findings": [self._said(one) for one in section.findings]}
                for section in self.sections
            ],
            "bounds": [bound.to_dict(digits) for bound in self.bounds],
            "estimates": {name: found.to_dict(digits) for name, found in estimates_of(self.passages).items()},
            "median_steps": {
                name: vars(self.passages.quantile(name)) for name in ("polarized", "silo-left", "consensus")
            },
            "growth": {
                "rate": self.growth.rate,
                "low": self.growth.interval[0],
                "high": self.growth.interval[1],
                "confidence": self.growth.confidence,
                "seed": self.growth.seed,
            },
            "verdict": self.verdict,
            "stopped": self.passages.stopped,
            "seconds": self.seconds,
            "provenance": {"seed": self.passages.seed, "versions": versions()},
        }

    def _said(self, one: Finding) -> dict[str, str]:
        return {"text": one.text, "status": self.status_text(one), "source": one.source}

    def __repr__(self) -> str:
        return f"<Study of {self.parameters['m']} agents, {self.passages.replicas} replicas: {self.summary[0].text}>"


def estimates_of(passages: Passages) -> dict[str, Any]:
    """Return the estimated chances by name."""
    return {
        "polarized": passages.chance("polarized"),
        "silo-left": passages.chance("silo-left"),
        "consensus": passages.chance("consensus"),
        "one-silo-at-end": passages.chance_of_one(),
        "two-silos-at-end": passages.chance_of_two(),
        "decided-at-end": passages.chance_of_decided(),
    }
