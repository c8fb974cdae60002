"""`mcpolar report RESULTS…`: results as one page for the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mcpolar.checks import has_controls
from mcpolar.cli.destinations import Destination, Source
from mcpolar.errors import InputError

PAGES = (".html",)
LONGEST_TITLE = 200


def report(
    *results: Annotated[Path, Source()],
    output: Annotated[Path | None, Parameter(name=["--output", "-o"]), Destination(PAGES)] = None,
    title: str = "What was found",
) -> None:
    """Write results as one page: verdicts, bounds with their assumptions, estimates with intervals, pictures, origins.

    The page needs no network, and no program but a browser.

    Parameters
    ----------
    results
        Files of results as the commands write them with --format json.
    output
        The page (.html).
    title
        Its title.
    """
    from mcpolar.report.html import read_results, report_page
    from mcpolar.report.tables import put

    if output is None:
        raise InputError("output", "nothing", "a file that ends in .html")
    if not title.strip() or len(title) > LONGEST_TITLE or has_controls(title):
        raise InputError(
            "title", title, f"a text of 1 to {LONGEST_TITLE} characters, none that steers a terminal"
        )
    put(report_page(read_results(results), title), output)
