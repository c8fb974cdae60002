"""What a result says, in words, tables and figures: by the fields that it has, whichever command wrote it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mcpolar.report.bounds import VERDICTS
from mcpolar.report.html.figures import Figure, Table, chances_figure, figures_of_rows, rows_table
from mcpolar.report.html.reading import Result
from mcpolar.report.tables import spoken

Status: TypeAlias = Literal["certified", "formula", "estimated", "none", "violated", "given"]
Record: TypeAlias = Mapping[str, Any]

STATUS = {
    "certified": "proved, and certified by interval arithmetic: never above the true value",
    "formula": "a published formula, rounded to nearest: not certified",
    "estimated": "simulated, with an interval at the confidence that is stated",
    "none": "says nothing: a bound of 0",
    "violated": "contradicted by simulation",
    "given": "a record without a verdict",
}


@dataclass(frozen=True)
class Chance:
    """One probability for the picture of all: decimal logarithms, None for 0."""

    label: str
    what: str
    text: str
    log10: float | None
    low: float | None = None
    high: float | None = None


@dataclass
class Section:
    """One result.

    Attributes
    ----------
    title, verdict, status
        Its name, what it says in a sentence, and how that is known.
    lines : list of str
        Further sentences.
    checks : list of (str, str, bool)
        Assumptions: name, what must hold, whether it does.
    tables, figures, chances, parts
        Its numbers, pictures, probabilities, and results within it.
    """

    title: str
    verdict: str = ""
    status: Status = "given"
    lines: list[str] = field(default_factory=list)
    checks: list[tuple[str, str, bool]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    chances: list[Chance] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)

    def all_chances(self) -> list[Chance]:
        """Return its probabilities and those of its parts."""
        return [*self.chances, *(chance for part in self.parts for chance in part.all_chances())]


def section_of(result: Result) -> Section:
    """Return what a file's result says."""
    return _section(result.record, result.name)


def _section(record: Any, title: str) -> Section:
    if isinstance(record, list):
        return _of_rows(record, title)
    for needed, make in _SHAPES:
        if needed <= record.keys():
            return make(record, title)
    return _of_record(record, title)


def parameters_text(record: Record) -> str:
    """Return the parameters of a record on one line."""
    given = record.get("parameters")
    return spoken(given) if isinstance(given, Mapping) else ""


def _of_bound(record: Record, title: str) -> Section:
    is_certified = record.get("variant", "certified") == "certified"
    failed = [one for one in record["assumptions"] if not one["holds"] and one["name"] != "proof-gap"]
    lower = record["lower"]
    found = Section(
        title=f"{record['statement']} ({title})", status="certified" if is_certified else "formula"
    )
    failure = record.get("failure")
    near = f" It fails with chance at most {failure}." if failure and float(failure) < 0.1 else ""
    if failed:
        found.status = "none"
        found.verdict = "No bound here: " + "; ".join(one["text"] for one in failed) + "."
    elif is_certified:
        found.verdict = f"The chance is at least {lower}.{near}"
    else:
        found.verdict = f"The paper’s formula gives {lower}."
    found.lines = [_sentence(record["event"]), f"Parameters: {parameters_text(record)}."]
    found.lines += [f"Note: {note}." for note in record.get("notes", [])]
    found.checks = [(one["name"], one["text"], one["holds"]) for one in record["assumptions"]]
    kind = "lower bound" if is_certified else "formula"
    found.chances = [
        Chance(found.title, kind, f"at least {lower}" if is_certified else lower, record["log10"])
    ]
    ceiling = record.get("ceiling")
    if ceiling:
        found.lines.append(
            f"No bound of this kind exceeds {ceiling['value']}: the chance from {ceiling['start']}."
        )
        text = f"no such bound exceeds {ceiling['value']}"
        found.chances.append(Chance(found.title, "ceiling", text, ceiling["log10"]))
    return found


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _of_estimate(record: Record, title: str) -> Section:
    found = Section(title=title, status="estimated", verdict=_estimate_text(record))
    found.chances = [_estimate_chance(record, title)]
    return found


def _estimate_text(record: Record) -> str:
    return (
        f"Estimated chance {record['probability']}, between {record['low']} and {record['high']} at confidence "
        f"{record['confidence']} ({record['method']}, {record['replicas']} replicas, seed {record['seed']})."
    )


def _estimate_chance(record: Record, label: str) -> Chance:
    text = f"{record['probability']}, between {record['low']} and {record['high']}"
    ends = [_log10_of(record[name]) for name in ("low", "high")]
    return Chance(label, "estimate", text, record["log10"], *ends)


def _log10_of(text: str) -> float | None:
    """Return the decimal logarithm of a decimal such as "2.98e-700", which no double holds; None for 0.

    Examples
    --------
    >>> _log10_of("1.00e-700"), _log10_of("0")
    (-700.0, None)
    """
    from decimal import Decimal

    value = Decimal(text)
    return float(value.log10()) if value > 0 else None


def _of_comparison(record: Record, title: str) -> Section:
    verdict = record["verdict"]
    found = Section(title=f"{record['statement']} against simulation ({title})")
    found.status = "violated" if verdict == "violated" else "estimated"
    found.verdict = f"{verdict.capitalize()}: {VERDICTS.get(verdict, '')}."
    found.lines = [
        f"Bound: the chance is at least {record['bound']['lower']} ({record['variant']}).",
        _estimate_text(record["estimate"]),
        f"Simulated: {parameters_text(record)}.",
    ]
    found.chances = [
        Chance(found.title, "lower bound", f"at least {record['bound']['lower']}", record["bound"]["log10"]),
        _estimate_chance(record["estimate"], found.title),
    ]
    return found


def _of_findings(record: Record, title: str) -> Section:
    """Return a study: sentences with how each is known, bounds and estimates."""
    summary = [one["text"] for one in record["summary"]]
    found = Section(title=title, status="given", verdict=" ".join(summary))
    for section in record["sections"]:
        part = Section(title=section["title"])
        part.lines = [f"{one['text']} [{one['status']}]" for one in section["findings"]]
        found.parts.append(part)
    found.parts += [_of_bound(bound, title) for bound in record.get("bounds", [])]
    found.parts += [_of_estimate(one, name) for name, one in record.get("estimates", {}).items()]
    found.lines = [f"Parameters: {parameters_text(record)}."]
    return found


def _of_summary(record: Record, title: str) -> Section:
    """Return a summary with rows."""
    found = _of_record({name: value for name, value in record.items() if name != "rows"}, title)
    rows = record["rows"]
    if rows:
        _add_rows(found, rows)
    return found


def _of_rows(rows: Sequence[Record], title: str) -> Section:
    if all(isinstance(row, Mapping) and {"assumptions", "lower"} <= row.keys() for row in rows):
        found = Section(title=title, verdict=f"{len(rows)} bounds.")
        found.parts = [
            _of_bound(row, f"{title}, number {number}") for number, row in enumerate(rows, start=1)
        ]
        return found
    found = Section(title=title, verdict=f"A table of {len(rows)} rows.")
    _add_rows(found, rows)
    return found


def _add_rows(found: Section, rows: Sequence[Record]) -> None:
    found.figures = figures_of_rows(rows)
    if not found.figures:
        found.tables.append(rows_table(rows, f"{len(rows)} rows"))


def _of_record(record: Record, title: str) -> Section:
    found = Section(title=title)
    rows = []
    for name, value in record.items():
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            found.tables.append(rows_table(value, name))
        else:
            rows.append([name, spoken(value)])
    found.tables.insert(0, Table("What the record says", ("field", "value"), rows))
    return found


_SHAPES: tuple[tuple[set[str], Callable[[Record, str], Section]], ...] = (
    ({"statement", "lower", "log10", "assumptions", "event"}, _of_bound),
    ({"statement", "bound", "estimate", "verdict"}, _of_comparison),
    ({"summary", "sections"}, _of_findings),
    ({"probability", "low", "high", "confidence", "method"}, _of_estimate),
    ({"rows"}, _of_summary),
)
"""The fields by which a record is known, and how it is read."""


def overview(sections: Sequence[Section]) -> Figure | None:
    """Return the picture of all probabilities that are known, with its table; None where there is none."""
    chances = [chance for section in sections for chance in section.all_chances()]
    return chances_figure([vars(chance) for chance in chances]) if chances else None
