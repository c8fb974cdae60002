"""Solutions of inverse questions as text for people; computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcpolar.answers.solution import Crossing, Direction, Solution
from mcpolar.report.terminal import paragraph

OPTIONS = {"m": "agents", "r": "memory", "k": "neighbours"}


def solution_text(found: Solution) -> str:
    """Return the answer, what is certified on both sides of it, and on what it rests."""
    name, p = option_name(found.option), str(found.at_least)
    lines = [_headline(found, name, p), ""]
    if found.bound is not None:
        lines.append(f"  at {name} {found.answer}:  P >= {found.lower()}   certified")
    if found.failure is not None:
        lines.append(f"  at {name} {found.beyond}:  {_beyond(found, p)}")
    elif found.beyond is not None:
        lines.append(f"  at {name} {found.beyond}:  the statement takes no such value")
    last = found.bound or found.failure
    if last is not None:
        lines += ["", *paragraph(f"P is {_lower_first(last.event)}", indent=2)]
        lines += ["", *paragraph(_given(last.parameters, without=found.option), indent=2)]
    lines += ["", *_of_ceiling(found, p), *_of_direction(found.direction, name, found.statement)]
    if found.is_searched:
        text = (
            "The bound's free parameters are searched for: another search might find a larger bound beyond."
        )
        lines += paragraph(text, indent=2)
    return "\n".join(lines) + "\n"


def _headline(found: Solution, name: str, p: str) -> str:
    match found.status:
        case "found":
            return (
                f"{found.statement}: {name} {found.answer} is the {found.sense} with a bound of at least {p}"
            )
        case "everywhere":
            end = f"from {found.answer} on" if found.direction.rises else f"up to {found.answer}"
            return f"{found.statement}: the bound is at least {p} at every {name} that is allowed, {end}"
        case _:
            return f"{found.statement}: the bound is at least {p} at no {name}; {found.beyond} is where it is largest"


def _beyond(found: Solution, p: str) -> str:
    failure = found.failure
    failed = [] if failure is None else [one.name for one in failure.assumptions if not one.holds]
    if failed:
        return f"the bound is 0: the assumption {', '.join(failed)} fails"
    how = f"certified: less than {p}" if found.is_certified_beyond else "not certified to be less"
    return f"the bound is at most {found.upper()}   {how}"


def _of_ceiling(found: Solution, p: str) -> list[str]:
    """Say whether the chance itself is below p beyond, where a ceiling shows it."""
    if found.failure is None or found.failure.ceiling is None or not found.is_truth_beyond:
        return []
    ceiling = found.failure.ceiling
    text = (
        f"No bound from every such state could reach {p} there: the chance is at most {ceiling.upper()} from "
        f"this start: {ceiling.start}."
    )
    return paragraph(text, indent=2)


def _of_direction(direction: Direction, name: str, statement: str) -> list[str]:
    known = f"{direction.status}: {direction.reason}"
    text = f"Why no other {name} does: the bound of {statement} {direction.words} ({known})."
    return paragraph(text, indent=2)


def crossing_text(found: Crossing) -> str:
    """Return between which values the probability falls below p, every trial, and on what the answer rests."""
    name, p = option_name(found.option), str(found.at_least)
    lines = [f"{found.statement}, simulated: {_where(found, name, p)}", ""]
    head = (name, "estimate", "interval", "replicas", "")
    rows = [head, *(_trial(value, one.to_dict(3), found) for value, one in found.estimates.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines += [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    each = "all decisions together are right" if len(found.estimates) > 1 else "the decision is right"
    text = (
        f"With confidence {found.confidence:g} {each}; each trial has draws of its own (seed {found.seed})."
    )
    lines += ["", *paragraph(text, indent=2)]
    went = f"For other values: {found.direction.status}, {found.direction.reason}"
    if found.direction.status != "proved":
        went += f", which {found.direction.words}"
    lines += paragraph(went + ".", indent=2)
    lines += paragraph(f"The event: {found.event}.", indent=2)
    lines += paragraph(_given(found.parameters, without=found.option), indent=2)
    return "\n".join(lines) + "\n"


def _where(found: Crossing, name: str, p: str) -> str:
    if found.inside is None:
        return f"no {name} was seen with a probability of at least {p}"
    if found.outside is None:
        return f"no {name} was seen with a probability of less than {p}"
    return f"the {found.sense} {name} with P >= {p} is between {found.inside} and {found.outside}"


def _trial(value: int | str, record: Mapping[str, Any], found: Crossing) -> tuple[str, ...]:
    ends = {found.inside: "at least p", found.outside: "less than p"}
    interval = f"[{float(record['low']):.4g}, {float(record['high']):.4g}]"
    return (
        str(value),
        f"{float(record['probability']):.4g}",
        interval,
        str(record["replicas"]),
        ends.get(value, ""),
    )


def option_name(name: str) -> str:
    """Return how an argument is named on the command line, without dashes."""
    return OPTIONS.get(name, name).replace("_", "-")


def _given(parameters: Mapping[str, Any], without: str) -> str:
    shown = ", ".join(
        f"{name} = {value}" for name, value in parameters.items() if value is not None and name != without
    )
    return f"Given: {shown}."


def _lower_first(text: str) -> str:
    return text[0].lower() + text[1:]
