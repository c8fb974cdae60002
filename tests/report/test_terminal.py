"""Colour where a terminal shows it, and paragraphs as wide as it is."""

import io

from mcpolar.report.terminal import has_colour, paragraph, styled, width


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_law_colour_is_for_terminals_without_no_color(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert has_colour(Terminal())
    assert not has_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_colour(Terminal())
    monkeypatch.setenv("NO_COLOR", "")
    assert has_colour(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not has_colour(Terminal())


def test_reference_styles_are_escapes_that_end():
    assert styled("a", "bold", colour=True) == "\x1b[1ma\x1b[0m"
    assert styled("a", "bold", colour=False) == "a"


def test_law_paragraphs_fill_the_terminal_up_to_a_hundred_columns(monkeypatch):
    for columns, widest in ((40, 40), (80, 80), (300, 100)):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert width() == widest
        lines = paragraph("word " * 60, indent=2, hang=3)
        assert max(map(len, lines)) <= widest
        assert lines[0].startswith("  word")
        assert lines[1].startswith("     word")
