"""Text for people at a terminal: paragraphs as wide as it is, and colour only where it is one that shows it."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import Literal, TextIO

WIDEST, USUAL_WIDTH = 100, 80
Style = Literal["bold", "dim", "green", "yellow", "red", "cyan"]
_CODES = {"bold": "1", "dim": "2", "green": "32", "yellow": "33", "red": "31", "cyan": "36"}


def width() -> int:
    """Return the width of paragraphs: the terminal's, at most 100; 80 where there is none."""
    return max(20, min(WIDEST, shutil.get_terminal_size((USUAL_WIDTH, 24)).columns))


def paragraph(text: str, *, indent: int = 0, hang: int = 0) -> list[str]:
    """Return the lines of a paragraph, those after the first `hang` columns further in.

    Examples
    --------
    >>> paragraph("a short one", indent=2)
    ['  a short one']
    """
    first, later = " " * indent, " " * (indent + hang)
    return textwrap.wrap(
        text,
        width(),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def has_colour(stream: TextIO | None = None) -> bool:
    """Return whether a stream shows colour: a terminal, without NO_COLOR (https://no-color.org) or TERM=dumb."""
    chosen = sys.stdout if stream is None else stream
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return chosen is not None and chosen.isatty()


def styled(text: str, style: Style, *, colour: bool) -> str:
    """Return the text in a style where there is colour.

    Examples
    --------
    >>> styled("sure", "bold", colour=False)
    'sure'
    """
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if colour else text
