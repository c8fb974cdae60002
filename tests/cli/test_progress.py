"""What is shown of work that takes long: on a terminal a bar or a spinner with the time left."""

import io
import time
from contextlib import redirect_stderr

import pytest
from rich.console import Console

from mcpolar.cli import progress, spinner
from mcpolar.cli.progress import progress_bar, sign_of_life


class Terminal(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _soon(monkeypatch, tmp_path):
    """Let signs come soon, and keep durations in a folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "SECONDS_OF_SILENCE", 0.2)
    monkeypatch.setattr(spinner, "LEAST", 0.3)


def seen(block):
    """Return what a terminal shows of a block of work."""
    with redirect_stderr(Terminal()) as terminal:
        block()
    return terminal.getvalue()


def work(seconds=1.0):
    with sign_of_life("bound permanence"):
        time.sleep(seconds)


def test_law_the_second_time_the_time_left_is_said():
    assert "left" not in (first := seen(work))
    assert "working" in first
    assert spinner.last("bound permanence") == pytest.approx(1.0, abs=0.9)
    spinner.remember("bound permanence", 3600.0)
    assert "left if it takes as long as last time" in seen(work)
    assert spinner.last("bound theorem2") is None


def test_law_what_failed_is_not_remembered():
    def fail():
        with pytest.raises(ZeroDivisionError), sign_of_life("bound permanence"):
            time.sleep(0.8)
            raise ZeroDivisionError

    assert "working" in seen(fail)
    assert spinner.last("bound permanence") is None


def test_law_nothing_is_shown_or_remembered_off_a_terminal():
    with redirect_stderr(io.StringIO()) as shown:
        work()
    assert (shown.getvalue(), spinner.last("bound permanence")) == ("", None)


def refine():
    with progress_bar("refinements of law", None) as advance:
        time.sleep(0.5)
        advance(1)


def test_law_work_without_a_total_is_remembered_too():
    seen(refine)
    assert spinner.last("refinements of law") == pytest.approx(0.5, abs=0.4)
    spinner.remember("refinements of law", 3665.0)
    assert "about 1:01:05 left" in seen(refine)


def test_law_with_a_total_the_bar_says_the_time_left():
    def count():
        with progress_bar("replicas", 100) as advance:
            for _ in range(4):
                time.sleep(0.1)
                advance(10)

    shown = seen(count)
    assert "replicas" in shown
    assert "left" in shown
    assert spinner.last("replicas") is None


@pytest.mark.parametrize("kept", ["", "x", "-1", "nan", "inf", "0.1", "\udcff"])
def test_law_a_damaged_memory_says_nothing(tmp_path, kept):
    spinner.remember("a", 5.0)
    (entry,) = (tmp_path / "mcpolar" / "durations").iterdir()
    assert spinner.last("a") == 5.0
    entry.write_bytes(kept.encode("utf-8", "surrogateescape"))
    assert spinner.last("a") is None


def test_law_nothing_is_kept_where_nothing_can_be(tmp_path, monkeypatch):
    (tmp_path / "mcpolar").write_text("a file")
    spinner.remember("a", 5.0)
    assert spinner.last("a") is None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_state_path", lambda _: tmp_path.relative_to(tmp_path) / "~")
    spinner.remember("a", 5.0)
    assert not (tmp_path / "~").exists()


def test_reference_the_column_counts_what_went_before():
    column = spinner.LeftColumn(100.0, before=30.0)
    shown = spinner.spinner("working", "a")
    assert isinstance(shown.console, Console)
    assert str(column.render(shown.tasks[0])) == "about 0:01:10 left if it takes as long as last time"
