"""A study as a page of text: each sentence with its status beside it; computes nothing."""

from __future__ import annotations

import textwrap

from mcpolar.answers.findings import Finding, Study
from mcpolar.report.terminal import Style, paragraph, styled, width

COLUMN = 11
STYLES: dict[str, Style] = {
    "given": "dim",
    "proved": "green",
    "certified": "green",
    "estimated": "cyan",
    "explained": "dim",
}


def study_text(found: Study, *, colour: bool = False) -> str:
    """Return the page, as wide as the terminal is."""
    lines = []
    for title, findings in [
        ("In short", found.summary),
        *((one.title, one.findings) for one in found.sections),
    ]:
        lines += [styled(title, "bold", colour=colour), ""]
        for one in findings:
            lines += [*_said(one, colour), ""]
        if title == "In short":
            lines += [*paragraph(found.legend, indent=2), ""]
    return "\n".join([*lines, f"{found.seconds:.1f} s in all, without compiling."]) + "\n"


def _said(one: Finding, colour: bool) -> list[str]:
    """Return the lines of a finding: its status in a column of its own, the words beside it."""
    status = "" if one.status in ("given", "explained") else one.status
    words = textwrap.wrap(one.text, width() - COLUMN - 2, break_long_words=False, break_on_hyphens=False)
    label = styled(status.ljust(COLUMN), STYLES[one.status], colour=colour)
    return [f"  {label}{words[0]}", *(" " * (COLUMN + 2) + line for line in words[1:])]
