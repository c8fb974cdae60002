"""Bounds and comparisons as records for programs and as text for people; computes nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from mcpolar.decimals import scientific
from mcpolar.report.tables import Downward, Row, columns_of, shown
from mcpolar.results import Bound, Comparison, Estimate, Status


def bound_json(bound: Bound, digits: int) -> str:
    """Return the bound as one JSON object (command-line contract)."""
    return json.dumps(bound.to_dict(digits), ensure_ascii=False) + "\n"


CONTRACT_COLUMNS = (
    "table",
    "statement",
    "variant",
    "m",
    "r",
    "sigma",
    "level",
    "steps",
    "lower",
    "log10",
)
"""The columns that every table of bounds begins with; a parameter that does not enter the statement is empty."""
VALUE_COLUMNS = ("steps", "lower", "log10", "ceiling", "failure", "failed")
"""What a bound is, beside what it was computed for."""


def bound_row(bound: Bound, digits: int) -> Row:
    """Return the bound as one line of a table (command-line contract).

    First come the contract's columns, with the number of steps that the bound speaks of; then the record's other
    parameters, with the steps as they were given; then `ceiling`, what no such bound exceeds, and `failure`, an upper
    end of 1 minus the bound, where there are such; last `failed`, the names of the assumptions that do not hold.
    """
    parameters = dict(bound.parameters)
    given_steps = {"given_steps": parameters.pop("steps")} if "steps" in parameters else {}
    values: Row = {
        **parameters,
        "table": None,
        "statement": bound.statement,
        "variant": bound.variant,
        "steps": bound.horizon_steps,
        "lower": bound.lower(digits),
        "log10": shown_log10(bound),
    }
    others = {name: value for name, value in parameters.items() if name not in CONTRACT_COLUMNS}
    failed = ", ".join(assumption.name for assumption in bound.assumptions if not assumption.holds)
    return {
        **{name: values.get(name) for name in CONTRACT_COLUMNS},
        **others,
        **given_steps,
        "ceiling": _ceiling(bound, digits),
        "failure": bound.failure_upper(digits),
        "failed": failed,
    }


def published_row(bound: Bound, digits: int, table: int) -> Row:
    """Return the bound as one line of the paper's tables, which show no ceilings."""
    row = bound_row(bound, digits) | {"table": table}
    del row["ceiling"]
    return row


def _ceiling(bound: Bound, digits: int) -> str | None:
    """Return what no such bound exceeds, rounded up; None where it is not known."""
    return None if bound.ceiling is None else bound.ceiling.upper(digits)


def shown_log10(bound: Bound) -> float:
    """Return the decimal logarithm; of a certified bound such that people see it rounded down."""
    return Downward(bound.log10) if bound.variant == "certified" else bound.log10


def for_people(rows: Sequence[Row]) -> list[Row]:
    """Return rows of bounds with the parameters first, and without what says nothing beside the others.

    These are the steps as they were given where they are the steps themselves, and chances of failure near 1.
    """
    worth = any(row["failure"] is not None and float(row["failure"]) < 10**WORTH_SHOWING for row in rows)
    hidden = set() if worth else {"failure"}
    if all(str(row.get("given_steps")) in (str(row["steps"]), "None") for row in rows):
        hidden.add("given_steps")
    found = [name for name in columns_of(rows) if name not in hidden]
    last = VALUE_COLUMNS[1:]
    order = sorted(found, key=lambda name: last.index(name) + 1 if name in last else 0)
    return [{name: row.get(name) for name in order} for row in rows]


def bound_text(bound: Bound, digits: int) -> str:
    """Return the bound for a reader at a terminal."""
    kind = "certified lower bound" if bound.variant == "certified" else "the paper's form, rounded to nearest"
    horizon = "for all time" if bound.horizon_steps is None else f"{bound.horizon_steps:.10g} steps"
    given = ", ".join(f"{name} = {value}" for name, value in bound.parameters.items() if value is not None)
    lines = [
        f"{bound.statement} ({kind})",
        f"  P >= {bound.lower(digits)}    log10 = {shown(shown_log10(bound))}    horizon: {horizon}",
        f"  {given}",
        f"  event: {bound.event}",
    ]
    if bound.failure is not None and bound.failure.log10 < WORTH_SHOWING:
        lines.insert(2, f"  1 - P <= {bound.failure_upper(digits)}")
    if bound.ceiling is not None:
        ceiling = bound.ceiling
        lines.append(f"  no such bound exceeds {ceiling.upper(digits)}: the chance from {ceiling.start}")
    for assumption in bound.assumptions:
        lines.append(f"  [{'holds' if assumption.holds else 'FAILS'}] {assumption.name}: {assumption.text}")
    lines += [f"  note: {note}" for note in bound.notes]
    return "\n".join(lines) + "\n"


WORTH_SHOWING = -1.0  # below 0.1 the chance of failure says more than a row of nines


def comparison_json(comparison: Comparison, digits: int) -> str:
    """Return the comparison as one JSON object (command-line contract)."""
    return json.dumps(comparison.to_dict(digits), ensure_ascii=False) + "\n"


COMPARED = ("bound", "probability", "low", "high", "ceiling", "verdict")
"""What a comparison found, beside what was compared."""


def comparison_row(comparison: Comparison, digits: int) -> Row:
    """Return the comparison as one line of a table: what was compared, how, and what was found."""
    record = comparison.estimate.to_dict(digits)
    return {
        "statement": comparison.bound.statement,
        "variant": comparison.bound.variant,
        **comparison.parameters,
        **{key: record[key] for key in ("method", "replicas", "seed", "confidence")},
        "bound": comparison.bound.lower(digits),
        **{key: record[key] for key in ("probability", "low", "high")},
        "ceiling": _ceiling(comparison.bound, digits),
        "verdict": comparison.verdict,
    }


def comparison_text(comparison: Comparison, digits: int) -> str:
    """Return the comparison for a reader at a terminal."""
    estimate = comparison.estimate
    record = estimate.to_dict(digits)
    width = "" if estimate.log_low == estimate.log_high else f" at confidence {estimate.confidence}"
    simulated = ", ".join(
        f"{key} = {value}" for key, value in comparison.parameters.items() if value is not None
    )
    return (
        bound_text(comparison.bound, digits)
        + f"simulation ({estimate.method}, {estimate.replicas} replicas, seed {estimate.seed}){_collapse(estimate)}\n"
        + f"  P = {record['probability']}    interval [{record['low']}, {record['high']}]{width}\n"
        + _failure_text(estimate, digits)
        + f"  {simulated}\n"
        + f"verdict: {comparison.verdict} ({VERDICTS[comparison.verdict]}), {comparison.seconds:.1f} s\n"
    )


def _failure_text(estimate: Estimate, digits: int) -> str:
    """Return a line with the chance of failure, where that was estimated and says more than a row of nines."""
    names = ("log10_failure", "log10_failure_low", "log10_failure_high")
    logs = [float(estimate.diagnostics.get(name) or 0.0) * math.log(10) for name in names]
    if not logs[0] < WORTH_SHOWING * math.log(10):
        return ""
    low, high = scientific(logs[1], digits, "down"), scientific(logs[2], digits, "up")
    return f"  1 - P = {scientific(logs[0], digits)}    interval [{low}, {high}]\n"


def _collapse(estimate: Estimate) -> str:
    is_collapsed = estimate.status is Status.COLLAPSED
    return ": collapsed, the upper end is 1" if is_collapsed else ""


VERDICTS = {
    "validated": "the whole interval lies at or above the bound",
    "consistent": "nothing simulated contradicts the bound",
    "violated": "the interval lies below the bound, or above the ceiling of its start",
}
